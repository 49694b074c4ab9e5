//! `exec`: runs a command on the merged configuration, and ends as the command ends.
//!
//! The command finds the configuration in a file in memory that only its user can read, named by
//! `CLEARML_CONFIG_FILE`; whether it gets it at all is what the planner of the Python plugin says,
//! too: another identity is left alone, a choice of the user stands.

mod becoming;
mod config_file;
mod ending;
mod masked;
mod prepared;
mod restart;
mod signals;
mod supervisor;
mod terminal;
mod trust;

use std::{os::unix::process::CommandExt, process::ExitCode};

pub(super) use self::becoming::run as become_command;
use self::{
    config_file::Keeping, ending::not_started, prepared::Prepared, restart::Restarts,
    supervisor::Supervisor,
};
use super::asking::Asking;
use crate::{args::Exec, failure::Failure};

/// Runs the command; returns its exit code, or ends by the signal that ended it.
pub(super) fn run(exec: &Exec, asking: Asking<'_>) -> Result<ExitCode, Failure> {
    trust::check(exec, asking)?;
    if exec.replace {
        let prepared = Prepared::new(exec, asking, Keeping::Published)?;
        let mut command = prepared.command(exec);
        let error = command.exec();
        return Ok(not_started(command.get_program(), &error, asking.output));
    }
    // In this order, so that no change is missed in between.
    let restarts = Restarts::watch(exec, asking)?;
    let prepared = Prepared::new(exec, asking, Keeping::WhileRunning)?;
    Supervisor::new(exec, asking, prepared, restarts)?.run()
}
