//! One-time codes (RFC 6238), as authenticator apps make them: SHA-1, because they know nothing else. The only file that
//! names totp-rs.

use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::CryptoError;
use crate::foundation::{Random, SecretString};

/// Bytes of a shared secret (RFC 4226 §4, R6).
pub const SECRET: usize = 20;

/// A secret that an app and we share.
pub struct TotpSecret(Zeroizing<[u8; SECRET]>);

impl TotpSecret {
    /// A new one.
    pub fn generate(random: &Random) -> Self {
        Self(Zeroizing::new(random.bytes()))
    }

    /// From its bytes.
    ///
    /// # Errors
    /// When there are not as many as it has.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        let bytes = bytes.try_into().map_err(|_| CryptoError::Key("a TOTP secret has 20 bytes"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// From the text that apps are given.
    ///
    /// # Errors
    /// When it is no base 32, or not of the right length.
    pub fn from_text(text: &SecretString) -> Result<Self, CryptoError> {
        let secret =
            Secret::try_from_base32(text.expose()).map_err(|_| CryptoError::Key("a TOTP secret is base 32"))?;
        Self::from_bytes(secret.as_bytes())
    }

    /// Its bytes, to be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    /// As it is typed into an app that has no camera: 32 characters of base 32 (RFC 4648 §6).
    ///
    /// # Errors
    /// None in practice.
    pub fn text(&self) -> Result<SecretString, CryptoError> {
        Ok(SecretString::new(self.totp(None)?.secret().to_base32()))
    }

    /// The address that apps read from a QR code: `otpauth://totp/ISSUER:ACCOUNT?secret=…`.
    ///
    /// # Errors
    /// None in practice.
    pub fn uri(&self, issuer: &str, account: &str) -> Result<SecretString, CryptoError> {
        let totp = self.totp(Some((issuer, account)))?;
        totp.to_url().map(SecretString::new).map_err(|_| CryptoError::Internal("a TOTP address could not be made"))
    }

    /// The step that `code` is of, if that is the one of `seconds` since 1970, or one of its two neighbours.
    ///
    /// # Errors
    /// None in practice.
    pub fn step_of(&self, code: &str, seconds: i64) -> Result<Option<i64>, CryptoError> {
        let seconds = u64::try_from(seconds).map_err(|_| CryptoError::Internal("the clock is before 1970"))?;
        let step = self.totp(None)?.check(code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// The code of `seconds` since 1970, as an app shows it.
    ///
    /// # Errors
    /// None in practice.
    pub fn code_at(&self, seconds: i64) -> Result<String, CryptoError> {
        let seconds = u64::try_from(seconds).map_err(|_| CryptoError::Internal("the clock is before 1970"))?;
        Ok(self.totp(None)?.generate(seconds).to_string())
    }

    /// Six digits, thirty seconds, one step of skew: what the library takes unless it is told otherwise is not relied on.
    fn totp(&self, label: Option<(&str, &str)>) -> Result<Totp, CryptoError> {
        // A colon ends the issuer in the address.
        let plain = |text: &str| text.replace(':', " ");
        let builder = Builder::new()
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(1)
            .with_secret(Secret::new_stack(*self.0))
            .with_issuer(label.map(|(issuer, _)| plain(issuer)))
            .with_account_name(label.map_or_else(String::new, |(_, account)| plain(account)));
        builder.build().map_err(|_| CryptoError::Internal("a TOTP secret was refused"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of its examples for SHA-1.
    fn example() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The last six of the eight digits that it prints.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(example().code_at(seconds).unwrap(), code, "{seconds}");
            assert_eq!(example().step_of(code, seconds).unwrap(), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_tells_its_own() {
        let (start, step) = (2_000_000_010, 2_000_000_010 / 30);
        let code = example().code_at(start).unwrap();
        for (seconds, expected) in
            [(-31, None), (-30, Some(step)), (-1, Some(step)), (0, Some(step)), (59, Some(step)), (60, None)]
        {
            assert_eq!(example().step_of(&code, start + seconds).unwrap(), expected, "{seconds}");
        }
    }

    #[test]
    fn an_app_is_told_what_it_needs() {
        assert_eq!(example().text().unwrap().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = example().uri("id.example:8443", "alice@example.com & co").unwrap();
        assert_eq!(
            uri.expose(),
            "otpauth://totp/id.example%208443:alice%40example.com%20%26%20co\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=id.example%208443"
        );
    }

    #[test]
    fn secrets_differ_and_have_their_length() {
        let random = Random::seeded(1);
        assert_ne!(TotpSecret::generate(&random).as_bytes(), TotpSecret::generate(&random).as_bytes());
        assert!(TotpSecret::from_bytes(&[1; 19]).is_err());
    }

    #[test]
    fn the_text_reads_back() {
        let read = |text: &str| TotpSecret::from_text(&SecretString::new(text.into()));
        assert_eq!(read(example().text().unwrap().expose()).unwrap().as_bytes(), example().as_bytes());
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
