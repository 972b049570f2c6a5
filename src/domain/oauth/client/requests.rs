//! How a client sends its authorization requests, and what it is answered with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::grant_type::GrantType;
use crate::domain::oauth::authorize::response_type::ResponseType;

/// The members about that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestMetadata {
    /// What it may ask for (RFC 7591 §2).
    pub response_types: BTreeSet<ResponseType>,
    /// It pushes its requests, and what a browser brings from elsewhere is refused (RFC 9126 §6).
    pub require_pushed_authorization_requests: bool,
}

impl Default for RequestMetadata {
    fn default() -> Self {
        Self { response_types: BTreeSet::from([ResponseType::Code]), require_pushed_authorization_requests: false }
    }
}

impl RequestMetadata {
    /// The grants that its response types stand for.
    pub fn grants(&self) -> BTreeSet<GrantType> {
        self.response_types.iter().flat_map(|known| grants_of(*known)).collect()
    }

    /// Fills in what a registration leaves open: codes, for whoever may redeem them; and the grant that nothing else stands for.
    pub fn complete(&mut self, grants: &mut BTreeSet<GrantType>) {
        let codes = grants.contains(&GrantType::AuthorizationCode);
        if self.response_types.is_empty() && codes {
            self.response_types.insert(ResponseType::Code);
        }
        if !codes && self.response_types == BTreeSet::from([ResponseType::Code]) {
            // Nobody asked for it: it is the default.
            self.response_types.clear();
        }
        if self.grants().contains(&GrantType::Implicit) {
            grants.insert(GrantType::Implicit);
        }
    }

    /// The grant that is there without a response type, or missing for one: the two have to stand for each other (RFC 7591 §2.1).
    pub fn contradicted_by(&self, grants: &BTreeSet<GrantType>) -> Option<GrantType> {
        let needed = self.grants();
        let both = [GrantType::AuthorizationCode, GrantType::Implicit];
        both.into_iter().find(|grant| needed.contains(grant) != grants.contains(grant))
    }
}

/// The grants that a client has to be registered for to ask for it (RFC 7591 §2.1).
pub fn grants_of(response_type: ResponseType) -> impl Iterator<Item = GrantType> {
    let code = response_type.code().then_some(GrantType::AuthorizationCode);
    code.into_iter().chain(response_type.has_tokens().then_some(GrantType::Implicit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::grant_type::GrantType::{
        AuthorizationCode, ClientCredentials, Implicit, RefreshToken,
    };

    fn completed(types: &[ResponseType], grants: &[GrantType]) -> (Vec<ResponseType>, Vec<GrantType>, bool) {
        let mut grants = grants.iter().copied().collect();
        let mut requests =
            RequestMetadata { response_types: types.iter().copied().collect(), ..RequestMetadata::default() };
        requests.complete(&mut grants);
        let sound = requests.contradicted_by(&grants).is_none();
        (requests.response_types.into_iter().collect(), grants.into_iter().collect(), sound)
    }

    #[test]
    fn what_is_left_open_is_a_code_for_whoever_may_redeem_it() {
        use ResponseType::{Code, CodeIdToken, IdToken};
        let code = (vec![Code], vec![AuthorizationCode], true);
        assert_eq!(completed(&[], &[AuthorizationCode]), code);
        assert_eq!(completed(&[Code], &[AuthorizationCode]), code);
        assert_eq!(completed(&[Code], &[ClientCredentials]), (vec![], vec![ClientCredentials], true));
        assert_eq!(completed(&[IdToken], &[]), (vec![IdToken], vec![Implicit], true));
        let hybrid = (vec![CodeIdToken], vec![AuthorizationCode, RefreshToken, Implicit], true);
        assert_eq!(completed(&[CodeIdToken], &[AuthorizationCode, RefreshToken]), hybrid);
    }

    #[test]
    fn response_types_and_grants_stand_for_each_other() {
        use ResponseType::{Code, CodeIdToken, IdToken};
        for (types, grants) in [
            (&[IdToken][..], &[AuthorizationCode][..]),
            (&[CodeIdToken], &[Implicit]),
            (&[Code], &[AuthorizationCode, Implicit]),
            (&[], &[Implicit]),
        ] {
            assert!(!completed(types, grants).2, "{types:?} {grants:?}");
        }
    }

    #[test]
    fn a_row_from_before_they_were_written_asks_for_codes() {
        assert_eq!(serde_json::from_str::<RequestMetadata>("{}").unwrap(), RequestMetadata::default());
    }
}
