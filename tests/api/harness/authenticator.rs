//! Phones with an authenticator app.

use std::net::{IpAddr, Ipv4Addr};

use latchkey::crypto::totp::TotpSecret;
use latchkey::domain::access::actor::{Actor, Origin};
use latchkey::domain::account::user::User;
use latchkey::domain::factor::proof::{Proof, Proofs};
use latchkey::domain::factor::totp::TotpCode;
use latchkey::domain::sign_in::device::DeviceCookie;
use latchkey::domain::sign_in::remembered_device::DeviceSecrets;
use latchkey::domain::sign_in::session::Session;
use latchkey::foundation::Clock;
use latchkey::foundation::id::SessionId;
use latchkey::services::factor::recovery_codes::{self, Created};
use latchkey::services::factor::totp::{self, NewApp};
use latchkey::services::sign_in::browser_session::Before;
use latchkey::services::sign_in::own_page::FreshSession;
use latchkey::storage::sign_in::session;

use super::{TestApp, operator};

/// An app that knows a secret.
#[derive(Clone)]
pub struct Authenticator {
    secret: Vec<u8>,
    clock: Clock,
}

impl Authenticator {
    /// An app into which this text was typed.
    pub fn with(text: &str, app: &TestApp) -> Self {
        Self { secret: base32(text), clock: app.clock.clone() }
    }

    /// What it shows now.
    pub fn code(&self) -> String {
        self.code_in(0)
    }

    /// What it shows in so many seconds.
    pub fn code_in(&self, seconds: i64) -> String {
        let secret = TotpSecret::from_bytes(&self.secret).expect("a secret");
        secret.code_at(self.clock.now().as_secs() + seconds).expect("a code")
    }

    /// A code that is none of those that are taken now.
    pub fn wrong(&self) -> String {
        let right: Vec<_> = [-30, 0, 30].map(|seconds| self.code_in(seconds)).into();
        (0..).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).expect("a wrong code")
    }
}

/// Somebody who is signed in, as far as services are told.
fn signed_in(app: &TestApp, user: &User) -> (Actor, Session) {
    let now = app.app.clock.now();
    let session = Session {
        id: SessionId::generate(&app.app.random, now),
        user: user.id,
        authenticated_at: now,
        proofs: Proofs::of(Proof::by_password(now)),
        created_at: now,
        seen_at: now,
        expires_at: now.after(super::seconds(3600)),
        ended_at: None,
        proved_in: None,
        chosen_in: None,
    };
    (Actor::nobody(Origin::default()).signed_in(user.id, session.id), session)
}

/// Somebody who has just proved who they are, in a session that there is.
pub async fn fresh(app: &TestApp, user: &User) -> (Actor, FreshSession) {
    let (by, session) = signed_in(app, user);
    let store = &app.app.store;
    store.transaction("test", async |tx| session::insert(tx, &session).await).await.expect("a session");
    (by, FreshSession::prove(&app.app, &session, user).expect("a fresh session"))
}

/// What the form of a new app sends, from a browser that nobody has signed in with.
pub fn new_app(code: TotpCode, device: &DeviceCookie) -> NewApp<'_> {
    let browser = Before { known: None, binding: String::new(), remembered: DeviceSecrets::default(), is_there: true };
    NewApp { name: "Phone", code, address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)), device, browser }
}

impl TestApp {
    /// Somebody has an authenticator app. The code that it shows now is still to be used.
    pub async fn add_totp(&self, name: &str) -> Authenticator {
        let user = self.user(name).await;
        let secret = TotpSecret::generate(&self.app.random);
        totp::import(&self.app, &operator(), &user, &secret).await.expect("an app");
        Authenticator { secret: secret.as_bytes().to_vec(), clock: self.clock.clone() }
    }

    /// Somebody makes recovery codes.
    pub async fn recovery_codes(&self, name: &str) -> Vec<String> {
        let user = self.user(name).await;
        let (by, fresh) = fresh(self, &user).await;
        let made = recovery_codes::left(&self.app, &user).await.expect("an answer").map(|(_, made)| made);
        let created = recovery_codes::create(&self.app, &by, &fresh, made).await.expect("codes");
        let (store, id, now) = (&self.app.store, fresh.session().id, self.app.clock.now());
        store.transaction("test", async |tx| session::end(tx, id, now).await).await.expect("its end");
        let Created::New(codes) = created else { panic!("no codes") };
        codes.iter().map(|code| code.expose().to_owned()).collect()
    }
}

/// RFC 4648 §6, without padding; spaces are for people.
fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u64, 0, Vec::new());
    for symbol in text.bytes().filter(|byte| *byte != b' ') {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'2'..=b'7' => symbol - b'2' + 26,
            other => panic!("{other}"),
        };
        (bits, count) = (bits << 5 | u64::from(value), count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}
