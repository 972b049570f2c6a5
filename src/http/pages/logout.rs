//! The page that asks before it signs out (OpenID Connect RP-Initiated Logout §2).

use askama::Template;

use super::{Account, Layout};
use crate::http::respond::page::{Page, Policy};

/// The logout question. Its form posts `csrf`, `flow` and `action` (`confirm` or `stay`) to `/logout/confirm`, for
/// `/logout` itself must take a client's POST.
#[derive(Template)]
#[template(path = "pages/logout.html")]
pub struct LogoutPage {
    /// The shared part.
    pub layout: Layout,
    /// The name of the client that asks, when it is proven.
    pub client_name: Option<String>,
    /// Who is signed in.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the logout request; empty when there is nothing to return to.
    pub flow: String,
}

impl Page for LogoutPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { leads_to_client: true, popup: true, ..Policy::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_inert, hostile_client, layout};
    use super::*;

    #[test]
    fn it_names_who_asks_and_offers_to_stay() {
        let account = Account { name: "Alice".into(), detail: None };
        let client_name = Some(hostile_client().name);
        let page = LogoutPage { layout: layout(false), client_name, account, csrf: "c".into(), flow: String::new() };
        let html = page.render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"id="logout-confirm""#) && html.contains(r#"id="logout-stay""#));
    }
}
