//! Where the database is.

use std::error::Error as _;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;
use tokio_postgres::config::{Host, SslMode};

use crate::foundation::text::{self, Blemish};

/// Where the database is: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
///
/// On PostgreSQL, `sslmode` is `verify-full` or `require` (both verify the server's certificate and never go on in
/// clear text), `prefer` (clear text if the server has no TLS) or `disable`. Without it, a server on this machine is
/// reached in clear text and any other as with `require`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<tokio_postgres::Config>),
}

/// Why a text is not a database URL. Never quotes it: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseUrlError {
    /// Neither form.
    #[error("expected \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"")]
    Scheme,
    /// A stray character, such as a line break.
    #[error("{0}")]
    Blemish(Blemish),
    /// `sqlite:` alone, or `sqlite::memory:`: each of our connections would have a database of its own.
    #[error("a SQLite database needs a file: sqlite:PATH (a database in memory is not supported)")]
    NoFile,
    /// A form of other programs: `file:…`, or parameters behind a question mark.
    #[error("sqlite:PATH is followed by the path of a file, not by a URI, and takes no parameters")]
    SqliteUri,
    /// It ends with a slash.
    #[error("sqlite:PATH must name a file, not a folder")]
    Folder,
    /// Not a URL that PostgreSQL's own rules allow.
    #[error("the PostgreSQL URL is not valid: {0}")]
    Postgres(String),
    /// No host to connect to.
    #[error("the PostgreSQL URL names no host")]
    NoHost,
    /// Most often a password that was not encoded.
    #[error(
        "the PostgreSQL URL's host is neither a name nor an address; within a user or a password @ is written %40, \
         : %3A and / %2F"
    )]
    Host,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(blemish) = text::in_path(text).or_else(|| text::doubled_slash(text)) {
            return Err(DatabaseUrlError::Blemish(blemish));
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // A blemish at the beginning of the path lies within the text, where the first check permits it.
            if let Some(blemish) = text::in_path(path) {
                return Err(DatabaseUrlError::Blemish(blemish.after(text.len() - path.len())));
            }
            return sqlite(path).map(Self::Sqlite);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            if let Some(blemish) = text::in_secret(text) {
                return Err(DatabaseUrlError::Blemish(blemish));
            }
            return postgres(text).map(|config| Self::Postgres(Box::new(config)));
        }
        Err(DatabaseUrlError::Scheme)
    }
}

fn sqlite(path: &str) -> Result<PathBuf, DatabaseUrlError> {
    match path {
        path if path.is_empty() || path.contains(":memory:") || path.contains("mode=memory") => {
            Err(DatabaseUrlError::NoFile)
        }
        path if path.starts_with("file:") || path.contains('?') => Err(DatabaseUrlError::SqliteUri),
        path if path.ends_with(['/', '\\']) || [".", ".."].contains(&path) => Err(DatabaseUrlError::Folder),
        path => Ok(PathBuf::from(path)),
    }
}

fn postgres(text: &str) -> Result<tokio_postgres::Config, DatabaseUrlError> {
    let (text, ssl_mode) = take_ssl_mode(text);
    let mut config: tokio_postgres::Config = text.parse().map_err(|error: tokio_postgres::Error| {
        // These two only name a parameter; other sources may quote a value.
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        let names = ["invalid value for option", "unknown option"].iter().any(|known| source.starts_with(known));
        DatabaseUrlError::Postgres(if names { source } else { error.to_string() })
    })?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(DatabaseUrlError::NoHost);
    }
    if !config.get_hosts().iter().all(is_sound) {
        return Err(DatabaseUrlError::Host);
    }
    config.ssl_mode(match ssl_mode.as_deref() {
        Some("disable") => SslMode::Disable,
        Some("prefer") => SslMode::Prefer,
        Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
        Some(_) => {
            let message = "sslmode is verify-full, verify-ca, require, prefer or disable";
            return Err(DatabaseUrlError::Postgres(message.into()));
        }
        None if is_local(&config) => SslMode::Disable,
        None => SslMode::Require,
    });
    Ok(config)
}

/// Takes `sslmode` out of the query: tokio-postgres does not know all of its values.
fn take_ssl_mode(text: &str) -> (String, Option<String>) {
    let Some((base, query)) = text.split_once('?') else {
        return (text.to_owned(), None);
    };
    let (modes, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| pair.starts_with("sslmode="));
    let mode = modes.last().and_then(|pair| pair.strip_prefix("sslmode=")).map(str::to_owned);
    (format!("{base}?{}", others.join("&")), mode)
}

fn is_sound(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name.parse::<IpAddr>().is_ok() || url::Host::parse(name).is_ok(),
        Host::Unix(path) => path.is_absolute(),
    }
}

fn is_local(config: &tokio_postgres::Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            let name = name.trim_start_matches('[').trim_end_matches(']');
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    });
    // hostaddr, where present, is where the connection really goes.
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// Without user and password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(config) => {
                let host = match config.get_hosts().first() {
                    Some(Host::Tcp(name)) => name.clone(),
                    Some(Host::Unix(path)) => path.display().to_string(),
                    None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
                };
                let port = config.get_ports().first().copied().unwrap_or(5432);
                write!(f, "postgres://{host}:{port}/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssl_mode(url: &str) -> SslMode {
        match url.parse() {
            Ok(DatabaseUrl::Postgres(config)) => config.get_ssl_mode(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_sqlite_url_is_a_path() {
        assert_eq!("sqlite:a/b.sqlite".parse(), Ok(DatabaseUrl::Sqlite("a/b.sqlite".into())));
        assert_eq!("sqlite:///var/lib/x".parse(), Ok(DatabaseUrl::Sqlite("/var/lib/x".into())));
    }

    #[test]
    fn what_is_no_database_is_refused_with_the_reason_and_without_a_password() {
        for (url, wanted) in [
            ("sqlite:", "needs a file"),
            ("sqlite::memory:", "memory is not supported"),
            ("sqlite://:memory:", "memory is not supported"),
            ("sqlite:file:x?mode=memory&cache=shared", "memory is not supported"),
            ("sqlite:file:x.sqlite", "not by a URI"),
            ("sqlite:x.sqlite?mode=ro", "no parameters"),
            ("sqlite:/var/lib/", "not a folder"),
            ("sqlite:/var//lib/x", "character 13 is a doubled slash"),
            ("sqlite:x.sqlite\r", "character 16 is a carriage return"),
            ("sqlite: x", "character 8 is a space"),
            ("a.sqlite", "expected \"sqlite:PATH\""),
            ("", "expected \"sqlite:PATH\""),
            ("postgres:h", "expected \"sqlite:PATH\""),
            ("mysql://u:hunter2@h/d", "expected \"sqlite:PATH\""),
            ("postgres://", "names no host"),
            ("postgres:///d", "names no host"),
            ("postgres://u:hunter2@/d", "names no host"),
            ("postgres://u:hunter2@h:port/d", "invalid value for option `port`"),
            ("postgres://u:hunter2@h:99999/d", "invalid value for option `port`"),
            ("postgres://u:hunter2@[::1/d", "invalid value for option `host`"),
            ("postgres://u:hun@ter2@h/d", "@ is written %40"),
            ("postgres://u:hunter2@a,,b/d", "neither a name nor an address"),
            ("postgres://u:hunter2@h/d?sslmode=hunter2", "sslmode is verify-full"),
            ("postgres://u:hunter2@h/d?connect_timeout=hunter2", "invalid value for option `connect_timeout`"),
            ("postgres://u:hunter2@h/d?colour=hunter2", "unknown option `colour`"),
            ("postgres://u:hunter2@h//d", "character 24 is a doubled slash"),
            ("postgres://u:hun ter2@h/d", "character 17 is a space"),
            ("postgres://u:hunter2@h/d\r", "character 25 is a carriage return"),
        ] {
            let said = url.parse::<DatabaseUrl>().expect_err(url).to_string();
            assert!(said.contains(wanted) && !said.contains("ter2"), "{url}: {said}");
        }
    }

    #[test]
    fn another_scheme_is_refused_without_quoting_it() {
        let error = "mysql://root:hunter2@db/x".parse::<DatabaseUrl>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn clear_text_is_for_this_machine_or_for_those_who_ask() {
        assert_eq!(ssl_mode("postgres://u@127.0.0.1/x"), SslMode::Disable);
        assert_eq!(ssl_mode("postgres://u@localhost/x?application_name=a"), SslMode::Disable);
        assert_eq!(ssl_mode("postgres://u@%2Frun%2Fpostgresql/x"), SslMode::Disable);
        assert_eq!(ssl_mode("postgres://u@db.example/x?sslmode=disable"), SslMode::Disable);
        assert_eq!(ssl_mode("postgres://u@db.example/x"), SslMode::Require);
        assert_eq!(ssl_mode("postgres://u@localhost/x?hostaddr=192.0.2.1"), SslMode::Require);
        assert_eq!(ssl_mode("postgres://u@db.example/x?sslmode=verify-full"), SslMode::Require);
        assert_eq!(ssl_mode("postgres://u@127.0.0.1/x?sslmode=require"), SslMode::Require);
        assert_eq!(ssl_mode("postgres://u@db.example/x?sslmode=prefer"), SslMode::Prefer);
    }

    #[test]
    fn neither_display_nor_debug_shows_the_password() {
        let url: DatabaseUrl = "postgres://u:hunter2@db.example:6432/x".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "postgres://db.example:6432/x DatabaseUrl(postgres://db.example:6432/x)");
    }
}
