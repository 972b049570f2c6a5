//! `[ui]`: what people see.

use super::reader::Reader;
use super::setting::{Setting, quote};
use crate::language::Language;

/// What people see.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    /// The language of pages and mails for whoever wants none that there is.
    pub default_language: Language,
}

impl Setting for Language {
    const EXPECTED: &'static str = "the tag of a language that there is, as \"en\"";
    fn from_text(text: &str) -> Result<Self, String> {
        let known = || Self::all().map(|language| quote(language.tag())).collect::<Vec<_>>().join(", ");
        Self::known(text).ok_or_else(|| format!("expected one of {}, found {}", known(), quote(text)))
    }
    fn show(&self) -> String {
        quote(self.tag())
    }
}

impl Ui {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        Some(Self { default_language: from.value("ui.default_language")? })
    }
}
