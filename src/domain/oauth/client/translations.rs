//! What a client says of itself in several languages (RFC 7591 §2.2): members whose name ends in `#` and a language tag.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::registration_error::RegistrationError;

/// The members that people are shown.
pub const TRANSLATED: [&str; 5] = ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];

/// Each by its whole name, as in `client_name#de`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Translations(BTreeMap<String, String>);

/// The most of them, and the most bytes of each.
const MOST: usize = 50;
const LONGEST: usize = 500;

/// Whether it is one of the members with a language behind it.
pub fn is_translation(name: &str) -> bool {
    name.split_once('#').is_some_and(|(member, _)| TRANSLATED.contains(&member))
}

impl Translations {
    /// Those of a document.
    pub fn new(members: BTreeMap<String, String>) -> Self {
        Self(members)
    }

    /// The member in this language: exactly, or in the same language elsewhere (`de` for `de-AT` and the reverse).
    pub fn of(&self, member: &str, language: &str) -> Option<&str> {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let tagged = self.0.iter().filter_map(|(name, text)| {
            let (name, tag) = name.split_once('#')?;
            (name == member).then_some((tag, text.as_str()))
        });
        let mut near = tagged.filter(|(tag, _)| primary(tag) == primary(language)).collect::<Vec<_>>();
        // The one that is exactly it, or else the one with the least said beside the language.
        near.sort_by_key(|(tag, _)| (!tag.eq_ignore_ascii_case(language), tag.len()));
        near.first().map(|(_, text)| *text)
    }

    /// Decides whether they may be: tags as RFC 5646 writes them, and texts that fit where the members without a tag do.
    ///
    /// # Errors
    /// The first thing that may not be.
    pub fn check(&self) -> Result<(), RegistrationError> {
        if self.0.len() > MOST {
            return Err(RegistrationError::TooMany { member: "translated members", most: MOST });
        }
        for (name, text) in &self.0 {
            let (member, tag) = name.split_once('#').unwrap_or((name, ""));
            let part =
                |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if tag.len() > 35 || !tag.split('-').all(part) {
                return Err(RegistrationError::LanguageTag { member: name.clone() });
            }
            let unfit = text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control);
            match member {
                "client_name" if unfit => {
                    return Err(RegistrationError::Text { member: "client_name#", most: LONGEST });
                }
                "client_name" => {}
                _ if url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) && !unfit => {}
                _ => return Err(RegistrationError::Link { uri: text.clone() }),
            }
        }
        Ok(())
    }

    /// The names that people may be shown.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(name, _)| name.starts_with("client_name#")).map(|(_, text)| text.as_str())
    }
}

/// Of an object with other members beside: those that are no translations are somebody else's.
impl<'de> Deserialize<'de> for Translations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<String, Value>::deserialize(deserializer)?;
        let ours = all.into_iter().filter(|(name, _)| is_translation(name));
        Ok(Self(ours.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::oauth::client::Metadata;

    fn of(members: &[(&str, &str)]) -> Translations {
        Translations::new(members.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn the_member_in_the_language_of_the_page_is_chosen_or_the_nearest() {
        let all =
            of(&[("client_name#de", "Rechner"), ("client_name#de-CH", "Rächner"), ("client_name#ja-Kana-JP", "ケ")]);
        for (language, wanted) in [
            ("de", Some("Rechner")),
            ("DE-ch", Some("Rächner")),
            ("de-AT", Some("Rechner")),
            ("ja", Some("ケ")),
            ("en", None),
        ] {
            assert_eq!(all.of("client_name", language), wanted, "{language}");
        }
        assert_eq!(all.of("logo_uri", "de"), None);
    }

    #[test]
    fn they_are_stored_beside_the_others_under_their_own_names() {
        let metadata = Metadata { translations: of(&[("tos_uri#fr", "https://a.example/fr")]), ..Metadata::default() };
        let mut stored = json!(metadata);
        assert_eq!(stored["tos_uri#fr"], "https://a.example/fr");
        stored["dropped"] = json!(1);
        assert_eq!(serde_json::from_value::<Metadata>(stored).unwrap(), metadata);
    }

    #[test]
    fn what_could_not_stand_without_a_tag_cannot_with_one() {
        assert_eq!(of(&[("client_name#pt-BR", "Nome"), ("logo_uri#x-1", "https://a.example/")]).check(), Ok(()));
        for (name, text) in [
            ("client_name#", "a"),
            ("client_name#de_DE", "a"),
            ("client_name#de", ""),
            ("client_name#de", "a\nb"),
            ("policy_uri#de", "javascript:alert(1)"),
        ] {
            assert!(of(&[(name, text)]).check().is_err(), "{name} {text}");
        }
    }
}
