//! Whether the caller's copy is still good (RFC 9110 §13.1.2).

use axum::http::HeaderMap;
use axum::http::header::{self, HeaderValue};

/// Whether the caller already has the document with the tag `etag`.
pub fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let lists = request.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    tags.any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_copy_is_recognised_in_each_form() {
        let known = |values: &[&'static str]| {
            let name = |value| (header::IF_NONE_MATCH, HeaderValue::from_static(value));
            is_known(&values.iter().copied().map(name).collect(), &HeaderValue::from_static("\"abc\""))
        };
        assert!(known(&["\"abc\""]) && known(&["W/\"abc\""]) && known(&["\"x\", \"abc\""]) && known(&["*"]));
        assert!(!known(&["\"abcd\""]) && !known(&["abc"]) && !known(&[]));
    }
}
