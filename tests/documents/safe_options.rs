//! What docs/safe-options.md names as a setting or as a member of a client's metadata is one, and the profile is there as it says.

use std::collections::BTreeSet;
use std::fs;

use latchkey::domain::oauth::client::Metadata;
use latchkey::domain::oauth::profile::{Legacy, Profile, Rules};

use super::markdown::Document;
use super::{cells_of, quoted};

/// Names of other things that look like a member.
const OTHERS: [&str; 5] = ["code_challenge", "private_key_jwt", "client_secret_jwt", "response_type", "implicit"];

#[test]
fn every_setting_and_member_that_it_names_is_there() {
    let (settings, members) = (settings(), members());
    assert!(settings.len() > 60 && members.len() > 30, "the search is broken");
    let (mut found, mut unknown) = (0, Vec::new());
    for word in words() {
        let is_setting =
            word.contains('.') && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.".contains(&byte));
        let is_member = word.contains('_') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let known = match (is_setting, is_member && !OTHERS.contains(&word.as_str())) {
            (true, _) => settings.contains(&word),
            (false, true) => members.contains(&word),
            (false, false) => continue,
        };
        found += 1;
        if !known {
            unknown.push(word);
        }
    }
    assert!(found > 20, "only {found} were found: the search is broken");
    assert!(unknown.is_empty(), "neither a setting nor a member: {unknown:?}");
}

#[test]
fn it_has_a_row_for_each_thing_that_the_profile_takes_away() {
    let text = Document::read("docs/safe-options.md").text;
    let section = text.split("## What the profile switches off").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows =
        section.expect("the section").lines().filter(|line| line.starts_with("| ") && !line.contains("for old app"));
    assert_eq!(rows.count(), Legacy::ALL.len());
    let strict = Rules { profile: Profile::OAuth21, only_code: false };
    assert!(Legacy::ALL.into_iter().all(|what| !strict.have(what)));
    assert!(text.contains("profile = \"oauth-2.1\""));
}

/// What stands between backquotes in the cells of its tables.
fn words() -> Vec<String> {
    let text = Document::read("docs/safe-options.md").text;
    text.lines().filter_map(|line| line.strip_prefix('|')).flat_map(cells_of).flat_map(quoted).collect()
}

fn settings() -> BTreeSet<String> {
    let (mut section, mut found) = (String::new(), BTreeSet::new());
    for line in fs::read_to_string("config/default.toml").unwrap().lines() {
        let line = line.trim_start_matches("# ");
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((name, _)) = line.split_once(" = ") {
            found.insert(format!("{section}{name}"));
        }
    }
    found
}

fn members() -> BTreeSet<String> {
    let json = serde_json::to_value(Metadata::default()).unwrap();
    json.as_object().unwrap().keys().cloned().collect()
}
