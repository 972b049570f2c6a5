//! The page at the end of a logout that has nowhere to return to.

use askama::Template;

use crate::domain::oauth::logout::front_channel::Frame;
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
    /// Where it goes on by itself, as soon as the frames are there, or after [`SignedOutPage::MOST_SECONDS`].
    pub onward: Option<Onward>,
    /// What tells clients that somebody has signed out (OpenID Connect Front-Channel Logout §3).
    pub frames: Vec<Frame>,
}

/// Where a browser goes on to: a URI of the client's that was proven in this request.
#[derive(Clone, Debug)]
pub struct Onward {
    /// The client's name.
    pub client_name: String,
    /// Where.
    pub url: String,
}

impl SignedOutPage {
    /// So long a page of a client may take. Then it goes on without scripts, and whatever hangs.
    pub const MOST_SECONDS: u8 = 4;
}

impl Page for SignedOutPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        let mut frames: Vec<_> = self.frames.iter().map(|frame| frame.origin.clone()).collect();
        frames.dedup();
        Policy { popup: true, script: self.onward.is_some(), frames, ..Policy::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::layout;

    #[test]
    fn it_says_signed_out_only_when_that_is_so() {
        let html = |what| {
            let (layout, frames) = (layout(false), Vec::new());
            SignedOutPage { layout, what, back: None, onward: None, frames }.render().unwrap()
        };
        let (altogether, others) = (html(SignedOut::Altogether), html(SignedOut::OthersAreLeft));
        assert!(altogether.contains("signed out") && altogether.contains("logged out"));
        assert!(others.contains("signed out") && others.contains("still signed in") && !others.contains("logged out"));
        assert!(!html(SignedOut::StayedIn).contains("signed out"));
    }
}
