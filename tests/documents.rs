//! What docs/specs.md and docs/attacks.md name is there: every file, and every test. The other rules for documents are in
//! tests/documents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "documents/architecture.rs"]
mod architecture;
#[path = "documents/links.rs"]
mod links;
#[path = "documents/logs.rs"]
mod logs;
#[path = "documents/markdown.rs"]
mod markdown;
#[path = "documents/paths.rs"]
mod paths;
#[path = "documents/safe_options.rs"]
mod safe_options;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const DOCUMENTS: [&str; 2] = ["docs/specs.md", "docs/attacks.md"];

#[test]
fn every_file_and_every_test_that_the_documents_name_exists() {
    let tests = tests(&[Path::new("src"), Path::new("tests")]);
    assert!(tests.len() > 500, "only {} tests were found: the search is broken", tests.len());
    // Below src, or from the top: what is sent to browsers stands outside.
    let is_file = |name: &str| Path::new("src").join(name).exists() || Path::new(name).exists();
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let rows = rows(&fs::read_to_string(document).unwrap());
        assert!(rows.len() > 20, "only {} rows were found in {document}: the search is broken", rows.len());
        missing
            .extend(rows.iter().flat_map(|row| faults(row, is_file, &tests)).map(|what| format!("{document}: {what}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// A row of a table with a column of files and one of tests.
struct Row {
    what: String,
    files: Vec<String>,
    tests: Vec<String>,
    /// A dash, where there is no test yet.
    says_none: bool,
}

fn rows(text: &str) -> Vec<Row> {
    let (mut rows, mut columns) = (Vec::new(), None);
    for line in text.lines() {
        let Some(cells) = line.strip_prefix('|') else {
            columns = None;
            continue;
        };
        let cells = cells_of(cells);
        let column = |name: &str| cells.iter().position(|cell| *cell == name);
        if let (Some(file), Some(test)) = (column("file"), column("test")) {
            columns = Some((file, test));
            continue;
        }
        let Some((file, test)) = columns else { continue };
        if cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':'))) {
            continue;
        }
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        rows.push(Row {
            what: cells.first().copied().unwrap_or_default().to_owned(),
            files: quoted(cell(file)),
            tests: quoted(cell(test)),
            says_none: cell(test) == "–",
        });
    }
    rows
}

/// The cells of a row; a bar between backquotes divides nothing.
fn cells_of(row: &str) -> Vec<&str> {
    let mut quoted = false;
    let cells = row.split(|c| {
        quoted ^= c == '`';
        c == '|' && !quoted
    });
    cells.map(str::trim).collect()
}

/// What stands between backquotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn faults(row: &Row, is_file: impl Fn(&str) -> bool, tests: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    if row.files.is_empty() {
        faults.push(format!("\"{}\" names no file", row.what));
    }
    if row.tests.is_empty() && !row.says_none {
        faults.push(format!("\"{}\" names no test, and does not say so by a dash", row.what));
    }
    faults.extend(row.files.iter().filter(|name| !is_file(name)).map(|name| format!("there is no file {name}")));
    faults
        .extend(row.tests.iter().filter(|name| !tests.contains(*name)).map(|name| format!("there is no test {name}")));
    faults
}

/// The names of all tests below `folders`: functions with an attribute that ends in `test`, and titles in JavaScript.
fn tests(folders: &[&Path]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in folders {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            match extension {
                _ if path.is_dir() && path.ends_with("node_modules") => {}
                _ if path.is_dir() => found.extend(tests(&[&path])),
                Some("rs") => found.extend(functions(&fs::read_to_string(&path).unwrap())),
                Some("mjs") => found.extend(titles(&fs::read_to_string(&path).unwrap())),
                _ => {}
            }
        }
    }
    found
}

fn functions(code: &str) -> Vec<String> {
    let (mut found, mut is_test) = (Vec::new(), false);
    for line in code.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let name = attribute.split(['(', ']']).next().unwrap_or_default();
            is_test |= name == "test" || name.ends_with("::test");
            continue;
        }
        let function = line.split_once("fn ").filter(|(before, _)| before.is_empty() || *before == "async ");
        if let (true, Some((_, rest))) = (is_test, function) {
            found.push(rest.split(['(', '<']).next().unwrap_or_default().to_owned());
        }
        is_test &= line.starts_with("//");
    }
    found
}

fn titles(code: &str) -> Vec<String> {
    let calls = code.split("test(").skip(1).chain(code.split("it(").skip(1));
    let title = |call: &str| {
        let quote = call.chars().next().filter(|first| matches!(first, '\'' | '"' | '`'))?;
        call[1..].split(quote).next().map(str::to_owned)
    };
    calls.filter_map(title).collect()
}

#[test]
fn what_is_not_there_is_noticed() {
    let table = "| attack | file | test |\n|---|---|---|\n| a | `x.rs` | `is_there` |\n| b | `y.rs` | `is_gone`, `no_test` |\n\
                 | c | `x.rs` | – |\n| d | | |\n\n| not | of | these |\n|---|---|---|\n| e | `z.rs` | `is_gone` |";
    let tests: BTreeSet<String> = functions(
        "#[test]\nfn is_there() {}\nfn no_test() {}\n#[cfg(test)]\nmod tests {\n#[tokio::test(x)]\n// Why.\nasync fn too() {}\n}",
    )
    .into_iter()
    .collect();
    assert_eq!(tests.iter().map(String::as_str).collect::<Vec<_>>(), ["is_there", "too"]);
    let found: Vec<_> = rows(table).iter().map(|row| faults(row, |name| name == "x.rs", &tests).len()).collect();
    assert_eq!(found, [0, 3, 0, 2]);
    assert_eq!(cells_of(" a | | `b|c` | d |"), ["a", "", "`b|c`", "d", ""]);
    assert_eq!(titles("test('a b', async () => {}); test(name, f)"), ["a b"]);
}
