//! Why a request was refused, for whoever has its id: made once, and shown in the log, on the error page of `latchkey dev`
//! and by `latchkey why`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::remedy::{Case, Remedy, remedy};
use crate::domain::oauth::error::{Detail, Kind, Refusal};
use crate::foundation::text::plain;
use crate::foundation::{RequestId, Timestamp};

/// Characters that are kept of one value.
const VALUE: usize = 400;
/// Values that are kept.
const FACTS: usize = 12;
/// Bytes that all values may have together; the longest that is shown of an answer beside them is known.
const BYTES: usize = 2_048;
/// Letters and digits in a row that are more than any word or id of ours has: a code, a token, a secret.
const SECRET: usize = 40;

/// Why a request was refused, or could not be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The code that the caller was told.
    pub error: String,
    /// The sentence that the caller was told.
    pub description: String,
    /// Who asked: a client that is registered.
    pub client: Option<String>,
    /// What was compared with what.
    pub facts: Vec<Fact>,
    /// What mends it.
    pub remedy: Remedy,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value: bounded, without secrets, without a character that could forge a line.
    pub value: String,
}

/// A trace with its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The request's id.
    pub request: RequestId,
    /// When it was answered.
    pub at: Timestamp,
    /// Method and path; a path that is not ours is not repeated.
    pub endpoint: String,
    /// Why.
    pub trace: Trace,
}

/// A refusal of any subject, as its caller is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What it takes to mend it.
    pub kind: Kind,
    /// Its code; in a word or two where no standard has one.
    pub error: &'a str,
    /// The sentence that the caller is told.
    pub description: &'a str,
    /// What was compared with what.
    pub detail: &'a Detail,
}

impl Trace {
    /// The trace of a refusal of the protocol. `client` is who asked, where that is known by more than the refusal.
    pub fn of(refusal: &Refusal, client: Option<&str>) -> Self {
        let Refusal { code, description, kind, detail } = refusal;
        Self::told(Told { kind: *kind, error: code.as_str(), description, detail }, client)
    }

    /// The trace of a refusal of any subject; `client` as above.
    pub fn told(refusal: Told<'_>, client: Option<&str>) -> Self {
        let is_known = refusal.kind != Kind::ClientUnknown;
        // Values that we gave ourselves are compared with; everything else may be anything.
        let ours = |label: &str| match label {
            "client" => is_known,
            _ => OURS.contains(&label),
        };
        let shown = |(label, value): &(&'static str, String)| match ours(label) {
            true => (*label, value.clone()),
            false => (*label, without_secrets(value)),
        };
        let facts: Vec<_> = refusal.detail.0.iter().map(shown).collect();
        let fact = |labels: &[&str]| facts.iter().find(|(label, _)| labels.contains(label)).map(|(_, value)| &**value);
        let named = if refusal.kind == Kind::ClientDisabled { &["client", "client_id"][..] } else { &["client"] };
        let client = client.or_else(|| fact(named).filter(|_| is_known));
        let case = Case { client, user: fact(&["user"]), facts: &facts };
        let mut trace = Self {
            error: refusal.error.to_owned(),
            description: refusal.description.to_owned(),
            client: client.map(|client| plain(client, VALUE)),
            facts: Vec::new(),
            remedy: remedy(refusal.kind, case),
        };
        facts.iter().for_each(|(label, value)| trace.add(label, value));
        trace
    }

    /// The trace of a request that we failed to answer: `cause` is for operators.
    pub fn of_failure(kind: Kind, error: &str, description: &str, cause: &str) -> Self {
        let mut trace = Self {
            error: error.to_owned(),
            description: description.to_owned(),
            client: None,
            facts: Vec::new(),
            remedy: remedy(kind, Case::default()),
        };
        trace.add("cause", cause);
        trace
    }

    fn add(&mut self, label: &str, value: &str) {
        let fact = Fact { label: plain(label, VALUE), value: plain(value, VALUE) };
        let bytes: usize = self.facts.iter().map(Fact::bytes).sum();
        if self.facts.len() < FACTS && bytes + fact.bytes() <= BYTES {
            self.facts.push(fact);
        }
    }

    /// What was compared with what, in one line.
    pub fn detail(&self) -> impl fmt::Display + '_ {
        InOneLine(&self.facts)
    }
}

impl Fact {
    fn bytes(&self) -> usize {
        self.label.len() + self.value.len()
    }
}

/// Labels of values that are registered or were made here.
const OURS: [&str; 8] = ["told at", "registered", "allowed", "granted", "code was sent to", "grant", "user", "kid"];

struct InOneLine<'a>(&'a [Fact]);

impl fmt::Display for InOneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Fact { label, value }) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{label}: {value:?}")?;
        }
        Ok(())
    }
}

/// `value` without what could be a secret: the values in the query and the fragment of a URL, its user and password, and
/// whatever is as long as a code, a token or a secret. What is left out is marked by an ellipsis, which no command line takes
/// ([`remedy`]).
fn without_secrets(value: &str) -> String {
    let mut shown = String::with_capacity(value.len().min(VALUE * 4));
    // More can never be shown.
    let value = value.get(..value.floor_char_boundary(VALUE * 8)).unwrap_or(value);
    for (at, word) in value.split(' ').enumerate() {
        if at > 0 {
            shown.push(' ');
        }
        shown.push_str(&without_tokens(&without_parameters(word)));
    }
    shown
}

/// A word, without the values of a query and without a fragment and user information. A URI of an app's own scheme has one
/// slash (RFC 8252 §7.1), and a relative one no scheme: each word is taken for one.
fn without_parameters(word: &str) -> String {
    let (word, fragment) = match word.split_once('#') {
        Some((word, "")) => (word, "#"),
        Some((word, _)) => (word, "#…"),
        None => (word, ""),
    };
    let (address, query) = word.split_once('?').map_or((word, None), |(address, query)| (address, Some(query)));
    let query = query.map(|query| {
        let names = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() => format!("{name}=…"),
            Some(_) => pair.to_owned(),
            None if pair.is_empty() => String::new(),
            None => "…".to_owned(),
        });
        format!("?{}", names.collect::<Vec<_>>().join("&"))
    });
    format!("{}{}{fragment}", without_user_information(address), query.unwrap_or_default())
}

fn without_user_information(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len())).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority.to_owned(), |(_, host)| format!("…@{host}"));
    format!("{scheme}://{host}{path}")
}

fn without_tokens(word: &str) -> String {
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let is_jwt = rest.starts_with("eyJ");
        let belongs = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || (c == '.' && is_jwt);
        let run = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
        let is_marked = token.len() >= SECRET / 2 && (token.starts_with("lk_") || is_jwt);
        match is_marked || token.len() >= SECRET {
            true => shown.push_str(&format!("…({} characters)", token.len())),
            false => shown.push_str(token),
        }
        let next = after.char_indices().nth(1).map_or(after.len(), |(at, _)| at);
        let (between, after) = after.split_at_checked(next).unwrap_or((after, ""));
        shown.push_str(between);
        rest = after;
    }
    shown
}

#[cfg(test)]
#[path = "decision_trace_tests.rs"]
mod tests;
