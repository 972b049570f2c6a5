//! Enough Markdown for these tests: links, headings, code.

use std::fs;
use std::path::{Path, PathBuf};

/// A document of ours.
pub struct Document {
    pub path: PathBuf,
    pub text: String,
}

impl Document {
    pub fn read(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    /// The targets of its links and images.
    pub fn links(&self) -> Vec<String> {
        let prose = without_code(&self.text);
        let targets = prose.split("](").skip(1);
        targets.filter_map(|rest| rest.split(')').next()).map(|target| target.trim().to_owned()).collect()
    }

    /// What a link to one of its headings has after the `#`, as GitHub makes it.
    pub fn anchors(&self) -> Vec<String> {
        let mut in_code = false;
        let lines = self.text.lines().filter(|line| {
            in_code ^= line.trim_start().starts_with("```");
            !in_code
        });
        let headings = lines.filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        headings.map(anchor).collect()
    }
}

/// Every document at the root, below docs/ and beside the tests and benchmarks.
pub fn all() -> Vec<Document> {
    let mut found = vec![];
    collect(Path::new("."), false, &mut found);
    for folder in ["docs", "tests", "benches"] {
        collect(Path::new(folder), true, &mut found);
    }
    found
}

fn collect(folder: &Path, deep: bool, found: &mut Vec<Document>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if deep && !path.ends_with("node_modules") {
                collect(&path, true, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(Document::read(path.strip_prefix(".").unwrap_or(&path)));
        }
    }
}

/// The commands in its `sh` blocks, each in one line without comments.
pub fn commands(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>());
    let plain =
        |line: String| line.split('#').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    lines.map(plain).filter(|line| !line.is_empty()).collect()
}

fn without_code(text: &str) -> String {
    let (mut prose, mut in_block) = (String::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block && !line.starts_with("    ") {
            line.split('`').step_by(2).for_each(|piece| prose.push_str(piece));
        }
        prose.push('\n');
    }
    prose
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_and_headings_are_found_outside_of_code() {
    let text =
        "# A `b` (c), d\n[x](y.md#z) `[no](code)` ![i](p.png)\n```sh\n# no heading\n[no](block)\n```\n## One-two_3\n";
    let document = Document { path: "a.md".into(), text: text.to_owned() };
    assert_eq!(document.links(), ["y.md#z", "p.png"]);
    assert_eq!(document.anchors(), ["a-b-c-d", "one-two_3"]);
    assert_eq!(commands("```sh\na b \\\n    c  # why\n\n# only a comment\nd\n```\n"), ["a b c", "d"]);
}
