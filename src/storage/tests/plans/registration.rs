//! The storage functions of applications that register themselves.

use super::super::NOW;
use super::super::rows::{app, later, registered};
use super::recorder::Recorder;
use crate::domain::oauth::client::initial_access_token::InitialAccessToken;
use crate::foundation::id::InitialTokenId;
use crate::foundation::{Random, SecretHash};
use crate::storage::oauth::client_registration::Room;
use crate::storage::oauth::{client_registration, initial_access_token};
use crate::storage::{Conn, StoreError};

/// Runs them on rows that they find.
pub(super) async fn run_all(tx: &mut Conn, recorder: &Recorder) -> Result<(), StoreError> {
    macro_rules! run {
        ($($module:ident::$function:ident($($argument:expr),*);)*) => { $(
            recorder.begin(concat!(stringify!($module), "::", stringify!($function)));
            let _ = $module::$function(tx $(, $argument)*).await?;
        )* };
    }
    let id = InitialTokenId::generate(&Random::seeded(8), NOW);
    let name = "Partners".to_owned();
    let token = InitialAccessToken { id, name, uses_left: 2, used: 0, created_at: NOW, expires_at: later() };
    let hash = SecretHash::of("initial");
    let room = Room { all: 9, place: 9, wide_place: 9 };
    run! {
        initial_access_token::insert(&token, &hash);
        initial_access_token::live(NOW);
        initial_access_token::find(&hash, NOW);
        initial_access_token::take(id, NOW);
        initial_access_token::delete(id);
        client_registration::insert(&registered(), room);
        client_registration::token_of(&app().id);
        client_registration::unused(later(), 9);
        client_registration::note_use(&[app().id]);
    }
    Ok(())
}
