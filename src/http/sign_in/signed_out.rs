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

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// Nobody is signed in any more.
    Altogether,
    /// Somebody was signed out, and others are still signed in in this browser.
    OthersAreLeft,
    /// The person chose to stay signed in.
    StayedIn,
}

/// The page at the end of a logout.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOutPage {
    /// The shared part.
    pub layout: Layout,
    /// What came of it.
    pub what: SignedOut,
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
        let html = |what| SignedOutPage { layout: layout(false), what, back: None }.render().unwrap();
        let (altogether, others) = (html(SignedOut::Altogether), html(SignedOut::OthersAreLeft));
        assert!(altogether.contains("signed out") && altogether.contains("logged out"));
        assert!(others.contains("signed out") && others.contains("still signed in") && !others.contains("logged out"));
        assert!(!html(SignedOut::StayedIn).contains("signed out"));
    }
}
