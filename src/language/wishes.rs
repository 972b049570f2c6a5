//! Which language somebody is spoken to in, of all who have a say in it.

use std::fmt;

use super::tongue::Language;

/// What is known of the language that somebody reads. Whoever is more to the point decides: the application that has sent
/// them (`ui_locales`), then their own profile, then what they chose in this browser, then what the browser says, and at last
/// the server's own language.
///
/// One thing comes before: a choice is made against what the page would be in ([`Choice::over`]), and wins against just that.
/// Otherwise the switch on the page would do nothing for whoever came with `ui_locales` or has a language in their profile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// Of the request that waits.
    pub asked: Option<Language>,
    /// Of the person's profile.
    pub own: Option<Language>,
    /// Made on one of our pages, in this browser.
    pub choice: Option<Choice>,
    /// Of the browser's settings.
    pub accepted: Option<Language>,
    /// Of the server.
    pub default: Language,
}

/// A language that was chosen on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub chosen: Language,
    /// What the request or the profile said then, if they did.
    pub over: Option<Language>,
}

impl Wishes {
    /// The language.
    pub fn language(&self) -> Language {
        let chosen = self.choice.filter(|choice| self.said().is_none_or(|said| choice.over == Some(said)));
        let chosen = chosen.map(|choice| choice.chosen);
        chosen.or(self.said()).or(self.accepted).unwrap_or(self.default)
    }

    /// The choice of `chosen`, made now.
    pub fn choosing(&self, chosen: Language) -> Choice {
        Choice { chosen, over: self.said() }
    }

    /// What the request or the profile says.
    fn said(&self) -> Option<Language> {
        self.asked.or(self.own)
    }
}

impl Choice {
    /// Reads what `Display` writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('.') {
            None => Some(Self { chosen: Language::known(text)?, over: None }),
            Some((chosen, over)) => Some(Self { chosen: Language::known(chosen)?, over: Some(Language::known(over)?) }),
        }
    }
}

/// `de`, or `de.en` for German instead of English.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.chosen.tag())?;
        match self.over {
            Some(over) => write!(f, ".{}", over.tag()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language::known(tag).unwrap()
    }

    #[test]
    fn who_is_more_to_the_point_decides() {
        let (en, de) = (language("en"), language("de"));
        let choice = |chosen, over| Some(Choice { chosen, over });
        let default = Wishes { default: de, ..Wishes::default() };
        assert_eq!(default.language(), de);
        let accepted = Wishes { accepted: Some(en), ..default };
        assert_eq!(accepted.language(), en);
        let chosen = Wishes { choice: choice(de, None), ..accepted };
        assert_eq!(chosen.language(), de);
        let own = Wishes { own: Some(en), ..chosen };
        assert_eq!(own.language(), en);
        assert_eq!(Wishes { asked: Some(de), ..own }.language(), de);
    }

    #[test]
    fn a_choice_holds_against_what_it_was_made_against() {
        let (en, de) = (language("en"), language("de"));
        let asked = Wishes { asked: Some(de), ..Wishes::default() };
        let choice = asked.choosing(en);
        assert_eq!(choice.to_string(), "en.de");
        assert_eq!(Wishes { choice: Some(choice), ..asked }.language(), en);
        // Another application, or another profile, says something else.
        let other =
            Wishes { choice: Some(Choice { chosen: de, over: Some(de) }), asked: Some(en), ..Wishes::default() };
        assert_eq!(other.language(), en);
        // Where nobody says anything, it is what the person wants.
        assert_eq!(Wishes { choice: Some(choice), accepted: Some(de), ..Wishes::default() }.language(), en);
    }

    #[test]
    fn a_choice_is_read_as_it_was_written_and_in_no_other_way() {
        for text in ["de", "en.de"] {
            assert_eq!(Choice::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "DE", "de-AT", "xx", "de.", ".de", "de.xx", "de.en.de", "de en", "de;en"] {
            assert_eq!(Choice::parse(text), None, "{text}");
        }
    }
}
