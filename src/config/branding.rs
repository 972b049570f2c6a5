//! `[branding]`: whose pages and mails they are.

use std::path::PathBuf;

use url::Url;

use super::reader::Reader;
use super::setting::{Setting, quote};
use crate::foundation::colour::{Colour, Scheme, TEXT};
use crate::foundation::picture::{self, Picture};

/// Whose pages and mails they are.
#[derive(Clone, Debug)]
pub struct Branding {
    /// The name that people know.
    pub name: String,
    /// What stands beside it.
    pub logo: Option<Picture>,
    /// Colours by day.
    pub light: Scheme,
    /// Colours in the dark.
    pub dark: Scheme,
    /// What is said about personal data.
    pub privacy_url: Option<WebAddress>,
    /// The terms of use.
    pub terms_url: Option<WebAddress>,
    /// Where one is helped.
    pub help_url: Option<WebAddress>,
}

/// An https address, or where one writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(pub String);

/// The longest name, in characters: it stands in a line with the logo.
const LONGEST_NAME: usize = 60;

impl Setting for Colour {
    const EXPECTED: &'static str = "a colour such as \"#0b6352\"";
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| format!("expected {}, found {}", Self::EXPECTED, quote(text)))
    }
    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for WebAddress {
    const EXPECTED: &'static str = "an address such as \"https://example.com/help\" or \"mailto:help@example.com\"";
    fn from_text(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).ok();
        let is_address = url.is_some_and(|url| match url.scheme() {
            "https" => url.has_host(),
            "mailto" => url.path().contains('@'),
            _ => false,
        });
        let sound = is_address && text.bytes().all(|byte| byte.is_ascii_graphic());
        match sound {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("expected {}, found {}", Self::EXPECTED, quote(text))),
        }
    }
    fn show(&self) -> String {
        quote(&self.0)
    }
}

impl Branding {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let name: Option<String> = from.value("branding.name");
        let logo = logo(from);
        let light = scheme(from, "branding.light", LIGHT);
        let dark = scheme(from, "branding.dark", DARK);
        let privacy_url = from.optional("branding.privacy_url");
        let terms_url = from.optional("branding.terms_url");
        let help_url = from.optional("branding.help_url");
        let name = name.filter(|name| {
            let sound =
                (1..=LONGEST_NAME).contains(&name.trim().chars().count()) && !name.chars().any(char::is_control);
            if !sound {
                from.refuse("branding.name", format!("must have 1 to {LONGEST_NAME} characters, in one line"));
            }
            sound
        });
        Some(Self {
            name: name?,
            logo: logo?,
            light: light?,
            dark: dark?,
            privacy_url: privacy_url?,
            terms_url: terms_url?,
            help_url: help_url?,
        })
    }
}

/// The outer `None`: a problem was noted.
#[expect(clippy::option_option, reason = "absent and refused are different answers")]
fn logo(from: &mut Reader) -> Option<Option<Picture>> {
    let Some(path) = from.optional::<PathBuf>("branding.logo")? else { return Some(None) };
    match picture::read(&path) {
        Ok(picture) => Some(Some(picture)),
        Err(problem) => {
            from.refuse("branding.logo", format!("{}: {problem}", path.display()));
            None
        }
    }
}

/// The keys of a scheme: accent, background, card, text.
type Keys = [&'static str; 4];
const LIGHT: Keys =
    ["branding.light.accent", "branding.light.background", "branding.light.card", "branding.light.text"];
const DARK: Keys = ["branding.dark.accent", "branding.dark.background", "branding.dark.card", "branding.dark.text"];

/// Colours that people can read (WCAG 2.2, 1.4.3).
fn scheme(from: &mut Reader, section: &str, [accent, background, card, text]: Keys) -> Option<Scheme> {
    let (accent, background) = (from.value(accent), from.value(background));
    let (card, text) = (from.value(card), from.value(text));
    let scheme = Scheme { accent: accent?, background: background?, card: card?, text: text? };
    let Some((name, behind, contrast)) = scheme.unreadable() else { return Some(scheme) };
    let of = |name: &str| match name {
        "accent" => scheme.accent,
        "background" => scheme.background,
        "card" => scheme.card,
        _ => scheme.text,
    };
    let message = format!(
        "{name} {} on {behind} {} has a contrast of {contrast:.2}, and needs {TEXT} to be read (WCAG 2.2, 1.4.3)",
        of(name),
        of(behind)
    );
    from.refuse(&format!("{section}.{name}"), message);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_https_or_an_address_to_write_to() {
        for good in ["https://example.com/help?x=1", "mailto:help@example.com"] {
            assert_eq!(WebAddress::from_text(good), Ok(WebAddress(good.into())));
        }
        for bad in
            ["http://example.com", "javascript:alert(1)", "mailto:", "//example.com", "https://", "https://a b", ""]
        {
            assert!(WebAddress::from_text(bad).is_err(), "{bad}");
        }
    }
}
