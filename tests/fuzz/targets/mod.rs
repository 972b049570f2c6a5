//! The targets: plain functions of whatever a stranger may send, which panic when a rule is broken. That they return says only
//! that nothing has panicked; what they compare is the point. Most compare with another way to the same answer: another parser,
//! the same value written and read again, or what was signed here and nothing else.
//!
//! Inputs are text where that is possible, and their parts are lines, so that a kept one can be read.

mod authorization;
mod browser;
mod client_assertion;
mod client_authentication;
mod client_metadata;
mod federation;
mod form;
mod given;
mod json;
mod jwk;
mod jwt;
mod language;
mod names;
mod outbound;
mod passkey;
mod password;
mod redirect;
mod request_object;
mod server;

/// One target.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, which is that of the folder of its inputs.
    pub name: &'static str,
    /// What is to be held against an input.
    pub run: fn(&[u8]),
    /// The longest input, in bytes.
    pub longest: usize,
    /// So many random inputs are tried by the tests: about half a second of a debug build.
    pub tries: usize,
}

macro_rules! targets {
    ($($name:ident: $path:path, up to $longest:literal bytes, $tries:literal tries;)*) => {
        /// All of them.
        pub const ALL: &[Target] =
            &[$(Target { name: stringify!($name), run: $path, longest: $longest, tries: $tries }),*];

        /// A test for each.
        #[cfg(test)]
        mod every_input_holds {
            $(#[test]
            fn $name() {
                crate::round::play(stringify!($name));
            })*
        }
    };
}

targets! {
    authorization_request: authorization::request, up to 4096 bytes, 1000 tries;
    bearer_token: browser::bearer_token, up to 512 bytes, 4000 tries;
    claims_parameter: json::claims_parameter, up to 4200 bytes, 3000 tries;
    client_assertion: client_assertion::assertion, up to 2048 bytes, 1000 tries;
    client_authentication: client_authentication::authentication, up to 2048 bytes, 2000 tries;
    client_metadata: client_metadata::metadata, up to 8192 bytes, 500 tries;
    cookies: browser::cookies, up to 1024 bytes, 3000 tries;
    form: form::form, up to 4096 bytes, 2000 tries;
    foreign_jws: jwt::foreign_jws, up to 4096 bytes, 1000 tries;
    host_name: names::host_name, up to 512 bytes, 3000 tries;
    jwk_set: jwk::jwk_set, up to 8192 bytes, 300 tries;
    language: language::language, up to 512 bytes, 3000 tries;
    login_name: names::login_name, up to 600 bytes, 2000 tries;
    logout_token: federation::logout_token, up to 2048 bytes, 2000 tries;
    mail_address: names::mail_address, up to 600 bytes, 2000 tries;
    outbound_url: outbound::outbound_url, up to 1024 bytes, 3000 tries;
    own_jwt: jwt::own_jwt, up to 4096 bytes, 1000 tries;
    passkey: passkey::passkey, up to 4096 bytes, 200 tries;
    password: password::password, up to 256 bytes, 20 tries;
    profile: json::profile, up to 4096 bytes, 1500 tries;
    redirect_uri: redirect::redirect_uri, up to 1024 bytes, 2000 tries;
    request_object: request_object::request_object, up to 4096 bytes, 700 tries;
    scope: form::scope, up to 2200 bytes, 2000 tries;
    server: server::server, up to 4096 bytes, 60 tries;
    strict_json: json::strict_json, up to 4096 bytes, 4000 tries;
    upstream_claims: federation::claims, up to 4096 bytes, 2000 tries;
    upstream_id_token: federation::id_token, up to 4096 bytes, 500 tries;
    upstream_metadata: federation::metadata, up to 8192 bytes, 300 tries;
    user_agent: browser::user_agent, up to 1024 bytes, 1000 tries;
    waiting_request: authorization::waiting, up to 4096 bytes, 2000 tries;
}
