//! `/.well-known/security.txt`.

use std::time::Duration;

use crate::harness::TestApp;

const PATH: &str = "/.well-known/security.txt";

#[tokio::test]
async fn without_anybody_to_tell_there_is_no_such_file() {
    assert_eq!(TestApp::start().await.get(PATH).await.status, 404);
}

#[tokio::test]
async fn it_says_whom_to_tell_and_never_expires_while_we_serve() {
    let toml = "[security]\ncontact = [\"mailto:security@id.test\", \"https://id.test/report\"]\n";
    let app = TestApp::configured().toml(toml).start().await;
    let first = app.get(PATH).await;
    assert_eq!(first.header("content-type"), "text/plain; charset=utf-8");
    // The clock of the tests begins on 2026-05-28.
    assert_eq!(
        first.text(),
        "Contact: mailto:security@id.test\nContact: https://id.test/report\nExpires: 2026-11-24T00:00:00.000000Z\n\
         Preferred-Languages: en\nCanonical: https://id.test/.well-known/security.txt\n"
    );
    app.advance(Duration::from_secs(365 * 86_400));
    assert!(app.get(PATH).await.text().contains("\nExpires: 2027-11-24T00:00:00.000000Z\n"));
}
