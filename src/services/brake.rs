//! The brake on guessing passwords: soft, per account and per address. Attempts are counted before the check, so that
//! many at once count as many (CVE-2024-4629).

use std::net::IpAddr;
use std::time::Duration;

use super::ServiceError;
use crate::app::App;
use crate::ephemeral::Hits;

/// Counts kept for one sign-in attempt; a success takes them back.
pub struct Attempt {
    account_here: String,
    account: String,
    address: String,
}

/// An attempt from one place may fail so many times as configured; all places together, on one account, ten times as
/// many: enough for the owner to get in while somebody else tries from elsewhere, and fewer than the hundred of NIST
/// SP 800-63B §3.2.2.
const ALL_PLACES: u64 = 10;

/// Counts an attempt on `account` (the account's id, or what was typed if there is none) from `address`. One that is
/// refused counts no further: whoever tries on from one place uses up neither what all places have together nor, for one
/// account, what everybody behind the same address has.
///
/// # Errors
/// When the counters do not answer: guessing is not to be had by breaking them.
pub async fn attempt(app: &App, account: &str, address: IpAddr) -> Result<Result<Attempt, Duration>, ServiceError> {
    let now = app.clock.now();
    let limits = &app.settings.login;
    let place = network(address);
    let attempt = Attempt {
        account_here: format!("login:account:{account}:{place}"),
        account: format!("login:account:{account}"),
        address: format!("login:address:{place}"),
    };
    let account_limit = u64::from(limits.account_attempts);
    let table = [
        (attempt.account_here.as_str(), account_limit),
        (attempt.address.as_str(), u64::from(limits.address_attempts)),
        (attempt.account.as_str(), account_limit.saturating_mul(ALL_PLACES).min(100)),
    ];
    match app.ephemeral.hit_each(&table, limits.window, now).await? {
        Some(Hits { resets_in, .. }) => Ok(Err(resets_in)),
        None => Ok(Ok(attempt)),
    }
}

/// Takes an attempt back after a success: the account's failures from here are forgiven, and the attempt did not count
/// against anybody else behind the same address.
///
/// # Errors
/// When the counters do not answer.
pub async fn forgive(app: &App, attempt: &Attempt) -> Result<(), ServiceError> {
    let now = app.clock.now();
    app.ephemeral.forget(&attempt.account_here, now).await?;
    Ok(app.ephemeral.forgive_each(&[&attempt.address, &attempt.account], now).await?)
}

/// Who holds one IPv6 address holds the /64 round it.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_one_holder_is_one_place() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::2:3"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
