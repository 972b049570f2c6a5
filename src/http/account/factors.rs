//! What one proves beside the password: the list of it, and the codes on paper.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::policy::Rule;
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::sign_in::destination::OwnPage;
use crate::foundation::Timestamp;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::when::When;
use crate::services::ServiceError;
use crate::services::factor::recovery_codes::{self, Created};
use crate::services::factor::totp::{self, Removed};
use crate::services::factor::{self, passkey};
use crate::services::sign_in::own_page::FreshSession;

/// The page. Its forms post `csrf` and `action` (`remove`, with `factor`, or `recovery_codes`, with `made`) to itself.
#[derive(Template)]
#[template(path = "account/factors.html")]
pub struct FactorsPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Each factor.
    pub factors: Vec<Line>,
    /// Whether another authenticator app can be added.
    pub can_add: bool,
    /// Whether another passkey can be added.
    pub can_add_passkey: bool,
    /// Recovery codes that are left.
    pub codes_left: usize,
    /// When those that there are were made, in microseconds; empty where there never were any. Whoever asks for new ones
    /// sends it along, so that the same form does nothing twice.
    pub made: String,
    /// Recovery codes that were just made, shown this once.
    pub new_codes: Vec<String>,
}

/// A factor, as it is listed.
pub struct Line {
    /// Which.
    pub id: String,
    /// What kind it is.
    pub kind: Kind,
    /// What its owner calls it, or else what it is.
    pub name: String,
    /// Whether there may be a copy of it.
    pub suspected: bool,
    /// When it was added.
    pub added: When,
    /// When it was used last.
    pub used: Option<When>,
}

impl Line {
    fn of(layout: &Layout, factor: &SecondFactor, now: Timestamp) -> Self {
        let kind = match factor.kind {
            Kind::Totp => layout.t("factor-totp"),
            Kind::Passkey => layout.t("factor-passkey"),
        };
        Self {
            id: factor.id.to_string(),
            kind: factor.kind,
            name: factor.name.clone().unwrap_or(kind),
            suspected: factor.suspected_at.is_some(),
            added: When::of(factor.confirmed_at.unwrap_or(factor.created_at), now),
            used: factor.last_used_at.map(|used| When::of(used, now)),
        }
    }
}

impl Page for FactorsPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The page, for whoever has just proved who they are.
pub struct Factors;

impl AccountPage for Factors {
    const PAGE: OwnPage = OwnPage::Factors;
    type Who = FreshSession;
}

/// `GET /account/factors`.
pub async fn get(Opened(visit): Opened<Factors>) -> Result<Response, PageError> {
    Ok(page(StatusCode::OK, &shown(&visit, Vec::new()).await?))
}

/// `POST /account/factors`: removes a factor, or makes recovery codes and shows them.
pub async fn post(Sent(visit): Sent<Factors>) -> Result<Response, PageError> {
    let (app, fresh, by) = (&visit.app, &visit.who, visit.browser.actor());
    match visit.typed("action") {
        "remove" => {
            let removed = match visit.typed("factor").parse() {
                Ok(id) => totp::remove(app, &by, fresh, id).await?,
                Err(_) => Removed::Unknown,
            };
            visit.tell(match removed {
                Removed::Done => Notice::FactorRemoved,
                // The other of two clicks has removed it: it is gone all the same.
                Removed::Unknown => Notice::NoSuchFactor,
                Removed::Overtaken => Notice::Stale,
            })
        }
        "recovery_codes" => match recovery_codes::create(app, &by, fresh, made(visit.typed("made"))).await {
            Ok(Created::Others) => visit.tell(Notice::CodesMadeBefore),
            Ok(Created::Overtaken) => visit.tell(Notice::Stale),
            Ok(Created::New(codes)) => {
                let codes = codes.iter().map(|code| code.expose().to_owned()).collect();
                Ok(page(StatusCode::OK, &shown(&visit, codes).await?))
            }
            // The last factor was removed elsewhere while this page was open.
            Err(ServiceError::Factor(FactorRefusal::NoFactor)) => visit.tell(Notice::NothingToRecover),
            Err(other) => Err(other.into()),
        },
        _ => Ok(see_other(OwnPage::Factors.path())?),
    }
}

/// When the codes were made that the form knows of. What is no time is never that of any.
fn made(sent: &str) -> Option<Timestamp> {
    let sent = Some(sent).filter(|sent| !sent.is_empty())?;
    Some(sent.parse().map_or(Timestamp::from_micros(i64::MIN), Timestamp::from_micros))
}

async fn shown(visit: &Visit<FreshSession>, new_codes: Vec<String>) -> Result<FactorsPage, PageError> {
    let (layout, frame) = visit.frame();
    let (app, user, now) = (&visit.app, visit.who.user(), visit.app.clock.now());
    let factors = factor::list(app, user).await?;
    let left = recovery_codes::left(app, user).await?;
    Ok(FactorsPage {
        frame,
        can_add_passkey: passkey::can_be_added(app).is_some() && Kind::Passkey.has_room(&factors),
        can_add: app.settings.factors.rule != Rule::Off && Kind::Totp.has_room(&factors),
        factors: factors.iter().map(|factor| Line::of(&layout, factor, now)).collect(),
        layout,
        codes_left: left.map_or(0, |(left, _)| left),
        made: left.map(|(_, made)| made.as_micros().to_string()).unwrap_or_default(),
        new_codes,
    })
}
