//! The texts of this host: defaults, configuration folder, files.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use resolver::{Format, KeyPath, Precedence};
use thiserror::Error;

use super::folder::find_texts;
use crate::{
    settings::{ConfigFile, Presence, Sources},
    text_file::read_text,
};

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
pub fn read_files(sources: &Sources, text_bytes: usize) -> FileTexts {
    let mut files = FileTexts::default();
    if let Some(defaults) = &sources.defaults {
        files.read_folder(Precedence::Defaults, defaults, text_bytes);
    }
    if let Some(folder) = &sources.folder {
        files.read_folder(Precedence::Folder, &folder.path.join("default"), text_bytes);
        if folder.env_name != "default" {
            files.read_folder(Precedence::Folder, &folder.path.join(&folder.env_name), text_bytes);
        }
    }
    for file in &sources.files {
        files.read_file(file, text_bytes);
    }
    files
}

impl FileTexts {
    fn read_file(&mut self, file: &ConfigFile, text_bytes: usize) {
        let path = &file.path;
        self.looked_at.push(path.clone());
        match read_text(path, text_bytes) {
            Ok(text) => self.texts.push(FileText {
                precedence: Precedence::File,
                path: path.clone(),
                format: path.to_str().and_then(Format::of_file_name).unwrap_or_default(),
                text: text.into(),
                below: KeyPath::root(),
            }),
            Err(error) if file.presence == Presence::Optional && is_absence(&error) => {}
            Err(source) => self.fail(Precedence::File, path.clone(), source),
        }
    }

    /// Reads the `.conf` files of a folder and of those below it. A folder that is not there holds
    /// none.
    fn read_folder(&mut self, precedence: Precedence, folder: &Path, text_bytes: usize) {
        let found = find_texts(folder);
        self.looked_at.extend(found.folders);
        for (path, source) in found.errors {
            self.fail(precedence, path, source);
        }
        for (path, below) in found.texts {
            match read_text(&path, text_bytes) {
                Ok(text) => self.texts.push(FileText {
                    precedence,
                    path,
                    format: Format::Hocon,
                    text: text.into(),
                    below,
                }),
                Err(source) => self.fail(precedence, path, source),
            }
        }
    }

    fn fail(&mut self, precedence: Precedence, path: PathBuf, source: io::Error) {
        self.errors.push(FileError { precedence, path, source });
    }
}

/// Whether the clients would take the file for one that is not there: a folder is none either,
/// and container runtimes make one where a mounted file is missing.
fn is_absence(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ConfigFolder;

    const LIMIT: usize = 100;

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn texts_come_lowest_first_with_the_keys_that_their_names_say() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        for name in [
            "defaults/api.conf",
            "conf/default/sdk.conf",
            "conf/default/a/b.c.conf",
            "conf/default/notes.txt",
            "conf/default/.git/x.conf",
            "conf/demo/sdk.conf",
            "clearml.yaml",
        ] {
            write(&at(name), name);
        }
        let file = ConfigFile { path: at("clearml.yaml"), presence: Presence::Required };
        let sources = Sources {
            defaults: Some(at("defaults")),
            folder: Some(ConfigFolder { path: at("conf"), env_name: "demo".into() }),
            files: vec![file],
            ..Sources::default()
        };
        let files = read_files(&sources, LIMIT);
        let found: Vec<_> = files
            .texts
            .iter()
            .map(|text| (text.precedence, &*text.text, text.below.to_string(), text.format))
            .collect();
        let expected = [
            (Precedence::Defaults, "defaults/api.conf", "api", Format::Hocon),
            (Precedence::Folder, "conf/default/sdk.conf", "sdk", Format::Hocon),
            (Precedence::Folder, "conf/default/a/b.c.conf", "a.b.c", Format::Hocon),
            (Precedence::Folder, "conf/demo/sdk.conf", "sdk", Format::Hocon),
            (Precedence::File, "clearml.yaml", "", Format::Yaml),
        ];
        assert_eq!(
            found,
            expected.map(|(tier, text, below, format)| (tier, text, below.into(), format))
        );
        assert!(files.errors.is_empty(), "{:?}", files.errors);
        assert!(files.looked_at.contains(&at("conf/default/a")));
    }

    #[test]
    fn only_a_file_that_somebody_named_must_be_there() {
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str, presence| ConfigFile { path: home.path().join(name), presence };
        std::fs::create_dir(home.path().join("folder")).unwrap();
        write(&home.path().join("large"), &"x".repeat(LIMIT + 1));
        let sources = Sources {
            files: vec![
                file("optional", Presence::Optional),
                file("folder", Presence::Optional),
                file("required", Presence::Required),
                file("large", Presence::Optional),
            ],
            ..Sources::default()
        };
        let files = read_files(&sources, LIMIT);
        let failed: Vec<_> =
            files.errors.iter().map(|error| error.path.file_name().unwrap()).collect();
        assert_eq!(failed, ["required", "large"]);
        assert_eq!(files.looked_at.len(), 4);
    }
}
