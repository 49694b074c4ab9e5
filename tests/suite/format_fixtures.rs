//! Whole texts in all formats, each beside what is expected of it.
//!
//! `ok` texts have their tree in a `.out.json`, `err` texts what is said about them in a `.txt`.
//! `UPDATE_EXPECT=1 cargo t` rewrites those; read the diff.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use expect_test::expect_file;
use resolver::{Diagnostic, Format, Limits, Mode, SourceText, parse_alone};
use tests::{as_json, source_text};

#[test]
fn good_texts_give_their_trees() {
    for path in texts("ok") {
        let (root, diagnostics) = parse_alone(&read(&path), mode_of(&path), &Limits::default());
        assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", path.display());
        let tree = format!("{:#}\n", as_json(&root.unwrap().value));
        expect_file![path.with_extension("out.json")].assert_eq(&tree);
    }
}

#[test]
fn broken_texts_are_explained() {
    for path in texts("err") {
        let text = read(&path);
        let (_, diagnostics) = parse_alone(&text, mode_of(&path), &Limits::default());
        assert!(diagnostics.iter().any(Diagnostic::is_error), "{}", path.display());
        expect_file![path.with_extension("txt")].assert_eq(&explained(&text, &diagnostics));
    }
}

/// Returns the texts below `ok` or `err` of all formats, in order.
fn texts(verdict: &str) -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<_> =
        ["hocon", "json", "yaml"].map(|format| fixtures.join(format).join(verdict)).into();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_str().unwrap().ends_with(".out.json") && format_of(&path).is_some() {
                texts.push(path);
            }
        }
    }
    texts.sort();
    assert!(texts.len() > 3, "the fixtures are not where they should be");
    texts
}

fn read(path: &Path) -> SourceText {
    source_text(format_of(path).unwrap(), &fs::read_to_string(path).unwrap())
}

/// The folder `lightbend` holds texts by the specification.
fn mode_of(path: &Path) -> Mode {
    if path.components().any(|folder| folder.as_os_str() == "lightbend") {
        Mode::Hocon
    } else {
        Mode::Clearml
    }
}

fn format_of(path: &Path) -> Option<Format> {
    Format::of_file_name(path.to_str().unwrap())
}

fn explained(text: &SourceText, diagnostics: &[Diagnostic]) -> String {
    let mut explained = String::new();
    for diagnostic in diagnostics {
        let (line, column) = text.line_column(diagnostic.origin.unwrap().start);
        let Diagnostic { severity, code, message, .. } = diagnostic;
        writeln!(explained, "{line}:{column}: {severity}[{code}]: {message}").unwrap();
        for (origin, words) in &diagnostic.related {
            let (line, column) = text.line_column(origin.start);
            writeln!(explained, "  {line}:{column}: {words}").unwrap();
        }
        writeln!(explained, "  help: {}", diagnostic.help.as_deref().unwrap()).unwrap();
    }
    explained
}
