//! `[database]`: the record of truth.

use std::path::PathBuf;

use url::Url;

use super::reader::Reader;
use crate::foundation::SecretString;

/// The record of truth.
#[derive(Clone, Debug)]
pub struct Database {
    /// Which database, and where.
    pub url: DatabaseUrl,
    /// Connections kept open at most.
    pub pool_size: u32,
    /// Certificate authorities to trust beside the system's, PEM.
    pub extra_ca_file: Option<PathBuf>,
}

/// Which database, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, or `:memory:`.
    Sqlite(PathBuf),
    /// A `postgres://` URL, which may hold a password.
    Postgres(SecretString),
}

impl Database {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let url = from.secret("database.url", "database.url_file").and_then(|text| {
            let url = DatabaseUrl::parse(text.expose());
            match url {
                Some(_) => from.show("database.url", &without_password(text.expose())),
                None => from.refuse("database.url", "expected \"sqlite:PATH\" or \"postgres://USER@HOST/DATABASE\""),
            }
            url
        });
        let pool_size = from.within("database.pool_size", 2..=1000);
        let extra_ca_file = from.optional("database.extra_ca_file");
        Some(Self { url: url?, pool_size: pool_size?, extra_ca_file: extra_ca_file? })
    }
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("sqlite", path) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                (!path.is_empty()).then(|| Self::Sqlite(PathBuf::from(path)))
            }
            ("postgres" | "postgresql", rest) if rest.starts_with("//") => {
                Some(Self::Postgres(SecretString::new(text.to_owned())))
            }
            _ => None,
        }
    }
}

/// `text` without what may be a password; when it is no ordinary URL (several hosts, say), only its scheme.
pub(super) fn without_password(text: &str) -> String {
    let scheme = text.split(':').next().unwrap_or_default();
    if scheme == "sqlite" {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else { return format!("{scheme}://********") };
    let masked = url.password().is_none() || url.set_password(Some("********")).is_ok();
    match masked && !url.query().is_some_and(|query| query.to_lowercase().contains("pass")) {
        true => url.into(),
        false => format!("{scheme}://********"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_be_relative_absolute_or_in_memory() {
        for (text, path) in [
            ("sqlite:a.sqlite", "a.sqlite"),
            ("sqlite:/var/a.sqlite", "/var/a.sqlite"),
            ("sqlite:///var/a.sqlite", "/var/a.sqlite"),
            ("sqlite::memory:", ":memory:"),
        ] {
            assert_eq!(DatabaseUrl::parse(text), Some(DatabaseUrl::Sqlite(path.into())));
        }
        assert!(matches!(DatabaseUrl::parse("postgresql://h/d"), Some(DatabaseUrl::Postgres(_))));
        for text in ["", "sqlite:", "mysql://h/d", "postgres:h", "a.sqlite"] {
            assert_eq!(DatabaseUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_form_of_a_password_is_shown() {
        assert_eq!(
            without_password("postgres://u:hunter2@h:5432/d?sslmode=require"),
            "postgres://u:********@h:5432/d?sslmode=require"
        );
        for text in [
            "postgres://h/d?password=hunter2",
            "postgres://u:hunter2@a:1,b:2/d",
            "redis://:hunter2@h",
            "postgres://u:hun@ter2@h:x",
        ] {
            assert!(!without_password(text).contains("ter2"), "{text}");
        }
        assert_eq!(without_password("postgres://u@h/d"), "postgres://u@h/d");
    }
}
