//! `completions`: what could be typed next, keys of the configuration included.
//!
//! A shell's script asks this program at each press of the tab key, so that it knows the keys that
//! the daemon serves now.

use std::{ffi::OsStr, time::Duration};

use clap::{Command, CommandFactory};
use clap_complete::{
    CompleteEnv,
    engine::{ArgValueCompleter, CompletionCandidate},
    env::Shells,
};
use daemon::{ambient::Ambient, client, protocol::ConfigQuery, settings::sockets_to_ask};
use serde_json::Value as Json;

use crate::{
    args::{Args, Completions},
    client_keys::ClientKeys,
    failure::{Failure, Kind},
    help,
    output::Output,
};

/// The variable by which a shell's script asks.
const VARIABLE: &str = "COMPLETE";

const PROGRAM: &str = "clearml-resolver";

/// The commands whose first argument is a key.
const WITH_KEY: [&str; 5] = ["diff", "explain", "get", "resolve", "watch"];

/// How long the daemon may take: somebody waits with a finger on the tab key.
const BUDGET: Duration = Duration::from_millis(300);

/// Keys that are offered: more help nobody.
const MOST_KEYS: usize = 1000;

/// Prints the script of a shell.
pub(super) fn run(completions: &Completions, output: Output) -> Result<(), Failure> {
    let shells = Shells::builtins();
    let name = completions.shell.to_string();
    let shell = shells.completer(&name).ok_or_else(|| {
        Failure::new(Kind::Usage, format!("there are no completions for `{name}`"))
    })?;
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .map_err(|error| Failure::new(Kind::NoAnswer, error))?;
    output.data(&String::from_utf8_lossy(&script))
}

/// Answers the shell that asks, and ends the process; returns if none does.
pub(super) fn answer_shell(ambient: &Ambient) {
    if ambient.variable(VARIABLE).is_some() {
        CompleteEnv::with_factory(definition).var(VARIABLE).complete();
    }
}

/// Returns the definition of the command line with what completes keys.
fn definition() -> Command {
    WITH_KEY.iter().fold(help::with_first_page(Args::command()), |command, name| {
        command.mut_subcommand(name, |command| {
            command.mut_arg("key", |key| key.add(ArgValueCompleter::new(keys)))
        })
    })
}

/// Returns the keys that begin as typed: those that the daemon serves, or else those that the
/// clients know.
fn keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let keys = served_keys().unwrap_or_else(|| ClientKeys::read().paths());
    let fitting = keys.into_iter().filter(|key| key.starts_with(typed));
    fitting.take(MOST_KEYS).map(CompletionCandidate::new).collect()
}

fn served_keys() -> Option<Vec<String>> {
    let ambient = Ambient::read();
    let target = ConfigQuery::default().to_string();
    let reply = sockets_to_ask(None, &ambient)
        .iter()
        .find_map(|socket| client::ask(socket, &target, BUDGET).ok())
        .filter(|reply| reply.status == 200)?;
    let config: Json = serde_json::from_slice(&reply.body).ok()?;
    Some(paths(&config))
}

/// Returns all key paths, in the order of the configuration.
fn paths(config: &Json) -> Vec<String> {
    let mut paths = Vec::new();
    let mut waiting = vec![(resolver::KeyPath::root(), config)];
    while let Some((at, value)) = waiting.pop() {
        if !at.is_empty() {
            paths.push(at.to_string());
        }
        let children = value.as_object().into_iter().flatten().rev();
        waiting.extend(children.map(|(key, child)| (at.join(key.as_str()), child)));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_that_people_type() {
        let config = serde_json::json!({"a": {"b c": 1, "d": [2]}, "e": null});
        assert_eq!(paths(&config), ["a", "a.\"b c\"", "a.d", "e"]);
    }

    #[test]
    fn every_command_that_takes_a_key_completes_it() {
        definition().debug_assert();
    }
}
