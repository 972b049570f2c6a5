//! Latchkey: an OAuth 2.x authorization server and OpenID Connect provider in one binary.
//!
//! The tree, from the outside in. A module uses its own folder and those below it, never one above (tests/architecture.rs):
//!
//! * [`cli`]: the commands; [`http`]: every URL; [`jobs`]: what happens without a request
//! * [`services`]: one use case per file: permission, transaction, record
//! * [`app`]: every long-lived part, built once from [`config`]
//! * [`runtime`]: what a process keeps in memory: keys, clients, the password pool
//! * [`storage`], [`ephemeral`], [`mail`], [`outbound`]: the adapters to the database, to Redis, to a mail server, and to
//!   other servers
//! * [`domain`]: the rules of the protocol and of accounts, as pure functions; [`language`]: the words for people
//! * [`crypto`]: signatures, sealing, password hashing; [`foundation`]: time, randomness, ids, secrets
//!
//! Beside it stand [`telemetry`] (logs) and [`demo`] (a relying party of its own, which knows us only over HTTP).

// The futures of a request, from the router to a query, are nested deeper than the usual 128.
#![recursion_limit = "256"]

pub mod app;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod demo;
pub mod domain;
pub mod ephemeral;
pub mod foundation;
pub mod http;
pub mod jobs;
pub mod language;
pub mod mail;
pub mod outbound;
pub mod runtime;
pub mod services;
pub mod storage;
pub mod telemetry;
