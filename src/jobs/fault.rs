//! A fault that is told twice: when it begins, and when it ends.

use crate::services::ServiceError;
use crate::services::error::Chain;

/// What is done again and again, and whether it fails at present.
#[derive(Debug)]
pub struct Fault {
    job: &'static str,
    is_there: bool,
}

impl Fault {
    /// Nothing is wrong yet with what is called `job`.
    pub const fn new(job: &'static str) -> Self {
        Self { job, is_there: false }
    }

    /// Notes how it went this time.
    pub fn note<T>(&mut self, outcome: &Result<T, ServiceError>) {
        match outcome {
            Ok(_) if self.is_there => {
                self.is_there = false;
                tracing::info!(job = self.job, "job works again");
            }
            Err(error) if !self.is_there => {
                self.is_there = true;
                tracing::warn!(job = self.job, error = %Chain(error), "job failed and will be tried again");
            }
            Ok(_) | Err(_) => {}
        }
    }
}
