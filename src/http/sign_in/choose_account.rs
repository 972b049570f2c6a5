//! The page that asks with which account to go on (`prompt=select_account`, OpenID Connect Core §3.1.2.1).

use askama::Template;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::flow::{CHOOSE_ACCOUNT, LOGIN, Visit, account, brand, go_on};
use crate::app::App;
use crate::domain::sign_in::decision::Step;
use crate::http::extract::browser::Browser;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::authorize::{Progress, choose, deny, resume};

/// The account choice. Its form posts `csrf`, `flow` and `action` (`continue`, `other` or `cancel`) to
/// `/choose-account`.
#[derive(Template)]
#[template(path = "sign_in/choose_account.html")]
pub struct ChooseAccountPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks.
    pub client: ClientBrand,
    /// Who is signed in.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
}

impl Page for ChooseAccountPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.policy()
    }
}

/// `GET /choose-account`: the question.
pub async fn get(
    State(app): State<App>,
    mut browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let visit = Visit::from_link(query.as_deref())?;
    match visit.progress(&app, &browser).await? {
        Progress::Ask(ask) => match (&ask.step, &ask.signed_in) {
            (Step::ChooseAccount, Some((_, user))) => {
                let question = ChooseAccountPage {
                    layout: Layout::new(&app.random, app.settings.dev.is_some()),
                    client: brand(&ask.client),
                    account: account(user),
                    csrf: browser.csrf(),
                    flow: visit.flow,
                };
                Ok(page(StatusCode::OK, &question))
            }
            _ => go_on(&app, &mut browser, Some(&visit.flow), Progress::Ask(ask)).await,
        },
        progress => go_on(&app, &mut browser, Some(&visit.flow), progress).await,
    }
}

/// `POST /choose-account`: the answer.
pub async fn post(State(app): State<App>, mut browser: Browser, request: Request) -> Result<Response, PageError> {
    let visit = Visit::from_form(request).await?;
    let ask = match visit.progress(&app, &browser).await? {
        Progress::Ask(ask) if ask.step == Step::ChooseAccount => ask,
        progress => return go_on(&app, &mut browser, Some(&visit.flow), progress).await,
    };
    let answer = visit.params.get("action").filter(|_| browser.sent_form(visit.params.get("csrf")));
    match (answer, &ask.signed_in) {
        (Some("continue"), Some((session, user))) => {
            let chosen = choose(&app, &visit.flow, session).await?;
            let signed_in = Some((chosen, user.clone()));
            let progress = resume(&app, &browser.actor(), &visit.flow, browser.binding(), signed_in, false).await?;
            go_on(&app, &mut browser, Some(&visit.flow), progress).await
        }
        (Some("other"), _) => Ok(see_other(&format!("{LOGIN}?flow={}&switch=1", visit.flow))?),
        (Some("cancel"), _) => {
            let denied = deny(&app, &browser.actor(), &visit.flow, *ask).await?;
            go_on(&app, &mut browser, Some(&visit.flow), denied).await
        }
        _ => Ok(see_other(&format!("{CHOOSE_ACCOUNT}?flow={}", visit.flow))?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    #[test]
    fn the_three_ways_on_are_there() {
        let account = Account { name: "Alice".into(), detail: Some("alice@example.com".into()) };
        let (csrf, flow) = ("c".into(), "f".into());
        let page = ChooseAccountPage { layout: layout(false), client: hostile_client(), account, csrf, flow };
        let html = page.render().unwrap();
        assert_inert(&html);
        for action in ["continue", "other", "cancel"] {
            assert!(html.contains(&format!(r#"name="action" value="{action}""#)), "{action}");
        }
    }
}
