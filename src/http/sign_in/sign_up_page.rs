//! The form by which people make an account for themselves, invited or not.

use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::sign_up_words;
use crate::domain::account::sign_up::{UsernameRule, Wrong};
use crate::domain::federation::provider::Mark;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::provider_button::ProviderButton;
use crate::language::sentence;

/// The form. It posts `email`, `username` where one is chosen, `password`, `csrf`, `flow` and `action` (`sign_up` or `cancel`)
/// to `/signup`; for whoever was invited `invitation` in place of `flow`, to `/signup/invitation`. The buttons of providers post
/// `provider`, `csrf` and `flow` to `/login`.
#[derive(Template)]
#[template(path = "sign_in/sign_up.html")]
pub struct SignUpPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account is wanted for; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// Where the form goes.
    pub action: &'static str,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: Option<String>,
    /// The secret of the invitation.
    pub invitation: Option<String>,
    /// The address: what was typed before, or that of the invitation.
    pub email: String,
    /// Whether there is a username, and which.
    pub username: Option<UsernameField>,
    /// Through whom one can have an account without a password; empty for whoever was invited.
    pub providers: Vec<ProviderButton>,
    /// The fewest characters of a password.
    pub shortest: usize,
    /// Why nothing was done, if it is about the whole form.
    pub error: Option<String>,
    /// What is wrong with the address.
    pub email_error: Option<String>,
    /// What is wrong with the username.
    pub username_error: Option<String>,
    /// What is wrong with the password.
    pub password_error: Option<String>,
}

/// The field of a username.
pub struct UsernameField {
    /// What is in it.
    pub value: String,
    /// Whether it has to be filled in.
    pub is_required: bool,
    /// Whether it cannot be changed.
    pub is_given: bool,
}

impl UsernameField {
    /// The field that the settings ask for.
    pub fn by(rule: UsernameRule, typed: &str) -> Option<Self> {
        let field = |is_required| Some(Self { value: typed.to_owned(), is_required, is_given: false });
        match rule {
            UsernameRule::Off => None,
            UsernameRule::Optional => field(false),
            UsernameRule::Required => field(true),
        }
    }
}

impl SignUpPage {
    fn is_wrong(&self) -> bool {
        let errors = [&self.error, &self.email_error, &self.username_error, &self.password_error];
        errors.into_iter().any(Option::is_some)
    }

    /// The same with what is wrong beside each field.
    #[must_use]
    pub fn with(mut self, wrong: &[Wrong]) -> Self {
        for wrong in wrong {
            let said = Some(self.layout.say(sign_up_words::of(wrong)));
            match wrong {
                Wrong::Email(_) | Wrong::Domain => self.email_error = said,
                Wrong::Username(_) | Wrong::UsernameMissing | Wrong::UsernameTaken => self.username_error = said,
                Wrong::Password(_) => self.password_error = said,
            }
        }
        self
    }
}

impl Page for SignUpPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        // Whoever cancels, or was invited, may be sent on to a client; whoever chooses a provider, to that.
        let policy = self.client.as_ref().map(ClientBrand::policy).unwrap_or_default();
        Policy { leads_to_client: policy.leads_to_client || !self.providers.is_empty(), ..policy }
    }
}

/// The form after too many, with how long to wait.
pub fn too_many(form: SignUpPage, wait: Duration) -> Response {
    let said = form.layout.say(sentence!("sign-up-wait", minutes = wait.as_secs().div_ceil(60).max(1)));
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, &SignUpPage { error: Some(said), ..form });
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    response
}
