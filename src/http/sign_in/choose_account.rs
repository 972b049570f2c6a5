//! The page that asks with which account to go on (`prompt=select_account`, OpenID Connect Core §3.1.2.1).

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{Answered, Opened, PageStep, Visit};
use super::next_page::CHOOSE_ACCOUNT;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::http::respond::account::ListedAccount;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, link};
use crate::services::sign_in::progress::Ask;

/// The account choice. Its form posts `csrf`, `flow` and either `account` or `action` (`other`, `sign_out_all` or `cancel`) to
/// `/choose-account`.
#[derive(Template)]
#[template(path = "sign_in/choose_account.html")]
pub struct ChooseAccountPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// Everybody who is signed in, whoever is current first.
    pub accounts: Vec<ListedAccount>,
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
        self.client.as_ref().map(ClientBrand::policy).unwrap_or_default()
    }
}

/// The account choice as a step.
pub struct ChooseAccountStep {
    client: Option<ClientBrand>,
}

impl ChooseAccountStep {
    fn of(ask: &Ask) -> Self {
        Self { client: ask.client().map(|goal| ClientBrand::of(&goal.client)) }
    }
}

impl PageStep for ChooseAccountStep {
    const PATH: &'static str = CHOOSE_ACCOUNT;
    const NAMES_ACCOUNT: bool = true;

    /// `switch` shows the choice to whoever is asked something else, too: to go on as somebody else.
    fn due(ask: &Ask, params: &Params) -> Option<Self> {
        (ask.step == Step::ChooseAccount || params.get("switch").is_some()).then(|| Self::of(ask))
    }

    /// A choice names the account, and is an answer to whatever is asked.
    fn answerable(ask: &Ask, _: &Params) -> Option<Self> {
        Some(Self::of(ask))
    }
}

/// `GET /choose-account`: the question.
pub async fn get(Opened(visit): Opened<ChooseAccountStep>) -> Result<Response, PageError> {
    let accounts = visit.browser.accounts(&visit.app).live(&visit.app).await?;
    if accounts.is_empty() {
        return visit.switch_account();
    }
    let question = ChooseAccountPage {
        layout: visit.layout(),
        client: visit.step.client.clone(),
        accounts: accounts.iter().map(ListedAccount::of).collect(),
        csrf: visit.browser.csrf_of_choice(&visit.app),
        flow: visit.flow,
    };
    Ok(page(StatusCode::OK, &question))
}

/// `POST /choose-account`: the answer.
pub async fn post(Answered(visit): Answered<ChooseAccountStep>) -> Result<Response, PageError> {
    match (visit.params.get("account"), visit.params.get("action")) {
        (Some(account), _) => {
            let account = account.to_owned();
            choose(visit, &account).await
        }
        (None, Some("other")) => visit.switch_account(),
        (None, Some("sign_out_all")) => sign_out_all(visit).await,
        (None, Some("cancel")) => visit.deny().await,
        _ => visit.ask_again(),
    }
}

/// Goes on with that account, if it is signed in here. One whose session has ended signs in again.
async fn choose(mut visit: Visit<ChooseAccountStep>, account: &str) -> Result<Response, PageError> {
    let Ok(id) = account.parse() else { return visit.ask_again() };
    if visit.browser.choose(&visit.app, id, Some(&visit.flow)).await? {
        return visit.done(None, false).await;
    }
    match visit.browser.sessions().contains(&id) {
        true => Ok(see_other(&format!("{}&switch=1&account={id}", link(LOGIN, &visit.flow)))?),
        false => visit.ask_again(),
    }
}

async fn sign_out_all(mut visit: Visit<ChooseAccountStep>) -> Result<Response, PageError> {
    let all = visit.browser.accounts(&visit.app).live(&visit.app).await?;
    visit.browser.sign_out(&visit.app, &all).await?;
    visit.done(None, false).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::account::Account;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    fn listed(id: &str, name: &str) -> ListedAccount {
        let account = Account { name: name.into(), detail: Some(format!("{name}@example.com")) };
        ListedAccount { id: id.into(), account }
    }

    #[test]
    fn every_account_and_the_other_ways_on_are_there() {
        let (csrf, flow) = ("c".into(), "f".into());
        let accounts = vec![listed("s1", "Alice"), listed("s2", "\"><b>Bob")];
        let client = Some(hostile_client());
        let page = ChooseAccountPage { layout: layout(false), client, accounts, csrf, flow };
        let html = page.render().unwrap();
        assert_inert(&html);
        for account in ["s1", "s2"] {
            assert!(html.contains(&format!(r#"name="account" value="{account}""#)), "{account}");
        }
        for action in ["other", "sign_out_all", "cancel"] {
            assert!(html.contains(&format!(r#"name="action" value="{action}""#)), "{action}");
        }
        let own = ChooseAccountPage { client: None, accounts: vec![listed("s1", "Alice")], ..page };
        assert!(own.render().unwrap().contains(r#"name="account" value="s1""#));
    }
}
