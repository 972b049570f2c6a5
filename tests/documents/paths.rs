//! The log and `latchkey why` name the path of a request that was refused: every route is one that `src/http/asked.rs` knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Routes that refuse nothing of their own, or exist in development only.
const QUIET: [&str; 12] = [
    "path::OPENID_CONFIGURATION",
    "path::OAUTH_METADATA",
    "path::PROTECTED_RESOURCE",
    "path::JWKS",
    "security_txt::PATH",
    "\"/healthz\"",
    "\"/readyz\"",
    "\"/\"",
    "\"/static/{name}\"",
    "\"/dev/mail\"",
    "\"/dev/mail.json\"",
    "\"/dev/mail/{id}\"",
];

/// The first argument of each `.route(…)` of the router.
fn routes(folder: &Path) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for rest in text.split(".route(").skip(1) {
            let first = rest.split(", ").next().unwrap().trim();
            found.insert((path.file_name().unwrap().to_str().unwrap().to_owned(), first.to_owned()));
        }
    }
    found
}

#[test]
fn every_route_is_known_to_whoever_asks_why_it_was_refused() {
    let asked = fs::read_to_string("src/http/asked.rs").unwrap();
    let known = asked.split("const PATHS").nth(1).and_then(|rest| rest.split("];").next()).expect("the paths");
    let names: BTreeSet<&str> = known.lines().skip(1).map(|line| line.trim().trim_end_matches(',')).collect();
    let last = |name: &str| name.rsplit("::").next().unwrap_or(name).to_owned();
    let routes = routes(Path::new("src/http/router"));
    assert!(routes.len() > 50, "only {routes:?} were found: the search is broken");
    let unknown: Vec<_> = routes
        .iter()
        .filter(|(file, route)| {
            // Those of the API and of the account pages are looked for in lists of their own.
            let is_listed = file == "api.rs" || route.starts_with("OwnPage::");
            let is_known = names.contains(route.as_str()) || names.iter().any(|name| last(name) == last(route));
            let is_other = asked.contains(&format!("return {};", last(route)));
            !is_listed && !is_known && !is_other && !QUIET.contains(&route.as_str())
        })
        .filter(|(_, route)| !route.starts_with("dev::"))
        .collect();
    assert!(unknown.is_empty(), "not in src/http/asked.rs: {unknown:?}");
}
