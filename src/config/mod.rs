//! The configuration: compiled-in defaults, a file, environment variables.
