//! What a command starts with: its file and its variables.

use std::{collections::BTreeMap, path::Path, process::Command};

use daemon::{
    load::{Loaded, VaultState},
    plan::{
        Activation, Changes, Fetched, OwnFiles, Plan, Process, Verdict, applied_name, plan,
        plan_alone,
    },
    protocol::VaultStatus,
    settings::DEFAULT_PROFILE,
};
use resolver::{
    Build, Context, Format, KeyPath, Mode, Precedence, Redactor, Snapshot, SourceName, Spelling,
    Value, View, lint, render,
};

use super::config_file::{ConfigFile, Keeping};
use crate::{
    args::Exec,
    commands::{
        answer::{Answer, ResolvedBy, reveal_if},
        asking::{Asking, References, Wanted},
    },
    failure::{Failure, Kind},
};

/// A command's file and variables, and what masks its output.
pub(super) struct Prepared {
    /// Removed when this is dropped, unless it was published.
    _file: Option<ConfigFile>,
    changes: Changes,
    /// The section `environment`, if it was asked for.
    environment: BTreeMap<String, String>,
    pub(super) redactor: Redactor,
}

impl Prepared {
    /// Resolves, plans, and writes the file.
    ///
    /// # Errors
    /// There is no configuration, or the plan forbids the start, or the file cannot be written.
    pub(super) fn new(exec: &Exec, asking: Asking<'_>, keeping: Keeping) -> Result<Self, Failure> {
        let wanted = Wanted {
            view: View::ClientFile,
            references: References::Kept,
            shows_secrets: false,
            ..Wanted::default()
        };
        let answer = asking.answer(&exec.sources, wanted)?;
        let redactor = answer.redactor(asking.ambient.hidden());
        let (plan, profile) = planned(exec, asking, &answer, &redactor)?;
        match plan.verdict {
            Verdict::Apply => asking.output.detail(&plan.reason),
            Verdict::Refuse => return Err(Failure::new(Kind::Unavailable, plan.reason)),
            Verdict::Keep | Verdict::Leave => {
                asking.output.warning(&format!("the command runs without it: {}", plan.reason));
            }
        }
        if plan.verdict != Verdict::Apply {
            let changes = plan.changes("");
            return Ok(Self { _file: None, changes, environment: BTreeMap::new(), redactor });
        }
        let text = spelled(&answer.snapshot, &redactor);
        let environment = if exec.env {
            environment(&asking.close(&text, Wanted::default())?, asking)
        } else {
            BTreeMap::new()
        };
        let runtime = asking.ambient.variable("XDG_RUNTIME_DIR").map(Path::new);
        let file = ConfigFile::write(&applied_name(&profile, &text), &text, keeping, runtime)?;
        let changes = plan.changes(&file.path().to_string_lossy());
        Ok(Self { _file: Some(file), changes, environment, redactor })
    }

    /// Returns the command with its variables.
    pub(super) fn command(&self, exec: &Exec) -> Command {
        let (program, arguments) =
            exec.command.split_first().expect("the command line names a command");
        let mut command = Command::new(program);
        command.args(arguments).envs(&self.environment).envs(&self.changes.set);
        for name in &self.changes.unset {
            command.env_remove(name);
        }
        command
    }
}

/// Plans by what the daemon says of the profile, or without a daemon for what was resolved here.
fn planned(
    exec: &Exec,
    asking: Asking<'_>,
    answer: &Answer,
    redactor: &Redactor,
) -> Result<(Plan, String), Failure> {
    let arguments: Vec<String> =
        exec.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let process = Process {
        activation: Activation::Exec,
        environment: &asking.ambient.environment,
        arguments: &arguments,
        own_files: OwnFiles::None,
    };
    match &answer.resolved_by {
        ResolvedBy::Daemon => {
            let (name, status) = asking.profile_status()?;
            Ok((plan(&process, Some(&status), None), name))
        }
        ResolvedBy::ThisProcess(loaded) => {
            let name = asking.profile_name().unwrap_or(DEFAULT_PROFILE);
            let fetched = fetched(exec, asking, loaded, redactor)?;
            Ok((plan_alone(&process, &fetched), name.to_owned()))
        }
    }
}

/// Says of an answer that was made here what a client would fetch besides.
fn fetched(
    exec: &Exec,
    asking: Asking<'_>,
    loaded: &Loaded,
    redactor: &Redactor,
) -> Result<Fetched, Failure> {
    let by_clients = asking.takes_vaults_of_server(&exec.sources)?;
    let is_broken = loaded.builds.iter().any(|(_, build)| build.layer.is_none());
    let is_fetched = matches!(loaded.vault_state, VaultState::Fresh { .. });
    Ok(Fetched {
        by_clients,
        is_complete: by_clients && is_fetched && !is_broken && loaded.quarantined.is_empty(),
        vaults: loaded.builds.iter().filter_map(|(name, build)| vault(name, build)).collect(),
        hide_names: loaded.user_names.variables_to_hide(redactor, &loaded.snapshot),
    })
}

fn vault(name: &SourceName, build: &Build) -> Option<VaultStatus> {
    let SourceName::Vault { id, description, .. } = name else { return None };
    let layer = build.layer.as_ref()?;
    let is_monitoring = layer.precedence() == Precedence::Monitoring;
    let is_yaml = build.texts.first().is_some_and(|text| text.format == Format::Yaml);
    let context = Context::alone(Mode::Clearml);
    let precedence = layer.precedence();
    let subject = lint::Subject { build, precedence, below: &[], context: &context };
    Some(VaultStatus {
        id: id.to_string(),
        name: description.to_string(),
        scope: String::new(),
        kind: if is_monitoring { "monitoring" } else { "config" }.into(),
        format: if is_yaml { "yaml" } else { "hocon" }.into(),
        spoiled: lint::is_read_otherwise(&subject),
    })
}

fn spelled(snapshot: &Snapshot, redactor: &Redactor) -> String {
    let reveal = reveal_if(true);
    let view = redactor.view(snapshot, &KeyPath::root(), reveal);
    view.map(|view| render(&view, Spelling::Hocon)).unwrap_or_default()
}

/// Returns the section `environment` as the stock agent puts it into a process's environment
/// (`clearml-agent` 3.0.3, `apply_environment`): by Python's `str`, null as nothing.
fn environment(snapshot: &Snapshot, asking: Asking<'_>) -> BTreeMap<String, String> {
    let section = snapshot.get(&KeyPath::from_iter(["environment"]));
    let pairs: Vec<(String, &Value)> = match section {
        Some(Value::Object(object)) => {
            object.iter().map(|(name, child)| (name.to_string(), &child.value)).collect()
        }
        Some(Value::Array(items)) => items.iter().filter_map(|item| pair(&item.value)).collect(),
        _ => Vec::new(),
    };
    let mut variables = BTreeMap::new();
    for (name, value) in pairs {
        match text(value) {
            Some(text) if is_name(&name) && !text.contains('\0') => {
                variables.insert(name, text);
            }
            _ => asking.output.warning(&format!("`environment.{name}` is no variable")),
        }
    }
    variables
}

/// Reads `[name, value]`.
fn pair(value: &Value) -> Option<(String, &Value)> {
    match value.as_array()? {
        [name, value] => Some((name.value.as_str()?.to_owned(), &value.value)),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(true) => Some("True".into()),
        Value::Bool(false) => Some("False".into()),
        Value::Number(number) => Some(number.canonical().to_string()),
        Value::String(text) => Some(text.to_string()),
        Value::Array(_) | Value::Object(_) | Value::Open(_) => None,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}
