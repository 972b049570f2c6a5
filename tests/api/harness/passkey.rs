//! Passkeys: an authenticator in software, and the browser's part of a ceremony.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::sign::Signer;
use serde_json::{Value, json};

use super::{Browser, Page, TestApp};

/// One credential, and what its authenticator and the browser do wrong.
#[derive(Clone)]
pub struct Passkey {
    /// Its key pair.
    pub key: EcKey<Private>,
    /// Its id.
    pub id: Vec<u8>,
    /// Whose it is, once it is made.
    pub handle: Vec<u8>,
    /// Whether it says so when it is named.
    pub discoverable: bool,
    /// Whether the authenticator knows its owner.
    pub verifies: bool,
    /// Signatures so far; `None` of one that does not count.
    pub count: Option<u32>,
    /// Where the browser says that it is.
    pub origin: String,
    /// The relying party that is signed for, if it is another than the one that asks.
    pub party: Option<String>,
    /// The challenge that is answered, if it is another than the one that was asked.
    pub challenge: Option<String>,
    /// Whether the page is in a frame of another site.
    pub framed: bool,
}

impl Passkey {
    /// One that is yet to be made, in a browser at the server's own address.
    pub fn new(app: &TestApp) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("P-256");
        Self {
            key: EcKey::generate(&group).expect("a key"),
            id: app.app.random.bytes::<32>().to_vec(),
            handle: Vec::new(),
            discoverable: true,
            verifies: true,
            count: Some(0),
            origin: app.app.issuer.as_str().to_owned(),
            party: None,
            challenge: None,
            framed: false,
        }
    }

    /// Answers to the options of `navigator.credentials.create`.
    pub fn create(&mut self, options: &Value) -> String {
        self.handle = decode(options["user"]["id"].as_str().expect("a user handle"));
        let client = self.client_data("webauthn.create", options);
        let mut data = self.authenticator_data(options["rp"]["id"].as_str().expect("a relying party"), 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("an id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("its length").to_be_bytes());
        object.extend(data);
        let response = json!({"clientDataJSON": encode(&client), "attestationObject": encode(&object)});
        self.said(response)
    }

    /// Answers to the options of `navigator.credentials.get`.
    pub fn get(&mut self, options: &Value) -> String {
        let client = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(options["rpId"].as_str().expect("a relying party"), 0);
        let key = PKey::from_ec_key(self.key.clone()).expect("a key");
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        let signature = signer.sign_oneshot_to_vec(&[&*data, &sha256(&client)].concat()).expect("a signature");
        let mut response = json!({
            "clientDataJSON": encode(&client), "authenticatorData": encode(&data), "signature": encode(&signature),
        });
        if self.discoverable {
            response["userHandle"] = json!(encode(&self.handle));
        }
        self.said(response)
    }

    fn said(&self, response: Value) -> String {
        let id = encode(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response}).to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge =
            self.challenge.clone().unwrap_or_else(|| options["challenge"].as_str().expect("one").to_owned());
        let data = json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.framed});
        data.to_string().into_bytes()
    }

    fn authenticator_data(&mut self, party: &str, flags: u8) -> Vec<u8> {
        self.count = self.count.map(|count| count + 1);
        let party = self.party.as_deref().unwrap_or(party);
        let mut data = sha256(party.as_bytes()).to_vec();
        data.push(flags | 0x01 | if self.verifies { 0x04 } else { 0 });
        data.extend(self.count.unwrap_or(0).to_be_bytes());
        data
    }

    /// {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
    fn cose(&self) -> Vec<u8> {
        let (mut x, mut y) = (BigNum::new().expect("a number"), BigNum::new().expect("a number"));
        let mut context = BigNumContext::new().expect("a context");
        self.key.public_key().affine_coordinates(self.key.group(), &mut x, &mut y, &mut context).expect("a point");
        let [x, y] = [x, y].map(|number| number.to_vec_padded(32).expect("32 bytes"));
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), &x, b"\x22\x58\x20", &y].concat()
    }
}

impl Page {
    /// What the page's script asks the browser.
    #[track_caller]
    pub fn passkey_options(&self) -> Value {
        let rest =
            self.answer.text().split("data-options=\"").nth(1).unwrap_or_else(|| panic!("{}", self.answer.text()));
        let text = rest.split('"').next().expect("its end").replace("&#34;", "\"").replace("&#38;", "&");
        serde_json::from_str(&text).expect("options")
    }
}

impl Browser {
    /// Does what the page's script does with this answer.
    pub async fn send_passkey(&mut self, page: &Page, answer: &str, typed: &[(&str, &str)]) -> Page {
        self.press(page, "passkey-submit", &[&[("answer", answer)], typed].concat()).await
    }

    /// Gives a passkey to the page that asks for one.
    pub async fn give_passkey(&mut self, page: &Page, passkey: &mut Passkey) -> Page {
        let answer = passkey.get(&page.passkey_options());
        self.send_passkey(page, &answer, &[]).await
    }

    /// Makes a passkey at the page that asks for a new one.
    pub async fn make_passkey(&mut self, page: &Page, passkey: &mut Passkey, name: &str) -> Page {
        let answer = passkey.create(&page.passkey_options());
        self.send_passkey(page, &answer, &[("name", name)]).await
    }

    /// Signs in by password, and adds a passkey.
    pub async fn add_passkey(&mut self, name: &str, passkey: &mut Passkey) -> Page {
        let page = self.open("/account/factors/passkey").await;
        let page = self.sign_in(&page, name).await;
        self.make_passkey(&page, passkey, "My key").await
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
