//! Which texts are checked, and what is found in each.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use daemon::{
    load::{self, Loaded},
    settings::{ConfigFile, IncludeUrls, Presence, Sources},
    sources::{
        FileIncluder, FileText, Vault, VaultList, VaultsError, read_files, read_vaults_file,
        read_vaults_folder,
    },
};
use resolver::{
    Build, Context, Diagnostic, KeyPath, Layer, Limits, Mode, Precedence, Severity, SourceIds,
    SourceName, SourceText, lint,
};

use super::{
    super::asking::{Asking, Origins, References, Wanted},
    keys,
};
use crate::{
    args::{Check, CheckedAs},
    client_keys::ClientKeys,
    failure::{Failure, Kind},
};

/// One text, and what was found in it.
pub(super) struct Checked {
    /// The findings, in the order of their places.
    pub(super) findings: Vec<Diagnostic>,
    /// The texts that places are in: its own, those it includes, those it lies over.
    pub(super) texts: Vec<SourceText>,
    /// How many more there are.
    pub(super) more: usize,
}

/// A text that was read and built, to be looked at.
struct Subject {
    build: Build,
    precedence: Precedence,
}

/// What checking one text after the other goes by.
struct Checker {
    mode: Mode,
    keys: ClientKeys,
    ids: SourceIds,
    below: Vec<Arc<Layer>>,
    checked: Vec<Checked>,
}

/// Checks the texts that are named, or all that this host uses.
///
/// # Errors
/// A text cannot be read.
pub(super) fn checked(check: &Check, asking: Asking<'_>) -> Result<Vec<Checked>, Failure> {
    let mode = check.sources.mode.map(Mode::from).unwrap_or_default();
    let mut checker = Checker {
        mode,
        keys: ClientKeys::read(),
        ids: SourceIds::default(),
        below: Vec::new(),
        checked: Vec::new(),
    };
    let is_over = check.sources.vaults.is_some() || !check.sources.config.is_empty();
    if check.files.is_empty() || is_over {
        let loaded = load(check, asking)?;
        checker.take_ids_of(&loaded);
        for subject in subjects(loaded) {
            checker.add(subject, check.files.is_empty());
        }
    }
    let below = checker.below.clone();
    for path in &check.files {
        // Each file is checked by itself; only a folder's texts lie over each other.
        checker.below.clone_from(&below);
        let checked_as = if path.is_dir() { CheckedAs::Vault } else { check.checked_as };
        match checked_as {
            CheckedAs::File => checker.add_file(path)?,
            CheckedAs::Vault => checker.add_vaults_of(path)?,
        }
    }
    Ok(checker.checked)
}

fn load(check: &Check, asking: Asking<'_>) -> Result<Loaded, Failure> {
    let wanted = Wanted {
        references: References::Kept,
        origins: Origins::Known,
        shows_secrets: check.reveal,
        ..Wanted::default()
    };
    let loaded = asking.load_sources(&check.sources, wanted)?;
    match loaded.file_errors.first() {
        Some(error) => Err(unreadable(&error.path, &error.source)),
        None => Ok(loaded),
    }
}

fn subjects(loaded: Loaded) -> impl Iterator<Item = Subject> {
    loaded.builds.into_iter().map(|(name, build)| {
        let by_name = match name {
            SourceName::Vault { .. } => Precedence::Vault,
            _ => Precedence::File,
        };
        let precedence = build.layer.as_ref().map_or(by_name, |layer| layer.precedence());
        Subject { build, precedence }
    })
}

/// Reads a file of this host.
fn read_file(path: &Path) -> Result<Vec<FileText>, Failure> {
    let file = ConfigFile { path: path.to_owned(), presence: Presence::Required };
    let sources = Sources { files: vec![file], ..Sources::default() };
    let files = read_files(&sources, Limits::default().text_bytes);
    match files.errors.first() {
        Some(error) => Err(unreadable(&error.path, &error.source)),
        None => Ok(files.texts),
    }
}

/// Returns the file that holds the text of a vault and nothing else, if one does.
fn file_of(vault: &Vault, path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.join(&*vault.id));
    }
    (path.file_name()? == &*vault.id).then(|| path.to_owned())
}

fn unreadable(path: &Path, why: &std::io::Error) -> Failure {
    Failure::new(Kind::NoAnswer, format!("cannot read `{}`: {why}", path.display()))
}

impl Checker {
    /// Uses up the numbers that other texts have: each text has its own.
    fn take_ids_of(&mut self, loaded: &Loaded) {
        let texts = loaded.builds.iter().map(|(_, build)| build.texts.len()).sum::<usize>();
        let highest = loaded.builds.iter().flat_map(|(_, build)| &build.texts);
        let highest = highest.map(|text| text.id.0 as usize + 1).max().unwrap_or(0);
        for _ in 0..highest.max(texts) {
            self.ids.next_id();
        }
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let limits = Limits::default();
        let includer = FileIncluder::new(self.mode, IncludeUrls::default(), limits.text_bytes);
        for text in read_file(path)? {
            let context = Context { includer: &includer, ..Context::alone(self.mode) };
            let build = load::build_file(&text, &context, &mut self.ids);
            self.add(Subject { build, precedence: text.precedence }, true);
        }
        Ok(())
    }

    fn add_vaults_of(&mut self, path: &Path) -> Result<(), Failure> {
        let text_bytes = Limits::default().text_bytes;
        let list = if path.is_dir() {
            read_vaults_folder(path, text_bytes)
        } else {
            read_vaults_file(path, text_bytes)
        };
        match list {
            Ok(list) => self.add_vaults(&list, path),
            // A broken list of vaults and a broken text are not told apart: both are broken JSON.
            Err(VaultsError::Syntax { .. }) => {
                for text in read_file(path)? {
                    self.add_vault_text(&FileText { precedence: Precedence::Vault, ..text });
                }
            }
            Err(error) => return Err(Failure::new(Kind::NoAnswer, error)),
        }
        Ok(())
    }

    /// Adds the vaults that a file or folder holds. One whose text is a file of its own goes by the
    /// file's path, by which editors and code scanning services find it.
    fn add_vaults(&mut self, list: &VaultList, path: &Path) {
        for vault in &list.vaults {
            let precedence = vault.kind.precedence();
            if let Some(path) = file_of(vault, path) {
                let (format, text, below) = (vault.format, vault.text.clone(), KeyPath::root());
                self.add_vault_text(&FileText { precedence, path, format, text, below });
            } else {
                let context = Context::alone(self.mode);
                let build = load::build_vault(vault, &context, &mut self.ids);
                self.add(Subject { build, precedence }, true);
            }
        }
        for quarantine in &list.quarantined {
            let message = format!("{} cannot be used: {}", quarantine.name, quarantine.reason);
            let finding = Diagnostic::new(Severity::Error, "vault-unusable", message, None);
            self.checked.push(Checked { findings: vec![finding], texts: Vec::new(), more: 0 });
        }
    }

    fn add_vault_text(&mut self, text: &FileText) {
        let build = load::build_file(text, &Context::alone(self.mode), &mut self.ids);
        self.add(Subject { build, precedence: text.precedence }, true);
    }

    /// Looks at one text, and lays it over those before it.
    fn add(&mut self, subject: Subject, is_reported: bool) {
        let Subject { build, precedence } = subject;
        if is_reported {
            self.look_at(&build, precedence);
        }
        self.below.extend(build.layer);
    }

    fn look_at(&mut self, build: &Build, precedence: Precedence) {
        let context = Context::alone(self.mode);
        let below: Vec<_> =
            self.below.iter().filter(|layer| layer.precedence() <= precedence).cloned().collect();
        let subject = lint::Subject { build, precedence, below: &below, context: &context };
        let findings = findings(&subject, &self.keys);
        let mut texts = build.texts.clone();
        texts.extend(below.iter().flat_map(|layer| layer.texts().iter().cloned()));
        self.checked.push(Checked { findings, texts, more: build.more_diagnostics });
    }
}

/// Returns all that is found in one text, in the order of their places.
pub(in crate::commands) fn findings(
    subject: &lint::Subject<'_>,
    keys: &ClientKeys,
) -> Vec<Diagnostic> {
    let mut findings = subject.build.diagnostics.clone();
    findings.extend(lint::lint(subject));
    findings.extend(keys::findings(subject.build, keys));
    findings.sort_by_key(|finding| finding.origin.map(|origin| (origin.source, origin.start)));
    findings.dedup();
    findings
}
