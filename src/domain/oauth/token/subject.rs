//! What a client calls people, and their sessions: the `sub` and the `sid` of its tokens (OpenID Connect Core §8, Front-Channel
//! Logout §3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use super::pairwise_sub::PairwiseSub;
use crate::crypto::MacKey;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::sector::{Sector, SectorRefused, sector_of};
use crate::domain::oauth::client::subject_type::SubjectType;
use crate::foundation::id::{SessionId, UserId};

/// What pairwise subs are made with. A command does without, and makes none.
#[derive(Debug)]
pub struct Subjects(Option<MacKey>);

/// A fault of ours: a pairwise client could only be told of a person by what it must not know.
#[derive(Debug, Error)]
pub enum SubjectFault {
    /// This process is a command.
    #[error("there is no key here to make pairwise subs with")]
    NoKey,
    /// It was registered by other rules.
    #[error("a client with pairwise subs has no sector: {0}")]
    NoSector(#[source] SectorRefused),
}

/// How one client knows people.
#[derive(Debug)]
pub enum Naming<'a> {
    /// By the ids of their accounts.
    Public,
    /// By keyed digests, which are the same for all clients of its sector.
    Pairwise(&'a MacKey, Sector),
}

impl Subjects {
    /// With this key, which stays the same for ever.
    pub fn new(key: Option<MacKey>) -> Self {
        Self(key)
    }

    /// How `client` knows people from now on.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn naming(&self, client: &Client) -> Result<Naming<'_>, SubjectFault> {
        match client.metadata.subjects.subject_type {
            SubjectType::Public => Ok(Naming::Public),
            SubjectType::Pairwise => {
                let sector = sector_of(&client.metadata).map_err(SubjectFault::NoSector)?;
                Ok(Naming::Pairwise(self.key()?, sector))
            }
        }
    }

    /// What a client calls a session that knows its person by this `sub`, or by the account's id where there is none: two sectors
    /// that compare their sids find nothing in common either.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn sid(&self, session: SessionId, sub: Option<&PairwiseSub>) -> Result<String, SubjectFault> {
        let Some(sub) = sub else { return Ok(session.to_string()) };
        let digest = self.key()?.mac(&[b"sid", sub.as_str().as_bytes(), session.as_uuid().as_bytes()]);
        Ok(URL_SAFE_NO_PAD.encode(digest))
    }

    fn key(&self) -> Result<&MacKey, SubjectFault> {
        self.0.as_ref().ok_or(SubjectFault::NoKey)
    }
}

impl Naming<'_> {
    /// The `sub` of `user`, where it is not the id of the account.
    pub fn pairwise(&self, user: UserId) -> Option<PairwiseSub> {
        match self {
            Self::Public => None,
            Self::Pairwise(key, sector) => {
                let digest = key.mac(&[b"sub", sector.as_str().as_bytes(), user.as_uuid().as_bytes()]);
                Some(PairwiseSub::of_digest(&digest))
            }
        }
    }

    /// Whether `sub` is what the client calls `user`. The id of the account is nothing that a pairwise client could ask for.
    pub fn means(&self, user: UserId, sub: &str) -> bool {
        match self.pairwise(user) {
            Some(own) => own.as_str() == sub,
            None => user.to_string() == sub,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::{ClientId, Metadata};
    use crate::domain::oauth::fixtures::{NOW, client, issuer, session};
    use crate::foundation::Random;

    fn subjects(key: &[u8]) -> Subjects {
        Subjects::new(Some(MacKey::new(key).unwrap()))
    }

    fn pairwise_at(host: &str) -> Client {
        let mut metadata = Metadata { redirect_uris: vec![format!("https://{host}/cb")], ..client().metadata };
        metadata.subjects.subject_type = SubjectType::Pairwise;
        Client { metadata, ..client() }
    }

    fn sub(key: &[u8], host: &str, user: UserId) -> String {
        subjects(key).naming(&pairwise_at(host)).unwrap().pairwise(user).unwrap().to_string()
    }

    fn users() -> [UserId; 2] {
        [1, 2].map(|seed| UserId::generate(&Random::seeded(seed), NOW))
    }

    #[test]
    fn a_sub_depends_on_key_sector_and_account_and_on_nothing_else() {
        let [alice, bob] = users();
        let one = sub(b"key", "a.example", alice);
        assert_eq!(one, sub(b"key", "a.example", alice));
        let others =
            [sub(b"key", "b.example", alice), sub(b"key", "a.example", bob), sub(b"other", "a.example", alice)];
        assert!(others.iter().all(|other| *other != one), "{others:?}");
        // It must never change: who knows people by it would not know them again.
        let carol = "01a1fc91-c258-7714-8d79-f0f00d6ff732".parse().unwrap();
        let by_another_implementation = "pairwise-6ElNklnnQfICvp-3oNrwmMpcBZlMgLEf_fJ3mskr6BM";
        assert_eq!(sub(b"key", "a.example", carol), by_another_implementation);
    }

    #[test]
    fn a_pairwise_sub_is_never_that_of_an_account_or_of_a_client() {
        let [alice, _] = users();
        let one = sub(b"key", "a.example", alice);
        assert!(one.parse::<UserId>().is_err());
        assert!(ClientId::given(&one, &issuer()).is_err(), "RFC 9700 section 4.15");
        assert!(ClientId::given("pairwise-demo", &issuer()).is_ok());
    }

    #[test]
    fn who_is_meant_says_only_what_the_client_itself_calls_them() {
        let [alice, bob] = users();
        let subjects = subjects(b"key");
        let (naming, id) = (subjects.naming(&pairwise_at("a.example")).unwrap(), alice.to_string());
        assert!(naming.means(alice, &sub(b"key", "a.example", alice)));
        for (sub, why) in [
            (sub(b"key", "a.example", bob), "somebody else"),
            (sub(b"key", "b.example", alice), "the sub of another sector"),
            (id.clone(), "the account's id, which could be tried out"),
        ] {
            assert!(!naming.means(alice, &sub), "{why}");
        }
        assert!(Naming::Public.means(alice, &id) && !Naming::Public.means(bob, &id));
        assert!(!Naming::Public.means(alice, &sub(b"key", "a.example", alice)));
        assert_eq!(Naming::Public.pairwise(alice), None);
    }

    #[test]
    fn a_session_is_called_by_its_id_only_where_its_person_is() {
        let (session, [alice, _], subjects) = (session(NOW).id, users(), subjects(b"key"));
        let of = |host: &str| {
            let sub = PairwiseSub::parse(&sub(b"key", host, alice));
            subjects.sid(session, sub.as_ref()).unwrap()
        };
        assert_eq!(subjects.sid(session, None).unwrap(), session.to_string());
        assert_eq!(of("a.example"), of("a.example"));
        assert!(of("a.example") != of("b.example") && of("a.example") != session.to_string());
    }

    #[test]
    fn without_a_key_or_a_sector_nobody_is_told_the_id_instead() {
        let [alice, _] = users();
        let none = Subjects::new(None);
        assert!(matches!(none.naming(&pairwise_at("a.example")), Err(SubjectFault::NoKey)));
        assert!(none.naming(&client()).unwrap().means(alice, &alice.to_string()));
        let sub = PairwiseSub::of_digest(&[1; 32]);
        assert!(matches!(none.sid(session(NOW).id, Some(&sub)), Err(SubjectFault::NoKey)));
        let mut nowhere = pairwise_at("a.example");
        nowhere.metadata.redirect_uris.clear();
        assert!(matches!(subjects(b"key").naming(&nowhere), Err(SubjectFault::NoSector(_))));
    }
}
