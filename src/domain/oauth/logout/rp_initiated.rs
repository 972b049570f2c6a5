//! Logout at the client's request (OpenID Connect RP-Initiated Logout 1.0).

use crate::domain::oauth::authorize::response::{append_query, encode};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal, first_difference};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::profile::Rules;
use crate::domain::oauth::token::id_token::Hint;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::oauth::token::subject::Subjects;
use crate::domain::sign_in::session::Session;
use crate::foundation::id::SessionId;

/// What a logout request leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// Whose session ends.
    pub ends: Ends,
    /// Where the browser goes afterwards; `None`: our own page says that it is done.
    pub then: Option<String>,
}

/// Whose session a logout request ends, of those that are live in its browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Nobody's: nobody is signed in.
    Nobodys,
    /// The one that the hint is about, and no other.
    This(SessionId),
    /// The user says whose: the request does not prove that it comes from an application of theirs (§2, so that nobody can
    /// be signed out by a link).
    AsTheySay,
}

/// Decides what a logout request leads to. `sessions` are those that are live in its browser. `hint` is verified, and `None` if that
/// failed; `client` is the one that the hint or client_id names; `subjects` tell what it calls people and sessions.
///
/// # Errors
/// Shown on a page: nothing is redirected to a URI that is not proven (§3).
pub fn decide(
    params: &Params,
    client: Option<&Client>,
    hint: Option<&Hint>,
    sessions: &[&Session],
    rules: Rules,
    subjects: &Subjects,
) -> Result<Logout, Refusal> {
    params.once()?;
    if let (Some(hint), Some(id)) = (hint, params.get("client_id"))
        && hint.aud != id
    {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "The id_token_hint was issued to another client.")
            .with("client_id", id)
            .with("issued to", &hint.aud));
    }
    let state = params.get("state");
    // A hint that cannot be verified proves nothing: the user is asked, and without a client there is no redirect.
    let unreadable = hint.is_none() && params.get("id_token_hint").is_some();
    let then = match params.get("post_logout_redirect_uri") {
        None => None,
        Some(_) if unreadable && client.is_none() => None,
        Some(uri) => Some(target(uri, state, client, rules)?),
    };
    let meant = sessions.iter().find(|session| is_about(hint, client, session, subjects));
    let ends = match meant {
        Some(session) => Ends::This(session.id),
        None if sessions.is_empty() => Ends::Nobodys,
        None => Ends::AsTheySay,
    };
    Ok(Logout { ends, then: then.filter(|_| client.is_some_and(|client| may_be_shown(client, ends))) })
}

/// Whether a logout request leads to this client, and its pages name it. Everybody can send a link with a client_id, and with an ID
/// token of their own: for an application that registered itself nobody is led away by it, and nothing of its is shown, unless
/// it signs out a person whom it has here (RFC 9700 §4.11.2 has the same of errors).
pub fn may_be_shown(client: &Client, ends: Ends) -> bool {
    client.is_vetted() || matches!(ends, Ends::This(_))
}

/// Whether the hint proves that the request comes from an application in which this session's user is signed in.
fn is_about(hint: Option<&Hint>, client: Option<&Client>, session: &Session, subjects: &Subjects) -> bool {
    let Some(hint) = hint else { return false };
    let sub = PairwiseSub::parse(&hint.sub);
    match (&hint.sid, sub) {
        (Some(sid), sub) => subjects.sid(session.id, sub.as_ref()).is_ok_and(|own| own == *sid),
        (None, None) => hint.sub == session.user.to_string(),
        (None, Some(_)) => {
            let naming = client.and_then(|client| subjects.naming(client).ok());
            naming.is_some_and(|naming| naming.means(session.user, &hint.sub))
        }
    }
}

fn target(uri: &str, state: Option<&str>, client: Option<&Client>, rules: Rules) -> Result<String, Refusal> {
    let Some(client) = client.filter(|client| client.enabled) else {
        let description = "post_logout_redirect_uri needs an id_token_hint or a client_id that says whose it is.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, description).with("post_logout_redirect_uri", uri));
    };
    let Some(proven) = VerifiedRedirect::prove_after_logout(client, uri, rules) else {
        let registered = &client.metadata.post_logout_redirect_uris;
        let description = "The post_logout_redirect_uri is not registered for this client.";
        let closest = registered.first().map(|closest| first_difference(uri, closest));
        return Err(Refusal::new(ErrorCode::InvalidRequest, description)
            .of(Kind::PostLogoutRedirectUri)
            .with("client", &client.id)
            .with("sent", uri)
            .with("registered", registered.join(" "))
            .with("first difference", closest.unwrap_or_else(|| "none is registered".to_owned())));
    };
    Ok(match state {
        Some(state) => append_query(proven.as_str(), &encode(&[("state", state.to_owned())])),
        None => proven.as_str().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MacKey;
    use crate::domain::oauth::client::subject_type::SubjectType;
    use crate::domain::oauth::fixtures::{NOW, client, form, issuer, public, session};
    use crate::foundation::{Random, id::UserId};

    const BYE: &str = "https://app.example/bye";

    /// The hint of an ID token that [`client`] was given in `session`.
    fn hint(session: &Session) -> Hint {
        Hint {
            iss: issuer().as_str().to_owned(),
            sub: session.user.to_string(),
            aud: client().id.to_string(),
            iat: NOW.as_secs(),
            exp: NOW.as_secs(),
            sid: Some(session.id.to_string()),
        }
    }

    fn subjects() -> Subjects {
        Subjects::new(Some(MacKey::new(b"key").unwrap()))
    }

    fn other_session() -> Session {
        Session { id: SessionId::generate(&Random::seeded(8), NOW), ..session(NOW) }
    }

    fn decided(pairs: &[(&str, &str)], hint: Option<&Hint>, session: Option<&Session>) -> Result<Logout, ErrorCode> {
        decide(&form(pairs), Some(&client()), hint, session.as_slice(), Rules::default(), &subjects())
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn only_a_hint_about_this_very_session_spares_the_question() {
        let here = session(NOW);
        let without_sid = |sub: &str| Hint { sid: None, sub: sub.to_owned(), ..hint(&here) };
        let (it, asks, nobodys) = (Ends::This(here.id), Ends::AsTheySay, Ends::Nobodys);
        let cases = [
            ("this session", Some(hint(&here)), Some(&here), it),
            ("another session of the same user", Some(hint(&other_session())), Some(&here), asks),
            ("the same user, no session named", Some(without_sid(&here.user.to_string())), Some(&here), it),
            ("another user, no session named", Some(without_sid("somebody")), Some(&here), asks),
            ("no hint", None, Some(&here), asks),
            ("nobody is signed in", Some(hint(&here)), None, nobodys),
            ("nobody is signed in, no hint", None, None, nobodys),
        ];
        for (what, hint, session, ends) in cases {
            assert_eq!(decided(&[], hint.as_ref(), session), Ok(Logout { ends, then: None }), "{what}");
        }
    }

    #[test]
    fn of_several_sessions_a_hint_ends_the_one_that_it_names() {
        let here = session(NOW);
        let bobs = Session { user: UserId::generate(&Random::seeded(9), NOW), ..other_session() };
        let of = |hint: Option<&Hint>| {
            decide(&form(&[]), Some(&client()), hint, &[&here, &bobs], Rules::default(), &subjects()).unwrap().ends
        };
        assert_eq!(of(Some(&hint(&bobs))), Ends::This(bobs.id), "which is not the current one");
        assert_eq!(of(Some(&hint(&here))), Ends::This(here.id));
        assert_eq!(of(Some(&Hint { sid: None, ..hint(&bobs) })), Ends::This(bobs.id));
        let gone = Hint { sid: Some("gone".into()), ..hint(&bobs) };
        assert_eq!(of(Some(&gone)), Ends::AsTheySay, "an earlier session of the same user");
        assert_eq!(of(None), Ends::AsTheySay);
    }

    #[test]
    fn a_hint_with_a_pairwise_sub_is_about_the_session_that_the_client_calls_so() {
        let (here, subjects, mut client) = (session(NOW), subjects(), client());
        client.metadata.subjects.subject_type = SubjectType::Pairwise;
        let sub = subjects.naming(&client).unwrap().pairwise(here.user).unwrap();
        let sid = subjects.sid(here.id, Some(&sub)).unwrap();
        let told = Hint { sub: sub.to_string(), sid: Some(sid), ..hint(&here) };
        let of = |hint: &Hint| {
            decide(&form(&[]), Some(&client), Some(hint), &[&here], Rules::default(), &subjects).unwrap().ends
        };
        assert_eq!(of(&told), Ends::This(here.id));
        assert_eq!(of(&Hint { sid: None, ..told.clone() }), Ends::This(here.id));
        assert_eq!(of(&hint(&here)), Ends::This(here.id), "from before it was registered so");
        let other = PairwiseSub::of_digest(&[1; 32]).to_string();
        for wrong in [
            Hint { sid: Some(here.id.to_string()), ..told.clone() },
            Hint { sub: other.clone(), ..told.clone() },
            Hint { sub: other, sid: None, ..told },
        ] {
            assert_eq!(of(&wrong), Ends::AsTheySay, "{wrong:?}");
        }
    }

    #[test]
    fn the_browser_goes_on_to_the_registered_uri_with_nothing_but_the_state() {
        let then = |pairs: &[(&str, &str)]| decided(pairs, Some(&hint(&session(NOW))), None).unwrap().then.unwrap();
        let uri = ("post_logout_redirect_uri", BYE);
        assert_eq!(then(&[uri]), BYE);
        assert_eq!(then(&[uri, ("state", "")]), BYE);
        assert_eq!(then(&[uri, ("ui_locales", "se"), ("logout_hint", "x")]), BYE);
        assert_eq!(then(&[uri, ("state", "a b&c=d#e")]), "https://app.example/bye?state=a+b%26c%3Dd%23e");
    }

    #[test]
    fn an_application_that_registered_itself_is_led_to_by_signing_out_a_person_of_its_own_alone() {
        let here = session(NOW);
        let params = form(&[("post_logout_redirect_uri", BYE)]);
        let itself = Client { registered_itself: true, ..client() };
        let then = |client: &Client, hint: Option<&Hint>, sessions: &[&Session]| {
            decide(&params, Some(client), hint, sessions, Rules::default(), &subjects()).unwrap().then
        };
        assert_eq!(then(&itself, Some(&hint(&here)), &[&here]).as_deref(), Some(BYE));
        for (what, hint, sessions) in [
            ("a link", None, &[][..]),
            ("a link, and somebody is signed in", None, &[&here][..]),
            ("a link with a token of whoever made it", Some(hint(&other_session())), &[][..]),
            ("the same, and somebody is signed in", Some(hint(&other_session())), &[&here][..]),
        ] {
            assert_eq!(then(&itself, hint.as_ref(), sessions), None, "{what}");
            assert_eq!(then(&client(), hint.as_ref(), sessions).as_deref(), Some(BYE), "{what}, of the operator's");
        }
    }

    #[test]
    fn a_uri_that_is_not_registered_is_never_redirected_to() {
        let hint = hint(&session(NOW));
        for uri in [
            "https://app.example/bye?foo=bar",
            "https://app.example/bye/",
            "https://APP.example/bye",
            "https://app.example/cb",
            "https://evil.example/",
            "javascript:alert(1)",
        ] {
            let refused = decided(&[("post_logout_redirect_uri", uri)], Some(&hint), None);
            assert_eq!(refused, Err(ErrorCode::InvalidRequest), "{uri}");
        }
    }

    #[test]
    fn a_uri_without_a_client_that_owns_it_is_refused() {
        let params = form(&[("post_logout_redirect_uri", BYE), ("state", "x")]);
        let decide = |params: &Params, client| decide(params, client, None, &[], Rules::default(), &subjects());
        assert!(decide(&params, None).is_err());
        let disabled = Client { enabled: false, ..client() };
        assert!(decide(&params, Some(&disabled)).is_err());
        let mut nothing_registered = public();
        nothing_registered.metadata.post_logout_redirect_uris.clear();
        assert!(decide(&params, Some(&nothing_registered)).is_err());
        assert!(decide(&params, Some(&client())).is_ok());
    }

    #[test]
    fn a_hint_that_cannot_be_read_leads_to_the_question_and_nowhere_else() {
        let here = session(NOW);
        let sent = [("id_token_hint", "x"), ("post_logout_redirect_uri", BYE)];
        let decide =
            |client: Option<&Client>| decide(&form(&sent), client, None, &[&here], Rules::default(), &subjects());
        assert_eq!(decide(None), Ok(Logout { ends: Ends::AsTheySay, then: None }));
        let named = decide(Some(&client())).unwrap();
        assert_eq!(
            named,
            Logout { ends: Ends::AsTheySay, then: Some(BYE.to_owned()) },
            "client_id says whose URI it is"
        );
    }

    #[test]
    fn a_state_without_a_uri_goes_nowhere() {
        assert_eq!(decided(&[("state", "x")], None, None), Ok(Logout { ends: Ends::Nobodys, then: None }));
    }

    #[test]
    fn a_hint_of_another_client_than_the_one_named_is_refused() {
        let hint = hint(&session(NOW));
        assert_eq!(decided(&[("client_id", "native")], Some(&hint), None), Err(ErrorCode::InvalidRequest));
        assert!(decided(&[("client_id", "web")], Some(&hint), None).is_ok());
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        let twice = form(&[("post_logout_redirect_uri", BYE), ("post_logout_redirect_uri", BYE)]);
        assert!(decide(&twice, Some(&client()), None, &[], Rules::default(), &subjects()).is_err());
    }
}
