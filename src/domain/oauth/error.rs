//! What a client is told when it is refused, and what its developer can find out.

use std::fmt;

pub use super::refusal_kind::Kind;

/// An error code of OAuth or OpenID Connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidRequest,
    /// RFC 6749 §5.2.
    InvalidClient,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope,
    /// RFC 6749 §4.1.2.1.
    AccessDenied,
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6.
    AccountSelectionRequired,
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
    /// RFC 9101 §7.
    InvalidRequestUri,
    /// RFC 9101 §7.
    InvalidRequestObject,
    /// RFC 8707 §2.
    InvalidTarget,
    /// OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
    UnmetAuthenticationRequirements,
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri,
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata,
    /// RFC 6750 §3.1.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// OAuth 2.0 for First-Party Applications §5.2.2.1.
    InvalidSession,
    /// OAuth 2.0 for First-Party Applications §5.2.2.1.
    InsufficientAuthorization,
    /// OAuth 2.0 for First-Party Applications §5.2.2.1.
    RedirectToWeb,
    /// Of our own at the authorization challenge endpoint, as OAuth 2.0 for First-Party Applications §5.2.2 provides for.
    InvalidCredentials,
    /// The same.
    TooManyAttempts,
}

impl ErrorCode {
    /// The code as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidTarget => "invalid_target",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidSession => "invalid_session",
            Self::InsufficientAuthorization => "insufficient_authorization",
            Self::RedirectToWeb => "redirect_to_web",
            Self::InvalidCredentials => "invalid_credentials",
            Self::TooManyAttempts => "too_many_attempts",
        }
    }
}

/// A refusal: the caller's fault. `description` is sent; `detail` is only for the log and, in dev, for the error page.
/// Our own failures are another type, so that they never pass for the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the client is told.
    pub code: ErrorCode,
    /// Why, in a sentence within the characters of RFC 6749 §5.2.
    pub description: &'static str,
    /// What it takes to mend it.
    pub kind: Kind,
    /// What was compared with what.
    pub detail: Detail,
}

impl Refusal {
    /// A refusal without detail, that only the application can mend.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description, kind: Kind::Application, detail: Detail(Vec::new()) }
    }

    /// Says what kind it is of.
    #[must_use]
    pub const fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds a line of detail. Never a secret: it is logged.
    #[must_use]
    pub fn with(mut self, label: &'static str, value: impl fmt::Display) -> Self {
        self.detail.0.push((label, value.to_string()));
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description)
    }
}

/// Labelled values that explain a refusal to a developer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail(pub Vec<(&'static str, String)>);

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (label, value)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{label}: {value:?}")?;
        }
        Ok(())
    }
}

/// Says where two texts differ: the byte's index, and what stands there in each.
pub fn first_difference(sent: &str, expected: &str) -> String {
    let at = sent.bytes().zip(expected.bytes()).take_while(|(a, b)| a == b).count();
    let here = |text: &str| match text.as_bytes().get(at) {
        Some(byte) => format!("{:?}", char::from(*byte)),
        None => "the end".to_owned(),
    };
    match at == sent.len() && at == expected.len() {
        true => "none".to_owned(),
        false => format!("byte {at}: {} was sent, {} is registered", here(sent), here(expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::is_sendable;

    const ALL: [ErrorCode; 20] = [
        ErrorCode::InvalidRequest,
        ErrorCode::InvalidClient,
        ErrorCode::InvalidGrant,
        ErrorCode::UnauthorizedClient,
        ErrorCode::UnsupportedGrantType,
        ErrorCode::UnsupportedResponseType,
        ErrorCode::InvalidScope,
        ErrorCode::AccessDenied,
        ErrorCode::LoginRequired,
        ErrorCode::ConsentRequired,
        ErrorCode::AccountSelectionRequired,
        ErrorCode::RequestNotSupported,
        ErrorCode::RequestUriNotSupported,
        ErrorCode::RegistrationNotSupported,
        ErrorCode::InvalidRequestUri,
        ErrorCode::InvalidRequestObject,
        ErrorCode::InvalidTarget,
        ErrorCode::UnmetAuthenticationRequirements,
        ErrorCode::InvalidToken,
        ErrorCode::InsufficientScope,
    ];

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(first_difference("https://a/cb/", "https://a/cb"), "byte 12: '/' was sent, the end is registered");
        assert_eq!(first_difference("https://a/Cb", "https://a/cb"), "byte 10: 'C' was sent, 'c' is registered");
        assert_eq!(first_difference("x", "x"), "none");
    }

    #[test]
    fn every_code_is_a_word_of_its_own() {
        let codes = ALL.map(ErrorCode::as_str);
        for (i, code) in codes.into_iter().enumerate() {
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
            assert!(!codes.iter().skip(i + 1).any(|other| *other == code), "{code} is there twice");
        }
    }

    /// Every sentence in these folders may become a description, so each is held to RFC 6749 §5.2.
    #[test]
    fn every_sentence_in_the_source_can_be_sent_as_a_description() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut sources = Vec::new();
        for folder in ["domain", "services", "http"] {
            rust_files(&root.join(folder), &mut sources);
        }
        let mut sentences = 0;
        for (path, source) in sources {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for sentence in literals(code).into_iter().filter(|text| is_sentence(text)) {
                sentences += 1;
                assert!(is_sendable(&sentence), "{}: {sentence:?}", path.display());
            }
        }
        assert!(sentences > 50, "only {sentences} were found: the search is broken");
    }

    #[test]
    fn a_sentence_is_found_between_other_quotes() {
        let found = literals(
            r#"let a = '"'; // "Not this."
            f("One\"s.", '\'', "Two.")"#,
        );
        assert_eq!(found, [r#"One\"s."#, "Two."]);
        assert!(!is_sendable(&found[0]));
    }

    fn is_sentence(text: &str) -> bool {
        text.starts_with(|c: char| c.is_alphabetic()) && text.ends_with('.') && text.contains(' ')
    }

    fn rust_files(folder: &std::path::Path, found: &mut Vec<(std::path::PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                rust_files(&path, found);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "fixtures.rs" {
                let source = std::fs::read_to_string(&path).unwrap();
                found.push((path, source));
            }
        }
    }

    /// The string literals of Rust code, as written: escapes are left as they are.
    fn literals(code: &str) -> Vec<String> {
        let (mut found, mut rest) = (Vec::new(), code);
        while let Some(at) = rest.find(['"', '\'', '/']) {
            let (from, mark) = (&rest[at + 1..], rest.as_bytes()[at]);
            rest = match mark {
                b'/' if from.starts_with('/') => from.find('\n').map_or("", |end| &from[end..]),
                b'\'' if from.starts_with('\\') => from[2..].find('\'').map_or("", |end| &from[end + 3..]),
                b'\'' if from.chars().nth(1) == Some('\'') => from.split_once('\'').map_or("", |(_, after)| after),
                b'"' => {
                    let mut escaped = false;
                    let end = from.find(|c| {
                        let closes = c == '"' && !escaped;
                        escaped = c == '\\' && !escaped;
                        closes
                    });
                    let end = end.unwrap_or(from.len());
                    found.push(from[..end].to_owned());
                    from.get(end + 1..).unwrap_or("")
                }
                _ => from,
            };
        }
        found
    }
}
