//! What a client wants where its authorization request says nothing.

use serde::{Deserialize, Serialize};

use super::registration_error::RegistrationError;

/// The members about that (OpenID Connect Registration §2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestDefaults {
    /// The oldest sign-in that it takes, in seconds, where the request has no `max_age`.
    pub default_max_age: Option<u32>,
    /// It needs `auth_time`, which every ID token has.
    pub require_auth_time: bool,
    /// The classes that it would like, where the request has no `acr_values`.
    pub default_acr_values: Vec<String>,
}

/// The most classes, and the most bytes of each.
const CLASSES: usize = 16;
const LONGEST: usize = 200;

impl RequestDefaults {
    /// Its classes as a request would name them.
    pub fn acr_values(&self) -> String {
        self.default_acr_values.join(" ")
    }

    /// Decides whether it may want that. A class that nobody reaches here is no fault, as it is none of a request.
    ///
    /// # Errors
    /// The first thing that could not stand in a request.
    pub fn check(&self) -> Result<(), RegistrationError> {
        let member = "default_acr_values";
        if self.default_acr_values.len() > CLASSES {
            return Err(RegistrationError::TooMany { member, most: CLASSES });
        }
        let unfit = |class: &String| {
            class.is_empty() || class.len() > LONGEST || !class.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match self.default_acr_values.iter().any(unfit) {
            true => Err(RegistrationError::Text { member, most: LONGEST }),
            false => Ok(()),
        }
    }
}
