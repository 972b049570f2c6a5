//! Times as text, as SQLite keeps them: `2026-11-26 10:49:14.123456+00:00`, the fraction as short as it is exact. They
//! sort as text. chrono writes and reads the same, but takes twenty times as long, and each row has several.

use chrono::format::ParseError;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

/// Writes a time.
pub fn write(time: &DateTime<Utc>) -> String {
    let Ok(year @ 0..=9999) = u32::try_from(time.year()) else {
        return time.format("%F %T%.f%:z").to_string();
    };
    let mut text = String::with_capacity(32);
    digits(&mut text, year, 4);
    for (sign, part) in
        [('-', time.month()), ('-', time.day()), (' ', time.hour()), (':', time.minute()), (':', time.second())]
    {
        text.push(sign);
        digits(&mut text, part, 2);
    }
    match time.nanosecond() {
        0 => {}
        fraction if fraction % 1_000_000 == 0 => fractional(&mut text, fraction / 1_000_000, 3),
        fraction if fraction % 1_000 == 0 => fractional(&mut text, fraction / 1_000, 6),
        fraction => fractional(&mut text, fraction, 9),
    }
    text.push_str("+00:00");
    text
}

fn fractional(text: &mut String, fraction: u32, places: u32) {
    text.push('.');
    digits(text, fraction, places);
}

fn digits(text: &mut String, number: u32, places: u32) {
    for place in (0..places).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// Reads a time: fast in the form in which we write it, otherwise as RFC 3339.
pub fn read(text: &str) -> Result<DateTime<Utc>, ParseError> {
    match as_written(text) {
        Some(time) => Ok(time),
        None => Ok(DateTime::parse_from_rfc3339(text)?.with_timezone(&Utc)),
    }
}

fn as_written(text: &str) -> Option<DateTime<Utc>> {
    let local = text.strip_suffix("+00:00")?;
    let (second, fraction) = match local.split_once('.') {
        Some((second, fraction)) => (second, fraction),
        None => (local, ""),
    };
    let signs = [(4, '-'), (7, '-'), (10, ' '), (13, ':'), (16, ':')];
    let is_at = |(at, sign): &(usize, char)| second.get(*at..).is_some_and(|rest| rest.starts_with(*sign));
    if second.len() != 19 || !signs.iter().all(is_at) || fraction.len() > 9 {
        return None;
    }
    let part = |from: usize, to: usize| number(second.get(from..to)?);
    let nanos = number(fraction)? * 10_u32.pow(9 - u32::try_from(fraction.len()).ok()?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(part(0, 4)?).ok()?, part(5, 7)?, part(8, 10)?)?;
    Some(date.and_hms_nano_opt(part(11, 13)?, part(14, 16)?, part(17, 19)?, nanos)?.and_utc())
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().try_fold(0_u32, |number, digit| {
        let digit = char::from(digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_chrono_writes_it_and_reads_back() {
        for micros in [
            0,
            1,
            1_000,
            1_000_000,
            1_700_000_000_123_456,
            1_700_000_000_120_000,
            1_700_000_000_100_000,
            951_782_400_000_000,
            -1,
            -62_135_596_800_000_000,
            253_402_300_799_999_999,
            253_402_300_800_000_000,
        ] {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            let text = write(&time);
            assert_eq!(text, time.format("%F %T%.f%:z").to_string());
            if time.year() <= 9999 {
                assert_eq!(as_written(&text), Some(time), "{text}");
            }
        }
        let nanos = DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap();
        assert_eq!((write(&nanos).as_str(), read(&write(&nanos))), ("2023-11-14 22:13:20.123456789+00:00", Ok(nanos)));
    }

    #[test]
    fn other_forms_of_a_time_are_read_and_nonsense_is_not() {
        let time = DateTime::from_timestamp(1_700_000_000, 500_000_000).unwrap();
        for text in ["2023-11-14 22:13:20.5+00:00", "2023-11-14T22:13:20.500Z", "2023-11-14 23:13:20.5+01:00"] {
            assert_eq!(read(text), Ok(time), "{text}");
        }
        for text in [
            "",
            "+00:00",
            "2023-11-14",
            "2023-13-14 22:13:20+00:00",
            "2023-11-14 24:13:20+00:00",
            "2023-11-14 22:13:2x+00:00",
            "2023-11-14 22:13:20.+1+00:00",
            "2023-11-14 22:13:20.1234567891+0:00",
            "202é-11-14 22:13:20+00:00",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
