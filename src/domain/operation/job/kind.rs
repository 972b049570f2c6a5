//! What jobs there are, and how each is done.

use std::time::Duration;

/// Every kind of job that this program knows. A newer one may know more, and leaves rows that we do not touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Deletes what has expired.
    Prune,
    /// Rotates signing keys that have grown old.
    RotateKeys,
    /// Sends a mail.
    Mail,
    /// Notes what names look like.
    LookAtNames,
    /// Tells people once more that their second factors can soon be removed.
    RemindOfLostFactors,
    /// Looks up whom a form named, and writes to them.
    AskedByMail,
    /// Sends a mail to an address that somebody says is theirs.
    ProveAddress,
    /// Deletes accounts that their people wanted to be rid of.
    DeleteAccounts,
    /// Renews the tokens of providers that will expire.
    RenewUpstreamTokens,
    /// Tells a client that a session has ended.
    BackChannelLogout,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Prune,
        Self::RotateKeys,
        Self::Mail,
        Self::LookAtNames,
        Self::AskedByMail,
        Self::ProveAddress,
        Self::RemindOfLostFactors,
        Self::DeleteAccounts,
        Self::RenewUpstreamTokens,
        Self::BackChannelLogout,
    ];

    /// Its word, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prune => "prune",
            Self::RotateKeys => "rotate_keys",
            Self::Mail => "mail",
            Self::LookAtNames => "look_at_names",
            Self::RemindOfLostFactors => "remind_of_lost_factors",
            Self::AskedByMail => "asked_by_mail",
            Self::ProveAddress => "prove_address",
            Self::DeleteAccounts => "delete_accounts",
            Self::RenewUpstreamTokens => "renew_upstream_tokens",
            Self::BackChannelLogout => "back_channel_logout",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How long after each run the next one is due, for what is done again and again as long as there are servers.
    pub const fn schedule(self) -> Option<Duration> {
        match self {
            Self::Prune | Self::RenewUpstreamTokens => Some(Duration::from_secs(60)),
            Self::RotateKeys | Self::RemindOfLostFactors => Some(Duration::from_secs(600)),
            Self::LookAtNames | Self::DeleteAccounts => Some(Duration::from_secs(3600)),
            Self::Mail | Self::AskedByMail | Self::ProveAddress | Self::BackChannelLogout => None,
        }
    }

    /// How long one run may take. Its lease is renewed meanwhile.
    pub const fn time_limit(self) -> Duration {
        match self {
            // The first run on a database that was never pruned: a million rows take minutes.
            Self::Prune | Self::LookAtNames | Self::DeleteAccounts => Duration::from_secs(3600),
            Self::RotateKeys | Self::RemindOfLostFactors | Self::ProveAddress | Self::RenewUpstreamTokens => {
                Duration::from_secs(120)
            }
            // Its call ends after five seconds.
            Self::AskedByMail | Self::BackChannelLogout => Duration::from_secs(60),
            // A mail server may take minutes for each answer, and ten for the last (mail.smtp.timeout).
            Self::Mail => Duration::from_secs(3600),
        }
    }

    /// How often a job is tried before it is dead.
    pub const fn max_attempts(self) -> i64 {
        match self {
            Self::Prune
            | Self::RotateKeys
            | Self::LookAtNames
            | Self::RemindOfLostFactors
            | Self::DeleteAccounts
            | Self::RenewUpstreamTokens => 5,
            // Somebody waits for the mail, and asks again when none comes.
            Self::AskedByMail => 8,
            // Over an hour: whoever was away for longer has other ways to notice.
            Self::BackChannelLogout => 11,
            // Over an hour of an outage: whoever waits for the mail has given up by then.
            Self::ProveAddress => 12,
            // Over a night and a morning: the pauses add up to 15 to 30 hours.
            Self::Mail => 40,
        }
    }

    /// How many of it one process runs at once, where that is fewer than it has places for.
    pub const fn most_at_once(self) -> Option<usize> {
        match self {
            Self::Prune
            | Self::RotateKeys
            | Self::LookAtNames
            | Self::RemindOfLostFactors
            | Self::DeleteAccounts
            | Self::RenewUpstreamTokens => None,
            // Whatever many mails wait for, the others go on: places are four (src/jobs/places.rs).
            Self::Mail => Some(2),
            // Strangers cause them.
            Self::AskedByMail | Self::ProveAddress => Some(1),
            // One server has four at most (src/outbound/told.rs): however it hangs, others are told meanwhile.
            Self::BackChannelLogout => Some(8),
        }
    }

    /// Whether it takes no place from other kinds: it waits for servers that others have chosen.
    pub const fn has_places_of_its_own(self) -> bool {
        matches!(self, Self::BackChannelLogout)
    }

    /// Whether it fails by the fault of servers that others have chosen: the log of whoever runs this one says nothing of it,
    /// and the list of jobs does.
    pub const fn depends_on_strangers(self) -> bool {
        matches!(self, Self::BackChannelLogout)
    }
}
