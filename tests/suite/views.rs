//! Views `sdk` and `agent` held to what the stock clients had in the end, less what their packages
//! bring along and what they find out about their machine.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use daemon::{
    ambient::{Ambient, AskerEnvironment},
    api::ClientLimits,
    load::{LoadOptions, load_once},
    settings::{Overrides, Redaction, Settings, VaultChoice},
};
use resolver::{Object, SourceName, Value, View};
use tests::oracle::{Case, are_equal, parse};

/// The case that has neither file nor vaults: what a client has then, it brings along.
const DEFAULTS: &str = "282-client-defaults";

/// The server and the keys that the recorded runs had in their environment.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("CLEARML_API_HOST", "@@HOST@@"),
    ("CLEARML_API_ACCESS_KEY", "ORACLEACCESSKEY"),
    ("CLEARML_API_SECRET_KEY", "oracle-secret-key-value"),
];

/// Cases in which the clients ask for no vaults.
const WITHOUT_VAULTS: [&str; 3] =
    ["319-feature-basic", "320-api-version-old", "321-vault-support-disabled"];

/// Cases whose file is named by their own variables, or not at all.
const OWN_FILE: [&str; 2] = ["324-config-file-missing", "325-config-file-trains-var"];

/// What a client adds to its logging once it has read a vault.
const LOGGING: &str = "/logging/loggers/clearml/";

/// What an agent finds out about its machine and protects, too: we are on another one.
const MACHINE: [&str; 5] = [
    "/agent/cuda_version",
    "/agent/cudnn_version",
    "/agent/default_python",
    "/agent/worker_id",
    "/agent/worker_name",
];

/// Cases in which we differ from some of the clients on purpose, each with the reason.
const OTHERWISE: [(&str, &[&str], &str); 4] = [
    ("146-bom-base", &["sdk", "agent"], "a byte order mark is a blank"),
    ("185-subst-self-env-unset-base", &["sdk", "agent"], "`X: ${?X}` without X is absent"),
    ("264-vault-disabled-unfiltered", &["sdk", "agent"], "a disabled vault never counts"),
    ("290-agent-env-override-period", &["agent"], "`10m` at the end of a text stays a text"),
];

/// Returns the folder of the recorded runs, if it is there.
fn recorded() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/oracle/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("NOT TESTED: the recorded runs, which lie in `../shared/oracle`, are not there");
    None
}

#[test]
fn the_sdk_sees_what_it_saw() {
    check("sdk", View::Sdk);
}

#[test]
fn the_agent_sees_what_it_saw() {
    check("agent", View::Agent);
}

fn check(client: &str, view: View) {
    let Some(recorded) = recorded() else { return };
    let expected = |case: &str| {
        let path = recorded.join(case).join(format!("expected.{client}.json"));
        Some(parse(&std::fs::read_to_string(path).ok()?))
    };
    let defaults = leaves(&expected(DEFAULTS).expect("the defaults were recorded"));
    let mut faults = Vec::new();
    let mut checked = 0;
    for case in tests::oracle::cases() {
        let Some(expected) = expected(&case.name) else { continue };
        checked += 1;
        let found = faults_of(&case, view, &expected, &defaults);
        let is_meant =
            |(name, of, _): &&(&str, &[&str], &str)| *name == case.name && of.contains(&client);
        match OTHERWISE.iter().find(is_meant) {
            Some((name, _, why)) if found.is_empty() => {
                faults.push(format!("{name}: no longer so: {why}"));
            }
            Some(_) => {}
            None => faults.extend(found.iter().map(|fault| format!("{}: {fault}", case.name))),
        }
    }
    assert!(checked > 30, "only {checked} cases were checked");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Says where our tree is not the client's.
fn faults_of(
    case: &Case,
    view: View,
    expected: &Value,
    defaults: &BTreeMap<String, Value>,
) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let got = runtime.block_on(resolve(case, view));
    let has_error = expected.as_object().is_some_and(|tree| tree.get("__error__").is_some());
    let got = match (got, has_error) {
        (Some(got), false) => leaves(&got),
        (None, true) => return Vec::new(),
        (Some(_), true) => return vec!["there is an answer where the client has none".into()],
        (None, false) => return vec!["there is no answer where the client has one".into()],
    };
    let expected = leaves(expected);
    let is_own = |path: &String, value: &Value| {
        let is_equal = |there| are_equal(there, value) || are_equal(there, &at_home(value));
        defaults.get(path).is_some_and(is_equal)
    };
    let is_of_machine = |path: &String| MACHINE.contains(&path.as_str());
    let other = |path: &String, value: &Value| match expected.get(path) {
        Some(there) if are_equal(there, value) => None,
        Some(there) if is_of_machine(path) && is_own(path, there) => None,
        Some(there) => {
            Some(format!("{path} is {} to the client, {} to us", json(there), json(value)))
        }
        None => Some(format!("{path} is not there for the client, {} to us", json(value))),
    };
    let missing = |path: &String, value: &Value| {
        let brought = is_own(path, value) || is_of_machine(path) || path.starts_with(LOGGING);
        let is_missing = !got.contains_key(path) && !brought;
        is_missing.then(|| format!("{path} is {} to the client, and not there to us", json(value)))
    };
    let others = got.iter().filter_map(|(path, value)| other(path, value));
    others.chain(expected.iter().filter_map(|(path, value)| missing(path, value))).collect()
}

/// Returns a path of the packages as they have it before a vault makes them read it again: an agent
/// puts the home folder in once only.
fn at_home(value: &Value) -> Value {
    match value.as_str().and_then(|text| text.strip_prefix("~/")) {
        Some(rest) => Value::from(format!("@@HOME@@/{rest}").as_str()),
        None => value.clone(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    tests::as_json(value)
}

/// Returns all values that are no objects, or empty ones, by their paths.
fn leaves(tree: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    let mut open = vec![(String::new(), tree.clone())];
    while let Some((path, value)) = open.pop() {
        match value.as_object().filter(|object| !object.is_empty()) {
            Some(object) => open.extend(children(&path, object)),
            None => {
                leaves.insert(path, value);
            }
        }
    }
    leaves
}

fn children(path: &str, object: &Object) -> Vec<(String, Value)> {
    object.iter().map(|(key, child)| (format!("{path}/{key}"), child.value.clone())).collect()
}

/// Returns what a client would see; `None` if a file has an error.
async fn resolve(case: &Case, view: View) -> Option<Value> {
    let mut environment = case.environment.clone();
    for (name, text) in ENVIRONMENT {
        environment.entry(name.into()).or_insert_with(|| text.into());
    }
    if !OWN_FILE.contains(&case.name.as_str()) {
        let file = case.file("base.conf").to_str()?.to_owned();
        environment.insert("CLEARML_CONFIG_FILE".into(), file);
    }
    let ambient = Ambient {
        environment,
        home: None,
        user_id: 0,
        group_id: 0,
        host_name: "@@NODE@@".into(),
        working_directory: case.file(""),
    };
    let vaults = if WITHOUT_VAULTS.contains(&case.name.as_str()) {
        VaultChoice::Off
    } else {
        VaultChoice::File(case.file("vaults.json"))
    };
    let overrides = Overrides { vaults: Some(vaults), ..Overrides::default() };
    let settings = Settings::load(None, overrides, &ambient).unwrap();
    let sources = &settings.profiles["default"].sources;
    let options = LoadOptions {
        mode: settings.mode,
        view,
        limits: &settings.limits,
        environment: &AskerEnvironment(&ambient),
        ambient: &ambient,
        client_limits: ClientLimits::default(),
        redaction: Redaction::default(),
    };
    let loaded = load_once(sources, options).await.unwrap();
    let is_broken = |(name, build): &(SourceName, resolver::Build)| {
        build.layer.is_none() && matches!(name, SourceName::File(_))
    };
    let is_whole = loaded.file_errors.is_empty() && !loaded.builds.iter().any(is_broken);
    is_whole.then(|| Value::object(loaded.snapshot.root().clone()))
}
