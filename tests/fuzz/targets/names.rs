//! What people and their mailboxes are called.

use latchkey::domain::account::identifier::LoginIdentifier;
use latchkey::domain::account::sign_up::{NewAddress, new_username};
use latchkey::foundation::domain_name::{in_ascii, in_unicode};
use latchkey::foundation::host_port::HostPort;
use latchkey::foundation::mail_address::{MailAddress, NamedAddress};
use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use super::given::lines;

/// Two addresses. Whoever reads one reads it again in the same way; and two mailboxes have one name only if they differ in small
/// and capital letters alone.
pub fn mail_address(data: &[u8]) {
    let Some([one, other]) = lines(data) else { return };
    let all = [one, other].map(read);
    if let [Some(one), Some(other)] = all
        && one.identifier == other.identifier
    {
        assert_eq!(one.mailbox.domain(), other.mailbox.domain(), "one name for two hosts");
        let small = |text: &str| text.to_lowercase().nfkc().collect::<String>();
        assert_eq!(small(one.mailbox.local()), small(other.mailbox.local()), "one name for two mailboxes");
    }
}

fn read(text: &str) -> Option<NewAddress> {
    if let Ok(named) = NamedAddress::parse(text) {
        let again = NamedAddress::parse(&named.to_string()).expect("it is read again");
        assert_eq!(again, named);
    }
    let Ok(mailbox) = MailAddress::parse(text) else { return NewAddress::parse(text).ok() };
    let written = mailbox.to_string();
    assert_eq!(MailAddress::parse(&written).as_ref(), Ok(&mailbox), "it is read again");
    assert!(written.len() <= 254 && mailbox.local().len() <= 64);
    assert_eq!(written.matches('@').count(), 1);
    let harmful = |c: char| c.is_control() || c.is_whitespace() || "\",;:<>()[]\\".contains(c);
    assert!(!written.contains(harmful), "it could become a header or a command: {written:?}");
    is_a_host(mailbox.domain());
    let address = NewAddress::parse(text).ok()?;
    assert_eq!(address.claim, written);
    assert!(address.identifier.is_address());
    assert_eq!(LoginIdentifier::email(&written).as_ref(), Ok(&address.identifier));
    // Whoever types their address is found by it.
    assert_eq!(LoginIdentifier::typed(&written).as_ref(), Ok(&address.identifier));
    Some(address)
}

/// Whatever somebody types to say who they are.
pub fn login_name(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(typed) = LoginIdentifier::typed(text) else {
        assert!(LoginIdentifier::username(text).is_err());
        return;
    };
    assert_eq!(LoginIdentifier::typed(typed.as_str()).as_ref(), Ok(&typed), "it is not its own canonical form");
    let spellings = typed.spellings();
    assert_eq!(spellings.first(), Some(&typed));
    for spelling in &spellings {
        assert_eq!(spelling.counted(), typed.counted(), "{spelling} is counted apart");
    }
    assert!(!typed.passes_for(&typed));
    let small = LoginIdentifier::typed(&text.to_lowercase());
    assert!(small.is_err() || small.as_ref() == Ok(&typed), "{small:?} is somebody else");
    match LoginIdentifier::username(text) {
        Ok(name) => assert!(name == typed && !name.is_address()),
        Err(_) => assert!(typed.is_address()),
    }
    if let Ok((claim, name)) = new_username(text) {
        assert_eq!(LoginIdentifier::username(&claim), Ok(name));
    }
}

/// The name of a host, against the parser of URLs.
pub fn host_name(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(ascii) = in_ascii(text) {
        is_a_host(&ascii);
        assert_eq!(in_ascii(&ascii).as_ref(), Some(&ascii), "it has one form");
        let unicode = in_unicode(&ascii);
        assert_eq!(in_ascii(&unicode).as_ref(), Some(&ascii), "{unicode}");
        assert_eq!(Host::parse(text), Ok(Host::Domain(ascii.clone())), "browsers go to another host");
    }
    if let Ok(server) = HostPort::parse(text) {
        assert_eq!(HostPort::parse(&server.to_string()).as_ref(), Ok(&server));
        let url = Url::parse(&format!("https://{text}/")).expect("a URL");
        assert!(server.is_of(&url), "{server} is not of {url}");
    }
}

fn is_a_host(name: &str) {
    assert!(name.len() <= 253);
    for label in name.split('.') {
        assert!((1..=63).contains(&label.len()), "{name}");
        assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
        assert!(!label.starts_with('-') && !label.ends_with('-'), "{name}");
    }
    assert!(matches!(Host::parse(name), Ok(Host::Domain(_))), "{name} is an address");
}
