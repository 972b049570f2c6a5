//! Another address, in the application.

use serde_json::{Value, json};

use super::{Caller, locations, own_app};
use crate::harness::{Answer, TestApp, seconds};

const NEW: &str = "alice@example.org";

async fn open() -> TestApp {
    TestApp::configured().explaining().start().await
}

/// Asks for an address: the id of what was asked for.
async fn ask(caller: &Caller, email: &str) -> String {
    let asked = caller.post("/email", Some(json!({"email": email}))).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let asked = asked.json();
    assert_eq!(asked.as_object().unwrap().len(), 1, "{asked}");
    asked["id"].as_str().expect("an id").to_owned()
}

async fn confirm(caller: &Caller, id: &str, code: &str) -> Answer {
    caller.post("/email/confirm", Some(json!({"id": id, "code": code}))).await
}

/// The code in the newest mail to an address.
async fn code(app: &TestApp, to: &str) -> String {
    let text = app.mail_to(to).await.text;
    let code = text.split("nowhere else: ").nth(1).unwrap_or_else(|| panic!("no code in {text}"));
    code.split('.').next().unwrap().to_owned()
}

fn another(code: &str) -> String {
    code.chars().map(|c| if c.is_ascii_digit() { char::from(b'9' - (c as u8 - b'0')) } else { c }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_the_mail_gives_the_address_and_the_old_one_is_told_and_can_undo_it() {
    let app = open().await;
    let caller = Caller::alice(&app).await;
    let id = ask(&caller, NEW).await;
    let code = code(&app, NEW).await;
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"), "nothing has changed yet");
    let wrong = confirm(&caller, &id, &another(&code)).await.problem(422, "wrong_code");
    assert_eq!(locations(&wrong), ["/code"]);
    confirm(&caller, &id, &code.replace(' ', "-")).await.done();
    let me = caller.get("").await;
    assert_eq!((&me["email"], &me["email_verified"]), (&json!(NEW), &json!(true)));
    confirm(&caller, &id, &code).await.problem(422, "wrong_code");

    let mut owner = app.browser();
    let question = owner.open(&app.link_to("alice@example.com", "/account/email/undo").await).await;
    owner.press(&question, "link-confirm", &[]).await;
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
    caller.call("GET", "", None).await.problem(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_mail_does_the_same_where_the_account_is_signed_in_and_voids_the_code() {
    let app = open().await;
    let caller = Caller::alice(&app).await;
    let id = ask(&caller, NEW).await;
    let code = code(&app, NEW).await;
    let mut phone = app.browser();
    let login = phone.open("/account").await;
    phone.sign_in(&login, "alice").await;
    let question = phone.open(&app.link_to(NEW, "/account/email/confirm").await).await;
    assert_eq!(phone.press(&question, "link-confirm", &[]).await.answer.status, 200);
    assert_eq!(caller.get("").await["email"], NEW);
    confirm(&caller, &id, &code).await.problem(422, "wrong_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_address_it_is_is_told_by_no_answer_and_not_by_ones_own_code_either() {
    let app = open().await;
    let caller = Caller::alice(&app).await;
    let own = ask(&caller, NEW).await;
    let told = |answer: &Answer| answer.text().len();
    let body = |email: &str| Some(json!({"email": email}));
    let known = caller.post("/email", body("bob@example.com")).await;
    let unknown = caller.post("/email", body("nobody@example.com")).await;
    assert_eq!((known.status, told(&known)), (unknown.status, told(&unknown)));
    let to_bob = app.mail_to("bob@example.com").await;
    assert!(to_bob.text.contains("You have an account already") && !to_bob.text.contains("nowhere else"));
    let refused = |answer: Answer| -> Value {
        let mut problem = answer.problem(422, "wrong_code");
        problem["request_id"] = Value::Null;
        problem
    };
    let id = |answer: &Answer| answer.json()["id"].as_str().unwrap().to_owned();
    let code = code(&app, NEW).await;
    let of_known = refused(confirm(&caller, &id(&known), &code).await);
    assert_eq!(refused(confirm(&caller, &id(&unknown), &code).await), of_known);
    assert_eq!(refused(confirm(&caller, "x", &code).await), of_known);
    // What was asked for since makes no difference to what was asked for before.
    confirm(&caller, &own, &code).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_of_use_in_the_session_that_asked_and_five_are_looked_at() {
    let app = open().await;
    let client = own_app(&app).await;
    let caller = Caller::of(&app, &client, &mut app.browser(), "alice").await;
    let other = Caller::of(&app, &client, &mut app.browser(), "alice").await;
    let bob = Caller::of(&app, &client, &mut app.browser(), "bob").await;
    let id = ask(&caller, NEW).await;
    let code = code(&app, NEW).await;
    for stranger in [&other, &bob] {
        confirm(stranger, &id, &code).await.problem(422, "wrong_code");
    }
    for _ in 0..5 {
        confirm(&caller, &id, &another(&code)).await.problem(422, "wrong_code");
    }
    confirm(&caller, &id, &code).await.problem(422, "wrong_code");
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_counted_by_place_with_those_of_sign_ins() {
    let app = open().await;
    let caller = Caller::alice(&app).await;
    for _ in 0..30 {
        confirm(&caller, "x", "1234 5678").await.problem(422, "wrong_code");
    }
    confirm(&caller, "x", "no code at all").await.problem(422, "wrong_code");
    let wait = confirm(&caller, "x", "1234 5678").await;
    wait.problem(429, "too_many_attempts");
    assert!(wait.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_takes_a_fresh_sign_in_and_confirming_does_not_wait_for_another() {
    let app = open().await;
    let caller = Caller::alice(&app).await;
    let id = ask(&caller, NEW).await;
    app.advance(seconds(301));
    let refused = caller.post("/email", Some(json!({"email": "a@evil.test"}))).await;
    assert!(refused.demands_a_sign_in().contains(", max_age=\"300\","));
    confirm(&caller, &id, &code(&app, NEW).await).await.done();
    assert_eq!(caller.get("").await["email"], NEW);
}

#[tokio::test(flavor = "multi_thread")]
async fn thinking_better_of_it_voids_link_and_code_and_what_is_not_written_yet() {
    let app = open().await;
    let caller = Caller::alice(&app).await;
    caller.delete("/email").await.done();
    let id = ask(&caller, NEW).await;
    let (code, link) = (code(&app, NEW).await, app.link_to(NEW, "/account/email/confirm").await);
    let later = ask(&caller, "late@example.org").await;
    caller.delete("/email").await.done();
    confirm(&caller, &id, &code).await.problem(422, "wrong_code");
    confirm(&caller, &later, &code).await.problem(422, "wrong_code");
    assert_eq!(app.browser().open(&link).await.answer.status, 404);
    assert!(app.inbox().await.iter().all(|mail| mail.to != "late@example.org"), "it was not written");
    caller.delete("/email").await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_judged_and_asked_for_as_often_as_on_the_page() {
    let toml = "[mail]\nfrom = \"a@example.com\"\nsmtp = { host = \"127.0.0.1\", port = 9, security = \"none\" }\n\
                [signup]\nmode = \"open\"\ndomains = [\"example.com\", \"example.org\"]\n";
    let app = open().await.another_with_toml(toml).await;
    let caller = Caller::alice(&app).await;
    for bad in ["", "alice", "a@b@example.com", "alice@evil.test", "alice@example.com\nx@evil.test"] {
        let refused = caller.post("/email", Some(json!({"email": bad}))).await;
        assert_eq!(locations(&refused.problem(422, "address_refused")), ["/email"], "{bad}");
    }
    let same = caller.post("/email", Some(json!({"email": "alice@example.com"}))).await;
    same.problem(409, "address_unchanged");
    for n in 0..10 {
        ask(&caller, &format!("n{n}@example.com")).await;
    }
    let wait = caller.post("/email", Some(json!({"email": NEW}))).await;
    wait.problem(429, "too_many_attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_got_meanwhile_stays_theirs() {
    let app = open().await;
    let client = own_app(&app).await;
    let alice = Caller::of(&app, &client, &mut app.browser(), "alice").await;
    let bob = Caller::of(&app, &client, &mut app.browser(), "bob").await;
    let shared = "both@example.org";
    let of_alice = ask(&alice, shared).await;
    let code_of_alice = code(&app, shared).await;
    let of_bob = ask(&bob, shared).await;
    let code_of_bob = code(&app, shared).await;
    confirm(&bob, &of_bob, &code_of_bob).await.done();
    confirm(&alice, &of_alice, &code_of_alice).await.problem(409, "address_taken");
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
}
