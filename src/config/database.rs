//! `[database]`: the record of truth.

use std::path::PathBuf;

use url::Url;

use super::layers::Found;
use super::reader::Reader;
use super::setting::{Setting, mismatch, quote, unreadable};
use crate::storage::{DatabaseUrl, DatabaseUrlError, PreparedStatements};

/// The record of truth.
#[derive(Clone, Debug)]
pub struct Database {
    /// Which database, and where.
    pub url: DatabaseUrl,
    /// Connections kept open at most.
    pub pool_size: u32,
    /// Certificate authorities to trust beside the system's, PEM.
    pub extra_ca_file: Option<PathBuf>,
    /// Whether statements are kept prepared on PostgreSQL.
    pub prepared_statements: PreparedStatements,
}

impl Database {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let url = from.secret("database.url", "database.url_file").and_then(|text| match text.expose().parse() {
            Ok(url) => {
                from.show("database.url", &without_password(text.expose()));
                Some(url)
            }
            Err(error) => {
                let error: DatabaseUrlError = error;
                from.refuse("database.url", error);
                None
            }
        });
        let pool_size = from.within("database.pool_size", 2..=1000);
        let extra_ca_file = from.optional("database.extra_ca_file");
        let prepared_statements = from.value("database.prepared_statements");
        Some(Self {
            url: url?,
            pool_size: pool_size?,
            extra_ca_file: extra_ca_file?,
            prepared_statements: prepared_statements?,
        })
    }
}

impl Setting for PreparedStatements {
    const EXPECTED: &'static str = "\"auto\", true or false";
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "true" => Ok(Self::Always),
            "false" => Ok(Self::Never),
            _ => Err(unreadable::<Self>(text)),
        }
    }
    fn from_file(value: &Found) -> Result<Self, String> {
        match value {
            Found::Boolean(true) => Ok(Self::Always),
            Found::Boolean(false) => Ok(Self::Never),
            Found::Text(text) => Self::from_text(text),
            other => Err(mismatch::<Self>(other)),
        }
    }
    fn show(&self) -> String {
        match self {
            Self::Auto => quote("auto"),
            Self::Always => "true".to_owned(),
            Self::Never => "false".to_owned(),
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
    fn prepared_statements_are_found_out_about_or_said() {
        for (file, text, value) in [
            (Found::Text("auto".into()), "auto", PreparedStatements::Auto),
            (Found::Boolean(true), "true", PreparedStatements::Always),
            (Found::Boolean(false), "false", PreparedStatements::Never),
        ] {
            assert_eq!(PreparedStatements::from_file(&file), Ok(value));
            assert_eq!(PreparedStatements::from_text(text), Ok(value));
            assert_eq!(value.show().trim_matches('"'), text);
        }
        assert!(
            PreparedStatements::from_text("yes").is_err() && PreparedStatements::from_file(&Found::Integer(1)).is_err()
        );
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
