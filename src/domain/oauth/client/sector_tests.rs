//! The tests of `sector.rs`.

use super::*;
use crate::domain::oauth::client::subject_type::SubjectMetadata;
use crate::domain::oauth::fixtures::{client, scope};

fn with(uris: &[&str], sector: Option<&str>) -> Metadata {
    Metadata {
        redirect_uris: uris.iter().map(ToString::to_string).collect(),
        subjects: SubjectMetadata {
            subject_type: SubjectType::Pairwise,
            sector_identifier_uri: sector.map(str::to_owned),
        },
        ..client().metadata
    }
}

fn sector(uris: &[&str], document: Option<&str>) -> Result<String, SectorRefused> {
    sector_of(&with(uris, document)).map(|sector| sector.0)
}

#[test]
fn the_sector_is_the_host_of_the_document_or_the_one_host_of_all_redirect_uris() {
    let here = Ok("app.example".to_owned());
    assert_eq!(sector(&["https://app.example/cb"], None), here);
    assert_eq!(sector(&["https://APP.example:8443/a", "https://app.example/b?c=d"], None), here, "not the port");
    assert_eq!(sector(&["https://app.example/a"], Some("https://sector.example/f.json")), Ok("sector.example".into()));
    assert_eq!(sector(&["com.example.app:/cb", "https://b.example/"], Some("https://app.example/f.json")), here);
}

#[test]
fn where_the_redirect_uris_do_not_have_one_host_of_the_web_a_document_has_to_name_the_sector() {
    let two = ["https://app.example/cb", "https://www.app.example/cb"];
    assert_eq!(sector(&two, None), Err(SectorRefused::ManyHosts));
    for nobodys in [
        "com.example.app:/cb",
        "com.example.app://callback/x",
        "http://127.0.0.1:3000/cb",
        "http://localhost/cb",
        "http://[::1]/cb",
    ] {
        assert_eq!(sector(&[nobodys], None), Err(SectorRefused::NoHost), "{nobodys}");
        assert_eq!(sector(&["https://app.example/cb", nobodys], None), Err(SectorRefused::NoHost), "{nobodys}");
    }
    assert_eq!(sector(&[], None), Err(SectorRefused::NoHost));
}

#[test]
fn what_cannot_be_a_sector_is_refused_for_clients_of_either_type() {
    for bad in ["https://app.example/f.json#x", "ftp://app.example/f", "f.json", "https:///", "urn:x"] {
        for subject_type in SubjectType::ALL {
            let mut metadata = with(&["https://app.example/cb"], Some(bad));
            metadata.subjects.subject_type = subject_type;
            assert_eq!(check(&metadata), Err(SectorRefused::Form), "{bad}");
        }
    }
    let mut public = with(&["com.example.app:/cb", "https://app.example/"], None);
    assert!(check(&public).is_err());
    public.subjects.subject_type = SubjectType::Public;
    assert_eq!(check(&public), Ok(()), "whose redirect URIs do not matter");
}

#[test]
fn who_acts_on_the_account_itself_cannot_know_its_person_by_another_name() {
    let own = Metadata { scope: scope("openid account:write"), ..with(&["https://app.example/cb"], None) };
    assert_eq!(check(&own), Err(SectorRefused::OwnAccount { scope: scope("account:write") }));
}

#[test]
fn the_document_has_every_redirect_uri_byte_for_byte() {
    let uris = ["https://a.example/cb".to_owned(), "https://b.example/cb".to_owned()];
    let proven = |document: &str| prove(document.as_bytes(), &uris);
    let missing = |uri: &str| Err(SectorRefused::NotListed { uri: uri.to_owned() });
    assert_eq!(proven(r#"["https://c.example/","https://b.example/cb","https://a.example/cb"]"#), Ok(()));
    assert_eq!(proven(r#"["https://a.example/cb"]"#), missing("https://b.example/cb"));
    assert_eq!(proven(r#"["https://a.example/cb/","https://b.example/cb"]"#), missing("https://a.example/cb"));
    for other in ["", "{}", "null", "\"https://a.example/cb\"", "[1]", r#"{"redirect_uris":[]}"#, "<html>", "[[]]"] {
        assert_eq!(proven(other), Err(SectorRefused::NoList), "{other}");
    }
    assert_eq!(prove(b"[]", &[]), Ok(()), "a client without redirect URIs");
}

#[test]
fn the_document_is_looked_at_again_where_a_change_is_its_business() {
    let (one, two) = ("https://a.example/cb", "https://b.example/cb");
    let (here, there) = (Some("https://s.example/1"), Some("https://s.example/2"));
    let before = with(&[one, two], here);
    for (after, wanted, why) in [
        (with(&[one, two], here), None, "nothing that it has a say in"),
        (with(&[two], here), None, "one less"),
        (with(&[one, "https://c.example/cb"], here), here, "another redirect URI"),
        (with(&[one], there), there, "another document"),
        (with(&[one], None), None, "no document any more"),
    ] {
        assert_eq!(to_be_proven(Some(&before), &after), wanted, "{why}");
    }
    assert_eq!(to_be_proven(None, &before), here, "a new client");
    assert_eq!(to_be_proven(Some(&with(&[one], None)), &with(&[one], here)), here, "a document for the first time");
    assert_eq!(to_be_proven(None, &with(&[], here)), here, "which has to be there all the same");
}
