//! The fields of our log lines are those that CONTRIBUTING.md lists, and a message is no place for values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::markdown::Document;
use super::{cells_of, quoted};

/// Names that hold secrets; a field may not even be called so.
const SECRET: [&str; 9] =
    ["password", "secret", "token", "code", "cookie", "authorization", "master_key", "username", "email"];

#[test]
fn every_field_of_a_log_line_is_on_the_list_and_each_on_the_list_is_used() {
    let listed = listed();
    assert!(listed.len() > 30, "only {listed:?} were found: the search is broken");
    let mut used: BTreeMap<String, String> = BTreeMap::new();
    for path in sources(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        for line in lines(product(&text)) {
            for field in line.fields {
                used.entry(field).or_insert_with(|| path.display().to_string());
            }
        }
    }
    assert!(used.len() > 30, "only {used:?} were found: the search is broken");
    let unknown: Vec<_> = used.iter().filter(|(field, _)| !listed.contains(*field)).collect();
    assert!(unknown.is_empty(), "not among the fields of CONTRIBUTING.md: {unknown:?}");
    let unused: Vec<_> = listed.iter().filter(|field| !used.contains_key(*field)).collect();
    assert!(unused.is_empty(), "listed in CONTRIBUTING.md, but in no log line: {unused:?}");
    let secret: Vec<_> = listed.iter().filter(|field| SECRET.contains(&field.as_str())).collect();
    assert!(secret.is_empty(), "would hold a secret: {secret:?}");
}

/// The fields in the table of CONTRIBUTING.md.
fn listed() -> BTreeSet<String> {
    let text = Document::read("CONTRIBUTING.md").text;
    let table = text.split("| field | what it is |").nth(1).and_then(|rest| rest.split("\n\n").next());
    let rows = table.expect("a table of fields").lines().filter_map(|line| line.strip_prefix('|'));
    rows.flat_map(|row| quoted(cells_of(row).first().copied().unwrap_or_default())).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let paths = entries.flat_map(|entry| match entry.path() {
        path if path.is_dir() => sources(&path),
        path if path.extension().is_some_and(|extension| extension == "rs") => vec![path],
        _ => vec![],
    });
    paths.filter(|path| !path.components().any(|part| part.as_os_str() == "tests")).collect()
}

/// Without the unit tests at its end, which log what they like.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

#[derive(Debug, PartialEq, Eq)]
struct Line {
    fields: Vec<String>,
}

/// The log lines and spans in `code`.
fn lines(code: &str) -> Vec<Line> {
    let macros = ["error!(", "warn!(", "info!(", "debug!(", "trace!(", "event!(", "span!("];
    let mut found = vec![];
    for piece in code.split("tracing::").skip(1) {
        let name = piece.split('(').next().unwrap_or_default();
        let is_macro = macros.iter().any(|known| format!("{name}(").ends_with(known));
        if let (true, Some(inside)) = (is_macro, piece.get(name.len() + 1..)) {
            found.push(Line { fields: arguments(inside).iter().filter_map(|text| field(text)).collect() });
        }
    }
    found
}

/// The arguments of a call, up to its closing bracket.
fn arguments(text: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut escaped, mut found) = (0, false, false, vec![String::new()]);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = found.last_mut() {
            last.push(character);
        }
    }
    found.iter().map(|argument| argument.trim().to_owned()).filter(|argument| !argument.is_empty()).collect()
}

/// The name of the field that an argument sets; a message, a target or a value of the message sets none.
fn field(argument: &str) -> Option<String> {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let name = match argument.split_once('=') {
        Some((name, value)) if !value.starts_with('=') => name.trim(),
        // `%user`, `?drain`, `version`: named after the variable.
        _ => argument.trim_start_matches(['%', '?']),
    };
    is_name(name).then(|| name.to_owned())
}

#[test]
fn the_fields_of_every_form_of_a_line_are_found() {
    let code = "tracing::info!(user = %user.id, count, ?drain, %error, \"a message, with = signs\", f(x, y));\n\
                tracing::warn!(\"{text}\"); tracing::field::Empty; tracing::info_span!(\"request\", request_id = \"(\");\n\
                tracing::debug!(\n    aud = ?live.claims.aud,\n    \"said \\\"so\\\"\"\n)";
    let found = lines(code).into_iter().map(|line| line.fields.join(" ")).collect::<Vec<_>>();
    assert_eq!(found, ["user count drain error", "", "request_id", "aud"]);
}
