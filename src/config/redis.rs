//! `[redis]`: counters shared by several instances.

use super::database::without_password;
use super::reader::Reader;
use crate::foundation::{SecretString, text};

/// Counters shared by several instances.
#[derive(Clone, Debug)]
pub struct Redis {
    /// A `redis://` URL; `None` keeps the counters in the database.
    pub url: Option<SecretString>,
}

impl Redis {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let url = from.optional_secret("redis.url", "redis.url_file")?;
        if let Some(text) = &url {
            if let Some(blemish) = text::in_address(text.expose()) {
                from.refuse("redis.url", blemish);
                return None;
            }
            if !["redis://", "redis+unix://", "unix://"].iter().any(|scheme| text.expose().starts_with(scheme)) {
                from.refuse("redis.url", "expected a URL such as \"redis://127.0.0.1:6379\"");
                return None;
            }
            from.show("redis.url", &without_password(text.expose()));
        }
        Some(Self { url })
    }
}
