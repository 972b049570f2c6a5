//! Clients of one sector know a person by a `sub` that no other client has (OpenID Connect Core §8).

mod asked_for;
mod changes;
mod logout;
mod sector;
mod tokens;

use latchkey::domain::oauth::client::subject_type::SubjectType;

use crate::harness::{Client, TestApp, jwt};

/// A pairwise client whose redirect URI is this.
async fn client_at(app: &TestApp, redirect: &str) -> Client {
    let client = app.client().first_party().redirect(&[redirect]);
    client.with(|m| m.subjects.subject_type = SubjectType::Pairwise).create().await
}

/// What a token says.
fn told(token: &str, claim: &str) -> String {
    jwt::claims(token)[claim].as_str().unwrap_or_else(|| panic!("{claim}")).to_owned()
}

/// What the client calls this person.
async fn sub(client: &Client, name: &str) -> String {
    told(&client.sign_in_for(name, "openid").await.id_token, "sub")
}

/// The id of an account, which is the `sub` of public clients.
async fn id(app: &TestApp, name: &str) -> String {
    app.user(name).await.id.to_string()
}
