//! Files that others can read, that are broken, or that clients left behind.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use daemon::{
    ambient::{Ambient, AskerEnvironment},
    api::ClientLimits,
    load::{self, LoadOptions},
    settings::{DEFAULT_FILE, Redaction, Settings, Sources},
    sources::{FileError, FileTexts, read_files},
};
use resolver::{Hidden, KeyPath, Limits, Redactor, Spelling, View, render};

use super::{
    super::{answer::is_masked, asking::Asking},
    Finding,
};

/// Bits of a mode by which others than the owner read.
const READ_BY_OTHERS: u32 = 0o044;

/// How the merged configuration begins that an agent writes for its tasks (`clearml-agent` 3.0.3,
/// `worker.py`): mode 0644, with all secrets.
const LEAKED: &str = ".clearml_agent.";

/// Entries of the temporary folder that are looked at.
const MOST_ENTRIES: usize = 100_000;

/// Looks at all files of all profiles, the settings file, and what clients leave behind.
pub(super) fn look(settings: &Settings, asking: Asking<'_>) -> Vec<Finding> {
    let mut found = Vec::from_iter(settings_file(asking));
    for profile in settings.profiles.values() {
        found.extend(look_at_sources(&profile.sources, settings, asking.ambient));
    }
    found.dedup();
    found.extend(leaked(asking.ambient));
    found
}

/// Looks at the settings file, if there is one that this user can read.
fn settings_file(asking: Asking<'_>) -> Option<Finding> {
    let named = asking.common.settings_file(asking.ambient);
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let text = fs::read_to_string(path).ok()?;
    let holds_secrets = Redactor::new(&Hidden::default(), None).mask(&text) != text;
    Some(mode_of(path, holds_secrets))
}

fn look_at_sources(sources: &Sources, settings: &Settings, ambient: &Ambient) -> Vec<Finding> {
    let files = read_files(sources, Limits::default().text_bytes);
    let mut found: Vec<_> = files.errors.iter().map(unreadable).collect();
    let options = LoadOptions {
        mode: settings.mode,
        view: View::Merged,
        limits: &settings.limits,
        environment: &AskerEnvironment(ambient),
        ambient,
        client_limits: ClientLimits::default(),
        redaction: Redaction::default(),
    };
    for text in &files.texts {
        let alone = FileTexts { texts: vec![text.clone()], ..FileTexts::default() };
        let snapshot = load::own_files(sources, &alone, options);
        let name = text.path.display().to_string();
        if snapshot.layers().is_empty() {
            let remedy = format!("clearml-resolver check {name}");
            found.push(Finding::wrong(name, "is broken: nothing of it counts").with_remedy(remedy));
            continue;
        }
        let holds_secrets = Redactor::for_snapshot(&snapshot)
            .view(&snapshot, &KeyPath::root(), None)
            .is_some_and(|view| is_masked(&render(&view, Spelling::Json)));
        found.push(mode_of(&text.path, holds_secrets));
    }
    if files.texts.is_empty() && files.errors.is_empty() {
        found.push(
            Finding::odd("clearml.conf", "there is no configuration file")
                .with_remedy("clearml-resolver init"),
        );
    }
    found
}

fn unreadable(error: &FileError) -> Finding {
    let remedy = match error.source.kind() {
        io::ErrorKind::PermissionDenied => "run as its owner, or let this user read it",
        _ => "mend the path in the settings, or in CLEARML_CONFIG_FILE",
    };
    Finding::wrong(error.path.display().to_string(), format!("cannot be read: {}", error.source))
        .with_remedy(remedy)
}

/// Says who can read a file.
fn mode_of(path: &Path, holds_secrets: bool) -> Finding {
    let name = path.display().to_string();
    let Ok(metadata) = fs::metadata(path) else { return Finding::odd(name, "is gone") };
    let mode = metadata.permissions().mode() & 0o7777;
    if !holds_secrets || mode & READ_BY_OTHERS == 0 {
        return Finding::well(name, format!("mode {mode:04o}"));
    }
    let who = if mode & 0o004 == 0 { "its group" } else { "everybody on this host" };
    let message = format!("{who} can read it (mode {mode:04o}), and it holds secrets");
    Finding::wrong(&name, message).with_remedy(format!("chmod 600 {name}"))
}

/// Finds the merged configurations that agents left in the temporary folder.
fn leaked(ambient: &Ambient) -> Option<Finding> {
    let folder = ambient.variable("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    let entries = fs::read_dir(&folder).ok()?.take(MOST_ENTRIES).flatten();
    let open = entries.filter(|entry| {
        let is_ours = entry.file_name().to_string_lossy().starts_with(LEAKED);
        is_ours && entry.metadata().is_ok_and(|it| it.is_file() && it.mode() & READ_BY_OTHERS != 0)
    });
    let count = open.count();
    if count == 0 {
        return None;
    }
    let what = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let message = format!(
        "{what} with an agent's whole configuration, secrets included, readable for everybody"
    );
    let pattern = folder.join(format!("{LEAKED}*"));
    let remedy = format!(
        "remove {} while no agent runs; CLEARML_AGENT_TEMP_STDOUT_FILE_DIR names another folder",
        pattern.display()
    );
    Some(Finding::wrong(folder.display().to_string(), message).with_remedy(remedy))
}
