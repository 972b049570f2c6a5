//! The page that the link of a mail leads to which signs in.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;

use super::next_page::{MAILED_LINK, code_page, next_page};
use crate::http::extract::device::{Device, set_cookie};
use crate::http::open_page::{OpenPage, Opened, Sent, Visit};
use crate::http::recover::reset::VoidPage;
use crate::http::respond::account::Account;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, link};
use crate::services::sign_in::authorize;
use crate::services::sign_in::by_mail::{Came, by_link, find_link, is_here};
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::progress::Progress;

/// The form, with one button. It posts `token` and `csrf` to `/login/link`.
#[derive(Template)]
#[template(path = "sign_in/mailed_link.html")]
pub struct MailedLinkPage {
    /// The shared part.
    pub layout: Layout,
    /// The form's CSRF token.
    pub csrf: String,
    /// The secret of the link.
    pub token: String,
    /// Who signs in; `None` in another browser than the one that asked, where nobody does.
    pub account: Option<Account>,
}

impl Page for MailedLinkPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { leads_to_client: true, ..Policy::default() }
    }
}

/// Signing in by a link as a page.
pub struct MailedLink;

impl OpenPage for MailedLink {
    const PATH: &'static str = MAILED_LINK;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// `GET /login/link`: the button. It uses nothing up: programs that look at the links of a mail open this too.
pub async fn get(Opened(visit): Opened<MailedLink>) -> Result<Response, PageError> {
    let token = visit.token("token").unwrap_or_default().to_owned();
    let Some((found, remembered)) = find_link(&visit.app, &token).await? else { return Ok(void(&visit)) };
    let here = is_here(&found, &remembered, &visit.browser.before(&visit.app).binding);
    let account = found.user.as_ref().filter(|_| here).map(Account::of);
    // Elsewhere there is nothing to come back to.
    let layout = if here { visit.layout_of_form() } else { visit.layout().without_switch() };
    Ok(page(StatusCode::OK, &MailedLinkPage { layout, csrf: visit.browser.csrf(), token, account }))
}

/// `POST /login/link`: signs in, and goes on with what waits for it.
pub async fn post(Device(device): Device, Sent(visit): Sent<MailedLink>) -> Result<Response, PageError> {
    let token = visit.token("token").unwrap_or_default();
    let Some((found, remembered)) = find_link(&visit.app, token).await? else { return Ok(void(&visit)) };
    let (flow, asked) = (remembered.flow, remembered.asked);
    let (actor, place, accounts) = (visit.browser.actor(), visit.browser.place(), visit.browser.accounts(&visit.app));
    let (address, before) = (visit.browser.address(), visit.browser.before(&visit.app));
    let progress = authorize::resume(&visit.app, &actor, &flow, place, accounts, false).await?;
    let Visit { app, mut browser, .. } = visit;
    let ask = match progress {
        Progress::Ask(ask) => ask,
        // It is done, or has grown too old: then it begins anew, and the link was not used.
        other => return next_page(&app, &mut browser, Some(&flow), other).await,
    };
    let came = Came { address, device: &device, browser: before, flow: &flow, mailed_to: None };
    match by_link(&app, &actor, &ask, &found, came).await? {
        SignIn::Done(entered, known) => {
            browser.sign_in(&app, entered.record).await?;
            let cookie = set_cookie(&app, &known)?;
            let mut response = next_page(&app, &mut browser, Some(&flow), entered.progress).await?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        SignIn::Half(halfway) => {
            browser.keep_half(&halfway.secret);
            next_page(&app, &mut browser, Some(&flow), halfway.progress).await
        }
        SignIn::AnotherAccount => Ok(see_other(&link(LOGIN, &flow))?),
        // Another browser's, or used a moment ago: the code can be typed where it was asked for.
        SignIn::Wrong | SignIn::Over | SignIn::Wait(..) | SignIn::Stopped(..) => {
            Ok(see_other(&code_page(&flow, asked.as_deref().unwrap_or_default()))?)
        }
    }
}

fn void(visit: &Visit<MailedLink>) -> Response {
    page(StatusCode::GONE, &VoidPage { layout: visit.layout().without_switch(), again: "/account" })
}
