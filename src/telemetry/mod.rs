//! Logs: one line per event on standard error, as text or JSON.
//!
//! Standard output belongs to what a command prints (`--json`, a secret shown once), so logs never go there. Whatever is
//! logged within a request carries its `request_id`, and the fields of the spans around it. Control characters are escaped, so
//! a value cannot start a line of its own or speak to a terminal; fields that are named like a secret are not written.
//! A thread of its own does the writing, so that nothing waits for whoever reads the log.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, IsTerminal};
use std::time::Duration;

use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};
use crate::foundation::Clock;

mod fields;
mod lines;
mod queue;
pub mod request;

use fields::Form;
use lines::{Lines, Style};
use queue::{Queue, ROOM};

/// How long the last lines have to be written when the process ends, well or in a panic.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The log, for as long as the process runs: dropping it waits a moment for the last lines to be written.
pub struct Logging(Queue);

impl Drop for Logging {
    fn drop(&mut self) {
        self.0.flush(LAST_LINES);
    }
}

/// Starts logging to standard error, panics too: the usual way would write them there itself, and wait. A second call
/// changes nothing about what is logged.
///
/// # Errors
/// When there is no thread to be had.
pub fn init(settings: &Log) -> io::Result<Logging> {
    let form = match settings.format {
        LogFormat::Json => Form::Json,
        LogFormat::Text => Form::Text,
    };
    let coloured = form == Form::Text && io::stderr().is_terminal();
    let style = Style { form, coloured };
    let queue = Queue::start(ROOM, io::stderr(), move |dropped| lines::notice(style, Clock::System.now(), dropped))?;
    let writer = queue.clone();
    let lines = Lines::new(style, settings.level.targets().clone(), Clock::System, move || writer.clone());
    if Registry::default().with(lines).try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
    Ok(Logging(queue))
}

fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("(it says nothing)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    // Taken only if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    match backtrace.status() {
        BacktraceStatus::Captured => tracing::error!(place, %backtrace, "panic: {message}"),
        _ => tracing::error!(place, "panic: {message}"),
    }
}
