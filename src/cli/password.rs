//! Passwords are asked for, or read from standard input; an argument would stand in the shell's history.

use std::io::{self, IsTerminal, Read};

use super::CliError;
use crate::foundation::SecretString;

/// A longer input is no password but a mistake.
const MAX_INPUT: u64 = 4096;

/// Reads the password of `whom`.
pub fn read(whom: &str) -> Result<SecretString, CliError> {
    let password = match io::stdin().is_terminal() {
        true => ask(whom)?,
        false => pipe()?,
    };
    not_empty(password, "no password was given: type it, or send it to standard input")
}

/// Reads all of standard input, which is `what`.
pub fn piped(what: &str) -> Result<String, CliError> {
    match io::stdin().is_terminal() {
        true => Err(CliError::Other(format!("send {what} to standard input"))),
        false => whole(io::stdin(), what),
    }
}

/// Reads all of `from`, which is `what`.
pub fn whole(from: impl Read, what: &str) -> Result<String, CliError> {
    let mut text = String::new();
    from.take(MAX_INPUT + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_INPUT {
        true => Err(CliError::Other(format!("this is longer than {MAX_INPUT} bytes, so that it cannot be {what}"))),
        false => Ok(text),
    }
}

/// Reads a secret from standard input; `missing` is said when there is none.
pub fn first_line(missing: &str) -> Result<SecretString, CliError> {
    not_empty(pipe()?, missing)
}

fn not_empty(secret: String, missing: &str) -> Result<SecretString, CliError> {
    match secret.is_empty() {
        true => Err(CliError::Other(missing.to_owned())),
        false => Ok(SecretString::new(secret)),
    }
}

fn ask(whom: &str) -> Result<String, CliError> {
    let first = rpassword::prompt_password(format!("Password for {whom}: "))?;
    let second = rpassword::prompt_password("Once more: ")?;
    match first == second {
        true => Ok(first),
        false => Err(CliError::Other("the two passwords differ".to_owned())),
    }
}

/// The first line.
fn pipe() -> Result<String, CliError> {
    let mut text = String::new();
    io::stdin().take(MAX_INPUT).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
