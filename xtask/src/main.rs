//! The project's own chores: `cargo xtask test` is the one command that checks everything.

mod advisories;
mod bench;
mod client_keys;
mod command;
mod debian;
mod deploy;
mod differential;
mod dist;
mod fuzz;
mod lab;
mod openapi;
mod pictures;
mod plugin;
mod python;
mod report;
mod steps;
mod tests;
mod workspace;
mod yaml_suite;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    report::{Outcome, Report},
    steps::{STEPS, Step},
    workspace::Workspace,
};

/// Chores of the clearml-resolver workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs every check of the project, one named step after the other.
    Test(Selection),
    /// Draws the README's terminal pictures, of the sample of `daemon --dev`.
    Pictures,
    /// Makes the table of the keys that the stock clients know, of their packages from `PyPI`.
    Schema,
    /// Measures one thing, beside others that do the same.
    Bench(bench::Selection),
    /// Feeds random texts to the parsers and all that follows, for a bounded time each.
    Fuzz(fuzz::Selection),
    /// Holds our reading of HOCON to the stock clients' parser, over random texts.
    Differential(differential::Selection),
    /// Makes packages, archives and lists of what is in them, below target/dist.
    Dist(dist::Selection),
}

#[derive(clap::Args)]
struct Selection {
    /// Leaves a step out; may be repeated.
    #[arg(long, value_name = "NAME", value_parser = step_names())]
    without: Vec<String>,
    /// Runs these steps alone; may be repeated.
    #[arg(long, value_name = "NAME", value_parser = step_names())]
    only: Vec<String>,
    /// Prints the steps, what each does and which Debian packages it wants.
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Test(selection) => test(&selection),
        Chore::Pictures => ended(pictures::draw(&Workspace::find())),
        Chore::Schema => ended(client_keys::write(&Workspace::find())),
        Chore::Differential(selection) => ended(differential::run(&Workspace::find(), &selection)),
        Chore::Bench(selection) => ended(bench::run(&Workspace::find(), &selection)),
        Chore::Fuzz(selection) => ended(fuzz::run(&Workspace::find(), &selection)),
        Chore::Dist(selection) => ended(dist::run(&Workspace::find(), &selection)),
    }
}

fn ended(outcome: Result<(), command::Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::say(&format!("FAILED: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn test(selection: &Selection) -> ExitCode {
    if selection.list {
        report::list(STEPS);
        return ExitCode::SUCCESS;
    }
    let report = run(&Workspace::find(), selection);
    report.print();
    if report.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(workspace: &Workspace, selection: &Selection) -> Report {
    let mut report = Report::default();
    for step in STEPS {
        if selection.leaves_out(step.name) {
            report.add(step.name, Outcome::LeftOut);
        } else {
            report.run(step, workspace, &selection.without);
        }
    }
    report
}

impl Selection {
    fn leaves_out(&self, name: &str) -> bool {
        self.without.iter().any(|without| without == name)
            || !self.only.is_empty() && !self.only.iter().any(|only| only == name)
    }
}

fn step_names() -> clap::builder::PossibleValuesParser {
    STEPS.iter().map(|Step { name, .. }| *name).collect::<Vec<_>>().into()
}
