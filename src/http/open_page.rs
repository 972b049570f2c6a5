//! The entrance to pages that are for everybody: nothing waits for them, and nobody need be signed in. A handler runs when its
//! page was opened, or when its form was sent with the token that this browser got in it.

use std::marker::PhantomData;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;

use super::extract::browser::Browser;
use super::extract::form;
use super::respond::authorization::see_other;
use super::respond::layout::Layout;
use super::respond::page_error::PageError;
use super::respond::turned_away::TurnedAway;
use super::sign_in::next_page::AGAIN;
use crate::app::App;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::page_refusal::PageRefusal;

/// A page that is for everybody.
pub trait OpenPage: Send {
    /// Where it is.
    const PATH: &'static str;
    /// Those of its parameters without which it would be another: a form that is void leads back to the page with them.
    const KEEPS: &'static [&'static str];
}

/// A browser at such a page.
pub struct Visit<P> {
    /// The server.
    pub app: App,
    /// The browser.
    pub browser: Browser,
    /// The parameters of the page's link or form.
    pub params: Params,
    page: PhantomData<P>,
}

/// The page was opened (`GET`). Its browser has a cookie now.
pub struct Opened<P>(pub Visit<P>);

/// The page's form was sent (`POST`), with the token that this browser got in it.
pub struct Sent<P>(pub Visit<P>);

impl<P: OpenPage> FromRequestParts<App> for Opened<P> {
    type Rejection = TurnedAway;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, TurnedAway> {
        let mut browser = Browser::from_request_parts(parts, app).await?;
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
        params.once().map_err(PageRefusal::from)?;
        if params.get(AGAIN).is_some() && !browser.is_known() {
            return Err(PageRefusal::NoCookie.into());
        }
        browser.remember(app);
        Ok(Self(Visit { app: app.clone(), browser, params, page: PhantomData }))
    }
}

impl<P: OpenPage> FromRequest<App> for Sent<P> {
    type Rejection = TurnedAway;

    async fn from_request(request: Request, app: &App) -> Result<Self, TurnedAway> {
        let (mut parts, body) = request.into_parts();
        let mut browser = Browser::from_request_parts(&mut parts, app).await?;
        let params = form::read(Request::from_parts(parts, body)).await.map_err(PageRefusal::from)?;
        params.once().map_err(PageRefusal::from)?;
        let visit = |browser| Visit { app: app.clone(), browser, params, page: PhantomData };
        match browser.is_known() {
            true => {
                let visit: Visit<P> = visit(browser);
                match visit.browser.sent_form(visit.params.get("csrf")) {
                    true => Ok(Self(visit)),
                    false => Err(see_other(&visit.anew("stale")).map_err(PageError::from).into()),
                }
            }
            false => {
                browser.remember(app);
                Err(see_other(&visit(browser).anew(AGAIN)).map_err(PageError::from).into())
            }
        }
    }
}

impl<P> Visit<P> {
    /// The shared part of the page.
    pub fn layout(&self) -> Layout {
        Layout::new(&self.app)
    }

    /// What was typed into a field of the form, or stands in the link.
    pub fn typed(&self, field: &str) -> &str {
        self.params.get(field).unwrap_or_default()
    }

    /// A parameter that leads somewhere: a token, or what waits for a sign-in. `None` for what we have not made.
    pub fn token(&self, field: &str) -> Option<&str> {
        let ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        self.params.get(field).filter(|text| (1..=4096).contains(&text.len()) && text.bytes().all(ours))
    }
}

impl<P: OpenPage> Visit<P> {
    /// The shared part of the page, also where it answers its form.
    pub fn layout_of_form(&self) -> Layout {
        self.layout().or_back_to(|| format!("{}?{}", P::PATH, self.kept().join("&")))
    }

    /// The link of the page, to be filled in once more for this reason.
    fn anew(&self, why: &str) -> String {
        let parameters: Vec<_> = std::iter::once(format!("{why}=1")).chain(self.kept()).collect();
        format!("{}?{}", P::PATH, parameters.join("&"))
    }

    fn kept(&self) -> Vec<String> {
        P::KEEPS.iter().filter_map(|name| Some(format!("{name}={}", self.token(name)?))).collect()
    }
}
