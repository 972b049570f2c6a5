//! Which addresses are called, whatever the URL and the servers of names say.

use super::*;

/// A server without TLS, for tests that only look at which address was called.
async fn in_clear() -> SocketAddr {
    server(|mut stream| async move { drop(stream.write_all(b"in clear\r\n").await) }).await.0
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked_though_the_name_means_another_by_now() {
    let address = in_clear().await;
    let (client, called) = on(Script::new(address, &[&["8.8.8.8"], &["127.0.0.1"]]), OutboundSettings::default());
    let (trace, outcome) = client.traced(Request::new(Method::GET, "https://rebinding.example/")).await;
    assert!(matches!(outcome, Err(OutboundError::Tls { .. })), "{outcome:?}");
    assert_eq!(trace.candidates.0.len(), 1);
    assert_eq!(called.lock().unwrap()[..], ["8.8.8.8:443".parse().unwrap()]);

    let error = client.get("https://rebinding.example/").await.unwrap_err();
    assert!(matches!(error, OutboundError::Refused { .. }), "{error}");
    assert_eq!(called.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn of_several_addresses_only_the_public_ones_are_called() {
    let address = in_clear().await;
    let mixed = ["10.0.0.1", "::ffff:127.0.0.1", "2606::1", "8.8.8.8", "fd00::1"];
    let (client, called) = on(Script::new(address, &[&mixed]), OutboundSettings::default());
    assert!(client.get("https://mixed.example:8443/").await.is_err());
    assert_eq!(called.lock().unwrap()[..], ["[2606::1]:8443".parse().unwrap()]);
}

#[tokio::test]
async fn an_address_in_any_spelling_is_refused_by_what_it_is() {
    let (address, connections) = saying(HELLO).await;
    let (client, called) = on(Script::new(address, &[]), OutboundSettings::default());
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "0",
        "10.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "100.100.100.200",
        "[::1]",
        "[::]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
    ] {
        let error = client.get(&format!("https://{host}/")).await.unwrap_err();
        assert!(matches!(error, OutboundError::Refused { .. }), "{host}: {error}");
    }
    assert_eq!((called.lock().unwrap().len(), connections.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn the_refusal_says_what_was_compared_and_what_to_do() {
    let (client, _) = on(Script::new(([127, 0, 0, 1], 1).into(), &[&["10.0.0.1", "::1"]]), OutboundSettings::default());
    assert_eq!(
        client.get("https://hooks.example/s3cret").await.unwrap_err().to_string(),
        "hooks.example has no public address: 10.0.0.1 is private (10.0.0.0/8), ::1 is loopback (::1/128); if it is to be \
         called, name hooks.example:443 in outbound.allow"
    );
    let error = client.get("https://nowhere.example/").await.unwrap_err();
    assert_eq!(error.to_string(), "nowhere.example was not found: the name has no address");
}

#[tokio::test]
async fn a_server_that_is_allowed_may_be_private_and_plain_at_that_port_only() {
    let (address, _) = saying(HELLO).await;
    let allow = vec![HostPort::parse("hooks.internal:8080").unwrap()];
    let private: &[&str] = &["10.0.0.1"];
    let script = Script::new(address, &[private, private]);
    let (client, called) = on(script, OutboundSettings { allow, ..OutboundSettings::default() });
    assert_eq!(client.get("http://Hooks.Internal:8080/").await.unwrap().status, StatusCode::OK);
    assert_eq!(called.lock().unwrap()[..], ["10.0.0.1:8080".parse().unwrap()]);
    // The same machine by another port, or by its address.
    assert!(matches!(client.get("https://hooks.internal/").await, Err(OutboundError::Refused { .. })));
    assert!(matches!(client.get("https://10.0.0.1:8080/").await, Err(OutboundError::Refused { .. })));
    assert_eq!(called.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_systems_names_are_checked_too() {
    let client = Outbound::new(OutboundSettings::default());
    let error = client.get("https://localhost:1/").await.unwrap_err();
    assert!(error.to_string().starts_with("localhost has no public address: "), "{error}");
    // This machine may be called in development, but nobody listens there.
    let client = Outbound::new(OutboundSettings { allow_loopback: true, ..OutboundSettings::default() });
    assert!(matches!(client.get("http://localhost:1/").await, Err(OutboundError::Unreachable { .. })));
}
