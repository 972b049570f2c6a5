//! To whom a provider is offered.

/// To whom a provider is offered. It says whom it is shown to, not who may use it: whoever is signed in, is so for every client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The clients (`client_id`) whose people have its button; empty: all, and our own pages.
    pub clients: Vec<String>,
    /// The domains of addresses whose people are sent there when they type one.
    pub email_domains: Vec<String>,
}

impl Offer {
    /// Whether people of this client have its button; `None`: those of our own pages.
    pub fn is_for(&self, client: Option<&str>) -> bool {
        self.clients.is_empty() || client.is_some_and(|client| self.clients.iter().any(|one| one == client))
    }

    /// Whether whoever typed this as their name is sent there.
    pub fn takes(&self, typed: &str) -> bool {
        let domain = typed.trim().rsplit_once('@').map(|(_, domain)| domain);
        domain.is_some_and(|domain| self.email_domains.iter().any(|one| one.eq_ignore_ascii_case(domain)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_for_every_client_or_for_those_that_are_named() {
        let all = Offer::default();
        assert!(all.is_for(None) && all.is_for(Some("a")));
        let some = Offer { clients: vec!["a".into()], ..Offer::default() };
        assert!(some.is_for(Some("a")) && !some.is_for(Some("b")) && !some.is_for(None));
    }

    #[test]
    fn an_address_leads_where_its_whole_domain_is_named() {
        let offer = Offer { email_domains: vec!["example.com".into()], ..Offer::default() };
        for address in ["a@example.com", " A@EXAMPLE.com "] {
            assert!(offer.takes(address), "{address}");
        }
        for other in ["alice", "example.com", "a@sub.example.com", "a@example.com.evil.test", "a@example.com@evil.test"]
        {
            assert!(!offer.takes(other), "{other}");
        }
    }
}
