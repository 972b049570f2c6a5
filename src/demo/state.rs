//! What lives as long as the demo app.

use super::session::Sessions;
use super::settings::DemoSettings;

/// The parts that every request shares.
pub struct Demo {
    /// What it was told.
    pub settings: DemoSettings,
    /// The browsers.
    pub sessions: Sessions,
    /// What asks the provider.
    pub http: reqwest::Client,
}
