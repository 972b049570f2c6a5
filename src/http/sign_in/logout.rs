//! The page that asks before it signs out (OpenID Connect RP-Initiated Logout §2).

use askama::Template;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::signed_out::{BackLink, Onward, SignedOut, SignedOutPage};
use crate::app::App;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::discovery::path;
use crate::domain::oauth::logout::front_channel::Frame;
use crate::domain::oauth::logout::rp_initiated::Ends;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::domain::sign_in::selection::Account;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::language;
use crate::http::respond::account::ListedAccount;
use crate::http::respond::authorization::{as_link, see_other};
use crate::http::respond::client_brand::WebLink;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::logout::{frames, plan};

/// The logout question. Its form posts `csrf`, `flow` and either `account` or `action` (`all` or `stay`) to
/// `/logout/confirm`, for `/logout` itself must take a client's POST.
#[derive(Template)]
#[template(path = "sign_in/logout.html")]
pub struct LogoutPage {
    /// The shared part.
    pub layout: Layout,
    /// The name of the client that asks, when it is proven.
    pub client_name: Option<String>,
    /// Everybody who is signed in, whoever is current first.
    pub accounts: Vec<ListedAccount>,
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
    answer(&app, browser, &params, None).await
}

/// `POST /logout`: the same. Another site's form comes without our cookie: then the browser is sent on to the same
/// request as a link, with which the cookie comes along.
pub async fn post(State(app): State<App>, browser: Browser, request: Request) -> Result<Response, PageError> {
    let params = form::read(request).await?;
    match as_link(path::LOGOUT, &params).filter(|_| !browser.is_known()) {
        Some(link) => Ok(link?),
        None => answer(&app, browser, &params, None).await,
    }
}

/// `POST /logout/confirm`: the answer to our question. `flow` carries the request that it was about.
pub async fn confirm(State(app): State<App>, browser: Browser, request: Request) -> Result<Response, PageError> {
    let sent = form::read(request).await.map_err(PageRefusal::from)?;
    sent.once().map_err(PageRefusal::from)?;
    let params = Params::parse(sent.get("flow").unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
    if !browser.sent_choice(&app, sent.get("csrf")) {
        return answer(&app, browser, &params, None).await;
    }
    match (sent.get("account"), sent.get("action")) {
        (Some(account), _) => answer(&app, browser, &params, Some(Said::This(account))).await,
        (None, Some("all")) => answer(&app, browser, &params, Some(Said::All)).await,
        _ => Ok(signed_out(&app, SignedOut::StayedIn, None, Vec::new())),
    }
}

/// Who is to be signed out, as the person says.
enum Said<'a> {
    /// The account with this session.
    This(&'a str),
    /// Everybody in this browser.
    All,
}

async fn answer(
    app: &App,
    mut browser: Browser,
    params: &Params,
    said: Option<Said<'_>>,
) -> Result<Response, PageError> {
    // OpenID Connect RP-Initiated Logout §2.
    language::asked(params.get("ui_locales"));
    let plan = plan(app, params, browser.accounts(app)).await?;
    let (logout, signed_in) = (plan.logout?, plan.signed_in);
    let leaving: Vec<_> = match (logout.ends, said) {
        (Ends::AsTheySay, None) => {
            let question = LogoutPage {
                layout: Layout::new(app),
                client_name: plan.client.map(|client| client.name.clone()),
                accounts: signed_in.iter().map(ListedAccount::of).collect(),
                csrf: browser.csrf_of_choice(app),
                flow: params.encode(),
            };
            return Ok(page(StatusCode::OK, &question));
        }
        (Ends::AsTheySay, Some(Said::All)) => signed_in,
        // Whoever is not among them has been signed out before, by the other of two clicks.
        (Ends::AsTheySay, Some(Said::This(id))) => only(signed_in, id),
        (Ends::This(id), _) => only(signed_in, &id.to_string()),
        (Ends::Nobodys, _) => Vec::new(),
    };
    let frames = frames(app, &leaving).await?;
    // Clients that are told by their servers are told from here on.
    let left = browser.sign_out(app, &leaving).await?;
    let what = if left { SignedOut::OthersAreLeft } else { SignedOut::Altogether };
    match logout.then {
        // Clients are told by the page, which then goes on.
        Some(then) if !frames.is_empty() => {
            let client_name = plan.client.map(|client| client.name.clone()).unwrap_or_default();
            let (layout, onward) = (Layout::new(app).without_switch(), Onward { client_name, url: then });
            Ok(page(StatusCode::OK, &SignedOutPage { layout, what, back: None, onward: Some(onward), frames }))
        }
        Some(then) => Ok(see_other(&then)?),
        None => Ok(signed_out(app, what, plan.client.as_deref(), frames)),
    }
}

fn only(signed_in: Vec<Account>, id: &str) -> Vec<Account> {
    signed_in.into_iter().filter(|(session, _)| session.id.to_string() == id).collect()
}

fn signed_out(app: &App, what: SignedOut, client: Option<&Client>, frames: Vec<Frame>) -> Response {
    let layout = Layout::new(app);
    let back = client.and_then(|client| {
        let uri = WebLink::parse(client.metadata.client_uri.as_deref()?)?;
        Some(BackLink { name: client.name.clone(), uri })
    });
    page(StatusCode::OK, &SignedOutPage { layout, what, back, onward: None, frames })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    fn asked(names: &[&str]) -> String {
        let listed = |name: &&str| {
            let account = respond::account::Account { name: (*name).to_owned(), detail: None };
            ListedAccount { id: format!("id-{name}"), account }
        };
        let (client_name, accounts) = (Some(hostile_client().name), names.iter().map(listed).collect());
        LogoutPage { layout: layout(false), client_name, accounts, csrf: "c".into(), flow: String::new() }
            .render()
            .unwrap()
    }

    #[test]
    fn it_names_who_asks_and_offers_to_stay() {
        let html = asked(&["Alice"]);
        assert_inert(&html);
        assert!(html.contains(r#"id="logout-confirm""#) && html.contains(r#"id="logout-stay""#));
        assert!(html.contains(r#"name="account" value="id-Alice""#) && !html.contains("logout-all"));
    }

    #[test]
    fn of_several_accounts_each_can_be_signed_out_or_all() {
        let html = asked(&["Alice", "Bob"]);
        assert_inert(&html);
        for button in ["logout-confirm", "logout-2", "logout-all", "logout-stay"] {
            assert_eq!(html.matches(&format!(r#"id="{button}""#)).count(), 1, "{button}");
        }
        assert!(html.contains(r#"value="id-Alice""#) && html.contains(r#"value="id-Bob""#));
    }
}
