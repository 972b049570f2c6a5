//! People make an account for themselves. There is none before the address is proven to be theirs, so that nobody can take
//! one in another's name and wait for them (pre-hijacking); and nobody is told whether an address has an account but whoever
//! reads its mail.

mod ask;
mod by_code;
mod confirm;
mod enter;
mod invite;
mod make;

pub(in crate::services) use self::ask::send_link;
pub use self::ask::{Asked, SignUpForm, ask};
pub use self::by_code::{ByCode, SignUpCode, confirm_by_code};
pub use self::confirm::{Confirmed, Pending, Presented, confirm, pending};
pub use self::enter::{Browser, First, enter};
pub use self::invite::{Accepted, Answer, GivenName, Invitation, Invited, NewInvitation, accept, invitation, invite};
pub use self::make::Newcomer;
