//! Reads the layers, a TOML text or a set of variables, into flat maps from dotted keys to what was found.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::Problem;
use super::injected::is_injected;

/// What every variable of ours begins with.
pub const PREFIX: &str = "LATCHKEY_";

/// A value as it was found, before its setting's type is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list.
    List(Vec<Self>),
    /// A TOML type that no setting takes, by its name.
    Other(&'static str),
    /// A section without content.
    EmptySection,
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// config/default.toml.
    Default,
    /// The file: its name and the line, counted from 1.
    File(String, usize),
    /// A variable's name.
    Env(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(name, line) => write!(f, "{name}:{line}"),
            Self::Env(variable) => f.write_str(variable),
        }
    }
}

/// One layer, by dotted key.
pub type Layer = BTreeMap<String, (Found, Origin)>;

/// Reads a TOML text. Its name is `None` for the compiled-in default.
pub fn toml(name: Option<&str>, text: &str) -> Result<Layer, Problem> {
    // toml's own message quotes the faulty line, which may hold a secret, so only its position is reported.
    let document = DeTable::parse(text).map_err(|error| Problem {
        place: format!("{}:{}", name.unwrap_or("default"), line(text, error.span().map_or(0, |span| span.start))),
        message: format!("not valid TOML: {}", error.message().replace('\n', ", ")),
    })?;
    let mut layer = Layer::new();
    let origin = |at: usize| match name {
        Some(name) => Origin::File(name.to_owned(), line(text, at)),
        None => Origin::Default,
    };
    flatten("", document.get_ref(), &origin, &mut layer);
    Ok(layer)
}

/// Reads the variables that begin with [`PREFIX`]; an empty one counts as not set. Also returns the names of those that
/// Kubernetes or Docker has set.
pub fn env(variables: impl IntoIterator<Item = (String, String)>) -> (Layer, Vec<String>) {
    let ours = variables.into_iter().filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
    let (injected, settings): (Vec<_>, Vec<_>) =
        ours.partition(|(name, value)| is_injected(name.strip_prefix(PREFIX).unwrap_or(name), value));
    let layer =
        settings.into_iter().map(|(name, value)| (key(&name), (Found::Text(value), Origin::Env(name)))).collect();
    (layer, injected.into_iter().map(|(name, _)| name).collect())
}

/// The variable that sets `key`.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

fn key(variable: &str) -> String {
    variable.strip_prefix(PREFIX).unwrap_or(variable).to_lowercase().replace("__", ".")
}

fn flatten(prefix: &str, table: &DeTable<'_>, origin: &impl Fn(usize) -> Origin, into: &mut Layer) {
    for (name, value) in table {
        let part = name.get_ref();
        let part = if part.contains(['.', '"']) { format!("{part:?}") } else { part.to_string() };
        let key = if prefix.is_empty() { part } else { format!("{prefix}.{part}") };
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => flatten(&key, inner, origin, into),
            other => drop(into.insert(key, (found(other), origin(name.span().start)))),
        }
    }
}

fn found(value: &DeValue<'_>) -> Found {
    match value {
        DeValue::String(text) => Found::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Found::Other("number that is too large"), Found::Integer),
        DeValue::Boolean(yes) => Found::Boolean(*yes),
        DeValue::Array(items) => Found::List(items.iter().map(|item| found(item.get_ref())).collect()),
        DeValue::Table(table) if table.is_empty() => Found::EmptySection,
        other => Found::Other(other.type_str()),
    }
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_dotted_and_know_their_line() {
        let layer = toml(Some("a.toml"), "issuer = \"x\"\n[server]\n\nlisten = \"y\"\ntls.cert = 0x10\n").unwrap();
        assert_eq!(layer["issuer"], (Found::Text("x".into()), Origin::File("a.toml".into(), 1)));
        assert_eq!(layer["server.listen"].1, Origin::File("a.toml".into(), 4));
        assert_eq!(layer["server.tls.cert"], (Found::Integer(16), Origin::File("a.toml".into(), 5)));
    }

    #[test]
    fn a_syntax_error_tells_its_line_and_does_not_quote_it() {
        let problem = toml(Some("a.toml"), "a = 1\nmaster_key = \"hunter2\n").unwrap_err();
        assert_eq!(problem.place, "a.toml:2");
        assert!(!problem.message.contains("hunter2"), "{}", problem.message);
    }

    #[test]
    fn a_quoted_key_with_a_dot_is_not_a_path() {
        assert!(toml(None, "\"server.listen\" = 1").unwrap().contains_key("\"server.listen\""));
    }

    #[test]
    fn variables_of_others_and_empty_ones_are_ignored() {
        let pairs = [("HOME", "/"), ("LATCHKEY_REDIS__URL", ""), ("LATCHKEY_SERVER__TLS__CERT", "c")];
        let (layer, _) = env(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(layer.keys().collect::<Vec<_>>(), ["server.tls.cert"]);
        assert_eq!(variable("server.tls.cert"), "LATCHKEY_SERVER__TLS__CERT");
    }
}
