//! The words of each language, by Fluent (projectfluent.org). They are read once, when the first of them is needed.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::said::{Sentence, Value};

/// Each language's tag (BCP 47) and its file; English is the first.
pub const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

static CATALOGUES: LazyLock<Vec<FluentBundle<FluentResource>>> =
    LazyLock::new(|| SOURCES.iter().map(|(tag, source)| read(tag, source)).collect());

/// What a language has no words for is said in English. A sentence that nobody has words for, or whose values are not
/// those of its words, is a fault of ours, which the tests look for.
pub fn say(language: usize, sentence: &Sentence) -> String {
    let words = words(language, sentence).or_else(|| words(0, sentence));
    words.unwrap_or_else(|| {
        tracing::error!(detail = sentence.id, "a sentence has no words in any language");
        sentence.id.to_owned()
    })
}

fn words(language: usize, sentence: &Sentence) -> Option<String> {
    let bundle = CATALOGUES.get(language)?;
    let pattern = bundle.get_message(sentence.id)?.value()?;
    let values: FluentArgs<'_> = sentence.values.iter().map(|(name, value)| (*name, fluent(language, value))).collect();
    let mut faults = Vec::new();
    let words = bundle.format_pattern(pattern, Some(&values), &mut faults).into_owned();
    if !faults.is_empty() {
        tracing::error!(detail = sentence.id, "a sentence lacks a value");
    }
    Some(words)
}

fn fluent(language: usize, value: &Value) -> FluentValue<'_> {
    match value {
        Value::Text(text) => FluentValue::from(text.as_str()),
        Value::Number(number) => FluentValue::from(*number),
        Value::Words(sentence) => FluentValue::from(say(language, sentence)),
    }
}

/// What cannot be read of a file is left out, and then said in English; the tests refuse such a file.
fn read(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
    // Marks that set a value's direction apart would be copied with it, out of the page.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    if bundle.add_resource(resource).is_err() {
        tracing::error!(detail = tag, "a language has words for the same sentence twice");
    }
    bundle
}
