//! The error page. It is shown when there is no proven redirect URI to which the person, and the error, could be sent.

use askama::Template;

use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy};
use crate::language::Sentence;

/// An error page.
#[derive(Template)]
#[template(path = "respond/error.html")]
pub struct ErrorPage {
    /// The shared part.
    pub layout: Layout,
    /// What happened, in a few words.
    pub title: Sentence,
    /// A plain sentence for the person. It repeats nothing of what the request contained.
    pub message: Sentence,
    /// What they can do about it.
    pub advice: Option<Sentence>,
    /// The same for whoever has made the application, in the words of the protocol.
    pub description: Option<String>,
    /// Our own path at which the sign-in begins anew.
    pub restart: Option<String>,
    /// The id that leads to the log line.
    pub request_id: String,
    /// What was compared with what. Shown in development only, whatever is given.
    pub details: Vec<DetailLine>,
}

impl Page for ErrorPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { popup: true, ..Policy::default() }
    }
}

/// A value for the developer, with the place marked where it differs from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailLine {
    /// What it is: "redirect_uri sent".
    pub label: String,
    /// What both have in common.
    same: String,
    /// The first character that differs; a note where this value ends too early.
    mark: Option<String>,
    /// What comes after.
    rest: String,
}

impl DetailLine {
    /// A value that is compared with nothing.
    pub fn plain(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), same: value.into(), mark: None, rest: String::new() }
    }

    /// The lines of what a refusal remembers: what was sent and each value that was registered, marked where they
    /// differ, and everything else as it is.
    pub fn list<'a>(facts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Self> {
        let facts: Vec<(&str, &str)> = facts.into_iter().collect();
        let sent = facts.iter().find(|(label, _)| label.ends_with("sent")).map(|(_, value)| *value);
        let registered =
            facts.iter().find(|(label, value)| *label == "registered" && !value.is_empty()).map(|(_, value)| *value);
        let closest = sent.zip(registered).and_then(|(sent, registered)| {
            registered.split(' ').max_by_key(|uri| uri.bytes().zip(sent.bytes()).take_while(|(a, b)| a == b).count())
        });
        let lines = |(label, value): (&str, &str)| match (sent, closest) {
            (Some(sent), Some(_)) if label == "registered" => {
                value.split(' ').map(|uri| Self::compared(label, uri, sent)).collect()
            }
            (Some(_), Some(closest)) if label.ends_with("sent") => vec![Self::compared(label, value, closest)],
            _ => vec![Self::plain(label, value)],
        };
        facts.into_iter().flat_map(lines).collect()
    }

    /// A value, marked at the first character in which it differs from `other`.
    pub fn compared(label: impl Into<String>, value: &str, other: &str) -> Self {
        if value == other {
            return Self::plain(label, value);
        }
        let common = value.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let (same, rest) = value.split_at_checked(common).unwrap_or((value, ""));
        let mut rest = rest.chars();
        let mark = rest.next().map_or_else(|| "␃ ends here".to_owned(), visible);
        Self { label: label.into(), same: same.to_owned(), mark: Some(mark), rest: rest.collect() }
    }
}

/// A character as something that can be seen: a blank or a control character is named.
fn visible(c: char) -> String {
    match c {
        ' ' => "␠".to_owned(),
        c if c.is_control() || c.is_whitespace() => c.escape_unicode().to_string(),
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};
    use crate::language::sentence;

    fn sample(dev: bool) -> ErrorPage {
        ErrorPage {
            layout: layout(dev),
            title: sentence!("error-refused"),
            message: sentence!("error-application"),
            advice: None,
            description: Some(hostile_client().name),
            restart: None,
            request_id: "7f3k".into(),
            details: vec![DetailLine::compared("sent", "http://a/<b>", "http://a/x")],
        }
    }

    #[test]
    fn the_page_has_its_class_and_id_and_keeps_the_reason_for_development() {
        let html = sample(false).render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"<body class="error">"#) && html.contains("7f3k"));
        assert!(!html.contains("http://a/"));
        assert!(
            sample(true).render().unwrap().contains("http://a/<mark title=\"first difference\">&#60;</mark>b&#62;")
        );
    }

    #[test]
    fn what_was_sent_stands_beside_each_registered_value() {
        let facts = [("client", "x"), ("redirect_uri sent", "http://a/c"), ("registered", "http://b/ http://a/C")];
        let lines = DetailLine::list(facts);
        let marks: Vec<_> = lines.iter().map(|line| (line.label.as_str(), line.mark.as_deref())).collect();
        let registered = [("registered", Some("b")), ("registered", Some("C"))];
        assert_eq!(marks, [&[("client", None), ("redirect_uri sent", Some("c"))][..], &registered].concat());
        assert_eq!(DetailLine::list([("registered", "a b")])[0].mark, None);
    }

    #[test]
    fn the_first_difference_is_marked_also_at_the_end_and_between_long_characters() {
        let line = DetailLine::compared("x", "añb", "añc");
        assert_eq!((line.same.as_str(), line.mark.as_deref(), line.rest.as_str()), ("añ", Some("b"), ""));
        let line = DetailLine::compared("x", "añ", "añ/");
        assert_eq!((line.same.as_str(), line.mark.as_deref()), ("añ", Some("␃ ends here")));
        assert_eq!(DetailLine::compared("x", "a", "a").mark, None);
        assert_eq!(DetailLine::compared("x", "a ", "a").mark.as_deref(), Some("␠"));
    }
}
