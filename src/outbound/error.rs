//! Why there is no answer. The texts are for the log and for operators: they name the host, but never the path or the
//! query, which may hold secrets. Text from other servers is cut.

use std::fmt;
use std::io;
use std::time::Duration;

use thiserror::Error;

use super::candidate::Candidate;
use super::target::UrlRefused;
use crate::foundation::text::plain;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// A URL that is never called.
    #[error("{0}")]
    Url(#[from] UrlRefused),
    /// No address of the host is public.
    #[error(
        "{host} has no public address: {}; if it is to be called, name {host}:{port} in outbound.allow",
        list(.addresses)
    )]
    Refused {
        /// The host of the URL.
        host: String,
        /// Its port.
        port: u16,
        /// The addresses of the host.
        addresses: Vec<Candidate>,
    },
    /// The name has no address, or no name server answered.
    #[error("{host} was not found: {}", brief(.source))]
    NotFound {
        /// The host of the URL.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody listens, or no packet gets there.
    #[error("{host} cannot be reached: {}", brief(.source))]
    Unreachable {
        /// The host of the URL, and its port.
        host: String,
        /// What the first address said.
        source: io::Error,
    },
    /// TLS failed: the certificate has another name or an unknown authority, or the server speaks no TLS.
    #[error("no TLS with {host}: {}", brief(.source))]
    Tls {
        /// The host of the URL, and its port.
        host: String,
        /// What is wrong.
        source: io::Error,
    },
    /// The connection broke, or what came is not HTTP.
    #[error("{host} gave no proper answer: {}", brief(.source))]
    Broken {
        /// The host of the URL, and its port.
        host: String,
        /// What is wrong.
        source: hyper::Error,
    },
    /// The answer is larger than the limit. What came of it is discarded.
    #[error("{host}: the {part} of the answer is larger than {limit} bytes")]
    TooLarge {
        /// The host of the URL, and its port.
        host: String,
        /// What was too large.
        part: Part,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The time for the whole exchange was over.
    #[error("no answer within {} ms: the time ended while waiting for {waiting_for}", .after.as_millis())]
    TimedOut {
        /// The time limit.
        after: Duration,
        /// What had not come yet.
        waiting_for: Phase,
    },
    /// Enough calls of a server that is told or asked something are under way: nothing was sent.
    #[error("enough calls of {host} are under way")]
    Busy {
        /// The host of the URL, and its port.
        host: String,
    },
    /// A server that is told of something let a call wait in vain a moment ago: nothing was sent.
    #[error("{host} did not answer in time a moment ago")]
    Resting {
        /// The host of the URL, and its port.
        host: String,
    },
    /// A fault of ours: no HTTP request can be made of this.
    #[error("the request cannot be made: {0}")]
    Request(#[source] hyper::http::Error),
    /// The authorities to trust cannot be read any more.
    #[error("outbound.extra_ca_file: {0}")]
    Authorities(#[source] io::Error),
}

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The status line and the headers.
    Head,
    /// What follows the headers.
    Body,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "head",
            Self::Body => "body",
        })
    }
}

/// What an exchange waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// A place among the exchanges that run at one time.
    #[default]
    Turn,
    /// The addresses of the name.
    Lookup,
    /// TCP.
    Connection,
    /// TLS.
    Handshake,
    /// The head of the answer.
    Head,
    /// The rest of the answer.
    Body,
}

/// As in "waiting for the TLS handshake".
impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Turn => "other exchanges to end",
            Self::Lookup => "the host's addresses",
            Self::Connection => "the connection",
            Self::Handshake => "the TLS handshake",
            Self::Head => "the head of the answer",
            Self::Body => "the rest of the answer",
        })
    }
}

/// The most addresses that a text lists.
const SHOWN: usize = 4;

fn list(addresses: &[Candidate]) -> String {
    let shown: Vec<_> = addresses.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = addresses.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    format!("{}{more}", shown.join(", "))
}

/// The most characters of an error's text: certificates of other servers carry names of any length.
const BRIEF: usize = 200;

/// An error with its causes, each said once, in at most [`BRIEF`] characters that can be seen.
fn brief(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    plain(&text, BRIEF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_written_is_cut_and_cannot_begin_a_line() {
        assert_eq!(brief(&io::Error::other("a\nb\u{1b}\u{202e}")), "a\u{fffd}b\u{fffd}\u{fffd}");
        let long = brief(&io::Error::other("ä".repeat(BRIEF + 1)));
        assert_eq!((long.chars().count(), long.ends_with('…')), (BRIEF, true));
        assert_eq!(brief(&io::Error::other("ä".repeat(BRIEF))).chars().count(), BRIEF);
    }
}
