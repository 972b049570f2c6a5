//! No circles: a file is not used by those that it uses. Reads `use` and paths as text, and follows re-exports to the file
//! that has the thing: a `mod.rs` that only hands on what its files have depends on none of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{code_only, is_word};

/// A module's path from the root: `["domain", "oauth", "error"]`.
type Path = Vec<String>;

/// The files that are modules of the program, by their paths.
struct Modules(BTreeMap<Path, Module>);

struct Module {
    file: String,
    /// Its code without tests, imports and declarations of modules.
    body: String,
    imports: Vec<Import>,
}

/// One name of a `use`.
struct Import {
    path: Path,
    /// By which it is known here; `*` for all.
    name: String,
    /// Handed on to others (`pub use`); it is used here only if it is named.
    is_shown: bool,
}

/// The circles among `files` (path and text of each), each by the shortest way round.
pub fn circles(files: &[(String, String)]) -> Vec<String> {
    let modules = Modules::read(files);
    let uses: BTreeMap<&Path, BTreeSet<Path>> =
        modules.0.iter().map(|(path, module)| (path, modules.used_by(path, module))).collect();
    let (mut found, mut told) = (Vec::new(), BTreeSet::new());
    for start in modules.0.keys() {
        if told.contains(start) {
            continue;
        }
        if let Some(way) = way_back(start, &uses) {
            let files: Vec<_> = way.iter().filter_map(|path| Some(modules.0.get(path)?.file.as_str())).collect();
            found.push(format!("a circle: {}", files.join(" uses ")));
            told.extend(way);
        }
    }
    found
}

/// The shortest way from `start` over others to `start`.
fn way_back(start: &Path, uses: &BTreeMap<&Path, BTreeSet<Path>>) -> Option<Vec<Path>> {
    let (mut ways, mut seen) = (vec![vec![start.clone()]], BTreeSet::new());
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| uses.get(last)).into_iter().flatten() {
                let way: Vec<_> = way.iter().chain([next]).cloned().collect();
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

impl Modules {
    fn read(files: &[(String, String)]) -> Self {
        let mut modules = BTreeMap::new();
        let mut only_for_tests = BTreeSet::new();
        let mut texts = Vec::new();
        for (file, text) in files {
            let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
            let path: Path = inside.split('/').filter(|name| *name != "mod").map(str::to_owned).collect();
            if path.iter().any(|name| name == "tests" || name.ends_with("_tests")) || inside == "main" {
                continue;
            }
            let path = if inside == "lib" { Path::new() } else { path };
            let (code, tests) = without_tests(&code_only(text));
            only_for_tests.extend(tests.into_iter().map(|name| joined(&path, &[name])));
            texts.push((path, file, code));
        }
        texts.retain(|(path, ..)| !only_for_tests.contains(path));
        let known: BTreeSet<Path> = texts.iter().map(|(path, ..)| path.clone()).collect();
        for (path, file, code) in texts {
            let (body, imports) = without_imports(&code, &path, &known);
            modules.insert(path, Module { file: file.clone(), body, imports });
        }
        Self(modules)
    }

    /// The modules that this one uses.
    fn used_by(&self, path: &Path, module: &Module) -> BTreeSet<Path> {
        let mut found = BTreeSet::new();
        let named = paths(&module.body);
        for import in &module.imports {
            let within: Vec<_> = named.iter().filter(|named| named.first() == Some(&import.name)).collect();
            if import.is_shown && within.is_empty() {
                continue;
            }
            // Of a module it counts what is used of it.
            let items: Vec<_> =
                within.iter().filter_map(|named| named.get(1..)).filter(|rest| !rest.is_empty()).collect();
            match self.0.contains_key(&import.path) && !items.is_empty() {
                true => found.extend(items.iter().filter_map(|rest| self.having(&joined(&import.path, rest), 0))),
                false => found.extend(self.having(&import.path, 0)),
            }
        }
        let is_imported = |name: &String| module.imports.iter().any(|import| import.name == *name);
        let by_itself =
            named.iter().filter(|named| named.len() > 1 && named.first().is_some_and(|name| !is_imported(name)));
        let known = self.0.keys().cloned().collect();
        let absolute = by_itself.filter_map(|named| absolute(path, named, &known));
        found.extend(absolute.filter_map(|absolute| self.having(&absolute, 0)));
        found.retain(|other| other != path && !other.is_empty());
        found
    }

    /// The module that has what `path` names; `depth` ends a re-export of itself.
    fn having(&self, path: &[String], depth: usize) -> Option<Path> {
        let mut at = Path::new();
        for (index, name) in path.iter().enumerate() {
            let child = joined(&at, std::slice::from_ref(name));
            if self.0.contains_key(&child) {
                at = child;
                continue;
            }
            let rest = path.get(index + 1..).unwrap_or_default();
            let module = self.0.get(&at)?;
            if let Some(import) = module.imports.iter().find(|import| import.name == *name).filter(|_| depth < 9) {
                return self.having(&joined(&import.path, rest), depth + 1);
            }
            return Some(at);
        }
        Some(at)
    }
}

fn joined(path: &[String], rest: &[String]) -> Path {
    path.iter().chain(rest).cloned().collect()
}

/// `code` without what is compiled for tests only, and the names of the files that are.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let (mut kept, mut names, mut rest) = (String::new(), Vec::new(), code);
    while let Some((before, from)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        let end = from.find([';', '{']).unwrap_or(from.len());
        let (item, after) = from.split_at(end);
        let mut open = 0_usize;
        let closed = after.find(|character| {
            open = match character {
                '{' => open + 1,
                '}' => open.saturating_sub(1),
                _ => open,
            };
            open == 0
        });
        if after.starts_with(';') {
            names.extend(item.split_once("mod ").map(|(_, name)| name.trim().to_owned()));
        }
        rest = after.get(closed.map_or(after.len(), |at| at + 1)..).unwrap_or_default();
    }
    kept.push_str(rest);
    (kept, names)
}

/// `code` without `use` and `mod …;`, and what is imported of our own.
fn without_imports(code: &str, path: &Path, known: &BTreeSet<Path>) -> (String, Vec<Import>) {
    let (mut body, mut imports) = (String::new(), Vec::new());
    for statement in code.split_inclusive(';') {
        let begins = |word: &str| {
            let at = statement.match_indices(word).map(|(at, _)| at);
            at.filter(|at| !statement.get(..*at).unwrap_or_default().ends_with(is_word)).last()
        };
        let import = begins("use ").filter(|_| !statement.contains("fn ") || statement.trim_end().ends_with(';'));
        if let Some(at) = import {
            let (before, tree) = statement.split_at(at);
            let is_shown =
                before.trim_end().ends_with("pub") || before.trim_end().ends_with(')') && before.contains("pub(");
            body.push_str(before);
            let mut leaves = Vec::new();
            expand(&[], tree.trim_start_matches("use ").trim_end_matches(';'), &mut leaves);
            for (segments, name) in leaves {
                imports.extend(absolute(path, &segments, known).map(|path| Import { path, name, is_shown }));
            }
        } else if let Some(at) = begins("mod ").filter(|at| !statement.get(*at..).unwrap_or_default().contains('{')) {
            body.push_str(statement.get(..at).unwrap_or_default());
        } else {
            body.push_str(statement);
        }
    }
    (body, imports)
}

/// The paths of `a::{b, c::d as e, f::*}`, each with the name by which it is known.
fn expand(prefix: &[String], tree: &str, leaves: &mut Vec<(Path, String)>) {
    let tree = tree.trim();
    let segments = |text: &str| {
        let names = text.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        prefix.iter().cloned().chain(names).collect::<Path>()
    };
    let Some((head, inner)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
        let mut path = segments(path);
        if path.last().is_some_and(|last| last == "self" && path.len() > 1) {
            path.pop();
        }
        let name = alias.map(str::to_owned).or_else(|| path.last().cloned()).unwrap_or_default();
        path.retain(|name| name != "*");
        leaves.push((path, name));
        return;
    };
    let (prefix, inner) = (segments(head), inner.strip_suffix('}').unwrap_or(inner));
    let (mut depth, mut from) = (0_usize, 0);
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let item = inner.get(from..at).unwrap_or_default();
                if !item.trim().is_empty() {
                    expand(&prefix, item, leaves);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// `segments`, written in the module `path`, from the root; `None` for what is not ours.
fn absolute(path: &Path, segments: &[String], known: &BTreeSet<Path>) -> Option<Path> {
    let (first, rest) = segments.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some(joined(path, rest)),
        "super" => {
            let climbed = segments.iter().take_while(|name| *name == "super").count();
            Some(joined(path.get(..path.len().checked_sub(climbed)?)?, segments.get(climbed..)?))
        }
        _ => known.contains(&joined(path, std::slice::from_ref(first))).then(|| joined(path, segments)),
    }
}

/// Every name in `body` with what is named of it: `a`, `a::b::c`.
fn paths(body: &str) -> BTreeSet<Path> {
    let tokens = body.split(|character| !is_word(character) && character != ':');
    let path = |token: &str| {
        token
            .split("::")
            .take_while(|name| !name.is_empty())
            .map(|name| name.trim_end_matches(':').to_owned())
            .collect()
    };
    tokens.filter(|token| !token.is_empty()).map(path).filter(|path: &Path| !path.is_empty()).collect()
}

#[cfg(test)]
mod the_checker {
    use super::circles;

    fn found(files: &[(&str, &str)]) -> usize {
        let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        circles(&files).len()
    }

    #[test]
    fn sees_every_form_of_a_circle() {
        let b = ("src/x/b.rs", "use crate::x::a::A;\npub struct B(A);");
        for a in [
            "use super::b::B;",
            "use crate::x::{a, b::{self, B}};",
            "fn f() { crate::x::b::f() }",
            "use super::B;",
            "use super::b;\nfn f() { b::f() }",
            "use crate::x;\nfn f() { x::b::f() }",
            "use super::{c as d, b as e};\nfn f(_: e::B) {}",
        ] {
            let files = [("src/x/mod.rs", "pub mod a;\npub mod b;\npub use self::b::B;"), ("src/x/a.rs", a), b];
            assert_eq!(found(&files), 1, "{a}");
        }
        let three =
            [("src/a.rs", "use crate::b::B;"), ("src/b.rs", "use crate::c::C;"), ("src/c.rs", "use crate::a::A;")];
        assert_eq!(found(&three), 1);
        let parent = [("src/x/mod.rs", "mod a;\npub struct X;\nfn f() { a::f() }"), ("src/x/a.rs", "use super::X;")];
        assert_eq!(found(&parent), 1);
    }

    #[test]
    fn sees_none_where_there_is_none() {
        for files in [
            // What a parent hands on it does not use.
            [("src/x/mod.rs", "mod a;\npub use self::a::A;\npub struct X;"), ("src/x/a.rs", "use super::X;")],
            // Nor what it has for its tests.
            [("src/x/mod.rs", "#[cfg(test)]\nmod a;\npub struct X;"), ("src/x/a.rs", "use super::X;")],
            [
                ("src/x/mod.rs", "pub struct X;\n#[cfg(test)]\nmod tests { use super::a::A; }\n"),
                ("src/x/a.rs", "use super::X;"),
            ],
            [("src/x/a.rs", "// use super::b::B;\nconst C: &str = \"super::b\";"), ("src/x/b.rs", "use super::a::A;")],
            [("src/x/a.rs", "use std::fmt;\nuse other::b;"), ("src/x/b.rs", "use super::a::A;")],
        ] {
            assert_eq!(found(&files), 0, "{files:?}");
        }
    }
}
