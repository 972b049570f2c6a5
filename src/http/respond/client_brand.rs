//! How a page presents the application that asks.

use std::fmt;

use url::{Url, form_urlencoded};

use crate::domain::oauth::client::Client;
use crate::foundation::mail_address::MailAddress;
use crate::http::language;
use crate::http::respond::layout::initial;
use crate::http::respond::page::Policy;

/// An `http` or `https` link that a client registered. Any other scheme (`javascript:`, `data:`) is not a link
/// (CVE-2024-21637).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink(Url);

impl WebLink {
    /// Reads a link; `None` when a browser should not be led there.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (matches!(url.scheme(), "https" | "http") && url.host_str().is_some_and(|host| !host.is_empty()))
            .then_some(Self(url))
    }

    /// Its origin, as a source in a `Content-Security-Policy`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Its host, as a person would recognise it.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Display for WebLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Contacts that are shown of those that a client registered: a person needs one.
const CONTACTS: usize = 2;

/// An address of e-mail that a client registered for its people (RFC 7591 §2, `contacts`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// As it is read.
    pub address: String,
    /// Where its link leads.
    pub href: String,
}

impl Contact {
    /// `None` for anything but an address: what else stands in `contacts` is for operators.
    fn parse(text: &str) -> Option<Self> {
        let address = MailAddress::parse(text).ok()?.to_string();
        let (local, domain) = address.split_once('@')?;
        // A question mark would begin a subject or a text of the client's (RFC 6068 §2).
        let local: String = form_urlencoded::byte_serialize(local.as_bytes()).collect();
        Some(Self { href: format!("mailto:{local}@{domain}"), address })
    }
}

/// What a client says about itself (OpenID Connect Dynamic Client Registration §2), on every page that it leads to.
#[derive(Clone, Debug)]
pub struct ClientBrand {
    /// Its `client_name`, or its id if it has none.
    pub name: String,
    /// `logo_uri`. The person's browser loads it; we never do (CVE-2021-26715).
    pub logo_uri: Option<WebLink>,
    /// `client_uri`: its home page.
    pub client_uri: Option<WebLink>,
    /// `policy_uri`: how it uses what it learns.
    pub policy_uri: Option<WebLink>,
    /// `tos_uri`: its terms of service.
    pub tos_uri: Option<WebLink>,
    /// `contacts`: whom to ask about it, of those the first.
    pub contacts: Vec<Contact>,
    /// Whether whoever runs this server runs the client too.
    pub first_party: bool,
    /// Whether nobody here has looked at it: it registered itself.
    pub unvetted: bool,
}

impl ClientBrand {
    /// What this client's registration says of it, in the language of the page where it does (RFC 7591 §2.2).
    pub fn of(client: &Client) -> Self {
        let (metadata, language) = (&client.metadata, language::current().language().tag());
        let said = |member: &str| metadata.translations.of(member, language);
        let link = |member, uri: &Option<String>| said(member).or(uri.as_deref()).and_then(WebLink::parse);
        Self {
            name: said("client_name").unwrap_or(&client.name).to_owned(),
            logo_uri: link("logo_uri", &metadata.logo_uri),
            client_uri: link("client_uri", &metadata.client_uri),
            policy_uri: link("policy_uri", &metadata.policy_uri),
            tos_uri: link("tos_uri", &metadata.tos_uri),
            contacts: metadata.about.contacts.iter().filter_map(|text| Contact::parse(text)).take(CONTACTS).collect(),
            first_party: metadata.first_party,
            unvetted: !client.is_vetted(),
        }
    }

    /// A client of which only the name is known.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            logo_uri: None,
            client_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            first_party: false,
            unvetted: false,
        }
    }

    /// The policy of a page that shows this client and whose form may lead to it.
    pub(in crate::http) fn policy(&self) -> Policy {
        let logo_origin = self.logo_uri.as_ref().map(WebLink::origin);
        Policy { logo_origin, leads_to_client: true, popup: true, ..Policy::default() }
    }

    pub(in crate::http) fn initial(&self) -> String {
        initial(&self.name)
    }

    pub(in crate::http) fn has_links(&self) -> bool {
        self.client_uri.is_some() || self.policy_uri.is_some() || self.tos_uri.is_some() || !self.contacts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_links_are_links() {
        assert!(WebLink::parse("https://app.example/logo.png").is_some());
        for text in ["javascript:alert(1)", "data:text/html,x", "/logo.png", "https://", "ftp://a.example", ""] {
            assert_eq!(WebLink::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_contact_is_an_address_and_nothing_more() {
        let contact = Contact::parse("help+desk@app.example").unwrap();
        assert_eq!(
            (contact.address.as_str(), contact.href.as_str()),
            ("help+desk@app.example", "mailto:help%2Bdesk@app.example")
        );
        let sly = Contact::parse("a?body=x&cc=b@app.example").unwrap();
        assert_eq!(sly.href, "mailto:a%3Fbody%3Dx%26cc%3Db@app.example");
        for text in ["https://app.example/help", "+49 30 1234", "Jane <jane@app.example>", "a@b@c.example", ""] {
            assert_eq!(Contact::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_links_origin_cannot_smuggle_a_directive() {
        let link = WebLink::parse("https://app.example:8443/x;script-src *").unwrap();
        assert_eq!(link.origin(), "https://app.example:8443");
        assert_eq!(WebLink::parse("https://a.example;script-src *").map(|link| link.origin()), None);
    }
}
