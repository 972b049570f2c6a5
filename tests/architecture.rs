//! The dependency rule (src/lib.rs tells its reason): who may import whom, which folder alone may name which foreign
//! crate, where `async` has no place; and that there is no circle. Reads the source files as text; the last tests show that
//! it can fail.

#[path = "architecture/circles.rs"]
mod circles;

use std::fs;
use std::path::Path;

/// What each part may import of the others. Whatever is not listed here is refused, a new folder too.
const PARTS: [(&str, &[&str]); 18] = [
    ("main", &["cli"]),
    (
        "cli",
        &[
            "app",
            "config",
            "demo",
            "http",
            "jobs",
            "services",
            "telemetry",
            "domain",
            "crypto",
            "language",
            "foundation",
        ],
    ),
    ("http", &["app", "demo", "services", "telemetry", "domain", "crypto", "language", "foundation"]),
    (
        "jobs",
        &["app", "services", "runtime", "storage", "ephemeral", "mail", "outbound", "domain", "crypto", "foundation"],
    ),
    (
        "services",
        &["app", "runtime", "storage", "ephemeral", "mail", "outbound", "domain", "crypto", "language", "foundation"],
    ),
    (
        "app",
        &[
            "config",
            "runtime",
            "storage",
            "ephemeral",
            "mail",
            "outbound",
            "domain",
            "crypto",
            "language",
            "foundation",
        ],
    ),
    ("runtime", &["storage", "ephemeral", "mail", "outbound", "domain", "crypto", "foundation"]),
    ("storage", &["domain", "crypto", "foundation"]),
    ("ephemeral", &["domain", "crypto", "foundation"]),
    ("mail", &["language", "foundation"]),
    ("outbound", &["foundation"]),
    ("domain", &["crypto", "foundation"]),
    ("crypto", &["foundation"]),
    ("foundation", &[]),
    // The words for people. Rules and storage have none.
    ("language", &[]),
    ("config", &["language", "foundation"]),
    ("telemetry", &["config", "foundation"]),
    // A guest that knows us over HTTP only.
    ("demo", &["foundation"]),
];

/// Single files that may do what their folder may not.
const EXCEPTIONS: [(&str, &str); 6] = [
    ("src/ephemeral/error.rs", "storage"),
    ("src/ephemeral/mod.rs", "storage"),
    ("src/ephemeral/sql.rs", "storage"),
    ("src/ephemeral/tests.rs", "storage"),
    // One parser of `database.url`: what `config check` calls valid is what the store opens.
    ("src/config/database.rs", "storage"),
    // One list of signature algorithms, for the same reason.
    ("src/config/keys.rs", "crypto"),
];

/// Foreign crates that only these parts, or folders, may name.
const OWNERS: [(&str, &[&str]); 31] = [
    ("argon2", &["crypto"]),
    ("askama", &["http", "demo", "mail"]),
    ("axum", &["http", "demo"]),
    ("bcrypt", &["crypto"]),
    ("clap", &["cli", "main"]),
    ("diesel", &["storage"]),
    ("diesel_async", &["storage"]),
    ("diesel_migrations", &["storage"]),
    ("fluent_bundle", &["language"]),
    ("hyper", &["http", "outbound"]),
    ("hyper_util", &["http", "outbound"]),
    ("josekit", &["crypto"]),
    ("lettre", &["mail"]),
    ("maxminddb", &["runtime"]),
    ("openidconnect", &["demo", "runtime", "services"]),
    ("openssl", &["crypto"]),
    ("oxide_auth", &["domain/oauth/state_machine"]),
    ("qrcodegen", &["http"]),
    ("redis", &["ephemeral"]),
    ("reqwest", &["demo"]),
    ("ring", &["crypto"]),
    ("rpassword", &["cli"]),
    ("socket2", &["http"]),
    ("tokio_postgres", &["storage"]),
    ("toml", &["config", "cli"]),
    ("totp_rs", &["crypto"]),
    ("tower_http", &["http"]),
    ("tracing_subscriber", &["config", "telemetry"]),
    ("webauthn_rs", &["crypto"]),
    ("woothee", &["domain"]),
    ("zxcvbn", &["domain"]),
];

/// Parts that compute and do not wait.
const WITHOUT_ASYNC: [&str; 3] = ["foundation", "crypto", "domain"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "misc"];

/// Over 400 lines a file should be split; a little more is left to judgement.
const LONGEST: usize = 450;

#[test]
fn every_source_file_keeps_the_rules() {
    let mut found = vec![];
    for path in sources(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        found.extend(violations(&path, &text));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_file_is_used_by_those_that_it_uses() {
    let files: Vec<_> =
        sources(Path::new("src")).into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let found = circles::circles(&files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every Rust file below `folder`, as paths relative to the package.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.flat_map(|entry| match entry.path() {
        path if path.is_dir() => sources(&path),
        path if path.extension().is_some_and(|extension| extension == "rs") => vec![path.display().to_string()],
        _ => vec![],
    });
    paths.collect()
}

/// What breaks a rule in the file `path`, each with its place.
fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = vec![];
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let modules: Vec<&str> = inside.split('/').filter(|name| *name != "mod").collect();
    let part = modules.first().copied().unwrap_or_default();
    if !text.starts_with("//! ") {
        found.push(format!("{path}: does not begin with a //! line that says what it is"));
    }
    if text.lines().count() > LONGEST {
        found.push(format!("{path}: is longer than {LONGEST} lines: split it"));
    }
    for name in modules.iter().filter(|name| EMPTY_NAMES.contains(name)) {
        found.push(format!("{path}: \"{name}\" does not say what is inside"));
    }
    if part == "lib" {
        return found;
    }
    let Some((_, allowed)) = PARTS.iter().find(|(name, _)| *name == part) else {
        found.push(format!("{path}: the part \"{part}\" has no row in tests/architecture.rs"));
        return found;
    };

    let code = code_only(text);
    for (line, other) in imports(&code, modules.len()) {
        let excepted = EXCEPTIONS.contains(&(path, other.as_str()));
        if other != part && !allowed.contains(&other.as_str()) && !excepted {
            found.push(format!("{path}:{line}: {part} may not import {other}"));
        }
    }
    // Tests may make a certificate, or await.
    let product = if modules.last() == Some(&"tests") { "" } else { before_tests(&code) };
    for (line, word) in words(product) {
        let owners = OWNERS.iter().find(|(name, _)| word.is_head_of_path && *name == word.text);
        let is_own_module = |name: &str| code.contains(&format!("mod {name};"));
        let is_owner =
            |owner: &&str| inside.strip_prefix(*owner).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if let Some((name, owners)) =
            owners.filter(|(name, owners)| !owners.iter().any(is_owner) && !is_own_module(name))
        {
            found.push(format!("{path}:{line}: only {} may name {name}", owners.join(", ")));
        }
        if matches!(word.text, "async" | "await") && WITHOUT_ASYNC.contains(&part) {
            found.push(format!("{path}:{line}: {part} has no {}", word.text));
        }
    }
    found
}

fn before_tests(code: &str) -> &str {
    code.split("#[cfg(test)]").next().unwrap_or_default()
}

/// The parts that `code` imports, each with its line: `crate::x`, `crate::{x, y}`, `latchkey::x` in main.rs, and
/// `super::super::x` where that leaves the part. `depth` is the number of modules that the file is in.
fn imports(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = vec![];
    for root in ["crate", "latchkey", "super"] {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).unwrap_or_default();
            let mut rest = code.get(at + root.len()..).unwrap_or_default().trim_start();
            if before.ends_with(is_word) || before.trim_end().ends_with("::") || rest.starts_with(is_word) {
                continue;
            }
            if root == "super" {
                let climbed = std::iter::from_fn(|| {
                    rest = rest.strip_prefix("::")?.trim_start().strip_prefix("super")?.trim_start();
                    Some(())
                });
                if climbed.count() + 1 < depth {
                    continue;
                }
            }
            let line = before.matches('\n').count() + 1;
            // `pub(crate)` is no path; `crate` by itself (`use crate as x`, `crate::*`) hides what is imported.
            let Some(path) = rest.strip_prefix("::") else { continue };
            let path = path.trim_start();
            if path.starts_with('*') && root != "super" {
                found.push((line, "*".to_owned()));
            }
            let heads = if path.starts_with('{') { group(path) } else { vec![first_word(path)] };
            let heads = heads.into_iter().filter(|head| !head.is_empty() && *head != "self");
            found
                .extend(heads.map(|head| (line, head.to_owned())).filter(|(_, head)| root != "super" || is_part(head)));
        }
    }
    found
}

fn is_part(name: &str) -> bool {
    PARTS.iter().any(|(part, _)| *part == name)
}

/// The first words of the outermost items in `{a::b, c::{d, e}}`.
fn group(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut heads = vec![];
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(character, '{' | ',') {
            heads.push(first_word(text.get(at + 1..).unwrap_or_default().trim_start()));
        }
    }
    heads
}

fn first_word(text: &str) -> &str {
    text.split(|character| !is_word(character)).next().unwrap_or_default()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

struct Word<'a> {
    text: &'a str,
    /// `axum` in `axum::Router` and in `use axum;`, not in `self.axum` or `x::axum`.
    is_head_of_path: bool,
}

fn words(code: &str) -> Vec<(usize, Word<'_>)> {
    let mut found = vec![];
    for (index, line) in code.lines().enumerate() {
        let mut at = 0;
        for text in line.split(|character| !is_word(character)) {
            let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + text.len()..).unwrap_or_default());
            at += text.len() + after.chars().next().map_or(0, char::len_utf8);
            let used = before.trim().ends_with("use") && (after.starts_with(';') || after.starts_with(" as "));
            let is_head_of_path =
                used || (after.starts_with("::") && !before.ends_with("::") && !before.ends_with('.'));
            if !text.is_empty() {
                found.push((index + 1, Word { text, is_head_of_path }));
            }
        }
    }
    found
}

/// `text` with comments and the contents of literals blanked, lines kept.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| literal(rest, code.ends_with(is_word))).unwrap_or(0);
        match rest.get(..skipped) {
            Some(blank) if skipped > 0 => code.extend(blank.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
            _ => code.push(first),
        }
        rest = rest.get(skipped.max(first.len_utf8())..).unwrap_or_default();
    }
    code
}

/// The length of the comment at the start of `text`.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then(|| text.find("*/").map_or(text.len(), |end| end + 2))
}

/// The length of the string or character at the start of `text`; a quote that begins a lifetime is neither.
fn literal(text: &str, within_word: bool) -> Option<usize> {
    if let Some(raw) = text.strip_prefix('r').filter(|_| !within_word) {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        if raw.get(marks..).is_some_and(|rest| rest.starts_with('"')) {
            let end = format!("\"{}", "#".repeat(marks));
            let open = marks + 2;
            return Some(
                text.get(open..).and_then(|rest| rest.find(&end)).map_or(text.len(), |at| open + at + end.len()),
            );
        }
        return None;
    }
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at + 1),
            _ if quote == '\'' && at > 1 && !text.starts_with("'\\") => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod the_checker {
    //! It must see what it is there for, and nothing else.

    use super::violations;

    fn found(path: &str, body: &str) -> Vec<String> {
        violations(path, &format!("//! A file.\n{body}"))
    }

    #[test]
    fn sees_every_form_of_an_import_to_the_left() {
        for body in [
            "use crate::http::router;",
            "use crate::{foundation::Clock, http::{self, x}};",
            "use crate::{\n    foundation::Clock,\n    http::x,\n};",
            "fn f() { crate::http::f() }",
            "use super::super::super::http::x;",
            "use crate::*;",
        ] {
            assert_eq!(
                found("src/domain/oauth/code.rs", body).len(),
                1,
                "{body}: {:?}",
                found("src/domain/oauth/code.rs", body)
            );
        }
        // The parent of a part's own mod.rs is the root already.
        assert_eq!(found("src/domain/mod.rs", "use super::http::x;").len(), 1);
        assert_eq!(found("src/domain/a.rs", "use super::code::x;").len(), 0);
        assert_eq!(found("src/demo/mod.rs", "mod tests { use super::*; }").len(), 0);
    }

    #[test]
    fn lets_imports_to_the_right_and_within_a_part_pass() {
        for body in [
            "use crate::foundation::{Clock, Random};",
            "use crate::{crypto::jwt, foundation::url::Issuer};",
            "use crate::domain::oauth::scope;\nuse super::http_status;\npub(crate) fn f() {}",
            "// crate::http is elsewhere\n/* axum::x */ const A: &str = \"crate::http axum::x\";",
            "const B: &str = r#\"crate::http \" axum::\"#; const C: char = '\"'; fn f<'a>(x: &'a str) {} // crate::http",
        ] {
            assert_eq!(found("src/domain/oauth/code.rs", body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn keeps_http_cli_and_most_of_ephemeral_away_from_storage() {
        let body = "use crate::storage::Store;";
        for path in ["src/http/oauth/token.rs", "src/cli/serve.rs", "src/ephemeral/redis.rs", "src/demo/mod.rs"] {
            assert_eq!(found(path, body).len(), 1, "{path}");
        }
        for path in
            ["src/services/login.rs", "src/jobs/prune.rs", "src/app.rs", "src/ephemeral/sql.rs", "src/storage/user.rs"]
        {
            assert_eq!(found(path, body).len(), 0, "{path}");
        }
        assert_eq!(found("src/main.rs", "fn main() { latchkey::storage::open() }").len(), 1);
        assert_eq!(found("src/main.rs", "fn main() { latchkey::cli::run() }").len(), 0);
    }

    #[test]
    fn keeps_foreign_crates_with_their_owners_but_for_tests() {
        for (path, body, count) in [
            ("src/services/login.rs", "use axum::Router;", 1),
            ("src/services/login.rs", "use {axum::Router, std::fmt};", 1),
            ("src/services/login.rs", "use diesel as d;", 1),
            ("src/services/login.rs", "fn f() { self.redis.get(); x::redis::y(); redis(); }", 0),
            ("src/config/mod.rs", "mod redis;\npub use redis::Redis;", 0),
            ("src/http/a.rs", "use axum::Router;", 0),
            ("src/http/serve/tls.rs", "use openssl::x509::X509;", 1),
            ("src/http/serve/tls.rs", "#[cfg(test)]\nmod tests {\n    use openssl::x509::X509;\n}", 0),
            ("src/http/serve/tls/tests.rs", "use openssl::x509::X509;", 0),
            ("src/crypto/jwt.rs", "use josekit::jwk::Jwk;", 0),
            ("src/domain/oauth/token/scope.rs", "use oxide_auth::primitives::scope::Scope;", 1),
            ("src/domain/oauth/state_machines/refresh.rs", "use oxide_auth::code_grant;", 1),
            ("src/services/oauth/state_machine/refresh.rs", "use oxide_auth::code_grant;", 1),
            ("src/domain/oauth/state_machine/refresh.rs", "use oxide_auth::code_grant;", 0),
            ("src/domain/oauth/state_machine.rs", "use oxide_auth::code_grant;", 0),
        ] {
            assert_eq!(found(path, body).len(), count, "{path}: {body}");
        }
    }

    #[test]
    fn keeps_the_rules_from_waiting() {
        assert_eq!(found("src/domain/a.rs", "async fn f() { g().await }").len(), 2);
        assert_eq!(found("src/crypto/a.rs", "#[cfg(test)]\nmod tests { async fn f() {} }").len(), 0);
        assert_eq!(found("src/services/a.rs", "async fn f() {}").len(), 0);
    }

    #[test]
    fn wants_a_first_line_a_telling_name_a_known_part_and_an_end() {
        assert_eq!(violations("src/domain/a.rs", "use std::fmt;").len(), 1);
        assert_eq!(found("src/domain/utils.rs", "").len(), 1);
        assert_eq!(found("src/managers/a.rs", "").len(), 1);
        assert_eq!(found("src/domain/a.rs", &"\n".repeat(500)).len(), 1);
    }
}
