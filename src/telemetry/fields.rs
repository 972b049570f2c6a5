//! Writes the fields of spans and events, escaped so that a value cannot pass for another part of the line.

use std::error::Error;
use std::fmt::{Debug, Display, Write};

use tracing::field::{Field, Visit};

/// Fields that are never written: by their names, their values are secrets.
const HIDDEN: [&str; 13] = [
    "access_token",
    "authorization",
    "client_secret",
    "code",
    "code_verifier",
    "cookie",
    "id_token",
    "id_token_hint",
    "master_key",
    "password",
    "refresh_token",
    "secret",
    "token",
];

/// What a line's own keys are called; a field of that name gets an underscore.
const RESERVED: [&str; 4] = ["time", "level", "target", "message"];

/// The most bytes of one value that are written.
const LONGEST: usize = 4096;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `key=value`, for people.
    Text,
    /// A JSON object.
    Json,
}

/// Collects fields in their written form: ` key=value…` or `,"key":"value"…`.
pub struct Fields {
    form: Form,
    /// The fields, each with its separator in front.
    pub written: String,
    /// The event's message, raw.
    pub message: String,
    /// The module, when the event came through the `log` crate.
    pub target: Option<String>,
}

impl Fields {
    /// No fields yet.
    pub fn new(form: Form) -> Self {
        Self { form, written: String::new(), message: String::new(), target: None }
    }

    fn key(&mut self, name: &str) {
        let name = name.strip_prefix("r#").unwrap_or(name);
        let mark = if RESERVED.contains(&name) { "_" } else { "" };
        let _infallible = match self.form {
            Form::Text => write!(self.written, " {name}{mark}="),
            Form::Json => write!(self.written, ",\"{name}{mark}\":"),
        };
    }

    fn bare(&mut self, field: &Field, value: impl Display) {
        self.key(field.name());
        let _infallible = write!(self.written, "{value}");
    }

    fn text(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            "log.target" => self.target = Some(value.to_owned()),
            name if name.starts_with("log.") => {}
            name => self.add(name, value),
        }
    }

    /// Adds a field that is not part of an event.
    pub fn add(&mut self, name: &str, value: &str) {
        self.key(name);
        let value = if HIDDEN.contains(&name) { "(hidden)" } else { value };
        match self.form {
            Form::Text if is_plain(value) => self.written.push_str(value),
            _ => quote(&mut self.written, value),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if !field.name().starts_with("log.") {
            self.bare(field, value);
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.bare(field, value),
            false => self.text(field, &value.to_string()),
        }
    }

    /// The error and what caused it.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _infallible = write!(text, ": {error}");
            cause = error.source();
        }
        self.text(field, &text);
    }
}

/// Whether `value` can stand without quotes.
fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'=');
    (1..=LONGEST).contains(&value.len()) && value.bytes().all(plain)
}

/// Writes `value` as a JSON string.
pub fn quote(into: &mut String, value: &str) {
    into.push('"');
    write_escaped(into, value, true);
    into.push('"');
}

/// Writes `value` as a part of a text line, where quotes need no escape.
pub fn escape(into: &mut String, value: &str) {
    write_escaped(into, value, false);
}

/// Writes `value` without anything that could end a line or change how a terminal shows it: control characters and the
/// marks that turn the direction of text are written as JSON escapes. Cut after 4096 bytes.
fn write_escaped(into: &mut String, value: &str, in_quotes: bool) {
    let end = value.floor_char_boundary(LONGEST);
    for character in value.chars().scan(0, |at, character| {
        *at += character.len_utf8();
        (*at <= end).then_some(character)
    }) {
        match character {
            '"' if in_quotes => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => unicode(into, character),
            other if other.is_control() => unicode(into, other),
            other => into.push(other),
        }
    }
    if end < value.len() {
        into.push('…');
    }
}

fn unicode(into: &mut String, character: char) {
    let _infallible = write!(into, "\\u{:04x}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(value: &str) -> String {
        let mut text = String::new();
        quote(&mut text, value);
        text
    }

    #[test]
    fn what_could_forge_a_line_is_escaped_and_reads_back_as_json() {
        let hostile = "a\nb\r\u{1b}[31m\u{7f}\u{9b}2J\u{2028}\u{202e}\"\\ü";
        let text = quoted(hostile);
        assert!(
            !text.chars().any(|character| character.is_control() || "\u{2028}\u{202e}".contains(character)),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let text = quoted(&"ü".repeat(5000));
        assert_eq!(text.len(), LONGEST + 2 + '…'.len_utf8());
    }

    #[test]
    fn only_unmistakable_values_go_without_quotes() {
        for (value, plain) in
            [("abc-1.2:/", true), ("", false), ("a b", false), ("a=b", false), ("a\"", false), ("ü", false)]
        {
            assert_eq!(is_plain(value), plain, "{value}");
        }
    }
}
