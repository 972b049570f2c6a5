//! What the command line says when something is refused: here the operator is the one who asks, so that every value is
//! told, and what to do about it.

use crate::domain::account::error::AccountError;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::error::Refusal;
use crate::domain::operation::job::JobRefusal;
use crate::domain::operation::signing_key::KeyRefusal;
use crate::services::ServiceError;
use crate::services::error::Chain;

/// In a line: what is refused and why, or what failed.
pub fn explain(error: &ServiceError) -> String {
    match error {
        ServiceError::Account(refusal) => of_account(refusal),
        ServiceError::Registration(refusal) => of_registration(refusal),
        ServiceError::Key(refusal) => of_key(refusal),
        ServiceError::Job(refusal) => of_job(refusal),
        // Only `dev` adds a factor.
        ServiceError::Factor(refusal) => refusal.to_string(),
        ServiceError::Protocol(refusal) => of_protocol(refusal),
        // No command shows a page.
        ServiceError::Page(refusal) => refusal.to_string(),
        ServiceError::Forbidden(refusal) => refusal.to_string(),
        ServiceError::Unavailable(unavailable) => unavailable.cause.clone(),
        ServiceError::Internal(_) => Chain(error).to_string(),
    }
}

fn of_account(refusal: &AccountError) -> String {
    match refusal {
        AccountError::Unknown { name } => {
            format!("There is no user with this id, username or e-mail address: {name:?}.")
        }
        AccountError::Ambiguous { name, id, named } => format!(
            "{name:?} is the id of one user and the username of another: name the first by username or e-mail address \
             (sub {id}), or the second by id ({named})."
        ),
        AccountError::Gone { id } => format!("There is no such user any more: sub {id}."),
        AccountError::Username { username, why } => format!("The username {username:?} cannot be used: it {why}."),
        AccountError::Email { email, why } => format!("The e-mail address {email:?} cannot be used: it {why}."),
        AccountError::Nameless => "A user needs a username or an e-mail address.".to_owned(),
        AccountError::Taken { names } => {
            let names: Vec<_> = names.iter().map(|name| format!("{:?}", name.as_str())).collect();
            format!("The username or e-mail address is taken, or looks like one that is: {}.", names.join(", "))
        }
        AccountError::NoInvitations => {
            "Nobody can make an account by invitation while signup.mode is \"off\": set it to \"invitation\" or \"open\", or use \
             latchkey users create."
                .to_owned()
        }
        AccountError::NothingToVerify => "There is no e-mail address that could be verified.".to_owned(),
        AccountError::NoSecondFactors => {
            "Nobody can add a second factor while factors.second_factor is \"off\": set it to \"optional\" or \"required\" first."
                .to_owned()
        }
        AccountError::Claims(why) => format!("The claims cannot be used: {why}."),
        AccountError::Password(why) => format!("The password cannot be used: {why}."),
        AccountError::Contended { id } => format!("Others keep changing this user (sub {id}); try again."),
    }
}

fn of_registration(refusal: &RegistrationError) -> String {
    match refusal {
        RegistrationError::Unknown { id } => format!("There is no client with this id: {:?}.", id.as_str()),
        RegistrationError::Taken { id } => format!("There is a client with this id already: {:?}.", id.as_str()),
        RegistrationError::Id { id, why } => format!("The id {:?} cannot be used: it {why}.", id.as_str()),
        RegistrationError::Name { name, most } => {
            format!("A client needs a name of 1 to {most} printable bytes; this one has {}: {name:?}.", name.len())
        }
        RegistrationError::RedirectUri { uri, why } => {
            format!("The redirect URI {uri:?} cannot be registered: it {why}.")
        }
        RegistrationError::LogoutUri { uri, why } => {
            format!("The client cannot be told of logouts at {uri:?}: it {why}.")
        }
        RegistrationError::Link { uri } => format!(
            "A link must be an http or https URL without user-info, spaces and hidden characters, and {uri:?} is not."
        ),
        RegistrationError::ResponseTypes { grant } => {
            let grant = grant.as_str();
            format!(
                "--response-type and --grant do not stand for each other: {grant} is named by one of them alone (a code needs \
                 authorization_code, tokens need implicit)"
            )
        }
        RegistrationError::NowhereForCodes => {
            "The authorization_code grant needs at least one redirect URI: --redirect-uri.".to_owned()
        }
        RegistrationError::RefreshWithoutCode => {
            "The refresh_token grant is of no use without authorization_code.".to_owned()
        }
        RegistrationError::MachineWithoutSecret => {
            "The client_credentials grant needs a client that authenticates: any --auth but none.".to_owned()
        }
        RegistrationError::Algorithm { field, algorithm, available } => format!(
            "There is no key for {field} = {algorithm}: this server signs with {}. Add it to keys.algorithms, and restart the \
             server.",
            available.names().join(", ")
        ),
        RegistrationError::Encryption(why) => format!("A client's answers cannot be encrypted like that: {why}."),
        RegistrationError::Lifetime(why) => format!("A client's tokens cannot live like that: {why}."),
        RegistrationError::Scope { scope } => format!("A scope is not configured in scopes.extra: {scope}."),
        RegistrationError::UpstreamScope { scope } => {
            format!("No such tokens are kept: {scope}; set keep_tokens = \"on\" in the section of that provider.")
        }
        RegistrationError::FirstPartyScope { scope } => {
            format!(
                "Only an application of your own may have these scopes, which act on people's accounts: {scope}; add --first-party."
            )
        }
        RegistrationError::MachineScope { scope } => {
            format!("Only a machine may have these scopes: {scope}; add --grant client_credentials.")
        }
        RegistrationError::Secret(why) => format!("The secret cannot be used: it {why}."),
        RegistrationError::NoSecret { id: None } => {
            "A client that is public, or proves itself by a key of its own, has no secret.".to_owned()
        }
        RegistrationError::NoSecret { id: Some(id) } => {
            format!("The client {:?} has no secret: it is public, or proves itself by a key of its own.", id.as_str())
        }
        RegistrationError::RequestObjects(why) => format!("Request objects cannot be registered like that: {why}."),
        RegistrationError::Excluded(excluded) => format!("The client cannot be registered like that: {excluded}."),
        RegistrationError::Keys(why) => format!("The client's keys cannot be registered like that: {why}."),
        RegistrationError::Sector(why) => format!("A client cannot know people like that: {why}."),
        RegistrationError::Callback { member, uri, why } => {
            format!("The {member} {uri:?} cannot be registered: {why}.")
        }
        RegistrationError::InitiateLogin { .. }
        | RegistrationError::LanguageTag { .. }
        | RegistrationError::Text { .. }
        | RegistrationError::TooMany { .. } => {
            format!("The client metadata cannot be registered: {refusal}.")
        }
        RegistrationError::Document(why) => format!("The client metadata cannot be registered: {why}."),
        RegistrationError::HiddenCharacter { .. }
        | RegistrationError::MachineOfNobody
        | RegistrationError::OperatorsScope { .. }
        | RegistrationError::TooLong { .. }
        | RegistrationError::OtherId { .. }
        | RegistrationError::ChosenSecret
        | RegistrationError::SectorTooOften { .. }
        | RegistrationError::OperatorsOwn { .. }
        | RegistrationError::Full { .. } => format!("The client cannot register itself: {refusal}."),
        RegistrationError::TokenUnknown { id } => {
            format!("There is no initial access token with this id: {id}. See latchkey clients token list.")
        }
        RegistrationError::Contended { id } => {
            format!("Others keep changing the client {:?}; try again.", id.as_str())
        }
    }
}

fn of_key(refusal: &KeyRefusal) -> String {
    match refusal {
        KeyRefusal::Unknown { kid } => {
            format!("There is no key with this id: {kid:?}. See latchkey keys list.")
        }
        KeyRefusal::Algorithm { algorithm, available } => {
            format!("There are no keys for {algorithm}: keys.algorithms has {}.", available.names().join(", "))
        }
        KeyRefusal::ClockInDoubt { now } => format!(
            "The clock was set, or this database was last used long ago: keys are not rotated by a time that is in doubt \
             ({now}). If the clock is right, say `latchkey clock confirm` first. A key that leaked can be revoked all the \
             same."
        ),
        KeyRefusal::Contended => "Others keep rotating the keys; try again.".to_owned(),
    }
}

fn of_job(refusal: &JobRefusal) -> String {
    match refusal {
        JobRefusal::Unknown { id } => format!("There is no job with this id: {id}."),
        JobRefusal::NotDead { id, state } => {
            format!("Only a job that is dead can be tried again. The job {id} is {}.", state.as_str())
        }
        JobRefusal::Superseded { id } => {
            format!("Another job of the same kind about the same thing waits or runs already: {id} stays dead.")
        }
    }
}

fn of_protocol(refusal: &Refusal) -> String {
    match refusal.detail.0.is_empty() {
        true => refusal.description.to_owned(),
        false => format!("{} ({})", refusal.description, refusal.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::identifier::{IdentifierError, LoginIdentifier};
    use crate::domain::oauth::client::ClientId;
    use crate::domain::oauth::client::redirect_registration::UriRefused;

    #[test]
    fn a_refusal_says_what_was_given_and_what_is_wrong_with_it() {
        let taken = vec![LoginIdentifier::typed("Bob").unwrap()];
        let username = AccountError::Username { username: "a@b".into(), why: IdentifierError::AtInUsername };
        let uri = RegistrationError::RedirectUri { uri: "http://a.example/".into(), why: UriRefused::Insecure };
        for (error, said) in [
            (
                AccountError::Taken { names: taken }.into(),
                r#"The username or e-mail address is taken, or looks like one that is: "bob"."#,
            ),
            (
                username.into(),
                r#"The username "a@b" cannot be used: it must not contain @: that is for e-mail addresses."#,
            ),
            (
                RegistrationError::Unknown { id: ClientId::new("x\ny") }.into(),
                r#"There is no client with this id: "x\ny"."#,
            ),
            (
                uri.into(),
                "The redirect URI \"http://a.example/\" cannot be registered: it must be https; http is only for a \
                 loopback address.",
            ),
            (
                KeyRefusal::Unknown { kid: "k".into() }.into(),
                r#"There is no key with this id: "k". See latchkey keys list."#,
            ),
            (ServiceError::internal("the disk is full"), "internal error: the disk is full"),
        ] {
            assert_eq!(explain(&error), said);
        }
    }
}
