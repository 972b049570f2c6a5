//! Actors with verbs: a [`TestApp`], its [`Browser`]s and its [`Client`]s.

mod answer;
mod app;
mod authenticator;
mod browser;
mod client;
pub mod database;
#[path = "../../e2e/support/html.rs"]
mod html;
pub mod jwt;
mod keys;
#[allow(dead_code, reason = "the unit tests of src/mail use more of it")]
#[path = "../../../src/mail/tests/server.rs"]
mod mail_server;
pub mod mmdb;
mod passkey;
mod people;
mod post;
#[path = "../../../src/storage/tests/proxy.rs"]
pub mod proxy;
mod receiver;
mod registration;
mod rows;
pub mod signer;
pub mod snapshot;
pub mod upstream;

pub use answer::Answer;
pub use app::{ISSUER, TestApp, body, encode};
pub use authenticator::{Authenticator, fresh, new_app};
pub use browser::{Browser, Page, Shows};
pub use client::{AuthorizationRequest, Client, REDIRECT, Tokens, VERIFIER};
pub use mail_server::{HANGS, MailServer, VANISHES};
pub use passkey::Passkey;
pub use people::PASSWORD;
pub use receiver::Receiver;
pub use registration::{Registered, with_document};

/// The actor of the command line.
pub fn operator() -> latchkey::domain::access::actor::Actor {
    latchkey::domain::access::actor::Actor::command_line("operator")
}

/// So many seconds.
pub const fn seconds(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}
