//! A mail is composed: its sentences, in the form that every mail has.

use askama::Template;

use super::{Content, Letterhead, Message, sentences};
use crate::foundation::Timestamp;
use crate::foundation::id::MailId;
use crate::foundation::mail_address::MailAddress;
use crate::foundation::text::plain;
use crate::language::Language;
use crate::mail::Letter;

/// The longest subject, in characters: mail programs show fewer.
const LONGEST_SUBJECT: usize = 120;

#[derive(Template)]
#[template(path = "email/letter.txt")]
struct Text<'a> {
    content: &'a Content,
    head: &'a Letterhead,
}

#[derive(Template)]
#[template(path = "email/letter.html")]
struct Html<'a> {
    content: &'a Content,
    head: &'a Letterhead,
    language: &'static str,
    direction: String,
}

impl Message {
    /// The mail, to this person and in this language.
    ///
    /// # Errors
    /// When a template cannot be rendered, which is a fault of ours.
    pub fn compose(
        &self,
        head: &Letterhead,
        to: MailAddress,
        language: Language,
        id: MailId,
        written_at: Timestamp,
    ) -> Result<Letter, askama::Error> {
        let content = sentences::of(self, language, head);
        let text = Text { content: &content, head }.render()?;
        let (tag, direction) = (language.tag(), language.direction());
        let html = Html { content: &content, head, language: tag, direction }.render()?;
        // A value with a line break would be a header of its own.
        let subject = plain(&content.subject, LONGEST_SUBJECT);
        Ok(Letter { to, subject, text, html, id, written_at })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Circumstances;
    use super::*;
    use crate::foundation::Random;
    use crate::foundation::colour::Scheme;
    use crate::foundation::url::Issuer;

    fn written(message: &Message, name: &str) -> Letter {
        let head = Letterhead {
            name: name.into(),
            issuer: Issuer::parse("https://id.example.com").unwrap(),
            light: Scheme::LIGHT,
            dark: Scheme::DARK,
        };
        let to = MailAddress::parse("alice@example.com").unwrap();
        let id = MailId::generate(&Random::seeded(1), Timestamp::from_secs(1));
        message.compose(&head, to, Language::ENGLISH, id, Timestamp::from_secs(1)).unwrap()
    }

    fn samples() -> Vec<Message> {
        let (path, until) = ("/x?token=t".to_owned(), Timestamp::from_secs(1));
        let hostile = "<b>root</b>\r\nBcc: bob@example.com";
        let how = || Circumstances {
            at: Timestamp::from_secs(1_800_000_000),
            by_administrator: false,
            browser: Some(hostile.into()),
            system: Some("Linux".into()),
            address: Some("192.0.2.10".into()),
            place: None,
        };
        vec![
            Message::Test { asked_by: hostile.into() },
            Message::Reset { path: "/recover/reset?token=x".into() },
            Message::SignIn { path: "/login/link?token=x".into(), code: "1234 5678".into() },
            Message::PasswordReset,
            Message::PasswordChanged(how()),
            Message::FactorAdded(how()),
            Message::FactorRemoved(how()),
            Message::FactorsReset(Circumstances { system: None, ..how() }),
            Message::LostFactors {
                path: "/recover/factors/cancel?token=x".into(),
                effective_at: Timestamp::from_secs(1_800_259_200),
                how: how(),
            },
            Message::LostFactorsSoon {
                path: "/recover/factors/cancel?token=x".into(),
                effective_at: Timestamp::from_secs(1_800_259_200),
            },
            Message::LostFactorsCode { code: "1234 5678".into() },
            Message::RecoveryCodesMade(how()),
            Message::RecoveryCodeUsed(how()),
            Message::NewBrowser(how()),
            Message::SignUp { path: path.clone(), code: None },
            Message::SignUp { path: path.clone(), code: Some("1234 5678".into()) },
            Message::HasAccount {},
            Message::LooksLikeAnother {},
            Message::Invitation { path: path.clone(), until },
            Message::EmailConfirm { path: path.clone(), account: hostile.into(), code: None },
            Message::EmailConfirm { path: path.clone(), account: hostile.into(), code: Some("1234 5678".into()) },
            Message::EmailChanged { path, email: hostile.into(), until },
            Message::EmailRestored { how: how(), factors: 1 },
            Message::EmailTakenBack(how()),
            Message::PasskeySuspected(how()),
            Message::IdentityConnected { how: how(), provider: "Google".into() },
            Message::IdentityRemoved(how()),
            Message::DeletionUndone(how()),
            Message::DeletionBegun { how: how(), at: Timestamp::from_secs(1_801_000_000) },
        ]
    }

    #[test]
    fn every_mail_says_the_same_as_text_and_as_html_and_loads_nothing() {
        for message in samples() {
            let Letter { subject, text, html, .. } = written(&message, "Example & Co");
            assert!(!subject.is_empty() && !subject.contains(['\r', '\n']), "{subject:?}");
            assert!(text.contains("https://id.example.com/") && html.contains("href=\"https://id.example.com/"));
            assert!(text.contains("Example & Co") && html.contains("Example &#38; Co"), "{html}");
            for foreign in ["src=", "url(", "@import", "<link", "<script", "<img", "<form"] {
                assert!(!html.contains(foreign), "{foreign}: {html}");
            }
            assert!(html.contains("color-scheme") && html.contains("<html lang=\"en\" dir=\"ltr\""), "{html}");
            let hrefs = html.matches("href=\"").count();
            assert_eq!(hrefs, html.matches("href=\"https://id.example.com/").count(), "every link is ours: {html}");
        }
    }

    #[test]
    fn a_value_becomes_neither_markup_nor_a_line() {
        let said = samples().into_iter().filter(|message| format!("{message:?}").contains("<b>root"));
        for message in said {
            let Letter { text, html, .. } = written(&message, "Example");
            let has_value = serde_json::to_string(&message).unwrap().contains("<b>root");
            assert!(!html.contains("<b>root") && html.contains("&#60;b&#62;root") == has_value, "{html}");
            assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
        }
    }

    #[test]
    fn whoever_is_told_of_a_change_learns_when_and_where_and_what_to_do() {
        let how = Circumstances {
            at: Timestamp::from_secs(1_800_000_000),
            by_administrator: false,
            browser: Some("Firefox".into()),
            system: Some("Linux".into()),
            address: Some("192.0.2.10".into()),
            place: None,
        };
        let Letter { subject, text, .. } = written(&Message::PasswordChanged(how.clone()), "Example Accounts");
        assert_eq!(subject, "Your password was changed (Example Accounts)");
        for said in ["2027-01-15 08:00", "Firefox on Linux", "192.0.2.10", "\nhttps://id.example.com/recover\n"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let by_administrator = Message::FactorsReset(Circumstances { by_administrator: true, ..how });
        let Letter { text, .. } = written(&by_administrator, "Example Accounts");
        assert!(text.contains("administrator") && !text.contains("192.0.2.10"), "{text}");
    }

    #[test]
    fn a_stored_message_is_read_again() {
        for message in samples() {
            let json = serde_json::to_value(&message).unwrap();
            assert_eq!(json["about"], message.as_str());
            assert_eq!(serde_json::from_value::<Message>(json).unwrap(), message);
        }
    }

    #[test]
    fn a_mail_reads_like_this() {
        let Letter { subject, text, .. } = written(&Message::Test { asked_by: "root".into() }, "Example Accounts");
        assert_eq!(subject, "Test mail from Example Accounts");
        assert_eq!(
            text,
            "Mail works\n\n\
             root asked for this mail, to see whether mail from https://id.example.com arrives. It does.\n\n\
             Open Example Accounts:\nhttps://id.example.com/\n\n\
             There is nothing to do. People get mail from here in the same way.\n\n\
             -- \nExample Accounts"
        );
    }
}
