//! The page at the end of a logout that has nowhere to return to.

use askama::Template;

use crate::http::respond::client_brand::WebLink;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy};

/// Where a person may go back to: only ever a client's own page that was proven in this request.
#[derive(Clone, Debug)]
pub struct BackLink {
    /// The client's name.
    pub name: String,
    /// Its page.
    pub uri: WebLink,
}

/// The page at the end of a logout.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOutPage {
    /// The shared part.
    pub layout: Layout,
    /// Whether the person chose to stay signed in.
    pub still_signed_in: bool,
    /// The way back, if there is one.
    pub back: Option<BackLink>,
}

impl Page for SignedOutPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { popup: true, ..Policy::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::layout;

    #[test]
    fn it_says_signed_out_only_when_that_is_so() {
        let page = |still_signed_in| SignedOutPage { layout: layout(false), still_signed_in, back: None };
        let html = page(false).render().unwrap();
        assert!(html.contains("signed out") && html.contains("logged out"));
        assert!(!page(true).render().unwrap().contains("signed out"));
    }
}
