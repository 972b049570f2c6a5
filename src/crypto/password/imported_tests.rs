//! Hashes as the other systems write them. Made with Django 5.2, passlib 1.7, bcrypt 4.0 and argon2-cffi, each with its own
//! function and few iterations: `pip install django passlib 'bcrypt<4.1' argon2-cffi`, then for example
//! `PBKDF2PasswordHasher().encode(PASSWORD, "saltSALT1234", 1000)`. Keycloak's are Python's `hashlib.pbkdf2_hmac` with the
//! salt `0123456789abcdef` and its 64 bytes of output.

use super::*;
use crate::crypto::password::{Verified, WorkArea};
use crate::foundation::SecretString;

const PASSWORD: &str = "correct horse b\u{e4}ttery";

/// What is imported, and how it is stored.
const VECTORS: [(&str, &str); 15] = [
    (
        "pbkdf2_sha256$1000$saltSALT1234$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM=",
        "$pbkdf2-sha256$i=1000$c2FsdFNBTFQxMjM0$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM",
    ),
    (
        "pbkdf2_sha1$1000$saltSALT1234$K/qiSwkylVIv2hPUKL+WRKJyQE4=",
        "$pbkdf2-sha1$i=1000$c2FsdFNBTFQxMjM0$K/qiSwkylVIv2hPUKL+WRKJyQE4",
    ),
    (
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdFNBTFQxMjM0$qdLc6xUkJIXQcztv0gd4HcW1E2wSVCLiPwi7XHODiIM",
        "$argon2id$v=19$m=102400,t=2,p=8$c2FsdFNBTFQxMjM0$qdLc6xUkJIXQcztv0gd4HcW1E2wSVCLiPwi7XHODiIM",
    ),
    (
        "bcrypt_sha256$$2b$04$hjNIRex27.NzTbTqSCHWpep8GSrgj68pkP7hWTN26.Zn6Pqnily7a",
        "bcrypt_sha256$$2b$04$hjNIRex27.NzTbTqSCHWpep8GSrgj68pkP7hWTN26.Zn6Pqnily7a",
    ),
    (
        "bcrypt$$2b$04$PrULI7oVY7JetyZo.G4CF.OzJ9Iz8ZlAgKFzksf79epxIMQc3lnG6",
        "$2b$04$PrULI7oVY7JetyZo.G4CF.OzJ9Iz8ZlAgKFzksf79epxIMQc3lnG6",
    ),
    (
        "scrypt$1024$saltSALT1234$8$5$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z+5TtuOaSESHUB2kJO3dPfnDeKNbSvlcebETD5yV8ZOhg==",
        "$scrypt$ln=10,r=8,p=5$c2FsdFNBTFQxMjM0$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z+5TtuOaSESHUB2kJO3dPfnDeKNbSvlcebETD5yV8ZOhg",
    ),
    (
        "$pbkdf2-sha256$1000$c2FsdFNBTFQxMjM0//4$elmRHe63ttmPpTQc9MnzSN0Iy7qoIVXqL3/Npckcl34",
        "$pbkdf2-sha256$i=1000$c2FsdFNBTFQxMjM0//4$elmRHe63ttmPpTQc9MnzSN0Iy7qoIVXqL3/Npckcl34",
    ),
    (
        "$pbkdf2-sha512$1000$c2FsdFNBTFQxMjM0$jS2Num9jgDAT7.HlM/QjDGvJVYdnSTFNlVhijLw3sPMxtWRSUSOGGsjKuYvSsR9k2zhNcPW/lCo4UqlA/Wlwrw",
        "$pbkdf2-sha512$i=1000$c2FsdFNBTFQxMjM0$jS2Num9jgDAT7+HlM/QjDGvJVYdnSTFNlVhijLw3sPMxtWRSUSOGGsjKuYvSsR9k2zhNcPW/lCo4UqlA/Wlwrw",
    ),
    (
        "$pbkdf2$1000$c2FsdFNBTFQxMjM0$K/qiSwkylVIv2hPUKL.WRKJyQE4",
        "$pbkdf2-sha1$i=1000$c2FsdFNBTFQxMjM0$K/qiSwkylVIv2hPUKL+WRKJyQE4",
    ),
    (
        "$scrypt$ln=10,r=8,p=1$c2FsdFNBTFQxMjM0$2uovg8OoPxsWR/9vtpKWF92LGFUIMmhVxFGPF4ObY68",
        "$scrypt$ln=10,r=8,p=1$c2FsdFNBTFQxMjM0$2uovg8OoPxsWR/9vtpKWF92LGFUIMmhVxFGPF4ObY68",
    ),
    (
        "$2a$04$DU4RkmZahfH/uQlVV.5XAOWdAtL11qDSgjxeSJcozMF42rsfOy8Wa",
        "$2b$04$DU4RkmZahfH/uQlVV.5XAOWdAtL11qDSgjxeSJcozMF42rsfOy8Wa",
    ),
    (
        "$2y$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm",
        "$2b$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm",
    ),
    (
        r#"{"type": "password", "secretData": "{\"value\":\"nw21jjCi0toqxMwZ0OxAy2+mg3YStWTO2vXd4ERGCGLr0zLOOGwfRLgaufpmGkS4Wx5HuzRVf1NpaBKlsyvc/g==\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"}",
            "credentialData": "{\"hashIterations\":1000,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}"}"#,
        // The first of its two blocks.
        "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$nw21jjCi0toqxMwZ0OxAy2+mg3YStWTO2vXd4ERGCGI",
    ),
    (
        r#"{"secretData": {"value": "djNf0gBaf8KbM65JOovWM6DjmDoE1hxoic6trsaKQuCAe0AI11wiGVmVmiuvPRnw5vl+S02hMk0fG+SMWqG8Mg==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="},
            "credentialData": {"hashIterations": 1000, "algorithm": "pbkdf2"}}"#,
        "$pbkdf2-sha1$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$djNf0gBaf8KbM65JOovWM6DjmDo",
    ),
    (
        r#"{"type": "password", "secretData": "{\"value\":\"euHdXh279t2PM1UgFZewo5KW2+rm5oEIiPezodKJkZM=\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"}",
            "credentialData": "{\"hashIterations\":5,\"algorithm\":\"argon2\",\"additionalParameters\":{\"hashLength\":[\"32\"],\"memory\":[\"7168\"],\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"]}}"}"#,
        "$argon2id$v=19$m=7168,t=5,p=1$MDEyMzQ1Njc4OWFiY2RlZg$euHdXh279t2PM1UgFZewo5KW2+rm5oEIiPezodKJkZM",
    ),
];

fn verify(password: &str, stored: &str) -> Verified {
    WorkArea::default().verify(&SecretString::new(password.to_owned()), Some(stored)).unwrap()
}

#[test]
fn hashes_of_other_systems_match_their_password_and_no_other_and_are_to_be_renewed() {
    for (imported, stored) in VECTORS {
        let hash = ImportedHash::parse(&format!("{imported}\n")).unwrap();
        assert_eq!(hash.as_str(), stored);
        assert_eq!(ImportedHash::parse(stored).as_ref(), Ok(&hash), "what is stored can be moved on");
        assert_eq!(verify(PASSWORD, stored), Verified { matches: true, needs_rehash: true }, "{stored}");
        for wrong in ["correct horse b\u{e4}tterx", "correct horse battery", "", "correct horse ba\u{308}ttery"] {
            // Ours are normalised, so that argon2 takes the same text in another form.
            let same = stored.starts_with("$argon2") && wrong.ends_with("a\u{308}ttery");
            assert_eq!(verify(wrong, stored).matches, same, "{wrong} {stored}");
        }
    }
}

#[test]
fn each_comparison_counts_as_one_hash() {
    let mut area = WorkArea::default();
    for stored in ["$2b$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm", VECTORS[0].1] {
        for password in [PASSWORD, "", &"x".repeat(2000)] {
            let before = area.computed();
            area.verify(&SecretString::new(password.to_owned()), Some(stored)).unwrap();
            assert_eq!(area.computed(), before + 1);
        }
    }
}

#[test]
fn bcrypt_compares_72_bytes_as_it_did_elsewhere_and_nothing_behind_a_nul() {
    let stored = "$2b$04$gQNCzONzKiMy1oEwLaScNuOLqj83Ys8zTOcCl96oQaLuOSHOp67LG";
    let long = "0123456789".repeat(8);
    assert!(verify(&long, stored).matches);
    assert!(verify(&long[..72], stored).matches);
    assert!(!verify(&long[..71], stored).matches);
    let short = "$2b$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm";
    assert!(
        !verify(&format!("{PASSWORD}\0{PASSWORD}"), short).matches,
        "bcrypt repeats the password, with a NUL between"
    );
}

fn said(text: &str) -> String {
    ImportedHash::parse(text).err().unwrap_or_else(|| panic!("{text} was taken")).to_string()
}

#[test]
fn what_would_occupy_the_server_is_refused_with_the_limit() {
    for (text, wanted) in [
        (
            "$argon2id$v=19$m=102401,t=1,p=1$c2FsdFNBTFQxMjM0$qdLc6xUkJIXQcztv0gd4HcW1E2wSVCLiPwi7XHODiIM",
            "memory in KiB is 102401, and more than 102400",
        ),
        (
            "$argon2id$v=19$m=65536,t=7,p=1$c2FsdFNBTFQxMjM0$qdLc6xUkJIXQcztv0gd4HcW1E2wSVCLiPwi7XHODiIM",
            "times the passes is 458752",
        ),
        ("$2b$15$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm", "the cost is 15, and more than 14"),
        ("$2b$31$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm", "the cost is 31"),
        ("pbkdf2_sha256$2000001$saltSALT1234$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM=", "iterations is 2000001"),
        ("$pbkdf2-sha512$i=1000001$c2FsdFNBTFQxMjM0$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM", "more than 1000000"),
        ("scrypt$131072$salt$8$1$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z8=", "the memory in KiB is 131072"),
        ("scrypt$65536$salt$8$5$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z8=", "N times r times p is 2621440"),
        ("$scrypt$ln=63,r=4294967295,p=4294967295$c2FsdA$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z8", "memory"),
    ] {
        let said = said(text);
        assert!(said.contains(wanted) && said.ends_with("a new password instead"), "{text}: {said}");
    }
}

#[test]
fn what_is_no_hash_is_refused_with_the_part_that_is_wrong() {
    for (text, wanted) in [
        ("", "no hash in a form that is known"),
        ("correct horse battery", "no hash in a form that is known"),
        ("md5$salt$d41d8cd98f00b204e9800998ecf8427e", "no hash in a form that is known"),
        ("$1$salt$qJH7.N4xYta3aEG/dfqo/0", "no hash in a form that is known"),
        ("$2x$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm", "bcrypt, but the version"),
        ("$2b$03$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm", "bcrypt, but the cost"),
        ("$2b$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mq", "bcrypt, but the hash"),
        ("$2b$04$Kw5uss0lqJv4iRhZUO", "bcrypt, but the salt"),
        ("pbkdf2_sha256$0$salt$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM=", "PBKDF2, but the number of iterations"),
        ("pbkdf2_sha256$1000$$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM=", "PBKDF2, but the salt"),
        ("pbkdf2_sha256$1000$salt$/nUr9MzsnTo=", "PBKDF2, but the hash"),
        ("pbkdf2_sha256$1000$salt", "PBKDF2, but one of its parts"),
        ("scrypt$1000$salt$8$5$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z8=", "scrypt, but the cost N"),
        ("scrypt$1024$salt$0$5$v6A86t5dDgAHrkHyx7wT8f19ZRJLeDkFxByJSJvC8Z8=", "scrypt, but a parameter"),
        ("$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ", "argon2, but the hash"),
        ("{\"type\": \"otp\"}", "Keycloak, but a type of \"password\""),
        ("{\"credentialData\": \"{}\"}", "Keycloak, but secretData"),
        ("{", "Keycloak, but the JSON"),
    ] {
        assert!(said(text).contains(wanted), "{text}: {}", said(text));
    }
}
