//! Load against the real program, beside a bare baseline in the same run. `benches/README.md` says how to read it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark may panic, and prints"
)]

mod assertions;
mod baseline;
mod cores;
mod enumeration;
mod flows;
mod generator;
mod measure;
mod options;
mod process;
mod raw;
mod requests;
mod rows;
mod stage;
#[path = "../../tests/e2e/support/mod.rs"]
mod support;
mod table;

use std::process::ExitCode;

use options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, documents] = arguments.as_slice()
        && command == baseline::COMMAND
    {
        baseline::serve(documents.as_ref()).await;
        return ExitCode::SUCCESS;
    }
    if let [command, work, seconds] = arguments.as_slice()
        && command == raw::COMMAND
    {
        println!("{}", raw::run(work, seconds));
        return ExitCode::SUCCESS;
    }
    match Options::parse(&arguments) {
        Ok(options) => {
            if let Some(cores) = &options.cores {
                cores::leave(cores);
            }
            rows::run(&options).await;
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{what}\n{}", options::USAGE);
            ExitCode::from(2)
        }
    }
}
