//! `[database]`: the record of truth.

use std::path::PathBuf;

use url::Url;

use super::reader::Reader;
use crate::storage::{DatabaseUrl, DatabaseUrlError};

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
        Some(Self { url: url?, pool_size: pool_size?, extra_ca_file: extra_ca_file? })
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
