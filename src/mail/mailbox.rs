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
    /// Every link of the text, in order.
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

/// The URLs in a text.
fn links(text: &str) -> Vec<String> {
    let is_url = |word: &&str| word.starts_with("https://") || word.starts_with("http://");
    let ends = |c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '>' | '"' | '\'');
    let words = text.split_whitespace().map(|word| word.trim_start_matches(['<', '(', '"', '\'']));
    words.filter(is_url).map(|url| url.trim_end_matches(ends).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{Random, Timestamp};
    use crate::mail::tests::letter;

    #[test]
    fn links_are_those_of_the_text_in_order() {
        let text = "Open https://a.example/x?t=1-_.\n\n<http://b.example/> (https://c.example/y), ftp://d.example";
        assert_eq!(links(text), ["https://a.example/x?t=1-_", "http://b.example/", "https://c.example/y"]);
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
