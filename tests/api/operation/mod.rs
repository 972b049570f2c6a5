//! What those who run the server meet.

mod decision_traces;
mod dev_clock;
mod events;
mod health;
mod security_txt;
mod transport;
