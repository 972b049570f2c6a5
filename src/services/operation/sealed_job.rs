//! Jobs whose payload is nobody's business: what strangers typed, and what leads to an account.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::operation::job::{Failure, Job, Key, Kind, NewJob, Payload, Unfit};
use crate::services::ServiceError;
use crate::services::operation::jobs;

/// Characters of the key: such a job is about nothing that another could be about too.
const KEY: usize = 26;

#[derive(Serialize, Deserialize)]
struct Sealed {
    sealed: String,
}

/// A job of this kind that is due at once, for [`jobs::enqueue`].
///
/// # Errors
/// None in practice: what it has to know is bounded where it comes from.
pub fn new<P: Serialize>(app: &App, kind: Kind, created_by: &str, payload: &P) -> Result<NewJob, ServiceError> {
    let key = app.random.readable(KEY);
    let payload = serde_json::to_vec(payload).map_err(ServiceError::internal)?;
    let sealed = STANDARD.encode(app.master.seal(&context(kind, &key), &payload, &app.random)?);
    let unfit = |error: Unfit| ServiceError::internal(error);
    Ok(NewJob {
        kind,
        key: Key::new(key).map_err(unfit)?,
        payload: Payload::new(&Sealed { sealed }).map_err(unfit)?,
        run_at: jobs::now(app),
        schedule: None,
        created_by: created_by.to_owned(),
    })
}

/// What a job has to know.
///
/// # Errors
/// When it was sealed under another master key, or written by a version that knows other things.
pub fn read<P: DeserializeOwned>(app: &App, job: &Job) -> Result<P, Failure> {
    let Sealed { sealed } = job.read()?;
    let sealed = STANDARD.decode(sealed).map_err(|_| Failure::ForGood("its payload is not base64".to_owned()))?;
    let opened = app.master.open(&context(job.kind, &job.key), &sealed);
    let opened = opened.map_err(|_| Failure::ForGood("it was sealed under another master key".to_owned()))?;
    // A newer version, which has added it, will take it when it is tried again.
    serde_json::from_slice(&opened)
        .map_err(|_| Failure::ForNow("this version does not know what it is about".to_owned()))
}

/// What a payload is bound to.
fn context(kind: Kind, key: &str) -> String {
    format!("job/{}/{key}", kind.as_str())
}
