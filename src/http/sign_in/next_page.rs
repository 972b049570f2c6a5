//! Where the browser goes from here: to the client, to a page of ours, or to the page of whatever step is due. After each step of a sign-in
//! the same decision says which.

use axum::response::Response;

use crate::app::App;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::oauth::authorize::request::Prompt;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::extract::browser::Browser;
use crate::http::respond::authorization::{see_other, send};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, SIGN_UP, link, set_out};
use crate::services::sign_in::progress::{Ask, Goal, Progress};

/// Where a second factor is asked.
pub const SECOND_FACTOR: &str = "/second-factor";
/// Where one says that every second factor is lost.
pub const LOST_FACTORS: &str = "/second-factor/lost";
/// Where a second factor is added, in the middle of a sign-in that demands one.
pub const ADD_FACTOR: &str = "/add-factor";
/// Where the code of a mail is typed.
pub const MAILED_CODE: &str = "/login/code";
/// Where the link of a mail leads to that signs in.
pub const MAILED_LINK: &str = "/login/link";
/// Where whoever signs in to an account that is to be deleted says whether to keep it.
pub const KEEP_ACCOUNT: &str = "/keep-account";
/// Where consent is asked.
pub const CONSENT: &str = "/consent";
/// Where an account is chosen.
pub const CHOOSE_ACCOUNT: &str = "/choose-account";

/// Marks a page that the browser was sent to because its cookie was missing: if it is still missing there, it will not
/// come at all.
pub const AGAIN: &str = "again";

/// Sends the browser to whatever comes next. A request that has just come in (`flow` is `None`) is made ready to travel,
/// and one that must begin anew begins here.
///
/// # Errors
/// When the request has to be stored and the database does not answer, or its client has changed meanwhile.
pub async fn next_page(
    app: &App,
    browser: &mut Browser,
    flow: Option<&str>,
    progress: Progress,
) -> Result<Response, PageError> {
    match progress {
        Progress::Respond(answer) => Ok(send(app, browser, *answer).await?),
        Progress::Visit(OwnPage::Account) => match browser.take_link() {
            // The link of a mail sent it here.
            Some(token) => Ok(see_other(&Purpose::EmailConfirm.path_of(&token))?),
            None => Ok(see_other(OwnPage::Account.path())?),
        },
        Progress::Visit(page) => Ok(see_other(page.path())?),
        Progress::Leave => Ok(see_other("/")?),
        Progress::Ask(ask) => {
            let Ask { step, goal, .. } = *ask;
            match flow {
                Some(flow) => Ok(see_other(&link(path_of(&step), flow))?),
                None => {
                    let path = if begins_with_an_account(&step, &goal) { SIGN_UP } else { path_of(&step) };
                    set_out(app, browser, &goal.into_destination(), path, "").await
                }
            }
        }
        Progress::Restart(destination) => set_out(app, browser, &destination, LOGIN, &format!("&{AGAIN}=1")).await,
    }
}

/// Whether the client wants its user to make an account (`prompt=create`): then that page comes first. The way to the sign-in
/// page is on it.
fn begins_with_an_account(step: &Step, goal: &Goal) -> bool {
    match goal {
        Goal::Client(goal) => *step == Step::SignIn && goal.request.prompt.contains(&Prompt::Create),
        Goal::Page(_) => false,
    }
}

/// The page in `flow` that takes the code which was `asked` for then.
pub(super) fn code_page(flow: &str, asked: &str) -> String {
    format!("{}&asked={asked}", link(MAILED_CODE, flow))
}

fn path_of(step: &Step) -> &'static str {
    match step {
        Step::SignIn | Step::Done => LOGIN,
        Step::SecondFactor => SECOND_FACTOR,
        Step::AddFactor => ADD_FACTOR,
        Step::ChooseAccount => CHOOSE_ACCOUNT,
        Step::KeepAccount => KEEP_ACCOUNT,
        Step::Consent(_) => CONSENT,
    }
}
