//! The pages on which people look after their own account. A handler says by its argument which page it serves, and runs
//! for whoever may see it ([`entrance`]); all of them stand in one frame ([`frame`]).

pub mod activity;
mod activity_line;
pub mod add_passkey;
pub mod add_totp;
pub mod apps;
pub mod connections;
pub mod data;
pub mod delete;
mod device_name;
pub mod email;
pub mod email_links;
pub mod entrance;
pub mod factors;
pub mod frame;
mod from_where;
pub mod notice;
pub mod overview;
pub mod password;
pub mod profile;
pub mod sessions;
pub mod switch;
pub mod throttled;
