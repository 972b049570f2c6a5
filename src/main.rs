//! Parses the command line, calls the command, prints its error.

fn main() {}
