//! Points in time, in words for people. Their time zone is not known, so what is near is told as an age and what is far as
//! a day.

use std::time::Duration;

use chrono::{Datelike, Timelike};

use crate::foundation::Timestamp;
use crate::language::{Sentence, sentence};

/// Of what is to come sooner the minute is told: a day would be as much as half a day wrong.
const NEAR: Duration = Duration::from_secs(3 * 86_400);

/// A point in time on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// For machines: RFC 3339.
    pub machine: String,
    /// For people: "3 hours ago", "26 November 2026".
    pub words: Sentence,
}

impl When {
    /// `at`, seen from `now`.
    pub fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { machine: Timestamp::from_secs(at.as_secs()).to_string(), words: words(at, now) }
    }

    /// `at`, which is to come: the day of it, or the minute too where it is not far.
    pub fn ahead(at: Timestamp, now: Timestamp) -> Self {
        let machine = Timestamp::from_secs(at.as_secs()).to_string();
        let is_near = at.since(now) < NEAR;
        let words = match chrono::DateTime::from_timestamp_micros(at.as_micros()) {
            Some(time) if is_near => minute(time.naive_utc()),
            Some(time) => day(time.date_naive()),
            None => sentence!("when-now"),
        };
        Self { machine, words }
    }
}

fn words(at: Timestamp, now: Timestamp) -> Sentence {
    let age = now.since(at).as_secs();
    match age {
        0..120 => sentence!("when-now"),
        120..3_600 => sentence!("when-minutes", minutes = age / 60),
        3_600..86_400 => sentence!("when-hours", hours = age / 3_600),
        86_400..2_592_000 => sentence!("when-days", days = age / 86_400),
        _ => match chrono::DateTime::from_timestamp_micros(at.as_micros()) {
            Some(time) => day(time.date_naive()),
            None => sentence!("when-long-ago"),
        },
    }
}

/// A day of the calendar. Its month is a number, for which each language has its word.
fn day(date: chrono::NaiveDate) -> Sentence {
    sentence!("when-day", day = date.day(), month = date.month(), year = date.year().to_string())
}

/// The same with the minute, in UTC.
fn minute(time: chrono::NaiveDateTime) -> Sentence {
    let (date, minute) = (time.date(), format!("{:02}:{:02}", time.hour(), time.minute()));
    sentence!("when-minute", day = date.day(), month = date.month(), year = date.year().to_string(), minute = minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

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
            let when = When::of(now.before(Duration::from_secs(ago)), now);
            assert_eq!(Language::ENGLISH.say(&when.words), words, "{ago}");
        }
        let later = When::of(now.after(Duration::from_secs(60)), now);
        assert_eq!(later.words, sentence!("when-now"), "by another clock");
        let far = When::of(now.before(Duration::from_secs(2_592_000)), now);
        assert_eq!(Language::known("de").unwrap().say(&far.words), "28. April 2026");
        assert_eq!(When::of(now, now).machine, "2026-05-28T20:26:40.000000Z");
    }
}
