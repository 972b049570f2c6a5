//! Where a browser goes in which somebody has just made an account.

use axum::http::header;
use axum::response::Response;

use super::next_page::next_page;
use crate::app::App;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::domain::sign_in::device::DeviceCookie;
use crate::http::extract::browser::Browser;
use crate::http::extract::device::set_cookie;
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, set_out};
use crate::services::account::sign_up::{self, First, Newcomer};

/// Marks the sign-in page for whoever has just confirmed their address: it says so.
pub const CONFIRMED: &str = "confirmed";

/// Signs a newcomer in, and goes on with whatever they wanted the account for; or, if that is too long ago, to the sign-in page.
///
/// # Errors
/// When the database does not answer. The account is there.
pub async fn go_in(
    app: &App,
    mut browser: Browser,
    device: &DeviceCookie,
    newcomer: Newcomer,
) -> Result<Response, PageError> {
    let (flow, before, actor) = (newcomer.flow.clone(), browser.before(app), browser.actor());
    let here = sign_up::Browser {
        place: browser.place(),
        before: &before,
        device,
        address: browser.address(),
        stays: app.settings.login.keep_signed_in.applies(false),
    };
    let own = Destination::Page(OwnPage::Account);
    match sign_up::enter(app, &actor, newcomer, here, own).await? {
        First::In(entered, device) => {
            browser.sign_in(app, entered.record).await?;
            let cookie = set_cookie(app, &device)?;
            let mut response = next_page(app, &mut browser, Some(&flow), entered.progress).await?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        First::Half(halfway) => {
            browser.keep_half(&halfway.secret);
            next_page(app, &mut browser, Some(&flow), halfway.progress).await
        }
        First::Elsewhere(destination) => {
            set_out(app, &mut browser, &destination, LOGIN, &format!("&{CONFIRMED}=1")).await
        }
    }
}
