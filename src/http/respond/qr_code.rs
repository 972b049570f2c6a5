//! A QR code as a drawing within the page: no picture has to be loaded, and nothing leaves the page.

use qrcodegen::{QrCode, QrCodeEcc};

/// The drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrDrawing {
    /// Modules on each side, with the quiet zone round them.
    pub size: i32,
    /// The dark ones, as the `d` of a path.
    pub path: String,
}

/// Light modules round the code (ISO/IEC 18004 §6.3.8).
const QUIET: i32 = 4;

/// Draws `text`; `None` when there is too much of it.
pub fn draw(text: &str) -> Option<QrDrawing> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            match x - start {
                0 => x += 1,
                run => path.push_str(&format!("M{} {}h{run}v1h-{run}z", start + QUIET, y + QUIET)),
            }
        }
    }
    Some(QrDrawing { size: code.size() + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once_within_the_quiet_zone() {
        let text = "otpauth://totp/id.example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=id.example";
        let drawing = draw(text).unwrap();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        assert_eq!(drawing.size, code.size() + 8);
        let mut drawn = std::collections::BTreeSet::new();
        for run in drawing.path.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            let length: i32 = rest.split_once('v').unwrap().0.parse().unwrap();
            for step in 0..length {
                assert!(drawn.insert((x + step - 4, y - 4)), "once");
            }
        }
        for y in 0..code.size() {
            for x in 0..code.size() {
                assert_eq!(drawn.contains(&(x, y)), code.get_module(x, y), "{x} {y}");
            }
        }
        assert!(drawing.path.bytes().all(|byte| b"Mhvz- 0123456789".contains(&byte)), "nothing to escape");
    }

    #[test]
    fn what_does_not_fit_is_not_drawn() {
        assert_eq!(draw(&"x".repeat(10_000)), None);
    }
}
