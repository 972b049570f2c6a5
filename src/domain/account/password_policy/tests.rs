//! Tables of what may be chosen and what may not, and why.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::account::profile::Profile;

/// The shortest and the weakest that can be configured: the list holds all the same.
fn weakest() -> PasswordPolicy {
    policy(8, 0)
}

fn usual() -> PasswordPolicy {
    policy(12, 3)
}

fn policy(min_length: usize, strength: u32) -> PasswordPolicy {
    let issuer = Issuer::parse("https://login.wonderland.example").unwrap();
    PasswordPolicy::new(min_length, Strength::new(strength).unwrap(), &issuer)
}

fn alice() -> Profile {
    Profile::parse(json!({
        "name": "Alice Liddell", "given_name": "Alice", "family_name": "Liddell", "nickname": "Dormouse",
        "birthdate": "1952-05-04", "phone_number": "+44 20 7946 0018",
    }))
    .unwrap()
}

fn check(policy: &PasswordPolicy, password: &str) -> Result<Strength, PasswordRefused> {
    let profile = alice();
    let person = Person { username: Some("alice.l"), email: Some("a.pleasance@oxford.example"), profile: &profile };
    policy.check(&SecretString::new(password.to_owned()), &policy.words_of(&person))
}

#[test]
fn length_is_counted_in_characters_of_the_normalised_text() {
    let policy = policy(8, 0);
    assert_eq!(check(&policy, "пароль"), Err(PasswordRefused::TooShort { found: 6, least: 8 }));
    assert!(check(&policy, "длинный пароль").is_ok());
    let apart = "u\u{308}u\u{308}u\u{308}u\u{308}zk";
    assert_eq!(check(&policy, apart), Err(PasswordRefused::TooShort { found: 6, least: 8 }));
    assert_eq!(check(&policy, ""), Err(PasswordRefused::TooShort { found: 0, least: 8 }));
}

#[test]
fn long_passphrases_are_welcome_up_to_the_bound_and_nothing_of_them_is_cut_off() {
    let words = "tulip copper seven marble ";
    assert_eq!(check(&usual(), &words.repeat(5)[..128]), Ok(Strength::new(4).unwrap()));
    let longest: String = words.chars().cycle().take(MAX_PASSWORD).collect();
    assert!(check(&usual(), &longest).is_ok());
    assert_eq!(check(&usual(), &format!("{longest}x")), Err(PasswordRefused::TooLong { most: MAX_PASSWORD }));
    // What is behind the part that zxcvbn looks at counts.
    assert!(check(&usual(), &format!("{}tulip copper seven marble", "a".repeat(100))).is_ok());
    assert_eq!(check(&usual(), &"a".repeat(1000)), Err(PasswordRefused::Common));
}

#[test]
fn no_class_of_characters_is_asked_for() {
    for password in [
        "tulipcoppersevenmarble",
        "tulip copper seven",
        "71930462857193",
        "ТЮЛЬПАН МЕДЬ СЕМЬ",
        "郁金香铜七大理石窗户猫咪",
    ] {
        assert!(check(&usual(), password).is_ok(), "{password}: {:?}", check(&usual(), password));
    }
}

#[test]
fn the_most_common_passwords_are_refused_however_short_and_weak_a_password_may_be() {
    for password in [
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyuiop",
        "baseball",
        "football",
        "superman",
        "iloveyou",
        "trustno1",
        "sunshine",
        "princess",
        "starwars",
        "computer",
        "michelle",
        "corvette",
        "jennifer",
        "whatever",
        "password1",
        "internet",
        "michael1",
        "mercedes",
        "maverick",
        "victoria",
        "samantha",
        "marlboro",
        "steelers",
        "danielle",
        "elephant",
        "chocolate",
        "butterfly",
        "liverpool",
        "qazwsxedc",
        "1q2w3e4r",
        "1qaz2wsx",
        "q1w2e3r4",
        "zaq12wsx",
        "asdfghjkl",
        "abcd1234",
        "abc12345",
        "letmein1",
        "welcome1",
        "monkey12",
        "dragon12",
        "11111111",
        "00000000",
        "88888888",
        "87654321",
        "11223344",
        "asdfasdf",
        // With letters replaced, reversed, capital or in full width, they are the same.
        "p4ssw0rd",
        "PASSWORD",
        "drowssap",
        "ｐａｓｓｗｏｒｄ",
        "B4s3ball",
        "llabesab",
    ] {
        let refused = check(&weakest(), password);
        let reason = matches!(refused, Err(PasswordRefused::Common | PasswordRefused::Pattern(_)));
        assert!(reason, "{password}: {refused:?}");
    }
}

#[test]
fn a_longer_minimum_does_not_let_common_ones_pass_with_something_at_their_end() {
    for password in [
        "passwordpassword",
        "password1234",
        "password12345",
        "Password1234!",
        "iloveyou1234",
        "iloveyouiloveyou",
        "letmeinletmein",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "qazwsxedcrfv",
        "zxcvbnmasdfg",
        "123456789012",
        "monkeydragon",
        "baseballfootball",
        "trustno1trustno1",
        "p4ssw0rd1234",
        "abcdefghijkl",
        "987654321098",
        "aaaaaaaaaaaa",
        "aaaaaaaaaaaab",
        "administrator",
        "changeme1234",
        "december2024",
        "correcthorse",
    ] {
        assert!(check(&usual(), password).is_err(), "{password}");
    }
}

#[test]
fn what_is_known_about_a_person_or_the_service_is_no_password() {
    for (password, datum) in [
        ("alice.l.alice.l", Datum::Username),
        ("A.Pleasance@Oxford.example", Datum::Email),
        ("a.pleasance@oxford", Datum::Email),
        ("pleasance1984", Datum::Email),
        ("Oxford.example", Datum::Email),
        ("AliceLiddell", Datum::Name),
        ("liddell-ALICE-1952", Datum::Name),
        ("ａｌｉｃｅ Liddell!!", Datum::Name),
        ("dormouse dormouse", Datum::Name),
        ("04.05.1952..", Datum::Birthdate),
        ("1952-05-04--", Datum::Birthdate),
        ("(05/04/52)(05/04/52)", Datum::Birthdate),
        ("+44 20 7946 0018", Datum::Phone),
        ("020 7946 0018", Datum::Phone),
        ("Latchkey2026", Datum::Service),
        ("login.wonderland.example", Datum::Service),
        ("Wonderland-42", Datum::Service),
    ] {
        assert_eq!(check(&weakest(), password), Err(PasswordRefused::OwnData(datum)), "{password}");
    }
    // zxcvbn knows what people write for letters.
    assert_eq!(check(&weakest(), "w0nd3rl4nd"), Err(PasswordRefused::OwnData(Datum::Several)));
    assert_eq!(check(&weakest(), "ecnasaelp"), Err(PasswordRefused::OwnData(Datum::Several)));
}

#[test]
fn a_word_of_ones_own_among_others_is_allowed() {
    for password in ["alice bought seven copper kettles", "the dormouse ate my tulip", "wonderland is nowhere near"] {
        assert!(check(&usual(), password).is_ok(), "{password}: {:?}", check(&usual(), password));
    }
}

#[test]
fn names_without_an_end_cost_no_more_than_others() {
    let profile =
        Profile::parse(json!({"name": "ab cd efg ".repeat(20_000), "nickname": "xyz".repeat(50_000)})).unwrap();
    let person = Person { username: None, email: None, profile: &profile };
    let words = usual().words_of(&person);
    assert!(words.texts().len() <= 64);
    assert!(words.texts().iter().all(|word| word.chars().count() <= 100));
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    for (password, wanted) in [
        ("short", "it has 5 characters and needs at least 12: a few words"),
        ("motdepasse123", "too easy to guess (strength "),
        ("motdepasse123", "because most of it is like a common password: add another word or two"),
        ("aaaaaaaaaaaa", "it is nothing but a repetition"),
        ("AliceLiddell", "it is made of the person's name"),
    ] {
        let said = check(&usual(), password).unwrap_err().to_string();
        assert!(said.contains(wanted), "{password}: {said}");
    }
    assert!(check(&weakest(), "sunshine").unwrap_err().to_string().contains("it is a common password"));
}

#[test]
fn the_passwords_of_the_demo_users_are_allowed() {
    for name in ["alice", "bob"] {
        let issuer = Issuer::parse("http://127.0.0.1:8080").unwrap();
        let policy = PasswordPolicy::new(12, Strength::new(3).unwrap(), &issuer);
        let (email, profile) = (format!("{name}@example.com"), Profile::default());
        let person = Person { username: Some(name), email: Some(&email), profile: &profile };
        let password = SecretString::new(format!("{name}-in-latchkey"));
        assert!(policy.check(&password, &policy.words_of(&person)).is_ok(), "{name}");
    }
}

/// Passwords as people make them: words and numbers, and now and then something random.
fn candidates() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("password"),
        Just("alice"),
        Just("dragon"),
        Just("1952"),
        Just("qwerty"),
        Just("tulip"),
        Just("!"),
        Just(" "),
        Just("abc"),
        Just("123"),
    ];
    let words = proptest::collection::vec(part, 1..5).prop_map(|parts| parts.concat());
    prop_oneof![3 => words, 1 => "[a-z0-9 .-]{8,24}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_case_of_letters_and_their_width_never_makes_a_refused_password_good(password in candidates(), flips in any::<u64>()) {
        let as_typed = check(&usual(), &password).map_err(|why| why.to_string());
        let flipped: String = password.chars().enumerate().map(|(i, c)| match flips.rotate_right(u32::try_from(i).unwrap()) & 1 {
            0 => c.to_ascii_uppercase(),
            _ => c,
        }).collect();
        prop_assert_eq!(check(&usual(), &flipped).map_err(|why| why.to_string()), as_typed.clone());
        let wide: String = password.chars().map(|c| match c {
            'a'..='z' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
            other => other,
        }).collect();
        prop_assert_eq!(check(&usual(), &wide).map_err(|why| why.to_string()), as_typed);
    }
}
