//! The pages that a person sees. Each struct stands beside its handler and is the whole input of its template.

pub mod add_factor;
mod add_factor_step;
pub mod add_passkey;
pub mod choose_account;
pub mod confirm_sign_up;
pub mod consent;
pub mod entrance;
pub mod first_sign_in;
pub mod invitation;
pub mod keep_account;
pub mod landing;
pub mod login;
pub mod logout;
pub mod lost_factors;
pub mod mailed_code;
pub mod mailed_link;
pub mod next_page;
mod providers;
pub mod second_factor;
pub mod sign_up;
pub mod sign_up_page;
pub mod sign_up_words;
pub mod signed_out;
pub mod throttled;

use crate::app;
use crate::http::respond::account::Account;

/// A user of `latchkey dev` whose password is no secret.
#[derive(Clone, Debug)]
pub struct Persona {
    /// What to sign in with.
    pub username: String,
    /// The password, printed on the page.
    pub password: String,
    /// Who it is, in two words: "administrator".
    pub role: String,
    /// The secret of their authenticator app, for one's own.
    pub totp: Option<String>,
}

impl Persona {
    fn of(persona: &app::Persona) -> Self {
        Self {
            username: persona.username.to_owned(),
            password: persona.password.to_owned(),
            role: persona.role.to_owned(),
            totp: persona.totp.map(str::to_owned),
        }
    }
}
