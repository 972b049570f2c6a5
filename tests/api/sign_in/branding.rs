//! Whose pages they are.

use std::fs;

use axum::http::StatusCode;

use crate::harness::TestApp;
use crate::harness::snapshot::assert_page;

const LOGO: &str =
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="#7a1f5c" d="M0 0h9v9H0z"/></svg>"##;

async fn branded() -> TestApp {
    let folder = tempfile::tempdir().expect("a folder");
    let logo = folder.path().join("logo.svg");
    fs::write(&logo, LOGO).expect("a file");
    let toml = format!(
        "[branding]\nname = \"Blümli & Söhne\"\nlogo = {:?}\nprivacy_url = \"https://bluemli.test/privacy\"\n\
         help_url = \"mailto:help@bluemli.test\"\n[branding.light]\naccent = \"#7a1f5c\"\n",
        logo.display().to_string()
    );
    TestApp::configured().toml(&toml).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_carry_the_operators_name_logo_links_and_colours() {
    let app = branded().await;
    let client = app.client().create().await;
    let page = app.browser().open(&client.request().url()).await;
    assert_page("login-branded", &page);
    let text = page.answer.text();
    assert!(!text.contains("Latchkey") && text.contains("· Blümli &#38; Söhne</title>"), "{text}");
    let files: Vec<&str> = text.split(['"']).filter(|part| part.starts_with("/static/")).collect();
    let get = async |stem: &str| app.get(files.iter().find(|file| file.contains(stem)).expect("a file")).await;
    let (logo, colours) = (get("logo.").await, get("brand.").await);
    assert_eq!((logo.header("content-type"), logo.text()), ("image/svg+xml", LOGO));
    assert!(logo.header("content-security-policy").contains("sandbox"), "opened by itself, it may do nothing");
    assert!(colours.text().contains("--accent:#7a1f5c;") && colours.text().contains("prefers-color-scheme: dark"));
    assert_eq!(app.get("/static/logo.000000000000.svg").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_is_told_of_whom() {
    let app = branded().await;
    let page = app.browser().open("/logout").await;
    assert!(page.answer.text().contains("logged out of Blümli &#38; Söhne"), "{}", page.answer.text());
}
