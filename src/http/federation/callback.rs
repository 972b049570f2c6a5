//! Somebody comes back from a provider.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::http::header;
use axum::response::Response;
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::domain::federation::freshness::Sent;
use crate::domain::federation::posted_name::PostedName;
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::device::DeviceCookie;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::http::account::connections;
use crate::http::extract::browser::Browser;
use crate::http::extract::device::{Device, set_cookie};
use crate::http::extract::form;
use crate::http::extract::named::Named;
use crate::http::request_id;
use crate::http::respond::authorization::see_other;
use crate::http::respond::page_error::PageError;
use crate::http::respond::refused::with_trace;
use crate::http::respond::upstream::{Why, trace};
use crate::http::set_out::{LOGIN, link};
use crate::http::sign_in::next_page::next_page;
use crate::services::federation::come_back::{Returned, come_back};
use crate::services::federation::sign_in::{Attempt, Came, note_refused, sign_in};
use crate::services::federation::waiting::Wanted;
use crate::services::federation::{self, exchange::Described};
use crate::services::sign_in::authorize;
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::progress::Progress;

/// The longest form that a provider posts, in characters of the link that it becomes: a code, a state, and the name that Apple
/// sends.
const LONGEST: usize = 6000;

/// `POST /federation/{provider}/callback` (`response_mode=form_post`): the form of another site comes without our cookie, which is
/// `SameSite=Lax`. It is led to ourselves, as the link that it would have been; nothing is kept of it.
pub async fn post(Named(provider): Named, State(app): State<App>, request: Request) -> Result<Response, PageError> {
    let provider = find(&app, &provider)?;
    let sent = form::read(request).await.map_err(PageRefusal::from)?;
    sent.once().map_err(PageRefusal::from)?;
    let mut query = Serializer::new(String::new());
    for name in ["state", "code", "error", "iss"] {
        if let Some(value) = sent.get(name) {
            query.append_pair(name, value);
        }
    }
    for (name, value) in PostedName::read(sent.get("user")).claims() {
        query.append_pair(name, &value);
    }
    let query = query.finish();
    match query.len() <= LONGEST {
        true => Ok(see_other(&format!("{}?{query}", provider.callback_path()))?),
        false => Err(PageRefusal::DamagedLink.into()),
    }
}

/// `GET /federation/{provider}/callback?state=…&code=…`: whoever went there comes back. What a stranger sends costs a delete by
/// key, and makes us store nothing.
pub async fn get(
    Named(provider): Named,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Device(device): Device,
    browser: Browser,
) -> Result<Response, PageError> {
    let provider = find(&app, &provider)?;
    let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
    params.once().map_err(PageRefusal::from)?;
    let by = browser.actor();
    let returned = match browser.binding() {
        Some(binding) => come_back(&app, &provider, &params, &binding).await?,
        None => None,
    };
    let Some(Returned { wanted, sent, described }) = returned else {
        note_refused(&app, &by, &provider.id, &UpstreamRefusal::State);
        return Err(PageRefusal::UnknownFlow.into());
    };
    match wanted {
        Wanted::SignIn { flow, stays } => match described {
            Ok(described) => enter(&app, browser, &device, &provider, (described, sent), (&flow, stays)).await,
            Err(refusal) => {
                note_refused(&app, &by, &provider.id, &refusal);
                refused(&flow, &provider, &refusal)
            }
        },
        Wanted::Connect { user, session } => {
            if let Err(refusal) = &described {
                note_refused(&app, &by, &provider.id, refusal);
            }
            connections::come_back(&app, browser, &provider, described, (&user, &session)).await
        }
    }
}

fn find(app: &App, id: &str) -> Result<Arc<Provider>, PageRefusal> {
    federation::find(app, id).ok_or(PageRefusal::NoProvider)
}

/// Signs in, and goes on with what waits for it.
async fn enter(
    app: &App,
    mut browser: Browser,
    device: &DeviceCookie,
    provider: &Provider,
    (described, sent): (Described, Sent),
    (flow, stays): (&str, bool),
) -> Result<Response, PageError> {
    let (by, place, accounts) = (browser.actor(), browser.place(), browser.accounts(app));
    let ask = match authorize::resume(app, &by, flow, place, accounts, false).await? {
        Progress::Ask(ask) => ask,
        // It is done, or has grown too old: then it begins anew.
        other => return next_page(app, &mut browser, Some(flow), other).await,
    };
    let (address, before) = (browser.address(), browser.before(app));
    let attempt = Attempt { provider, described, sent, address, device, browser: before, flow, stays };
    match sign_in(app, &by, &ask, attempt).await? {
        Came::In(SignIn::Done(entered, known)) => {
            browser.sign_in(app, entered.record).await?;
            let cookie = set_cookie(app, &known)?;
            let mut response = next_page(app, &mut browser, Some(flow), entered.progress).await?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Came::In(SignIn::Half(halfway)) => {
            browser.keep_half(&halfway.secret);
            next_page(app, &mut browser, Some(flow), halfway.progress).await
        }
        Came::In(_) => back_to_login(flow, provider, Why::Again),
        Came::ProveFirst => back_to_login(flow, provider, Why::ProveFirst),
        Came::Refused(refusal) => {
            note_refused(app, &by, &provider.id, &refusal);
            refused(flow, provider, &refusal)
        }
    }
}

/// Back to the login page, which says why; `latchkey why` says more.
fn refused(flow: &str, provider: &Provider, refusal: &UpstreamRefusal) -> Result<Response, PageError> {
    Ok(with_trace(back_to_login(flow, provider, Why::of(refusal))?, trace(provider, refusal)))
}

fn back_to_login(flow: &str, provider: &Provider, why: Why) -> Result<Response, PageError> {
    let switch = if why == Why::AnotherAccount { "&switch=1" } else { "" };
    let (why, id, request) = (why.word(), &provider.id, request_id::current());
    Ok(see_other(&format!("{}&came={why}&from={id}&request={request}{switch}", link(LOGIN, flow)))?)
}
