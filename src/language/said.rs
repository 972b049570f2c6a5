//! A sentence, before it is put into words.

/// A sentence that is not yet in any language: its id in `locales/*.ftl`, and the values in it. Made by [`sentence!`], by
/// which `tests` finds every id and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub(super) id: &'static str,
    pub(super) values: Vec<(&'static str, Value)>,
}

/// A value in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Words that are the same in every language: a name.
    Text(String),
    /// A number, on which other words of the sentence may depend.
    Number(u64),
    /// Other words.
    Words(Box<Sentence>),
}

impl Sentence {
    /// The sentence of this id. Use [`sentence!`].
    pub const fn plain(id: &'static str) -> Self {
        Self { id, values: Vec::new() }
    }

    /// The same with a value. Use [`sentence!`].
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((name, value.into()));
        self
    }
}

/// `sentence!("id")`, or with the values that the words of this id have: `sentence!("id", client = name, minutes = 3)`.
macro_rules! sentence {
    ($id:literal) => {
        $crate::language::Sentence::plain($id)
    };
    ($id:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::language::Sentence::plain($id)$(.with(stringify!($name), $value))+
    };
}
pub(crate) use sentence;

impl AsRef<Self> for Sentence {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

/// As templates have it.
impl From<&&String> for Value {
    fn from(text: &&String) -> Self {
        Self::Text((*text).clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Sentence> for Value {
    fn from(words: Sentence) -> Self {
        Self::Words(Box::new(words))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&u64> for Value {
    fn from(number: &u64) -> Self {
        Self::Number(*number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<&usize> for Value {
    fn from(number: &usize) -> Self {
        Self::from(*number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}
