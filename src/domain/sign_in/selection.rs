//! Which of the accounts that are signed in in one browser a request goes on with.

use crate::domain::account::user::User;
use crate::domain::oauth::token::subject::Naming;
use crate::domain::sign_in::session::Session;
use crate::foundation::SecretHash;

/// A live session, and its active user.
pub type Account = (Session, User);

/// What a request says of the account that it is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The flow that the request waits in; `None` when it has just come in.
    pub flow: Option<&'a SecretHash>,
    /// Whom the application means by a `sub`: from a verified id_token_hint, or demanded through `claims`.
    pub subject: Option<Meant<'a>>,
    /// What the application believes that the person signs in with (`login_hint`).
    pub login_hint: Option<&'a str>,
}

/// A `sub`, and by whom it was said.
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a> {
    /// What was said.
    pub sub: &'a str,
    /// How the application knows people.
    pub naming: &'a Naming<'a>,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The account to go on with; `None` when nobody is signed in, or nobody is current.
    pub account: Option<&'a Account>,
    /// Whether the person has to say which account is meant: the hint names none of those that are signed in, or none of
    /// them is current.
    pub unclear: bool,
}

impl Wanted<'_> {
    /// Whether the current account is the answer, whoever else is signed in: then the others need not be read.
    pub fn is_settled_by(&self, current: Option<&Account>) -> bool {
        let Some(current) = current else { return false };
        if self.is_noted_in(current) {
            return true;
        }
        match self {
            // Another one may have been chosen in this flow.
            Self { flow: Some(_), .. } => false,
            Self { subject: Some(subject), .. } => is_subject(current, *subject),
            Self { login_hint: Some(hint), .. } => current.1.is_named(hint),
            Self { flow: None, subject: None, login_hint: None } => true,
        }
    }

    /// Selects the account. What was chosen or proved in this very flow comes first. Then whom an ID token names, since that is
    /// proved; then whom the hint names; and then whoever is current. An application learns nothing by it: whether
    /// somebody has an account is not asked here, only who is signed in in this browser.
    pub fn select<'a>(&self, current: Option<&'a Account>, others: &'a [Account]) -> Selection<'a> {
        let find = |is_meant: &dyn Fn(&Account) -> bool| current.into_iter().chain(others).find(|one| is_meant(one));
        let clear = |account| Selection { account, unclear: false };
        if let Some(noted) = find(&|account| self.is_noted_in(account)) {
            return clear(Some(noted));
        }
        if let Some(subject) = self.subject {
            // Whoever is current is not who was asked for, and the decision says what follows.
            return clear(find(&|account| is_subject(account, subject)).or(current));
        }
        let is_anybody_here = current.is_some() || !others.is_empty();
        match self.login_hint {
            Some(hint) => match find(&|account| account.1.is_named(hint)) {
                Some(named) => clear(Some(named)),
                None => Selection { account: current, unclear: is_anybody_here },
            },
            None => Selection { account: current, unclear: current.is_none() && is_anybody_here },
        }
    }

    fn is_noted_in(&self, (session, _): &Account) -> bool {
        self.flow.is_some()
            && [&session.proved_in, &session.chosen_in].into_iter().any(|noted| noted.as_ref() == self.flow)
    }
}

fn is_subject((_, user): &Account, meant: Meant<'_>) -> bool {
    meant.naming.means(user.id, meant.sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{NOW, session, user};
    use crate::foundation::Random;
    use crate::foundation::id::{SessionId, UserId};

    fn account(seed: u64, name: &str) -> Account {
        let random = Random::seeded(seed);
        let id = UserId::generate(&random, NOW);
        let session = Session { id: SessionId::generate(&random, NOW), user: id, ..session(NOW) };
        let email = Some(format!("{name}@example.com"));
        (session, User { username: Some(name.to_owned()), email, ..user(id) })
    }

    fn sub(sub: &str) -> Option<Meant<'_>> {
        Some(Meant { sub, naming: &Naming::Public })
    }

    fn noted(account: Account, flow: &SecretHash) -> Account {
        (Session { chosen_in: Some(*flow), ..account.0 }, account.1)
    }

    /// The name of whoever is selected, and whether the person has to be asked.
    fn said(selection: Selection<'_>) -> (Option<&str>, bool) {
        (selection.account.and_then(|(_, user)| user.username.as_deref()), selection.unclear)
    }

    #[test]
    fn whoever_is_current_is_meant_unless_something_says_otherwise() {
        let (alice, others) = (account(1, "alice"), [account(2, "bob"), account(3, "carol")]);
        let bobs = others[0].1.id.to_string();
        let table = [
            (Wanted::default(), (Some("alice"), false)),
            (Wanted { login_hint: Some("alice"), ..Wanted::default() }, (Some("alice"), false)),
            (Wanted { login_hint: Some(" BOB@example.com "), ..Wanted::default() }, (Some("bob"), false)),
            (Wanted { login_hint: Some("nobody@example.com"), ..Wanted::default() }, (Some("alice"), true)),
            (Wanted { login_hint: Some(""), ..Wanted::default() }, (Some("alice"), true)),
            (Wanted { subject: sub(&bobs), ..Wanted::default() }, (Some("bob"), false)),
            (Wanted { subject: sub("x"), ..Wanted::default() }, (Some("alice"), false)),
            (Wanted { subject: sub(&bobs), login_hint: Some("carol"), ..Wanted::default() }, (Some("bob"), false)),
            (Wanted { subject: sub("x"), login_hint: Some("carol"), ..Wanted::default() }, (Some("alice"), false)),
        ];
        for (wanted, expected) in table {
            assert_eq!(said(wanted.select(Some(&alice), &others)), expected, "{wanted:?}");
        }
    }

    #[test]
    fn whom_nobody_named_is_asked_for_when_nobody_is_current() {
        let others = [account(2, "bob")];
        let (bobs, hint) = (others[0].1.id.to_string(), Some("bob"));
        let table = [
            (Wanted::default(), (None, true)),
            (Wanted { login_hint: hint, ..Wanted::default() }, (Some("bob"), false)),
            (Wanted { login_hint: Some("alice"), ..Wanted::default() }, (None, true)),
            (Wanted { subject: sub(&bobs), ..Wanted::default() }, (Some("bob"), false)),
            (Wanted { subject: sub("x"), ..Wanted::default() }, (None, false)),
        ];
        for (wanted, expected) in table {
            assert_eq!(said(wanted.select(None, &others)), expected, "{wanted:?}");
            assert_eq!(said(wanted.select(None, &[])), (None, false), "{wanted:?}, nobody is signed in");
        }
    }

    #[test]
    fn what_was_chosen_or_proved_in_the_flow_comes_before_everything() {
        let (flow, other) = (SecretHash::of("f"), SecretHash::of("x"));
        let (alice, carol) = (account(1, "alice"), account(3, "carol"));
        let proved = |account: Account| (Session { proved_in: Some(flow), ..account.0 }, account.1);
        for bob in [noted(account(2, "bob"), &flow), proved(account(2, "bob"))] {
            let others = [carol.clone(), bob];
            let wanted = Wanted { flow: Some(&flow), subject: sub("x"), login_hint: Some("carol") };
            assert_eq!(said(wanted.select(Some(&alice), &others)), (Some("bob"), false));
            let elsewhere = Wanted { flow: Some(&other), ..Wanted::default() };
            assert_eq!(said(elsewhere.select(Some(&alice), &others)), (Some("alice"), false), "in another flow");
            assert_eq!(said(Wanted::default().select(Some(&alice), &others)), (Some("alice"), false), "in none");
        }
    }

    #[test]
    fn the_others_are_left_unread_only_where_they_make_no_difference() {
        let flow = SecretHash::of("f");
        let (alice, bob) = (account(1, "alice"), account(2, "bob"));
        let own = alice.1.id.to_string();
        let settled = [
            (Wanted::default(), true),
            (Wanted { login_hint: Some("alice"), ..Wanted::default() }, true),
            (Wanted { login_hint: Some("bob"), ..Wanted::default() }, false),
            (Wanted { subject: sub(&own), ..Wanted::default() }, true),
            (Wanted { subject: sub("x"), ..Wanted::default() }, false),
            (Wanted { flow: Some(&flow), ..Wanted::default() }, false),
        ];
        for (wanted, expected) in settled {
            assert_eq!(wanted.is_settled_by(Some(&alice)), expected, "{wanted:?}");
            assert!(!wanted.is_settled_by(None), "{wanted:?}");
            let with = |others: &[Account]| said(wanted.select(Some(&alice), others)).0.map(str::to_owned);
            assert!(!expected || with(&[]) == with(std::slice::from_ref(&bob)), "{wanted:?}");
        }
        let chosen = noted(alice, &flow);
        assert!(Wanted { flow: Some(&flow), subject: sub("x"), login_hint: None }.is_settled_by(Some(&chosen)));
    }
}
