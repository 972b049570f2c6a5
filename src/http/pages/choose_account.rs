//! The page that asks with which account to go on (`prompt=select_account`, OpenID Connect Core §3.1.2.1).

use askama::Template;

use super::{Account, ClientBrand, Layout};
use crate::http::respond::page::{Page, Policy};

/// The account choice. Its form posts `csrf`, `flow` and `action` (`continue`, `other` or `cancel`) to
/// `/choose-account`.
#[derive(Template)]
#[template(path = "pages/choose_account.html")]
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

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_inert, hostile_client, layout};
    use super::*;

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
