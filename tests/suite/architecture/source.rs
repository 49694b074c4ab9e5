//! Source files as the walls see them: text, with tests and comments told apart from code.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folders that hold Rust code of the workspace.
const FOLDERS: [&str; 5] = ["resolver", "daemon", "cli", "tests", "xtask"];

/// One file of Rust code.
pub(super) struct SourceFile {
    /// Its path below the root of the workspace, with `/` between.
    pub(super) path: String,
    text: String,
}

/// Returns all files of the workspace, in order.
pub(super) fn all_sources() -> Vec<SourceFile> {
    let files: Vec<_> =
        FOLDERS.iter().flat_map(|folder| files_below(&root().join(folder))).collect();
    assert!(files.len() > FOLDERS.len(), "the sources are not where they should be");
    files
}

/// Returns the files of one crate that are built into it.
pub(super) fn sources_of(house: &str) -> Vec<SourceFile> {
    files_below(&root().join(house).join("src"))
}

impl SourceFile {
    /// Returns the room of its crate that it belongs to; `None` for the crate's own root.
    pub(super) fn room(&self) -> Option<&str> {
        let below = self.path.split_once("/src/")?.1;
        let room = below.split(['/', '.']).next()?;
        (!matches!(below, "lib.rs" | "main.rs")).then_some(room)
    }

    /// Whether all of it is for tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
    }

    /// Returns the lines that are neither comments nor tests, with their numbers from 1.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let before_tests = lines.take_while(|(_, line)| *line != "#[cfg(test)]");
        before_tests.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Returns how many lines of code there are, blank ones aside.
    pub(super) fn code_lines(&self) -> usize {
        self.code().filter(|(_, line)| !line.trim().is_empty()).count()
    }

    /// Returns the rooms of its crate that its code names, with the lines that do.
    pub(super) fn rooms_used(&self) -> Vec<(usize, String)> {
        let code: Vec<_> = self.code().collect();
        let text: String = code.iter().flat_map(|(_, line)| [line, "\n"]).collect();
        let mut rooms = Vec::new();
        for (at, path) in text.match_indices("crate::") {
            let line_index = text.get(..at).unwrap_or_default().matches('\n').count();
            let line = code.get(line_index).map_or(0, |(line, _)| *line);
            let named = text.get(at + path.len()..).unwrap_or_default();
            rooms.extend(first_names(named).into_iter().map(|room| (line, room)));
        }
        rooms
    }

    /// Returns what is wrong with the sentence that the file begins with.
    pub(super) fn fault_of_first_sentence(&self) -> Option<&'static str> {
        let first = self.text.lines().map_while(|line| line.strip_prefix("//! "));
        let sentence = first.collect::<Vec<_>>().join(" ");
        if sentence.is_empty() {
            Some("it does not begin with `//!`")
        } else if !sentence.ends_with('.') {
            Some("the sentence does not end in a full stop")
        } else if sentence.contains(". ") {
            Some("there is more than one sentence before the first empty `//!` line")
        } else {
            None
        }
    }
}

/// Returns the names that follow `crate::`: one, or those of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![leading_name(path)] };
    let mut depth = 0_usize;
    let mut names = vec![leading_name(group.trim_start())];
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(leading_name(group.get(at + 1..).unwrap_or_default().trim_start()));
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn leading_name(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

fn files_below(folder: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(read(&path));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn read(path: &Path) -> SourceFile {
    let below = path.strip_prefix(root()).unwrap();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    SourceFile { path: below.to_str().unwrap().replace('\\', "/"), text }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn names_after_crate_are_found_in_groups_and_alone() {
    for (path, names) in [
        ("merge::merge;", vec!["merge"]),
        ("{a::{B, C}, d, e::f};", vec!["a", "d", "e"]),
        ("{\n    a::B,\n    c,\n};", vec!["a", "c"]),
    ] {
        assert_eq!(first_names(path), names, "{path}");
    }
}
