//! People and their accounts.

mod activity;
mod addresses;
mod apps;
mod claims;
mod data;
mod deletion;
mod email;
mod email_undo;
mod entrance;
mod factor_of_user;
mod factors;
mod invitation;
mod lifecycle;
mod lost_factors;
mod passkeys;
mod password;
mod passwords;
mod places;
mod profile;
mod recovery;
mod sessions;
mod sign_up;
mod sign_up_attacks;

use crate::harness::{Browser, TestApp};

/// The browser of somebody who is signed in, and sees their account.
async fn signed_in(app: &TestApp, name: &str) -> Browser {
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert_eq!(browser.sign_in(&page, name).await.url, "/account");
    browser
}
