//! The language of the request that is being answered, and the page that it is about. A task-local, as the request's id is:
//! what is known of it grows on the way, and the page of an error, which is made last and knows nothing of the handler, is in
//! the same language as the others.

use std::cell::Cell;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::domain::account::user::User;
use crate::language::{Choice, Language, Wishes};

tokio::task_local! {
    static CURRENT: Heard;
}

/// What is known of whoever asks.
struct Heard {
    wishes: Cell<Wishes>,
    /// The page that was opened, for coming back to it.
    page: Option<String>,
}

/// Where the switch at the foot of every page is sent to.
pub const SWITCH: &str = "/language";

/// The longest address of a page that one can come back to: a little more than a flow is long.
const LONGEST_PAGE: usize = 8 * 1024;

/// Finds out in which language the browser wants its pages.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let wishes = Cell::new(wishes(&app, request.headers()));
    let page = request.uri().path_and_query().filter(|_| request.method() == Method::GET).map(ToString::to_string);
    let page = page.filter(|page| page.len() <= LONGEST_PAGE);
    CURRENT.scope(Heard { wishes, page }, next.run(request)).await
}

/// What the application wants that has sent the browser (`ui_locales`, OpenID Connect Core §3.1.2.1).
pub fn asked(ui_locales: Option<&str>) {
    let asked = ui_locales.and_then(Language::first_of);
    change(|wishes| Wishes { asked: asked.or(wishes.asked), ..wishes });
}

/// What the person wants whom the page is for.
pub fn of_user(user: &User) {
    let own = user.locale().as_deref().and_then(Language::wanted);
    change(|wishes| Wishes { own, ..wishes });
}

/// What is known by now; outside of a request, that nobody wants anything.
pub fn current() -> Wishes {
    CURRENT.try_with(|heard| heard.wishes.get()).unwrap_or_default()
}

/// The page that was opened; `None` for what a form was sent to.
pub fn page() -> Option<String> {
    CURRENT.try_with(|heard| heard.page.clone()).ok().flatten()
}

fn change(change: impl FnOnce(Wishes) -> Wishes) {
    let _no_request = CURRENT.try_with(|heard| heard.wishes.set(change(heard.wishes.get())));
}

/// What the request's headers say. Whatever stands there is short, or is not looked at.
pub fn wishes(app: &App, headers: &HeaderMap) -> Wishes {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let choice = pairs.find(|(name, _)| *name == cookie_name(app)).and_then(|(_, value)| Choice::parse(value));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Wishes {
        choice,
        accepted: accepted.and_then(Language::accepted),
        default: app.settings.default_language,
        ..Wishes::default()
    }
}

/// The cookie of a choice; with the `__Host-` prefix on https, so that no other host can plant it.
pub fn cookie_name(app: &App) -> &'static str {
    if app.issuer.is_https() { "__Host-latchkey-lang" } else { "latchkey-lang" }
}
