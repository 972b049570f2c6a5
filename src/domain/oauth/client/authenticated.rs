//! A client that has proven who it is.

use std::ops::Deref;
use std::sync::Arc;

use super::{Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Refusal};

/// A client, and what came of its authentication. Only [`super::authentication::Credentials::prove`] makes one, and
/// [`super::assertion::Asserted::taken`], so whatever takes it comes after that; and what came of it is shown to oxide-auth's machines,
/// which give nothing to a client that has not proven itself (docs/decisions/0028).
#[derive(Clone, Debug)]
pub struct Authenticated {
    client: Arc<Client>,
    pub(super) outcome: Outcome,
}

/// What came of comparing what a client presented with what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its secret was right, or its assertion holds.
    Right,
    /// Its secret was wrong, or missing, or it has none and sent one.
    Wrong,
    /// It is public: it has no secret, and sent none.
    Public,
}

impl Authenticated {
    pub(super) fn new(client: Arc<Client>, outcome: Outcome) -> Self {
        Self { client, outcome }
    }

    /// The client, as whoever looks it up gets it.
    pub fn shared(&self) -> &Arc<Client> {
        &self.client
    }

    /// Whether it presented a proof, right or wrong, or only the name of a public client.
    pub fn by_proof(&self) -> bool {
        self.outcome != Outcome::Public
    }

    /// Whether the client of this id has been proven, as far as it can be.
    pub fn proves(&self, id: &str) -> bool {
        self.outcome != Outcome::Wrong && self.client.id.as_str() == id
    }
}

impl Deref for Authenticated {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// What whoever is not the client that they say is told.
pub fn failed(client: &ClientId) -> Refusal {
    unauthenticated("Client authentication failed.").with("client", client)
}

/// The same in other words, where there is no client to speak of.
pub(super) fn unauthenticated(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidClient, description)
}
