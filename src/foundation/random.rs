//! The only source of randomness.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::Rng;
use sha2::{Digest, Sha256};

/// The only source of randomness.
#[derive(Clone, Debug)]
pub enum Random {
    /// A cryptographic generator (ChaCha) in each thread, which the operating system seeds and reseeds: a system call
    /// for each token would double the cost of making its id. Two machines resumed from one snapshot make the same
    /// secrets for a while, so never serve from both.
    System,
    /// A predictable sequence, for tests that compare whole answers.
    Seeded(Arc<AtomicU64>),
}

impl Random {
    /// A predictable sequence that starts at `seed`. Never for anything that must be secret.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(AtomicU64::new(seed)))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done without it.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills `bytes` with random bytes; see [`Random::bytes`].
    pub fn fill(&self, bytes: &mut [u8]) {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
            Self::System => rand::rng().fill_bytes(bytes),
            Self::Seeded(state) => {
                for chunk in bytes.chunks_mut(32) {
                    let step = state.fetch_add(1, Ordering::SeqCst);
                    let block = Sha256::digest(step.to_be_bytes());
                    for (to, from) in chunk.iter_mut().zip(block) {
                        *to = from;
                    }
                }
            }
        }
    }

    /// A random string of `length` characters that are easily read aloud: digits and lower-case letters without
    /// i, l, o and u (Crockford's base 32).
    pub fn readable(&self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31))).map(|byte| char::from(*byte)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence_and_never_a_value() {
        let (a, b) = (Random::seeded(7), Random::seeded(7));
        let first: [u8; 48] = a.bytes();
        assert_eq!(first, b.bytes());
        assert_ne!(first, a.bytes());
    }

    #[test]
    fn readable_text_has_the_length_asked_for_and_no_confusable_letter() {
        let text = Random::System.readable(64);
        assert_eq!(text.len(), 64);
        assert!(!text.contains(['i', 'l', 'o', 'u']));
    }
}
