//! The subscriber that writes one line per event.

use std::cmp;
use std::fmt::Write as _;
use std::io::Write;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::{Fields, Form, escape, quote};
use super::request;
use crate::foundation::{Clock, Timestamp};

/// How lines look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Text or JSON.
    pub form: Form,
    /// With a terminal's colours.
    pub coloured: bool,
}

/// Writes one line per event that is severe enough, with the fields of the spans around it.
pub struct Lines<W> {
    style: Style,
    level: Targets,
    clock: Clock,
    writer: W,
}

/// A span's fields as they are written on each line within it.
struct Written(String);

impl<W> Lines<W> {
    /// Writes to what `writer` returns; a whole line in one call, so that lines of several threads do not mix.
    pub fn new(style: Style, level: Targets, clock: Clock, writer: W) -> Self {
        Self { style, level, clock, writer }
    }

    /// Our own spans exist at every level but `off`: a warning has to carry its context even where only warnings are
    /// logged.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let is_context =
            metadata.is_span() && *metadata.level() <= Level::INFO && metadata.target().starts_with("latchkey");
        is_context || (self.level.would_enable(metadata.target(), metadata.level()) && self.is_ours_to_show(metadata))
    }

    /// `level = "debug"` applies to our modules. A library's lines below `info` hold the data that it handles, so they
    /// need its name (`rustls=debug`), and `trace` is never written. Of tokio_postgres only warnings are: its `info`
    /// repeats the server's notices, and its `debug` lines hold the parameters of statements.
    fn is_ours_to_show(&self, metadata: &Metadata<'_>) -> bool {
        let (target, level) = (metadata.target(), *metadata.level());
        let is_named = || self.level.iter().any(|(name, _)| !name.is_empty() && target.starts_with(name));
        match level {
            _ if target.starts_with("latchkey") => true,
            Level::ERROR | Level::WARN => true,
            Level::INFO => !target.starts_with("tokio_postgres"),
            Level::DEBUG => !target.starts_with("tokio_postgres") && is_named(),
            _ => false,
        }
    }
}

impl<S, O, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    O: Write,
    W: Fn() -> O + 'static,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let events = <Targets as Layer<S>>::max_level_hint(&self.level)?;
        Some(if events == LevelFilter::OFF { events } else { cmp::max(events, LevelFilter::INFO) })
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new(self.style.form);
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Written(fields.written));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new(self.style.form);
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(Written(written)) = span.extensions_mut().get_mut()
        {
            written.push_str(&fields.written);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new(self.style.form);
        event.record(&mut fields);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Written(written)) = span.extensions().get() {
                fields.written.push_str(written);
            }
        }
        if let Some(id) = request::current() {
            fields.add("request_id", id.as_str());
        }
        let metadata = event.metadata();
        let line = self.style.line(*metadata.level(), metadata.target(), &fields, self.clock.now());
        // If standard error is gone, there is nowhere to report it, and serving goes on.
        let _gone = (self.writer)().write_all(line.as_bytes());
    }
}

/// The line that tells how many others were dropped.
pub fn notice(style: Style, now: Timestamp, dropped: u64) -> String {
    let mut fields = Fields::new(style.form);
    fields.message = format!(
        "{dropped} lines of this log were dropped, because it was not read fast enough or could not be written"
    );
    fields.add("dropped", &dropped.to_string());
    style.line(Level::WARN, "latchkey::telemetry", &fields, now)
}

impl Style {
    fn line(self, level: Level, target: &str, fields: &Fields, now: Timestamp) -> String {
        let target = fields.target.as_deref().unwrap_or(target);
        let mut line = String::with_capacity(96 + fields.message.len() + fields.written.len());
        match self.form {
            Form::Json => {
                let level = level.as_str().to_ascii_lowercase();
                let _infallible = write!(line, "{{\"time\":\"{now}\",\"level\":\"{level}\",\"target\":");
                quote(&mut line, target);
                line.push_str(",\"message\":");
                quote(&mut line, &fields.message);
                line.push_str(&fields.written);
                line.push_str("}\n");
            }
            Form::Text => {
                let (colour, dim, plain) =
                    if self.coloured { (colour(level), "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
                let _infallible = write!(line, "{dim}{now}{plain} {colour}{:>5}{plain} {dim}", level.as_str());
                escape(&mut line, target);
                let _infallible = write!(line, ":{plain} ");
                escape(&mut line, &fields.message);
                line.push_str(&fields.written);
                line.push('\n');
            }
        }
        line
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[34m",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::{io, panic};

    use tracing::subscriber::with_default;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(form: Form, level: &str, events: impl FnOnce()) -> String {
        let (memory, clock) = (Memory::default(), Clock::fixed(Timestamp::from_secs(0)));
        let writer = memory.clone();
        let lines = Lines::new(Style { form, coloured: false }, level.parse().unwrap(), clock, move || writer.clone());
        with_default(tracing_subscriber::registry().with(lines), events);
        String::from_utf8(memory.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn text_lines_carry_the_request_id_and_forge_nothing() {
        let text = logged(Form::Text, "info", || {
            let _span = tracing::info_span!("request", request_id = "k3v9").entered();
            tracing::warn!(sent = "https://a/\nFAKE line", count = 2, "the \"redirect URI\"\ndiffers");
        });
        assert_eq!(
            text,
            "1970-01-01T00:00:00.000000Z  WARN latchkey::telemetry::lines::tests: the \"redirect URI\"\\ndiffers \
             sent=\"https://a/\\nFAKE line\" count=2 request_id=k3v9\n"
        );
    }

    #[test]
    fn json_lines_are_one_flat_object_each() {
        let text = logged(Form::Json, "info", || {
            let span = tracing::info_span!("request", request_id = "k3v9", client = tracing::field::Empty);
            let _inside = span.enter();
            span.record("client", "c-1");
            tracing::info!(ok = true, level = 3, ratio = f64::NAN, "a \"message\"\nof two lines");
        });
        assert_eq!(text.matches('\n').count(), 1);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["request_id"], "k3v9");
        assert_eq!(line["client"], "c-1");
        assert_eq!(line["message"], "a \"message\"\nof two lines");
        assert_eq!((&line["ok"], &line["level"], &line["level_"]), (&true.into(), &"info".into(), &3.into()));
        assert_eq!(line["ratio"], "NaN");
    }

    #[test]
    fn a_warning_has_its_request_id_where_only_warnings_are_logged() {
        let text = logged(Form::Text, "warn", || {
            let _span = tracing::info_span!("request", request_id = "k3v9").entered();
            tracing::info!("not this");
            tracing::warn!("but this");
        });
        assert!(text.ends_with("but this request_id=k3v9\n") && !text.contains("not this"), "{text}");
    }

    #[tokio::test]
    async fn a_line_within_a_request_carries_its_id_in_both_forms() {
        let id = request::RequestId::new(77);
        let within = |form| async move {
            request::scope(id, async move { logged(form, "info", || tracing::info!("hello")) }).await
        };
        assert!(within(Form::Text).await.ends_with(&format!("hello request_id={}\n", id.as_str())));
        let line: serde_json::Value = serde_json::from_str(&within(Form::Json).await).unwrap();
        assert_eq!(line["request_id"], id.as_str());
    }

    #[tokio::test]
    async fn a_panic_is_one_line_with_the_request_that_it_happened_in() {
        let id = request::RequestId::new(77);
        let usual = panic::take_hook();
        panic::set_hook(Box::new(super::super::log_panic));
        let events = || {
            let caught = panic::catch_unwind(|| panic!("no such place\nFAKE line"));
            assert!(caught.is_err());
        };
        let text = request::scope(id, async move { logged(Form::Text, "error", events) }).await;
        panic::set_hook(usual);
        let line = "1970-01-01T00:00:00.000000Z ERROR latchkey::telemetry: panic: no such place\\nFAKE line place=";
        assert!(text.starts_with(line) && text.contains("lines.rs:"), "{text}");
        assert!(text.lines().count() == 1 && text.ends_with(&format!("request_id={}\n", id.as_str())), "{text}");
    }

    #[test]
    fn libraries_are_quiet_below_info_unless_named_and_never_show_parameters() {
        let events = || {
            tracing::debug!("ours");
            tracing::debug!(target: "rustls::server", "handshake");
            tracing::trace!(target: "rustls::server", "bytes");
            tracing::debug!(target: "tokio_postgres::query", "parameters");
        };
        let count = |level: &str| logged(Form::Text, level, events).lines().count();
        assert_eq!((count("debug"), count("trace"), count("info,rustls=trace")), (1, 1, 1));
        assert_eq!((count("debug,rustls=debug"), count("debug,tokio_postgres=trace")), (2, 1));
    }

    #[test]
    fn fields_named_like_a_secret_are_not_written() {
        let text = logged(Form::Json, "info", || tracing::info!(password = "hunter2", code = %"hunter2", "sign-in"));
        assert!(text.contains("\"password\":\"(hidden)\"") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn the_notice_of_dropped_lines_is_a_line_like_any_other() {
        let told = |form| notice(Style { form, coloured: false }, Timestamp::from_secs(0), 7);
        let text = told(Form::Text);
        assert!(text.starts_with("1970-01-01T00:00:00.000000Z  WARN latchkey::telemetry: 7 lines of"), "{text}");
        assert!(text.ends_with(" dropped=7\n"), "{text}");
        let line: serde_json::Value = serde_json::from_str(&told(Form::Json)).unwrap();
        assert_eq!((&line["level"], &line["dropped"]), (&"warn".into(), &"7".into()));
    }

    #[test]
    fn an_error_is_written_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot listen")]
        struct Outer(#[source] io::Error);
        let error = Outer(io::Error::other("port is taken"));
        let text = logged(Form::Text, "info", || tracing::error!(error = &error as &dyn std::error::Error, "stopped"));
        assert!(text.contains("error=\"cannot listen: port is taken\""), "{text}");
    }
}
