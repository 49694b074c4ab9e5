//! Our reading of HOCON beside that of the stock clients' own parser, over random texts.

use crate::{
    command::{Failure, cargo, program},
    python,
    workspace::Workspace,
};

/// Texts of each worker in the step of the tests, so that every machine judges the same ones. They
/// take some 20 seconds.
const BRIEFLY: u64 = 6000;

/// Seconds after which the step ends with fewer.
const PATIENCE: u64 = 120;

/// The seed of the step of the tests: what it reads changes only with the code.
const SEED: u64 = 1;

/// How long to compare, and which texts.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Seconds, without the time to build it.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Texts of each process, if they are to be bounded, too.
    #[arg(long, value_name = "N", default_value_t = u64::MAX)]
    texts: u64,
    /// Python processes at once.
    #[arg(long, value_name = "N", default_value_t = 2)]
    workers: u64,
    /// What the random texts follow from; each worker takes the next number.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,
}

/// Compares a fixed number of texts: a step of the tests, whose step `python` has to come first.
pub(crate) fn run_briefly(workspace: &Workspace, left_out: &[String]) -> Result<(), Failure> {
    if left_out.iter().any(|step| step == python::STEP) {
        return Ok(());
    }
    run(workspace, &Selection { seconds: PATIENCE, texts: BRIEFLY, workers: 2, seed: SEED })
}

/// Compares; fails where the two differ and nothing says that they may.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<(), Failure> {
    python::prepare(workspace)?;
    cargo(workspace, "build --quiet --release --manifest-path fuzz/Cargo.toml --bin differential")
        .run()?;
    let numbers = [selection.seconds, selection.texts, selection.workers, selection.seed];
    program(workspace.root.join("fuzz/target/release/differential"), workspace)
        .arguments([workspace.target.join("python/bin/python")])
        .arguments(numbers.map(|number| number.to_string()))
        .arguments([
            workspace.root.join("tests/fixtures"),
            workspace.shared.join("hocon/hocon_cases.jsonl"),
        ])
        .run()
}
