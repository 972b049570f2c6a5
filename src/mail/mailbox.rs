//! A mailbox in memory, for `latchkey dev` and for tests. It ends with the process.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::letter::{Accepted, Letter};
use crate::foundation::id::MailId;

/// Mails that are kept; older ones are dropped.
const MOST: usize = 200;

/// The newest mails, whoever they are to.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<VecDeque<Delivered>>);

/// A mail that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
    /// The links that the reader is to follow, in order: each has a line of the text to itself.
    pub links: Vec<String>,
    /// What only this mail is called.
    pub id: MailId,
}

impl Mailbox {
    /// Takes a mail. One that has arrived already does not arrive again, as with a mail server that knows its Message-ID.
    pub fn put(&self, letter: &Letter) -> Accepted {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !mails.iter().any(|mail| mail.id == letter.id) {
            let Letter { to, subject, text, html, id, .. } = letter.clone();
            mails.push_front(Delivered { to: to.to_string(), subject, links: links(&text), text, html, id });
            mails.truncate(MOST);
        }
        Accepted { server: "the mailbox".into(), is_encrypted: true, answer: "it is at /dev/mail".into() }
    }

    /// Every mail, the newest first.
    pub fn all(&self) -> Vec<Delivered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// The URLs in a text that have a line to themselves. One in a sentence only says what somebody is called.
fn links(text: &str) -> Vec<String> {
    let is_url = |line: &&str| line.starts_with("https://") || line.starts_with("http://");
    let whole = |line: &&str| !line.contains(char::is_whitespace);
    text.lines().map(str::trim).filter(is_url).filter(whole).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{Random, Timestamp};
    use crate::mail::tests::letter;

    #[test]
    fn links_are_those_that_have_a_line_to_themselves_in_order() {
        let text = "Mail from https://a.example arrives.\n\nOpen:\nhttps://b.example/x?t=1-_\n\n http://c.example/ \nhttps://d.example and so on\nftp://e.example";
        assert_eq!(links(text), ["https://b.example/x?t=1-_", "http://c.example/"]);
    }

    #[test]
    fn the_newest_two_hundred_are_kept_and_none_twice() {
        let mailbox = Mailbox::default();
        for number in 0..201 {
            let id = MailId::generate(&Random::seeded(number), Timestamp::from_secs(1));
            let letter = Letter { id, subject: number.to_string(), ..letter() };
            mailbox.put(&letter);
            mailbox.put(&letter);
        }
        let subjects: Vec<_> = mailbox.all().into_iter().map(|mail| mail.subject).collect();
        assert_eq!((subjects.len(), &*subjects[0], &*subjects[199]), (200, "200", "1"));
    }
}
