//! TLS, and certificates that are replaced.

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::http::probe;

#[tokio::test]
async fn https_is_served_while_another_client_dawdles_over_its_handshake() {
    let files = TestFiles::new("localhost");
    let server = start(Limits::default(), Some(&files)).await;
    let _silent = server.connect().await;
    let mut client = tls(&server, &files, &[b"http/1.1"]).await;
    client.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut client).await.starts_with("HTTP/1.1 200 OK"));
    let client = tls(&server, &files, &[b"h2", b"http/1.1"]).await;
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_cut() {
    let files = TestFiles::new("localhost");
    let server = start(Limits { handshake: Duration::from_millis(20), ..Limits::default() }, Some(&files)).await;
    assert_eq!(rest(&mut server.connect().await).await, "");
}

#[tokio::test]
async fn the_probe_reaches_a_server_whatever_its_certificate_says() {
    let files = TestFiles::new("id.example.com");
    let (plain, https) = (start(Limits::default(), None).await, start(Limits::default(), Some(&files)).await);
    for (server, is_https) in [(&plain, false), (&https, true)] {
        let said = probe::ask(server.address, is_https, "/draining").await.unwrap();
        assert_eq!((said.status, said.body.as_str()), (200, "no"));
        assert_eq!(probe::ask(server.address, is_https, "/nothing").await.unwrap().status, 404);
        assert!(probe::ask(server.address, !is_https, "/draining").await.is_err());
    }
}

#[tokio::test]
async fn a_certificate_that_is_replaced_as_kubernetes_does_is_used_soon() {
    let (old, new) = (TestFiles::new("localhost"), TestFiles::new("localhost"));
    // The files are links through a folder that is itself a link, and that alone is replaced.
    let mount = tempfile::tempdir().unwrap();
    let (link, next) = (mount.path().join("..data"), mount.path().join("..next"));
    std::os::unix::fs::symlink(old.cert.parent().unwrap(), &link).unwrap();
    let limits = Limits { certificate_check: Duration::from_millis(5), ..Limits::default() };
    let tls_files = (link.join("cert.pem"), link.join("key.pem"));
    let server = Server::bind(listen_with(Some(tls_files), limits)).await.unwrap();
    let (address, (_stop, shutdown)) = (server.address(), Shutdown::manual());
    tokio::spawn(async move { server.serve(Routes(Router::new()), &shutdown).await });
    assert!(handshake(address, &old, &[]).await.is_ok());
    std::os::unix::fs::symlink(new.cert.parent().unwrap(), &next).unwrap();
    std::fs::rename(&next, &link).unwrap();
    let renewed = async { while handshake(address, &new, &[]).await.is_err() {} };
    timeout(SOON, renewed).await.expect("the new certificate is used");
}

async fn tls(server: &Running, files: &TestFiles, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
    handshake(server.address, files, protocols).await.unwrap()
}

async fn handshake(
    address: SocketAddr,
    files: &TestFiles,
    protocols: &[&[u8]],
) -> Result<TlsStream<TcpStream>, io::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(files.roots())
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect("localhost".try_into().unwrap(), TcpStream::connect(address).await?).await
}
