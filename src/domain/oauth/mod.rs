//! The rules of OAuth and OpenID Connect.
