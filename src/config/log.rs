//! `[log]`: what is logged, and how.

use std::fmt;
use std::time::Duration;

use tracing_subscriber::filter::Targets;

use super::layers::Found;
use super::reader::Reader;
use super::setting::{Setting, choice, mismatch, quote};

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// Which events are logged.
    pub level: LogLevel,
    /// Which transactions are told of because they took long.
    pub slow_transaction: SlowTransaction,
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

/// How long a transaction or a read takes that is told of in the log; `None` means that none is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowTransaction(pub Option<Duration>);

impl Log {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let (format, level) = (from.value("log.format"), from.value("log.level"));
        let slow_transaction = from.value("log.slow_transaction");
        Some(Self { format: format?, level: level?, slow_transaction: slow_transaction? })
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

choice!(LogFormat: Text = "text" or Json = "json");

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

/// As any duration, and in milliseconds.
impl Setting for SlowTransaction {
    const EXPECTED: &'static str = "a duration such as \"250ms\" or \"2s\", or 0 for never";
    fn from_text(text: &str) -> Result<Self, String> {
        let duration = match text.trim_matches(' ').strip_suffix("ms") {
            Some(count) => {
                count.trim_end_matches(' ').parse::<u32>().ok().map(|count| Duration::from_millis(count.into()))
            }
            None => Duration::from_text(text).ok(),
        };
        let duration = duration.ok_or_else(|| format!("expected {}, found {}", Self::EXPECTED, quote(text)))?;
        Ok(Self((!duration.is_zero()).then_some(duration)))
    }
    fn from_file(value: &Found) -> Result<Self, String> {
        match value {
            Found::Text(text) => Self::from_text(text),
            Found::Integer(seconds) => Self::from_text(&seconds.to_string()),
            other => Err(mismatch::<Self>(other)),
        }
    }
    fn show(&self) -> String {
        match self.0 {
            Some(duration) if duration.subsec_millis() > 0 => quote(&format!("{}ms", duration.as_millis())),
            duration => duration.unwrap_or_default().show(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_slow_is_said_in_milliseconds_or_as_any_duration_and_nothing_is_with_0() {
        for (text, millis, shown) in
            [("250ms", 250, "250ms"), ("2s", 2000, "2s"), ("1000 ms", 1000, "1s"), ("3", 3000, "3s")]
        {
            let read = SlowTransaction::from_text(text).unwrap();
            assert_eq!(read, SlowTransaction(Some(Duration::from_millis(millis))), "{text}");
            assert_eq!(read.show(), quote(shown));
            assert_eq!(SlowTransaction::from_text(shown), Ok(read));
        }
        assert_eq!(SlowTransaction::from_file(&Found::Integer(1)).unwrap().0, Some(Duration::from_secs(1)));
        for never in ["0", "0s", "0ms"] {
            assert_eq!(SlowTransaction::from_text(never), Ok(SlowTransaction(None)), "{never}");
        }
        assert_eq!(SlowTransaction(None).show(), quote("0s"));
        for text in ["", "ms", "-1ms", "0.25s", "fast", "99999999999ms"] {
            let refused = SlowTransaction::from_text(text).unwrap_err();
            assert!(refused.starts_with("expected a duration such as \"250ms\""), "{text}: {refused}");
        }
        assert!(SlowTransaction::from_file(&Found::Integer(-1)).is_err());
    }

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
