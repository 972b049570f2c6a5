//! What every page has in common.

use std::fmt;
use std::sync::Arc;

use askama::filters::{Html, HtmlSafe};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::app::{App, Brand};
use crate::foundation::Random;
use crate::http::{language, static_files};
use crate::language::{Choice, Language, Sentence, Value, Wishes};

/// What all pages share.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The `Content-Security-Policy` nonce of this response: 128 random bits.
    pub nonce: String,
    /// Whether the server runs as `latchkey dev`: only then are personas and the reasons of errors shown.
    pub dev: bool,
    /// Whose page it is.
    pub brand: Arc<Brand>,
    /// What is known of the language of whoever reads it.
    pub wishes: Wishes,
    /// The page to come back to after the language was switched; without one, it cannot be switched here.
    pub back: Option<String>,
}

/// A language that a page can be switched to.
pub struct Offer {
    /// What it is called in itself.
    pub name: String,
    /// Which.
    pub language: Language,
    /// What the switch sends.
    pub choice: Choice,
}

impl Layout {
    /// The layout of one response; never of two, for the nonce is used once.
    pub fn new(app: &App) -> Self {
        Self {
            nonce: nonce(&app.random),
            dev: app.settings.dev.is_some(),
            brand: Arc::clone(&app.settings.brand),
            wishes: language::current(),
            back: language::page(),
        }
    }

    /// The same for the answer to a form: `page` is what the form stood on.
    #[must_use]
    pub fn or_back_to(self, page: impl FnOnce() -> String) -> Self {
        Self { back: self.back.or_else(|| Some(page())), ..self }
    }

    /// The same for a page that one does not come back to: what it was asked for is not repeated, or is over.
    #[must_use]
    pub fn without_switch(self) -> Self {
        Self { back: None, ..self }
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.wishes.language()
    }

    /// A sentence in words; templates pass references of references.
    pub fn say(&self, sentence: impl AsRef<Sentence>) -> String {
        self.language().say(sentence.as_ref())
    }

    /// The words of this id, in a template. The tests find ids in `t("…")` and `t1("…", "name", …)`.
    pub(in crate::http) fn t(&self, id: &'static str) -> String {
        self.say(Sentence::plain(id))
    }

    /// The same with a value in it.
    pub(in crate::http) fn t1(&self, id: &'static str, name: &'static str, value: impl Into<Value>) -> String {
        self.say(Sentence::plain(id).with(name, value))
    }

    /// Several things in one sentence.
    pub(in crate::http) fn list(&self, sentences: &[Sentence]) -> String {
        sentences.iter().map(|sentence| self.say(sentence)).collect::<Vec<_>>().join(", ")
    }

    /// The words of this id with a name in them that stands out.
    pub(in crate::http) fn strong(&self, id: &'static str, name: &'static str, value: &str) -> Strong {
        // The only value, and a character that no words have: what is before and behind it is ours.
        let words = self.t1(id, name, Strong::PLACE);
        let (before, after) = words.split_once(Strong::PLACE).unwrap_or((&words, ""));
        Strong { before: before.to_owned(), name: value.to_owned(), after: after.to_owned() }
    }

    /// Each language, where there is a choice and a page to come back to.
    pub(in crate::http) fn offers(&self) -> Vec<Offer> {
        let offer =
            |language: Language| Offer { name: language.own_name(), language, choice: self.wishes.choosing(language) };
        let offers: Vec<_> = Language::all().map(offer).collect();
        if offers.len() > 1 && self.back.is_some() { offers } else { Vec::new() }
    }

    /// Where the switch is sent to.
    pub(in crate::http) fn switch(&self) -> &'static str {
        language::SWITCH
    }

    pub(in crate::http) fn stylesheet(&self) -> &'static str {
        &static_files::STYLESHEET.path
    }

    pub(in crate::http) fn passkey_script(&self) -> &'static str {
        &static_files::PASSKEY_SCRIPT.path
    }

    pub(in crate::http) fn favicon(&self) -> &'static str {
        &static_files::FAVICON.path
    }
}

fn nonce(random: &Random) -> String {
    STANDARD_NO_PAD.encode(random.bytes::<16>())
}

/// Words with a name in them that stands out. Each part is escaped where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strong {
    before: String,
    name: String,
    after: String,
}

impl Strong {
    /// Where the name comes, while the words are chosen: a character for private use.
    const PLACE: &str = "\u{f8ff}";
}

impl HtmlSafe for Strong {}

impl fmt::Display for Strong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped = |text: &str| askama::filters::escape(text, Html).map(|text| text.to_string());
        let parts = (escaped(&self.before), escaped(&self.name), escaped(&self.after));
        let (Ok(before), Ok(name), Ok(after)) = parts;
        write!(f, "{before}<strong>{name}</strong>{after}")
    }
}

/// The first letter or digit of `name`, for a picture's place.
pub(in crate::http) fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".into(), |c| c.to_uppercase().collect())
}

#[cfg(test)]
pub mod tests {
    //! What every page must be, and the samples that the page tests share.

    use super::*;
    use crate::http::respond::client_brand::ClientBrand;

    /// A layout with a known nonce.
    pub fn layout(dev: bool) -> Layout {
        Layout { nonce: "n0nce".into(), dev, brand: Arc::default(), wishes: Wishes::default(), back: None }
    }

    /// A client whose name tries to be markup.
    pub fn hostile_client() -> ClientBrand {
        ClientBrand::new("<script>alert(1)</script>\"'")
    }

    /// Asserts that nothing of [`hostile_client`] became markup.
    pub fn assert_inert(html: &str) {
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("&#60;script&#62;alert"), "{html}");
        assert!(html.contains("<html lang=\"en\" dir=\"ltr\">") && html.contains("noindex"), "{html}");
    }

    #[test]
    fn a_nonce_is_not_used_twice() {
        assert_ne!(nonce(&Random::System), nonce(&Random::System));
    }

    #[test]
    fn a_name_stands_out_and_is_no_markup() {
        let strong = layout(false).strong("login-to", "client", "<b>\u{f8ff}");
        assert_eq!(strong.to_string(), "to continue to <strong>&#60;b&#62;\u{f8ff}</strong>");
    }

    #[test]
    fn the_initial_of_a_name_skips_what_is_no_letter() {
        assert_eq!(initial("  «élan»"), "É");
        assert_eq!(initial(""), "?");
    }
}
