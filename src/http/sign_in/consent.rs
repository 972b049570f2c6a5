//! The consent page.

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::entrance::{Answered, Opened, PageStep, Visit};
use super::next_page::CONSENT;
use crate::domain::account::user::User;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::{Step, remembers_consent};
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::scope_line::{ScopeLine, claim_title};
use crate::language::Sentence;
use crate::services::sign_in::authorize::allow;
use crate::services::sign_in::progress::{Ask, ClientGoal};

/// The consent page. Its form posts `csrf`, `flow` and `action` (`allow`, `deny` or `switch`) to `/consent`.
#[derive(Template)]
#[template(path = "sign_in/consent.html")]
pub struct ConsentPage {
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
    /// What the client asks for; see [`ScopeLine::list`].
    pub scopes: Vec<ScopeLine>,
    /// Single claims asked for beside the scopes (OpenID Connect Core §5.5); see [`claim_title`].
    pub claims: Vec<Sentence>,
    /// The host that the person returns to, of the proven redirect URI; `None` for an app on their own device.
    pub returns_to: Option<String>,
    /// Whether the answer is kept, so that the same question is not asked again.
    pub remembered: bool,
}

impl Page for ConsentPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.policy()
    }
}

/// Consent as a step: who is asked, and for which single claims beside the scopes.
pub struct ConsentStep {
    goal: ClientGoal,
    user: User,
    claims: BTreeSet<String>,
}

impl PageStep for ConsentStep {
    const PATH: &'static str = CONSENT;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        match (&ask.step, &ask.signed_in) {
            (Step::Consent(claims), Some((_, user))) => {
                Some(Self { goal: ask.client()?.clone(), user: user.clone(), claims: claims.clone() })
            }
            _ => None,
        }
    }
}

/// `GET /consent`: the question.
pub async fn get(Opened(visit): Opened<ConsentStep>) -> Response {
    page(StatusCode::OK, &question(&visit))
}

/// `POST /consent`: the answer. It counts only for the account that the question was put to: a sign-in voids its form.
pub async fn post(Answered(visit): Answered<ConsentStep>) -> Result<Response, PageError> {
    match visit.params.get("action") {
        Some("allow") => {
            allow(&visit.app, &visit.browser.actor(), &visit.ask).await?;
            visit.done(None, true).await
        }
        Some("deny") => visit.deny().await,
        Some("switch") => visit.other_account(),
        _ => visit.ask_again(),
    }
}

fn question(visit: &Visit<ConsentStep>) -> ConsentPage {
    let Visit { app, browser, flow, step: ConsentStep { goal, user, claims }, .. } = visit;
    let ClientGoal { request, client, redirect } = goal;
    let returns_to = url::Url::parse(redirect.as_str()).ok().and_then(|url| url.host_str().map(str::to_owned));
    ConsentPage {
        layout: visit.layout(),
        client: ClientBrand::of(client),
        account: Account::of(user),
        csrf: browser.csrf(),
        flow: flow.clone(),
        scopes: ScopeLine::list(
            request.scope.tokens(),
            &app.settings.claims,
            &app.settings.providers,
            &app.settings.resources,
        ),
        claims: claims.iter().map(|claim| claim_title(claim)).collect(),
        returns_to,
        remembered: remembers_consent(client, redirect, app.issuer.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
    use crate::domain::oauth::token::resource::Resources;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    #[test]
    fn a_scope_that_nobody_defined_is_shown_as_text() {
        let custom = [("cost_center", "hr"), ("floor", "profile")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let catalogue = ClaimCatalogue::new(&custom.into()).unwrap();
        let page = ConsentPage {
            layout: layout(false),
            client: hostile_client(),
            account: Account { name: "Alice".into(), detail: None },
            csrf: "c".into(),
            flow: "f".into(),
            scopes: ScopeLine::list(
                ["<i>invoices", "openid", "hr", "profile", "groups"],
                &catalogue,
                &[],
                &Resources::default(),
            ),
            claims: vec![claim_title("birthdate")],
            returns_to: Some("app.example".into()),
            remembered: true,
        };
        let html = page.render().unwrap();
        assert_inert(&html);
        assert!(html.contains("&#60;i&#62;invoices") && !html.contains("<i>"));
        assert!(html.find("data-scope=\"openid\"") < html.find("invoices"));
        assert!(html.contains(r#"id="consent-allow""#) && html.contains(r#"id="consent-deny""#));
        assert!(html.contains("cost center") && html.contains("and: floor") && html.contains("Your groups"));
        assert!(html.contains("birth date") && html.contains("app.example"));
    }
}
