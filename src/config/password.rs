//! `[password]`: what a new password must be like.

use url::Url;

use super::reader::Reader;
use crate::foundation::text;

/// What a new password must be like.
#[derive(Clone, Debug)]
pub struct Password {
    /// Fewest characters (Unicode code points): 8 to 64, since 64 must always be accepted (NIST SP 800-63B-4 §3.1.1.2).
    pub min_length: u32,
    /// The least strength, from 0 to 4.
    pub min_strength: u32,
    /// Where lists of stolen passwords are asked for, by the first five digits of a hash.
    pub breach_check_url: Option<String>,
    /// Found so often in them, a password is refused.
    pub breach_count: u32,
}

impl Password {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let min_length = from.within("password.min_length", 8..=64);
        let min_strength = from.within("password.min_strength", 0..=4);
        let breach_check_url: Option<Option<String>> = from.optional("password.breach_check_url");
        let breach_count = from.within("password.breach_count", 1..=1_000_000_000);
        if let Some(problem) = breach_check_url.iter().flatten().find_map(|url| problem_of(url)) {
            from.refuse("password.breach_check_url", problem);
            return None;
        }
        Some(Self {
            min_length: min_length?,
            min_strength: min_strength?,
            breach_check_url: breach_check_url?,
            breach_count: breach_count?,
        })
    }
}

/// Why nothing can be appended to `text` to make the URL of a list. Whether the server may call it is `outbound.allow`'s.
fn problem_of(text: &str) -> Option<String> {
    if let Some(blemish) = text::in_address(text) {
        return Some(blemish.to_string());
    }
    let sound = Url::parse(text).is_ok_and(|url| {
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        matches!(url.scheme(), "https" | "http") && plain && url.password().is_none() && text.ends_with('/')
    });
    (!sound).then(|| {
        "expected an http or https URL that ends with a slash, such as \"https://breaches.example.com/range/\""
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const KEY: &str = "8ChfKqZ1rUoKcM1XzGv1Wv0yqzR2sW6zNf4pE0uT3bI=";

    fn load(name: &str, value: &str) -> Result<super::Password, String> {
        let minimal = [("LATCHKEY_ISSUER", "https://id.example.com"), ("LATCHKEY_SECRETS__MASTER_KEY", KEY)];
        let env = minimal.into_iter().chain([(name, value)]).map(|(name, value)| (name.to_owned(), value.to_owned()));
        Config::load(None, env).map(|config| config.password).map_err(|error| error.to_string())
    }

    #[test]
    fn the_breach_check_has_a_url_to_append_to_and_is_off_without_one() {
        const URL: &str = "LATCHKEY_PASSWORD__BREACH_CHECK_URL";
        assert_eq!(load("LATCHKEY_PASSWORD__MIN_LENGTH", "15").unwrap().breach_check_url, None);
        let url = "https://breaches.example.com/range/";
        assert_eq!(load(URL, url).unwrap().breach_check_url.as_deref(), Some(url));
        for wrong in
            ["https://breaches.example.com/range", "https://a.example/range/?x=/", "ftp://a.example/", "a.example/"]
        {
            let said = load(URL, wrong).unwrap_err();
            assert!(said.contains("an http or https URL that ends with a slash"), "{wrong}: {said}");
        }
        assert!(load(URL, "https://u:p@a.example/").is_err());
        assert!(load(URL, "https://a.example/range/\r").unwrap_err().contains("a carriage return"));
    }

    #[test]
    fn strength_is_from_0_to_4() {
        const STRENGTH: &str = "LATCHKEY_PASSWORD__MIN_STRENGTH";
        assert_eq!(load(STRENGTH, "4").unwrap().min_strength, 4);
        assert!(load(STRENGTH, "5").unwrap_err().contains("LATCHKEY_PASSWORD__MIN_STRENGTH"));
    }
}
