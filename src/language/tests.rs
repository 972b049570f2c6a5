//! Every sentence that is said somewhere has words in every language, with the values that it is said with; and no words are
//! left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::catalogue::SOURCES;
use super::tongue::MOST_WISHES;
use super::*;

/// Words that are the same in two languages, and are meant to be.
const SAME: [&str; 3] = ["factor-passkey", "field-website", "language-direction"];

/// The words of a sentence, without its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Words {
    text: String,
    values: BTreeSet<String>,
    /// Other sentences that stand in it.
    parts: BTreeSet<String>,
}

/// What a language has, by id.
fn words_of(tag: &str, source: &str) -> BTreeMap<String, Words> {
    let resource = FluentResource::try_new(source.to_owned());
    let resource = resource.unwrap_or_else(|(_, errors)| panic!("locales/{tag}.ftl: {errors:?}"));
    let mut found = BTreeMap::new();
    for entry in resource.entries() {
        match entry {
            Entry::Message(message) => {
                let pattern = message.value.as_ref().unwrap_or_else(|| panic!("{tag}: {} is empty", message.id.name));
                assert!(message.attributes.is_empty(), "{tag}: {} has attributes, which nobody reads", message.id.name);
                let mut words = Words::default();
                words.read(pattern);
                assert!(found.insert(message.id.name.to_owned(), words).is_none(), "{tag}: {} twice", message.id.name);
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            other => panic!("locales/{tag}.ftl: {other:?}"),
        }
    }
    found
}

impl Words {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.text.push_str(value),
                PatternElement::Placeable { expression } => self.placed(expression),
            }
        }
    }

    fn placed(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                variants.iter().for_each(|variant| self.read(&variant.value));
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => drop(self.values.insert(id.name.to_owned())),
            InlineExpression::MessageReference { id, .. } => drop(self.parts.insert(id.name.to_owned())),
            InlineExpression::StringLiteral { value } => self.text.push_str(value),
            InlineExpression::NumberLiteral { .. } => {}
            InlineExpression::Placeable { expression } => self.placed(expression),
            other => panic!("{other:?} is not used in locales"),
        }
    }
}

fn languages() -> BTreeMap<&'static str, BTreeMap<String, Words>> {
    SOURCES.iter().map(|(tag, source)| (*tag, words_of(tag, source))).collect()
}

/// What is said somewhere: an id with the names of its values, and where.
type Said = BTreeMap<String, Vec<(BTreeSet<String>, String)>>;

/// What templates and source files say.
fn said() -> Said {
    let mut said = Said::new();
    for path in files(Path::new("templates")) {
        let text = fs::read_to_string(&path).unwrap();
        for call in [".t(", ".t1(", ".strong("] {
            for (at, _) in text.match_indices(call) {
                let arguments = arguments(text.get(at + call.len()..).unwrap());
                let id = literal(&arguments[0]).unwrap_or_else(|| panic!("{path}: {call}{}", arguments[0]));
                let names = arguments.get(1).and_then(|name| literal(name)).into_iter().collect();
                said.entry(id).or_default().push((names, path.clone()));
            }
        }
    }
    for path in files(Path::new("src")).into_iter().filter(|path| {
        path.ends_with(".rs") && !["src/language/said.rs", "src/language/tests.rs"].contains(&path.as_str())
    }) {
        let text = fs::read_to_string(&path).unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
        for call in ["layout.t(", "layout.t1("] {
            for (at, _) in code.match_indices(call) {
                let arguments = arguments(code.get(at + call.len()..).unwrap());
                let Some(id) = arguments.first().and_then(|id| literal(id)) else { continue };
                let names = arguments.get(1).and_then(|name| literal(name)).into_iter().collect();
                said.entry(id).or_default().push((names, path.clone()));
            }
        }
        for (at, call) in code.match_indices("sentence!(") {
            let arguments = arguments(code.get(at + call.len()..).unwrap());
            let Some(id) = arguments.first().and_then(|id| literal(id)) else { continue };
            let name = |argument: &String| argument.split_once('=').map(|(name, _)| name.trim().to_owned());
            said.entry(id).or_default().push((arguments[1..].iter().filter_map(name).collect(), path.clone()));
        }
    }
    said
}

/// The arguments of a call, whose text begins behind the bracket.
fn arguments(text: &str) -> Vec<String> {
    let (mut arguments, mut depth, mut quoted, mut escaped) = (vec![String::new()], 0, false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        arguments.last_mut().unwrap().push(character);
    }
    arguments.retain(|argument| !argument.trim().is_empty());
    arguments
}

/// The text between the quotes that an argument begins with.
fn literal(argument: &str) -> Option<String> {
    argument.trim().strip_prefix('"')?.split_once('"').map(|(text, _)| text.to_owned())
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string()] }).collect()
}

#[test]
fn every_language_says_every_sentence_with_the_same_values() {
    let languages = languages();
    let english = &languages["en"];
    for (tag, words) in &languages {
        let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (english.keys().collect(), words.keys().collect());
        assert_eq!(
            ours.symmetric_difference(&theirs).collect::<Vec<_>>(),
            Vec::<&&String>::new(),
            "only in one of en and {tag}"
        );
        for (id, words) in words {
            assert_eq!(words.values, english[id].values, "{tag}: {id}");
            assert!(!words.text.contains(['<', '>', '&']), "{tag}: {id} has markup");
            let same = *tag != "en" && words.text.contains(char::is_alphabetic) && words.text == english[id].text;
            assert!(!same || SAME.contains(&id.as_str()), "{tag}: {id} is still English: {}", words.text);
        }
    }
}

#[test]
fn what_is_said_has_words_with_just_these_values_and_no_words_are_left_over() {
    let (english, said) = (words_of("en", SOURCES[0].1), said());
    assert!(said.len() > 5, "the search is broken: {said:?}");
    let mut faults = vec![];
    for (id, uses) in &said {
        for (values, place) in uses {
            match english.get(id) {
                None => faults.push(format!("{place} says {id}, which has no words")),
                Some(words) if words.values != *values => {
                    faults.push(format!("{place} says {id} with {values:?}, its words have {:?}", words.values));
                }
                Some(_) => {}
            }
        }
    }
    let parts: BTreeSet<&String> = english.values().flat_map(|words| &words.parts).collect();
    let unused = english.keys().filter(|id| !said.contains_key(*id) && !parts.contains(id));
    faults.extend(unused.map(|id| format!("nobody says {id}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What stands in a template as text, and not by `t`. What is for developers alone is last in its file, and English.
fn words_of_its_own(template: &str) -> Vec<String> {
    let people = template.split("{% if layout.dev").next().unwrap_or_default();
    let pairs = [
        ("{% block body_class %}", "{% endblock %}"),
        ("{% block main_attributes %}", "{% endblock %}"),
        ("{#", "#}"),
        ("{{", "}}"),
        ("{%", "%}"),
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<svg", "</svg>"),
        ("<", ">"),
        ("&", ";"),
    ];
    let mut text = people.to_owned();
    for (begin, end) in pairs {
        while let Some(at) = text.find(begin) {
            let to = text[at..].find(end).map_or(text.len(), |to| at + to + end.len());
            text.replace_range(at..to, "\n");
        }
    }
    let is_word = |line: &&str| line.chars().filter(|character| character.is_alphabetic()).count() > 1;
    text.lines().map(str::trim).filter(is_word).map(str::to_owned).collect()
}

#[test]
fn no_page_for_people_has_words_of_its_own() {
    let pages = files(Path::new("templates")).into_iter().filter(|path| path.ends_with(".html"));
    for path in pages.filter(|path| !path.starts_with("templates/dev/") && !path.starts_with("templates/demo/")) {
        assert_eq!(words_of_its_own(&fs::read_to_string(&path).unwrap()), Vec::<String>::new(), "{path}");
    }
    let wrong = "<a href=\"{{ x }}\">{{ layout.t(\"id\") }} · Sign in</a>{% if layout.dev %}Mail{% endif %}";
    assert_eq!(words_of_its_own(wrong), ["· Sign in"]);
}

#[test]
fn the_search_sees_what_it_is_to_see() {
    assert_eq!(arguments("\"a\", x = f(1, 2), y = \"),\") }}"), ["\"a\"", " x = f(1, 2)", " y = \"),\""]);
    assert_eq!(literal(" \"a-b\" "), Some("a-b".to_owned()));
    assert_eq!(literal("name"), None);
}

#[test]
fn numbers_and_names_come_into_the_words() {
    let mail = sentence!("mail-test-subject", service = "Café <b>");
    assert_eq!(Language::ENGLISH.say(&mail), "Test mail from Café <b>");
    assert_eq!(Language::known("de").unwrap().say(&mail), "Test-E-Mail von Café <b>");
}

#[test]
fn a_language_is_found_by_what_somebody_wants() {
    let tag = |found: Option<Language>| found.map(Language::tag);
    for (wanted, found) in [
        ("de", Some("de")),
        ("DE", Some("de")),
        ("de-AT", Some("de")),
        ("de_CH", Some("de")),
        ("de-Latn-DE-1996", Some("de")),
        ("en-GB", Some("en")),
        ("se", None),
        ("", None),
        ("*", None),
        ("d", None),
        ("de-", None),
        ("de;q=1", None),
        ("deutsch-die-schwerste-sprache-der-welt", None),
    ] {
        assert_eq!(tag(Language::wanted(wanted)), found, "{wanted}");
    }
    assert_eq!(tag(Language::first_of("se de-AT en")), Some("de"));
    assert_eq!(tag(Language::first_of(&("se ".repeat(MOST_WISHES) + "de"))), None, "nobody speaks so many");
}

#[test]
fn what_a_browser_accepts_is_weighed() {
    for (header, found) in [
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", Some("de")),
        ("en;q=0.7, de;q=0.71", Some("de")),
        ("en, de", Some("en")),
        ("fr;q=1.0, de;q=0.5", Some("de")),
        ("de;q=0, en;q=0.1", Some("en")),
        ("de;q=0", None),
        ("de;q=2, en;q=1.5", None),
        ("de;q=, en;q=0.0001", None),
        ("*", None),
        ("", None),
        (",;=;q,", None),
    ] {
        assert_eq!(Language::accepted(header).map(Language::tag), found, "{header}");
    }
    assert_eq!(Language::accepted(&("se,".repeat(MOST_WISHES) + "de")), None);
}
