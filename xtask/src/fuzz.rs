//! Fuzzing for a bounded time: each target of `fuzz/`, from seeds that the fixtures give.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    command::{Failure, cargo, program},
    workspace::Workspace,
};

/// The version that the targets were written for.
const CARGO_FUZZ: &str = "0.13.2";

/// The fuzz targets, each with the endings of the files that it starts from.
/// Targets without endings take choices, of which a structured text is made, and start from none.
const TARGETS: [(&str, &[&str]); 8] = [
    ("json", &["json"]),
    ("json5", &["json5", "json"]),
    ("yaml", &["yaml", "yml", "json"]),
    ("properties", &["properties"]),
    ("hocon_clearml", &["conf", "json"]),
    ("hocon_lightbend", &["conf", "json"]),
    ("substitute", &[]),
    ("merge", &[]),
];

/// What one run may use, as libFuzzer is told: a text of 64 KiB, 10 seconds, 512 MiB.
const BOUNDS: [&str; 3] = ["-max_len=65536", "-timeout=10", "-rss_limit_mb=512"];

/// Only how it ended is of interest, and the figures.
const QUIET: [&str; 2] = ["-verbosity=0", "-print_final_stats=1"];

/// Seconds for each target in the step of the tests: seeds alone find what a change breaks.
const BRIEFLY: u32 = 4;

/// What to fuzz.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Seconds for each target, without the time to build it.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// Fuzzes this target alone; may be repeated.
    #[arg(long, value_name = "NAME", value_parser = target_names())]
    only: Vec<String>,
}

/// Fuzzes every target for a few seconds: a step of the tests.
pub(crate) fn run_briefly(workspace: &Workspace) -> Result<(), Failure> {
    run(workspace, &Selection { seconds: BRIEFLY, only: Vec::new() })
}

/// Runs the targets one after the other; stops at the first text that breaks one. That text lies
/// below `fuzz/artifacts`, and what was learned below `fuzz/corpus`.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<(), Failure> {
    let cargo_fuzz = cargo_fuzz(workspace)?;
    for (target, endings) in TARGETS {
        if !selection.only.is_empty() && !selection.only.iter().any(|only| only == target) {
            continue;
        }
        plant_seeds(workspace, target, endings)?;
        // There is no unsafe code to sanitize, and the stable compiler is told to take the flags.
        program(&cargo_fuzz, workspace)
            .arguments(["run", "--sanitizer=none", target, "--"])
            .arguments(BOUNDS)
            .arguments(QUIET)
            .arguments([format!("-max_total_time={}", selection.seconds)])
            .variable("RUSTC_BOOTSTRAP", "1")
            .run()?;
    }
    Ok(())
}

/// Returns cargo-fuzz's path, after building it where there is none.
fn cargo_fuzz(workspace: &Workspace) -> Result<PathBuf, Failure> {
    if program("cargo-fuzz", workspace).arguments(["--version"]).succeeds() {
        return Ok("cargo-fuzz".into());
    }
    let tools = workspace.target.join("tools");
    let cargo_fuzz = tools.join("bin/cargo-fuzz");
    if !cargo_fuzz.exists() {
        cargo(workspace, "install cargo-fuzz --locked --quiet")
            .arguments(["--version", CARGO_FUZZ, "--root"])
            .arguments([tools])
            .run()?;
    }
    Ok(cargo_fuzz)
}

/// Copies the fixtures, and the reference texts beside the repository where they are, into the
/// corpus of a target.
fn plant_seeds(workspace: &Workspace, target: &str, endings: &[&str]) -> Result<(), Failure> {
    let corpus = workspace.root.join("fuzz/corpus").join(target);
    let failure = |source| Failure::NotWritten { path: corpus.display().to_string(), source };
    fs::create_dir_all(&corpus).map_err(failure)?;
    for folder in [
        workspace.root.join("tests/fixtures"),
        workspace.shared.join("oracle/cases"),
        workspace.shared.join("hocon/lightbend"),
    ] {
        for text in texts_below(&folder, endings).map_err(failure)? {
            let below = text.strip_prefix(&folder).unwrap_or(&text);
            let name = below.to_string_lossy().replace('/', "-");
            fs::copy(&text, corpus.join(name)).map_err(failure)?;
        }
    }
    Ok(())
}

/// Returns the files below a folder that have one of the endings; none where there is no folder.
fn texts_below(folder: &Path, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut texts = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if ending.is_some_and(|ending| endings.contains(&ending)) {
                texts.push(path);
            }
        }
    }
    Ok(texts)
}

fn target_names() -> clap::builder::PossibleValuesParser {
    TARGETS.map(|(name, _)| name).into()
}
