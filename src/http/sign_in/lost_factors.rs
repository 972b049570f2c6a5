//! The page for whoever has given the password and has lost every second factor.

use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::Account;
use super::entrance::{Answered, Opened, PageStep, Visit};
use super::next_page::{LOST_FACTORS, SECOND_FACTOR};
use super::second_factor::account;
use super::throttled::Throttled;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::foundation::Timestamp;
use crate::http::extract::device::Device;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, link};
use crate::language::{Sentence, sentence};
use crate::services::sign_in::by_mail::Came;
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::lost_factors::{self, Asked, Stands};
use crate::services::sign_in::pending_sign_in::HalfSignIn;
use crate::services::sign_in::progress::Ask;

/// The page. Its form posts `csrf`, `flow`, `action` (`begin`, `send`, `verify` or `cancel`) and, with `verify`, `code` to
/// `/second-factor/lost`.
#[derive(Template)]
#[template(path = "sign_in/lost_factors.html")]
pub struct LostFactorsPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// Whose factors they are.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// Where it stands.
    pub stage: Stage,
    /// Why nothing was done.
    pub error: Option<Sentence>,
}

/// Where it stands, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It can be said, and takes effect after a time that this says.
    Offer(Sentence),
    /// It was said, and takes effect then (UTC).
    Waits(String),
    /// A code can be mailed.
    Due,
    /// A code was mailed.
    Sent,
    /// The factors are gone.
    Removed,
}

impl Page for LostFactorsPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.as_ref().map(ClientBrand::policy).unwrap_or_default()
    }
}

/// Having lost every second factor as a step: another answer to what the page of the second factor asks, of whoever has given
/// the password.
pub struct LostFactorsStep(Box<HalfSignIn>);

impl PageStep for LostFactorsStep {
    const PATH: &'static str = LOST_FACTORS;
    const AFTER_PASSWORD: bool = true;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        ask.half.clone().filter(|_| ask.step == Step::SecondFactor).map(Box::new).map(Self)
    }
}

/// `GET /second-factor/lost`: where it stands. Nothing is said or sent by it.
pub async fn get(Opened(visit): Opened<LostFactorsStep>) -> Result<Response, PageError> {
    show(&visit, visit.params.get(SENT).is_some(), None).await
}

/// In the page's link: a code was sent.
const SENT: &str = "sent";

/// `POST /second-factor/lost`: says that they are lost, has a code mailed, or removes them by it. What it makes us store is
/// bounded by [`lost_factors::begin`] and [`lost_factors::send_code`], and takes the password.
pub async fn post(Device(device): Device, Answered(visit): Answered<LostFactorsStep>) -> Result<Response, PageError> {
    let (app, by, half) = (&visit.app, visit.browser.actor(), &visit.step.0);
    let browser = visit.browser.before(app);
    match visit.params.get("action") {
        Some("cancel") => visit.deny().await,
        Some("begin") => match lost_factors::begin(app, &by, half).await? {
            Asked::Wait(wait) => too_often(&visit, wait).await,
            // What is shown now can be loaded again, and says and sends nothing by that.
            Asked::Yes | Asked::No => visit.ask_again(),
        },
        Some("send") => match lost_factors::send_code(app, &by, half, &browser.binding).await? {
            Asked::Wait(wait) => too_often(&visit, wait).await,
            Asked::Yes => Ok(see_other(&format!("{}&{SENT}=1", link(LOST_FACTORS, &visit.flow)))?),
            Asked::No => visit.ask_again(),
        },
        Some("verify") => {
            let came =
                Came { address: visit.browser.address(), device: &device, browser, flow: &visit.flow, mailed_to: None };
            let typed = visit.params.get("code").unwrap_or_default();
            match lost_factors::complete(app, &by, half, typed, came).await? {
                lost_factors::Answered::Removed => Ok(page(StatusCode::OK, &form(&visit, Stage::Removed, None))),
                lost_factors::Answered::Wrong => show(&visit, true, Some(sentence!("mailed-code-wrong"))).await,
                lost_factors::Answered::Refused(SignIn::Stopped(wait, user)) => {
                    let throttled = Throttled::for_strangers(&visit, wait, user);
                    Ok(throttled_on(&visit, throttled))
                }
                lost_factors::Answered::Refused(SignIn::Wait(wait, user)) => {
                    let throttled = Throttled::for_now(&visit, wait, user);
                    Ok(throttled_on(&visit, throttled))
                }
                lost_factors::Answered::Refused(_) | lost_factors::Answered::Over => {
                    Ok(see_other(&link(LOGIN, &visit.flow))?)
                }
            }
        }
        _ => visit.ask_again(),
    }
}

fn throttled_on(visit: &Visit<LostFactorsStep>, throttled: Throttled) -> Response {
    let form = form(visit, Stage::Sent, Some(throttled.said()));
    throttled.on(&form)
}

async fn too_often(visit: &Visit<LostFactorsStep>, wait: Duration) -> Result<Response, PageError> {
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let mut response = show(visit, false, Some(sentence!("recover-wait", minutes = minutes))).await?;
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    Ok(response)
}

/// The page as things stand now.
async fn show(visit: &Visit<LostFactorsStep>, sent: bool, error: Option<Sentence>) -> Result<Response, PageError> {
    let stage = match lost_factors::look(&visit.app, &visit.step.0).await? {
        Some(Stands::NotBegun(delay)) => Stage::Offer(lead(delay)),
        Some(Stands::Waits(at)) => Stage::Waits(to_the_minute(at)),
        Some(Stands::Due) if sent => Stage::Sent,
        Some(Stands::Due) => Stage::Due,
        None => return Ok(see_other(&link(SECOND_FACTOR, &visit.flow))?),
    };
    Ok(page(StatusCode::OK, &form(visit, stage, error)))
}

/// For how long, in days where there are several and nothing is rounded.
fn lead(delay: Duration) -> Sentence {
    let hours = delay.as_secs().div_ceil(3600);
    match (hours % 24, hours / 24) {
        (0, days @ 2..) => sentence!("lost-lead-days", days = days),
        _ => sentence!("lost-lead", hours = hours),
    }
}

/// In the form of the mails that say it.
fn to_the_minute(at: Timestamp) -> String {
    at.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

fn form(visit: &Visit<LostFactorsStep>, stage: Stage, error: Option<Sentence>) -> LostFactorsPage {
    LostFactorsPage {
        layout: visit.layout(),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        account: account(&visit.ask),
        csrf: visit.browser.csrf(),
        flow: visit.flow.clone(),
        stage,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};
    use crate::language::Language;

    #[test]
    fn a_delay_of_days_is_told_in_days() {
        for (hours, told) in
            [(1, "After one hour"), (24, "After 24 hours"), (36, "After 36 hours"), (144, "After 6 days")]
        {
            let said = Language::ENGLISH.say(&lead(Duration::from_secs(hours * 3600)));
            assert!(said.contains(told), "{said}");
        }
    }

    #[test]
    fn each_stage_has_its_own_buttons_and_input_stays_text() {
        for (stage, buttons) in [
            (Stage::Offer(lead(Duration::from_secs(72 * 3600))), vec!["lost-begin"]),
            (Stage::Waits("2027-01-15 08:00".into()), vec![]),
            (Stage::Due, vec!["lost-send"]),
            (Stage::Sent, vec!["lost-verify", "lost-again"]),
            (Stage::Removed, vec!["lost-sign-in"]),
        ] {
            let html = LostFactorsPage {
                layout: layout(false),
                client: Some(hostile_client()),
                account: Account { name: "<b>Alice".into(), detail: Some("\"><i>".into()) },
                csrf: "c".into(),
                flow: "f".into(),
                stage: stage.clone(),
                error: Some(sentence!("mailed-code-wrong")),
            }
            .render()
            .unwrap();
            assert_inert(&html);
            for id in ["lost-begin", "lost-send", "lost-verify", "lost-again", "lost-sign-in"] {
                assert_eq!(html.contains(&format!("id=\"{id}\"")), buttons.contains(&id), "{stage:?}: {id}");
            }
        }
    }
}
