//! `latchkey outbound check`, as an operator uses it: no server runs, and there is no database yet.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use crate::LATCHKEY;
use crate::support::{Database, Installation};

/// Answers one request, on this machine, and gives the port.
fn answering(text: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody asks");
        let mut read = [0; 4096];
        let _ = stream.read(&mut read).expect("a request");
        stream.write_all(text.as_bytes()).expect("somebody listens");
    });
    port
}

#[test]
fn an_operator_sees_which_addresses_are_refused_and_allows_an_exact_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("latchkey.sqlite");
    let database = Database::in_folder(folder.path());
    let mut installation = Installation::prepare(LATCHKEY, folder, database);
    // Nobody listens there: a client that asked the environment for a proxy would fail.
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        installation.environment.push((variable.into(), "http://127.0.0.1:1".into()));
    }
    let port = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");

    let output = installation.output(&["outbound", "check", &format!("https://localhost:{port}/x?s3cret")], "");
    assert_eq!(output.status.code(), Some(1));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&shown["server"], &shown["answer"]), (&json!(format!("localhost:{port}")), &Value::Null));
    let addresses = shown["addresses"].as_array().unwrap();
    assert!(addresses.iter().all(|address| address["refused"] == true), "{shown}");
    assert!(addresses.iter().any(|address| address["special"] == "loopback (127.0.0.0/8)"), "{shown}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("name localhost:{port} in outbound.allow")), "{said}");
    assert_eq!((said.lines().count(), said.contains("s3cret")), (1, false), "{said}");

    let plain = format!("http://localhost:{port}/x");
    assert!(installation.refused(&["outbound", "check", &plain], "").contains("plain http is called only where"));

    installation.environment.push(("LATCHKEY_OUTBOUND__ALLOW".into(), format!("localhost:{port}")));
    let shown = installation.run(&["outbound", "check", &plain], "");
    assert_eq!(shown["answer"], json!({"status": 404, "bytes": 2, "from": format!("127.0.0.1:{port}")}));
    assert_eq!((&shown["exception"], &shown["error"]), (&json!("named in outbound.allow"), &Value::Null));
    assert!(!file.exists(), "no database is needed");
}
