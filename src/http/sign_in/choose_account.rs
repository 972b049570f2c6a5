//! The page that asks with which account to go on (`prompt=select_account`, OpenID Connect Core §3.1.2.1).

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::entrance::{Answered, Opened, PageStep};
use super::next_page::CHOOSE_ACCOUNT;
use crate::domain::account::user::User;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::session::Session;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::authorize::choose;
use crate::services::sign_in::progress::Ask;

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

/// The account choice as a step: whoever is signed in is asked whether to go on with that.
pub struct ChooseAccountStep {
    client: ClientBrand,
    session: Session,
    user: User,
}

impl PageStep for ChooseAccountStep {
    const PATH: &'static str = CHOOSE_ACCOUNT;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        let (session, user) = ask.signed_in.clone().filter(|_| ask.step == Step::ChooseAccount)?;
        let client = ClientBrand::of(&ask.client()?.client);
        Some(Self { client, session, user })
    }
}

/// `GET /choose-account`: the question.
pub async fn get(Opened(visit): Opened<ChooseAccountStep>) -> Response {
    let question = ChooseAccountPage {
        layout: visit.layout(),
        client: visit.step.client.clone(),
        account: Account::of(&visit.step.user),
        csrf: visit.browser.csrf(),
        flow: visit.flow,
    };
    page(StatusCode::OK, &question)
}

/// `POST /choose-account`: the answer.
pub async fn post(Answered(visit): Answered<ChooseAccountStep>) -> Result<Response, PageError> {
    match visit.params.get("action") {
        Some("continue") => {
            let chosen = choose(&visit.app, &visit.flow, &visit.step.session).await?;
            let user = visit.step.user.clone();
            visit.done(Some((chosen, user)), false).await
        }
        Some("other") => visit.switch_account(),
        Some("cancel") => visit.deny().await,
        _ => visit.ask_again(),
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
