//! What every mail says, and nothing else. The words are in `locales`, in the section of mails.

use super::{Button, Content, Letterhead, Message};
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
    }
}
