//! The life of a key that others encrypt to: request objects come encrypted to it.

use std::time::Duration;

use super::signing_key::JWKS_MAX_AGE;
use crate::crypto::jwe::KeyManagement;
use crate::foundation::Timestamp;

/// How long a key is known here before it is published: every instance reads the keys again within seconds, and what is
/// encrypted to a key may reach any of them. Two minutes are for clocks that differ and for an instance that could not read for
/// a moment.
pub const KNOWN_AHEAD: Duration = Duration::from_secs(120);

/// How long a key still decrypts after another has taken its place: [`JWKS_MAX_AGE`] is what we allow others to keep our keys
/// for, and a day is what many keep them all the same. A request object at a URL may be as old.
pub const KEPT: Duration = JWKS_MAX_AGE.saturating_add(Duration::from_secs(86_400));

/// A key that others encrypt to, as stored.
#[derive(Clone, Debug)]
pub struct EncryptionKeyRecord {
    /// The `kid`.
    pub id: String,
    /// What it is encrypted to with.
    pub algorithm: KeyManagement,
    /// PKCS #8, sealed under the master key. The public half is made of it.
    pub sealed_private_key: Vec<u8>,
    /// When it was made. Its whole life follows from this and from the keys after it.
    pub created_at: Timestamp,
}

/// Where such a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionStage {
    /// It decrypts, and is not published before every instance knows it.
    Next,
    /// Published: whoever encrypts from now on takes this one.
    Active,
    /// It still decrypts what was encrypted to it before, or by a copy of our keys.
    Retired,
    /// To be deleted.
    Over,
}

impl EncryptionStage {
    /// The word that is printed: those of the keys that sign.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired | Self::Over => "retired",
        }
    }
}

/// The stages of all keys of one algorithm, which were made then, oldest first. One is active, as long as there are any.
pub fn stages(made: &[Timestamp], now: Timestamp) -> Vec<EncryptionStage> {
    // The first of all has nobody to wait for: there never was a key before it.
    let published = |(place, at): (usize, &Timestamp)| if place == 0 { *at } else { at.after(KNOWN_AHEAD) };
    let published: Vec<_> = made.iter().enumerate().map(published).collect();
    let active = published.iter().rposition(|at| *at <= now).unwrap_or_default();
    let stage = |place: usize| match place.cmp(&active) {
        std::cmp::Ordering::Greater => EncryptionStage::Next,
        std::cmp::Ordering::Equal => EncryptionStage::Active,
        std::cmp::Ordering::Less => match published.get(place + 1) {
            Some(superseded) if now.since(*superseded) >= KEPT => EncryptionStage::Over,
            _ => EncryptionStage::Retired,
        },
    };
    (0..made.len()).map(stage).collect()
}

/// Whether another key of the algorithm is to be made: there is none, or the newest is as old as that.
pub fn is_due(newest: Option<Timestamp>, now: Timestamp, rotate_after: Duration) -> bool {
    newest.is_none_or(|made| now.since(made) >= rotate_after)
}

#[cfg(test)]
mod tests {
    use super::EncryptionStage::{Active, Next, Over, Retired};
    use super::*;

    const MADE: Timestamp = Timestamp::from_secs(1_000_000);
    const DAY: Duration = Duration::from_secs(86_400);
    const MICROSECOND: Duration = Duration::from_micros(1);

    #[test]
    fn the_first_key_is_published_at_once_and_each_after_it_when_every_instance_knows_it() {
        assert_eq!(stages(&[], MADE), []);
        assert_eq!(stages(&[MADE], MADE), [Active]);
        assert_eq!(stages(&[MADE], MADE.before(DAY)), [Active], "there is no other");
        let second = MADE.after(DAY);
        assert_eq!(stages(&[MADE, second], second), [Active, Next]);
        assert_eq!(stages(&[MADE, second], second.after(KNOWN_AHEAD).before(MICROSECOND)), [Active, Next]);
        assert_eq!(stages(&[MADE, second], second.after(KNOWN_AHEAD)), [Retired, Active]);
    }

    #[test]
    fn a_key_decrypts_for_a_day_after_another_took_its_place() {
        let (second, third) = (MADE.after(DAY), MADE.after(2 * DAY));
        let over = second.after(KNOWN_AHEAD).after(KEPT);
        assert_eq!(stages(&[MADE, second, third], over.before(MICROSECOND)), [Retired, Retired, Active]);
        assert_eq!(stages(&[MADE, second, third], over), [Over, Retired, Active]);
        // It is the same when the oldest is gone.
        assert_eq!(stages(&[second, third], over), [Retired, Active]);
        assert!(KEPT > JWKS_MAX_AGE);
    }

    #[test]
    fn a_key_from_the_future_waits_and_what_there_is_stays_active() {
        assert_eq!(stages(&[MADE, MADE.after(3_650 * DAY)], MADE.after(DAY)), [Active, Next]);
    }

    #[test]
    fn another_is_made_where_there_is_none_and_when_the_newest_has_grown_old() {
        assert!(is_due(None, MADE, DAY));
        assert!(!is_due(Some(MADE), MADE.after(DAY).before(MICROSECOND), DAY));
        assert!(is_due(Some(MADE), MADE.after(DAY), DAY));
        assert!(!is_due(Some(MADE), MADE.before(DAY), DAY), "a clock that was set back rotates nothing");
    }

    #[test]
    fn stages_have_the_words_of_the_keys_that_sign() {
        assert_eq!(
            [Next, Active, Retired, Over].map(EncryptionStage::as_str),
            ["next", "active", "retired", "retired"]
        );
    }
}
