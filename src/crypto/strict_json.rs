//! JSON that every parser understands in the same way.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Whether `json` is one object in which no member name appears twice, at any depth. Parsers differ in which of two
/// equal names they use, so a signature over such a text proves nothing (RFC 7519 §4, RFC 7515 §4).
pub fn is_unambiguous_object(json: &[u8]) -> bool {
    let starts_as_object = json.iter().find(|byte| !b" \t\r\n".contains(byte)) == Some(&b'{');
    starts_as_object && serde_json::from_slice::<Unambiguous>(json).is_ok()
}

/// Any JSON value without repeated names. It stores nothing: being parsed is the proof.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Unambiguous;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated member names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unambiguous, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<Unambiguous>()?;
            if !seen.insert(name) {
                return Err(A::Error::custom("repeated member name"));
            }
        }
        Ok(Unambiguous)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Unambiguous, A::Error> {
        while seq.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_unit<E>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_objects_pass() {
        for json in ["{}", r#" {"a":1,"b":[null,true,-1,1.5,"x",{"a":{}}]} "#] {
            assert!(is_unambiguous_object(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn a_repeated_name_is_refused_at_any_depth_and_however_it_is_written() {
        for json in [
            r#"{"sub":"a","sub":"b"}"#,
            r#"{"sub":"a","\u0073ub":"b"}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
        ] {
            assert!(!is_unambiguous_object(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for json in ["", "null", "[]", "\"{}\"", "{}{}", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "\u{feff}{}"] {
            assert!(!is_unambiguous_object(json.as_bytes()), "{json}");
        }
        assert!(!is_unambiguous_object(b"{\"a\":\"\xff\"}"));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(8000), "]".repeat(8000));
        assert!(!is_unambiguous_object(deep.as_bytes()));
    }
}
