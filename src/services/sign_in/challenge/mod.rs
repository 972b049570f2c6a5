//! Signing in through an application's own form (OAuth 2.0 for First-Party Applications, draft 04): the same request, decision
//! and steps as on the pages, but told to the application one at a time. What travels on the pages under `flow` and in the
//! cookie of half a sign-in is here the `auth_session`; what it is bound to is not a browser but the client.

mod advance;
mod first;
mod here;
mod own_factors;
mod second;
mod sign_up;

pub use self::advance::{From, advance};
pub use self::here::{Next, Told};
