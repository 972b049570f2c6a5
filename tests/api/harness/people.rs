//! The people of the tests.

use latchkey::app::App;
use latchkey::domain::account::identifier::LoginIdentifier;
use latchkey::domain::account::profile::Profile;
use latchkey::domain::account::user::{Status, User};
use latchkey::foundation::id::UserId;
use latchkey::storage::account::user;
use serde_json::{Value, json};

/// Everybody's password.
pub const PASSWORD: &str = "a-rather-long-password";

/// Its hash, with the parameters of the product: made once, so that no test pays for it.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$g8od6xzPp3VtBHkzkYtOOA$gsFaEcI+OSXncslJob3+154cHVA8S+9/qLgh44IENeM";

/// alice with a value for every claim, bob with few.
pub async fn create(app: &App) {
    insert(app, "alice", alice()).await;
    insert(app, "bob", json!({"name": "Bob Builder"})).await;
}

/// Somebody else, of whom nothing is known but a name.
pub async fn one_more(app: &App, name: &str) {
    insert(app, name, json!({"name": format!("Somebody {name}")})).await;
}

async fn insert(app: &App, name: &str, claims: Value) {
    let (now, email) = (app.clock.now(), format!("{name}@example.com"));
    let user = User {
        id: UserId::generate(&app.random, now),
        status: Status::Active,
        username: Some(name.to_owned()),
        email: Some(email.clone()),
        email_verified: name == "alice",
        administrator: false,
        profile: Profile::parse(claims).expect("a profile"),
        password_hash: Some(HASH.to_owned()),
        second_factor: false,
        delete_at: None,
        second_factor_from: None,
        created_at: now,
        updated_at: now,
    };
    let identifiers = [
        LoginIdentifier::username(name).expect("a username"),
        LoginIdentifier::email(&email).expect("an e-mail address"),
    ];
    app.store
        .transaction("test", async |tx| user::insert(tx, &user, &identifiers).await)
        .await
        .expect("a store")
        .expect("a new user");
}

fn alice() -> Value {
    json!({
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "middle_name": "Pleasance",
        "nickname": "Ali",
        "profile": "https://example.com/alice",
        "picture": "https://example.com/alice.png",
        "website": "https://alice.example.com",
        "gender": "female",
        "birthdate": "1990-01-31",
        "zoneinfo": "Europe/London",
        "locale": "en-GB",
        "phone_number": "+44 20 7946 0018",
        "phone_number_verified": true,
        "address": {
            "formatted": "1 Rabbit Hole Lane\nOxford OX1 1AA\nUnited Kingdom",
            "street_address": "1 Rabbit Hole Lane",
            "locality": "Oxford",
            "region": "Oxfordshire",
            "postal_code": "OX1 1AA",
            "country": "GB",
        },
    })
}
