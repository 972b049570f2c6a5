//! `[redis]`: counters shared by several instances.

use std::path::PathBuf;

use super::database::without_password;
use super::reader::Reader;
use crate::foundation::{SecretString, text};

/// Counters shared by several instances.
#[derive(Clone, Debug)]
pub struct Redis {
    /// A `redis://` or `rediss://` URL; `None` keeps the counters in the database.
    pub url: Option<SecretString>,
    /// Certificate authorities to trust beside those of the system, PEM.
    pub extra_ca_file: Option<PathBuf>,
}

impl Redis {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let url = from.optional_secret("redis.url", "redis.url_file");
        let extra_ca_file = from.optional("redis.extra_ca_file")?;
        let url = url?;
        if let Some(text) = &url {
            if let Some(blemish) = text::in_address(text.expose()) {
                from.refuse("redis.url", blemish);
                return None;
            }
            if !["redis://", "rediss://", "redis+unix://", "unix://"]
                .iter()
                .any(|scheme| text.expose().starts_with(scheme))
            {
                from.refuse("redis.url", "expected a URL such as \"redis://127.0.0.1:6379\"");
                return None;
            }
            if text.expose().ends_with("#insecure") {
                let message = "the server's certificate is always verified: name its authority in redis.extra_ca_file";
                from.refuse("redis.url", message);
                return None;
            }
            from.show("redis.url", &without_password(text.expose()));
        }
        Some(Self { url, extra_ca_file })
    }
}
