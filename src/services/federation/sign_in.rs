//! Signing in as whoever a provider says it is.

use std::net::IpAddr;

use serde_json::Value;

use super::exchange::{self, Described};
use super::groups::brought;
use super::tokens;
use super::ways_in;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, SignIn as SignInNow};
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::profile::Profile;
use crate::domain::account::renaming::Renaming;
use crate::domain::account::sign_up::NewAddress;
use crate::domain::account::user::{Status, User};
use crate::domain::factor::method::Method;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::federation::arrival::Arrival;
use crate::domain::federation::freshness::{Sent, SignedIn, signed_in};
use crate::domain::federation::identity::{Identity, upstream_session};
use crate::domain::federation::link::{Decision, Situation, decide};
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::foundation::id::{CredentialId, UserId};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::{identifiers, tell};
use crate::services::factor::verify::Right;
use crate::services::operation::events::{self, event};
use crate::services::operation::jobs;
use crate::services::sign_in::browser_session::Before;
use crate::services::sign_in::enter::{self, AddsTo, Entry, Proved, Second};
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::login_throttle;
use crate::services::sign_in::progress::Ask;
use crate::storage::StoreError;
use crate::storage::account::user;
use crate::storage::factor::second_factor;
use crate::storage::federation::identity;
use crate::storage::operation::audit_event;

/// How often it is looked again whose account it is, because another was faster: of fifty who come at once one makes it.
const ATTEMPTS: usize = 5;

/// Somebody who came back to sign in.
pub struct Attempt<'a> {
    /// From where.
    pub provider: &'a Provider,
    /// Who it is there.
    pub described: Described,
    /// With what they had been sent there.
    pub sent: Sent,
    /// The address that they come from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser.
    pub browser: Before,
    /// The flow that it belongs to.
    pub flow: &'a str,
    /// Whether the browser is to stay signed in.
    pub stays: bool,
}

/// What came of it.
pub enum Came {
    /// As by any other proof.
    In(SignIn),
    /// There is an account with their address: they sign in to it first, and connect it then.
    ProveFirst,
    /// They do not come in.
    Refused(UpstreamRefusal),
}

/// Whose account it is, as far as it is decided.
enum Whose {
    /// This one's, by this identity.
    Account(Box<User>, CredentialId),
    ProveFirst,
    Refused(UpstreamRefusal),
    /// Another was faster: look again.
    Again,
}

/// Signs in, in answer to `ask`, whoever a provider says it is: to the account that this identity is connected to, or that is
/// connected or made now. What is demanded beside that, a second factor say, is demanded all the same.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in(app: &App, by: &Actor, ask: &Ask, attempt: Attempt<'_>) -> Result<Came, ServiceError> {
    let may = by.may(SignInNow)?;
    let Attempt { provider, mut described, sent, address, device, browser, flow, stays } = attempt;
    let said = described.authenticated_at;
    // Nobody gets an account, or is connected, by a sign-in that is not recent enough for anybody.
    if let Err(refusal) = signed_in(sent, said, false, app.clock.now()) {
        return Ok(Came::Refused(refusal));
    }
    let (arrival, user, identity) = match find(app, &may, provider, &mut described).await? {
        Ok(found) => found,
        Err(None) => return Ok(Came::ProveFirst),
        Err(Some(refusal)) => return Ok(Came::Refused(refusal)),
    };
    if ask.only_account().is_some_and(|only| only != user.id) {
        return Ok(Came::Refused(UpstreamRefusal::AnotherAccount));
    }
    let (another_way, now) = (ways_in::has_own(app, &user).await?, app.clock.now());
    let (method, at) = match signed_in(sent, said, another_way, now) {
        Ok(SignedIn::At(at)) => (Method::Upstream, at),
        Ok(SignedIn::Sometime) => (Method::UpstreamSometime, now),
        Err(refusal) => return Ok(Came::Refused(refusal)),
    };
    tokens::keep_at_sign_in(app, &may, provider, (user.id, identity), &described.given).await?;
    let right = Right::Upstream(identity);
    let there = arrival.session.as_deref().map(|session| upstream_session(&provider.id, &arrival.issuer, session));
    let mut proofs = Proofs::of(Proof { upstream_session: there, ..Proof::by(method, at, Some(identity)) });
    if arrival.is_strong(&provider.policy) {
        proofs = proofs.and(Proof::by(Method::UpstreamFactor, at, Some(identity)));
    }
    let (owner, id) = (user.clone(), user.id);
    let new_browser = device.device(&app.login_key, device::Account::of(&owner), now).is_none();
    let second = Some(Second { right, to: AddsTo::Nothing, remember: false });
    let counted = login_throttle::Attempt::uncounted(app);
    let proved = Proved { user, proofs, at, second, stays, new_browser, counted };
    Ok(match enter::enter(app, &may, ask, flow, &browser, proved).await? {
        Entry::In(entered) => {
            tracing::info!(user = %id, session = %entered.session, %address, provider = provider.id, "signed in through an upstream provider");
            let owner = device::Account::of(&owner);
            let known = device.remember(&app.login_key, owner, app.random.bytes(), app.clock.now());
            Came::In(SignIn::Done(entered, known))
        }
        Entry::Half(halfway) => Came::In(SignIn::Half(halfway)),
        Entry::Used | Entry::Over => Came::In(SignIn::Over),
    })
}

/// Notes that somebody came back in vain.
pub fn note_refused(app: &App, by: &Actor, provider: &str, refusal: &UpstreamRefusal) {
    // A stranger can come with any state; the page that they get has a line of its own.
    if *refusal != UpstreamRefusal::State {
        tracing::info!(provider, error = %refusal, address = ?by.origin.address, "sign-in through an upstream provider refused");
    }
    events::count_refused(app, Action::UpstreamRefused, by.client(), by.origin.address);
}

type Found = Result<(Arrival, User, CredentialId), Option<UpstreamRefusal>>;

/// Whose account it is. `None` as the refusal: they have to prove first that it is theirs.
async fn find(
    app: &App,
    may: &Allowed<'_, SignInNow>,
    provider: &Provider,
    described: &mut Described,
) -> Result<Found, ServiceError> {
    let mut has_email = false;
    for _ in 0..ATTEMPTS {
        let arrival = match provider.claims.read(&described.issuer, &described.claims) {
            Ok(arrival) => arrival,
            Err(refusal) => return Ok(Err(Some(refusal))),
        };
        let connected = connected(app, provider, &arrival).await?;
        // What is asked for in a place of its own is asked for only where it counts.
        if !has_email && (connected.is_none() || !provider.policy.domains.is_empty()) {
            has_email = true;
            if let Err(refusal) = exchange::add_email(app, provider, described).await {
                return Ok(Err(Some(refusal)));
            }
            continue;
        }
        match whose(app, may, provider, &arrival, connected).await? {
            Whose::Account(user, identity) => return Ok(Ok((arrival, *user, identity))),
            Whose::ProveFirst => return Ok(Err(None)),
            Whose::Refused(refusal) => return Ok(Err(Some(refusal))),
            Whose::Again => {}
        }
    }
    Err(ServiceError::internal("an identity was connected and disconnected again and again"))
}

/// The identity of an arrival and its account, where it is connected.
pub(super) async fn connected(
    app: &App,
    provider: &Provider,
    arrival: &Arrival,
) -> Result<Option<(Identity, User)>, ServiceError> {
    let read = async |conn: &mut _| {
        let Some(identity) = identity::find(conn, &provider.id, &arrival.issuer, &arrival.subject).await? else {
            return Ok(None);
        };
        Ok(user::find(conn, identity.user).await?.map(|user| (identity, user)))
    };
    Ok(app.store.read("find_identity", read).await?)
}

async fn whose(
    app: &App,
    may: &Allowed<'_, SignInNow>,
    provider: &Provider,
    arrival: &Arrival,
    connected: Option<(Identity, User)>,
) -> Result<Whose, ServiceError> {
    let owner = match connected {
        Some(_) => None,
        None => owner(app, arrival).await?,
    };
    let situation = Situation {
        arrival,
        policy: &provider.policy,
        connected: connected.as_ref().map(|(_, user)| user),
        owner: owner.as_ref(),
    };
    match (decide(&situation), connected, owner) {
        // Whom a provider lets in no longer, it has put out of groups too.
        (Err(refusal), Some((identity, user)), _) => {
            let profile = brought(arrival, &identity, user.profile.clone());
            let kept = refreshed(app, may, user, profile).await?;
            Ok(kept.map_or(Whose::Again, |_| Whose::Refused(refusal)))
        }
        (Err(refusal), ..) => Ok(Whose::Refused(refusal)),
        (Ok(Decision::SignIn), Some((identity, user)), _) => {
            let mut profile = brought(arrival, &identity, user.profile.clone());
            if provider.policy.updates_profile {
                profile = described(app, arrival, profile);
            }
            Ok(match refreshed(app, may, user, profile).await? {
                Some(user) => Whose::Account(Box::new(user), identity.id),
                None => Whose::Again,
            })
        }
        (Ok(Decision::Connect), _, Some(owner)) => connect(app, may, provider, arrival, owner).await,
        (Ok(Decision::Create), ..) => create(app, may, provider, arrival).await,
        (Ok(Decision::ProveFirst), ..) => Ok(Whose::ProveFirst),
        (Ok(Decision::SignIn | Decision::Connect), ..) => {
            Err(ServiceError::internal("an account was decided on that is not there"))
        }
    }
}

/// The account that has the verified address of an arrival.
pub(super) async fn owner(app: &App, arrival: &Arrival) -> Result<Option<User>, ServiceError> {
    let name = arrival.verified_email().and_then(|email| LoginIdentifier::email(email).ok());
    let Some(name) = &name else { return Ok(None) };
    Ok(app.store.read("find_owner_of_address", async |conn| user::find_by_identifier(conn, name).await).await?)
}

/// The identity of an arrival, for this account.
pub(super) fn identity_of(app: &App, provider: &Provider, arrival: &Arrival, user: UserId) -> Identity {
    let now = app.clock.now();
    Identity {
        id: CredentialId::generate(&app.random, now),
        user,
        provider: provider.id.clone(),
        issuer: arrival.issuer.clone(),
        subject: arrival.subject.clone(),
        label: arrival.email.clone().or_else(|| arrival.username.clone()),
        created_at: now,
        last_used_at: None,
    }
}

/// Connects it to the account that has the address, which is told. By the look at it after that it is signed in to.
async fn connect(
    app: &App,
    may: &Allowed<'_, SignInNow>,
    provider: &Provider,
    arrival: &Arrival,
    owner: User,
) -> Result<Whose, ServiceError> {
    let identity = identity_of(app, provider, arrival, owner.id);
    let connected = event(app, may, Action::IdentityConnected).about(Target::user(owner.id));
    let connected = connected.because("both sides know the address to be theirs");
    let name = provider.name.clone();
    let told = tell::prepare(app, may.by(), &owner, move |how| Message::IdentityConnected { how, provider: name });
    let stored = app
        .store
        .transaction("connect_by_address", async |tx| {
            second_factor::lock(tx, owner.id).await?;
            if !user::is_unchanged(tx, &owner).await? || !identity::insert(tx, &identity).await? {
                return Ok(false);
            }
            audit_event::insert(tx, &connected).await?;
            told.enqueue(app, tx).await?;
            Ok(true)
        })
        .await?;
    jobs::begin(app);
    if stored {
        tracing::info!(user = %owner.id, provider = provider.id, "connected to an account by its address");
    }
    Ok(Whose::Again)
}

/// The account with the profile that the provider makes of its own. `None` when the account was changed meanwhile.
async fn refreshed(
    app: &App,
    may: &Allowed<'_, SignInNow>,
    user: User,
    profile: Profile,
) -> Result<Option<User>, ServiceError> {
    if profile == user.profile {
        return Ok(Some(user));
    }
    let updated_at = app.clock.now().max(user.updated_at.after(std::time::Duration::from_micros(1)));
    let after = User { profile, updated_at, ..user.clone() };
    let updated = event(app, may, Action::UserUpdated).about(Target::user(user.id));
    let updated = updated.because("an upstream provider says so").changed(Change::of_user(Some(&user), &after));
    let stored = app
        .store
        .transaction("update_by_provider", async |tx| {
            let done = user::replace(tx, &after, &Renaming::default(), user.updated_at).await? == Ok(true);
            audit_event::insert_if(tx, done, &updated).await?;
            Ok(done)
        })
        .await?;
    Ok(stored.then_some(after))
}

/// The profile with what the provider says; what cannot be taken is left out.
fn described(app: &App, arrival: &Arrival, mut profile: Profile) -> Profile {
    for (name, value) in &arrival.profile {
        let one = Value::Object([(name.clone(), value.clone())].into_iter().collect());
        if let Ok(taken) = profile.clone().with(one, |name| app.settings.claims.is_custom(name)) {
            profile = taken;
        }
    }
    profile
}

/// Makes an account. Its address is one that the provider knows to be theirs, where it is trusted for that; otherwise they are
/// found by a username that is like the one they have there.
async fn create(
    app: &App,
    may: &Allowed<'_, SignInNow>,
    provider: &Provider,
    arrival: &Arrival,
) -> Result<Whose, ServiceError> {
    let now = app.clock.now();
    let email = arrival.verified_email().filter(|_| provider.policy.trusts_email);
    let email = email.and_then(|email| NewAddress::parse(email).ok()).map(|address| address.claim);
    let usernames: Vec<Option<String>> = match email {
        Some(_) => vec![None],
        None => usernames(app, provider, arrival).into_iter().map(Some).collect(),
    };
    for username in usernames {
        let id = UserId::generate(&app.random, now);
        let identity = identity_of(app, provider, arrival, id);
        let user = User {
            id,
            status: Status::Active,
            username,
            email: email.clone(),
            email_verified: email.is_some(),
            administrator: false,
            profile: brought(arrival, &identity, described(app, arrival, Profile::default())),
            password_hash: None,
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: now,
            updated_at: now,
        };
        let names = identifiers(user.username.as_deref(), user.email.as_deref())?;
        let created = event(app, may, Action::UserCreated).about(Target::user(user.id));
        let created = created.because("signed in through an upstream provider").changed(Change::of_user(None, &user));
        let stored = app
            .store
            .transaction("make_account_of_identity", async |tx| {
                if identity::find(tx, &provider.id, &identity.issuer, &identity.subject).await?.is_some() {
                    return Err(StoreError::Conflict);
                }
                if user::insert(tx, &user, &names).await?.is_err() {
                    return Ok(false);
                }
                if !identity::insert(tx, &identity).await? {
                    // With it goes the account.
                    return Err(StoreError::Conflict);
                }
                audit_event::insert(tx, &created).await?;
                Ok(true)
            })
            .await;
        match stored {
            Ok(true) => {
                tracing::info!(user = %user.id, provider = provider.id, "user created through an upstream provider");
                return Ok(Whose::Account(Box::new(user), identity.id));
            }
            Ok(false) => {}
            Err(StoreError::Conflict) => return Ok(Whose::Again),
            Err(other) => return Err(other.into()),
        }
    }
    // The address is somebody's by now.
    Ok(Whose::Again)
}

/// Usernames to try, the best first. What is there is nobody's name here.
fn usernames(app: &App, provider: &Provider, arrival: &Arrival) -> Vec<String> {
    let wanted = arrival.username.as_deref().or(arrival.email.as_deref()).unwrap_or_default();
    let wanted = wanted.split('@').next().unwrap_or_default().to_lowercase();
    let plain: String =
        wanted.chars().filter(|char| char.is_ascii_alphanumeric() || "-_.".contains(*char)).take(40).collect();
    let plain = if plain.len() < 2 { provider.id.clone() } else { plain };
    let numbered = (2..6).map(|number| format!("{plain}-{number}"));
    let random = format!("{plain}-{}", app.random.readable(8));
    std::iter::once(plain.clone())
        .chain(numbered)
        .chain([random])
        .filter(|name| LoginIdentifier::username(name).is_ok())
        .collect()
}
