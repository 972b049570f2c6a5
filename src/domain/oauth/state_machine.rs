//! What all of oxide-auth's machines are shown alike (docs/decisions/0002).

use std::sync::LazyLock;

use oxide_auth::primitives::registrar::{ExactUrl, RegisteredUrl};

/// The machines insist on a redirect URI and would normalise it. Ours is compared byte for byte elsewhere
/// ([`crate::domain::oauth::client::redirect`]), so they are shown this constant on both sides.
pub(super) const PLACEHOLDER: &str = "https://redirect.invalid/";

/// The constant as the machines' own type.
pub(super) fn placeholder() -> RegisteredUrl {
    #[expect(clippy::expect_used, reason = "a constant that parses, as a test shows")]
    static PARSED: LazyLock<ExactUrl> =
        LazyLock::new(|| ExactUrl::new(PLACEHOLDER.to_owned()).expect("a constant URL"));
    RegisteredUrl::Exact(PARSED.clone())
}

/// The machines compare a grant's end with the machine's own clock. Ours is compared with the injected clock
/// elsewhere, so they are shown a grant that does not end.
pub(super) fn never() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::<chrono::Utc>::MAX_UTC
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_placeholder_is_a_url() {
        assert_eq!(super::placeholder().to_url().as_str(), super::PLACEHOLDER);
    }
}
