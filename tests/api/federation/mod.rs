//! Signing in through other providers.

mod choosing;
mod connections;
mod fresh;
mod groups;
mod logout;
mod operating;
mod refusals;
mod sign_in;
mod slow;
mod tokens;
mod wishes;

use url::Url;

use crate::harness::upstream::Upstream;
use crate::harness::{Browser, Page, TestApp};

/// A server that knows this provider, which it trusts for addresses.
pub async fn knowing(upstream: &Upstream, more: &str) -> TestApp {
    let toml = upstream.toml(&format!("trust_email = \"on\"\n{more}"));
    TestApp::configured().explaining().toml(&toml).start().await
}

/// Chooses the provider on the login page, is sent there, and comes back.
async fn through(app: &TestApp, upstream: &Upstream, browser: &mut Browser) -> Page {
    let back = way_back(app, upstream, browser).await;
    browser.open(&back).await
}

/// The same from a login page.
async fn through_from(app: &TestApp, upstream: &Upstream, browser: &mut Browser, page: &Page) -> Page {
    let away = choose(browser, page).await;
    browser.open(&upstream.signs_in(app, &away)).await
}

/// Chooses the provider: where the browser is sent.
pub async fn choose(browser: &mut Browser, page: &Page) -> String {
    let flow = page.hidden("login-submit", "flow");
    let csrf = page.hidden("login-submit", "csrf");
    let form = [("csrf", csrf), ("flow", flow), ("provider", "fake".to_owned())];
    let form: Vec<_> = form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    browser.post("/login", &form).await.url
}

/// What the provider is asked for by this name.
fn asked(away: &str, name: &str) -> Option<String> {
    let away = Url::parse(away).expect("a URL");
    away.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The token of the forms on the page of connections.
pub fn own_csrf(page: &Page) -> String {
    let text = page.answer.text();
    let form = text.split("action=\"/account/connections\"").nth(1).expect("a form");
    form.split("name=\"csrf\" value=\"").nth(1).expect("a token").split('"').next().expect("its end").to_owned()
}

/// The first identity on it.
pub fn identity(page: &Page) -> String {
    let text = page.answer.text();
    text.split("name=\"identity\" value=\"").nth(1).expect("an identity").split('"').next().unwrap().to_owned()
}

/// Chooses the provider and signs in there: the link that leads back.
async fn way_back(app: &TestApp, upstream: &Upstream, browser: &mut Browser) -> String {
    let page = browser.open("/account").await;
    let away = choose(browser, &page).await;
    upstream.signs_in(app, &away)
}
