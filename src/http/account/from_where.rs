//! From where something was done, in words.

use crate::app::App;
use crate::http::respond::layout::Layout;
use crate::language::{Sentence, sentence};
use crate::services::operation::places;

/// "from 192.0.2.1", with city and country where they are known.
pub fn of(app: &App, layout: &Layout, address: Option<String>) -> Option<Sentence> {
    let place = places::of(app, address.as_deref(), layout.language());
    let address = address?;
    Some(match place {
        Some(place) => sentence!("session-from-place", address = address, place = place),
        None => sentence!("session-from", address = address),
    })
}
