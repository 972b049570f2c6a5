//! Answers that are encrypted to their client.

use axum::http::{StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwe::{
    ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A256KW, JweDecrypter, RSA_OAEP, RSA_OAEP_256, deserialize_compact,
};
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jwk::{Jwk, KeyPair};
use latchkey::crypto::Algorithm;
use latchkey::crypto::jwe::{ContentEncryption, KeyManagement};
use latchkey::domain::oauth::authorize::response_type::ResponseType;
use latchkey::domain::oauth::client::Metadata;
use serde_json::{Value, json};

use crate::harness::signer::{Publisher, Signer};
use crate::harness::{Client, ISSUER, Receiver, Shows, TestApp, encode, jwt, seconds};

/// The keys of an application: one of each kind, to be encrypted to.
struct Keys {
    rsa: Jwk,
    ec: Jwk,
    jwks: Value,
}

impl Keys {
    fn new() -> Self {
        let mut rsa = RsaKeyPair::generate(2048).unwrap().to_jwk_key_pair();
        let mut ec = EcKeyPair::generate(EcCurve::P256).unwrap().to_jwk_key_pair();
        rsa.set_key_id("rsa-1");
        ec.set_key_id("ec-1");
        let public = |jwk: &Jwk| {
            let mut public = serde_json::to_value(jwk.to_public_key().unwrap().as_ref()).unwrap();
            public["use"] = json!("enc");
            public["kid"] = json!(jwk.key_id().unwrap());
            public
        };
        let jwks = json!({"keys": [public(&rsa), public(&ec)]});
        Self { rsa, ec, jwks }
    }

    /// What is inside, and the header.
    fn open(&self, sealed: &str) -> (String, Value) {
        let header = sealed.split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        let decrypter: Box<dyn JweDecrypter> = match header["alg"].as_str().unwrap() {
            "RSA-OAEP" => Box::new(RSA_OAEP.decrypter_from_jwk(&self.rsa).unwrap()),
            "RSA-OAEP-256" => Box::new(RSA_OAEP_256.decrypter_from_jwk(&self.rsa).unwrap()),
            "ECDH-ES" => Box::new(ECDH_ES.decrypter_from_jwk(&self.ec).unwrap()),
            "ECDH-ES+A128KW" => Box::new(ECDH_ES_A128KW.decrypter_from_jwk(&self.ec).unwrap()),
            "ECDH-ES+A256KW" => Box::new(ECDH_ES_A256KW.decrypter_from_jwk(&self.ec).unwrap()),
            other => panic!("alg {other}"),
        };
        let (inside, _) = deserialize_compact(sealed, &*decrypter).unwrap();
        (String::from_utf8(inside).unwrap(), header)
    }
}

async fn client(app: &TestApp, keys: &Keys, wants: impl FnOnce(&mut Metadata)) -> Client {
    let jwks = keys.jwks.clone();
    let client = app.client().first_party().with(|m| {
        m.keys.jwks = Some(jwks.into());
        wants(m);
    });
    client.create().await
}

/// OpenID Connect Core §2, RFC 7516: signed first, then encrypted to the client's own key.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_is_signed_and_then_encrypted_to_the_key_of_its_client() {
    let app = TestApp::start().await;
    let discovered = app.get("/.well-known/openid-configuration").await.success();
    let names = json!(KeyManagement::ALL.map(KeyManagement::name));
    assert_eq!(discovered["id_token_encryption_alg_values_supported"], names);
    assert!(!names.as_array().unwrap().contains(&json!("RSA1_5")));
    let keys = Keys::new();
    for (alg, enc) in [
        (KeyManagement::RsaOaep, None),
        (KeyManagement::RsaOaep256, Some(ContentEncryption::A256Gcm)),
        (KeyManagement::EcdhEs, Some(ContentEncryption::A128Gcm)),
        (KeyManagement::EcdhEsA128Kw, Some(ContentEncryption::A256CbcHs512)),
        (KeyManagement::EcdhEsA256Kw, Some(ContentEncryption::A128CbcHs256)),
    ] {
        let client = client(&app, &keys, |m| {
            m.encryption.id_token_encrypted_response_alg = Some(alg);
            m.encryption.id_token_encrypted_response_enc = enc;
        });
        let client = client.await;
        let tokens = client.sign_in("alice").await;
        let (inside, header) = keys.open(&tokens.id_token);
        let enc = enc.unwrap_or(ContentEncryption::A128CbcHs256);
        assert_eq!((&header["alg"], &header["enc"]), (&json!(alg.name()), &json!(enc.name())));
        assert_eq!((&header["cty"], header.get("zip")), (&json!("JWT"), None));
        assert_eq!(header["kid"], if alg.is_rsa() { "rsa-1" } else { "ec-1" });
        let said = jwt::verify(&app, &inside).await;
        assert_eq!((&said.header["alg"], &said.claims["aud"]), (&json!("RS256"), &json!(client.id)));
        let (renewed, _) = keys.open(&client.refresh(&tokens.refresh_token).await.ok().id_token);
        assert_eq!(jwt::verify(&app, &renewed).await.claims["sub"], said.claims["sub"]);
        jwt::verify(&app, &tokens.access_token).await;
    }
}

/// OpenID Connect Core §5.3.2.
#[tokio::test(flavor = "multi_thread")]
async fn userinfo_is_encrypted_with_or_without_a_signature_inside() {
    let app = TestApp::start().await;
    let keys = Keys::new();
    for signed in [Some(Algorithm::Ps256), None] {
        let client = client(&app, &keys, |m| {
            m.responses.userinfo_signed_response_alg = signed;
            m.encryption.userinfo_encrypted_response_alg = Some(KeyManagement::EcdhEs);
        });
        let client = client.await;
        let tokens = client.sign_in("alice").await;
        jwt::verify(&app, &tokens.id_token).await;
        let answer = client.userinfo(&tokens.access_token).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/jwt"));
        let (inside, header) = keys.open(answer.text());
        let said = match signed {
            Some(_) => Value::Object(jwt::verify(&app, &inside).await.claims),
            None => serde_json::from_str(&inside).unwrap(),
        };
        assert_eq!(header.get("cty").is_some(), signed.is_some());
        assert_eq!((&said["email"], said.get("aud").is_some()), (&json!("alice@example.com"), signed.is_some()));
    }
}

/// RFC 9701 §5.
#[tokio::test(flavor = "multi_thread")]
async fn introspection_is_encrypted_for_whoever_asks_for_a_jwt() {
    let app = TestApp::start().await;
    let keys = Keys::new();
    let client = client(&app, &keys, |m| {
        m.encryption.introspection_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
        m.encryption.introspection_encrypted_response_enc = Some(ContentEncryption::A128Gcm);
    });
    let client = client.await;
    let token = client.sign_in("alice").await.access_token;
    let mut request = client.authenticated("/introspect", &[("token", &token)]);
    request.headers_mut().insert(header::ACCEPT, "application/token-introspection+jwt".parse().unwrap());
    let answer = app.call(request).await;
    assert_eq!(answer.header("content-type"), "application/token-introspection+jwt");
    let said = jwt::verify(&app, &keys.open(answer.text()).0).await;
    assert_eq!(said.header["typ"], "token-introspection+jwt");
    assert_eq!(said.claims["token_introspection"]["active"], true);
    assert!(client.finds_active(&token).await, "and in JSON for whoever asks for that");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_to_be_had_cost_no_code() {
    let app = TestApp::start().await;
    let keys = Keys::new();
    let client = app.client().first_party().with(|m| {
        m.keys.jwks_uri = Some("https://app.invalid/jwks".into());
        m.encryption.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs);
    });
    let client = client.create().await;
    let code = client.code("alice").await;
    client.redeem(&code).await.unavailable();
    let changes = latchkey::domain::oauth::client::changes::Changes {
        jwks: Some(Some(keys.jwks.clone().into())),
        jwks_uri: Some(None),
        ..Default::default()
    };
    let by = crate::harness::operator();
    latchkey::services::oauth::client::update(&app.app, &by, &client.client_id(), changes).await.unwrap();
    let (inside, _) = keys.open(&client.redeem(&code).await.ok().id_token);
    jwt::verify(&app, &inside).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_that_nobody_could_read_uses_up_neither_code_nor_request() {
    // Keys that only sign, and keys that are not to be had now.
    let publisher = Publisher::start(Signer::new("RS256").jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    for (url, status) in
        [(publisher.url.as_str(), StatusCode::SEE_OTHER), ("https://app.invalid/jwks", StatusCode::SERVICE_UNAVAILABLE)]
    {
        let client = app.client().first_party().with(|m| {
            m.keys.jwks_uri = Some(url.to_owned());
            m.requests.response_types = ResponseType::ALL.into();
            m.encryption.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs);
        });
        let client = client.create().await;
        let mut browser = app.browser();
        let login = browser.open("/account").await;
        browser.sign_in(&login, "alice").await;
        let before = app.rows().await;
        let page = browser.open(&client.request().with("response_type", "code id_token").url()).await;
        match status {
            StatusCode::SEE_OTHER => page.client_refused("unauthorized_client"),
            _ => page.is_error_page(503),
        }
        let after = app.rows().await;
        for table in ["grants", "authorization_codes"] {
            assert_eq!(after[table], before[table], "{table}");
        }
    }
}

/// JARM §2.2: signed first, then encrypted; errors too, and only what is asked for as a JWT.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_authorization_endpoint_is_signed_and_then_encrypted_where_it_is_a_jwt() {
    let app = TestApp::start().await;
    let discovered = app.get("/.well-known/openid-configuration").await.success();
    let names = json!(KeyManagement::ALL.map(KeyManagement::name));
    assert_eq!(discovered["authorization_encryption_alg_values_supported"], names);
    let encs = json!(ContentEncryption::ALL.map(ContentEncryption::name));
    assert_eq!(discovered["authorization_encryption_enc_values_supported"], encs);
    let keys = Keys::new();
    for (alg, enc) in [(KeyManagement::RsaOaep256, None), (KeyManagement::EcdhEs, Some(ContentEncryption::A256Gcm))] {
        let client = client(&app, &keys, |m| {
            m.encryption.authorization_encrypted_response_alg = Some(alg);
            m.encryption.authorization_encrypted_response_enc = enc;
        });
        let client = client.await;
        let mut browser = app.browser();
        browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
        for (mode, prompt) in [("jwt", "login"), ("form_post.jwt", "none"), ("fragment.jwt", "none")] {
            let request = client.request().with("response_mode", mode).with("prompt", prompt);
            let page = client.authorize(&mut browser, "alice", request).await;
            let answer = page.response();
            assert_eq!(answer.keys().collect::<Vec<_>>(), ["response"], "{mode}");
            let (inside, header) = keys.open(&answer["response"]);
            let enc = enc.unwrap_or(ContentEncryption::A128CbcHs256);
            let wanted = (&json!(alg.name()), &json!(enc.name()), &json!("JWT"));
            assert_eq!((&header["alg"], &header["enc"], &header["cty"]), wanted);
            let said = jwt::verify(&app, &inside).await.claims;
            assert_eq!((&said["aud"], &said["state"]), (&json!(client.id), &json!("st~ate-._1")));
            client.redeem(said["code"].as_str().unwrap()).await.ok();
        }
        let request = client.request().with("response_mode", "jwt").with("prompt", "none");
        let page = app.browser().open(&request.url()).await;
        let (inside, _) = keys.open(&page.response()["response"]);
        assert_eq!(jwt::verify(&app, &inside).await.claims["error"], "login_required");
    }
}

/// Nothing that was to be encrypted is sent in the clear, and nobody is asked for what cannot be answered.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_key_at_hand_is_told_of_before_anybody_signs_in() {
    let app = TestApp::start().await;
    let client = app.client().first_party().with(|m| {
        m.keys.jwks_uri = Some("https://app.invalid/jwks".into());
        m.encryption.authorization_encrypted_response_alg = Some(KeyManagement::EcdhEs);
    });
    let client = client.create().await;
    let mut browser = app.browser();
    for mode in ["jwt", "form_post.jwt"] {
        browser.open(&client.request().with("response_mode", mode).url()).await.is_error_page(503);
    }
    // Errors neither.
    let wrong = client.request().with("response_mode", "jwt").with("scope", "phone\u{7}");
    browser.open(&wrong.url()).await.is_error_page(503);
    assert_eq!(browser.open(&client.request().url()).await.shows(), Shows::Login, "nothing of this one is encrypted");
}

/// OpenID Connect Back-Channel Logout §2.4, §2.6: as ID tokens are, with the issuer outside too.
#[tokio::test(flavor = "multi_thread")]
async fn a_logout_token_is_encrypted_as_id_tokens_are() {
    let receiver = Receiver::start().await;
    let app = TestApp::configured().toml(&Receiver::toml(&[&receiver])).start().await;
    let keys = Keys::new();
    let uri = receiver.url("/logged-out");
    let client = client(&app, &keys, |m| {
        m.logout.backchannel_logout_uri = Some(uri);
        m.encryption.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEsA128Kw);
    });
    let client = client.await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let (hint, header) = keys.open(&tokens.id_token);
    assert_eq!(header.get("iss"), None);
    let page = browser.open(&format!("/logout?{}", encode(&[("id_token_hint", &hint)]))).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    app.advance(seconds(1));
    app.work().await;
    let told = receiver.told();
    let (inside, header) = keys.open(&told[0].form[0].1);
    assert_eq!((&header["alg"], &header["cty"]), (&json!("ECDH-ES+A128KW"), &json!("JWT")));
    assert_eq!(header["iss"], ISSUER);
    let token = jwt::verify(&app, &inside).await;
    assert_eq!(token.header["typ"], "logout+jwt");
    assert_eq!(token.claims["sid"], jwt::claims(&hint)["sid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_waits_for_a_key_to_encrypt_its_answer_to() {
    let keys = Keys::new();
    let publisher = Publisher::start(Signer::new("RS256").jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let client = app.client().first_party().with(|m| {
        m.keys.jwks_uri = Some(publisher.url.clone());
        m.requests.response_types = ResponseType::ALL.into();
        m.encryption.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs);
    });
    let client = client.create().await;
    let form = client.request().with("response_type", "code id_token").form();
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let form: Vec<_> = form.into_iter().filter(|(name, _)| *name != "client_id").collect();
    let pushed = client.post("/par", &form).await.json()["request_uri"].as_str().unwrap().to_owned();
    let link = format!("/authorize?{}", encode(&[("client_id", client.id.as_str()), ("request_uri", &pushed)]));
    let mut browser = app.browser();
    let login = browser.open("/account").await;
    browser.sign_in(&login, "alice").await;
    browser.open(&link).await.client_refused("unauthorized_client");
    publisher.answers(200, keys.jwks.clone());
    app.advance(seconds(31));
    let (inside, _) = keys.open(&browser.open(&link).await.response()["id_token"]);
    jwt::verify(&app, &inside).await;
}
