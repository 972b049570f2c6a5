//! Which versions and suites of TLS are served, by a client that can offer old ones.

// Only tests name it outside of crypto (tests/architecture.rs).
#[cfg(test)]
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};

use super::*;

/// The version and the suite that a client comes to that offers this; or what it is told.
async fn offering(
    server: &Running,
    offer: impl FnOnce(&mut SslConnectorBuilder) + Send + 'static,
) -> Result<(&'static str, String), String> {
    let address = server.address;
    let asked = tokio::task::spawn_blocking(move || {
        let mut builder = SslConnector::builder(SslMethod::tls_client()).unwrap();
        builder.set_verify(SslVerifyMode::NONE);
        // What OpenSSL itself would not offer any more.
        builder.set_security_level(0);
        offer(&mut builder);
        let stream = std::net::TcpStream::connect(address).unwrap();
        let stream = builder.build().connect("localhost", stream).map_err(|error| error.to_string())?;
        let suite = stream.ssl().current_cipher().unwrap().name().to_owned();
        Ok((stream.ssl().version_str(), suite))
    });
    asked.await.unwrap()
}

/// RFC 9325 §3.1.1, §4.2: nothing older than TLS 1.2, and of that nothing without forward secrecy or AEAD.
#[tokio::test]
async fn clients_that_offer_only_what_is_weak_are_turned_away_and_all_others_come_to_what_is_strong() {
    let files = TestFiles::new("localhost");
    let server = start(Limits::default(), Some(&files)).await;
    let versions = |least, most| {
        move |builder: &mut SslConnectorBuilder| {
            builder.set_min_proto_version(Some(least)).unwrap();
            builder.set_max_proto_version(Some(most)).unwrap();
        }
    };
    for old in [SslVersion::TLS1, SslVersion::TLS1_1] {
        let told = offering(&server, versions(old, old)).await.unwrap_err();
        assert!(told.contains("alert"), "it is the server that refuses: {told}");
    }
    let only = |suites: &'static str| {
        move |builder: &mut SslConnectorBuilder| {
            versions(SslVersion::TLS1_2, SslVersion::TLS1_2)(builder);
            builder.set_cipher_list(suites).unwrap();
        }
    };
    for weak in [
        "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA",
        "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES256-SHA",
        "AES128-GCM-SHA256:AES256-GCM-SHA384:AES256-SHA",
        "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-CCM8:ECDHE-ECDSA-AES128-CCM",
    ] {
        let told = offering(&server, only(weak)).await.unwrap_err();
        assert!(told.contains("alert"), "{weak}: {told}");
    }
    for strong in ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"] {
        assert_eq!(offering(&server, only(strong)).await, Ok(("TLSv1.2", strong.to_owned())));
    }
    let newest = offering(&server, |_| {}).await.unwrap();
    assert_eq!(newest.0, "TLSv1.3", "is preferred");
    assert_eq!(offering(&server, versions(SslVersion::TLS1, SslVersion::TLS1_3)).await.unwrap().0, "TLSv1.3");
}
