//! What every mail says, and nothing else. The words are in `locales`, in the section of mails.

use super::{Button, Circumstances, Content, Letterhead, Message};
use crate::foundation::Timestamp;
use crate::foundation::text::plain;
use crate::language::{Language, Sentence, sentence};

/// The longest name of whoever does something, in characters.
const LONGEST_NAME: usize = 100;

/// What a message says in this language.
pub fn of(message: &Message, language: Language, head: &Letterhead) -> Content {
    let Letterhead { name, issuer, .. } = head;
    let say = |sentence: Sentence| language.say(&sentence);
    match message {
        Message::Test { asked_by } => {
            let asked_by = plain(asked_by, LONGEST_NAME);
            let paragraph = sentence!("mail-test-asked", asked_by = asked_by, issuer = issuer.to_string());
            Content {
                subject: say(sentence!("mail-test-subject", service = name)),
                heading: say(sentence!("mail-test-heading")),
                paragraphs: vec![say(paragraph)],
                button: Some(Button {
                    label: say(sentence!("mail-test-open", service = name)),
                    link: issuer.link("/"),
                }),
                note: say(sentence!("mail-test-note")),
            }
        }
        Message::Reset { path } => Content {
            subject: say(sentence!("mail-reset-subject", service = name)),
            heading: say(sentence!("mail-reset-heading")),
            paragraphs: vec![say(sentence!("mail-reset-asked")), say(sentence!("mail-reset-once"))],
            button: Some(Button { label: say(sentence!("mail-reset-button")), link: issuer.link(path) }),
            note: say(sentence!("mail-reset-note")),
        },
        Message::SignIn { path, code } => Content {
            subject: say(sentence!("mail-sign-in-subject", service = name)),
            heading: say(sentence!("mail-sign-in-heading")),
            paragraphs: vec![say(sentence!("mail-sign-in-code", code = code)), say(sentence!("mail-sign-in-link"))],
            button: Some(Button { label: say(sentence!("login-submit")), link: issuer.link(path) }),
            note: say(sentence!("mail-sign-in-note")),
        },
        Message::PasswordReset => Content {
            subject: say(sentence!("mail-password-reset-subject", service = name)),
            heading: say(sentence!("mail-password-reset-heading")),
            paragraphs: vec![say(sentence!("mail-password-reset-done"))],
            button: Some(Button { label: say(sentence!("login-submit")), link: issuer.link("/account") }),
            note: say(sentence!("mail-password-reset-note")),
        },
        Message::PasswordChanged(how) => told(sentence!("mail-password-changed"), how, language, head),
        Message::FactorAdded(how) => {
            let content = told(sentence!("mail-factor-added"), how, language, head);
            to_be_removed(content, "/account/factors", language, head)
        }
        Message::FactorRemoved(how) => told(sentence!("mail-factor-removed"), how, language, head),
        Message::FactorsReset(how) => told(sentence!("mail-factors-reset"), how, language, head),
        Message::LostFactors { path, effective_at, how } => {
            let to_stop = Button { label: say(sentence!("mail-lost-button")), link: issuer.link(path) };
            let at = sentence!("mail-lost-at", at = to_the_minute(*effective_at));
            lost(sentence!("mail-lost"), at, (Some(how), to_stop), language, head)
        }
        Message::LostFactorsSoon { path, effective_at } => {
            let to_stop = Button { label: say(sentence!("mail-lost-button")), link: issuer.link(path) };
            let at = sentence!("mail-lost-at", at = to_the_minute(*effective_at));
            lost(sentence!("mail-lost-soon"), at, (None, to_stop), language, head)
        }
        Message::LostFactorsCode { code } => Content {
            subject: say(sentence!("mail-lost-code-subject", service = name)),
            heading: say(sentence!("mail-lost-code-heading")),
            paragraphs: vec![say(sentence!("mail-lost-code", code = code)), say(sentence!("mail-lost-code-not-me"))],
            button: Some(Button { label: say(sentence!("mail-told-recover")), link: issuer.link("/recover") }),
            note: say(sentence!("mail-lost-code-note")),
        },
        Message::PasskeySuspected(how) => {
            let mut content = told(sentence!("mail-passkey-suspected"), how, language, head);
            content.paragraphs.insert(0, say(sentence!("factor-suspected")));
            content
        }
        Message::IdentityConnected { how, provider } => {
            let what = sentence!("mail-identity-connected", provider = provider.as_str());
            to_be_removed(told(what, how, language, head), "/account/connections", language, head)
        }
        Message::IdentityRemoved(how) => told(sentence!("mail-identity-removed"), how, language, head),
        Message::RecoveryCodesMade(how) => told(sentence!("mail-recovery-codes-made"), how, language, head),
        Message::RecoveryCodeUsed(how) => told(sentence!("mail-recovery-code-used"), how, language, head),
        Message::NewBrowser(how) => told(sentence!("mail-new-browser"), how, language, head),
        Message::SignUp { path, code } => Content {
            subject: say(sentence!("mail-sign-up-subject", service = name)),
            heading: say(sentence!("mail-sign-up-heading")),
            paragraphs: std::iter::once(say(sentence!("mail-sign-up-asked", issuer = issuer.to_string())))
                .chain(code.as_ref().map(|code| say(sentence!("mail-sign-up-code", code = code))))
                .collect(),
            button: Some(Button { label: say(sentence!("mail-sign-up-open")), link: issuer.link(path) }),
            note: say(sentence!("mail-sign-up-note")),
        },
        Message::HasAccount {} => Content {
            subject: say(sentence!("mail-has-account-subject", service = name)),
            heading: say(sentence!("mail-has-account-heading")),
            paragraphs: vec![say(sentence!("mail-has-account-asked", issuer = issuer.to_string()))],
            button: Some(Button { label: say(sentence!("mail-has-account-open")), link: issuer.link("/account") }),
            note: say(sentence!("mail-has-account-note")),
        },
        Message::LooksLikeAnother {} => Content {
            subject: say(sentence!("mail-looks-like-another-subject", service = name)),
            heading: say(sentence!("mail-looks-like-another-heading")),
            paragraphs: vec![say(sentence!("mail-looks-like-another-asked", issuer = issuer.to_string()))],
            button: Some(Button {
                label: say(sentence!("mail-looks-like-another-open", service = name)),
                link: issuer.link("/"),
            }),
            note: say(sentence!("mail-looks-like-another-note")),
        },
        Message::Invitation { path, until } => {
            let asked = sentence!("mail-invitation-asked", issuer = issuer.to_string(), until = minute(*until));
            Content {
                subject: say(sentence!("mail-invitation-subject", service = name)),
                heading: say(sentence!("mail-invitation-heading")),
                paragraphs: vec![say(asked)],
                button: Some(Button { label: say(sentence!("mail-invitation-open")), link: issuer.link(path) }),
                note: say(sentence!("mail-invitation-note")),
            }
        }
        Message::EmailConfirm { path, account, code } => {
            let account = plain(account, LONGEST_NAME);
            let asked = sentence!("mail-email-confirm-asked", account = account, issuer = issuer.to_string());
            Content {
                subject: say(sentence!("mail-email-confirm-subject", service = name)),
                heading: say(sentence!("mail-email-confirm-heading")),
                paragraphs: std::iter::once(say(asked))
                    .chain(code.as_ref().map(|code| say(sentence!("mail-email-confirm-code", code = code))))
                    .collect(),
                button: Some(Button { label: say(sentence!("mail-email-confirm-open")), link: issuer.link(path) }),
                note: say(sentence!("mail-email-confirm-note")),
            }
        }
        Message::EmailChanged { path, email, until } => {
            let address = plain(email, LONGEST_NAME);
            let told = sentence!("mail-email-changed-told", issuer = issuer.to_string(), address = address);
            let undo = sentence!("mail-email-changed-undo", until = minute(*until));
            Content {
                subject: say(sentence!("mail-email-changed-subject", service = name)),
                heading: say(sentence!("mail-email-changed-heading")),
                paragraphs: vec![say(told), say(undo)],
                button: Some(Button { label: say(sentence!("mail-email-changed-open")), link: issuer.link(path) }),
                note: say(sentence!("mail-email-changed-note")),
            }
        }
        Message::EmailRestored { how, factors } => Content {
            subject: say(sentence!("mail-email-restored-subject", service = name)),
            heading: say(sentence!("mail-email-restored-heading")),
            paragraphs: circumstances(how)
                .into_iter()
                .chain([sentence!("mail-email-restored-ended")])
                .chain((*factors > 0).then(|| sentence!("mail-email-restored-factors", count = *factors)))
                .map(say)
                .collect(),
            button: Some(Button { label: say(sentence!("mail-told-recover")), link: issuer.link("/recover") }),
            note: say(sentence!("mail-email-restored-note")),
        },
        Message::EmailTakenBack(how) => Content {
            subject: say(sentence!("mail-email-taken-back-subject", service = name)),
            heading: say(sentence!("mail-email-taken-back-heading")),
            paragraphs: circumstances(how)
                .into_iter()
                .chain([sentence!("mail-email-taken-back-told", issuer = issuer.to_string())])
                .map(say)
                .collect(),
            button: Some(Button {
                label: say(sentence!("mail-looks-like-another-open", service = name)),
                link: issuer.link("/"),
            }),
            note: say(sentence!("mail-email-taken-back-note", service = name)),
        },
        Message::DeletionUndone(how) => told(sentence!("mail-deletion-undone"), how, language, head),
        Message::DeletionBegun { how, at } => {
            let mut content = told(sentence!("mail-deletion-begun"), how, language, head);
            content.paragraphs.insert(0, say(sentence!("mail-deletion-at", at = minute(*at))));
            content
        }
    }
}

/// What somebody is told who may have to do something about it: what, when and where, and what to do if it was not them.
fn told(what: Sentence, how: &Circumstances, language: Language, head: &Letterhead) -> Content {
    let Letterhead { name, issuer, .. } = head;
    let say = |sentence: Sentence| language.say(&sentence);
    let what = say(what);
    let paragraphs = circumstances(how).into_iter().chain([sentence!("mail-told-not-me")]).map(say).collect();
    Content {
        subject: say(sentence!("mail-told-subject", what = what.clone(), service = name)),
        heading: what,
        paragraphs,
        button: Some(Button { label: say(sentence!("mail-told-recover")), link: issuer.link("/recover") }),
        note: say(sentence!("mail-told-note", service = name)),
    }
}

/// The same of something with which one signs in from now on: another password does not take it away.
fn to_be_removed(mut content: Content, page: &str, language: Language, head: &Letterhead) -> Content {
    let sentence = sentence!("mail-told-remove", page = head.issuer.join(page));
    content.paragraphs.push(language.say(&sentence));
    content
}

/// What somebody is told who can stop it: what was said of their factors, what comes of it, and the way to stop it.
fn lost(
    what: Sentence,
    at: Sentence,
    (how, to_stop): (Option<&Circumstances>, Button),
    language: Language,
    head: &Letterhead,
) -> Content {
    let say = |sentence: Sentence| language.say(&sentence);
    let (what, name) = (say(what), &head.name);
    let where_from = how.map(circumstances).unwrap_or_default();
    let paragraphs = where_from.into_iter().chain([at, sentence!("mail-lost-not-me")]).map(say).collect();
    Content {
        subject: say(sentence!("mail-told-subject", what = what.clone(), service = name)),
        heading: what,
        paragraphs,
        button: Some(to_stop),
        note: say(sentence!("mail-lost-note")),
    }
}

/// Nobody needs to know more.
fn to_the_minute(at: Timestamp) -> String {
    at.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

/// When and where something happened.
fn circumstances(how: &Circumstances) -> Vec<Sentence> {
    let when = sentence!("mail-told-at", at = to_the_minute(how.at));
    let known = |text: &Option<String>| text.as_deref().map(|text| plain(text, LONGEST_NAME));
    let place = match (how.by_administrator, known(&how.browser), known(&how.system)) {
        (true, ..) => Some(sentence!("mail-told-by-administrator")),
        (false, Some(browser), Some(system)) => {
            Some(sentence!("mail-told-browser-on", browser = browser, system = system))
        }
        (false, Some(browser), None) => Some(sentence!("mail-told-browser", browser = browser)),
        (false, None, Some(system)) => Some(sentence!("mail-told-browser", browser = system)),
        (false, None, None) => None,
    };
    let address = known(&how.address).map(|address| match known(&how.place) {
        Some(place) => sentence!("mail-told-address-place", address = address, place = place),
        None => sentence!("mail-told-address", address = address),
    });
    let where_from = place.into_iter().chain(address.filter(|_| !how.by_administrator));
    std::iter::once(when).chain(where_from).collect()
}

/// A moment in digits alone, which every language reads.
fn minute(at: Timestamp) -> String {
    let text = Timestamp::from_secs(at.as_secs()).to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}
