//! `[security]`: how to reach those who run the server about a weakness of it.

use url::Url;

use super::reader::Reader;
use super::setting::quote;

/// What `/.well-known/security.txt` says (RFC 9116).
#[derive(Clone, Debug)]
pub struct Security {
    /// URIs, the preferred one first. Without any there is no such file.
    pub contact: Vec<String>,
    /// Language tags (RFC 5646); empty for any.
    pub preferred_languages: Vec<String>,
}

impl Security {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let contact: Option<Vec<String>> = from.value("security.contact");
        for uri in contact.iter().flatten().filter(|uri| !is_contact(uri)) {
            let message = format!(
                "expected URIs such as \"mailto:security@example.com\", \"https://example.com/security\" or \
                 \"tel:+1-201-555-0123\", found {}",
                quote(uri)
            );
            from.refuse("security.contact", message);
        }
        let preferred_languages: Option<Vec<String>> = from.value("security.preferred_languages");
        for tag in preferred_languages.iter().flatten().filter(|tag| !is_language(tag)) {
            from.refuse(
                "security.preferred_languages",
                format!("not a language such as \"en\" or \"pt-BR\": {}", quote(tag)),
            );
        }
        Some(Self { contact: contact?, preferred_languages: preferred_languages? })
    }
}

/// RFC 9116 §2.5.3: a URI; a web page must be https. Characters that URIs cannot have could end the line.
fn is_contact(text: &str) -> bool {
    let Ok(uri) = Url::parse(text) else { return false };
    text.bytes().all(|byte| byte.is_ascii_graphic())
        && match uri.scheme() {
            "mailto" => uri.path().split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
            "tel" => uri.path().bytes().any(|byte| byte.is_ascii_digit()),
            "https" => true,
            _ => false,
        }
}

fn is_language(tag: &str) -> bool {
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.split('-').all(is_part) && tag.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_address_that_somebody_can_use_and_nothing_else() {
        for good in ["mailto:security@example.com", "https://example.com/report?x=1", "tel:+1-201-555-0123"] {
            assert!(is_contact(good), "{good}");
        }
        for bad in [
            "security@example.com",
            "http://example.com",
            "mailto:",
            "mailto:nobody",
            "tel:",
            "javascript:alert(1)",
            "https://example.com/a b",
            "mailto:a@example.com\nExpires: 1970-01-01T00:00:00Z",
            "mailto:ä@example.com",
            "",
        ] {
            assert!(!is_contact(bad), "{bad}");
        }
    }

    #[test]
    fn a_language_is_a_tag() {
        assert!(is_language("en") && is_language("pt-BR") && is_language("zh-Hant-TW"));
        assert!(!is_language("") && !is_language("en, fr") && !is_language("-") && !is_language("42"));
    }
}
