//! The row of an authorization code.

use diesel::prelude::*;

use crate::domain::oauth::authorize::pkce::CodeChallenge;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::foundation::{SecretHash, Timestamp, id::GrantId};
use crate::storage::engine::schema::authorization_codes;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = authorization_codes, treat_none_as_default_value = false)]
pub(super) struct CodeRow {
    hash: SecretHash,
    grant_id: GrantId,
    client_id: ClientId,
    redirect_uri: String,
    challenge: Option<String>,
    nonce: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    made_by: Option<i64>,
    used_by: Option<i64>,
}

impl From<AuthorizationCode> for CodeRow {
    fn from(code: AuthorizationCode) -> Self {
        Self {
            hash: code.hash,
            grant_id: code.grant,
            client_id: code.client,
            redirect_uri: code.redirect_uri,
            challenge: code.challenge.map(|challenge| challenge.as_str().to_owned()),
            nonce: code.nonce,
            created_at: code.created_at,
            expires_at: code.expires_at,
            used_at: code.used_at,
            made_by: code.made_by,
            used_by: code.used_by,
        }
    }
}

impl From<CodeRow> for AuthorizationCode {
    fn from(row: CodeRow) -> Self {
        Self {
            hash: row.hash,
            grant: row.grant_id,
            client: row.client_id,
            redirect_uri: row.redirect_uri,
            challenge: row.challenge.map(CodeChallenge::from_stored),
            nonce: row.nonce,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            made_by: row.made_by,
            used_by: row.used_by,
        }
    }
}
