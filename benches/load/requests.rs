//! Requests as bytes, and the script that sends the same one again and again.

use std::sync::Arc;
use std::time::Duration;

use crate::generator::{Answer, Script};

pub fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{}\r\n", lines(headers)).into_bytes()
}

pub fn post(path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Vec<u8> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n{}\r\n",
        body.len(),
        lines(headers)
    );
    (head + &body).into_bytes()
}

fn lines(headers: &[(&str, &str)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

/// Always the same request; its answer must be 200 and contain a text.
#[derive(Clone)]
pub struct Same {
    request: Arc<[u8]>,
    contains: &'static str,
    pause: Option<Duration>,
}

impl Same {
    pub fn new(request: Vec<u8>, contains: &'static str) -> Self {
        Self { request: request.into(), contains, pause: None }
    }

    /// With a pause before each.
    pub fn every(self, pause: Duration) -> Self {
        Self { pause: Some(pause), ..self }
    }

    /// One for each connection.
    pub fn times(self, connections: usize) -> Vec<Self> {
        vec![self; connections]
    }
}

impl Script for Same {
    fn request(&mut self) -> &[u8] {
        &self.request
    }

    fn answer(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        // The text stands near the start of what we expect, so that the search costs nothing.
        let start = &answer.body[..answer.body.len().min(64)];
        let found = start.windows(self.contains.len()).any(|window| window == self.contains.as_bytes());
        match answer.status == 200 && (found || self.contains.is_empty()) {
            true => Ok(true),
            false => Err(answer.unexpected()),
        }
    }

    fn pause(&self) -> Option<Duration> {
        self.pause
    }
}
