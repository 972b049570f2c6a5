//! `/api/v1/keys`: the keys of this server, for machines of whoever runs it.

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::crypto::Algorithm;
use crate::http::api::v1::caller::Called;
use crate::http::extract::json::Sent;
use crate::http::respond::problem::{Code, Problem};
use crate::services::oauth::key_manager::KeyManager;
use crate::services::operation::key_administration::{Asked, KeySummary, rotate as rotate_keys, summaries};

/// What is told.
#[derive(Serialize)]
pub struct Keys {
    keys: Vec<Key>,
}

/// One of them.
#[derive(Serialize)]
struct Key {
    kid: String,
    r#use: &'static str,
    alg: &'static str,
    state: &'static str,
    published: bool,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signs_from: Option<String>,
}

/// Which keys to rotate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// Those of this algorithm alone.
    #[serde(default)]
    algorithm: Option<String>,
}

/// `GET`: every key, those that only read old ID tokens too.
///
/// # Errors
/// When the database does not answer.
pub async fn get(Called { app, .. }: Called<KeyManager>) -> Result<Json<Keys>, Problem> {
    told(&app).await
}

/// `POST`: the next key of each algorithm signs, or of one of them, and another is made. Never by force.
///
/// # Errors
/// When the next key has not been published for long enough, or the keys were rotated too often.
pub async fn rotate(
    Called { app, who }: Called<KeyManager>,
    Sent(Rotate { algorithm }): Sent<Rotate>,
) -> Result<Json<Keys>, Problem> {
    let refused = || {
        let names = app.settings.algorithms.names().join(", ");
        let detail = "There are no keys to sign with for this algorithm.";
        Problem::new(Code::AlgorithmRefused, detail).at("/algorithm", format!("must be one of {names}"))
    };
    let only = algorithm.map(|name| name.parse::<Algorithm>()).transpose().map_err(|_| refused())?;
    if only.is_some_and(|only| !app.settings.algorithms.contains(only)) {
        return Err(refused());
    }
    match rotate_keys(&app, &who.by, only).await? {
        Asked::Done => told(&app).await,
        Asked::TooYoung(wait) => {
            let detail =
                "The next key was published too recently: services that keep a copy of the keys may not know it yet.";
            Err(Problem::new(Code::KeyTooYoung, detail).after(wait))
        }
        Asked::TooOften(wait) => {
            Err(Problem::new(Code::TooManyAttempts, "The keys were rotated too often in the last day.").after(wait))
        }
    }
}

async fn told(app: &App) -> Result<Json<Keys>, Problem> {
    let key = |key: KeySummary| Key {
        kid: key.kid,
        r#use: key.usage,
        alg: key.alg,
        state: key.state,
        published: key.published,
        created_at: key.created_at.to_string(),
        signs_from: key.signs_from.map(|at| at.to_string()),
    };
    Ok(Json(Keys { keys: summaries(app).await?.into_iter().map(key).collect() }))
}
