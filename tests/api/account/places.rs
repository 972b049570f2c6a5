//! Where an address is, by a database of the operator's.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};

use latchkey::services::operation::{events, places};

use super::signed_in;
use crate::harness::{TestApp, mmdb, seconds};

/// Where the browsers of the tests are.
const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

fn munich() -> Vec<u8> {
    let city = mmdb::city(&[("en", "Munich"), ("de", "M\u{fc}nchen")], &[("en", "Germany"), ("de", "Deutschland")]);
    let country = mmdb::city(&[], &[("en", "Fran<ce>")]);
    mmdb::database(&[(HERE, city), (ELSEWHERE, country)])
}

/// A server with such a file.
async fn server(file: &tempfile::NamedTempFile) -> TestApp {
    fs::write(file.path(), munich()).unwrap();
    let toml = format!("[geo]\ndatabase = {:?}\n", file.path().to_str().unwrap());
    TestApp::configured().explaining().toml(&toml).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_city_and_country_in_their_language_as_far_as_they_are_known() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let app = server(&file).await;
    let mut browser = signed_in(&app, "alice").await;
    events::seal(&app.app).await.unwrap();
    for path in ["/account/sessions", "/account/activity"] {
        let page = browser.open(path).await;
        assert!(page.answer.text().contains("from 192.0.2.10 (Munich, Germany)"), "{}", page.answer.text());
    }
    let mut france = app.browser();
    france.address = IpAddr::V4(ELSEWHERE);
    let page = france.open("/account").await;
    france.sign_in(&page, "alice").await;
    let mut nowhere = app.browser();
    nowhere.address = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
    let page = nowhere.open("/account").await;
    nowhere.sign_in(&page, "alice").await;
    let page = browser.open("/account/sessions").await;
    let text = page.answer.text();
    assert!(text.contains("from 198.51.100.7 (Fran&#60;ce&#62;)") && text.contains("from 203.0.113.1<"), "{text}");

    let profile = browser.open("/account/profile").await;
    browser.press(&profile, "profile-submit", &[("locale", "de-AT")]).await;
    let page = browser.open("/account/sessions").await;
    assert!(page.answer.text().contains("von 192.0.2.10 (M\u{fc}nchen, Deutschland)"), "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_tells_of_a_sign_in_says_where_it_seems_to_be() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let app = server(&file).await;
    app.advance(seconds(86_400));
    signed_in(&app, "alice").await;
    app.work().await;
    let mail = &app.mails("alice@example.com")[0];
    assert!(mail.text.contains("which seems to be in Munich, Germany"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_replaced_is_read_again_and_a_bad_one_is_not_taken() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let app = server(&file).await;
    let mut browser = signed_in(&app, "alice").await;
    fs::write(file.path(), b"no database").unwrap();
    assert!(places::reload(&app.app).await.is_err());
    let page = browser.open("/account/sessions").await;
    assert!(page.answer.text().contains("(Munich, Germany)"), "what was read before holds on");
    fs::write(file.path(), mmdb::database(&[(HERE, mmdb::city(&[("en", "Oxford")], &[]))])).unwrap();
    places::reload(&app.app).await.unwrap();
    let page = browser.open("/account/sessions").await;
    assert!(page.answer.text().contains("from 192.0.2.10 (Oxford)"), "{}", page.answer.text());
}
