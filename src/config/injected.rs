//! Variables that begin with `LATCHKEY_` but are no settings: Kubernetes sets them in every pod for a Service named
//! `latchkey` or `latchkey-…`, and Docker for a linked container of such a name.

/// Whether Kubernetes or Docker sets a variable of this name, to such a value. `rest` is what follows `LATCHKEY_`.
///
/// The forms: `{NAME}_SERVICE_HOST`, `{NAME}_SERVICE_PORT[_{PORT NAME}]`, `{NAME}_PORT`, `{NAME}_PORT_{N}_{TCP|UDP|SCTP}[_…]`
/// A setting has two underscores between its levels, a service's name has single ones, so a misspelt setting is still
/// reported.
pub fn is_injected(rest: &str, value: &str) -> bool {
    let words: Vec<&str> = rest.split('_').collect();
    // The service is `latchkey` itself, or has further words in its name.
    (0..words.len()).any(|count| match words.split_at_checked(count) {
        Some((name, form)) => name.iter().all(|word| !word.is_empty()) && has_form(form, value),
        None => false,
    })
}

fn has_form(form: &[&str], value: &str) -> bool {
    match form {
        ["SERVICE", "HOST"] | ["SERVICE", "PORT"] => true,
        ["SERVICE", "PORT", name @ ..] => name.iter().all(|word| !word.is_empty()),
        // A number is meant as a setting; Kubernetes and Docker write a URL.
        ["PORT"] => value.contains("://"),
        ["PORT", number, "TCP" | "UDP" | "SCTP", ..] => number.parse::<u16>().is_ok(),
        ["NAME"] => value.starts_with('/'),
        // The other container's variables may have any name.
        ["ENV", variable, ..] => !variable.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_and_docker_set_is_told_from_misspelt_settings() {
        for (name, value) in [
            ("SERVICE_HOST", "10.96.12.7"),
            ("SERVICE_PORT", "8080"),
            ("SERVICE_PORT_HTTP", "8080"),
            ("SERVICE_PORT_HTTPS_ALT", "8443"),
            ("PORT", "tcp://10.96.12.7:8080"),
            ("PORT_8080_TCP", "tcp://10.96.12.7:8080"),
            ("PORT_8080_TCP_PROTO", "tcp"),
            ("PORT_8080_TCP_PORT", "8080"),
            ("PORT_8080_TCP_ADDR", "10.96.12.7"),
            ("PORT_53_UDP_ADDR", "10.96.12.7"),
            ("PORT_132_SCTP", "sctp://10.96.12.7:132"),
            ("DB_SERVICE_HOST", "10.96.12.8"),
            ("DB_SERVICE_PORT_POSTGRES", "5432"),
            ("DB_PORT", "tcp://10.96.12.8:5432"),
            ("DB_PORT_5432_TCP_ADDR", "10.96.12.8"),
            ("DB_PRIMARY_SERVICE_HOST", "10.96.12.8"),
            ("DATABASE_SERVICE_HOST", "10.96.12.8"),
            ("NAME", "/web/latchkey"),
            ("DB_NAME", "/web/latchkey-db"),
            ("ENV_PATH", "/bin"),
            ("ENV_POSTGRES__HOST", "x"),
            ("DB_ENV_POSTGRES_PASSWORD", "x"),
        ] {
            assert!(is_injected(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("ISSUER", "https://id.example.com"),
            ("DATABASE__URL", "sqlite:a"),
            ("LATCHKEY_DATABASE__URL", "sqlite:a"),
            ("DATABSE__URL", "sqlite:a"),
            ("DATABASE_URL", "sqlite:a"),
            ("SERVER_LISTEN", "127.0.0.1:80"),
            ("SERVER__PORT", "8080"),
            ("MAIL__PORT", "tcp://x:25"),
            ("SERVER_PORT", "8080"),
            ("PORT", "8080"),
            ("PORT_8080", "8080"),
            ("PORT_X_TCP", "tcp://x"),
            ("NAME", "Latchkey"),
            ("ENV", "production"),
            ("ENV_", "x"),
            ("SERVICE__HOST", "10.96.12.7"),
            ("SERVICE_PORT_", "1"),
            ("", "x"),
        ] {
            assert!(!is_injected(name, value), "{name}={value}");
        }
    }
}
