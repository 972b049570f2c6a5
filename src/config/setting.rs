//! The types that a setting can have: how each is read from TOML or from a variable, and how it is shown.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::layers::{self, Found};
use crate::foundation::host_port::HostPort;
use crate::foundation::text::{self, Blemish};
use crate::foundation::url::Issuer;

/// A type that a setting can have.
pub trait Setting: Sized {
    /// What should stand there, to complete "expected …".
    const EXPECTED: &'static str;

    /// Reads it from text: a TOML string or a variable. The error says what is wrong beyond [`Self::EXPECTED`].
    fn from_text(text: &str) -> Result<Self, String>;

    /// Reads it from a value in a file.
    fn from_file(value: &Found) -> Result<Self, String> {
        match value {
            Found::Text(text) => Self::from_text(text),
            other => Err(mismatch::<Self>(other)),
        }
    }

    /// As TOML.
    fn show(&self) -> String;
}

/// "expected X, found Y".
pub fn mismatch<T: Setting>(value: &Found) -> String {
    format!("expected {}, found {}", T::EXPECTED, describe(value))
}

/// [`mismatch`] of a text.
pub fn unreadable<T: Setting>(text: &str) -> String {
    mismatch::<T>(&Found::Text(text.to_owned()))
}

/// Refuses a text with a stray character.
fn clean<T: Setting>(text: &str, blemish: Option<Blemish>) -> Result<(), String> {
    match blemish {
        Some(blemish) => Err(format!("{}: {blemish}", unreadable::<T>(text))),
        None => Ok(()),
    }
}

/// A number without the spaces around it.
fn trimmed<T: Setting>(text: &str) -> Result<&str, String> {
    clean::<T>(text, text::in_path(text.trim_matches(' ')))?;
    Ok(text.trim_matches(' '))
}

fn describe(value: &Found) -> String {
    match value {
        Found::Text(text) => quote(&text.chars().take(80).collect::<String>()),
        Found::Integer(number) => format!("the number {number}"),
        Found::Boolean(yes) => format!("{yes}"),
        Found::List(_) => "a list".into(),
        Found::Other(kind) => format!("a {kind}"),
        Found::EmptySection => "a section".into(),
    }
}

/// Makes a setting of an enum whose variants are each written as one word.
macro_rules! choice {
    ($type:ident: $first:ident = $first_word:literal $(, $more:ident = $word:literal)* or $last:ident = $last_word:literal) => {
        impl $crate::config::setting::Setting for $type {
            const EXPECTED: &'static str =
                concat!("\"", $first_word, "\"" $(, ", \"", $word, "\"")*, " or \"", $last_word, "\"");
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $first_word => Ok(Self::$first),
                    $($word => Ok(Self::$more),)*
                    $last_word => Ok(Self::$last),
                    _ => Err($crate::config::setting::unreadable::<Self>(text)),
                }
            }
            fn show(&self) -> String {
                $crate::config::setting::quote(match self {
                    Self::$first => $first_word,
                    $(Self::$more => $word,)*
                    Self::$last => $last_word,
                })
            }
        }
    };
}
pub(super) use choice;

/// `text` as a TOML basic string.
pub fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Setting for String {
    const EXPECTED: &'static str = "text";
    fn from_text(text: &str) -> Result<Self, String> {
        clean::<Self>(text, text::in_path(text))?;
        Ok(text.to_owned())
    }
    fn show(&self) -> String {
        quote(self)
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "the path of a file";
    fn from_text(text: &str) -> Result<Self, String> {
        clean::<Self>(text, text::in_path(text))?;
        if text.is_empty() { Err(unreadable::<Self>(text)) } else { Ok(Self::from(text)) }
    }
    fn show(&self) -> String {
        quote(&self.to_string_lossy())
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and a port such as \"127.0.0.1:8080\" or \"[::]:8080\"";
    fn from_text(text: &str) -> Result<Self, String> {
        clean::<Self>(text, text::in_secret(text))?;
        text.parse().map_err(|_| unreadable::<Self>(text))
    }
    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for IpNet {
    const EXPECTED: &'static str = "an address or a range such as \"10.0.0.0/8\"";
    fn from_text(text: &str) -> Result<Self, String> {
        clean::<Self>(text, text::in_secret(text))?;
        let parsed = text.parse().or_else(|_| text.parse::<IpAddr>().map(Self::from));
        parsed.map_err(|_| unreadable::<Self>(text))
    }
    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for HostPort {
    const EXPECTED: &'static str = "a host and a port such as \"hooks.internal:8443\"";
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("{}: {error}", unreadable::<Self>(text)))
    }
    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for Issuer {
    const EXPECTED: &'static str = "an origin such as \"https://id.example.com\"";
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("{}: {error}", unreadable::<Self>(text)))
    }
    fn show(&self) -> String {
        quote(self.as_str())
    }
}

impl Setting for u32 {
    const EXPECTED: &'static str = "a whole number";
    fn from_text(text: &str) -> Result<Self, String> {
        trimmed::<Self>(text)?.parse().map_err(|_| unreadable::<Self>(text))
    }
    fn from_file(value: &Found) -> Result<Self, String> {
        match value {
            Found::Integer(number) => Self::try_from(*number).map_err(|_| mismatch::<Self>(value)),
            other => Err(mismatch::<Self>(other)),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

/// `"90s"`, `"10m"`, `"12h"`, `"30d"`, `"2w"`, or a whole number of seconds.
impl Setting for Duration {
    const EXPECTED: &'static str = "a duration such as \"90s\", \"10m\", \"12h\" or \"30d\", or a number of seconds";
    fn from_text(text: &str) -> Result<Self, String> {
        let trimmed = trimmed::<Self>(text)?;
        let (count, unit) = UNITS
            .iter()
            .find_map(|(suffix, unit)| trimmed.strip_suffix(suffix).map(|count| (count, *unit)))
            .unwrap_or((trimmed, 1));
        let seconds =
            count.trim_end_matches(' ').parse::<u32>().ok().and_then(|count| u64::from(count).checked_mul(unit));
        seconds.map(Self::from_secs).ok_or_else(|| unreadable::<Self>(text))
    }
    fn from_file(value: &Found) -> Result<Self, String> {
        match value {
            Found::Text(text) => Self::from_text(text),
            Found::Integer(seconds) => u32::try_from(*seconds)
                .map(|seconds| Self::from_secs(seconds.into()))
                .map_err(|_| mismatch::<Self>(value)),
            other => Err(mismatch::<Self>(other)),
        }
    }
    fn show(&self) -> String {
        let seconds = self.as_secs();
        // Days are the largest unit shown: "90d" is what people write, not "12w" and a rest.
        let unit = UNITS.iter().skip(1).find(|(_, unit)| seconds > 0 && seconds.is_multiple_of(*unit));
        unit.map_or_else(|| quote("0s"), |(suffix, unit)| quote(&format!("{}{suffix}", seconds / unit)))
    }
}

/// In a variable: separated by commas, or a TOML list.
impl<T: Setting> Setting for Vec<T> {
    const EXPECTED: &'static str = "a list";
    fn from_text(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('[') {
            let layer = layers::toml(None, &format!("list = {text}")).map_err(|problem| problem.message)?;
            return layer.get("list").map_or_else(|| Err(unreadable::<Self>(text)), |(list, _)| Self::from_file(list));
        }
        text.split(',').map(|item| item.trim_matches(' ')).filter(|item| !item.is_empty()).map(T::from_text).collect()
    }
    fn from_file(value: &Found) -> Result<Self, String> {
        match value {
            Found::List(items) => items.iter().map(T::from_file).collect(),
            other => Err(format!("expected a list, each item {}; found {}", T::EXPECTED, describe(other))),
        }
    }
    fn show(&self) -> String {
        format!("[{}]", self.iter().map(T::show).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_or_are_seconds() {
        for (text, seconds) in
            [("90s", 90), ("10m", 600), ("12h", 43_200), ("30d", 2_592_000), ("2w", 1_209_600), ("5", 5)]
        {
            assert_eq!(Duration::from_text(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "m", "-1s", "1.5h", "10 minutes", "99999999999d"] {
            assert!(Duration::from_text(text).is_err(), "{text}");
        }
        assert_eq!(Duration::from_secs(600).show(), "\"10m\"");
        assert_eq!(Duration::from_secs(90 * 86_400).show(), "\"90d\"");
        assert_eq!(Duration::from_secs(61).show(), "\"61s\"");
    }

    #[test]
    fn a_number_in_a_file_is_not_written_as_text() {
        assert_eq!(u32::from_file(&Found::Integer(8)), Ok(8));
        let error = u32::from_file(&Found::Text("8".into())).unwrap_err();
        assert_eq!(error, "expected a whole number, found \"8\"");
        assert!(u32::from_file(&Found::Integer(-1)).is_err());
    }

    #[test]
    fn a_list_in_a_variable_is_toml_or_separated_by_commas() {
        let wanted = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(Vec::<String>::from_text("a, b"), Ok(wanted.clone()));
        assert_eq!(Vec::<String>::from_text(r#"["a", "b"]"#), Ok(wanted));
        assert_eq!(Vec::<String>::from_text("[]"), Ok(vec![]));
        assert!(Vec::<String>::from_text("[\"a\"").is_err());
    }

    #[test]
    fn no_type_takes_a_character_that_cannot_be_seen() {
        fn said<T: Setting>(text: &str) -> String {
            let in_file = T::from_file(&Found::Text(text.to_owned())).err();
            assert!(in_file.is_some(), "{text:?} in a file");
            T::from_text(text).err().unwrap_or_default()
        }
        for (said, wanted) in [
            (said::<String>("orders:read\r"), "character 12 is a carriage return"),
            (said::<PathBuf>("/etc/tls.crt\r"), "character 13 is a carriage return"),
            (said::<PathBuf>("/etc/tls.crt "), "character 13 is a space"),
            (said::<SocketAddr>("127.0.0.1:80\r"), "character 13 is a carriage return"),
            (said::<SocketAddr>(" 127.0.0.1:80"), "character 1 is a space"),
            (said::<IpNet>("10.0.0.0/8\n"), "character 11 is a line feed"),
            (said::<Issuer>("https://id.example.com\r"), "character 23 is a carriage return"),
            (said::<Issuer>("https://id.example.com//"), "character 24 is a doubled slash"),
            (said::<Duration>("10m\r"), "character 4 is a carriage return"),
        ] {
            assert!(said.contains(wanted), "{said}");
        }
        assert!(Vec::<IpNet>::from_text("10.0.0.0/8, ::1\r").unwrap_err().contains("character 4 is a carriage return"));
        assert!(u32::from_text("8\r").unwrap_err().contains("character 2 is a carriage return"));
        assert_eq!(u32::from_text(" 8 "), Ok(8));
    }

    #[test]
    fn an_address_is_a_range_of_one() {
        assert_eq!(IpNet::from_text("::1").map(|net| net.prefix_len()), Ok(128));
        assert!(IpNet::from_text("10.0.0.0/33").is_err());
    }
}
