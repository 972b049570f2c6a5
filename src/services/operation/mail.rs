//! Mail to people.

use crate::foundation::id::MailId;
use crate::foundation::mail_address::MailAddress;
use crate::foundation::{Clock, Random};
use crate::mail::Mail;
use crate::mail::message::{Language, Letterhead, Message};
pub use crate::mail::{Accepted, MailError};
use crate::services::ServiceError;

/// Sends a test mail at once, and tells what the server said. Nothing of it is kept.
///
/// # Errors
/// When the mail cannot be written, which is a fault of ours. The inner error is how sending it failed.
pub async fn test(
    mail: &Mail,
    head: &Letterhead,
    (clock, random): (&Clock, &Random),
    to: MailAddress,
    asked_by: String,
) -> Result<Result<Accepted, MailError>, ServiceError> {
    let now = clock.now();
    let message = Message::Test { asked_by };
    let letter = message.compose(head, to, Language::of(None), MailId::generate(random, now), now);
    Ok(mail.send(&letter.map_err(ServiceError::internal)?).await)
}
