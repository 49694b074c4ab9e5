//! The texts of a configuration folder, found by their names.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use resolver::KeyPath;

/// Levels of folders below a configuration folder; the clients' own have one.
const MAX_DEPTH: usize = 8;

/// Files and folders looked at below a configuration folder, so that one that is by mistake the
/// root of a disk ends soon.
const MAX_ENTRIES: usize = 10_000;

/// What a configuration folder holds.
#[derive(Debug, Default)]
pub(super) struct FolderTexts {
    /// The texts and the keys that their names say, in the order in which they merge.
    pub(super) texts: Vec<(PathBuf, KeyPath)>,
    /// The folder itself and those below it.
    pub(super) folders: Vec<PathBuf>,
    /// What could not be looked at.
    pub(super) errors: Vec<(PathBuf, io::Error)>,
}

/// Finds the texts of a folder: `FOLDER/a/b.conf` holds what is below `a.b`.
///
/// As `clearml` 2.1.12, `Config._read_recursive`; but in the order of names, so that two hosts
/// agree, and without hidden entries, which editors and Kubernetes make.
pub(super) fn find_texts(folder: &Path) -> FolderTexts {
    let mut found = FolderTexts::default();
    let mut entries_left = MAX_ENTRIES;
    let mut open = vec![(folder.to_owned(), Vec::new())];
    while let Some((folder, keys)) = open.pop() {
        found.folders.push(folder.clone());
        let names = match names_of(&folder, &mut entries_left) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                found.errors.push((folder, error));
                continue;
            }
        };
        let mut below = Vec::new();
        for name in names {
            let path = folder.join(&name);
            if is_real_folder(&path) {
                below.push((path, [keys.as_slice(), &[name]].concat()));
            } else if let Some(stem) = name.strip_suffix(".conf") {
                let keys = [keys.as_slice(), &[stem.to_owned()]].concat();
                found.add_text(path, &keys.join("."));
            }
        }
        if keys.len() < MAX_DEPTH {
            open.extend(below.into_iter().rev());
        }
    }
    found
}

impl FolderTexts {
    fn add_text(&mut self, path: PathBuf, keys: &str) {
        match KeyPath::parse(keys) {
            Ok(keys) => self.texts.push((path, keys)),
            Err(error) => {
                self.errors.push((path, io::Error::new(io::ErrorKind::InvalidFilename, error)));
            }
        }
    }
}

/// Returns the names in a folder, sorted, without hidden ones and those that are no Unicode.
fn names_of(folder: &Path, entries_left: &mut usize) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        *entries_left = entries_left
            .checked_sub(1)
            .ok_or_else(|| io::Error::other(format!("it holds more than {MAX_ENTRIES} entries")))?;
        names.extend(entry?.file_name().into_string().ok().filter(|name| !name.starts_with('.')));
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a path is a folder and no link to one: links could lead in circles.
fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}
