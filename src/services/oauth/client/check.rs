//! Whether a client may be as it is to be: by the rules of registration, and by what other servers say.

use std::time::Duration;

use crate::app::App;
use crate::domain::oauth::client::registration;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::request_object::without_fragment;
use crate::domain::oauth::client::sector::{self, SectorRefused};
use crate::domain::oauth::client::{Client, Metadata};
use crate::runtime::sector_documents::NoDocument;
use crate::services::ServiceError;
use crate::services::error::Unavailable;

/// When it is worth asking again where we could not fetch a document.
const DOCUMENT_AGAIN: Duration = Duration::from_secs(10);

/// Whether a client that was like `before`, if it was there, may be like that.
///
/// # Errors
/// Names the first thing that cannot be registered; or what has to be looked at cannot be now.
pub(super) async fn check(
    app: &App,
    before: Option<&Client>,
    name: &str,
    metadata: &Metadata,
) -> Result<(), ServiceError> {
    registration::check(name, metadata, &app.settings.bounds())?;
    check_servers(app, before, metadata).await
}

/// Whether the servers may be called that a client names, and whether the one of its sector says that it belongs there (OpenID
/// Connect Core §8.1).
///
/// # Errors
/// Names the one that may not, or does not; or that cannot be asked now, which lies with us.
pub async fn check_servers(app: &App, before: Option<&Client>, metadata: &Metadata) -> Result<(), ServiceError> {
    if let Some(uri) = &metadata.keys.jwks_uri {
        may_call(app, "jwks_uri", uri)?;
    }
    for uri in &metadata.request_objects.request_uris {
        may_call(app, "request_uris", without_fragment(uri))?;
    }
    if let Some(uri) = &metadata.subjects.sector_identifier_uri {
        may_call(app, "sector_identifier_uri", uri)?;
    }
    let Some(uri) = sector::to_be_proven(before.map(|client| &client.metadata), metadata) else { return Ok(()) };
    match app.sector_documents.at(uri, &app.outbound).await {
        Ok(document) => Ok(sector::prove(&document, &metadata.redirect_uris).map_err(RegistrationError::from)?),
        Err(NoDocument::Theirs(why)) => Err(RegistrationError::from(SectorRefused::NotHad(why)).into()),
        Err(NoDocument::Ours(why)) => {
            let cause = format!("a client's sector_identifier_uri: {why}");
            Err(ServiceError::Unavailable(Unavailable {
                cause,
                retry_after: DOCUMENT_AGAIN,
                may_be_done: false,
                // Whoever may register.
                by_strangers: true,
            }))
        }
    }
}

fn may_call(app: &App, member: &'static str, uri: &str) -> Result<(), RegistrationError> {
    let refused = |why: String| RegistrationError::Callback { member, uri: uri.to_owned(), why };
    app.outbound.may_call(uri).map_err(|why| refused(why.to_string()))
}
