//! What a conformance suite asks of a provider, line by line: a test for each of its modules and for what it checks in all of them,
//! driven from outside by a client that registers itself. docs/specs.md has the list.

mod authorization_requests;
mod checks;
mod code_and_tokens;
mod discovery;
mod every_module;
mod logout_and_session;
mod plan;
mod prompts_and_ages;
mod redirect_uris;
mod registration;
mod request_objects;
mod rp_initiated_logout;
mod scopes_and_claims;
mod suite;
