//! What every page has in common.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::foundation::Random;
use crate::http::static_files;

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

    pub(in crate::http) fn stylesheet(&self) -> &'static str {
        &static_files::STYLESHEET.path
    }

    pub(in crate::http) fn favicon(&self) -> &'static str {
        &static_files::FAVICON.path
    }
}

/// The first letter or digit of `name`, for a picture's place.
pub(in crate::http) fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".into(), |c| c.to_uppercase().collect())
}

#[cfg(test)]
pub mod tests {
    //! What every page must be, and the samples that the page tests share.

    use super::*;
    use crate::http::respond::client_brand::ClientBrand;

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
