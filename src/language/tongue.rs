//! A language, and how it is found by what somebody wants.

use std::fmt;

use super::catalogue::{self, SOURCES};
use super::said::{Sentence, sentence};

/// Tags that are read of a list of them: more are no wish of a person.
pub(super) const MOST_WISHES: usize = 20;
/// The longest tag that is looked at (RFC 5646 §4.4.1 advises 35).
const LONGEST_TAG: usize = 35;

/// A language that people are spoken to in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language(usize);

impl Language {
    /// What is spoken where nothing else is wanted, and where another language has no words.
    pub const ENGLISH: Self = Self(0);

    /// All of them, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SOURCES.len()).map(Self)
    }

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        SOURCES.get(self.0).map_or("en", |(tag, _)| tag)
    }

    /// What it is called in itself.
    pub fn own_name(self) -> String {
        self.say(&sentence!("language-name"))
    }

    /// The direction in which it is written, as in HTML's `dir`.
    pub fn direction(self) -> String {
        self.say(&sentence!("language-direction"))
    }

    /// The one of exactly this tag, as we write it ourselves.
    pub fn known(tag: &str) -> Option<Self> {
        Self::all().find(|language| language.tag() == tag)
    }

    /// The best one for somebody who wants `tag` (RFC 4647 §3.4): a more general one will do, and another country's is better
    /// than none. Profiles may have an underscore in it (OpenID Connect Core §5.1).
    pub fn wanted(tag: &str) -> Option<Self> {
        let parts: Vec<&str> = tag.split(['-', '_']).collect();
        let is_part =
            |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if tag.len() > LONGEST_TAG || !parts.iter().all(is_part) {
            return None;
        }
        let general = (1..=parts.len()).rev().filter_map(|end| parts.get(..end)).map(|parts| parts.join("-"));
        let found =
            general.into_iter().find_map(|range| Self::all().find(|one| one.tag().eq_ignore_ascii_case(&range)));
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        found.or_else(|| Self::all().find(|one| parts.first().is_some_and(|part| primary(one.tag()) == primary(part))))
    }

    /// The first that we speak of a list with blanks between the tags, as `ui_locales` is (OpenID Connect Core §3.1.2.1).
    pub fn first_of(tags: &str) -> Option<Self> {
        tags.split(' ').filter(|tag| !tag.is_empty()).take(MOST_WISHES).find_map(Self::wanted)
    }

    /// The best one for an `Accept-Language` header (RFC 9110 §12.5.4).
    pub fn accepted(header: &str) -> Option<Self> {
        let ranges = header.split(',').take(MOST_WISHES).filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = match parameters.trim() {
                "" => 1000,
                weight => thousandths(weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?)?,
            };
            (weight > 0).then(|| (weight, tag.trim()))
        });
        let mut ranges: Vec<_> = ranges.collect();
        // Stable: of two that are wanted as much, the first.
        ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        ranges.into_iter().find_map(|(_, tag)| Self::wanted(tag))
    }

    /// The words of a sentence.
    pub fn say(self, sentence: &Sentence) -> String {
        catalogue::say(self.0, sentence)
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::ENGLISH
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A weight of RFC 9110 §12.4.2 (`0.8`), in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" => fraction.bytes().all(|digit| digit == b'0').then_some(1000),
        "0" => format!("{fraction:0<3}").parse().ok(),
        _ => None,
    }
}
