//! Asks before something is deleted.

use std::io::{self, IsTerminal, Write};

use super::CliError;

/// Asks whoever sits at a terminal; a script that runs the command has decided already.
pub fn at_terminal(question: &str, yes: bool) -> Result<(), CliError> {
    match yes || !io::stdin().is_terminal() {
        true => Ok(()),
        false => ask(question),
    }
}

/// The same for what cannot be restored: without a terminal, `--yes` is required.
pub fn or_yes(question: &str, yes: bool) -> Result<(), CliError> {
    match (yes, io::stdin().is_terminal()) {
        (true, _) => Ok(()),
        (false, true) => ask(question),
        (false, false) => Err(CliError::Other("nothing was changed: say --yes where nobody can be asked".to_owned())),
    }
}

fn ask(question: &str) -> Result<(), CliError> {
    let mut stderr = io::stderr();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CliError::Other("nothing was changed".to_owned())),
    }
}
