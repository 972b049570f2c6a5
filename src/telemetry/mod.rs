//! Logs: one line per event on standard error, as text or JSON.
//!
//! Standard output belongs to what a command prints (`--json`, a secret shown once), so logs never go there. Each line
//! within a request carries its `request_id`, and the fields of the spans around it. Control characters are escaped, so
//! a value cannot start a line of its own or control a terminal; fields that are named like a secret are not written. A
//! separate thread writes, so that nothing waits for a slow reader of the log.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, IsTerminal};
use std::time::Duration;

use tracing::level_filters::LevelFilter;
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

/// How long the process waits at its end, or in a panic, for the last lines to be written.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The log. It must live as long as the process: dropping it waits a moment for the last lines to be written.
pub struct Logging(Queue);

impl Drop for Logging {
    fn drop(&mut self) {
        self.0.flush(LAST_LINES);
    }
}

/// Starts logging to standard error. Panics are logged too: Rust's own handler would write them itself, and wait for a
/// slow reader. A second call changes nothing about what is logged.
///
/// # Errors
/// When the thread cannot be started.
pub fn init(settings: &Log) -> io::Result<Logging> {
    let form = match settings.format {
        LogFormat::Json => Form::Json,
        LogFormat::Text => Form::Text,
    };
    let coloured = form == Form::Text && io::stderr().is_terminal();
    let style = Style { form, coloured };
    let queue = Queue::start(ROOM, io::stderr(), move |dropped| lines::notice(style, Clock::System.now(), dropped))?;
    let writer = queue.clone();
    // It tells of each answer of a stranger's browser, as an error; whoever asked for it says what became of it.
    let targets = settings.level.targets().clone().with_target("webauthn_rs", LevelFilter::OFF);
    let lines = Lines::new(style, targets, Clock::System, move || writer.clone());
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
