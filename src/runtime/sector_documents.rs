//! The documents at `sector_identifier_uri`, by which clients show that they belong to a sector (OpenID Connect Core §8.1), fetched when
//! a client is registered or changed. None is kept.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::domain::oauth::client::sector::{LONGEST, NotHad};
use crate::outbound::{Method, Outbound, OutboundError, Phase, Request, StatusCode};

/// Whoever registers the client waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many are fetched at one time: where everybody may register applications, strangers choose the servers, and those that hang
/// leave most of the turns of the outbound client to all others.
const TURNS: usize = 8;

/// Fetches them.
pub struct SectorDocuments {
    turns: Semaphore,
}

/// Why there is no document.
#[derive(Debug)]
pub enum NoDocument {
    /// It lies with its server.
    Theirs(NotHad),
    /// It lies with us, and may be different later; why, for the log.
    Ours(String),
}

impl SectorDocuments {
    /// With every turn free.
    pub fn new() -> Self {
        Self { turns: Semaphore::new(TURNS) }
    }

    /// The document at `uri`: at most [`LONGEST`] bytes, within three seconds, from a server that may be called, and without
    /// following a redirect. A server that hung a moment ago is not called, and none more often at a time than those that are
    /// told of something: nobody can make us a burden to others.
    ///
    /// # Errors
    /// Why there is none, and with whom that lies.
    pub async fn at(&self, uri: &str, outbound: &Outbound) -> Result<Bytes, NoDocument> {
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.turns.acquire()).await else {
            return Err(NoDocument::Ours("too many documents of sectors are being fetched".to_owned()));
        };
        let request = Request::new(Method::GET, uri).within(PATIENCE).at_most(LONGEST);
        match outbound.tell(request).await {
            Ok(answer) if answer.status == StatusCode::OK => Ok(answer.body),
            Ok(answer) => Err(NoDocument::Theirs(NotHad::Status(answer.status.as_u16()))),
            Err(error) if is_ours(&error) => Err(NoDocument::Ours(error.to_string())),
            Err(error) => Err(NoDocument::Theirs(NotHad::NoAnswer(error.to_string()))),
        }
    }
}

impl Default for SectorDocuments {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether it says nothing about the server that was to be called.
fn is_ours(error: &OutboundError) -> bool {
    matches!(
        error,
        OutboundError::Busy { .. }
            | OutboundError::Request(_)
            | OutboundError::Authorities(_)
            | OutboundError::TimedOut { waiting_for: Phase::Turn, .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_with_us_is_no_fault_of_the_client() {
        let late = |waiting_for| OutboundError::TimedOut { after: PATIENCE, waiting_for };
        let host = || "app.example:443".to_owned();
        for ours in [OutboundError::Busy { host: host() }, late(Phase::Turn)] {
            assert!(is_ours(&ours), "{ours}");
        }
        for theirs in [OutboundError::Resting { host: host() }, late(Phase::Connection), late(Phase::Body)] {
            assert!(!is_ours(&theirs), "{theirs}");
        }
    }
}
