//! Passwords that are chosen, and those that come from another system.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use latchkey::crypto::password::ImportedHash;
use latchkey::domain::account::error::AccountError;
use latchkey::domain::account::profile::Profile;
use latchkey::foundation::SecretString;
use latchkey::services::ServiceError;
use latchkey::services::account::{NewPassword, NewUser, create, set_password};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{Shows, TestApp, operator};

fn clear(text: &str) -> NewPassword {
    SecretString::new(text.to_owned()).into()
}

/// What is refused about a password of alice's; nothing, if it was set.
async fn refused(app: &TestApp, text: &str) -> Option<String> {
    match set_password(&app.app, &operator(), &app.user("alice").await, clear(text)).await {
        Ok(_) => None,
        Err(ServiceError::Account(AccountError::Password(why))) => Some(why.to_string()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_from_another_system_signs_in_and_is_ours_from_then_on() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    // As in src/crypto/password/imported_tests.rs.
    let password = "correct horse b\u{e4}ttery";
    for (name, hash) in [
        ("django", "pbkdf2_sha256$1000$saltSALT1234$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM="),
        ("bcrypt", "$2y$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm"),
        ("scrypt", "$scrypt$ln=10,r=8,p=1$c2FsdFNBTFQxMjM0$2uovg8OoPxsWR/9vtpKWF92LGFUIMmhVxFGPF4ObY68"),
        (
            "argon2",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdFNBTFQxMjM0$qdLc6xUkJIXQcztv0gd4HcW1E2wSVCLiPwi7XHODiIM",
        ),
    ] {
        let new = NewUser {
            username: Some(name.to_owned()),
            email: None,
            email_verified: false,
            administrator: false,
            profile: Profile::default(),
            password: Some(ImportedHash::parse(hash).unwrap().into()),
        };
        create(&app.app, &operator(), new).await.unwrap();
        let mut wrong = app.browser();
        let page = wrong.open(&client.request().url()).await;
        assert_eq!(wrong.try_password(&page, name, "correct horse battery").await.shows(), Shows::Login, "{name}");
        let imported = app.user(name).await.password_hash;
        assert_eq!(
            imported.as_deref(),
            Some(ImportedHash::parse(hash).unwrap().as_str()),
            "a wrong one changes nothing"
        );

        for _ in 0..2 {
            let mut browser = app.browser();
            let page = browser.open(&client.request().url()).await;
            browser.try_password(&page, name, password).await.code();
            let stored = app.user(name).await.password_hash.unwrap();
            assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{name}: {stored}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_password_of_bcrypt_counts_whole_once_it_is_ours() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let hash = ImportedHash::parse("$2b$04$gQNCzONzKiMy1oEwLaScNuOLqj83Ys8zTOcCl96oQaLuOSHOp67LG").unwrap();
    set_password(&app.app, &operator(), &app.user("alice").await, hash).await.unwrap();
    let whole = "0123456789".repeat(8);
    for (password, signs_in) in [(whole.as_str(), true), (&whole[..72], false), (&whole, true)] {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let page = browser.try_password(&page, "alice", password).await;
        assert_eq!(page.shows() != Shows::Login, signs_in, "{} bytes", password.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_judged_by_the_policy_wherever_it_is_set() {
    let app = TestApp::start().await;
    for (password, wanted) in [
        ("short", "it has 5 characters and needs at least 12"),
        ("motdepasse123", "too easy to guess"),
        ("alice liddell", "made of the person's name"),
        ("ID.test-2026", "made of the name of this service"),
    ] {
        let said = refused(&app, password).await.unwrap_or_else(|| panic!("{password} was set"));
        assert!(said.contains(wanted), "{password}: {said}");
    }
    let new = NewUser {
        username: Some("carol".to_owned()),
        email: None,
        email_verified: false,
        administrator: false,
        profile: Profile::parse(json!({"name": "Carol Hatter"})).unwrap(),
        password: Some(clear("Hatter-Carol-1990")),
    };
    let created = create(&app.app, &operator(), new).await;
    assert!(matches!(created, Err(ServiceError::Account(AccountError::Password(_)))));

    let lenient = app.another_with_toml("[password]\nmin_length = 8\nmin_strength = 0\n").await;
    assert_eq!(refused(&lenient, "tulip123").await, None);
    assert!(refused(&lenient, "baseball").await.is_some_and(|said| said.contains("a common password")));
}

/// Lists of stolen passwords that know one, three times; how often they were asked, and what else they say instead.
async fn lists(answer: Option<&'static str>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![];
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap().to_lowercase();
            let name = latchkey::crypto::digest::sha1_name(STOLEN);
            let (told, rest) = name.split_at(5);
            assert!(request.contains("add-padding: true"), "{request}");
            let known = format!("{rest}:3\r\n");
            let is_asked = request.starts_with(&format!("get /range/{} http/1.1", told.to_lowercase()));
            let lines = format!("{}0018A45C4D1DEF81644B54AB7F969B88D65:0", if is_asked { &known } else { "" });
            let body = answer.unwrap_or(&lines);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(head.as_bytes()).await.unwrap();
        }
    });
    (address.to_string(), asked)
}

const STOLEN: &str = "tulip copper seven marble";

fn checking(address: &str, more: &str) -> String {
    format!("[password]\nbreach_check_url = \"http://{address}/range/\"\n{more}[outbound]\nallow = [\"{address}\"]\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_stolen_elsewhere_is_refused_if_often_enough() {
    let app = TestApp::start().await;
    let (address, asked) = lists(None).await;
    assert_eq!(refused(&app, STOLEN).await, None, "off by default");
    let checks = app.another_with_toml(&checking(&address, "")).await;
    let said = refused(&checks, STOLEN).await.expect("a refusal");
    assert!(said.contains("it was found 3 times among passwords that were stolen elsewhere"), "{said}");
    assert_eq!(refused(&checks, "another tulip in marble").await, None);
    assert!(refused(&checks, "short").await.is_some());
    assert_eq!(asked.load(Ordering::SeqCst), 2, "what is refused anyway is not asked for");

    let lenient = app.another_with_toml(&checking(&address, "breach_count = 4\n")).await;
    assert_eq!(refused(&lenient, STOLEN).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_do_not_answer_refuse_nobody() {
    let app = TestApp::start().await;
    let (address, _) = lists(Some("<!doctype html>")).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    for address in [address, nobody] {
        let checks = app.another_with_toml(&checking(&address, "")).await;
        assert_eq!(refused(&checks, STOLEN).await, None);
        assert!(checks.app.breach_check_is_out.load(Ordering::Relaxed), "it is told once, when it begins");
        assert_eq!(refused(&checks, STOLEN).await, None);
    }
}
