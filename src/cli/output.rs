//! What a command prints.

use std::io::{self, Write};

use serde::Serialize;

/// How a command prints what it did.
#[derive(Clone, Copy)]
pub struct Output {
    /// As one JSON object.
    pub json: bool,
}

impl Output {
    /// Prints `object` as JSON, or else `text`.
    pub fn done(self, object: &impl Serialize, text: &str) {
        match self.json {
            true => line(&serde_json::to_string(object).unwrap_or_default()),
            false => line(text),
        }
    }
}

/// Prints a line. If the pipe was closed, nobody wants to read more, and that is no error.
pub fn line(text: &str) {
    let mut stdout = io::stdout().lock();
    drop(writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()));
}

/// Prints a line where errors go.
pub fn error_line(text: &str) {
    drop(writeln!(io::stderr(), "{}", text.trim_end()));
}
