//! The commands, one file each, and the table that finds them.

mod answer;
mod asking;
mod check;
mod completions;
mod daemon;
mod diff;
mod doctor;
mod exec;
mod explain;
mod findings;
mod get;
mod init;
mod man;
mod masking;
mod origins;
mod redact;
mod resolve;
mod status;
mod suggestion;
mod summary;
mod tree;
mod vault;
mod watch;

use std::process::ExitCode;

use ::daemon::ambient::Ambient;

use crate::{
    args::{Args, Command},
    failure::Failure,
    output::Output,
};

/// Runs one command to its end.
///
/// Returns the exit code of one that did what it was asked.
pub(crate) fn run(args: Args, ambient: &Ambient, output: Output) -> Result<ExitCode, Failure> {
    let Args { command, common } = args;
    let asking = asking::Asking { common: &common, ambient, output };
    match command {
        Command::Daemon(daemon) => daemon::run(daemon, &common, ambient, output),
        Command::Resolve(resolve) => resolve::run(&resolve, asking),
        Command::Get(get) => get::run(&get, asking),
        Command::Explain(explain) => explain::run(&explain, asking),
        Command::Check(check) => check::run(&check, asking),
        Command::Diff(diff) => return diff::run(&diff, asking),
        Command::Watch(watch) => watch::run(&watch, asking),
        Command::Doctor(doctor) => return doctor::run(&doctor, asking),
        Command::Vault(vault) => vault::run(&vault, asking),
        Command::Exec(exec) => return exec::run(&exec, asking),
        Command::Become(words) => return exec::become_command(&words, output),
        Command::Redact(redact) => redact::run(&redact, asking),
        Command::Status(status) => status::run(&status, asking),
        Command::Completions(completions) => completions::run(&completions, output),
        Command::Man(man) => man::run(&man, output),
        Command::Init(init) => init::run(&init, asking),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// Answers the shell that asks what could be typed next, if one does.
pub(crate) fn complete_for_shell(ambient: &Ambient) {
    completions::answer_shell(ambient);
}
