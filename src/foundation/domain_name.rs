//! Names of hosts in the one form in which they are compared, stored and looked up: ASCII (UTS 46, RFC 5890 §2.3.2.1).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use url::Host;

/// The name of a host in ASCII and in small letters: labels of letters, digits and hyphens, each of at most 63 bytes, altogether at
/// most 253 (RFC 1035 §2.3.4). `None` for what is no such name, and for an address of the internet in any notation.
pub fn in_ascii(name: &str) -> Option<String> {
    let ascii = to_ascii(name)?;
    // A label that people would read as one in ASCII again (`xn--` once more behind it, UTS 46 §4.1) is not looked for by the library.
    let is_read_back = !ascii.contains("xn--") || to_ascii(&in_unicode(&ascii)).as_ref() == Some(&ascii);
    (is_read_back && matches!(Host::parse(&ascii), Ok(Host::Domain(same)) if same == ascii)).then_some(ascii)
}

fn to_ascii(name: &str) -> Option<String> {
    let hyphens = Hyphens::CheckFirstLast;
    let ascii = Uts46::new().to_ascii(name.as_bytes(), AsciiDenyList::STD3, hyphens, DnsLength::Verify).ok()?;
    Some(ascii.into_owned())
}

/// The same name as people read it. What has no such form stays in ASCII.
pub fn in_unicode(ascii: &str) -> String {
    let (unicode, sound) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    if sound.is_ok() { unicode.into_owned() } else { ascii.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_form_in_ascii_however_it_is_written() {
        for (written, wanted) in [
            ("example.com", "example.com"),
            ("Example.COM", "example.com"),
            ("b\u{fc}cher.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("B\u{dc}CHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("\u{ff45}xample\u{3002}com", "example.com"),
            ("stra\u{df}e.example", "xn--strae-oqa.example"),
            ("localhost", "localhost"),
            ("r3---a.example", "r3---a.example"),
        ] {
            assert_eq!(in_ascii(written).as_deref(), Some(wanted), "{written}");
        }
        assert_eq!(in_unicode("xn--bcher-kva.example"), "b\u{fc}cher.example");
        assert_eq!(in_unicode("example.com"), "example.com");
    }

    #[test]
    fn what_is_no_name_of_a_host_has_none() {
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "-a.example",
            "a-.example",
            "a_b.example",
            "ex%61mple.com",
            "a b.example",
            "127.0.0.1",
            "0x7f.1",
            "1.2.3",
            "[::1]",
            "xn--a.example",
            "xn--xn--bch-y26a.example",
            "xn--bcher-kva\u{fc}.example",
            "a\u{200d}b.example",
            "a@b.example",
            "a:25",
            &"a".repeat(64),
            &["a".repeat(63).as_str(); 4].join("."),
        ] {
            assert_eq!(in_ascii(bad), None, "{bad:?}");
        }
    }
}
