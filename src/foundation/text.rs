//! Characters that are hard to see and that nobody means to write in an address, a path or a secret: a carriage return,
//! a copied space, a byte order mark.

use std::fmt;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Such a character, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blemish {
    /// Counted from 1, in characters.
    place: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Character(char),
    DoubledSlash,
}

impl Blemish {
    /// The same blemish, so many characters further from the start.
    pub fn after(self, characters: usize) -> Self {
        Self { place: self.place + characters, ..self }
    }
}

/// The first blemish of a text that may not have white space, such as a secret or an address with its port.
pub fn in_secret(text: &str) -> Option<Blemish> {
    first(text, |found| found.is_whitespace() || is_hidden(found))
}

/// The first blemish of a URL: as [`in_secret`], and a doubled slash anywhere but behind the scheme.
pub fn in_address(text: &str) -> Option<Blemish> {
    in_secret(text).or_else(|| doubled_slash(text))
}

/// The first blemish of a path or of plain text: as [`in_secret`], but spaces may stand between other characters.
pub fn in_path(text: &str) -> Option<Blemish> {
    let begins = text.len() - text.trim_start_matches(' ').len();
    let ends = text.trim_end_matches(' ').len();
    let at_the_edge = |at: usize| at < begins || at >= ends;
    let found = text.char_indices().enumerate().find(|(_, (at, found))| match found {
        ' ' => at_the_edge(*at),
        other => other.is_whitespace() || is_hidden(*other),
    });
    found.map(|(index, (_, found))| Blemish { place: index + 1, what: What::Character(found) })
}

/// The first doubled slash after the one behind the scheme: it makes another address than was meant.
pub fn doubled_slash(text: &str) -> Option<Blemish> {
    let begin = text.find("://").map_or(0, |scheme| scheme + "://".len());
    let rest = text.get(begin..).unwrap_or_default();
    // A query may hold any value, slashes too.
    let path = rest.split('?').next().unwrap_or_default();
    let at = begin + path.find("//")? + 1;
    let place = text.get(..at).unwrap_or_default().chars().count() + 1;
    Some(Blemish { place, what: What::DoubledSlash })
}

fn first(text: &str, is_blemish: impl Fn(char) -> bool) -> Option<Blemish> {
    let found = text.chars().enumerate().find(|(_, found)| is_blemish(*found));
    found.map(|(index, found)| Blemish { place: index + 1, what: What::Character(found) })
}

fn is_hidden(found: char) -> bool {
    found.is_control() || is_invisible(found)
}

/// Characters that show nothing or reorder what is shown, so that two names look the same: Unicode's
/// `Default_Ignorable_Code_Point` (joiners, direction marks, variation selectors, Hangul fillers, tags, …; UAX #44),
/// and those in `BLANK`.
pub fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) || BLANK.contains(&c)
}

/// Blank characters outside that property: the empty Braille pattern, the anchors of interlinear annotations, and the
/// object replacement character.
const BLANK: [char; 5] = ['\u{2800}', '\u{fff9}', '\u{fffa}', '\u{fffb}', '\u{fffc}'];

/// `text` without characters that could forge a line, move a cursor or reorder what is shown, cut to `longest`
/// characters: for names that strangers choose.
pub fn plain(text: &str, longest: usize) -> String {
    // Nearly every text is, and each request has one.
    if text.len() <= longest && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let shown = |c: char| match c {
        ' '..='~' => c,
        c if is_hidden(c) || (c.is_whitespace() && c != ' ') => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    match text.char_indices().nth(longest) {
        None => text.chars().map(shown).collect(),
        Some(_) => text.chars().take(longest.saturating_sub(1)).map(shown).chain(['…']).collect(),
    }
}

/// As in "character 12 is a carriage return".
impl fmt::Display for Blemish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {} is ", self.place)?;
        match self.what {
            What::DoubledSlash => f.write_str("a doubled slash"),
            What::Character('\r') => f.write_str("a carriage return"),
            What::Character('\n') => f.write_str("a line feed"),
            What::Character('\t') => f.write_str("a tab"),
            What::Character(' ') => f.write_str("a space"),
            What::Character('\u{a0}') => f.write_str("a no-break space (U+00A0)"),
            What::Character('\u{feff}') => f.write_str("a byte order mark (U+FEFF)"),
            What::Character(other) => {
                let kind = match other {
                    other if other.is_control() => "a control character",
                    other if other.is_whitespace() => "white space",
                    _ => "an invisible character",
                };
                write!(f, "{kind} (U+{:04X})", u32::from(other))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(blemish: Option<Blemish>) -> String {
        blemish.map(|blemish| blemish.to_string()).unwrap_or_default()
    }

    #[test]
    fn each_blemish_is_named_with_its_place() {
        for (text, wanted) in [
            ("https://a.b\r", "character 12 is a carriage return"),
            (" https://a.b", "character 1 is a space"),
            ("https://a b", "character 10 is a space"),
            ("https://a.b\n", "character 12 is a line feed"),
            ("https://a.\tb", "character 11 is a tab"),
            ("https://a.b//", "character 13 is a doubled slash"),
            ("https://a.b/c//d", "character 15 is a doubled slash"),
            ("\u{feff}https://a.b", "character 1 is a byte order mark (U+FEFF)"),
            ("é\u{a0}", "character 2 is a no-break space (U+00A0)"),
            ("a\u{200b}", "character 2 is an invisible character (U+200B)"),
            ("a\u{0}", "character 2 is a control character (U+0000)"),
            ("a\u{85}", "character 2 is a control character (U+0085)"),
            ("a\u{3000}", "character 2 is white space (U+3000)"),
            ("", ""),
            ("https://a.b/c?d=e//f", ""),
            ("unix:///run/x", ""),
        ] {
            assert_eq!(said(in_address(text)), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_secret_may_have_two_slashes_in_a_row_and_a_path_spaces_between() {
        assert_eq!(in_secret("abc//def="), None);
        assert_eq!(said(in_secret("ab c")), "character 3 is a space");
        assert_eq!(in_path("/my data/x y"), None);
        assert_eq!(said(in_path("/x ")), "character 3 is a space");
        assert_eq!(said(in_path(" /x")), "character 1 is a space");
        assert_eq!(said(in_path("/a\tb")), "character 3 is a tab");
        assert_eq!(said(in_path("  ")), "character 1 is a space");
    }
}
