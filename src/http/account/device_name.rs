//! What a browser is, in words by which its owner knows it.

use crate::domain::sign_in::device_name::DeviceName;
use crate::language::{Sentence, sentence};

/// "Firefox on Linux"; what a browser calls itself is anything that it likes, so this only helps to tell one's own apart.
pub fn of(user_agent: Option<&str>) -> Sentence {
    let DeviceName { browser, system } = DeviceName::of(user_agent);
    match (browser, system) {
        (Some(browser), Some(system)) => sentence!("device-browser-on", browser = browser, system = system),
        (Some(browser), None) => sentence!("device-browser", browser = browser),
        (None, Some(system)) => sentence!("device-on", system = system),
        (None, None) => sentence!("device-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_browser_is_named_with_its_system_and_whatever_else_is_unknown() {
        let table = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome on Windows 10",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("", "An unknown browser"),
            ("<script>alert(1)</script>", "An unknown browser"),
        ];
        for (sent, name) in table {
            assert_eq!(Language::ENGLISH.say(&of(Some(sent))), name, "{sent}");
        }
        assert_eq!(of(None), sentence!("device-unknown"));
    }
}
