//! The entrance to the account pages. A handler says by the type of its argument which page it serves, and runs for a live
//! session in which that page opens; where a fresh proof is demanded, it gets the [`FreshSession`]. Everybody else is sent
//! to sign in, and comes back to the page.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;

use super::frame::{Frame, Switcher, Ways};
use super::notice::Notice;
use super::switch::sign_out;
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::domain::sign_in::selection::Account;
use crate::domain::sign_in::session::Session;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::respond::account::ListedAccount;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page_error::PageError;
use crate::http::respond::turned_away::TurnedAway;
use crate::http::set_out::sign_in_for;
use crate::services::sign_in::accounts::live_of;
use crate::services::sign_in::own_page::{self, FreshSession};

/// An account page.
pub trait AccountPage: Send {
    /// Which one.
    const PAGE: OwnPage;
    /// Who may see it.
    type Who: Admitted;
}

/// Whoever was let in.
pub trait Admitted: Send + Sized {
    /// Made of a live session in which the page opens.
    fn admit(app: &App, session: Session, user: User) -> Option<Self>;

    /// The session.
    fn session(&self) -> &Session;

    /// Its user.
    fn user(&self) -> &User;
}

/// Somebody who is signed in.
pub struct SignedIn {
    session: Session,
    user: User,
}

impl Admitted for SignedIn {
    fn admit(_: &App, session: Session, user: User) -> Option<Self> {
        Some(Self { session, user })
    }

    fn session(&self) -> &Session {
        &self.session
    }

    fn user(&self) -> &User {
        &self.user
    }
}

impl Admitted for FreshSession {
    fn admit(app: &App, session: Session, user: User) -> Option<Self> {
        Self::prove(app, &session, &user)
    }

    fn session(&self) -> &Session {
        Self::session(self)
    }

    fn user(&self) -> &User {
        Self::user(self)
    }
}

/// Somebody at an account page.
pub struct Visit<W> {
    /// The server.
    pub app: App,
    /// The browser.
    pub browser: Browser,
    /// The parameters of the page's link or form.
    pub params: Params,
    /// Who it is.
    pub who: W,
    /// Who else is signed in in the browser.
    others: Vec<Account>,
    page: OwnPage,
}

/// The page was opened (`GET`).
pub struct Opened<P: AccountPage>(pub Visit<P::Who>);

/// A form of the page was sent (`POST`), with the token that this browser got in it.
pub struct Sent<P: AccountPage>(pub Visit<P::Who>);

impl<P: AccountPage> FromRequestParts<App> for Opened<P> {
    type Rejection = TurnedAway;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, TurnedAway> {
        let browser = Browser::from_request_parts(parts, app).await?;
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
        params.once().map_err(PageRefusal::from)?;
        Ok(Self(arrive::<P>(app, browser, params).await?))
    }
}

impl<P: AccountPage> FromRequest<App> for Sent<P> {
    type Rejection = TurnedAway;

    async fn from_request(request: Request, app: &App) -> Result<Self, TurnedAway> {
        let (mut parts, body) = request.into_parts();
        let browser = Browser::from_request_parts(&mut parts, app).await?;
        let params = form::read(Request::from_parts(parts, body)).await.map_err(PageRefusal::from)?;
        params.once().map_err(PageRefusal::from)?;
        let visit = arrive::<P>(app, browser, params).await?;
        match visit.browser.sent_form(visit.params.get("csrf")) {
            true => Ok(Self(visit)),
            false => Err(TurnedAway::from(visit.tell(Notice::Stale))),
        }
    }
}

async fn arrive<P: AccountPage>(app: &App, mut browser: Browser, params: Params) -> Result<Visit<P::Who>, TurnedAway> {
    let decided = own_page::decide(app, P::PAGE, browser.accounts(app), None).await?;
    let who = decided.ok().and_then(|(session, user)| P::Who::admit(app, session, user));
    match who {
        Some(who) => {
            let others = live_of(app, &browser.accounts(app).others).await?;
            Ok(Visit { app: app.clone(), browser, params, who, others, page: P::PAGE })
        }
        None => Err(sign_in_for(app, &mut browser, P::PAGE).await.into()),
    }
}

impl<W: Admitted> Visit<W> {
    /// The parts that this page shares with the others.
    pub fn frame(&self) -> (Layout, Frame) {
        let layout = Layout::new(&self.app).or_back_to(|| self.page.path().to_owned());
        let notice = self.params.get(Notice::PARAMETER).and_then(|token| Notice::read(&self.app, &self.browser, token));
        let switcher = (self.app.settings.login.most_others() > 0).then(|| Switcher {
            current: self.who.session().id.to_string(),
            others: self.others.iter().map(ListedAccount::of).collect(),
            csrf: self.browser.csrf_of_choice(&self.app),
        });
        (layout, Frame::new(self.who.user(), self.browser.csrf(), self.page, notice, switcher, Ways::of(&self.app)))
    }

    /// The account is signed out in this browser, which is shown whoever is left, or that nobody is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave(self) -> Result<Response, PageError> {
        let account = (self.who.session().clone(), self.who.user().clone());
        sign_out(&self.app, self.browser, &[account]).await
    }

    /// What was typed into a field of the form.
    pub fn typed(&self, field: &str) -> &str {
        self.params.get(field).unwrap_or_default()
    }

    /// Shows another page, with a word on what happened.
    ///
    /// # Errors
    /// None in practice.
    pub fn tell_at(&self, page: OwnPage, notice: Notice) -> Result<Response, PageError> {
        Ok(see_other(&notice.link(&self.app, &self.browser, page))?)
    }

    /// Shows the page anew, with a word on what happened.
    ///
    /// # Errors
    /// None in practice.
    pub fn tell(&self, notice: Notice) -> Result<Response, PageError> {
        self.tell_at(self.page, notice)
    }
}
