//! How PostgreSQL is reached.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::backend::{PostgresServer, PreparedStatements};
use crate::foundation::trust;
use crate::storage::StoreError;

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
    prepared: PreparedStatements,
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
    // With one server, `PostgresServer::connect` asks for this itself, together with other things.
    if config.get_hosts().len().max(config.get_hostaddrs().len()) > 1 {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    } else {
        config.target_session_attrs(TargetSessionAttrs::Any);
    }
    let tls = match config.get_ssl_mode() {
        SslMode::Disable => None,
        _ => Some(tls(extra_ca.as_deref())?),
    };
    Ok(Arc::new(PostgresServer::new(config, tls, prepared)))
}

/// TLS with the authorities of the machine and those in `extra_ca`.
fn tls(extra_ca: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(StoreError::unavailable)?
        .with_root_certificates(trust::roots(extra_ca).map_err(StoreError::unavailable)?)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
