//! Key paths: the names one walks from the root of a configuration to a value.

use std::fmt;

use lean_string::LeanStr;
use thiserror::Error;

/// A path of keys, such as `sdk.aws."s3.eu"`; compared key by key, letter case included.
///
/// The empty path is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<LeanStr>);

/// Says why a text is no key path.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyPathError {
    /// Two dots meet, or a dot begins or ends the text.
    #[error("key path has an empty key at column {column}; write `\"\"` for a key without a name")]
    EmptyKey {
        /// Column of the empty key, in characters from 1.
        column: usize,
    },
    /// A `"` is never closed.
    #[error("key path has an unclosed quote at column {column}")]
    UnclosedQuote {
        /// Column of the opening quote, in characters from 1.
        column: usize,
    },
    /// Text follows a quoted key without a dot between.
    #[error("key path has text right after a quoted key at column {column}; put a dot between")]
    TextAfterQuote {
        /// Column of that text, in characters from 1.
        column: usize,
    },
}

impl KeyPath {
    /// Returns the path of the root.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// Reads a path as people type it: keys between dots, a key in double quotes taken whole.
    ///
    /// In quotes, a backslash keeps the character after it. An empty text is the root.
    ///
    /// # Errors
    /// An empty key, an unclosed quote, or text next to a quoted key.
    ///
    /// ```
    /// let path = resolver::KeyPath::parse(r#"sdk."a.b".c"#).unwrap();
    /// assert_eq!(path.len(), 3);
    /// assert_eq!(path.to_string(), r#"sdk."a.b".c"#);
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeyPathError> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let mut keys = Vec::new();
        let mut characters = text.chars().enumerate().peekable();
        loop {
            let (key, ended) = match characters.peek() {
                Some(&(start, '"')) => quoted_key(&mut characters, start)?,
                other => {
                    let column = other.map_or(text.chars().count(), |(at, _)| *at) + 1;
                    plain_key(&mut characters, column)?
                }
            };
            keys.push(key);
            if ended {
                return Ok(Self(keys));
            }
        }
    }

    /// Returns this path with one more key.
    #[must_use]
    pub fn join(&self, key: impl Into<LeanStr>) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.into());
        Self(keys)
    }

    /// Adds a key at the end.
    pub fn push(&mut self, key: impl Into<LeanStr>) {
        self.0.push(key.into());
    }

    /// Takes the last key off.
    pub fn pop(&mut self) -> Option<LeanStr> {
        self.0.pop()
    }

    /// Returns the keys, outermost first.
    pub fn keys(&self) -> &[LeanStr] {
        &self.0
    }

    /// Returns how many keys there are; 0 for the root.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether this is the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path is `prefix` or lies below it.
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

impl<K: Into<LeanStr>> FromIterator<K> for KeyPath {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        Self(keys.into_iter().map(Into::into).collect())
    }
}

/// Spells the path so that [`KeyPath::parse`] reads it back.
impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, key) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            if is_plain(key) {
                formatter.write_str(key)?;
            } else {
                write!(formatter, "\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '@' | ':'))
}

type Characters<'a> = std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'a>>>;

/// Takes a key up to the next dot; the flag says that the text ended there.
fn plain_key(
    characters: &mut Characters<'_>,
    column: usize,
) -> Result<(LeanStr, bool), KeyPathError> {
    let mut key = String::new();
    let mut ended = true;
    for (_, character) in characters.by_ref() {
        if character == '.' {
            ended = false;
            break;
        }
        key.push(character);
    }
    let key = key.trim_matches([' ', '\t']);
    if key.is_empty() { Err(KeyPathError::EmptyKey { column }) } else { Ok((key.into(), ended)) }
}

fn quoted_key(
    characters: &mut Characters<'_>,
    start: usize,
) -> Result<(LeanStr, bool), KeyPathError> {
    characters.next();
    let mut key = String::new();
    loop {
        match characters.next() {
            None => return Err(KeyPathError::UnclosedQuote { column: start + 1 }),
            Some((_, '"')) => break,
            Some((_, '\\')) => key.extend(characters.next().map(|(_, escaped)| escaped)),
            Some((_, character)) => key.push(character),
        }
    }
    match characters.next() {
        None => Ok((key.into(), true)),
        Some((_, '.')) => Ok((key.into(), false)),
        Some((at, _)) => Err(KeyPathError::TextAfterQuote { column: at + 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type_and_spells_it_back() {
        for (text, keys) in [
            ("", vec![]),
            ("a", vec!["a"]),
            ("a.b", vec!["a", "b"]),
            (r#"a."b.c".d"#, vec!["a", "b.c", "d"]),
            (r#""""#, vec![""]),
            (r#""q\"\\""#, vec!["q\"\\"]),
            (r#""white space".x"#, vec!["white space", "x"]),
        ] {
            let path = KeyPath::parse(text).unwrap();
            assert_eq!(path.keys(), keys, "{text}");
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn says_where_a_path_is_broken() {
        for (text, error) in [
            (".a", KeyPathError::EmptyKey { column: 1 }),
            ("a..b", KeyPathError::EmptyKey { column: 3 }),
            ("a.", KeyPathError::EmptyKey { column: 3 }),
            ("a.\"b", KeyPathError::UnclosedQuote { column: 3 }),
            ("\"a\"b", KeyPathError::TextAfterQuote { column: 4 }),
        ] {
            assert_eq!(KeyPath::parse(text), Err(error), "{text}");
        }
    }
}
