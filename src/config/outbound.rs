//! `[outbound]`: what the server itself calls.

use std::path::PathBuf;

use super::reader::Reader;
use crate::foundation::host_port::HostPort;
use crate::foundation::trust;

/// What the server itself calls.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Servers that may have private addresses, and plain http.
    pub allow: Vec<HostPort>,
    /// Certificate authorities to trust beside those of the system, PEM.
    pub extra_ca_file: Option<PathBuf>,
}

impl Outbound {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let allow = from.value("outbound.allow");
        let extra_ca_file: Option<Option<PathBuf>> = from.optional("outbound.extra_ca_file");
        // The client reads this file at its first call. Reading it here too reports a fault at the start.
        let fault = extra_ca_file.iter().flatten().find_map(|path| trust::in_file(path).err());
        if let Some(fault) = fault {
            from.refuse("outbound.extra_ca_file", fault);
            return None;
        }
        Some(Self { allow: allow?, extra_ca_file: extra_ca_file? })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;
    use crate::foundation::trust::tests::TestFiles;

    /// What is read from these variables, or every problem.
    fn load(variables: &[(&str, &str)]) -> Result<super::Outbound, String> {
        let minimal = [("LATCHKEY_ISSUER", "https://id.example.com"), ("LATCHKEY_SECRETS__MASTER_KEY", KEY)];
        let env = minimal.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(None, env).map(|config| config.outbound).map_err(|error| error.to_string())
    }

    const KEY: &str = "8ChfKqZ1rUoKcM1XzGv1Wv0yqzR2sW6zNf4pE0uT3bI=";
    const ALLOW: &str = "LATCHKEY_OUTBOUND__ALLOW";
    const AUTHORITIES: &str = "LATCHKEY_OUTBOUND__EXTRA_CA_FILE";

    #[test]
    fn servers_are_allowed_by_host_and_port() {
        assert!(load(&[]).unwrap().allow.is_empty());
        let allow = load(&[(ALLOW, "Hooks.internal:8443, 10.0.0.5:80,[fd00::5]:443")]).unwrap().allow;
        let shown: Vec<_> = allow.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["hooks.internal:8443", "10.0.0.5:80", "[fd00::5]:443"]);
    }

    #[test]
    fn what_is_no_server_is_refused_with_its_place_and_reason() {
        for (value, wanted) in [
            ("hooks.internal", "found \"hooks.internal\": the port is missing, from 1 to 65535"),
            ("a.example:1,https://b.example:443", "only a host and a port, nothing before or behind them"),
            ("*.internal:443", "the host is no name and no address"),
            ("a.example:443\r", "character 14 is a carriage return"),
        ] {
            let said = load(&[(ALLOW, value)]).unwrap_err();
            assert!(said.starts_with("LATCHKEY_OUTBOUND__ALLOW: expected a host and a port"), "{said}");
            assert!(said.contains(wanted), "{said}");
        }
    }

    #[test]
    fn authorities_that_cannot_be_read_are_refused_before_they_are_needed() {
        let files = TestFiles::new("hooks.internal");
        let text = |path: &Path| path.display().to_string();
        assert_eq!(load(&[(AUTHORITIES, &text(&files.cert))]).unwrap().extra_ca_file, Some(files.cert.clone()));
        for path in [text(&files.key), "/nonexistent".to_owned()] {
            let said = load(&[(AUTHORITIES, &path)]).unwrap_err();
            assert!(said.starts_with(&format!("{AUTHORITIES}: cannot use the CA file {path}: ")), "{said}");
        }
    }
}
