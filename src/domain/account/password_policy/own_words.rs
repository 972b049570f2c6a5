//! What others know about a person and this service, in the spellings that they would try.

use std::fmt;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::account::profile::Profile;
use crate::domain::account::user::User;

/// Whose password it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// What they sign in with.
    pub username: Option<&'a str>,
    /// What they sign in with.
    pub email: Option<&'a str>,
    /// What else is known about them.
    pub profile: &'a Profile,
}

impl<'a> From<&'a User> for Person<'a> {
    fn from(user: &'a User) -> Self {
        Self { username: user.username.as_deref(), email: user.email.as_deref(), profile: &user.profile }
    }
}

/// What is known of a person or the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datum {
    /// The username.
    Username,
    /// The address, or one of its two parts.
    Email,
    /// Any of the names.
    Name,
    /// The date of birth.
    Birthdate,
    /// The telephone number.
    Phone,
    /// The name of this service, or its host.
    Service,
    /// Any of these, in another spelling.
    Several,
}

/// As in "it is made of the username".
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username => "the username",
            Self::Email => "the e-mail address",
            Self::Name => "the person's name",
            Self::Birthdate => "the date of birth",
            Self::Phone => "the telephone number",
            Self::Service => "the name of this service",
            Self::Several => "what is known about the person or this service",
        })
    }
}

/// The words that belong to a person and the service, folded, the longest first.
#[derive(Clone)]
pub struct OwnWords(Vec<(Datum, String)>);

/// Names can have any length and any number of parts; what is looked for is bounded.
const MOST_WORDS: usize = 64;
const LONGEST: usize = 100;

/// What people append to a word, and guessers too: a year.
const APPENDED_DIGITS: usize = 4;

const PRODUCT: &str = "latchkey";
const NAMES: [&str; 5] = ["name", "given_name", "family_name", "middle_name", "nickname"];

impl OwnWords {
    pub(super) fn new(person: &Person<'_>, host: &str) -> Self {
        let mut words = Self(vec![]);
        words.add(Datum::Service, PRODUCT);
        words.add_domain(Datum::Service, host);
        words.add(Datum::Username, person.username.unwrap_or_default());
        if let Some(email) = person.email {
            words.add(Datum::Email, email);
            let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
            words.add(Datum::Email, local);
            words.add_domain(Datum::Email, domain);
        }
        let claim = |name| person.profile.claim(name).as_ref().and_then(Value::as_str).map(str::to_owned);
        for name in NAMES.into_iter().filter_map(claim) {
            words.add(Datum::Name, &name);
        }
        words.add_birthdate(&claim("birthdate").unwrap_or_default());
        words.add_phone(&claim("phone_number").unwrap_or_default());
        words.0.sort_by_key(|(_, word)| std::cmp::Reverse(word.chars().count()));
        words
    }

    /// The words as zxcvbn takes them.
    pub(super) fn texts(&self) -> Vec<&str> {
        self.0.iter().map(|(_, word)| word.as_str()).collect()
    }

    /// Whether a folded text has nothing but these words in it, however separated, and a few digits; and the longest.
    pub(super) fn make_up(&self, folded: &str) -> Option<Datum> {
        let mut rest = Zeroizing::new(letters(folded));
        let mut found = None;
        for (datum, word) in &self.0 {
            if rest.contains(word.as_str()) {
                found = found.or(Some(*datum));
                // A blank, so that what is left and right of it is not read as one word.
                rest = Zeroizing::new(rest.replace(word.as_str(), " "));
            }
        }
        let mut left = rest.chars().filter(|c| *c != ' ');
        let few_digits = left.clone().count() <= APPENDED_DIGITS && left.all(|c| c.is_ascii_digit());
        found.filter(|_| few_digits)
    }

    /// A text without what separates its parts, and each part.
    fn add(&mut self, datum: Datum, text: &str) {
        let text: String = fold(text).chars().take(LONGEST).collect();
        self.push(datum, letters(&text));
        for part in text.split(|c: char| !c.is_alphanumeric()) {
            self.push(datum, part.to_owned());
        }
    }

    /// A host, without the names that thousands have at their end.
    fn add_domain(&mut self, datum: Datum, domain: &str) {
        self.push(datum, letters(&fold(domain)));
        let inner = domain.rsplit_once('.').map_or(domain, |(inner, _)| inner);
        self.add(datum, inner);
    }

    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`, in every order in which dates are written.
    fn add_birthdate(&mut self, text: &str) {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        let year = year.filter(|year| *year != "0000").unwrap_or_default();
        self.push(Datum::Birthdate, year.to_owned());
        if let (Some(month), Some(day)) = (month, day) {
            let short = year.get(2..).unwrap_or_default();
            for year in [year, short] {
                for date in [[day, month, year], [month, day, year], [year, month, day]] {
                    self.push(Datum::Birthdate, date.concat());
                }
            }
        }
    }

    /// The digits, and those without a country's one, two or three.
    fn add_phone(&mut self, text: &str) {
        let digits: String = text.chars().filter(char::is_ascii_digit).take(20).collect();
        for national in (0..=3).filter_map(|country| digits.get(country..)).filter(|rest| rest.len() >= 6) {
            self.push(Datum::Phone, national.to_owned());
            self.push(Datum::Phone, format!("0{national}"));
        }
    }

    /// One of two letters is in too many other words, unless they are those of another script.
    fn push(&mut self, datum: Datum, word: String) {
        let least = if word.is_ascii() { 3 } else { 2 };
        let known = self.0.iter().any(|(_, known)| *known == word);
        if word.chars().count() >= least && self.0.len() < MOST_WORDS && !known {
            self.0.push((datum, word));
        }
    }
}

/// Look-alike forms become one, and capital letters small.
pub fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

fn letters(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}
