//! The languages in which people are spoken to. Each is one file of `locales/`, which is compiled in; nothing else names it.
//! A sentence is chosen by its id ([`sentence!`], or `layout.t("…")` in a template) and becomes words only where somebody
//! reads it.

mod catalogue;
mod said;
mod tongue;
mod wishes;

#[cfg(test)]
mod tests;

pub(crate) use self::said::sentence;
pub use self::said::{Sentence, Value};
pub use self::tongue::Language;
pub use self::wishes::{Choice, Wishes};
