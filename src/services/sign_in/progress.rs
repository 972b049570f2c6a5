//! Where what waits for a sign-in stands, and what for.

use std::sync::Arc;

use super::pending_sign_in::HalfSignIn;
use crate::domain::account::user::User;
use crate::domain::factor::second_factor::SetUpIn;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::authorize::response::AuthorizationResponse;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::domain::sign_in::session::Session;
use crate::foundation::id::UserId;

/// Where what waits for a sign-in stands.
pub enum Progress {
    /// There is an answer for the client: a code, or an error.
    Respond(Box<Answer>),
    /// A page of ours opens.
    Visit(OwnPage),
    /// Nobody signed in for a page of ours, and nothing else waits.
    Leave,
    /// The user has to do something first.
    Ask(Box<Ask>),
    /// It is not to be taken up in this browser, or no longer: it begins anew, here, with a sign-in.
    Restart(Destination),
}

/// An answer on its way to a client.
pub struct Answer {
    /// The client.
    pub client: Arc<Client>,
    /// What it is told.
    pub response: AuthorizationResponse,
}

/// What the next page needs to know.
pub struct Ask {
    /// Which page.
    pub step: Step,
    /// What for.
    pub goal: Goal,
    /// Who is signed in.
    pub signed_in: Option<(Session, User)>,
    /// Who gave their password for it, and is not signed in by that alone.
    pub half: Option<HalfSignIn>,
}

/// What the pages of a sign-in lead to.
#[derive(Clone)]
pub enum Goal {
    /// An answer to a client's request.
    Client(Box<ClientGoal>),
    /// A page of ours.
    Page(OwnPage),
}

/// A client's request, with what proves that its answer may go there.
#[derive(Clone)]
pub struct ClientGoal {
    /// What is asked for.
    pub request: AuthorizationRequest,
    /// By whom.
    pub client: Arc<Client>,
    /// Where the answer will go.
    pub redirect: VerifiedRedirect,
}

impl Goal {
    /// The same, as it travels.
    pub fn into_destination(self) -> Destination {
        match self {
            Self::Client(goal) => Destination::from(goal.request),
            Self::Page(page) => Destination::Page(page),
        }
    }
}

impl Ask {
    /// The client's request that waits, if it is one.
    pub fn client(&self) -> Option<&ClientGoal> {
        match &self.goal {
            Goal::Client(goal) => Some(goal),
            Goal::Page(_) => None,
        }
    }

    /// What a factor that is added here belongs to until it is confirmed: half a sign-in, or the session.
    pub fn set_up_in(&self) -> Option<SetUpIn> {
        let half = self.half.as_ref().map(|half| SetUpIn::Half(half.secret));
        half.or(self.signed_in.as_ref().map(|(session, _)| session.set_up_in()))
    }

    /// The client that waits, if one does.
    pub fn client_id(&self) -> Option<&ClientId> {
        self.client().map(|goal| &goal.client.id)
    }

    /// Whom a second factor is asked of: whoever gave a password here, or else is signed in.
    pub fn whom(&self) -> Option<&User> {
        let half = self.half.as_ref().map(|half| &half.user);
        half.or(self.signed_in.as_ref().map(|(_, user)| user))
    }

    /// The only account that may sign in here: whoever is signed in is asked for a fresh proof that it is them, and what
    /// they are about to do is not to befall another account.
    pub fn only_account(&self) -> Option<UserId> {
        match (&self.goal, &self.signed_in) {
            (Goal::Page(page), Some((_, user))) if page.demands_fresh_proof() => Some(user.id),
            _ => None,
        }
    }
}
