//! What running a server needs: which time to believe, which key signs, what is done without a request, what is written down
//! of what happened.

pub mod audit_event;
pub mod believed_time;
pub mod decision_trace;
pub mod dev_clock;
pub mod encryption_key;
pub mod job;
pub mod remedy;
pub mod signing_key;
