//! Whether there is a key for all that a client is registered for.

use super::Client;
use crate::crypto::Algorithms;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};

/// Refuses a client that is registered for an algorithm which was taken out of the configuration since: it is not answered
/// with another signature than the one it asked for, and loses no code and no refresh token over it.
///
/// # Errors
/// `unauthorized_client` (RFC 6749 §4.1.2.1, §5.2): nothing is wrong with the request, and the client cannot mend it.
pub fn check(client: &Client, available: Algorithms) -> Result<(), Refusal> {
    match client.metadata.signed_with().find(|(_, algorithm)| !available.contains(*algorithm)) {
        None => Ok(()),
        Some((field, algorithm)) => {
            let description = "This server no longer signs with the algorithm that this client is registered for.";
            Err(Refusal::new(ErrorCode::UnauthorizedClient, description)
                .of(Kind::Algorithm)
                .with(field, algorithm)
                .with("keys.algorithms", available.names().join(" ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Algorithm;
    use crate::domain::oauth::fixtures::client;

    #[test]
    fn a_client_is_refused_for_an_algorithm_without_a_key_and_for_nothing_else() {
        let mut client = client();
        assert_eq!(check(&client, Algorithms::ALWAYS), Ok(()));
        client.metadata.id_token_signed_response_alg = Algorithm::Ps512;
        let refusal = check(&client, Algorithms::ALWAYS).unwrap_err();
        assert_eq!((refusal.code, refusal.kind), (ErrorCode::UnauthorizedClient, Kind::Algorithm));
        assert_eq!(
            refusal.detail.to_string(),
            r#"id_token_signed_response_alg: "PS512"; keys.algorithms: "RS256 ES256""#
        );
        assert_eq!(check(&client, Algorithm::ALL.into_iter().collect()), Ok(()));
    }
}
