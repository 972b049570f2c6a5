//! What somebody may do. A check returns a proof, and what changes something, or writes down who changed it, demands the
//! proof: it cannot be forgotten.

use thiserror::Error;

use super::actor::{Actor, Who};
use crate::domain::oauth::client::ClientId;
use crate::foundation::id::UserId;

/// Something that some may do and others may not.
pub trait Permission {
    /// What it lets one do, in words that complete "may not".
    const WHAT: &'static str;

    /// Whether whoever it is may do it.
    fn is_held_by(&self, who: &Who) -> bool;
}

/// The proof that this actor may do that. It is made by [`Actor::may`] alone.
#[derive(Clone, Copy, Debug)]
pub struct Allowed<'a, P> {
    by: &'a Actor,
    permission: P,
}

/// Somebody may not do what they are about to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{who} may not {what}")]
pub struct Forbidden {
    /// Who.
    pub who: String,
    /// What.
    pub what: &'static str,
}

impl Actor {
    /// The proof that they may do it.
    ///
    /// # Errors
    /// When they may not.
    pub fn may<P: Permission>(&self, permission: P) -> Result<Allowed<'_, P>, Forbidden> {
        match permission.is_held_by(&self.who) {
            true => Ok(Allowed { by: self, permission }),
            false => Err(Forbidden { who: self.who.to_string(), what: P::WHAT }),
        }
    }
}

impl<'a, P> Allowed<'a, P> {
    /// Whoever it was proved for.
    pub const fn by(&self) -> &'a Actor {
        self.by
    }

    /// What was proved.
    pub const fn permission(&self) -> &P {
        &self.permission
    }
}

/// Declares what those may do who run the server: at the command line, and the server itself.
macro_rules! of_operators {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Permission for $name {
                const WHAT: &'static str = $what;

                fn is_held_by(&self, who: &Who) -> bool {
                    match who {
                        Who::CommandLine(_) | Who::System(_) => true,
                        Who::User { .. } | Who::Client(_) | Who::KeyManager(_) | Who::Nobody => false,
                    }
                }
            }
        )*
    };
}

of_operators! {
    /// Other people's accounts.
    ManageUsers, "manage accounts";
    /// Applications and services.
    ManageClients, "manage clients";
    /// The server itself: its clock, its housekeeping, what it has counted.
    Operate, "operate the server";
}

/// The keys that sign tokens, and those that others encrypt to: what operators do, and machines of theirs that are let.
#[derive(Clone, Copy, Debug)]
pub struct ManageKeys;

impl Permission for ManageKeys {
    const WHAT: &'static str = "manage the keys";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::CommandLine(_) | Who::System(_) | Who::KeyManager(_))
    }
}

/// What belongs to this person: sessions, consents.
#[derive(Clone, Copy, Debug)]
pub struct ActOnSelf(pub UserId);

impl Permission for ActOnSelf {
    const WHAT: &'static str = "act for this person";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::User { user, .. } if *user == self.0)
    }
}

/// The tokens and codes that were issued to this client.
#[derive(Clone, Copy, Debug)]
pub struct UseTokensOf<'a>(pub &'a ClientId);

impl Permission for UseTokensOf<'_> {
    const WHAT: &'static str = "use the tokens of this client";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::Client(client) if client == self.0)
    }
}

/// What this client, which registered itself, has registered.
#[derive(Clone, Copy, Debug)]
pub struct ManageRegistrationOf<'a>(pub &'a ClientId);

impl Permission for ManageRegistrationOf<'_> {
    const WHAT: &'static str = "manage the registration of this client";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::Client(client) if client == self.0)
    }
}

/// To sign in, as oneself or, from a browser that somebody is signed in with, as somebody else.
#[derive(Clone, Copy, Debug)]
pub struct SignIn;

impl Permission for SignIn {
    const WHAT: &'static str = "sign in";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::Nobody | Who::User { .. })
    }
}

/// To make an account for oneself. Whether that is to be had here is another question.
#[derive(Clone, Copy, Debug)]
pub struct SignUp;

impl Permission for SignUp {
    const WHAT: &'static str = "make an account for themselves";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::Nobody | Who::User { .. })
    }
}

/// What a link in a mail lets whoever reads it do: the link is the proof, whoever is signed in where it is opened.
#[derive(Clone, Copy, Debug)]
pub struct FollowLink;

impl Permission for FollowLink {
    const WHAT: &'static str = "follow a link of a mail";

    fn is_held_by(&self, who: &Who) -> bool {
        matches!(who, Who::Nobody | Who::User { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::actor::Origin;
    use crate::foundation::id::SessionId;
    use crate::foundation::{Random, Timestamp};

    /// Who may manage, act for alice, use the tokens of the client app, sign in.
    fn rights(actor: &Actor, alice: UserId) -> [bool; 4] {
        let app = ClientId::new("app");
        let operates = [
            actor.may(ManageUsers).is_ok(),
            actor.may(ManageClients).is_ok(),
            actor.may(ManageKeys).is_ok(),
            actor.may(Operate).is_ok(),
        ];
        assert!(operates.iter().all(|one| *one == operates[0]), "{operates:?}");
        [
            operates[0],
            actor.may(ActOnSelf(alice)).is_ok(),
            actor.may(UseTokensOf(&app)).is_ok(),
            actor.may(SignIn).is_ok(),
        ]
    }

    #[test]
    fn who_may_do_what() {
        let (random, now) = (Random::seeded(1), Timestamp::from_secs(1));
        let (alice, bob) = (UserId::generate(&random, now), UserId::generate(&random, now));
        let session = SessionId::generate(&random, now);
        let nobody = || Actor::nobody(Origin::default());
        for (actor, wanted) in [
            //                                                      manage  alice  app    sign in
            (Actor::command_line("root"), [true, false, false, false]),
            (Actor::system("prune"), [true, false, false, false]),
            (nobody().signed_in(alice, session), [false, true, false, true]),
            (nobody().signed_in(bob, session), [false, false, false, true]),
            (nobody().authenticated(ClientId::new("app")), [false, false, true, false]),
            (nobody().authenticated(ClientId::new("other")), [false, false, false, false]),
            (nobody(), [false, false, false, true]),
        ] {
            assert_eq!(rights(&actor, alice), wanted, "{actor:?}");
        }
        // Whose affairs it is does not give a right to more of them.
        let other = nobody().authenticated(ClientId::new("other")).on_behalf_of(alice);
        assert_eq!(rights(&other.for_client(&ClientId::new("app")), alice), [false; 4]);
    }

    #[test]
    fn a_machine_that_manages_keys_does_nothing_else() {
        let (random, now) = (Random::seeded(1), Timestamp::from_secs(1));
        let machine = Actor::nobody(Origin::default()).managing_keys(ClientId::new("app"));
        assert!(machine.may(ManageKeys).is_ok());
        assert!(machine.may(ManageUsers).is_err() && machine.may(ManageClients).is_err());
        assert!(machine.may(Operate).is_err() && machine.may(UseTokensOf(&ClientId::new("app"))).is_err());
        assert!(machine.may(ActOnSelf(UserId::generate(&random, now))).is_err() && machine.may(SignIn).is_err());
        assert_eq!(machine.who.to_string(), "client app");
    }

    #[test]
    fn a_refusal_says_who_and_what() {
        let refused = Actor::nobody(Origin::default()).may(ManageUsers).err().unwrap();
        assert_eq!(refused.to_string(), "nobody may not manage accounts");
    }
}
