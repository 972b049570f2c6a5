//! How PostgreSQL is reached.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreError;
use super::backend::PostgresServer;
use crate::foundation::trust;

/// Limits that the server enforces, so that no query and no forgotten transaction outlives the request it served.
const SESSION: &str = "SET statement_timeout = '3s'; SET lock_timeout = '1s'; \
                       SET idle_in_transaction_session_timeout = '5s'";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A peer that has vanished without a word is noticed within some ten seconds, idle or not.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
const KEEPALIVE_RETRIES: u32 = 3;
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// Completes `config` with our timeouts, and prepares TLS where it is asked for.
pub fn server(
    mut config: tokio_postgres::Config,
    extra_ca: Option<PathBuf>,
) -> Result<Arc<PostgresServer>, StoreError> {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("latchkey");
    }
    config
        .keepalives(true)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .tcp_user_timeout(UNACKNOWLEDGED);
    let tls = match config.get_ssl_mode() {
        SslMode::Disable => None,
        _ => Some(tls(extra_ca.as_deref())?),
    };
    Ok(Arc::new(PostgresServer { config, tls, session: SESSION }))
}

/// TLS that trusts what the machine trusts, and `extra_ca`.
fn tls(extra_ca: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(StoreError::unavailable)?
        .with_root_certificates(trust::roots(extra_ca).map_err(StoreError::unavailable)?)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
