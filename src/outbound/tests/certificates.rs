//! Which certificates are accepted.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWrite;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::foundation::trust::tests::TestFiles;

/// A TLS server with the certificate of `files`, and a network that leads every address to it.
async fn https(files: &TestFiles, answers: &[&[&str]]) -> Script {
    let certificate = CertificateDer::from_pem_file(&files.cert).unwrap();
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()));
    let (address, _) = server(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            head(&mut stream).await;
            answer(&mut stream).await;
        }
    })
    .await;
    Script::new(address, answers)
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin)) {
    stream.write_all(HELLO.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

#[tokio::test]
async fn tls_is_with_the_server_that_the_url_means_and_with_whom_the_operator_trusts() {
    let files = TestFiles::new("hooks.example");
    let public: &[&str] = &["8.8.8.8"];
    let trusting = OutboundSettings { extra_ca_file: Some(files.cert.clone()), ..OutboundSettings::default() };
    let (client, _) = on(https(&files, &[public, public, public]).await, trusting);
    let answer = client.get("https://hooks.example/").await.unwrap();
    assert_eq!((&answer.body[..], answer.from), (&b"hello"[..], "8.8.8.8:443".parse().unwrap()));
    assert!(client.get("https://hooks.example./").await.is_ok());

    let error = client.get("https://other.example/").await.unwrap_err();
    assert!(matches!(error, OutboundError::Tls { .. }) && error.to_string().contains("not valid for name"), "{error}");

    let (client, _) = on(https(&files, &[public]).await, OutboundSettings::default());
    let error = client.get("https://hooks.example/").await.unwrap_err();
    assert!(matches!(error, OutboundError::Tls { .. }), "{error}");

    let absent = OutboundSettings { extra_ca_file: Some("/nonexistent".into()), ..OutboundSettings::default() };
    let (client, _) = on(https(&files, &[public]).await, absent);
    let error = client.get("https://hooks.example/").await.unwrap_err();
    assert!(error.to_string().starts_with("outbound.extra_ca_file: cannot use the CA file /nonexistent"), "{error}");
}
