//! The reads and transactions of the database have names, by which the log and the record of durations call them. Reads
//! the source files as text; the last test shows that it can fail.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// `src/storage/engine/durations.rs` has room for twice as many.
const MOST: usize = 256;

#[test]
fn every_read_and_transaction_has_a_name_of_its_own_in_snake_case() {
    let mut found = Vec::new();
    read(Path::new("src"), &mut found);
    assert!(found.len() > 60, "only {} reads and transactions were found: the search is broken", found.len());
    assert!(found.len() <= MOST, "{} names: the record of durations needs more room", found.len());
    let wrong: Vec<_> = found.iter().filter(|(_, name)| !name.as_deref().is_some_and(is_a_name)).collect();
    assert!(wrong.is_empty(), "no literal, or not two or more words in snake_case: {wrong:?}");
    let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (file, name) in &found {
        files.entry(name).or_default().push(file);
    }
    files.retain(|_, files| files.len() > 1);
    assert!(files.is_empty(), "one name for two things: {files:?}");
}

fn read(folder: &Path, into: &mut Vec<(String, Option<String>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if stem == "tests" || stem.ends_with("_tests") {
            continue;
        }
        if path.is_dir() {
            read(&path, into);
        } else {
            let names = names(&fs::read_to_string(&path).unwrap());
            into.extend(names.into_iter().map(|name| (path.display().to_string(), name)));
        }
    }
}

/// The name of each read and transaction in `text`; `None` for one whose first argument is no literal.
fn names(text: &str) -> Vec<Option<String>> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let calls = ["read", "transaction", "write_once", "write"];
    let literal = |rest: &str| rest.strip_prefix('"')?.split('"').next().map(str::to_owned);
    let of = |receiver: &str| -> Vec<_> {
        let starts = calls.map(|call| format!("{receiver}.{call}("));
        starts.iter().flat_map(|start| code.split(start.as_str()).skip(1).map(literal)).collect()
    };
    // The store itself hands on what it was given.
    of("store").into_iter().chain(of("self").into_iter().filter(Option::is_some)).collect()
}

/// Two or more words in lower case.
fn is_a_name(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    name.len() <= 40 && name.contains('_') && name.split('_').all(is_word)
}

#[test]
fn a_name_that_is_none_is_found() {
    let found = names(
        "/// store.read(\"in_a_comment\", x)\n\
         app.store.transaction(\"redeem_code\", async |tx| {});\n\
         app\n    .store\n    .read(\n    \"find_client\", x);\n\
         store.write(NAME, writes, x); self.write_once(name, x); self.read(\"ask_database\", x)",
    );
    let found: Vec<_> = found.iter().map(|name| name.as_deref()).collect();
    assert_eq!(found, [Some("find_client"), Some("redeem_code"), None, Some("ask_database")]);
    for wrong in ["redeem", "Redeem_code", "redeem-code", "redeem__code", "_code", "redeem_", "code_2", ""] {
        assert!(!is_a_name(wrong), "{wrong:?}");
    }
    assert!(is_a_name("redeem_code"));
}
