//! The applications that one has allowed something.

use super::signed_in;
use crate::harness::{Shows, TestApp, seconds};

fn fields(csrf: &str, client: &str) -> [(String, String); 2] {
    [("csrf", csrf), ("client", client)].map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// The token of the page's forms.
fn csrf(page: &crate::harness::Page) -> String {
    page.answer.text().split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_back_what_they_allowed_one_app_and_nothing_else() {
    let app = TestApp::start().await;
    let shop = app.client().named("Shop").create().await;
    let house = app.client().named("House").first_party().create().await;
    let mut browser = signed_in(&app, "alice").await;
    let none = browser.open("/account/apps").await;
    assert!(none.answer.text().contains("No app has access"));
    let shops = shop.sign_in_with(&mut browser, "alice", shop.request()).await;
    let houses = house.sign_in_with(&mut browser, "alice", house.request()).await;
    let bobs = shop.sign_in("bob").await;
    app.advance(seconds(3600));
    let page = browser.open("/account/apps").await;
    let text = page.answer.text();
    assert!(text.contains("Shop") && text.contains("House") && text.contains("first party"), "{text}");
    assert!(text.contains("Your e-mail address") && text.contains("Stay connected") && text.contains("1 hour ago"));

    let mut bob = signed_in(&app, "bob").await;
    let bobs_page = bob.open("/account/apps").await;
    bob.post("/account/apps", &fields(&csrf(&bobs_page), &house.id)).await;
    browser.post("/account/apps", &fields("x", &shop.id)).await;
    let again = shop.refresh(&shops.refresh_token).await.ok();

    let removed = browser.post("/account/apps", &fields(&csrf(&page), &shop.id)).await;
    assert!(removed.answer.text().contains("no access to your account any more"), "{}", removed.answer.text());
    assert!(!removed.answer.text().contains(">Shop"), "{}", removed.answer.text());
    shop.refresh(&again.refresh_token).await.refused("invalid_grant");
    assert!(!shop.finds_active(&again.access_token).await);
    house.refresh(&houses.refresh_token).await.ok();
    shop.refresh(&bobs.refresh_token).await.ok();
    let asked = browser.open(&shop.request().url()).await;
    assert_eq!(asked.shows(), Shows::Consent, "it asks again");
    let twice = browser.post("/account/apps", &fields(&csrf(&page), &shop.id)).await;
    assert!(twice.answer.text().contains("had no access"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_apps() {
    let app = TestApp::start().await;
    let shop = app.client().named("Shop").create().await;
    let mut browser = signed_in(&app, "alice").await;
    shop.sign_in_with(&mut browser, "alice", shop.request()).await;
    let page = browser.open("/account/apps").await;
    assert!(page.answer.text().contains(&shop.id));
    app.advance(seconds(86_400 * 2));
    let text = browser.open("/account/apps").await;
    assert_eq!(text.shows(), Shows::Login);
    let page = browser.sign_in(&text, "alice").await;
    assert!(page.answer.text().contains("2 days ago"), "{}", page.answer.text());
}
