//! Links that a client registers for people: its home page, its logo, its policies, where a sign-in is begun.

use url::Url;

use crate::foundation::text;

/// Reads a link that people may be shown and led to: http or https, written out with its host, and nothing in it that would show
/// another place than it leads to. A parser of URLs forgives a missing `//`, drops line feeds and hides user-info; what is
/// stored, printed and compared is the text.
pub fn read(link: &str) -> Option<Url> {
    let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let authority = link.get(url.scheme().len()..)?.strip_prefix("://")?.split(['/', '?', '#', '\\']).next()?;
    let is_plain = text::in_secret(link).is_none() && !authority.is_empty() && !authority.contains('@');
    is_plain.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_it_leads() {
        for good in [
            "https://app.example",
            "http://app.example:8080/a?b=c#d",
            "https://bücher.example/ü",
            "https://a.example/@b",
        ] {
            assert!(read(good).is_some(), "{good}");
        }
        for bad in [
            "https:evil.example",
            "https:/evil.example",
            "https:///evil.example",
            "https:\\\\evil.example",
            "https://id.example@evil.example/",
            "https://:pw@evil.example/",
            "https://a.example/\u{1b}[31mRED\u{7}",
            "https://a.example/\n  first_party: true",
            "https://a.example/ b",
            "https://a.example/\u{202e}gnp.logo",
            "javascript:alert(1)",
            "ftp://a.example/",
            "/logo.png",
            "",
        ] {
            assert!(read(bad).is_none(), "{bad:?}");
        }
    }
}
