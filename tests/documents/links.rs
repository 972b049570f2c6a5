//! Whoever follows a link of the documents arrives; the README stays short; and what it shows is run by a test.

use super::markdown::{self, Document};

const README_LINES: usize = 150;

#[test]
fn every_link_leads_to_a_file_and_to_a_heading() {
    let documents = markdown::all();
    assert!(documents.len() > 30, "only {} documents were found: the search is broken", documents.len());
    let (mut checked, mut broken) = (0, vec![]);
    for document in &documents {
        for link in document.links() {
            checked += 1;
            broken.extend(fault(document, &link).map(|why| format!("{}: {link}: {why}", document.path.display())));
        }
    }
    assert!(checked > 60, "only {checked} links were found: the search is broken");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn fault(document: &Document, link: &str) -> Option<&'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.path.clone(),
        path => document.path.parent()?.join(path),
    };
    if !target.exists() {
        return Some("there is no such file");
    }
    let known = || Document::read(&target).anchors().iter().any(|known| known == anchor);
    (!anchor.is_empty() && !known()).then_some("there is no such heading")
}

#[test]
fn a_broken_link_is_noticed() {
    let document = Document::read("docs/tokens.md");
    assert_eq!(fault(&document, "../README.md#two-commands"), None);
    assert_eq!(fault(&document, "#access-tokens"), None);
    assert!(fault(&document, "README.md").is_some());
    assert!(fault(&document, "../README.md#three-commands").is_some());
    assert!(fault(&document, "#no-heading").is_some());
}

#[test]
fn the_readme_is_read_in_one_go() {
    let lines = Document::read("README.md").text.lines().count();
    assert!(lines <= README_LINES, "{lines} lines: move something to docs/");
}

/// The pages of docs/integrate are run by the end-to-end tests.
#[test]
fn what_the_readme_does_with_a_running_dev_stands_on_a_page_that_is_tested() {
    let pages = markdown::all().into_iter().filter(|document| document.path.starts_with("docs/integrate"));
    let tested: Vec<String> = pages.flat_map(|page| markdown::commands(&page.text)).collect();
    let shown = markdown::commands(&Document::read("README.md").text);
    let with_dev: Vec<_> =
        shown.iter().filter(|line| line.contains(".latchkey/dev") || line.starts_with("curl")).collect();
    assert!(with_dev.len() >= 3, "only {with_dev:?} were found: the search is broken");
    let untested: Vec<_> = with_dev.into_iter().filter(|line| !tested.contains(line)).collect();
    assert!(untested.is_empty(), "on no page of docs/integrate: {untested:#?}");
}

/// Each page is named by the test that runs it: a new page without one is noticed.
#[test]
fn every_page_of_integrate_is_run_by_a_test() {
    let folders = ["browser", "clients"].map(|name| std::fs::read_dir(format!("tests/e2e/{name}")).unwrap());
    let tests = folders.into_iter().flatten().map(|file| file.unwrap().path());
    let tests = tests.filter(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let runners = tests.chain(["tests/e2e/integrate.rs".into()]);
    let runners: String = runners.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let pages = markdown::all().into_iter().filter(|document| document.path.starts_with("docs/integrate"));
    let names: Vec<String> = pages.map(|page| page.path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert!(names.len() >= 4, "{names:?}");
    let forgotten: Vec<_> = names.iter().filter(|name| !runners.contains(*name)).collect();
    assert!(forgotten.is_empty(), "no test runs {forgotten:?}");
}
