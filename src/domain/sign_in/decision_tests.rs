//! The tests of `decision.rs`.

use super::*;
use crate::domain::factor::method::Method;
use crate::domain::factor::policy::Rule;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::oauth::client::SecondFactorFor;
use crate::domain::oauth::fixtures::{
    MICROSECOND, NOW, client, public, request, scope, seconds, session as signed_in_at, user,
};
use crate::domain::oauth::profile::Rules;
use crate::domain::oauth::token::claims::ClaimsRequest;

/// One situation, spelled out: the user signed in an hour ago, for another request.
struct Told {
    request: AuthorizationRequest,
    client: Client,
    redirect: &'static str,
    session: Option<Session>,
    unclear: bool,
    second_factor: bool,
    half: bool,
    policy: FactorPolicy,
    consent: Option<Consent>,
    proved_here: bool,
    chosen_here: bool,
    just_allowed: bool,
    local: bool,
}

impl Told {
    /// Nothing is missing: signed in and consented, an hour ago.
    fn ready() -> Self {
        let earlier = NOW.before(seconds(3600));
        Self {
            request: request(),
            client: client(),
            redirect: "https://app.example/cb",
            session: Some(signed_in_at(earlier)),
            unclear: false,
            consent: Some(consented("openid", earlier)),
            second_factor: false,
            half: false,
            policy: FactorPolicy { rule: Rule::Optional, enrol_by: None },
            proved_here: false,
            chosen_here: false,
            just_allowed: false,
            local: false,
        }
    }

    fn prompt(mut self, prompts: &[Prompt]) -> Self {
        self.request.prompt = prompts.iter().copied().collect();
        self
    }

    fn max_age(mut self, seconds: u64) -> Self {
        self.request.max_age = Some(seconds);
        self
    }

    /// Somebody signed in at `at`.
    fn signed_in(mut self, at: Timestamp) -> Self {
        self.session = Some(signed_in_at(at));
        self
    }

    fn signed_out(mut self) -> Self {
        (self.session, self.consent) = (None, None);
        self
    }

    /// It is not clear which of the browser's accounts is meant.
    fn unclear(mut self) -> Self {
        self.unclear = true;
        self
    }

    fn consent(mut self, consent: Option<Consent>) -> Self {
        self.consent = consent;
        self
    }

    fn claims(mut self, json: &str) -> Self {
        self.request.claims = ClaimsRequest::parse(json).unwrap();
        self
    }

    fn client(mut self, client: Client, redirect: &'static str) -> Self {
        (self.client, self.redirect) = (client, redirect);
        self
    }

    /// The user has just answered the consent page of this request.
    fn just_allowed(mut self) -> Self {
        self.just_allowed = true;
        self
    }

    /// They signed in for this very request, and it has not been answered yet.
    fn proved_here(mut self) -> Self {
        self.proved_here = true;
        self
    }

    /// They chose the account for this very request.
    fn chosen_here(mut self) -> Self {
        self.chosen_here = true;
        self
    }

    /// We are on loopback ourselves.
    fn local(mut self) -> Self {
        self.local = true;
        self
    }

    fn first_party(mut self) -> Self {
        self.client.metadata.first_party = true;
        self
    }

    /// The person has a second factor.
    fn with_factor(mut self) -> Self {
        self.second_factor = true;
        self
    }

    /// Somebody gave their password in this flow, and no more.
    fn half(mut self) -> Self {
        self.half = true;
        self
    }

    /// The session holds a code of an app too.
    fn by_two_factors(mut self) -> Self {
        let session = self.session.as_mut().unwrap();
        let second = Proof { method: Method::Totp, ..Proof::by_password(session.authenticated_at) };
        session.proofs = session.proofs.clone().and(second);
        self
    }

    fn required(mut self) -> Self {
        self.policy.rule = Rule::Required;
        self
    }

    fn next(&self) -> Result<Step, ErrorCode> {
        self.next_for(&Naming::Public)
    }

    fn next_for(&self, naming: &Naming<'_>) -> Result<Step, ErrorCode> {
        let mut client = self.client.clone();
        client.metadata.redirect_uris = vec![self.redirect.to_owned()];
        let redirect = VerifiedRedirect::prove(&client, Some(self.redirect), Rules::default()).unwrap();
        let person = |id| User { second_factor: self.second_factor, ..user(id) };
        let user = self.session.as_ref().map(|session| person(session.user));
        let half = self.half.then(|| person(signed_in_at(NOW).user));
        next_step(&Situation {
            catalogue: &ClaimCatalogue::default(),
            request: &self.request,
            client: &client,
            naming,
            redirect: &redirect,
            signed_in: self.session.as_ref().zip(user.as_ref()),
            unclear: self.unclear,
            half: half.as_ref(),
            policy: &self.policy,
            consent: self.consent.as_ref(),
            just_allowed: self.just_allowed,
            proved_here: self.proved_here,
            chosen_here: self.chosen_here,
            local: self.local,
            now: NOW,
        })
        .map_err(|refusal| refusal.code)
    }
}

fn consented(text: &str, at: Timestamp) -> Consent {
    Consent { scope: scope(text), claims: BTreeSet::new(), updated_at: at }
}

fn ask_for_consent() -> Result<Step, ErrorCode> {
    Ok(Step::Consent(BTreeSet::new()))
}

#[test]
fn each_prompt_asks_for_its_own_step() {
    use Prompt::{Consent, Create, Login, None, SelectAccount};
    let ready = |prompts: &[Prompt]| Told::ready().prompt(prompts).next();
    assert_eq!(ready(&[]), Ok(Step::Done));
    assert_eq!(ready(&[None]), Ok(Step::Done));
    assert_eq!(ready(&[Login]), Ok(Step::SignIn));
    assert_eq!(ready(&[Create]), Ok(Step::SignIn), "or an account, which is a sign-in too");
    assert_eq!(ready(&[SelectAccount]), Ok(Step::ChooseAccount));
    assert_eq!(ready(&[Consent]), ask_for_consent());
    assert_eq!(ready(&[Login, SelectAccount, Consent]), Ok(Step::SignIn), "one after the other");
    assert_eq!(ready(&[SelectAccount, Consent]), Ok(Step::ChooseAccount));
}

#[test]
fn whoever_is_not_signed_in_signs_in_first() {
    use Prompt::{Consent, Login, None, SelectAccount};
    for prompts in [&[][..], &[Login], &[SelectAccount], &[Consent]] {
        assert_eq!(Told::ready().signed_out().prompt(prompts).next(), Ok(Step::SignIn), "{prompts:?}");
    }
    assert_eq!(Told::ready().signed_out().prompt(&[None]).next(), Err(ErrorCode::LoginRequired));
}

#[test]
fn where_it_is_not_clear_who_is_meant_the_person_says_so() {
    use Prompt::{Login, None, SelectAccount};
    assert_eq!(Told::ready().unclear().next(), Ok(Step::ChooseAccount), "the hint names somebody else");
    assert_eq!(Told::ready().unclear().chosen_here().next(), Ok(Step::Done));
    assert_eq!(Told::ready().unclear().proved_here().next(), Ok(Step::Done));
    assert_eq!(Told::ready().unclear().prompt(&[Login]).next(), Ok(Step::SignIn), "as whoever they are");
    assert_eq!(Told::ready().unclear().prompt(&[None]).next(), Ok(Step::Done), "a hint is no demand");
    // Nobody is current, and others are signed in.
    assert_eq!(Told::ready().signed_out().unclear().next(), Ok(Step::ChooseAccount));
    assert_eq!(Told::ready().signed_out().unclear().prompt(&[SelectAccount]).next(), Ok(Step::ChooseAccount));
    assert_eq!(Told::ready().signed_out().unclear().prompt(&[Login]).next(), Ok(Step::SignIn));
    let silent = Told::ready().signed_out().unclear().prompt(&[None]).next();
    assert_eq!(silent, Err(ErrorCode::AccountSelectionRequired));
}

#[test]
fn prompt_none_says_which_page_it_forbids() {
    let none = || Told::ready().prompt(&[Prompt::None]);
    assert_eq!(none().max_age(1).next(), Err(ErrorCode::LoginRequired));
    assert_eq!(none().consent(None).next(), Err(ErrorCode::ConsentRequired));
    assert_eq!(none().consent(Some(consented("email", NOW))).next(), Err(ErrorCode::ConsentRequired));
    // The two cannot come together from a request; the rule holds all the same.
    let choose = Told::ready().prompt(&[Prompt::None, Prompt::SelectAccount]);
    assert_eq!(choose.next(), Err(ErrorCode::AccountSelectionRequired));
}

#[test]
fn a_sign_in_for_this_request_satisfies_what_was_demanded() {
    use Prompt::{Create, Login, SelectAccount};
    for prompts in [&[Login][..], &[Create], &[SelectAccount], &[Login, SelectAccount]] {
        let told = || Told::ready().prompt(prompts);
        assert_eq!(told().proved_here().next(), Ok(Step::Done), "{prompts:?}, however long the other pages took");
        assert_ne!(told().signed_in(NOW).next(), Ok(Step::Done), "{prompts:?}: just now, but for another request");
    }
    assert_eq!(Told::ready().max_age(0).proved_here().next(), Ok(Step::Done));
    assert_eq!(Told::ready().max_age(0).signed_in(NOW).next(), Ok(Step::SignIn), "for another request");
}

#[test]
fn max_age_can_be_exceeded_on_the_consent_page() {
    let told = |age| Told::ready().max_age(60).signed_in(NOW.before(age)).proved_here();
    assert_eq!(told(seconds(60)).next(), Ok(Step::Done));
    assert_eq!(told(seconds(60).saturating_add(MICROSECOND)).next(), Ok(Step::SignIn));
    assert_eq!(told(seconds(61)).consent(None).next(), Ok(Step::SignIn), "before anything else is asked");
    assert_eq!(told(seconds(61)).just_allowed().next(), Ok(Step::SignIn));
}

#[test]
fn max_age_counts_from_the_sign_in() {
    let old = |age: Duration, max_age| Told::ready().max_age(max_age).signed_in(NOW.before(age)).next();
    assert_eq!(old(seconds(3600), 0), Ok(Step::SignIn));
    assert_eq!(old(seconds(3600), 1), Ok(Step::SignIn));
    assert_eq!(old(seconds(3600), 3600), Ok(Step::Done), "not greater");
    assert_eq!(old(seconds(3600).saturating_add(MICROSECOND), 3600), Ok(Step::SignIn));
    assert_eq!(old(seconds(3600), 3601), Ok(Step::Done));
    assert_eq!(old(seconds(3600), u64::MAX), Ok(Step::Done));
}

#[test]
fn max_age_zero_asks_even_whoever_signed_in_just_before() {
    let told = Told::ready().max_age(0).signed_in(NOW);
    assert_eq!(told.next(), Ok(Step::SignIn));
    assert_eq!(told.prompt(&[Prompt::None]).next(), Err(ErrorCode::LoginRequired));
}

#[test]
fn an_account_that_was_chosen_is_not_asked_for_again() {
    assert_eq!(Told::ready().prompt(&[Prompt::SelectAccount]).chosen_here().next(), Ok(Step::Done));
}

#[test]
fn choosing_an_account_is_no_sign_in() {
    let told = || Told::ready().prompt(&[Prompt::Login, Prompt::SelectAccount]).chosen_here();
    assert_eq!(told().next(), Ok(Step::SignIn));
    assert_eq!(told().max_age(0).prompt(&[Prompt::SelectAccount]).next(), Ok(Step::SignIn));
}

#[test]
fn an_essential_acr_is_reached_or_refused() {
    let essential =
        |rest: &str| Told::ready().claims(&format!(r#"{{"id_token":{{"acr":{{"essential":true{rest}}}}}}}"#));
    let unmet = Err(ErrorCode::UnmetAuthenticationRequirements);
    assert_eq!(essential("").next(), Ok(Step::Done));
    assert_eq!(essential(r#","value":"urn:latchkey:acr:password""#).next(), Ok(Step::Done));
    assert_eq!(essential(r#","values":["gold","urn:latchkey:acr:password"]"#).next(), Ok(Step::Done));
    assert_eq!(essential(r#","values":["gold"]"#).next(), unmet);
    assert_eq!(essential(r#","value":"gold""#).next(), unmet);
    assert_eq!(essential(r#","value":5"#).next(), unmet, "no acr is a number");
    assert_eq!(essential(r#","values":["gold"]"#).prompt(&[Prompt::None]).next(), unmet);
    let voluntary = Told::ready().claims(r#"{"id_token":{"acr":{"values":["gold"]}}}"#);
    assert_eq!(voluntary.next(), Ok(Step::Done));
}

#[test]
fn a_session_whose_proofs_say_nothing_to_us_needs_a_sign_in() {
    let mut unread = Told::ready();
    unread.session.as_mut().unwrap().proofs = Proofs::default();
    assert_eq!(unread.next(), Ok(Step::SignIn));
    assert_eq!(unread.prompt(&[Prompt::None]).next(), Err(ErrorCode::LoginRequired));
}

#[test]
fn consent_is_remembered_for_what_it_covers() {
    let with = |consent| Told::ready().consent(consent).next();
    assert_eq!(with(None), ask_for_consent());
    assert_eq!(with(Some(consented("openid", NOW))), Ok(Step::Done));
    assert_eq!(with(Some(consented("email openid phone", NOW))), Ok(Step::Done));
    assert_eq!(with(Some(consented("email", NOW))), ask_for_consent());
    assert_eq!(with(Some(consented("", NOW))), ask_for_consent());
}

#[test]
fn consent_names_the_single_claims_beyond_the_scope() {
    let mut told = Told::ready().claims(r#"{"userinfo":{"name":null,"phone_number":null}}"#);
    let claims = BTreeSet::from(["name".to_owned(), "phone_number".to_owned()]);
    assert_eq!(told.next(), Ok(Step::Consent(claims.clone())));
    told.consent.as_mut().unwrap().claims = BTreeSet::from(["name".to_owned()]);
    assert_eq!(told.next(), Ok(Step::Consent(claims.clone())), "all of them, when one is new");
    told.consent.as_mut().unwrap().claims = claims;
    assert_eq!(told.next(), Ok(Step::Done));
}

#[test]
fn a_first_party_client_asks_only_when_it_says_so() {
    let told = || Told::ready().first_party().consent(None);
    assert_eq!(told().next(), Ok(Step::Done));
    assert_eq!(told().prompt(&[Prompt::None]).next(), Ok(Step::Done));
    assert_eq!(told().prompt(&[Prompt::Consent]).next(), ask_for_consent());
    let asked = |consent| told().prompt(&[Prompt::Consent]).consent(Some(consent));
    assert_eq!(asked(consented("openid", NOW)).next(), ask_for_consent(), "an answer to another request");
    assert_eq!(asked(consented("openid", NOW)).just_allowed().next(), Ok(Step::Done));
    assert_eq!(asked(consented("email", NOW)).just_allowed().next(), ask_for_consent(), "not to this");
    assert_eq!(told().signed_out().next(), Ok(Step::SignIn), "first-party is not signed in");
}

#[test]
fn prompt_consent_wants_an_answer_to_this_request() {
    let asked = || Told::ready().prompt(&[Prompt::Consent]).consent(Some(consented("openid", NOW)));
    assert_eq!(asked().next(), ask_for_consent(), "an answer in another tab says nothing about this one");
    assert_eq!(asked().just_allowed().next(), Ok(Step::Done));
}

#[test]
fn a_public_client_that_any_program_could_pose_as_asks_each_time() {
    let cases = [
        (public(), "http://127.0.0.1:5000/cb", true),
        (public(), "http://[::1]/cb", true),
        (public(), "http://localhost:5000/cb", true),
        (public(), "com.example.app:/cb", true),
        (public(), "https://localhost/cb", true),
        (public(), "https://app.example/cb", false),
        (client(), "http://127.0.0.1:5000/cb", false),
    ];
    for (client, redirect, asks) in cases {
        let told = || Told::ready().client(client.clone(), redirect);
        assert_eq!(told().next(), if asks { ask_for_consent() } else { Ok(Step::Done) }, "{redirect}");
        let silent = told().prompt(&[Prompt::None]).next();
        assert_eq!(silent, if asks { Err(ErrorCode::ConsentRequired) } else { Ok(Step::Done) }, "{redirect}");
        let elsewhere = told().consent(Some(consented("openid", NOW))).next();
        assert_eq!(
            elsewhere,
            if asks { ask_for_consent() } else { Ok(Step::Done) },
            "{redirect}, answered in another tab"
        );
        assert_eq!(told().just_allowed().next(), Ok(Step::Done), "{redirect}, once it was answered");
    }
}

#[test]
fn a_developers_own_machine_is_asked_once() {
    let cases = [
        ("http://127.0.0.1:5000/cb", Ok(Step::Done)),
        ("http://[::1]/cb", Ok(Step::Done)),
        ("http://localhost:5000/cb", Ok(Step::Done)),
        ("https://localhost/cb", Ok(Step::Done)),
        ("com.example.app:/cb", ask_for_consent()),
        ("https://app.example/cb", Ok(Step::Done)),
    ];
    for (redirect, remembered) in cases {
        let told = || Told::ready().client(public(), redirect).local();
        assert_eq!(told().next(), remembered, "{redirect}");
        let silent = told().prompt(&[Prompt::None]).next();
        assert_eq!(silent, remembered.and_then(silent_step), "{redirect}");
        assert_eq!(told().consent(None).next(), ask_for_consent(), "{redirect}: once, all the same");
        assert_eq!(told().prompt(&[Prompt::Consent]).next(), ask_for_consent(), "{redirect}: or when it asks to");
    }
}

/// What becomes of a step that needs a page, or of none, with `prompt=none`.
fn silent_step(step: Step) -> Result<Step, ErrorCode> {
    match step {
        Step::Consent(_) => Err(ErrorCode::ConsentRequired),
        step => Ok(step),
    }
}

#[test]
fn a_password_alone_is_not_enough_for_whoever_has_a_second_factor() {
    assert_eq!(Told::ready().with_factor().next(), Ok(Step::SecondFactor));
    assert_eq!(Told::ready().with_factor().by_two_factors().next(), Ok(Step::Done));
    assert_eq!(Told::ready().with_factor().prompt(&[Prompt::None]).next(), Err(ErrorCode::LoginRequired));
    let old = Told::ready().with_factor().max_age(60);
    assert_eq!(old.next(), Ok(Step::SignIn), "the password first, where that is too old");
}

#[path = "decision_subject_tests.rs"]
mod subject;

#[path = "decision_factor_tests.rs"]
mod factors;
