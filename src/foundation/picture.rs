//! A picture that an operator gives, as far as it may be shown on pages where people type passwords.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A picture that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its media type.
    pub media_type: &'static str,
    /// What its name ends with.
    pub extension: &'static str,
    /// Itself.
    pub bytes: Vec<u8>,
}

/// The largest, in bytes: it is loaded with the first page that somebody sees.
const LARGEST: u64 = 256 * 1024;
/// What a PNG begins with (PNG, third edition, §5.2).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What makes of an SVG more than a drawing. Browsers do none of it in an `<img>`, and the file is sent with a policy that
/// forbids it when it is opened by itself: whoever put it there is told all the same.
const MORE_THAN_A_DRAWING: [&str; 9] = [
    "<script",
    "javascript:",
    "<foreignobject",
    "<!entity",
    "<!doctype",
    "@import",
    "<iframe",
    "data:text",
    "<?xml-stylesheet",
];

/// Reads a picture.
///
/// # Errors
/// Says what is wrong with it.
pub fn read(path: &Path) -> Result<Picture, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(format!("is larger than {} KiB", LARGEST / 1024));
    }
    looked_at(bytes)
}

fn looked_at(bytes: Vec<u8>) -> Result<Picture, String> {
    if bytes.starts_with(PNG) {
        return Ok(Picture { media_type: "image/png", extension: "png", bytes });
    }
    let Ok(text) = std::str::from_utf8(&bytes) else { return Err(NEITHER.to_owned()) };
    let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if !(text.starts_with("<svg") || text.starts_with("<?xml") || text.starts_with("<!--")) || !text.contains("<svg") {
        return Err(NEITHER.to_owned());
    }
    if let Some(more) = MORE_THAN_A_DRAWING.into_iter().find(|more| text.contains(more)) {
        return Err(format!("has {more:?} in it, which no drawing needs"));
    }
    if let Some(handler) = handler(&text) {
        return Err(format!("has {handler:?} in it, which no drawing needs"));
    }
    let loads = ["href=\"http", "href='http", "href=\"//", "href='//", "url(http", "url(\"http", "url('http", "url(//"];
    match loads.into_iter().find(|foreign| text.contains(foreign)) {
        Some(foreign) => Err(format!("loads something from elsewhere ({foreign})")),
        None => Ok(Picture { media_type: "image/svg+xml", extension: "svg", bytes }),
    }
}

const NEITHER: &str = "is neither an SVG nor a PNG";

/// An attribute that runs something: `onload=`.
fn handler(text: &str) -> Option<&str> {
    let words = text.split(|character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '/'));
    words.filter_map(|word| word.split_once('=').map(|(name, _)| name)).find(|name| {
        name.strip_prefix("on")
            .is_some_and(|event| !event.is_empty() && event.bytes().all(|byte| byte.is_ascii_lowercase()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_taken_and_whatever_is_more_is_not() {
        let of = |text: &str| looked_at(text.as_bytes().to_vec());
        let plain =
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path fill="url(#a)" d="M0 0"/></svg>"##;
        assert_eq!(of(plain).unwrap().media_type, "image/svg+xml");
        assert!(of(&format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- by hand -->{plain}")).is_ok());
        for inside in [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<g onload=\"x\"/>",
            "<g\nONCLICK='x'/>",
            "<a href=\"javascript:x\"/>",
            "<foreignObject/>",
            "<image href=\"https://evil.example/x.png\"/>",
            "<image href='//evil.example/x.png'/>",
            "<style>@import url(x)</style>",
            "<style>a{fill:url(https://evil.example)}</style>",
        ] {
            assert!(of(&plain.replace("<path", &format!("{inside}<path"))).is_err(), "{inside}");
        }
        for other in
            ["", "<html></html>", "GIF89a", "<!DOCTYPE svg [<!ENTITY x \"y\">]><svg/>", "<?xml version=\"1.0\"?><x/>"]
        {
            assert!(of(other).is_err(), "{other}");
        }
        assert!(looked_at([PNG, &[0xff; 9]].concat()).is_ok() && looked_at(vec![0xff, 0xd8]).is_err());
    }
}
