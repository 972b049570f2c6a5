//! The configuration as its users meet it.

use std::time::Duration;

use super::*;

const KEY: &str = "8ChfKqZ1rUoKcM1XzGv1Wv0yqzR2sW6zNf4pE0uT3bI=";

fn load(file: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(("latchkey.toml".into(), file.into())), env)
}

fn minimal() -> Vec<(&'static str, &'static str)> {
    vec![("LATCHKEY_ISSUER", "https://id.example.com"), ("LATCHKEY_SECRETS__MASTER_KEY", KEY)]
}

fn refusal(file: &str, env: &[(&str, &str)]) -> String {
    load(file, &[&minimal(), env].concat()).expect_err("this configuration is refused").to_string()
}

#[test]
fn issuer_and_master_key_are_all_that_must_be_given() {
    let config = load("", &minimal()).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url, "sqlite:latchkey.sqlite".parse().unwrap());
    assert_eq!(config.lifetimes.authorization_code, Duration::from_secs(60));

    let error = load("", &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "issuer: must be set, in the configuration file or as LATCHKEY_ISSUER\n\
         secrets.master_key: must be set, in the configuration file or as LATCHKEY_SECRETS__MASTER_KEY"
    );
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\nmax_connections = 5\n";
    let config = load(file, &[&minimal()[..], &[("LATCHKEY_SERVER__LISTEN", "127.0.0.1:2")]].concat()).unwrap();
    assert_eq!(config.server.listen.port(), 2);
    assert_eq!(config.server.max_connections, 5);
    assert_eq!(config.server.shutdown_grace, Duration::from_secs(20));
}

#[test]
fn variables_are_read_by_the_type_of_their_setting() {
    let env = [
        ("LATCHKEY_DATABASE__POOL_SIZE", "3"),
        ("LATCHKEY_LIFETIMES__ACCESS_TOKEN", "5m"),
        ("LATCHKEY_LIFETIMES__ID_TOKEN", "30"),
        ("LATCHKEY_SCOPES__EXTRA", "1234,orders:read"),
        ("LATCHKEY_SERVER__TRUSTED_PROXIES", "[\"10.0.0.0/8\", \"::1\"]"),
    ];
    let config = load("", &[&minimal()[..], &env].concat()).unwrap();
    assert_eq!(config.database.pool_size, 3);
    assert_eq!(config.lifetimes.access_token, Duration::from_secs(300));
    assert_eq!(config.lifetimes.id_token, Duration::from_secs(30));
    assert_eq!(config.scopes.extra, ["1234", "orders:read"]);
    assert_eq!(config.server.trusted_proxies.len(), 2);
}

#[test]
fn unknown_keys_are_named_with_the_nearest_known_one() {
    let text = refusal("[server]\nlisten = \"127.0.0.1:1\"\nlisen = 1\n[mail]\nhost = \"x\"\n", &[]);
    assert!(text.contains("latchkey.toml:3: server.lisen: unknown setting; did you mean server.listen?"), "{text}");
    assert!(text.contains("latchkey.toml:5: mail.host: unknown setting"), "{text}");
    let text = refusal("", &[("LATCHKEY_DATABSE__URL", "x")]);
    assert_eq!(text, "LATCHKEY_DATABSE__URL: unknown setting; did you mean LATCHKEY_DATABASE__URL?");
    let text = refusal("", &[("LATCHKEY_Log__Level", "info")]);
    assert_eq!(text, "LATCHKEY_Log__Level: unknown setting; did you mean LATCHKEY_LOG__LEVEL?");
}

#[test]
fn variables_that_kubernetes_sets_for_a_service_of_our_name_are_ignored_and_listed() {
    let injected =
        [("LATCHKEY_PORT", "tcp://10.96.12.7:8080"), ("LATCHKEY_SERVICE_HOST", "10.96.12.7"), ("LATCHKEY_ENV_A", "b")];
    let config = load("", &[&minimal()[..], &injected].concat()).unwrap();
    assert_eq!(config.ignored(), injected.map(|(name, _)| name));
    let text = refusal("", &[&injected[..], &[("LATCHKEY_DATABASE_URL", "x")]].concat());
    assert_eq!(text, "LATCHKEY_DATABASE_URL: unknown setting; did you mean LATCHKEY_DATABASE__URL?");
}

#[test]
fn sections_and_values_are_told_apart() {
    assert!(refusal("server = 1", &[]).contains("latchkey.toml:1: server: is a section"));
    assert!(refusal("[log.level]\nhttp = \"x\"", &[]).contains("log.level is a single value, not a section"));
    assert!(refusal("[mails]", &[]).contains("latchkey.toml:1: mails: unknown setting"));
    assert!(load("[server]\n[server.tls]", &minimal()).is_ok());
}

#[test]
fn a_wrong_type_tells_what_was_expected_where() {
    let text = refusal("[database]\npool_size = \"many\"\n", &[("LATCHKEY_SERVER__LISTEN", "8080")]);
    assert_eq!(
        text,
        "LATCHKEY_SERVER__LISTEN: expected an address and a port such as \"127.0.0.1:8080\" or \"[::]:8080\", found \"8080\"\n\
         latchkey.toml:2: database.pool_size: expected a whole number, found \"many\""
    );
}

#[test]
fn what_makes_a_server_unsafe_is_refused() {
    for (variable, value, wanted) in [
        ("LATCHKEY_ISSUER", "http://id.example.com", "must be https"),
        ("LATCHKEY_SERVER__TRUSTED_PROXIES", "0.0.0.0/0", "0.0.0.0/0 would let"),
        ("LATCHKEY_SERVER__TRUSTED_PROXIES", "::/0", "::/0 would let"),
        ("LATCHKEY_SERVER__TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1", "128.0.0.0/1 would let"),
        ("LATCHKEY_SERVER__TLS__CERT", "a.pem", "needs server.tls.key too"),
        ("LATCHKEY_SECRETS__MASTER_KEY", "short", "at least 32"),
        ("LATCHKEY_SECRETS__MASTER_KEY", "changeme-changeme-changeme-changeme", "placeholder"),
        ("LATCHKEY_LIFETIMES__AUTHORIZATION_CODE", "10m", "between \"1s\" and \"1m\""),
        ("LATCHKEY_LIFETIMES__SESSION_IDLE", "48h", "longer than the absolute limit"),
        ("LATCHKEY_PASSWORD__MIN_LENGTH", "4", "between 8 and 64"),
        ("LATCHKEY_SCOPES__EXTRA", "a b", "not a scope: \"a b\""),
        ("LATCHKEY_DATABASE__URL", "mysql://u:hunter2@h/d", "expected \"sqlite:PATH\""),
        ("LATCHKEY_DATABASE__URL", "sqlite::memory:", "memory is not supported"),
        ("LATCHKEY_DATABASE__URL", "postgres://u:hunter2@h:port/d", "invalid value for option `port`"),
    ] {
        let text = refusal("", &[(variable, value)]);
        assert!(text.starts_with(variable) && text.contains(wanted), "{variable}={value}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    let tls =
        [("LATCHKEY_SERVER__TLS__CERT", "c"), ("LATCHKEY_SERVER__TLS__KEY", "k"), ("LATCHKEY_ISSUER", "http://[::1]")];
    assert!(refusal("", &tls).contains("must be https, since server.tls is set"));
}

#[test]
fn a_secret_can_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let path = path.to_str().unwrap();
    let env = [("LATCHKEY_ISSUER", "https://a.example"), ("LATCHKEY_SECRETS__MASTER_KEY_FILE", path)];
    let config = load("", &env).unwrap();
    assert_eq!(config.secrets.master_key.expose(), KEY);
    assert!(config.print().contains(&format!("master_key_file = \"{path}\" # LATCHKEY_SECRETS__MASTER_KEY_FILE")));

    let both = refusal("", &[("LATCHKEY_SECRETS__MASTER_KEY_FILE", path)]);
    assert!(both.contains("secrets.master_key is given too: keep one of the two"), "{both}");
    let absent = load("", &[env[0], ("LATCHKEY_SECRETS__MASTER_KEY_FILE", "/nonexistent")]).unwrap_err();
    assert!(absent.to_string().contains("cannot read /nonexistent"), "{absent}");
}

#[test]
fn what_cannot_be_seen_in_an_address_or_a_secret_is_refused_with_its_place() {
    let key = |end: &str| format!("{KEY}{end}");
    for (variable, value, wanted) in [
        ("LATCHKEY_ISSUER", "https://id.example.com\r", "character 23 is a carriage return"),
        ("LATCHKEY_ISSUER", " https://id.example.com", "character 1 is a space"),
        ("LATCHKEY_ISSUER", "https://id.example.com//", "character 24 is a doubled slash"),
        ("LATCHKEY_SERVER__LISTEN", "127.0.0.1:8080\r", "character 15 is a carriage return"),
        ("LATCHKEY_SERVER__TRUSTED_PROXIES", "10.0.0.0/8\r", "character 11 is a carriage return"),
        ("LATCHKEY_DATABASE__URL", "postgres://u:hunter2@h/d\r", "character 25 is a carriage return"),
        ("LATCHKEY_DATABASE__URL", "sqlite:/data/a.sqlite ", "character 22 is a space"),
        ("LATCHKEY_DATABASE__EXTRA_CA_FILE", "/etc/ca.crt\t", "character 12 is a tab"),
        ("LATCHKEY_REDIS__URL", "redis://:hunter2@h\r", "character 19 is a carriage return"),
        ("LATCHKEY_REDIS__URL", "redis://:hunter2@h//0", "character 20 is a doubled slash"),
        ("LATCHKEY_SECRETS__MASTER_KEY", &key("\r"), "character 45 is a carriage return"),
        ("LATCHKEY_SECRETS__MASTER_KEY", &key(" x"), "character 45 is a space"),
        ("LATCHKEY_SCOPES__EXTRA", "orders:read\r", "character 12 is a carriage return"),
        ("LATCHKEY_SERVER__TLS__CERT", "/etc/tls.crt\u{200b}", "character 13 is an invisible character (U+200B)"),
    ] {
        let text = refusal("", &[(variable, value)]);
        assert!(text.starts_with(variable) && text.contains(wanted), "{variable}: {text}");
        assert!(!text.contains("hunter2") && !text.contains(KEY), "{text}");
    }
}

#[test]
fn the_file_of_a_secret_may_end_with_one_line_break_and_hides_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let env = [("LATCHKEY_ISSUER", "https://a.example"), ("LATCHKEY_SECRETS__MASTER_KEY_FILE", path.to_str().unwrap())];
    for end in ["", "\n", "\r\n"] {
        std::fs::write(&path, format!("{KEY}{end}")).unwrap();
        assert_eq!(load("", &env).unwrap().secrets.master_key.expose(), KEY, "{end:?}");
    }
    for (text, wanted) in [
        (format!("{KEY}\n\n"), "character 45 is a line feed"),
        (format!("{KEY}\r"), "character 45 is a carriage return"),
        (format!("{KEY} \n"), "character 45 is a space"),
        (format!("\u{feff}{KEY}\n"), "character 1 is a byte order mark"),
        (format!("{}\n{}", &KEY[..20], &KEY[20..]), "character 21 is a line feed"),
        (format!("{} {}", &KEY[..20], &KEY[20..]), "character 21 is a space"),
        ("\r\n".to_owned(), "is empty"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let said = load("", &env).unwrap_err().to_string();
        assert!(said.starts_with("LATCHKEY_SECRETS__MASTER_KEY_FILE: ") && said.contains(wanted), "{said}");
        assert!(!said.contains(&KEY[20..]), "{said}");
    }
    std::fs::write(&path, "postgres://u:hunter2@h:port/d\n").unwrap();
    let said = refusal("", &[("LATCHKEY_DATABASE__URL_FILE", path.to_str().unwrap())]);
    assert_eq!(said, "LATCHKEY_DATABASE__URL_FILE: the PostgreSQL URL is not valid: invalid value for option `port`");
}

#[test]
fn a_secret_file_for_a_setting_with_a_default_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, "postgres://u:hunter2@h/d\n").unwrap();
    let config =
        load("", &[&minimal()[..], &[("LATCHKEY_DATABASE__URL_FILE", path.to_str().unwrap())]].concat()).unwrap();
    assert_eq!(config.database.url, "postgres://u:hunter2@h/d".parse().unwrap());
}

#[test]
fn what_is_printed_has_origins_no_secrets_and_reads_back() {
    let file = "[log]\nlevel = \"warn\"\n[redis]\nurl = \"redis://:hunter2@h/\"\n";
    let config =
        load(file, &[&minimal()[..], &[("LATCHKEY_DATABASE__URL", "postgres://u:hunter2@h/d")]].concat()).unwrap();
    let text = config.print();
    assert!(text.contains("issuer = \"https://id.example.com\" # LATCHKEY_ISSUER\n"), "{text}");
    assert!(text.contains("[log]\nformat = \"text\" # default\nlevel = \"warn\" # latchkey.toml:2\n"), "{text}");
    assert!(text.contains("url = \"postgres://u:********@h/d\" # LATCHKEY_DATABASE__URL\n"), "{text}");
    assert!(text.contains("master_key = \"********\" # LATCHKEY_SECRETS__MASTER_KEY\n"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains(KEY) && !format!("{config:?}").contains("hunter2"));
    let again = load(&text, &[("LATCHKEY_SECRETS__MASTER_KEY", KEY)]).unwrap();
    assert_eq!(again.log.level, config.log.level);
}

#[test]
fn a_provider_is_refused_whose_groups_are_required_and_never_read_or_whose_claims_would_be_ours() {
    let provider = |more: &str| {
        load(
            &format!("[providers.google]\ntype = \"google\"\nclient_id = \"a\"\nclient_secret = \"b\"\n{more}"),
            &minimal(),
        )
    };
    let mapped = "required_groups = [\"ops\"]\n[providers.google.claims]\ngroups = \"groups\"\n";
    assert_eq!(provider(mapped).unwrap().providers[0].required_groups, ["ops"]);
    let refused = |more: &str| provider(more).unwrap_err().to_string();
    assert!(refused("required_groups = [\"ops\"]\n").contains("claims.groups"));
    for reserved in ["sub", "roles", "permissions", "administrator", "acr", "amr", "auth_time"] {
        let told = refused(&format!("[providers.google.claims]\n{reserved} = \"x\"\n"));
        assert!(told.contains(reserved), "{reserved}: {told}");
    }
}

#[test]
fn apple_takes_a_secret_or_what_one_is_made_of_and_no_other_does() {
    let of = |kind: &str, more: &str| {
        load(&format!("[providers.a]\ntype = \"{kind}\"\nclient_id = \"a\"\n{more}"), &minimal())
            .map_err(|error| error.to_string())
    };
    let made = "team_id = \"T\"\nkey_id = \"K\"\nprivate_key_file = \"/run/secrets/apple.p8\"\n";
    let secret = "client_secret = \"s\"\n";
    let proof = |more| of("apple", more).unwrap().providers[0].proof.clone();
    assert!(matches!(proof(secret), ProofSettings::Secret(_)));
    assert!(matches!(proof(made), ProofSettings::Signed { .. }));
    for (kind, more, told) in [
        ("apple", "", "providers.a.client_secret: must be set"),
        ("apple", "team_id = \"T\"\n", "providers.a.key_id: must be set beside the others"),
        ("apple", &[secret, made].concat(), "keep one of the two"),
        ("google", made, "providers.a.team_id: has no effect"),
    ] {
        let error = of(kind, more).unwrap_err();
        assert!(error.contains(told), "{kind} {more}: {error}");
    }
}

#[test]
fn an_api_of_ones_own_has_an_identifier_and_scopes_that_can_be() {
    let of = |more: &str| {
        let file = format!("[resources.orders]\nidentifier = \"https://api.example.com/orders\"\n{more}");
        load(&file, &minimal()).map(|config| config.resources).map_err(|error| error.to_string())
    };
    let [plain] = of("").unwrap().try_into().unwrap();
    assert_eq!((plain.id.as_str(), plain.name, plain.scopes), ("orders", None, vec![]));
    let full = "name = \"Orders\"\nscopes = [\"orders:read\"]\naccess_token_format = \"opaque\"\naccess_token_lifetime = \"10s\"\n";
    let [full] = of(full).unwrap().try_into().unwrap();
    assert_eq!(
        (full.access_token_format, full.access_token_lifetime),
        (Some(ResourceTokens::Opaque), Some(Duration::from_secs(10)))
    );
    for (bad, told) in [
        ("scopes = [\"orders read\"]\n", "resources.orders.scopes: not a scope"),
        ("access_token_format = \"saml\"\n", "resources.orders.access_token_format"),
        ("access_token_lifetime = \"9s\"\n", "must be 10s or more"),
        ("scope = [\"a\"]\n", "resources.orders.scope"),
    ] {
        let error = of(bad).unwrap_err();
        assert!(error.contains(told), "{bad}: {error}");
    }
    assert!(load("[resources.orders]\nname = \"Orders\"\n", &minimal()).is_err(), "it has to be named in requests");
}

#[test]
fn every_setting_stands_in_the_default_file() {
    let provider = "[providers.google]\ntype = \"google\"\nclient_id = \"a\"\nclient_secret = \"b\"\n";
    let both = format!("{provider}[resources.orders]\nidentifier = \"https://api.example.com/orders\"\n");
    let config = load(&both, &minimal()).unwrap();
    let (mut section, mut listed) = (String::new(), vec![]);
    for line in DEFAULT.lines() {
        if let Some(name) = line.trim_start_matches("# ").strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((name, _)) = line.trim_start_matches("# ").split_once(" = ")
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            listed.push(format!("{section}{name}"));
        }
    }
    for setting in &config.effective {
        assert!(
            listed.iter().any(|name| name.as_str() == setting.key),
            "{} is not in config/default.toml",
            setting.key
        );
    }
    let is = |key: &str, name: &str| key == name || key == name.trim_end_matches("_file");
    let known = |name: &str| config.effective.iter().any(|setting| is(&setting.key, name));
    for name in listed {
        assert!(
            known(&name) || known(&format!("{name}_file")) || name.ends_with("_ca_file"),
            "{name} is not a setting"
        );
    }
}

#[test]
fn the_production_example_is_valid() {
    let text = include_str!("../../config/production.example.toml");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, KEY).unwrap();
    let path = path.to_str().unwrap();
    let url = folder.path().join("url");
    std::fs::write(&url, "postgres://latchkey@db.internal/latchkey").unwrap();
    let env = [("LATCHKEY_SECRETS__MASTER_KEY_FILE", path), ("LATCHKEY_DATABASE__URL_FILE", url.to_str().unwrap())];
    load(text, &env).unwrap();
}

#[test]
fn redis_may_be_reached_over_tls_but_never_without_looking_at_its_certificate() {
    let with = |url: &str| load(&format!("[redis]\nurl = \"{url}\"\nextra_ca_file = \"/ca.pem\"\n"), &minimal());
    let config = with("rediss://user:p@cache.example:6380/0").unwrap();
    assert_eq!(config.redis.extra_ca_file, Some("/ca.pem".into()));
    let error = with("rediss://user:hunter2@cache.example/#insecure").unwrap_err().to_string();
    assert!(error.contains("certificate is always verified") && !error.contains("hunter2"), "{error}");
}

#[test]
fn nobody_signs_up_without_mail_and_domains_are_names_of_hosts() {
    let error = refusal("[signup]\nmode = \"open\"\n", &[]);
    assert!(error.starts_with("latchkey.toml:2: signup.mode: whoever signs up gets a link by mail"), "{error}");
    let mail = "[mail]\nfrom = \"a@example.com\"\nsmtp.host = \"smtp.example.com\"\n";
    let with = |signup: &str| load(&format!("{mail}[signup]\n{signup}"), &minimal());
    let config = with("mode = \"open\"\ndomains = [\"Example.com\", \"b\u{fc}cher.example\"]\n").unwrap();
    assert_eq!(config.signup.domains, ["example.com", "xn--bcher-kva.example"]);
    for bad in ["a@example.com", "", "*.example.com/x", "127.0.0.1"] {
        assert!(with(&format!("mode = \"open\"\ndomains = [{bad:?}]\n")).is_err(), "{bad}");
    }
    let idle = with("domains = [\"example.com\"]\n").unwrap_err().to_string();
    assert!(idle.contains("signup.domains: has no effect"), "{idle}");
    assert!(with("mode = \"closed\"\n").is_err());
}

#[test]
fn what_needs_mail_is_refused_without_it_unless_it_is_a_default() {
    for (set, told) in [
        ("[signup]\nmode = \"invitation\"\n", "latchkey.toml:2: signup.mode: whoever signs up"),
        ("[login]\nemail = \"on\"\n", "latchkey.toml:2: login.email: whoever signs in by mail"),
        ("[factors]\nrecovery_delay = \"24h\"\n", "latchkey.toml:2: factors.recovery_delay: has no effect"),
    ] {
        let error = refusal(set, &[]);
        assert!(error.starts_with(told) && error.ends_with("set mail.smtp.host and mail.from too"), "{error}");
        let mail = "[mail]\nfrom = \"a@example.com\"\nsmtp.host = \"smtp.example.com\"\n";
        assert!(load(&format!("{mail}{set}"), &minimal()).is_ok(), "{set}");
    }
    // Whoever writes the default down, as `config print` does, or wants none, asks for nothing.
    for delay in ["72h", "3d", "off"] {
        assert!(load(&format!("[factors]\nrecovery_delay = \"{delay}\"\n"), &minimal()).is_ok(), "{delay}");
    }
    assert!(load("[login]\nemail = \"off\"\nnew_browser_mail = \"on\"\n", &minimal()).is_ok());
    assert!(load(&load("", &minimal()).unwrap().print(), &[("LATCHKEY_SECRETS__MASTER_KEY", KEY)]).is_ok());
}

#[test]
fn passwords_are_switched_off_only_where_there_is_another_way_in() {
    let other = "[factors]\npasskeys = \"second_factor\"\n";
    let error = refusal(&format!("[login]\npassword = \"off\"\n{other}"), &[]);
    assert!(error.starts_with("latchkey.toml:2: login.password: nobody could sign in"), "{error}");
    let github = "[providers.github]\ntype = \"github\"\nclient_id = \"a\"\nclient_secret = \"b\"\n";
    assert!(load(&format!("[login]\npassword = \"off\"\n{other}{github}"), &minimal()).is_ok());
    let mail = "[mail]\nfrom = \"a@example.com\"\nsmtp.host = \"smtp.example.com\"\n";
    assert!(load(&format!("{mail}[login]\npassword = \"off\"\nemail = \"on\"\n{other}"), &minimal()).is_ok());
    let error = refusal(&format!("{mail}[login]\npassword = \"off\"\n[signup]\nmode = \"open\"\n{github}"), &[]);
    assert!(error.contains("signup.mode: whoever signs up chooses a password"), "{error}");
}

#[test]
fn a_contact_that_nobody_can_use_is_refused() {
    let error = refusal("[security]\ncontact = [\"security@example.com\"]", &[]);
    assert!(error.starts_with("latchkey.toml:2: security.contact: expected URIs such as"), "{error}");
    assert!(load("[security]\ncontact = [\"tel:+1-201-555-0123\"]", &minimal()).is_ok());
}

#[test]
fn whoever_asks_a_running_server_needs_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.toml");
    std::fs::write(&path, "[server]\nlisten = \"0.0.0.0:9\"\n[secrets]\nmaster_key_file = \"/nonexistent\"\n").unwrap();
    assert_eq!(Config::read_server(Some(&path)).unwrap().listen.port(), 9);
    std::fs::write(&path, "[server]\nlisten = \"here\"\n").unwrap();
    let error = Config::read_server(Some(&path)).unwrap_err().to_string();
    assert!(error.contains(":2: server.listen: expected an address"), "{error}");
}

#[test]
fn a_section_of_names_takes_whatever_names_there_are() {
    let file = "[claims.extra]\ndepartment = \"profile\"\n\"https://a.example/level\" = \"hr\"\n";
    let env = [minimal(), vec![("LATCHKEY_CLAIMS__EXTRA__DEPARTMENT", "hr")]].concat();
    let config = load(file, &env).unwrap();
    let pairs = [("department", "hr"), ("https://a.example/level", "hr")];
    let pairs = pairs.map(|(name, scope)| (name.to_owned(), scope.to_owned()));
    assert_eq!(config.claims.extra, pairs.into());
    assert!(config.print().contains("\"https://a.example/level\" = \"hr\""), "{}", config.print());
    assert!(load("", &minimal()).unwrap().claims.extra.is_empty());
    for bad in ["[claims]\nextra = 1\n", "[claims.extra]\na = 1\n", "[claims.extra.a]\nb = \"c\"\n"] {
        assert!(load(bad, &minimal()).is_err(), "{bad}");
    }
}

#[test]
fn colours_that_cannot_be_read_are_refused_and_both_are_named() {
    let said = refusal("[branding.light]\naccent = \"#ffcc00\"\n", &[]);
    let sentence = "accent #ffcc00 on background #f6f5f1 has a contrast of 1.39, and needs 4.5 to be read";
    assert!(said.contains("branding.light.accent") && said.contains(sentence), "{said}");
    let said = refusal("[branding.dark]\ntext = \"#777777\"\n", &[]);
    assert!(said.contains("branding.dark.text"), "{said}");
    let said = refusal("[branding]\nname = \"\"\nhelp_url = \"javascript:alert(1)\"\nlogo = \"/nowhere.svg\"\n", &[]);
    for key in ["branding.name", "branding.help_url", "branding.logo"] {
        assert!(said.contains(key), "{key}: {said}");
    }
    assert!(refusal("[branding.light]\ncard = \"white\"\n", &[]).contains("a colour such as"));
    assert!(load("[branding]\nname = \"Example\"\n[branding.light]\naccent = \"#7a1f5c\"\n", &minimal()).is_ok());
}

#[test]
fn the_language_of_whoever_wants_none_is_one_that_there_is() {
    assert_eq!(load("[ui]\ndefault_language = \"de\"\n", &minimal()).unwrap().ui.default_language.tag(), "de");
    let said = refusal("[ui]\ndefault_language = \"xx\"\n", &[]);
    assert!(said.contains("expected one of") && said.contains("\"de\""), "{said}");
}
