//! What a client says of itself in several languages (RFC 7591 §2.2): members whose name ends in `#` and a language tag.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The members that people are shown.
pub const TRANSLATED: [&str; 5] = ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];

/// Each by its whole name, as in `client_name#de`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Translations(BTreeMap<String, String>);

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

    /// Each with its whole name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
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
}
