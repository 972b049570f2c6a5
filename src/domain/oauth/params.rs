//! Request parameters, read strictly.

use std::collections::BTreeSet;

use percent_encoding::percent_decode;
use thiserror::Error;

use super::error::{ErrorCode, Refusal};

/// The parameters of one request, from its query or its form body. A repeated parameter is an error (RFC 6749 §3.1,
/// §3.2), but the caller must first know where to send it: until then the parameter reads as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    values: Vec<(String, String)>,
    repeated: BTreeSet<String>,
}

/// Why parameters cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ParamsError {
    /// The body says that it is something else.
    #[error("the body is no form")]
    NotAForm,
    /// The body is larger than any that we need, or did not come whole.
    #[error("the body is too large, or was cut off")]
    CutOff,
    /// The body did not come in time.
    #[error("the body took too long")]
    TooSlow,
    /// A broken percent-encoding, no UTF-8, or a NUL.
    #[error("a parameter is malformed")]
    Malformed,
    /// More than any request has.
    #[error("there are too many parameters")]
    TooMany,
    /// Sent more than once, so that it is in doubt which was meant.
    #[error("a parameter is repeated")]
    Repeated {
        /// Their names, separated by commas.
        names: String,
    },
}

impl ParamsError {
    /// The sentence for whoever sent them, within the characters of RFC 6749 §5.2.
    pub const fn description(&self) -> &'static str {
        match self {
            Self::NotAForm => "The body must be application/x-www-form-urlencoded.",
            Self::CutOff => "The body is too large, or was cut off.",
            Self::TooSlow => "The body took too long to arrive.",
            Self::Malformed => "A parameter is not well-formed UTF-8 or percent-encoding.",
            Self::TooMany => "The request has too many parameters.",
            Self::Repeated { .. } => "A parameter was sent more than once.",
        }
    }
}

/// To a client all of them are `invalid_request` (RFC 6749 §4.1.2.1, §5.2).
impl From<ParamsError> for Refusal {
    fn from(error: ParamsError) -> Self {
        let refusal = Self::new(ErrorCode::InvalidRequest, error.description());
        match error {
            ParamsError::Repeated { names } => refusal.with("repeated", names),
            _ => refusal,
        }
    }
}

/// No request of ours has as many; more is an attack on the parser.
const MAX_PARAMETERS: usize = 100;

/// May appear several times: RFC 8707 §2.
const REPEATABLE: [&str; 1] = ["resource"];

impl Params {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// On a broken percent-encoding, on text that is not UTF-8, on NUL characters, and on too many parameters.
    pub fn parse(encoded: &[u8]) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if params.values.len() >= MAX_PARAMETERS {
                return Err(ParamsError::TooMany);
            }
            let seen = params.values.iter().any(|(known, _)| *known == name);
            if seen && !REPEATABLE.contains(&name.as_str()) {
                params.repeated.insert(name.clone());
            }
            params.values.push((name, value));
        }
        Ok(params)
    }

    /// The value of a parameter that was sent once and is not empty: one without a value counts as omitted (RFC 6749
    /// §3.1), a repeated one as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        if self.repeated.contains(name) {
            return None;
        }
        self.values.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that may be repeated, without the empty ones.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.values.iter().filter(move |(known, value)| known == name && !value.is_empty());
        values.map(|(_, value)| value.as_str())
    }

    /// The same, and `value` where nothing was sent under this name.
    #[must_use]
    pub fn or(mut self, name: &str, value: &str) -> Self {
        if !self.values.iter().any(|(known, value)| known == name && !value.is_empty()) {
            self.values.retain(|(known, _)| known != name);
            self.values.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same without those of these names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let kept = |name: &String| !names.contains(&name.as_str());
        let values = self.values.iter().filter(|(name, _)| kept(name)).cloned().collect();
        Self { values, repeated: self.repeated.iter().filter(|name| kept(name)).cloned().collect() }
    }

    /// The same, and those of `others` that have other names.
    #[must_use]
    pub fn and_others_of(mut self, others: &Self) -> Self {
        let known: BTreeSet<String> = self.values.iter().map(|(name, _)| name.clone()).collect();
        self.values.extend(others.values.iter().filter(|(name, _)| !known.contains(name)).cloned());
        self
    }

    /// The same parameters as text again.
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.values).finish()
    }

    /// Whether `name` was sent more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    /// Refuses if anything was repeated.
    ///
    /// # Errors
    /// Names the parameters.
    pub fn once(&self) -> Result<(), ParamsError> {
        match self.repeated.is_empty() {
            true => Ok(()),
            false => {
                let names = self.repeated.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                Err(ParamsError::Repeated { names })
            }
        }
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// `invalid_request` with `missing` as its description.
    pub fn require(&self, name: &'static str, missing: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::new(ErrorCode::InvalidRequest, missing).with("missing", name))
    }
}

/// Decodes one name or value: `+` is a space, percent-encodings are whole, the result is UTF-8 without NUL, which no
/// database column of ours can hold.
///
/// # Errors
/// When it is not so.
pub fn decode(encoded: &[u8]) -> Result<String, ParamsError> {
    let malformed = || ParamsError::Malformed;
    // Most are plain.
    let bytes = match encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        true => unescape(encoded).ok_or_else(malformed)?,
        false => encoded.to_vec(),
    };
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    match text.contains('\0') {
        true => Err(malformed()),
        false => Ok(text),
    }
}

/// `None` for a percent-encoding that is not whole.
fn unescape(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
        if *byte == b'%' && !(hex(rest.next()) && hex(rest.next())) {
            return None;
        }
    }
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    Some(percent_decode(&spaced).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn values_are_decoded_once() {
        let params = parse("a=1+2&b=%252B&c=%C3%A9&d&e=x=y");
        assert_eq!(params.get("a"), Some("1 2"));
        assert_eq!(params.get("b"), Some("%2B"));
        assert_eq!(params.get("c"), Some("é"));
        assert_eq!(params.get("d"), None, "without a value is omitted");
        assert_eq!(params.get("e"), Some("x=y"));
    }

    #[test]
    fn a_repeated_parameter_reads_as_absent_and_is_refused() {
        let params = parse("state=a&state=b&x=1");
        assert_eq!(params.get("state"), None);
        assert!(params.is_repeated("state"));
        assert_eq!(params.once(), Err(ParamsError::Repeated { names: "state".to_owned() }));
        assert!(parse("state=a&x=1").once().is_ok());
    }

    #[test]
    fn repeating_in_disguise_is_repeating() {
        assert!(parse("state=a&st%61te=b").once().is_err());
        assert!(parse("state=&state=b").once().is_err());
    }

    #[test]
    fn a_resource_may_be_repeated() {
        let several = parse("resource=https%3A%2F%2Fa&x=1&resource=&resource=https%3A%2F%2Fb");
        assert!(several.once().is_ok());
        assert_eq!(several.all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
        assert_eq!(parse(&several.encode()).all("resource").count(), 2, "they travel on together");
        // Found by fuzzing: one without a value hid the others.
        let params = parse("resource=&resource=https%3A%2F%2Fb");
        assert_eq!(params.get("resource"), Some("https://b"));
        assert_eq!(params.or("resource", "c").get("resource"), Some("https://b"));
    }

    #[test]
    fn broken_encodings_are_refused_whole() {
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", "%c3=1"] {
            assert!(Params::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Params::parse(&[b'a', b'=', 0xff]).is_err());
    }

    #[test]
    fn a_flood_of_parameters_is_refused() {
        let flood = (0..=MAX_PARAMETERS).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join("&");
        assert!(Params::parse(flood.as_bytes()).is_err());
    }
}
