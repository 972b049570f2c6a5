//! `[scopes]`: scopes beside the standard ones.

use super::reader::Reader;
use super::setting::quote;

/// Scopes beside the standard ones.
#[derive(Clone, Debug)]
pub struct Scopes {
    /// Each a scope-token (RFC 6749 §3.3).
    pub extra: Vec<String>,
}

impl Scopes {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let extra: Vec<String> = from.value("scopes.extra")?;
        let bad: Vec<_> = extra.iter().filter(|scope| !is_scope_token(scope)).map(|scope| quote(scope)).collect();
        if !bad.is_empty() {
            let message =
                format!("not a scope: {} (printable ASCII without space, quote or backslash)", bad.join(", "));
            from.refuse("scopes.extra", message);
            return None;
        }
        Some(Self { extra })
    }
}

/// RFC 6749 §3.3: `1*( %x21 / %x23-5B / %x5D-7E )`.
pub(super) fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}
