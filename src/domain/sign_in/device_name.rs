//! What a browser is, by what it calls itself.

use woothee::parser::Parser;

/// A browser and the system that it runs on, each where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceName {
    /// "Firefox".
    pub browser: Option<String>,
    /// "Linux".
    pub system: Option<String>,
}

impl DeviceName {
    /// Read from a `User-Agent`, which is anything that a browser likes: it only helps to tell one's own apart.
    pub fn of(user_agent: Option<&str>) -> Self {
        let found = user_agent.and_then(|text| Parser::new().parse(text));
        let known = |name: &str| Some(name.to_owned()).filter(|name| !matches!(name.as_str(), "" | "UNKNOWN"));
        found.map(|found| Self { browser: known(found.name), system: known(found.os) }).unwrap_or_default()
    }
}
