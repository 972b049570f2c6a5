//! The table that is printed.

use std::fmt::Write;
use std::time::Duration;

use latchkey::foundation::Clock;

use crate::generator::Outcome;
use crate::options::Options;
use crate::process::Processor;

/// One line of it.
pub struct Line {
    pub name: &'static str,
    pub baseline: String,
    /// The value of the build that this one is compared with.
    pub before: String,
    pub latchkey: String,
    pub ratio: String,
    pub target: String,
    pub latency: String,
    pub processor: String,
    /// `None` where there is nothing to reach.
    pub reached: Option<bool>,
}

impl Line {
    /// A rate beside a baseline's, of which it must reach a share: the baseline, this build, and perhaps another one.
    pub fn share(name: &'static str, outcomes: &[Outcome], of: &str, target: f64) -> Self {
        let (baseline, ours) = (outcomes[0], &outcomes[1..]);
        let processor = format!("{} → {}", microseconds(baseline.processor.whole()), processor(ours[0]));
        Self { processor, ..Self::share_of(name, baseline.per_second, ours, of, target) }
    }

    /// The same where the baseline is only a number.
    pub fn share_of(name: &'static str, baseline: f64, ours: &[Outcome], of: &str, target: f64) -> Self {
        let ratio = ours[0].per_second / baseline;
        Self {
            baseline: rate(baseline),
            ratio: format!("{:.0} %", ratio * 100.0),
            target: format!("≥ {:.0} % of {of}", target * 100.0),
            reached: Some(ratio >= target),
            ..Self::rate(name, ours, 0.0)
        }
    }

    /// A rate that must reach a number.
    pub fn rate(name: &'static str, ours: &[Outcome], target: f64) -> Self {
        let before = ours.get(1).map(|before| format!("{}, {}", rate(before.per_second), processor(*before)));
        Self {
            name,
            baseline: "–".to_owned(),
            before: before.unwrap_or_else(|| "–".to_owned()),
            latchkey: rate(ours[0].per_second),
            ratio: "–".to_owned(),
            target: format!("≥ {}", rate(target)),
            latency: latency(ours[0]),
            processor: processor(ours[0]),
            reached: Some(ours[0].per_second >= target),
        }
    }

    /// What there is to compare others with.
    pub fn only_baseline(name: &'static str, per_second: f64) -> Self {
        let line = Self::limit(name, "–".to_owned(), String::new(), true);
        Self { baseline: rate(per_second), target: "–".to_owned(), reached: None, ..line }
    }

    /// A time that must stay below another.
    pub fn time(name: &'static str, ours: Duration, target: Duration) -> Self {
        Self::limit(name, milliseconds(ours), milliseconds(target), ours < target)
    }

    /// Two times that must not tell each other apart: the first stands as the baseline.
    pub fn alike(name: &'static str, (one, other): (Duration, Duration)) -> Self {
        let ratio = other.as_secs_f64() / one.as_secs_f64();
        let reached = (0.9..=1.1).contains(&ratio);
        let line = Self::limit(name, milliseconds(other), String::new(), reached);
        let (target, ratio) = ("90 to 110 %".to_owned(), format!("{:.0} %", ratio * 100.0));
        Self { baseline: milliseconds(one), target, ratio, ..line }
    }

    /// Memory that must stay below a number of megabytes.
    pub fn megabytes(name: &'static str, baseline: f64, ours: f64, target: f64) -> Self {
        let line = Self::limit(name, format!("{ours:.1} MB"), format!("{target:.0} MB"), ours < target);
        Self { baseline: format!("{baseline:.1} MB"), ..line }
    }

    fn limit(name: &'static str, latchkey: String, target: String, reached: bool) -> Self {
        let nothing = || "–".to_owned();
        let target = format!("< {target}");
        let (baseline, before, ratio) = (nothing(), nothing(), nothing());
        let (latency, processor) = (nothing(), nothing());
        Self { name, baseline, before, latchkey, ratio, target, latency, processor, reached: Some(reached) }
    }
}

/// The whole table as Markdown, with what it was measured on.
pub fn markdown(lines: &[Line], options: &Options) -> String {
    let database = if options.server.is_some() { "PostgreSQL" } else { "SQLite" };
    let where_ = match &options.cores {
        Some(cores) => format!("servers on core {cores}, load generator on the others"),
        None => "load generator on the same cores".to_owned(),
    };
    let mut text = format!("{}, {database}, {where_}.\n\n", machine());
    let (before, rule) = if options.before.is_some() { (" before |", "---|") } else { ("", "") };
    let _ = writeln!(
        text,
        "| row | baseline |{before} Latchkey | ratio | must reach | p50 / p99 | processor time each (user + system) | |\n\
         |---|---|{rule}---|---|---|---|---|---|"
    );
    for line in lines {
        let Line { name, baseline, before, latchkey, ratio, target, latency, processor, reached } = line;
        let verdict = match reached {
            Some(true) => "reached",
            Some(false) => "**missed**",
            None => "",
        };
        let before = if options.before.is_some() { format!(" {before} |") } else { String::new() };
        let _ = writeln!(
            text,
            "| {name} | {baseline} |{before} {latchkey} | {ratio} | {target} | {latency} | {processor} | {verdict} |"
        );
    }
    text
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    let model = model.map_or("unknown processor", |(_, model)| model.trim());
    let day = chrono::DateTime::from_timestamp_secs(Clock::System.now().as_secs()).unwrap_or_default();
    format!("{}, {cores} cores of {model}", day.format("%Y-%m-%d"))
}

fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate >= 10_000.0 => format!("{:.1} k/s", rate / 1000.0),
        rate if rate >= 1_000.0 => format!("{:.2} k/s", rate / 1000.0),
        rate => format!("{rate:.0} /s"),
    }
}

fn latency(outcome: Outcome) -> String {
    format!("{} / {}", milliseconds(outcome.p50), milliseconds(outcome.p99))
}

/// Whole, and in its parts.
fn processor(outcome: Outcome) -> String {
    let Processor { user, system } = outcome.processor;
    let part = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e6);
    format!("{} ({} + {})", microseconds(user + system), part(user), part(system))
}

fn microseconds(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}

fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}
