//! What is wrong with a configuration.

use std::fmt;

/// Why there is no configuration: one line for each problem.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(pub(super) Vec<Problem>);

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File, line and key, or the variable.
    pub place: String,
    /// What is wrong there; never quotes a secret.
    pub message: String,
}

impl ConfigError {
    /// The problems, in the order of the sections.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}: {}", problem.place, problem.message)?;
        }
        Ok(())
    }
}

/// As it is displayed, so that a failing `unwrap` in a test is readable.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
