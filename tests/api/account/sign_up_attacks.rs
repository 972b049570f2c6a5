//! What signing up withstands.

use std::net::{IpAddr, Ipv4Addr};

use futures_util::future::join_all;
use latchkey::services::account::find;

use crate::harness::{Browser, Page, Shows, TestApp, seconds};

const PASSWORD: &str = "quite-another-passphrase";

async fn ask(browser: &mut Browser, email: &str, password: &str) -> Page {
    let page = browser.open("/signup").await;
    browser.press(&page, "signup-submit", &[("email", email), ("password", password)]).await
}

/// What tells two answers apart, but for what is drawn anew each time.
fn told(page: &Page) -> (u16, String) {
    let text = page.answer.text();
    let nonce = text.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    let flow = text.split("flow=").nth(1).unwrap().split('"').next().unwrap();
    (page.answer.status.as_u16(), text.replace(nonce, "nonce").replace(flow, "flow"))
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_answer_nor_what_is_done_for_it_tells_who_has_an_account() {
    let app = TestApp::configured().explaining().start().await;
    let mut seen = Vec::new();
    for email in ["alice@example.com", "nobody@example.com", "bob@example.com"] {
        let mut browser = app.browser();
        let page = browser.open("/signup").await;
        let (before, commits) = (app.rows().await, app.commits());
        let answer = browser.press(&page, "signup-submit", &[("email", email), ("password", PASSWORD)]).await;
        let after = app.rows().await;
        let grown: Vec<_> = after
            .iter()
            .filter(|(table, rows)| before[*table] != **rows)
            .map(|(t, r)| (t.clone(), r - before[t]))
            .collect();
        // Counters of an address come once for each.
        let grown: Vec<_> = grown.into_iter().filter(|(table, _)| table != "counters").collect();
        let commits = app.commits().zip(commits).map(|(after, before)| after - before);
        seen.push((told(&answer), grown, commits));
    }
    assert!(seen.windows(2).all(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1), "{seen:?}");
    assert_eq!(seen[1].1, [("jobs".to_owned(), 1)]);
    let mails = app.inbox().await;
    assert_eq!(mails.len(), 3, "each gets a mail");
    let to_alice = app.mail_to("alice@example.com").await;
    assert!(to_alice.text.contains("You have an account already"), "{}", to_alice.text);
    assert!(!to_alice.links.iter().any(|link| link.contains("token")), "{:?}", to_alice.links);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_somebody_else_began_is_not_theirs_when_its_owner_comes() {
    // Pre-hijacking: the attacker asks first, with a password of theirs, and waits for the owner of the address.
    let app = TestApp::configured().explaining().start().await;
    let mut attacker = app.browser();
    ask(&mut attacker, "victim@example.com", "the-attackers-passphrase").await;
    let attackers = app.link_to("victim@example.com", "/signup/confirm").await;
    assert!(find(&app.app, "victim@example.com").await.unwrap().is_none());
    let mut victim = app.browser();
    ask(&mut victim, "victim@example.com", PASSWORD).await;
    let link = app.link_to("victim@example.com", "/signup/confirm").await;
    assert_ne!(link, attackers);
    let question = victim.open(&link).await;
    assert_eq!(victim.press(&question, "link-confirm", &[]).await.url, "/account");
    // The attacker's link makes nothing any more, whoever opens it.
    let question = attacker.open(&attackers).await;
    let exists = attacker.press(&question, "link-confirm", &[]).await;
    assert_eq!((exists.shows(), exists.answer.status.as_u16()), (Shows::Message, 409), "{}", exists.answer.text());
    let mut attacker = app.browser();
    let login = attacker.open("/account").await;
    let refused = attacker.try_password(&login, "victim@example.com", "the-attackers-passphrase").await;
    assert_eq!(refused.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_a_strangers_link_makes_no_account_that_the_stranger_can_use() {
    let app = TestApp::configured().explaining().start().await;
    ask(&mut app.browser(), "victim@example.com", "the-strangers-passphrase").await;
    let link = app.link_to("victim@example.com", "/signup/confirm").await;
    // The owner of the address wants an account too, and takes the mail for the answer.
    let mut victim = app.browser();
    ask(&mut victim, "other@example.com", PASSWORD).await;
    let mut page = victim.open(&link).await;
    for tried in 1..=5 {
        assert_eq!(page.shows(), Shows::ConfirmElsewhere, "{tried}");
        page = victim.press(&page, "signup-confirm", &[("password", PASSWORD)]).await;
    }
    assert_eq!((page.shows(), page.answer.status.as_u16()), (Shows::Message, 404), "the link is over");
    let over = victim.open(&link).await;
    assert_eq!(over.shows(), Shows::Message, "for everybody");
    assert!(find(&app.app, "victim@example.com").await.unwrap().is_none());
    ask(&mut victim, "victim@example.com", PASSWORD).await;
    let question = victim.open(&app.link_to("victim@example.com", "/signup/confirm").await).await;
    assert_eq!(victim.press(&question, "link-confirm", &[]).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_passwords_at_once_five_are_compared_for_a_link() {
    let app = TestApp::configured().explaining().start().await;
    ask(&mut app.browser(), "dave@example.com", PASSWORD).await;
    let mut elsewhere = app.browser();
    let question = elsewhere.open(&app.link_to("dave@example.com", "/signup/confirm").await).await;
    let tries = (0..12).map(|n| {
        let (mut tab, question) = (elsewhere.clone(), question.clone());
        let password = format!("guess-number-{n}");
        tokio::spawn(async move { tab.press(&question, "signup-confirm", &[("password", &password)]).await })
    });
    for page in join_all(tries).await {
        assert!(matches!(page.unwrap().shows(), Shows::ConfirmElsewhere | Shows::Message));
    }
    let late = elsewhere.press(&question, "signup-confirm", &[("password", PASSWORD)]).await;
    assert_eq!(late.shows(), Shows::Message, "the right one comes too late");
    assert!(find(&app.app, "dave@example.com").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_alone_does_not_use_up_the_mails_of_an_address() {
    let app = TestApp::configured().explaining().start().await;
    let mut refused = 0;
    for n in 0..12 {
        let mut stranger = app.browser();
        stranger.address = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1 + n % 3));
        let asked = ask(&mut stranger, "victim@example.com", "the-strangers-passphrase").await;
        refused += usize::from(asked.answer.status == 429);
    }
    assert_eq!(refused, 2, "ten from the whole network");
    app.work().await;
    assert_eq!(app.inbox().await.len(), 10);
    let mut victim = app.browser();
    assert_eq!(ask(&mut victim, "victim@example.com", PASSWORD).await.answer.status, 200);
    let question = victim.open(&app.link_to("victim@example.com", "/signup/confirm").await).await;
    assert_eq!(victim.press(&question, "link-confirm", &[]).await.url, "/account");
    // From one holder's address it is five.
    let statuses = async |email: &str| {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(ask(&mut app.browser(), email, PASSWORD).await.answer.status.as_u16());
        }
        statuses
    };
    assert_eq!(statuses("another@example.com").await, [200, 200, 200, 200, 200, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_another_kind_or_none_at_all_confirms_nothing() {
    let app = TestApp::configured().explaining().start().await;
    let mut browser = app.browser();
    ask(&mut browser, "dave@example.com", PASSWORD).await;
    let link = app.link_to("dave@example.com", "/signup/confirm").await;
    let token = link.split("token=").nth(1).unwrap();
    for other in ["/account/email/confirm?token=", "/account/email/undo?token=", "/signup?invitation="] {
        let page = browser.open(&format!("{other}{token}")).await;
        assert_eq!((page.shows(), page.answer.status.as_u16()), (Shows::Message, 404), "{other}");
    }
    for bad in ["", "x", &token[1..], &format!("{token}A")] {
        let page = browser.open(&format!("/signup/confirm?token={bad}")).await;
        assert_eq!((page.shows(), page.answer.status.as_u16()), (Shows::Message, 404), "{bad}");
    }
    assert_eq!(browser.open(&link).await.shows(), Shows::MailLink, "it is still good");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_sends_the_forms() {
    let app = TestApp::configured().explaining().start().await;
    let (mut victim, mut attacker) = (app.browser(), app.browser());
    let page = victim.open("/signup").await;
    let foreign = attacker.open("/signup").await.hidden("signup-submit", "csrf");
    let jobs = app.rows().await["jobs"];
    for csrf in ["", "x", &*foreign] {
        let mut form = page
            .form("signup-submit")
            .submit("signup-submit", &[("email", "dave@example.com"), ("password", PASSWORD)]);
        form.iter_mut().filter(|(name, _)| name == "csrf").for_each(|(_, value)| csrf.clone_into(value));
        let again = victim.post("/signup", &form).await;
        assert_eq!(again.shows(), Shows::SignUp);
        assert!(again.answer.text().contains("was open for too long"), "{}", again.answer.text());
    }
    assert_eq!(app.rows().await["jobs"], jobs, "nothing was asked for");
    ask(&mut victim, "dave@example.com", PASSWORD).await;
    let link = app.link_to("dave@example.com", "/signup/confirm").await;
    let question = victim.open(&link).await;
    let token = question.hidden("link-confirm", "token");
    let users = app.rows().await["users"];
    let forged = [("csrf".to_owned(), foreign), ("token".to_owned(), token)];
    assert_eq!(victim.post("/signup/confirm", &forged).await.shows(), Shows::MailLink, "asked again");
    let whole = question.form("link-confirm").submit("link-confirm", &[]);
    victim.post_from_elsewhere("/signup/confirm", &whole).await;
    assert_eq!(app.rows().await["users"], users);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_and_one_address_are_asked_for_so_often_and_no_more() {
    let app = TestApp::configured().explaining().start().await;
    let jobs = app.rows().await["jobs"];
    let mut browser = app.browser();
    let page = browser.open("/signup").await;
    let mut refused = 0;
    for n in 0..32 {
        let email = format!("n{n}@example.com");
        let answer = browser.press(&page, "signup-submit", &[("email", &email), ("password", PASSWORD)]).await;
        refused += usize::from(answer.answer.status == 429);
    }
    assert_eq!((refused, app.rows().await["jobs"] - jobs), (2, 30));
    // One address from everywhere: known or not, whoever asks is told the same.
    app.advance(seconds(3600));
    for email in ["alice@example.com", "nobody@example.com"] {
        let mut statuses = Vec::new();
        for n in 0..21 {
            let mut browser = app.browser();
            browser.address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + n * 257));
            statuses.push(ask(&mut browser, email, PASSWORD).await.answer.status.as_u16());
        }
        assert_eq!(statuses[20], 429, "{email}");
        assert!(statuses[..20].iter().all(|status| *status == 200), "{email} {statuses:?}");
    }
}
