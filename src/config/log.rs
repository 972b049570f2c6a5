//! `[log]`: what is logged, and how.

use std::fmt;

use tracing_subscriber::filter::Targets;

use super::reader::Reader;
use super::setting::{Setting, quote};

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// Which events are logged.
    pub level: LogLevel,
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Which events are logged: a level, and levels of single modules, as in `info,latchkey::http=debug`.
#[derive(Clone, PartialEq)]
pub struct LogLevel {
    text: String,
    targets: Targets,
}

impl Log {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let (format, level) = (from.value("log.format"), from.value("log.level"));
        Some(Self { format: format?, level: level? })
    }
}

impl LogLevel {
    /// The parsed filter.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogLevel({})", self.text)
    }
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "\"text\" or \"json\"";
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("expected {}, found {}", Self::EXPECTED, quote(other))),
        }
    }
    fn show(&self) -> String {
        quote(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl Setting for LogLevel {
    const EXPECTED: &'static str =
        "a level (off, error, warn, info, debug, trace), or a list such as \"info,latchkey::http=debug\"";
    fn from_text(text: &str) -> Result<Self, String> {
        // `Targets` takes an unknown word for a module's name, but "inof" is a misspelt level.
        let is_level = |word: &str| !word.is_empty() && word.parse::<tracing::level_filters::LevelFilter>().is_ok();
        let known = text.split(',').all(|part| is_level(part.rsplit('=').next().unwrap_or(part).trim()));
        match text.parse() {
            Ok(targets) if known => Ok(Self { text: text.to_owned(), targets }),
            _ => Err(format!("expected {}, found {}", Self::EXPECTED, quote(text))),
        }
    }
    fn show(&self) -> String {
        quote(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_refused() {
        for text in ["info", "OFF", "warn,latchkey=debug", "latchkey::http=trace"] {
            assert!(LogLevel::from_text(text).is_ok(), "{text}");
        }
        for text in ["", "inof", "info,latchkey", "latchkey=loud", "info,,debug"] {
            assert!(LogLevel::from_text(text).is_err(), "{text}");
        }
    }
}
