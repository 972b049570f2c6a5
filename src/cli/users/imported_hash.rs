//! Options for the hash of a password that was chosen elsewhere. It is no argument: others on the machine see those.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;

use super::super::{CliError, password};
use crate::crypto::password::ImportedHash;

/// Where the hash comes from, if there is one.
#[derive(Args)]
pub struct ImportedHashFrom {
    /// Standard input has no password, but the hash of one from another system (argon2, bcrypt, PBKDF2, scrypt, in the
    /// forms of PHC, Django and Keycloak). It is replaced by one of ours at the next sign-in.
    #[arg(long)]
    password_hash: bool,
    /// The same, from a file.
    #[arg(long, value_name = "FILE", conflicts_with = "password_hash")]
    password_hash_file: Option<PathBuf>,
}

const WHAT: &str = "the hash of a password";

impl ImportedHashFrom {
    /// Reads it.
    pub fn read(&self) -> Result<Option<ImportedHash>, CliError> {
        let text = match &self.password_hash_file {
            Some(path) => {
                let problem = |error: &dyn std::fmt::Display| CliError::Other(format!("{}: {error}", path.display()));
                let file = File::open(path).map_err(|error| problem(&error))?;
                password::whole(file, WHAT).map_err(|error| problem(&error))?
            }
            None if self.password_hash => password::piped(WHAT)?,
            None => return Ok(None),
        };
        let refused = |why| CliError::Other(format!("The hash of the password cannot be used: {why}."));
        ImportedHash::parse(&text).map(Some).map_err(refused)
    }
}
