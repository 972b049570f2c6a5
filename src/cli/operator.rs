//! Whoever runs a command: what the record of events calls them. The one place where a command line becomes an author.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::domain::access::actor::Actor;

/// The user that this process runs as, by the operating system's account; not what the environment says, which anybody
/// can set.
pub fn current() -> Actor {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    match fs::metadata("/proc/self") {
        Ok(own) => Actor::command_line(&name(own.uid(), &accounts)),
        // Where there is no /proc, the environment is all there is to ask without `unsafe`.
        Err(_) => Actor::command_line(&std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned())),
    }
}

/// The name of an account in a passwd file; its number where it has none, as in a container or from a directory service.
fn name(uid: u32, accounts: &str) -> String {
    let own = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    own.map_or_else(|| format!("uid {uid}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbroken\n:x:7:\nalice:x:1000:1000::/home/alice:/bin/sh\n";
        assert_eq!(name(0, accounts), "root");
        assert_eq!(name(1000, accounts), "alice");
        assert_eq!(name(7, accounts), "uid 7");
        assert_eq!(name(1001, ""), "uid 1001");
    }
}
