//! The pages that a person sees. Each struct stands beside its handler and is the whole input of its template.

pub mod choose_account;
pub mod client;
pub mod consent;
pub mod error;
pub mod flow;
pub mod form_post;
pub mod landing;
pub mod login;
pub mod logout;
pub mod signed_out;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

pub use client::{ClientBrand, WebLink};

use super::static_files;
use crate::app;
use crate::foundation::Random;

/// What all pages share.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The `Content-Security-Policy` nonce of this response: 128 random bits.
    pub nonce: String,
    /// Whether the server runs as `latchkey dev`: only then are personas and the reasons of errors shown.
    pub dev: bool,
}

impl Layout {
    /// The layout of one response; never of two, for the nonce is used once.
    pub fn new(random: &Random, dev: bool) -> Self {
        Self { nonce: STANDARD_NO_PAD.encode(random.bytes::<16>()), dev }
    }

    fn stylesheet(&self) -> &'static str {
        &static_files::STYLESHEET.path
    }

    fn favicon(&self) -> &'static str {
        &static_files::FAVICON.path
    }
}

/// The account that is signed in, as a page names it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The person's name, or else what they sign in with.
    pub name: String,
    /// A second line that tells two accounts apart, such as the e-mail address.
    pub detail: Option<String>,
}

impl Account {
    fn initial(&self) -> String {
        initial(&self.name)
    }
}

/// A user of `latchkey dev` whose password is no secret.
#[derive(Clone, Debug)]
pub struct Persona {
    /// What to sign in with.
    pub username: String,
    /// The password, printed on the page.
    pub password: String,
    /// Who it is, in two words: "administrator".
    pub role: String,
}

impl Persona {
    fn of(persona: &app::Persona) -> Self {
        Self {
            username: persona.username.to_owned(),
            password: persona.password.to_owned(),
            role: persona.role.to_owned(),
        }
    }
}

/// The first letter or digit of `name`, for a picture's place.
fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".into(), |c| c.to_uppercase().collect())
}

#[cfg(test)]
pub mod tests {
    //! What every page must be, and the samples that the page tests share.

    use super::*;

    /// A layout with a known nonce.
    pub fn layout(dev: bool) -> Layout {
        Layout { nonce: "n0nce".into(), dev }
    }

    /// A client whose name tries to be markup.
    pub fn hostile_client() -> ClientBrand {
        ClientBrand::new("<script>alert(1)</script>\"'")
    }

    /// Asserts that nothing of [`hostile_client`] became markup.
    pub fn assert_inert(html: &str) {
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("&#60;script&#62;alert"), "{html}");
        assert!(html.contains("<html lang=\"en\">") && html.contains("noindex"), "{html}");
    }

    #[test]
    fn a_nonce_is_not_used_twice() {
        assert_ne!(Layout::new(&Random::System, false).nonce, Layout::new(&Random::System, false).nonce);
    }

    #[test]
    fn the_initial_of_a_name_skips_what_is_no_letter() {
        assert_eq!(initial("  «élan»"), "É");
        assert_eq!(initial(""), "?");
    }
}
