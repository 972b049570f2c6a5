//! docs/architecture.md stays true: every path that it names is there, and the files of each recipe contain what the
//! recipe tells the reader to look for.

use std::fs;
use std::path::Path;

use super::markdown::Document;
use super::{cells_of, quoted};

const DOCUMENT: &str = "docs/architecture.md";

#[test]
fn every_path_of_the_architecture_exists() {
    let paths = paths(&Document::read(DOCUMENT).text);
    assert!(paths.len() > 60, "only {} paths were found: the search is broken", paths.len());
    let missing: Vec<_> = paths.iter().filter(|path| !exists(path)).collect();
    assert!(missing.is_empty(), "{DOCUMENT} names what is not there: {missing:#?}");
}

#[test]
fn every_recipe_leads_to_files_that_contain_what_it_says() {
    let recipes = recipes(&Document::read(DOCUMENT).text);
    let names: Vec<&str> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
    assert_eq!(names, ["grant", "page", "table", "setting", "command", "job", "mail", "refusal"]);
    let faults: Vec<String> = recipes.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

struct Recipe {
    name: String,
    /// A file, and what to look for in it.
    steps: Vec<(String, Vec<String>)>,
}

fn recipes(text: &str) -> Vec<Recipe> {
    let sections = text.split("\n### To add a ").skip(1);
    let recipe = |section: &str| {
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let step = |row: &str| {
            let row = format!("`{row}");
            let cells = cells_of(&row);
            Some((quoted(cells.first()?).into_iter().next()?, quoted(cells.get(2)?)))
        };
        let name = section.lines().next().unwrap_or_default().to_owned();
        Recipe { name, steps: rows.filter_map(step).collect() }
    };
    sections.map(recipe).filter(|recipe| !recipe.steps.is_empty()).collect()
}

fn faults(recipe: &Recipe) -> Vec<String> {
    let mut faults = vec![];
    if recipe.steps.len() < 4 {
        faults.push(format!("{}: only {} steps were found", recipe.name, recipe.steps.len()));
    }
    for (file, patterns) in &recipe.steps {
        if is_new(file) {
            continue;
        }
        match fs::read_to_string(file) {
            Err(error) => faults.push(format!("{}: {file}: {error}", recipe.name)),
            Ok(text) => faults.extend(
                patterns
                    .iter()
                    .filter(|pattern| !text.contains(*pattern))
                    .map(|pattern| format!("{}: {file} does not contain {pattern}", recipe.name)),
            ),
        }
    }
    faults
}

/// What stands between backquotes and looks like a path from the root of the repository.
fn paths(text: &str) -> Vec<String> {
    let roots = ["src/", "tests/", "docs/", "migrations/", "templates/", "config/default"];
    let prose = text.split("```").step_by(2);
    let quoted = prose.flat_map(|piece| piece.split('`').skip(1).step_by(2));
    quoted.filter(|name| roots.iter().any(|root| name.starts_with(root))).map(str::to_owned).collect()
}

/// A part of it is a name in capitals: the reader makes that file.
fn is_new(path: &str) -> bool {
    path.split(['/', '.', '_', '-'])
        .any(|part| part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase()) && part != "CHANGELOG")
}

/// Of a new file, the folder in front of the name that the reader chooses.
fn exists(path: &str) -> bool {
    let known = match is_new(path) {
        false => path.to_owned(),
        true => path.split('/').take_while(|part| !is_new(part)).collect::<Vec<_>>().join("/"),
    };
    Path::new(&known).exists()
}

#[test]
fn a_recipe_that_went_stale_is_noticed() {
    let text = "\n### To add a thing\n\n| file | what | look for |\n|---|---|---|\n| `Cargo.toml` | x | `[dependencies]` |\n\
                | `Cargo.toml` | x | `[no such section]` |\n| `src/gone.rs` | x | |\n| `src/http/NAME.rs` | x | |\n";
    let recipes = recipes(text);
    assert_eq!(recipes.len(), 1);
    assert_eq!(faults(&recipes[0]).len(), 2, "{:?}", faults(&recipes[0]));
    assert_eq!(paths("`src/a.rs` and `b` ```\n`src/no.rs`\n``` `docs/c.md`"), ["src/a.rs", "docs/c.md"]);
    assert!(exists("src/http/NAME.rs") && exists("migrations/DATE_NAME/up.sql") && !exists("src/none/NAME.rs"));
}
