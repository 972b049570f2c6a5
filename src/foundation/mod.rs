//! Values and sources that know nothing of identity: time, randomness, ids, secrets, URLs, addresses.

pub mod address;
pub mod clock;
pub mod clock_file;
pub mod colour;
pub mod deadline;
pub mod domain_name;
pub mod host_port;
pub mod id;
pub mod mail_address;
pub mod picture;
pub mod random;
pub mod request_id;
pub mod secret;
pub mod text;
pub mod timestamp;
pub mod trust;
pub mod url;

pub use clock::Clock;
pub use random::Random;
pub use request_id::RequestId;
pub use secret::{Secret, SecretHash, SecretString};
pub use timestamp::Timestamp;
