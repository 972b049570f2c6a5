//! Logs: one line per event on standard error, as text or JSON.
//!
//! Standard output belongs to what a command prints (`--json`, a secret shown once), so logs never go there. Whatever is
//! logged within a request carries its `request_id`, and the fields of the spans around it. Control characters are escaped, so
//! a value cannot start a line of its own or speak to a terminal; fields that are named like a secret are not written.

use std::io::{self, IsTerminal};

use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};
use crate::foundation::Clock;

mod fields;
mod lines;
pub mod request;

use fields::Form;
use lines::Lines;

/// Starts logging to standard error. A second call does nothing, so that tests can call it at will.
pub fn init(settings: &Log) {
    let form = match settings.format {
        LogFormat::Json => Form::Json,
        LogFormat::Text => Form::Text,
    };
    let coloured = form == Form::Text && io::stderr().is_terminal();
    let lines = Lines::new(form, coloured, settings.level.targets().clone(), Clock::System, io::stderr);
    let _already_set = Registry::default().with(lines).try_init();
}
