//! Colours, and how well one is read on another.

use std::fmt;

/// The least contrast of text (WCAG 2.2, 1.4.3).
pub const TEXT: f64 = 4.5;
/// The least contrast of the border of a field (WCAG 2.2, 1.4.11).
const BORDER: f64 = 3.0;

/// A colour of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// The four colours of a page that an operator chooses. All others are made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Of links and of the button that is to be pressed.
    pub accent: Colour,
    /// Behind everything.
    pub background: Colour,
    /// Behind what is read.
    pub card: Colour,
    /// Of text.
    pub text: Colour,
}

impl Colour {
    const BLACK: Self = Self([0; 3]);
    const WHITE: Self = Self([0xff; 3]);

    /// Of its three parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#0b6352`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| digits.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok());
        let sound = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        sound.then_some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// How well it is read on `other`, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// With so many hundredths of `other` in it.
    pub fn mixed(self, other: Self, percent: u16) -> Self {
        let share = percent.min(100);
        let mix = |one: u8, two: u8| u8::try_from((u16::from(one) * (100 - share) + u16::from(two) * share) / 100);
        let [red, green, blue] = self.0;
        let [other_red, other_green, other_blue] = other.0;
        let part = |one, two| mix(one, two).unwrap_or(one);
        Self([part(red, other_red), part(green, other_green), part(blue, other_blue)])
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            part if part <= 0.04045 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Scheme {
    /// Ours by day, as in static/tokens.css.
    pub const LIGHT: Self = Self {
        accent: Colour::new(0x0b, 0x63, 0x52),
        background: Colour::new(0xf6, 0xf5, 0xf1),
        card: Colour::WHITE,
        text: Colour::new(0x1a, 0x21, 0x1f),
    };
    /// Ours in the dark.
    pub const DARK: Self = Self {
        accent: Colour::new(0x6f, 0xd0, 0xb6),
        background: Colour::new(0x0f, 0x14, 0x13),
        card: Colour::new(0x17, 0x1d, 0x1b),
        text: Colour::new(0xe9, 0xee, 0xeb),
    };

    /// Two colours that cannot be read on each other, with their contrast: the name of the one and of what is behind it.
    pub fn unreadable(&self) -> Option<(&'static str, &'static str, f64)> {
        let Self { accent, background, card, text } = *self;
        let pairs = [
            ("text", "background", text, background),
            ("text", "card", text, card),
            ("accent", "background", accent, background),
            ("accent", "card", accent, card),
        ];
        let measured = pairs.map(|(name, behind, colour, on)| (name, behind, colour.contrast(on)));
        measured.into_iter().find(|(_, _, contrast)| *contrast < TEXT)
    }

    /// Text on the accent: white or black is read on every colour.
    pub fn on_accent(&self) -> Colour {
        let (white, black) = (self.accent.contrast(Colour::WHITE), self.accent.contrast(Colour::BLACK));
        if white >= black { Colour::WHITE } else { Colour::BLACK }
    }

    /// The accent while it is pointed at.
    pub fn accent_strong(&self) -> Colour {
        let (strong, on) = (self.accent.mixed(self.text, 20), self.on_accent());
        if strong.contrast(on) >= TEXT && strong.contrast(self.card) >= TEXT { strong } else { self.accent }
    }

    /// Behind what is marked; text and the accent are read on it.
    pub fn accent_soft(&self) -> Colour {
        self.as_far(self.card, self.accent, 12, |soft| {
            self.text.contrast(soft) >= TEXT && self.accent.contrast(soft) >= TEXT
        })
    }

    /// Behind code.
    pub fn sunk(&self) -> Colour {
        self.as_far(self.card, self.text, 6, |sunk| self.text.contrast(sunk) >= TEXT)
    }

    /// Of text that says less.
    pub fn muted(&self) -> Colour {
        let (card, background, sunk) = (self.card, self.background, self.sunk());
        self.as_far(self.text, card, 35, |muted| [card, background, sunk].iter().all(|on| muted.contrast(*on) >= TEXT))
    }

    /// Of lines between things.
    pub fn line(&self) -> Colour {
        self.card.mixed(self.text, 14)
    }

    /// Of the border of a field.
    pub fn field_line(&self) -> Colour {
        self.as_far(self.text, self.card, 55, |line| line.contrast(self.card) >= BORDER)
    }

    /// `from` with as much of `to` as can be, up to `most` hundredths.
    fn as_far(&self, from: Colour, to: Colour, most: u16, is_read: impl Fn(Colour) -> bool) -> Colour {
        (0..=most).rev().map(|percent| from.mixed(to, percent)).find(|colour| is_read(*colour)).unwrap_or(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn a_colour_is_written_in_one_way() {
        assert_eq!(colour("#0b6352").to_string(), "#0b6352");
        assert_eq!(colour("#ABCDEF").to_string(), "#abcdef");
        for wrong in ["", "#", "0b6352", "#0b635", "#0b63521", "#0b635g", "#+b6352", "#ää1", "red", "#fff;}"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let about = |one: &str, two: &str| (colour(one).contrast(colour(two)) * 100.0).round() / 100.0;
        assert_eq!(about("#000000", "#ffffff"), 21.0);
        assert_eq!(about("#ffffff", "#ffffff"), 1.0);
        assert_eq!(about("#777777", "#ffffff"), 4.48);
        assert_eq!(about("#767676", "#ffffff"), 4.54);
        assert_eq!(about("#0000ff", "#ffffff"), 8.59);
        assert_eq!(about("#ffff00", "#ffffff"), 1.07);
    }

    #[test]
    fn whatever_is_made_of_colours_that_are_read_is_read_too() {
        let mut tried = 0;
        for step in 0..4_096_u32 {
            let at = |shift: u32| u8::try_from((step >> shift & 0xf) * 17).unwrap();
            let accent = Colour::new(at(0), at(4), at(8));
            for (background, card, text) in [
                ("#ffffff", "#fafafa", "#222222"),
                ("#101010", "#1b1b1b", "#eeeeee"),
                ("#fff8e7", "#fffdf5", "#3b2f1e"),
            ] {
                let scheme = Scheme { accent, background: colour(background), card: colour(card), text: colour(text) };
                if scheme.unreadable().is_some() {
                    continue;
                }
                tried += 1;
                for (one, on) in [
                    (scheme.on_accent(), scheme.accent),
                    (scheme.on_accent(), scheme.accent_strong()),
                    (scheme.accent_strong(), scheme.card),
                    (scheme.accent, scheme.accent_soft()),
                    (scheme.text, scheme.accent_soft()),
                    (scheme.muted(), scheme.card),
                    (scheme.muted(), scheme.background),
                    (scheme.muted(), scheme.sunk()),
                ] {
                    assert!(one.contrast(on) >= TEXT, "{one} on {on} in {scheme:?}");
                }
                assert!(scheme.field_line().contrast(scheme.card) >= BORDER, "{scheme:?}");
            }
        }
        assert!(tried > 1_000, "{tried}");
    }
}
