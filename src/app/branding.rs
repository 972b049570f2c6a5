//! Whose pages they are, with the files that browsers load for it.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::config::{Branding, WebAddress};
use crate::foundation::colour::Scheme;

/// Whose pages they are.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name that people know.
    pub name: String,
    /// Whether it is the operator's own.
    pub is_own: bool,
    /// Colours that differ from those of the style sheet.
    pub colours: Option<Asset>,
    /// What stands beside the name.
    pub logo: Option<Asset>,
    /// What is said about personal data.
    pub privacy_url: Option<String>,
    /// The terms of use.
    pub terms_url: Option<String>,
    /// Where one is helped.
    pub help_url: Option<String>,
}

/// A file that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its path: `/static/` and a name with the hash of its bytes, so that a browser may keep it for ever.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Itself.
    pub bytes: Vec<u8>,
}

/// The name of whoever has said none.
const OURS: &str = "Latchkey";

impl Brand {
    /// As the configuration has it.
    pub fn new(config: &Branding) -> Self {
        let url = |address: &Option<WebAddress>| address.as_ref().map(|address| address.0.clone());
        let is_plain = config.light == Scheme::LIGHT && config.dark == Scheme::DARK;
        let logo = config.logo.clone();
        Self {
            name: config.name.clone(),
            is_own: config.name != OURS || config.logo.is_some(),
            colours: (!is_plain).then(|| {
                let css = format!(
                    ":root {{{}}}\n@media (prefers-color-scheme: dark) {{ :root {{{}}} }}\n",
                    variables(&config.light),
                    variables(&config.dark)
                );
                Asset::new("brand", "css", "text/css; charset=utf-8", css.into_bytes())
            }),
            logo: logo.map(|logo| Asset::new("logo", logo.extension, logo.media_type, logo.bytes)),
            privacy_url: url(&config.privacy_url),
            terms_url: url(&config.terms_url),
            help_url: url(&config.help_url),
        }
    }

    /// Whether anything stands at the foot of every page.
    pub fn has_links(&self) -> bool {
        self.privacy_url.is_some() || self.terms_url.is_some() || self.help_url.is_some()
    }

    /// The file of this path.
    pub fn asset(&self, path: &str) -> Option<&Asset> {
        [&self.colours, &self.logo].into_iter().flatten().find(|asset| asset.path == path)
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: OURS.to_owned(),
            is_own: false,
            colours: None,
            logo: None,
            privacy_url: None,
            terms_url: None,
            help_url: None,
        }
    }
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let hash: String = Sha256::digest(&bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { path: format!("/static/{stem}.{hash}.{extension}"), media_type, bytes }
    }
}

/// The variables of static/tokens.css.
fn variables(scheme: &Scheme) -> String {
    let all = [
        ("paper", scheme.background),
        ("card", scheme.card),
        ("sunk", scheme.sunk()),
        ("ink", scheme.text),
        ("muted", scheme.muted()),
        ("line", scheme.line()),
        ("field-line", scheme.field_line()),
        ("accent", scheme.accent),
        ("accent-strong", scheme.accent_strong()),
        ("accent-soft", scheme.accent_soft()),
        ("on-accent", scheme.on_accent()),
    ];
    let mut css = String::new();
    for (name, colour) in all {
        let _never_fails = write!(css, "--{name}:{colour};");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_the_style_sheet_are_those_that_the_configuration_begins_with() {
        let tokens = include_str!("../../static/tokens.css");
        let (light, dark) = tokens.split_once("@media (prefers-color-scheme: dark)").unwrap();
        for (part, scheme) in [(light, Scheme::LIGHT), (dark, Scheme::DARK)] {
            for (name, colour) in
                [("paper", scheme.background), ("card", scheme.card), ("ink", scheme.text), ("accent", scheme.accent)]
            {
                assert!(part.contains(&format!("--{name}: {colour};")), "{name} {colour}");
            }
            assert_eq!(scheme.unreadable(), None);
        }
    }
}
