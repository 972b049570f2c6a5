//! The sign-in page.

use askama::Template;

use super::{ClientBrand, Layout, Persona};
use crate::http::respond::page::{Page, Policy};

/// The sign-in page. Its form posts `username`, `password`, `csrf`, `flow` and `action` (`sign_in` or `cancel`; absent
/// from a client that sends no button) to `/login`.
#[derive(Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks.
    pub client: ClientBrand,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// What to fill the name in with: `login_hint`, or what was typed before.
    pub username: String,
    /// Why the last attempt failed, in a sentence that is the same whether the account exists or not.
    pub error: Option<String>,
    /// Why the person sees this page although they may be signed in.
    pub notice: Option<String>,
    /// Shown in development only, whatever is given.
    pub personas: Vec<Persona>,
}

impl Page for LoginPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.policy()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_inert, hostile_client, layout};
    use super::*;

    fn sample(dev: bool) -> LoginPage {
        LoginPage {
            layout: layout(dev),
            client: hostile_client(),
            csrf: "c".into(),
            flow: "f".into(),
            username: "\"><b>".into(),
            error: Some("That did not work.".into()),
            notice: None,
            personas: vec![Persona { username: "alice".into(), password: "hunter2".into(), role: "x".into() }],
        }
    }

    #[test]
    fn the_fields_are_those_of_the_contract_and_input_stays_text() {
        let html = sample(false).render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"name="username" type="text" autocomplete="username""#));
        assert!(html.contains(r#"name="password" type="password" autocomplete="current-password""#));
        assert!(html.contains(r#"id="login-submit""#) && html.contains(r#"id="login-cancel""#));
        assert!(html.contains(r#"value="&#34;&#62;&#60;b&#62;""#));
    }

    #[test]
    fn passwords_of_personas_are_shown_in_development_only() {
        assert!(sample(true).render().unwrap().contains("hunter2"));
        assert!(!sample(false).render().unwrap().contains("hunter2"));
    }
}
