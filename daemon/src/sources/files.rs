//! The texts of this host: defaults, configuration folder, files.

use std::{fmt, io, path::PathBuf, sync::Arc};

use resolver::{Format, KeyPath, Precedence};
use thiserror::Error;

use crate::settings::Sources;

/// The texts of this host, and what could not be read.
#[derive(Debug, Default)]
pub struct FileTexts {
    /// The texts, lowest first.
    pub texts: Vec<FileText>,
    /// What could not be read.
    pub errors: Vec<FileError>,
    /// Every file and folder that was looked at, there or not: what to watch.
    pub looked_at: Vec<PathBuf>,
}

/// One text of this host; `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct FileText {
    /// The tier it belongs to.
    pub precedence: Precedence,
    /// Where it was read.
    pub path: PathBuf,
    /// How it is spelled.
    pub format: Format,
    /// The text.
    pub text: Arc<str>,
    /// The keys above it: a file `sdk.conf` of a folder holds what is below `sdk`.
    pub below: KeyPath,
}

/// A file that could not be read.
#[derive(Debug, Error)]
#[error("cannot read `{}`", path.display())]
pub struct FileError {
    /// The tier it belongs to.
    pub precedence: Precedence,
    /// Which file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl fmt::Debug for FileText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FileText")
            .field("precedence", &self.precedence)
            .field("path", &self.path)
            .field("format", &self.format)
            .field("below", &self.below)
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// Reads all texts of this host. `text_bytes` is how much of one is taken.
pub fn read_files(_sources: &Sources, _text_bytes: usize) -> FileTexts {
    FileTexts::default()
}
