//! What people do about what happened to their account.

use latchkey::services::account::{self, Disputed};

use super::Matrix;
use crate::harness::fresh;

/// bob says of his last sign-in that it was not him.
pub async fn disputed(matrix: &mut Matrix) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    let found = account::activity(&app, bob.id, None).await.unwrap().events;
    let last = found.iter().find(|event| event.action == "session.started").unwrap().seq;
    assert_eq!(account::dispute(&app, &me, held.session(), last).await.unwrap(), Disputed::Ended);
    assert_eq!(account::dispute(&app, &me, held.session(), i64::MAX).await.unwrap(), Disputed::NoSuchEvent);
    let wanted = ["activity.disputed success by user user event session", "session.ended success by user user session"];
    matrix.shows(&["account/activity.rs::dispute"], &wanted).await;
}
