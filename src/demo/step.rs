//! A card of the tour.

use super::claims::{Jwt, Row};
use super::exchange::Exchange;

/// A card.
#[derive(Clone)]
pub struct Step {
    /// Its number on the page; given by the session.
    pub number: usize,
    /// What kind of step it is: `data-step`.
    pub name: &'static str,
    /// The id of its element, for the two that others look for.
    pub element: Option<&'static str>,
    /// Its title.
    pub title: String,
    /// What happened, in a sentence or two.
    pub summary: String,
    /// Why it did not work.
    pub failure: Option<String>,
    /// What was checked.
    pub checks: Vec<Check>,
    /// A token that it is about.
    pub jwt: Option<Jwt>,
    /// Claims that were answered.
    pub rows: Vec<Row>,
    /// What was sent and what came back.
    pub exchanges: Vec<Exchange>,
}

impl Step {
    /// A card on which nothing happened yet.
    pub fn new(name: &'static str, title: &str, summary: &str) -> Self {
        Self {
            number: 0,
            name,
            element: None,
            title: title.to_owned(),
            summary: summary.to_owned(),
            failure: None,
            checks: Vec::new(),
            jwt: None,
            rows: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// The same with what was sent.
    pub fn with(mut self, exchanges: Vec<Exchange>) -> Self {
        self.exchanges = exchanges;
        self
    }

    /// The same, which did not work.
    pub fn failed(mut self, failure: &impl ToString) -> Self {
        self.failure = Some(failure.to_string());
        self
    }
}

/// Something that was checked and held.
#[derive(Clone, Debug)]
pub struct Check(pub String);
