//! Work that happens without a request: added in the transaction that is its cause, listed, and tried again by hand. It is
//! done in `src/jobs`.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, Operate};
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::operation::job::{JobRefusal, NewJob};
use crate::foundation::Timestamp;
use crate::foundation::id::JobId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::audit_event;
use crate::storage::operation::job as stored;
pub use crate::storage::operation::job::{Enqueued, Filter, ListedJob};
use crate::storage::{Conn, StoreError};

/// Dead jobs that are read at once.
const PAGE: i64 = 500;

/// Adds a job in the transaction that is the reason for it: it is done if that is committed, and not otherwise. Call
/// [`begin`] after the commit, or it waits for up to a second.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(app: &App, tx: &mut Conn, job: &NewJob) -> Result<Enqueued, StoreError> {
    let now = now(app);
    stored::enqueue(tx, JobId::generate(&app.random, now), job, now).await
}

/// Lets this process take what is due at once, if it runs jobs.
pub fn begin(app: &App) {
    app.job_added.notify_one();
}

/// The time by which jobs are planned: a clock that was set neither holds them up nor hurries them.
pub fn now(app: &App) -> Timestamp {
    app.clock_guard.believed(&app.clock)
}

/// At most `limit` jobs, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, filter: &Filter, limit: i64) -> Result<Vec<ListedJob>, ServiceError> {
    Ok(app.store.read("list_jobs", async |conn| stored::list(conn, filter, limit).await).await?)
}

/// Lets a dead job be tried again, at once and as often as a new one.
///
/// # Errors
/// A refusal when there is no such job, when it is not dead, or when another one does what it would do.
pub async fn retry(app: &App, by: &Actor, id: JobId) -> Result<ListedJob, ServiceError> {
    let may = by.may(Operate)?;
    match revive(app, &may, id).await {
        Ok(true) => {}
        Ok(false) => return Err(refused(app, id).await?.into()),
        Err(StoreError::Conflict) => return Err(JobRefusal::Superseded { id }.into()),
        Err(error) => return Err(error.into()),
    }
    begin(app);
    find(app, id).await?.ok_or_else(|| JobRefusal::Unknown { id }.into())
}

/// What came of trying all dead jobs again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Those that wait again.
    pub retried: Vec<JobId>,
    /// Those that stay dead, because another job of the same kind about the same thing waits or runs.
    pub superseded: Vec<JobId>,
}

/// Lets every dead job be tried again, of one kind if one is given.
///
/// # Errors
/// When the database does not answer; those before are tried again all the same.
pub async fn retry_all(app: &App, by: &Actor, kind: Option<&str>) -> Result<Retried, ServiceError> {
    let may = by.may(Operate)?;
    let (mut outcome, mut after) = (Retried::default(), None);
    loop {
        let page = app.store.read("list_dead_jobs", async |conn| stored::dead(conn, kind, after, PAGE).await).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for id in page {
            match revive(app, &may, id).await {
                Ok(true) => outcome.retried.push(id),
                // Somebody else was faster.
                Ok(false) => {}
                Err(StoreError::Conflict) => outcome.superseded.push(id),
                Err(error) => return Err(error.into()),
            }
        }
    }
    begin(app);
    Ok(outcome)
}

async fn revive(app: &App, may: &Allowed<'_, Operate>, id: JobId) -> Result<bool, StoreError> {
    let (retried, now) = (event(app, may, Action::JobRetried).about(Target::job(id)), now(app));
    app.store
        .transaction("retry_job", async |tx| {
            let revived = stored::revive(tx, id, now).await?;
            audit_event::insert_if(tx, revived, &retried).await
        })
        .await
}

/// Why a job was not tried again.
async fn refused(app: &App, id: JobId) -> Result<JobRefusal, ServiceError> {
    Ok(match find(app, id).await? {
        None => JobRefusal::Unknown { id },
        Some(job) => JobRefusal::NotDead { id, state: job.state },
    })
}

async fn find(app: &App, id: JobId) -> Result<Option<ListedJob>, ServiceError> {
    Ok(app.store.read("find_job", async |conn| stored::find(conn, id).await).await?)
}
