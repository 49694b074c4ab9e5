//! What `clearml-agent` makes of its environment and of its machine's keys.

use std::sync::Arc;

use lean_string::LeanStr;

use super::{set, whitelist};
use crate::{
    context::{Context, Environment},
    key_path::KeyPath,
    layer::{Build, Layer, Precedence},
    object::Object,
    origin::{Format, Origin, SourceIds, SourceName, SourceText},
    overlay::assign,
    value::Value,
};

/// Begins the name of a variable that sets any key: `CLEARML_AGENT__SDK__AWS__S3__REGION`.
const ANY_KEY_PREFIX: &str = "CLEARML_AGENT__";

/// Variables that set one key each, over the vaults (`clearml_agent.definitions`,
/// `ENVIRONMENT_CONFIG`); the first name that is set counts.
const MAPPED: &[(&str, &[&str], Kind)] = &[
    ("api.api_server", &["CLEARML_API_HOST", "TRAINS_API_HOST"], Kind::Text),
    ("api.files_server", &["CLEARML_FILES_HOST", "TRAINS_FILES_HOST"], Kind::Text),
    ("api.web_server", &["CLEARML_WEB_HOST", "TRAINS_WEB_HOST"], Kind::Text),
    (
        "api.credentials.access_key",
        &["CLEARML_API_ACCESS_KEY", "TRAINS_API_ACCESS_KEY"],
        Kind::Text,
    ),
    (
        "api.credentials.secret_key",
        &["CLEARML_API_SECRET_KEY", "TRAINS_API_SECRET_KEY"],
        Kind::Text,
    ),
    ("agent.worker_name", &["CLEARML_WORKER_NAME", "TRAINS_WORKER_NAME"], Kind::Text),
    ("agent.worker_id", &["CLEARML_WORKER_ID", "TRAINS_WORKER_ID"], Kind::Text),
    (
        "agent.cuda_version",
        &["CLEARML_CUDA_VERSION", "TRAINS_CUDA_VERSION", "CUDA_VERSION"],
        Kind::Text,
    ),
    (
        "agent.cudnn_version",
        &["CLEARML_CUDNN_VERSION", "TRAINS_CUDNN_VERSION", "CUDNN_VERSION"],
        Kind::Text,
    ),
    ("agent.crash_on_exception", &["CLEARML_AGENT_CRASH_ON_EXCEPTION"], Kind::Bool),
    ("agent.crash_backoff", &["CLEARML_AGENT_CRASH_BACKOFF"], Kind::Bool),
    ("agent.snug.enabled", &["CLEARML_AGENT_SNUG_ENABLED"], Kind::Bool),
    ("agent.snug.report_usage_events", &["CLEARML_AGENT_SNUG_REPORT_USAGE_EVENTS"], Kind::Bool),
    ("agent.snug.report_task_metrics", &["CLEARML_AGENT_SNUG_REPORT_TASK_METRICS"], Kind::Bool),
    ("agent.snug.call_history", &["CLEARML_AGENT_SNUG_CALL_HISTORY"], Kind::Text),
    ("agent.snug.app_mode", &["CLEARML_AGENT_SNUG_APP_MODE"], Kind::Text),
    ("agent.snug.wrap_bins", &["CLEARML_AGENT_SNUG_WRAP_BINS"], Kind::Text),
    ("agent.snug.wrap_kind", &["CLEARML_AGENT_SNUG_WRAP_KIND"], Kind::Text),
    ("sdk.aws.s3.key", &["AWS_ACCESS_KEY_ID"], Kind::Text),
    ("sdk.aws.s3.secret", &["AWS_SECRET_ACCESS_KEY"], Kind::Text),
    ("sdk.aws.s3.region", &["AWS_DEFAULT_REGION"], Kind::Text),
    ("sdk.google.storage.credentials_json", &["GOOGLE_APPLICATION_CREDENTIALS"], Kind::Text),
];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Bool,
}

/// Builds the layers that an agent makes of its environment: one a `CLEARML_AGENT__…` variable,
/// whose text is HOCON, sorted by name, then one of all mapped variables.
///
/// A variable whose text does not parse stops a stock agent; here its [`Build`] has no layer.
pub fn agent_layers(context: &Context<'_>, ids: &mut SourceIds) -> Vec<Build> {
    let mut builds = Vec::new();
    for name in context.environment.names_with_prefix(ANY_KEY_PREFIX) {
        let Some(text) = set(context.environment, &name) else { continue };
        let keys = name.strip_prefix(ANY_KEY_PREFIX).unwrap_or_default();
        let path = keys.replace("__", ".").to_lowercase();
        let text = source(ids, &name, format!("{path}: {text}"));
        let none = KeyPath::root();
        builds.push(Layer::build(Precedence::AnyKeyVariables, text, &none, context, ids));
    }
    builds.push(mapped_layer(context.environment, ids));
    builds
}

fn mapped_layer(environment: &dyn Environment, ids: &mut SourceIds) -> Build {
    let text = source(ids, "environment", String::new());
    let origin = Origin { source: text.id, start: 0, end: 0 };
    let mut root = Object::new();
    for (path, names, kind) in MAPPED {
        let Some(text) = names.iter().find_map(|name| set(environment, name)) else { continue };
        let value = match kind {
            Kind::Text => Some(Value::from(text.as_str())),
            Kind::Bool => boolean(&text).map(Value::Bool),
        };
        let keys: Vec<LeanStr> = path.split('.').map(LeanStr::from_static_str).collect();
        if let Some(value) = value {
            assign(&mut root, &keys, value.spanned(origin));
        }
    }
    Layer::of_object(Precedence::MappedVariables, text, root)
}

fn source(ids: &mut SourceIds, name: &str, text: String) -> SourceText {
    let name = SourceName::Text(format!("environment variable {name}").into());
    SourceText { id: ids.next_id(), name, format: Format::Hocon, text: text.into() }
}

/// Reads a truth value as Python's `strtobool`; other text is no value.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Adds what an agent adds after its layers are merged.
pub(super) fn finish(root: &mut Object, layers: &[Arc<Layer>], context: &Context<'_>) {
    let has_vault = layers.iter().any(|layer| layer.precedence().is_vault());
    if !has_vault {
        append_azure_account(root, context.environment);
    }
    add_host(root);
    whitelist::apply(root, layers);
    for key in ["cuda_version", "cudnn_version"] {
        shorten_version(root, key);
    }
}

/// Adds `api.host` where only `api.api_server` says the host (`clearml-agent` 4.0.15rc0,
/// `session.py`: "if not self.config.get('api.host', None)").
fn add_host(root: &mut Object) {
    let [host, server]: [KeyPath; 2] =
        ["host", "api_server"].map(|key| ["api", key].into_iter().collect());
    let text = |path: &KeyPath| {
        let text = root.at(path).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(Value::from)
    };
    if let (None, Some(server)) = (text(&host), text(&server)) {
        assign(root, host.keys(), server.spanned(Origin::default()));
    }
}

/// Adds the account of `AZURE_STORAGE_ACCOUNT`; a stock agent loses it when a vault makes it read
/// its files again (case `azure-env-vs-vault` of the recorded runs).
fn append_azure_account(root: &mut Object, environment: &dyn Environment) {
    let (Some(account), Some(key)) =
        (set(environment, "AZURE_STORAGE_ACCOUNT"), set(environment, "AZURE_STORAGE_KEY"))
    else {
        return;
    };
    let path: KeyPath = ["sdk", "azure", "storage", "containers"].into_iter().collect();
    let mut containers = root.at(&path).and_then(Value::as_array).unwrap_or_default().to_vec();
    let place = Origin::default();
    let entry = [("account_name", account), ("account_key", key)]
        .map(|(name, text)| (name.into(), Value::from(text.as_str()).spanned(place)));
    containers.push(Value::object(entry.into_iter().collect()).spanned(place));
    assign(root, path.keys(), Value::array(containers).spanned(place));
}

/// Turns a version such as `11.8` into the `118` that the agent works with.
fn shorten_version(root: &mut Object, key: &'static str) {
    let path: KeyPath = ["agent", key].into_iter().collect();
    let Some(text) = root.at(&path).and_then(Value::as_str) else { return };
    let mut parts = text.split('.');
    if let (Some(major), Some(minor)) = (parts.next(), parts.next())
        && [major, minor].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let short = Value::from(format!("{major}{minor}").as_str());
        assign(root, path.keys(), short.spanned(Origin::default()));
    }
}
