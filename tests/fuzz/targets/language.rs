//! Which language somebody wants.

use latchkey::language::{Choice, Language};

/// The same text as an Accept-Language header, as `ui_locales`, as one tag, and as the cookie of a choice.
pub fn language(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let spoken = |language: &Language| Language::all().any(|known| known == *language);
    let found = [Language::accepted(text), Language::first_of(text), Language::wanted(text), Language::known(text)];
    assert!(found.iter().flatten().all(spoken));
    if let Some(exact) = Language::known(text) {
        assert_eq!([Language::accepted(text), Language::first_of(text), Language::wanted(text)], [Some(exact); 3]);
    }
    if let Some(wanted) = Language::wanted(text) {
        assert_eq!(Language::first_of(text), Some(wanted));
        assert_eq!(Language::accepted(&format!("{text};q=0.5")), Some(wanted));
        assert_eq!(Language::accepted(&format!("{text};q=0")), None, "it is not wanted");
    }
    if let Some(choice) = Choice::parse(text) {
        assert_eq!(choice.to_string(), text);
    }
}
