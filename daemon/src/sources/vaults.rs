//! Vaults that are kept on disk: in a folder, or in one file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use resolver::{Format, Scope};
use serde_json::Value;
use thiserror::Error;

use crate::{
    api::{Quarantine, Vault, VaultKind, VaultList},
    text_file::read_text,
};

/// Files of one folder: far more than anybody orders by hand.
const MAX_FILES: usize = 1000;

/// The link through which Kubernetes exchanges all files of a mounted folder at once.
const KUBERNETES_LINK: &str = "..data";

/// Why vaults on disk cannot be read.
#[derive(Debug, Error)]
pub enum VaultsError {
    /// The system says so.
    #[error("cannot read the vaults in `{}`", path.display())]
    Read {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that should hold a list of vaults holds no JSON.
    #[error("cannot read the vaults in `{}`: no JSON at line {line}, column {column}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// There are too many.
    #[error("there are more than {MAX_FILES} files in `{}`", path.display())]
    TooMany {
        /// Which folder.
        path: PathBuf,
    },
}

/// Reads the vaults of one file: a JSON list of them, an answer of the API, or one text by its
/// ending, which is then a vault with the file's name as id.
///
/// `text_bytes` is how much of the file is taken.
///
/// # Errors
/// The file cannot be read, or its name ends in `.json` and it holds no JSON.
pub fn read_vaults_file(path: &Path, text_bytes: usize) -> Result<VaultList, VaultsError> {
    let text = read_text(path, text_bytes)
        .map_err(|source| VaultsError::Read { path: path.to_owned(), source })?;
    let format = path.to_str().and_then(Format::of_file_name);
    if matches!(format, None | Some(Format::Json)) {
        match serde_json::from_str::<Value>(&text) {
            Ok(Value::Array(vaults)) => return Ok(VaultList::of_json(&vaults)),
            Ok(answer) => {
                if let Some(vaults) = vaults_of_answer(&answer) {
                    return Ok(VaultList::of_json(vaults));
                }
            }
            Err(error) if format.is_some() => {
                let (line, column) = (error.line(), error.column());
                return Err(VaultsError::Syntax { path: path.to_owned(), line, column });
            }
            Err(_) => {}
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut list = VaultList::default();
    let format = format.unwrap_or_else(|| list.detect(&name, &text));
    list.vaults.push(vault_of_text(&name, format, text));
    Ok(list)
}

/// Returns the list of an answer of the API, or of a piece of one.
fn vaults_of_answer(answer: &Value) -> Option<&Vec<Value>> {
    answer.pointer("/data/vaults").or_else(|| answer.get("vaults"))?.as_array()
}

/// Reads the vaults of a folder: one text a file, in the order of their names.
///
/// A name that ends in `.disabled` is a vault that is switched off; one whose ending no format has
/// is left out; hidden files do not count. `NAME.monitoring.conf` is a monitoring vault. In a
/// folder that Kubernetes mounts, all files are read from one generation.
///
/// # Errors
/// The folder cannot be read, or holds too many files.
pub fn read_vaults_folder(path: &Path, text_bytes: usize) -> Result<VaultList, VaultsError> {
    let generation = fs::canonicalize(path.join(KUBERNETES_LINK));
    let folder = generation.as_deref().unwrap_or(path);
    let names =
        file_names(folder).map_err(|source| VaultsError::Read { path: path.to_owned(), source })?;
    if names.len() > MAX_FILES {
        return Err(VaultsError::TooMany { path: path.to_owned() });
    }
    let mut list = VaultList::default();
    for name in names {
        add_named_text(&mut list, &name, || {
            let read = read_text(&folder.join(&name), text_bytes);
            read.map_err(|error| format!("cannot read it: {error}"))
        });
    }
    Ok(list)
}

/// Adds a vault that is known by a name alone: `.disabled` at its end switches it off, another
/// ending is its format, `.monitoring` before that makes it a monitoring vault.
///
/// `read` is asked for the text if the vault counts; its error is why it cannot.
pub(crate) fn add_named_text(
    list: &mut VaultList,
    name: &str,
    read: impl FnOnce() -> Result<String, String>,
) {
    let shown = name.escape_debug();
    if name.ends_with(".disabled") {
        list.notes.push(format!("vault `{shown}` is disabled"));
        return;
    }
    let Some(format) = Format::of_file_name(name) else {
        list.notes.push(format!("`{shown}` has an ending that no format of vaults has"));
        return;
    };
    match read() {
        Ok(text) => list.vaults.push(vault_of_text(name, format, text)),
        Err(reason) => list
            .quarantined
            .push(Quarantine { name: vault_of_text(name, format, String::new()).name(), reason }),
    }
}

fn vault_of_text(name: &str, format: Format, text: String) -> Vault {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let kind =
        if stem.ends_with(".monitoring") { VaultKind::Monitoring } else { VaultKind::Config };
    Vault {
        id: name.into(),
        description: "".into(),
        scope: Scope::User,
        kind,
        format,
        text: text.into(),
    }
}

/// Returns the names of the files in a folder, sorted; links to files count, folders do not.
fn file_names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)?.take(MAX_FILES * 2) {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        let is_folder = fs::metadata(folder.join(&name)).is_ok_and(|metadata| metadata.is_dir());
        if !name.starts_with('.') && !is_folder {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const LIMIT: usize = 1000;

    fn ids(list: &VaultList) -> Vec<&str> {
        list.vaults.iter().map(|vault| &*vault.id).collect()
    }

    #[test]
    fn a_file_holds_a_list_an_answer_or_one_text() {
        let folder = tempfile::tempdir().unwrap();
        let vault = r#"{"id": "v", "data": "a: 1"}"#;
        for (name, text, expected) in [
            ("list.json", format!("[{vault}]"), "v"),
            ("answer.json", format!(r#"{{"meta": {{}}, "data": {{"vaults": [{vault}]}}}}"#), "v"),
            ("vaults.json", format!(r#"{{"vaults": [{vault}]}}"#), "v"),
            ("text.json", r#"{"a": 1}"#.into(), "text.json"),
            ("text.conf", "[1]".into(), "text.conf"),
            ("piped", format!("[{vault}]"), "v"),
            ("unnamed", "a: 1".into(), "unnamed"),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            assert_eq!(ids(&read_vaults_file(&path, LIMIT).unwrap()), [expected], "{name}");
        }
    }

    #[test]
    fn a_broken_list_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vaults.json");
        fs::write(&path, "[\n{\"id\": hunter2}]").unwrap();
        let error = read_vaults_file(&path, LIMIT).unwrap_err();
        assert!(matches!(error, VaultsError::Syntax { line: 2, column: 8, .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["20-b.yaml", "10-a.conf", "30-c.conf.disabled", "README", ".hidden.conf"] {
            fs::write(folder.path().join(name), "a: 1").unwrap();
        }
        fs::write(folder.path().join("40-x.monitoring.conf"), "m: 1").unwrap();
        fs::write(folder.path().join("50-large.conf"), "x".repeat(LIMIT + 1)).unwrap();
        fs::create_dir(folder.path().join("60-folder.conf")).unwrap();
        let list = read_vaults_folder(folder.path(), LIMIT).unwrap();
        assert_eq!(ids(&list), ["10-a.conf", "20-b.yaml", "40-x.monitoring.conf"]);
        assert_eq!(list.vaults[1].format, Format::Yaml);
        assert_eq!(list.vaults[2].kind, VaultKind::Monitoring);
        assert_eq!(list.notes.len(), 2);
        assert_eq!(list.quarantined.len(), 1);
        assert!(read_vaults_folder(&folder.path().join("none"), LIMIT).is_err());
    }

    #[test]
    fn a_mounted_folder_is_read_through_its_link() {
        let folder = tempfile::tempdir().unwrap();
        let generation = folder.path().join("..2026_01_01");
        fs::create_dir(&generation).unwrap();
        fs::write(generation.join("a.conf"), "a: 1").unwrap();
        symlink("..2026_01_01", folder.path().join("..data")).unwrap();
        symlink("..data/a.conf", folder.path().join("a.conf")).unwrap();
        let list = read_vaults_folder(folder.path(), LIMIT).unwrap();
        assert_eq!(ids(&list), ["a.conf"]);
        assert_eq!(&*list.vaults[0].text, "a: 1");
    }
}
