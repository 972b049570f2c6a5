//! Parses the command line, calls the command, prints its error.

use std::process::ExitCode;

fn main() -> ExitCode {
    latchkey::cli::main()
}
