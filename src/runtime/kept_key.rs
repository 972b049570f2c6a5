//! The key that pairwise subs are made with (OpenID Connect Core §8.1). It is made once, at the first start that has none, and kept
//! sealed; whoever changes the master key seals it anew. With another key, every application would take each of its people for
//! somebody new.

use zeroize::Zeroizing;

use super::key_context::{KeyContext, KeyError};
use crate::crypto::MacKey;
use crate::storage::operation::kept_key;

/// Its name.
const NAME: &str = "pairwise_sub";

/// The key, made if there is none.
///
/// # Errors
/// When the master key is another one, or the database does not answer.
pub async fn open(context: &KeyContext<'_>) -> Result<MacKey, KeyError> {
    let (store, place) = (context.store, format!("kept_key/{NAME}"));
    let find = async |conn: &mut _| kept_key::find(conn, NAME).await;
    let mut sealed = store.read("find_kept_key", find).await?;
    if sealed.is_none() {
        let made = Zeroizing::new(context.random.bytes::<32>());
        let made = context.master.seal(&place, &*made, context.random)?;
        let now = context.clock.now();
        // Of several that start at once, the first keeps its own, and the others read that.
        store.write_once("keep_key", async |conn| kept_key::insert(conn, NAME, &made, now).await).await?;
        sealed = store.read("find_key_just_kept", find).await?;
    }
    let sealed = sealed.ok_or_else(|| KeyError::Internal("a key vanished that was just kept".into()))?;
    Ok(MacKey::new(&context.master.open(&place, &sealed)?)?)
}
