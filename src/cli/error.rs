//! Why a command failed.

use thiserror::Error;

use super::refusal;
use crate::app::BuildError;
use crate::config::ConfigError;
use crate::services::ServiceError;

/// Why a command failed, in a line that says what to do.
#[derive(Debug, Error)]
pub enum CliError {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Build(#[from] BuildError),
    #[error("{}", refusal::explain(.0))]
    Service(#[from] ServiceError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Other(String),
}
