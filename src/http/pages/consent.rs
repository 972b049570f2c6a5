//! The consent page.

use askama::Template;

use super::{Account, ClientBrand, Layout};
use crate::http::respond::page::{Page, Policy};

/// The consent page. Its form posts `csrf`, `flow` and `action` (`allow`, `deny` or `switch`) to `/consent`.
#[derive(Template)]
#[template(path = "pages/consent.html")]
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
    /// What the client asks for; see [`ScopeLine::of`].
    pub scopes: Vec<ScopeLine>,
    /// Single claims asked for beside the scopes (OpenID Connect Core §5.5); see [`claim_title`].
    pub claims: Vec<String>,
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

/// One scope in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// The scope itself.
    pub scope: String,
    /// What it is about.
    pub title: String,
    /// What allowing it means.
    pub description: String,
    /// The icon's name in `templates/icons.html`.
    icon: &'static str,
}

impl ScopeLine {
    /// Puts `scope` in plain words. A scope that the standard does not define is shown as it is.
    pub fn of(scope: &str) -> Self {
        let (icon, title, description) = match scope {
            "openid" => ("key", "Know that it is you", "An identifier of your account, and when you signed in"),
            "profile" => ("person", "Your profile", "Name, username, picture, birth date, language and the like"),
            "email" => ("mail", "Your e-mail address", "And whether it has been verified"),
            "phone" => ("phone", "Your phone number", "And whether it has been verified"),
            "address" => ("home", "Your postal address", "Street, town, postal code and country"),
            "offline_access" => {
                ("clock", "Stay connected", "Keep this access while you are away, until you or it ends it")
            }
            other => return Self::custom(other),
        };
        Self { scope: scope.to_owned(), title: title.to_owned(), description: description.to_owned(), icon }
    }

    fn custom(scope: &str) -> Self {
        let description = "A permission that this service defines".to_owned();
        Self { scope: scope.to_owned(), title: scope.to_owned(), description, icon: "list" }
    }
}

/// A claim's name in plain words: `birthdate` is "birth date".
pub fn claim_title(claim: &str) -> String {
    match claim {
        "sub" => "account identifier",
        "given_name" => "first name",
        "family_name" => "last name",
        "preferred_username" => "username",
        "profile" => "profile page",
        "email" => "e-mail address",
        "email_verified" => "whether your e-mail address is verified",
        "phone_number_verified" => "whether your phone number is verified",
        "birthdate" => "birth date",
        "zoneinfo" => "time zone",
        "locale" => "language",
        "address" => "postal address",
        "updated_at" => "when your profile last changed",
        "auth_time" => "when you signed in",
        "acr" | "amr" => "how you signed in",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_inert, hostile_client, layout};
    use super::*;

    #[test]
    fn a_scope_that_nobody_defined_is_shown_as_text() {
        let page = ConsentPage {
            layout: layout(false),
            client: hostile_client(),
            account: Account { name: "Alice".into(), detail: None },
            csrf: "c".into(),
            flow: "f".into(),
            scopes: vec![ScopeLine::of("openid"), ScopeLine::of("<i>invoices")],
            claims: vec![claim_title("birthdate")],
            returns_to: Some("app.example".into()),
            remembered: true,
        };
        let html = page.render().unwrap();
        assert_inert(&html);
        assert!(html.contains("&#60;i&#62;invoices") && !html.contains("<i>"));
        assert!(html.contains(r#"id="consent-allow""#) && html.contains(r#"id="consent-deny""#));
        assert!(html.contains("birth date") && html.contains("app.example"));
    }
}
