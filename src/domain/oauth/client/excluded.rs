//! What a client is registered for that the server's rules take away.

use super::request_object::RequestObjectAlgorithm;
use super::{GrantType, Metadata};
use crate::domain::oauth::profile::{Excluded, Legacy, Rules};

/// Each thing that it is registered for and cannot have, the first one first. What a client only does, without saying so when it
/// is registered, is not among them: to go without PKCE, for one.
pub fn excluded(metadata: &Metadata, rules: Rules) -> impl Iterator<Item = Excluded> {
    let tokens = metadata.grant_types.contains(&GrantType::Implicit)
        || metadata.requests.response_types.iter().any(|known| known.has_tokens());
    let unsigned = metadata.request_objects.request_object_signing_alg == Some(RequestObjectAlgorithm::None);
    let registered = [
        (tokens, Legacy::TokensInAnswers),
        (metadata.private_http, Legacy::PrivateHttp),
        (unsigned, Legacy::UnsignedRequests),
    ];
    registered.into_iter().filter_map(move |(has, what)| rules.excluded(what).filter(|_| has))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::authorize::response_type::ResponseType;
    use crate::domain::oauth::fixtures::client;
    use crate::domain::oauth::profile::Profile;

    #[test]
    fn only_what_is_registered_and_taken_away_is_told() {
        let mut metadata = client().metadata;
        let strict = Rules { profile: Profile::OAuth21, only_code: false };
        let told = |metadata: &Metadata, rules| excluded(metadata, rules).map(|told| told.what).collect::<Vec<_>>();
        assert_eq!(told(&metadata, strict), []);
        metadata.requests.response_types.insert(ResponseType::CodeIdToken);
        metadata.private_http = true;
        metadata.request_objects.request_object_signing_alg = Some(RequestObjectAlgorithm::None);
        assert_eq!(told(&metadata, Rules::default()), []);
        let codes = Rules { only_code: true, ..Rules::default() };
        assert_eq!(told(&metadata, codes), [Legacy::TokensInAnswers]);
        let all = [Legacy::TokensInAnswers, Legacy::PrivateHttp, Legacy::UnsignedRequests];
        assert_eq!(told(&metadata, strict), all);
    }
}
