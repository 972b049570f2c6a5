//! Points in time, in words for people. Their time zone is not known, so what is near is told as an age and what is far as
//! a day.

use crate::foundation::Timestamp;

/// A point in time on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// For machines: RFC 3339.
    pub machine: String,
    /// For people: "3 hours ago", "26 November 2026".
    pub words: String,
}

impl When {
    /// `at`, seen from `now`.
    pub fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { machine: Timestamp::from_secs(at.as_secs()).to_string(), words: words(at, now) }
    }
}

fn words(at: Timestamp, now: Timestamp) -> String {
    let age = now.since(at).as_secs();
    let ago = |count: u64, unit: &str| format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" });
    match age {
        0..120 => "just now".to_owned(),
        120..3_600 => ago(age / 60, "minute"),
        3_600..86_400 => ago(age / 3_600, "hour"),
        86_400..2_592_000 => ago(age / 86_400, "day"),
        _ => match chrono::DateTime::from_timestamp_micros(at.as_micros()) {
            Some(time) => time.format("%-d %B %Y").to_string(),
            None => "long ago".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_near_is_an_age_and_what_is_far_a_day() {
        let now = Timestamp::from_secs(1_780_000_000);
        let table = [
            (0, "just now"),
            (119, "just now"),
            (120, "2 minutes ago"),
            (3_600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (2_591_999, "29 days ago"),
            (2_592_000, "28 April 2026"),
        ];
        for (ago, words) in table {
            assert_eq!(When::of(now.before(Duration::from_secs(ago)), now).words, words, "{ago}");
        }
        assert_eq!(When::of(now.after(Duration::from_secs(60)), now).words, "just now", "by another clock");
        assert_eq!(When::of(now, now).machine, "2026-05-28T20:26:40.000000Z");
    }
}
