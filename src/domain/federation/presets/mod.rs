//! Providers that need nothing but a client id and a secret: one small file for each.

mod apple;
mod discord;
mod github;
mod gitlab;
mod google;
mod microsoft;
pub mod preset;
mod spotify;

use self::preset::Preset;

/// Which providers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Google.
    Google,
    /// Microsoft: work, school and personal accounts.
    Microsoft,
    /// GitHub.
    GitHub,
    /// GitLab, on gitlab.com or elsewhere.
    GitLab,
    /// Discord.
    Discord,
    /// Spotify.
    Spotify,
    /// Apple.
    Apple,
}

impl Known {
    /// What is known of it; `tenant` is Microsoft's: one, or `organizations`, `consumers`, `common`. `tenants` are those that are
    /// let in where it is not one.
    pub fn preset(self, tenant: &str, tenants: &[String]) -> Preset {
        match self {
            Self::Google => google::preset(),
            Self::Microsoft => microsoft::preset(tenant, tenants),
            Self::GitHub => github::preset(),
            Self::GitLab => gitlab::preset(),
            Self::Discord => discord::preset(),
            Self::Spotify => spotify::preset(),
            Self::Apple => apple::preset(),
        }
    }
}
