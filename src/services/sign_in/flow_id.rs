//! By what the flow of a request is known to the session that it was signed in for.

use std::time::Duration;

use super::authorization_request as requests;
use crate::app::App;
use crate::foundation::SecretHash;
use crate::storage::sign_in::authorization_request;
use crate::storage::{Conn, StoreError};

/// A flow, without what its pages carry.
#[derive(Clone, Copy)]
pub struct FlowId {
    /// Of what its pages carry.
    pub hash: SecretHash,
    /// Whether its request is a row.
    pub stored: bool,
}

/// How long a stored request is still there after its answer: for the second of two clicks, and for whoever goes back.
const ANSWERED: Duration = Duration::from_secs(120);

impl FlowId {
    /// Of the flow that pages carry.
    pub fn of(flow: &str) -> Self {
        Self { hash: SecretHash::of(flow), stored: requests::is_stored(flow) }
    }

    /// The request is answered: what is stored of it is of little use now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retire(&self, app: &App, tx: &mut Conn) -> Result<(), StoreError> {
        match self.stored {
            true => authorization_request::retire(tx, &self.hash, app.clock.now().after(ANSWERED)).await,
            false => Ok(()),
        }
    }
}
