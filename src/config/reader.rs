//! Looks settings up through the layers, and remembers every problem and every key that was asked for. A key that no
//! section asked for is unknown, so the list of settings is written down nowhere else.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::Problem;
use super::layers::{self, Found, Layer, Origin};
use super::setting::{self, Setting};
use crate::foundation::{SecretString, text};

/// One setting as `config print` shows it.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Its dotted key.
    pub key: Cow<'static, str>,
    /// Its value as TOML, masked if secret; `None` when it is not set.
    pub shown: Option<String>,
    /// Where the value was found.
    pub origin: Origin,
}

/// Looks settings up.
pub struct Reader {
    default: Layer,
    file: Layer,
    env: Layer,
    known: Vec<Cow<'static, str>>,
    /// Sections whose keys are names that the operator chooses.
    open: Vec<&'static str>,
    effective: Vec<Effective>,
    problems: Vec<Problem>,
}

impl Reader {
    /// Reads through `env`, then `file`, then `default`.
    pub fn new(default: Layer, file: Layer, env: Layer) -> Self {
        Self { default, file, env, known: vec![], open: vec![], effective: vec![], problems: vec![] }
    }

    /// A setting that must have a value. `None`: a problem was noted.
    pub fn value<T: Setting>(&mut self, key: impl Into<Cow<'static, str>>) -> Option<T> {
        let key = key.into();
        let value = self.optional(key.clone())?;
        if value.is_none() {
            self.missing(&key);
        }
        value
    }

    /// A setting that may be absent. The outer `None`: a problem was noted.
    #[expect(clippy::option_option, reason = "absent and refused are different answers")]
    pub fn optional<T: Setting>(&mut self, key: impl Into<Cow<'static, str>>) -> Option<Option<T>> {
        let key = key.into();
        self.known.push(key.clone());
        let Some((found, origin)) = self.find(&key) else {
            self.effective.push(Effective { key, shown: None, origin: Origin::Default });
            return Some(None);
        };
        let read = match (&found, &origin) {
            (Found::Text(text), Origin::Env(_)) => T::from_text(text),
            _ => T::from_file(&found),
        };
        match read {
            Ok(value) => {
                self.effective.push(Effective { key, shown: Some(value.show()), origin });
                Some(Some(value))
            }
            Err(message) => {
                self.refuse(&key, message);
                None
            }
        }
    }

    /// The names of the sections below `key`, which the operator chooses; each has settings of its own.
    pub fn sections(&self, key: &str) -> BTreeSet<String> {
        let layers = [&self.default, &self.file, &self.env].into_iter().flatten();
        let below = layers.filter_map(|(name, _)| name.strip_prefix(key)?.strip_prefix('.'));
        below.map(|rest| rest.split('.').next().unwrap_or_default().to_owned()).collect()
    }

    /// A section whose keys are names that the operator chooses, each with a value. A variable adds to the file's, and
    /// replaces the value of the same name. `None`: a problem was noted.
    pub fn table<T: Setting>(&mut self, key: &'static str) -> Option<BTreeMap<String, T>> {
        self.open.push(key);
        let layers = [&self.default, &self.file, &self.env];
        let entries = layers.into_iter().flatten().filter(|(name, _)| starts_with_part(name, key) || *name == key);
        let entries: BTreeMap<String, (Found, Origin)> =
            entries.map(|(name, entry)| (name.clone(), entry.clone())).collect();
        let (mut table, mut sound, mut last) = (BTreeMap::new(), true, Origin::Default);
        for (full, (found, origin)) in entries {
            let name = full.strip_prefix(key).and_then(|rest| rest.strip_prefix('.'));
            let Some(name) = name else {
                if found != Found::EmptySection {
                    self.refuse(&full, "is a section: write each name with its value below it");
                    sound = false;
                }
                continue;
            };
            let read = match (name.contains('.') && !name.starts_with('"'), &found, &origin) {
                (true, ..) => Err("a name with a dot must stand in quotes".to_owned()),
                (_, Found::Text(text), Origin::Env(_)) => T::from_text(text),
                _ => T::from_file(&found),
            };
            match read {
                Ok(value) => drop(table.insert(name.trim_matches('"').to_owned(), value)),
                Err(message) => {
                    self.refuse(&full, message);
                    sound = false;
                }
            }
            last = origin;
        }
        let shown: Vec<_> =
            table.iter().map(|(name, value)| format!("{} = {}", setting::quote(name), value.show())).collect();
        let shown = if shown.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", shown.join(", ")) };
        self.effective.push(Effective { key: key.into(), shown: Some(shown), origin: last });
        sound.then_some(table)
    }

    /// A secret that must have a value, given as `key` or through the file named by `file_key`.
    pub fn secret(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        file_key: impl Into<Cow<'static, str>>,
    ) -> Option<SecretString> {
        let key = key.into();
        let value = self.optional_secret(key.clone(), file_key)?;
        if value.is_none() {
            self.missing(&key);
        }
        value
    }

    /// A secret that may be absent. The outer `None`: a problem was noted, which never quotes the value.
    #[expect(clippy::option_option, reason = "absent and refused are different answers")]
    pub fn optional_secret(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        file_key: impl Into<Cow<'static, str>>,
    ) -> Option<Option<SecretString>> {
        let (key, file_key) = (key.into(), file_key.into());
        self.known.extend([key.clone(), file_key.clone()]);
        let (direct, by_file) = (self.find(&key), self.find(&file_key));
        let given = direct.as_ref().is_some_and(|(_, origin)| *origin != Origin::Default);
        if let Some((found, origin)) = by_file {
            if given {
                self.refuse(&file_key, format!("{key} is given too: keep one of the two"));
                return None;
            }
            let Found::Text(path) = found else {
                self.refuse(&file_key, "expected the path of a file");
                return None;
            };
            self.effective.push(Effective { key: file_key.clone(), shown: Some(setting::quote(&path)), origin });
            return self.secret_file(&file_key, &path).map(Some);
        }
        match direct {
            None => {
                self.effective.push(Effective { key, shown: None, origin: Origin::Default });
                Some(None)
            }
            Some((Found::Text(text), origin)) => {
                if let Some(blemish) = text::in_path(&text) {
                    self.refuse(&key, blemish);
                    return None;
                }
                self.effective.push(Effective { key, shown: Some("\"********\"".into()), origin });
                Some(Some(SecretString::new(text)))
            }
            Some(_) => {
                self.refuse(&key, "expected text");
                None
            }
        }
    }

    fn secret_file(&mut self, key: &str, path: &str) -> Option<SecretString> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.refuse(key, format!("cannot read {path}: {error}"));
                return None;
            }
        };
        // Editors and `echo` end a file with one line break. Any other invisible character is refused.
        let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if line.trim().is_empty() {
            self.refuse(key, format!("{path} is empty"));
            return None;
        }
        if let Some(blemish) = text::in_path(line) {
            self.refuse(key, format!("{path}: {blemish}"));
            return None;
        }
        Some(SecretString::new(line.to_owned()))
    }

    /// Shows `text` for a secret setting instead of the mask.
    pub fn show(&mut self, key: &str, text: &str) {
        for shown in self.effective.iter_mut().filter(|shown| shown.key == key) {
            shown.shown = Some(setting::quote(text));
        }
    }

    /// `value`, if it lies in `range`.
    pub fn within<T: Setting + PartialOrd>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Option<T> {
        let value = self.value::<T>(key)?;
        if range.contains(&value) {
            return Some(value);
        }
        let (low, high) = (range.start().show(), range.end().show());
        self.refuse(key, format!("must lie between {low} and {high}, found {}", value.show()));
        None
    }

    /// Notes that the value of `key` cannot be used.
    pub fn refuse(&mut self, key: &str, message: impl Display) {
        // The problem of a secret from a file names the file's setting.
        let by_file = format!("{key}_file");
        let key = if self.find(&by_file).is_some() { by_file.as_str() } else { key };
        let place = match self.find(key) {
            Some((_, Origin::File(name, line))) => format!("{name}:{line}: {key}"),
            Some((_, Origin::Env(variable))) => variable,
            _ => key.to_owned(),
        };
        self.problems.push(Problem { place, message: message.to_string() });
    }

    /// What the setting `key` is where nobody has set it.
    pub fn by_default<T: Setting>(&self, key: &str) -> Option<T> {
        self.default.get(key).and_then(|(found, _)| T::from_file(found).ok())
    }

    /// What was found to be wrong so far.
    pub fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Everything that was found, after every section was read: the settings in effect and the problems, among them
    /// the keys that nobody asked for.
    pub fn finish(mut self) -> (Vec<Effective>, Vec<Problem>) {
        for (key, (found, origin)) in self.default.iter().chain(&self.file).chain(&self.env) {
            if self.open.iter().any(|open| starts_with_part(key, open) || key == open) {
                continue;
            }
            let is_section = self.known.iter().any(|known| starts_with_part(known, key));
            let canonical = match origin {
                Origin::Env(name) => *name == layers::variable(key),
                _ => true,
            };
            if (canonical && self.known.iter().any(|known| known == key))
                || (is_section && *found == Found::EmptySection)
            {
                continue;
            }
            let message = self.unknown(key, is_section, matches!(origin, Origin::Env(_)));
            let place = match origin {
                Origin::Env(name) => name.clone(),
                _ => format!("{origin}: {key}"),
            };
            self.problems.push(Problem { place, message });
        }
        (self.effective, self.problems)
    }

    fn unknown(&self, key: &str, is_section: bool, in_env: bool) -> String {
        let name = |known: &str| if in_env { layers::variable(known) } else { known.to_owned() };
        if is_section {
            return "is a section, with settings of its own".to_owned();
        }
        if let Some(outer) = self.known.iter().find(|known| starts_with_part(key, known)) {
            return format!("unknown setting: {} is a single value, not a section", name(outer));
        }
        match nearest(key, &self.known) {
            Some(known) => format!("unknown setting; did you mean {}?", name(known)),
            None => "unknown setting; config/default.toml lists them all".to_owned(),
        }
    }

    pub(super) fn missing(&mut self, key: &str) {
        let message = format!("must be set, in the configuration file or as {}", layers::variable(key));
        self.problems.push(Problem { place: key.to_owned(), message });
    }

    fn find(&self, key: &str) -> Option<(Found, Origin)> {
        [&self.env, &self.file, &self.default].into_iter().find_map(|layer| layer.get(key)).cloned()
    }
}

/// Whether `key` lies in the section `section`.
fn starts_with_part(key: &str, section: &str) -> bool {
    key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// The known key that was probably meant: fewest edits away, or with the same last part in another section.
fn nearest<'a>(key: &str, known: &'a [Cow<'static, str>]) -> Option<&'a str> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |known: &str| match last(known) == last(key) {
        true => 1,
        false => strsim::damerau_levenshtein(known, key),
    };
    let best = known.iter().min_by_key(|known| (distance(known), strsim::damerau_levenshtein(known, key)))?;
    (distance(best) <= (key.len() / 3).max(3)).then_some(&**best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_few_edits_away_or_has_the_same_name() {
        let known = ["issuer", "server.listen", "server.tls.cert", "redis.url", "database.url"].map(Cow::from);
        assert_eq!(nearest("server.listn", &known), Some("server.listen"));
        assert_eq!(nearest("listen", &known), Some("server.listen"));
        assert_eq!(nearest("databse.url", &known), Some("database.url"));
        assert_eq!(nearest("isuer", &known), Some("issuer"));
        assert_eq!(nearest("colour.of.the.sky", &known), None);
    }
}
