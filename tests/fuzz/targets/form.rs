//! Parameters and scopes.

use std::collections::BTreeMap;

use latchkey::domain::oauth::authorize::request;
use latchkey::domain::oauth::params::{Params, ParamsError};
use latchkey::domain::oauth::token::scope::Scope;

use super::given::is_sendable;

/// A form, against the lenient parser of the URL Standard: what we read is what everybody reads.
pub fn form(data: &[u8]) {
    let params = match Params::parse(data) {
        Ok(params) => params,
        Err(error) => return assert!(is_sendable(error.description())),
    };
    let pairs: Vec<(String, String)> = form_urlencoded::parse(data).into_owned().collect();
    let mut sent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &pairs {
        sent.entry(name).or_default().push(value);
    }
    let text: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    assert_eq!(params.encode(), text);
    assert_eq!(Params::parse(text.as_bytes()), Ok(params.clone()));

    let repeated: Vec<&str> =
        sent.iter().filter(|(name, values)| values.len() > 1 && **name != "resource").map(|(name, _)| *name).collect();
    match params.once() {
        Ok(()) => assert!(repeated.is_empty()),
        Err(error) => assert_eq!(error, ParamsError::Repeated { names: repeated.join(", ") }),
    }
    for (name, values) in &sent {
        let is_repeated = repeated.contains(name);
        assert_eq!(params.is_repeated(name), is_repeated);
        let usable = values.iter().copied().find(|value| !value.is_empty()).filter(|_| !is_repeated);
        assert_eq!(params.get(name), usable);
        let all: Vec<_> = params.all(name).collect();
        assert_eq!(all, values.iter().copied().filter(|value| !value.is_empty()).collect::<Vec<_>>());
        let without = params.without(&[name]);
        assert!(without.get(name).is_none() && !without.is_repeated(name));
        assert_eq!(without.or(name, "v").get(name), Some("v"));
        if !is_repeated {
            assert_eq!(params.clone().or(name, "v").get(name), Some(usable.unwrap_or("v")));
        }
    }
    let mode = request::response_mode(&params);
    let words = params.get("response_type").unwrap_or_default();
    if words.split(' ').any(|word| word == "token" || word == "id_token") {
        assert_ne!(mode.place().as_str(), "query", "an error in answer to a request for tokens");
    }
}

/// A scope (RFC 6749 §3.3).
pub fn scope(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = match Scope::parse(text) {
        Ok(parsed) => parsed,
        Err(refusal) => return assert!(is_sendable(refusal.description)),
    };
    let tokens = parsed.tokens();
    let in_grammar = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(tokens.iter().all(|token| !token.is_empty() && token.bytes().all(in_grammar)), "{tokens:?}");
    assert!(tokens.windows(2).all(|two| two[0] < two[1]), "in order, and each once: {tokens:?}");
    for token in text.split(' ').filter(|token| !token.is_empty()) {
        assert!(parsed.contains(token), "{token} is lost");
    }
    assert_eq!(Scope::parse(&parsed.to_string()).as_ref(), Ok(&parsed));
    assert_eq!(Scope::from_stored(&parsed.to_string()).as_ref(), Some(&parsed));
    let written = serde_json::to_value(&parsed).expect("JSON");
    assert_eq!(serde_json::from_value::<Scope>(written).expect("a scope"), parsed);
    let half = parsed.filter(|token| token.len() % 2 == 0);
    let rest = parsed.without(&half);
    assert!(half.is_within(&parsed) && half.intersection(&rest).is_empty());
    assert_eq!(half.union(&rest), parsed);
}
