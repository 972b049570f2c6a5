//! A provider that does not answer, and everybody else.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::{choose, knowing, way_back};
use crate::harness::Shows;
use crate::harness::upstream::Upstream;

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_hangs_is_given_up_within_ten_seconds_and_holds_nobody_else_up() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let mut coming = Vec::new();
    for n in 0..20u8 {
        let mut browser = app.browser();
        browser.address = format!("192.0.2.{n}").parse().unwrap();
        let back = way_back(&app, &upstream, &mut browser).await;
        coming.push((browser, back));
    }
    upstream.does(|it| it.hangs = true);
    let coming: Vec<_> =
        coming.into_iter().map(|(mut browser, back)| tokio::spawn(async move { browser.open(&back).await })).collect();
    // Meanwhile others get what they came for.
    let client = app.client().machine("api").create().await;
    let meanwhile = async {
        let mut answered = 0;
        while coming.iter().any(|one| !one.is_finished()) {
            assert_eq!(app.get("/jwks").await.status, 200);
            client.client_credentials().await.ok();
            answered += 1;
        }
        answered
    };
    let answered = timeout(Duration::from_secs(10), meanwhile).await.expect("it was given up");
    assert!(answered > 10, "{answered}");
    let ended = join_all(coming).await;
    for page in ended {
        let page = page.unwrap();
        assert_eq!(page.shows(), Shows::Login);
        assert!(page.answer.text().contains("Fake does not answer"), "{}", page.answer.text());
    }
    let sent = upstream.asked().iter().filter(|path| *path == "token").count();
    assert!((8..=16).contains(&sent), "{sent}: nobody was sent there once it was known");
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert!(choose(&mut browser, &page).await.starts_with("/login"), "it is not tried");
}
