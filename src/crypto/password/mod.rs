//! Password hashing: argon2id (RFC 9106). Each hash is 10 ms of a core and 19 MiB of memory, so whoever calls this
//! limits how many run at once (`runtime::password_pool`). Hashes that other systems made are compared too, until their
//! owners' next sign-in.

mod argon2;
mod bcrypt;
mod encoding;
mod error;
mod imported;
mod keycloak;
mod large;
mod pbkdf2;
mod scrypt;

use std::fmt;
use std::sync::LazyLock;

use ::argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use self::argon2::{LANES, MEMORY_KIB, OUTPUT, PASSES, Stored, ours};
pub use self::error::{HashRefused, MAX_PASSWORD, PasswordError};
pub use self::imported::ImportedHash;
use self::imported::Scheme;
use self::large::alone;
use crate::foundation::SecretString;

/// The outcome of comparing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whether it is the right one.
    pub matches: bool,
    /// Whether the stored hash was made otherwise than ours are now, so that a right password should be hashed anew.
    /// False unless `matches`.
    pub needs_rehash: bool,
}

/// The memory that one hash works in. It is allocated at the first use and then kept: mapping it anew for each hash
/// costs as much as the hash. Dropping it gives the memory back to the system at once.
#[derive(Default)]
pub struct WorkArea {
    blocks: Vec<Block>,
    computed: u64,
}

/// Above the greatest size for which glibc ever uses its heap (DEFAULT_MMAP_THRESHOLD_MAX, 32 MiB): a larger piece is
/// always a mapping of its own, and gone when it is freed. One of 19 MiB would come from the heap from the second time
/// on, and stay there whenever something behind it is still in use.
const OWN_MAPPING: usize = 33 * 1024 * 1024;

/// So many blocks, in a mapping of their own. What lies behind them is never touched: it takes addresses, not memory.
fn blocks(number: usize) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(number.max(OWN_MAPPING / Block::SIZE));
    blocks.resize(number, Block::new());
    blocks
}

impl WorkArea {
    /// Hashes a new password, to be stored as a PHC string.
    ///
    /// # Errors
    /// When the password is empty or too long.
    pub fn hash(&mut self, password: &SecretString, salt: [u8; 16]) -> Result<String, PasswordError> {
        if password.expose().is_empty() {
            return Err(PasswordError::Empty);
        }
        let password = prepare(password).ok_or(PasswordError::TooLong)?;
        let mut output = Zeroizing::new([0; OUTPUT]);
        self.compute(Algorithm::Argon2id, Version::V0x13, ours()?, &password, &salt, &mut *output)?;
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        let stored = Stored { algorithm, version, params: ours()?, salt: salt.to_vec(), output: output.to_vec() };
        stored.to_phc()
    }

    /// Compares a password with a stored hash. `None` is a user whom we do not know: the same work is done and the
    /// answer is no, so that the time does not tell who has an account. Likewise for an empty or too long password. A hash
    /// that another system made costs what it costs there, until it is renewed.
    ///
    /// # Errors
    /// [`PasswordError::Stored`] when the stored text is not a hash that we compute.
    pub fn verify(&mut self, password: &SecretString, stored: Option<&str>) -> Result<Verified, PasswordError> {
        let known = stored.is_some();
        let stored = match Scheme::parse(stored.unwrap_or(&DECOY)).map_err(|_| PasswordError::Stored)? {
            Scheme::Argon2(stored) => stored,
            other => return self.verify_imported(password, &other),
        };
        let prepared = prepare(password);
        let possible = prepared.as_ref().is_some_and(|text| !text.is_empty());

        let mut output = Zeroizing::new(vec![0; stored.output.len()]);
        let password = prepared.unwrap_or_default();
        self.compute(stored.algorithm, stored.version, stored.params.clone(), &password, &stored.salt, &mut output)?;
        let equal: bool = output.as_slice().ct_eq(&stored.output).into();
        let matches = equal && known && possible;
        Ok(Verified { matches, needs_rehash: matches && !stored.is_ours() })
    }

    /// The other system hashed what was typed, byte for byte.
    fn verify_imported(&mut self, password: &SecretString, stored: &Scheme) -> Result<Verified, PasswordError> {
        self.computed = self.computed.wrapping_add(1);
        let typed = Some(password.expose()).filter(|text| !text.is_empty() && text.len() <= MAX_PASSWORD);
        let equal = stored.matches(typed.unwrap_or("-").as_bytes())?;
        let matches = equal && typed.is_some();
        Ok(Verified { matches, needs_rehash: matches })
    }

    fn compute(
        &mut self,
        algorithm: Algorithm,
        version: Version,
        params: Params,
        password: &str,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), PasswordError> {
        let ours = ours()?.block_count();
        let needed = params.block_count();
        let (_alone, mut larger);
        let area = if needed <= ours {
            if self.blocks.is_empty() {
                self.blocks = blocks(ours);
            }
            &mut self.blocks
        } else {
            // Only until this user's next password: not worth keeping.
            _alone = alone();
            larger = blocks(needed);
            &mut larger
        };
        self.computed = self.computed.wrapping_add(1);
        let argon2 = Argon2::new(algorithm, version, params);
        argon2
            .hash_password_into_with_memory(password.as_bytes(), salt, output, area)
            .map_err(|_| PasswordError::Failed)
    }

    /// How many hashes it has computed, whatever came of them.
    pub fn computed(&self) -> u64 {
        self.computed
    }
}

impl fmt::Debug for WorkArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorkArea({} KiB)", self.blocks.len())
    }
}

/// A well-formed hash with our parameters that belongs to nobody.
static DECOY: LazyLock<String> = LazyLock::new(|| {
    let zeros = |characters: usize| "A".repeat(characters);
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", zeros(22), zeros(43))
});

/// A password in the one form in which it is hashed, or `None` when it is too long. As RFC 8265 §4.2.2 (OpaqueString):
/// other spaces become U+0020, then NFC, so that the same keys on another keyboard give the same password. Nothing is
/// trimmed, cut off or folded.
pub fn prepare(password: &SecretString) -> Option<Zeroizing<String>> {
    let text = password.expose();
    if text.len() > MAX_PASSWORD {
        return None;
    }
    let spaces = text.chars().map(|c| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        other => other,
    });
    // NFC makes no text more than three times as long in UTF-8: no reallocation leaves a copy behind.
    let mut prepared = Zeroizing::new(String::with_capacity(text.len() * 3));
    prepared.extend(spaces.nfc());
    Some(prepared)
}

#[cfg(test)]
mod tests {
    use super::*;

    // What another system's hashes look like, and that they match, is in imported.rs.

    fn secret(text: &str) -> SecretString {
        SecretString::new(text.to_owned())
    }

    fn hash(text: &str) -> String {
        WorkArea::default().hash(&secret(text), [7; 16]).unwrap()
    }

    fn matches(text: &str, stored: &str) -> bool {
        WorkArea::default().verify(&secret(text), Some(stored)).unwrap().matches
    }

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let mut area = WorkArea::default();
        let stored = area.hash(&secret("hunter2"), [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$"), "{stored}");
        assert_eq!(area.verify(&secret("hunter2"), Some(&stored)), Ok(Verified { matches: true, needs_rehash: false }));
        for wrong in ["hunter3", "Hunter2", "hunter2 ", " hunter2", "hunter2\0", "hunter"] {
            assert_eq!(
                area.verify(&secret(wrong), Some(&stored)),
                Ok(Verified { matches: false, needs_rehash: false })
            );
        }
        assert_ne!(stored, area.hash(&secret("hunter2"), [8; 16]).unwrap());
    }

    #[test]
    fn hashes_of_the_reference_implementation_match_and_are_to_be_renewed() {
        // From the test vectors of phc-winner-argon2 and of RFC 9106's reference code: password "password", salt "somesalt".
        for stored in [
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
            "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        ] {
            let mut area = WorkArea::default();
            assert_eq!(
                area.verify(&secret("password"), Some(stored)),
                Ok(Verified { matches: true, needs_rehash: true }),
                "{stored}"
            );
            assert_eq!(
                area.verify(&secret("passwort"), Some(stored)),
                Ok(Verified { matches: false, needs_rehash: false })
            );
        }
    }

    #[test]
    fn an_unknown_user_has_no_password_and_costs_the_same_memory() {
        let mut area = WorkArea::default();
        assert_eq!(area.verify(&secret("hunter2"), None), Ok(Verified { matches: false, needs_rehash: false }));
        assert_eq!(format!("{area:?}"), "WorkArea(19456 KiB)");
        assert!(Stored::parse(&DECOY).unwrap().is_ours());
    }

    /// glibc takes a piece of 19 MiB from its heap, and keeps it, as soon as one like it has been freed.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_dropped_area_gives_its_memory_back_to_the_system_also_the_second_time() {
        let resident_kib = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
            line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
        };
        let before = resident_kib();
        for _ in 0..3 {
            let mut area = WorkArea::default();
            area.hash(&secret("hunter2"), [7; 16]).unwrap();
            assert!(resident_kib() > before + 19_000, "the area is resident while it is used");
            drop(area);
            assert!(resident_kib() < before + 10_000, "the area is gone");
        }
    }

    #[test]
    fn an_empty_or_overlong_password_cannot_be_set_and_never_matches_but_costs_the_same() {
        let long = "x".repeat(MAX_PASSWORD + 1);
        let mut area = WorkArea::default();
        assert_eq!(area.hash(&secret(""), [7; 16]), Err(PasswordError::Empty));
        assert_eq!(area.hash(&secret(&long), [7; 16]), Err(PasswordError::TooLong));
        assert_eq!(format!("{area:?}"), "WorkArea(0 KiB)");

        // A hash of the empty password, such as an import could bring.
        let mut output = [0; OUTPUT];
        area.compute(Algorithm::Argon2id, Version::V0x13, ours().unwrap(), "", &[7; 16], &mut output).unwrap();
        let end = hash("x").rsplit_once('$').unwrap().0.to_owned();
        use base64::Engine;
        let empty = format!("{end}${}", base64::engine::general_purpose::STANDARD_NO_PAD.encode(output));
        for text in ["", &long] {
            let mut area = WorkArea::default();
            assert!(!area.verify(&secret(text), Some(&empty)).unwrap().matches);
            assert_eq!(format!("{area:?}"), "WorkArea(19456 KiB)");
        }
    }

    #[test]
    fn the_whole_password_counts_to_its_last_byte() {
        let text = "x".repeat(MAX_PASSWORD - 1);
        let stored = hash(&format!("{text}y"));
        assert!(matches(&format!("{text}y"), &stored));
        assert!(!matches(&format!("{text}z"), &stored));
        assert!(!matches("a", &hash("a\0b")));
    }

    #[test]
    fn the_same_text_typed_on_another_keyboard_is_the_same_password() {
        let stored = hash("pa\u{df}wo\u{308}rt\u{a0}\u{212b}");
        assert!(matches("pa\u{df}w\u{f6}rt \u{c5}", &stored));
        assert!(!matches("passw\u{f6}rt \u{c5}", &stored), "no folding");
        assert!(!matches("pa\u{df}w\u{f6}rt \u{c5} ", &stored), "no trimming");
    }

    #[test]
    fn stored_hashes_that_are_broken_or_cost_too_much_are_errors_and_not_mismatches() {
        let good = hash("hunter2");
        let with = |from: &str, to: &str| good.replace(from, to);
        for stored in [
            String::new(),
            "hunter2".to_owned(),
            "$2b$15$abcdefghijklmnopqrstuuO8r0Yl1T9H7qv3JtC1vQyW1rS0bC9a6".to_owned(),
            with("m=19456", "m=102401"),
            with("m=19456", "m=4294967295"),
            with("t=2", "t=22"),
            with("t=2", "t=4294967295"),
            with("t=2", "t=0"),
            with("p=1", "p=9"),
            with("v=19", "v=20"),
            with("argon2id", "argon2x"),
            good.rsplit_once('$').unwrap().0.to_owned(),
            format!("{}$AAAAAAAAAAAAAA", good.rsplit_once('$').unwrap().0),
        ] {
            assert_eq!(
                WorkArea::default().verify(&secret("hunter2"), Some(&stored)),
                Err(PasswordError::Stored),
                "{stored}"
            );
        }
    }
}
