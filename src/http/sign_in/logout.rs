//! The page that asks before it signs out (OpenID Connect RP-Initiated Logout §2).

use askama::Template;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::signed_out::{BackLink, SignedOutPage};
use crate::app::App;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::discovery::path;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::language;
use crate::http::respond::authorization::{as_link, see_other};
use crate::http::respond::client_brand::WebLink;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::logout::plan;
use crate::services::sign_in::session::end;

/// The logout question. Its form posts `csrf`, `flow` and `action` (`confirm` or `stay`) to `/logout/confirm`, for
/// `/logout` itself must take a client's POST.
#[derive(Template)]
#[template(path = "sign_in/logout.html")]
pub struct LogoutPage {
    /// The shared part.
    pub layout: Layout,
    /// The name of the client that asks, when it is proven.
    pub client_name: Option<String>,
    /// Who is signed in.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the logout request; empty when there is nothing to return to.
    pub flow: String,
}

impl Page for LogoutPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { leads_to_client: true, popup: true, ..Policy::default() }
    }
}

/// `GET /logout`: signs out where the request proves itself, and asks otherwise.
pub async fn get(State(app): State<App>, browser: Browser, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let params = Params::parse(query.unwrap_or_default().as_bytes())?;
    answer(&app, browser, &params, false).await
}

/// `POST /logout`: the same. Another site's form comes without our cookie: then the browser is sent on to the same
/// request as a link, with which the cookie comes along.
pub async fn post(State(app): State<App>, browser: Browser, request: Request) -> Result<Response, PageError> {
    let params = form::read(request).await?;
    match as_link(path::LOGOUT, &params).filter(|_| !browser.is_known()) {
        Some(link) => Ok(link?),
        None => answer(&app, browser, &params, false).await,
    }
}

/// `POST /logout/confirm`: the answer to our question. `flow` carries the request that it was about.
pub async fn confirm(State(app): State<App>, browser: Browser, request: Request) -> Result<Response, PageError> {
    let sent = form::read(request).await.map_err(PageRefusal::from)?;
    sent.once().map_err(PageRefusal::from)?;
    let params = Params::parse(sent.get("flow").unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
    if !browser.sent_form(sent.get("csrf")) {
        return answer(&app, browser, &params, false).await;
    }
    match sent.get("action") {
        Some("confirm") => answer(&app, browser, &params, true).await,
        _ => Ok(signed_out(&app, true, None)),
    }
}

async fn answer(app: &App, mut browser: Browser, params: &Params, confirmed: bool) -> Result<Response, PageError> {
    // OpenID Connect RP-Initiated Logout §2.
    language::asked(params.get("ui_locales"));
    let plan = plan(app, params, browser.signed_in()).await?;
    let logout = plan.logout?;
    if let (Some((_, user)), true) = (&plan.signed_in, logout.confirm && !confirmed) {
        let question = LogoutPage {
            layout: Layout::new(app),
            client_name: plan.client.map(|client| client.name.clone()),
            account: Account::of(user),
            csrf: browser.csrf(),
            flow: params.encode(),
        };
        return Ok(page(StatusCode::OK, &question));
    }
    if let Some((session, _)) = &plan.signed_in {
        end(app, &browser.actor(), session).await?;
    }
    browser.forget(app).await?;
    match logout.then {
        Some(then) => Ok(see_other(&then)?),
        None => Ok(signed_out(app, false, plan.client.as_deref())),
    }
}

fn signed_out(app: &App, still_signed_in: bool, client: Option<&Client>) -> Response {
    let layout = Layout::new(app);
    let back = client.and_then(|client| {
        let uri = WebLink::parse(client.metadata.client_uri.as_deref()?)?;
        Some(BackLink { name: client.name.clone(), uri })
    });
    page(StatusCode::OK, &SignedOutPage { layout, still_signed_in, back })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    #[test]
    fn it_names_who_asks_and_offers_to_stay() {
        let account = Account { name: "Alice".into(), detail: None };
        let client_name = Some(hostile_client().name);
        let page = LogoutPage { layout: layout(false), client_name, account, csrf: "c".into(), flow: String::new() };
        let html = page.render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"id="logout-confirm""#) && html.contains(r#"id="logout-stay""#));
    }
}
