//! Where a byte came from: source texts, their names, and places in them.

use std::{fmt, path::PathBuf, sync::Arc};

/// Names one source text among all that an answer is made of.
///
/// The caller hands the numbers out (see [`SourceIds`]) and uses none twice, so that an origin
/// still finds its text after layers of different ages were merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// Hands out the numbers of source texts, each once.
#[derive(Debug, Default)]
pub struct SourceIds(u32);

impl SourceIds {
    /// Returns the next unused number.
    pub fn next_id(&mut self) -> SourceId {
        let id = SourceId(self.0);
        self.0 = self.0.wrapping_add(1);
        id
    }
}

/// What a source text is called in messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceName {
    /// A file of this host.
    File(PathBuf),
    /// A vault of the server, a folder or etcd.
    Vault {
        /// The id that its source gave it.
        id: Arc<str>,
        /// The text people know it by; may be empty.
        description: Arc<str>,
        /// Whose vault it is.
        scope: Scope,
    },
    /// Environment variables of the asking process.
    Environment,
    /// Anything else, called by its own name, such as `<stdin>`.
    Text(Arc<str>),
}

/// Whose vault it is, as the server says (`users.get_vaults`, field `scope`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The user's own.
    #[default]
    User,
    /// One of an administrator, for a group of users.
    Group,
}

impl fmt::Display for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Vault { id, description, .. } if description.is_empty() => {
                write!(formatter, "vault {id}")
            }
            Self::Vault { id, description, .. } => {
                write!(formatter, "vault {id} ({description})")
            }
            Self::Environment => formatter.write_str("environment"),
            Self::Text(name) => formatter.write_str(name),
        }
    }
}

/// How a source text is spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// HOCON, in the dialect that the [`Mode`](crate::Mode) says.
    #[default]
    Hocon,
    /// JSON (RFC 8259).
    Json,
    /// JSON5.
    Json5,
    /// YAML 1.1, as `PyYAML`'s safe loader reads it.
    Yaml,
    /// Java properties; only included texts have it.
    Properties,
}

impl Format {
    /// Returns the format that a file name's ending stands for, if it stands for one.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1;
        [
            (Self::Hocon, "conf"),
            (Self::Hocon, "hocon"),
            (Self::Json, "json"),
            (Self::Json5, "json5"),
            (Self::Yaml, "yaml"),
            (Self::Yaml, "yml"),
            (Self::Properties, "properties"),
        ]
        .into_iter()
        .find_map(|(format, known)| known.eq_ignore_ascii_case(ending).then_some(format))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Hocon => "HOCON",
            Self::Json => "JSON",
            Self::Json5 => "JSON5",
            Self::Yaml => "YAML",
            Self::Properties => "properties",
        })
    }
}

/// A text as it was read, with its name and format; `Debug` shows its size only.
#[derive(Clone)]
pub struct SourceText {
    /// The number that origins carry.
    pub id: SourceId,
    /// What messages call it.
    pub name: SourceName,
    /// How it is spelled.
    pub format: Format,
    /// The text itself.
    pub text: Arc<str>,
}

impl SourceText {
    /// Returns the line and column of a byte, both from 1; columns count characters.
    ///
    /// A byte beyond the end is the place after the last character.
    pub fn line_column(&self, byte: u32) -> (usize, usize) {
        let mut end = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
    }
}

impl fmt::Debug for SourceText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SourceText")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("format", &self.format)
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// A place: a run of bytes in one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// Byte after the last one.
    pub end: u32,
}

impl Origin {
    /// Returns the place from the start of this one to the end of `last`, in the same text.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { end: last.end.max(self.end), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_by_newline_and_columns_by_character() {
        let text = SourceText {
            id: SourceId(0),
            name: SourceName::Text("t".into()),
            format: Format::Hocon,
            text: "a: é1\nb".into(),
        };
        for (byte, place) in
            [(0, (1, 1)), (3, (1, 4)), (4, (1, 4)), (5, (1, 5)), (7, (2, 1)), (99, (2, 2))]
        {
            assert_eq!(text.line_column(byte), place, "byte {byte}");
        }
    }

    #[test]
    fn debug_shows_no_text() {
        let text = SourceText {
            id: SourceId(7),
            name: SourceName::Environment,
            format: Format::Json,
            text: "hunter2".into(),
        };
        assert!(!format!("{text:?}").contains("hunter2"));
    }
}
