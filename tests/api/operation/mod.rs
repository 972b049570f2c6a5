//! What those who run the server meet.

mod decision_traces;
mod dev_clock;
mod events;
mod health;
mod key_administration;
mod security_txt;
mod transport;
