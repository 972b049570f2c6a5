//! Metadata of clients: what operators and applications register.

use std::sync::LazyLock;
use std::time::Duration;

use latchkey::crypto::Algorithm;
use latchkey::crypto::jwe::KeyManagement;
use latchkey::domain::oauth::client::registration::{self, Bounds};
use latchkey::domain::oauth::client::self_registration::{self, OwnBounds};
use latchkey::domain::oauth::client::{Client, Metadata, metadata_document};
use latchkey::domain::oauth::profile::Rules;
use latchkey::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use latchkey::domain::oauth::token::lifetimes::TokenLifetimes;
use latchkey::domain::oauth::token::scope::Scope;
use serde_json::Value;

use super::given;

static NO_SCOPE: LazyLock<Scope> = LazyLock::new(Scope::empty);
static CATALOGUE: LazyLock<ClaimCatalogue> = LazyLock::new(ClaimCatalogue::default);
const MOST: TokenLifetimes = TokenLifetimes {
    access_token: Duration::from_secs(3600),
    id_token: Duration::from_secs(3600),
    refresh_token_idle: Duration::from_secs(86_400),
    refresh_token_absolute: Duration::from_secs(864_000),
};

fn bounds() -> Bounds<'static> {
    Bounds {
        extra_scopes: &NO_SCOPE,
        upstream_scopes: &NO_SCOPE,
        resources: &given::RESOURCES,
        rules: Rules::default(),
        catalogue: &CATALOGUE,
        algorithms: Algorithm::ALL.into_iter().collect(),
        encryption: KeyManagement::ALL.into_iter().collect(),
        usual: &MOST,
        most: &MOST,
    }
}

/// A document, as a file of an operator's and as one that an application sends of itself.
pub fn metadata(data: &[u8]) {
    if let Ok(document) = metadata_document::read(data) {
        let (mut name, mut metadata) = (String::new(), Metadata::default());
        document.changes.apply(&mut name, &mut metadata);
        registration::complete(&mut name, &mut metadata);
        if registration::check(&name, &metadata, &bounds()).is_ok() {
            is_kept_as_it_is(&metadata);
        }
    }
    let Ok(document) = self_registration::read(data) else { return };
    let Ok((name, metadata)) = self_registration::described(document.changes, None, "an application") else { return };
    let own = OwnBounds { all: bounds(), scopes: &NO_SCOPE, credited: false, before: None };
    if self_registration::check(&name, &metadata, &own).is_err() {
        return;
    }
    is_kept_as_it_is(&metadata);
    assert!(!metadata.first_party && !metadata.private_http && !metadata.localhost_any_port, "an operator's to say");
    let client = Client { name, metadata, registered_itself: true, ..given::web() };
    what_it_is_told_registers_the_same(&client, &own);
}

/// A row that is read back is what was written.
fn is_kept_as_it_is(metadata: &Metadata) {
    let stored = serde_json::to_string(metadata).expect("JSON");
    let read: Metadata = serde_json::from_str(&stored).expect("metadata");
    assert_eq!(&read, metadata, "{stored}");
}

/// Whoever reads what is registered of it and sends that back has changed nothing (RFC 7592 §2.2).
fn what_it_is_told_registers_the_same(client: &Client, own: &OwnBounds<'_>) {
    let told = Value::Object(self_registration::told(client));
    let document = self_registration::read(told.to_string().as_bytes()).unwrap_or_else(|why| panic!("{why}: {told}"));
    self_registration::check_own(&document, client).expect("it names itself");
    let (name, metadata) =
        self_registration::described(document.changes, Some(client), "another").expect("what is told can be read");
    self_registration::check(&name, &metadata, own).unwrap_or_else(|why| panic!("{why}: {told}"));
    let same = Client { name, metadata, ..client.clone() };
    assert_eq!(Value::Object(self_registration::told(&same)), told);
    assert_eq!((&same.name, &same.metadata.redirect_uris), (&client.name, &client.metadata.redirect_uris));
}
