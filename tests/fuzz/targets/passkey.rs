//! Answers of browsers that were asked for a passkey. Whatever an input says, no signature of it holds: nobody has the private
//! half of the one key that is registered.

use std::sync::LazyLock;

use latchkey::crypto::passkey::{Assertion, Begun, RelyingParty};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::given::{JWKS, OWN, encode};

/// The relying party, a credential of somebody, and a ceremony of each kind.
struct Given {
    party: RelyingParty,
    stored: String,
    registration: Begun,
    assertion: Begun,
    discovery: Begun,
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let party = RelyingParty::of(&OWN).expect("a name");
    let begin = || party.begin_registration(Uuid::from_u128(1), ("alice", "Alice"), vec![]).expect("a ceremony");
    let first = begin();
    let answer = answer_to(&first, "webauthn.create", &json!({"attestationObject": encode(attestation())}));
    let stored = party.finish_registration(&first.state, &answer).map(|new| new.stored).expect("a credential");
    let assertion = party.begin_assertion(&[&stored]).expect("a ceremony").expect("a credential");
    let discovery = party.begin_discovery().expect("a ceremony");
    Given { registration: begin(), party, stored, assertion, discovery }
});

/// An attestation of nothing (`none`), with a key on P-256.
fn attestation() -> Vec<u8> {
    let key = JWKS["keys"].as_array().expect("keys").iter().find(|key| key["crv"] == "P-256").expect("a key");
    let [x, y] = ["x", "y"].map(|name| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(key[name].as_str().expect("text")).expect("base64url")
    });
    let mut data = Sha256::digest(b"id.example").to_vec();
    data.push(0x45);
    data.extend([0, 0, 0, 1]);
    data.extend([0; 16]);
    data.extend([0, 4, 1, 2, 3, 4]);
    // {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
    data.extend([b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), &x, b"\x22\x58\x20", &y].concat());
    let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
    object.push(u8::try_from(data.len()).expect("its length"));
    object.extend(data);
    object
}

/// What a browser sends whose page was asked for that.
fn answer_to(begun: &Begun, kind: &str, response: &Value) -> String {
    let options: Value = serde_json::from_str(&begun.options).expect("options");
    let client = json!({"type": kind, "challenge": options["challenge"], "origin": OWN.as_str(), "crossOrigin": false});
    let mut response = response.clone();
    response["clientDataJSON"] = json!(encode(client.to_string()));
    json!({"id": "AQIDBA", "rawId": "AQIDBA", "type": "public-key", "response": response}).to_string()
}

/// By the first byte: `r` an attestation object; `s` the length of a signature in one byte, the signature, the authenticator's
/// data; anything else with what follows the answer as a whole.
pub fn passkey(data: &[u8]) {
    let given = &*GIVEN;
    match data.split_first() {
        Some((b'r', object)) => {
            let response = json!({"attestationObject": encode(object)});
            registers(given, &answer_to(&given.registration, "webauthn.create", &response));
        }
        Some((b's', rest)) => {
            let Some((length, rest)) = rest.split_first() else { return };
            let Some((signature, data)) = rest.split_at_checked(usize::from(*length)) else { return };
            let response = json!({"authenticatorData": encode(data), "signature": encode(signature)});
            for begun in [&given.assertion, &given.discovery] {
                is_refused(given, &answer_to(begun, "webauthn.get", &response));
            }
        }
        _ => {
            let Ok(text) = std::str::from_utf8(data) else { return };
            is_refused(given, text);
            let whole = given.party.finish_registration(&given.registration.state, text);
            assert!(whole.is_err(), "it cannot know the challenge");
        }
    }
}

/// A key may be anybody's, and then it is one that can be used.
fn registers(given: &Given, answer: &str) {
    let Ok(new) = given.party.finish_registration(&given.registration.state, answer) else { return };
    assert!(new.stored.len() <= 8192 && !new.id.is_empty() && new.id.len() <= 1023);
    let begun = given.party.begin_assertion(&[&new.stored]).expect("a ceremony").expect("it can be asked for");
    let response = json!({"authenticatorData": "AA", "signature": "AA"});
    let answer = Assertion::parse(&answer_to(&begun, "webauthn.get", &response)).expect("an answer");
    assert!(given.party.finish_assertion(&begun.state, &answer).is_err());
}

fn is_refused(given: &Given, answer: &str) {
    let Some(answer) = Assertion::parse(answer) else { return };
    assert!(given.party.finish_assertion(&given.assertion.state, &answer).is_err(), "it was never signed");
    let discovered = given.party.finish_discovery(&given.discovery.state, &answer, &given.stored);
    assert!(discovered.is_err(), "it was never signed");
    let _nobodys = (answer.credential().len(), answer.handle());
}
