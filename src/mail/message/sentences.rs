//! Every sentence of every mail, and nothing else: whoever translates them finds them in one place.

use super::{Button, Content, Language, Letterhead, Message};
use crate::foundation::text::plain;

/// The longest name of whoever does something, in characters.
const LONGEST_NAME: usize = 100;

/// What a message says in this language.
pub fn of(message: &Message, language: Language, head: &Letterhead) -> Content {
    match language {
        Language::English => english(message, head),
    }
}

fn english(message: &Message, head: &Letterhead) -> Content {
    let Letterhead { name, issuer } = head;
    match message {
        Message::Test { asked_by } => Content {
            subject: format!("Test mail from {name}"),
            heading: "Mail works".to_owned(),
            paragraphs: vec![format!(
                "{} asked for this mail, to see whether mail from {issuer} arrives. It does.",
                plain(asked_by, LONGEST_NAME)
            )],
            button: Some(Button { label: format!("Open {name}"), link: issuer.link("/") }),
            note: "There is nothing to do. People get mail from here in the same way.".to_owned(),
        },
    }
}
