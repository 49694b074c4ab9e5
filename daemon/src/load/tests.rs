//! All sources read once and merged.

use std::{path::Path, time::Duration};

use resolver::{KeyPath, Redactor, Reveal, Spelling, UnknownEnvironment, render};
use serde_json::{Value, json};

use super::*;
use crate::{
    dev::ApiServer,
    settings::{ConfigFile, Presence, Redaction},
};

fn ambient(variables: &[(&str, &str)]) -> Ambient {
    Ambient {
        environment: variables
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect(),
        home: None,
        user_id: 1000,
        group_id: 1000,
        host_name: "node".into(),
        working_directory: "/".into(),
    }
}

/// Sources with one file of this text, in a folder that lives as long as the first value.
fn sources(text: &str, vaults: VaultSource) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clearml.json");
    std::fs::write(&path, text).unwrap();
    let files = vec![ConfigFile { path, presence: Presence::Required }];
    (folder, Sources { files, vaults, ..Sources::default() })
}

async fn load(sources: &Sources, ambient: &Ambient) -> Result<Loaded, LoadError> {
    let options = LoadOptions {
        mode: Mode::Clearml,
        view: View::Merged,
        limits: &Limits::default(),
        environment: &UnknownEnvironment,
        ambient,
        client_limits: ClientLimits { total: Duration::from_secs(10), ..ClientLimits::default() },
        redaction: Redaction::default(),
    };
    load_once(sources, options).await
}

fn merged(loaded: &Loaded) -> Value {
    let redactor = Redactor::for_snapshot(&loaded.snapshot);
    let reveal = Some(Reveal::grant("a test looks at what it made itself"));
    let view = redactor.view(&loaded.snapshot, &KeyPath::root(), reveal).unwrap();
    serde_json::from_str(&render(&view, Spelling::Json)).unwrap()
}

fn vaults_file(folder: &Path, vaults: &Value) -> VaultSource {
    let path = folder.join("vaults.json");
    std::fs::write(&path, vaults.to_string()).unwrap();
    VaultSource::File(path)
}

#[tokio::test]
async fn vaults_lie_over_files_and_monitoring_over_all() {
    let (folder, mut sources) = sources(r#"{"a": 1, "b": 1, "c": 1, "d": 1}"#, VaultSource::Off);
    sources.vaults = vaults_file(
        folder.path(),
        &json!([
            {"id": "m", "type": "monitoring", "format": "json", "data": r#"{"d": 4}"#},
            {"id": "one", "format": "json", "data": r#"{"b": 2, "c": 2}"#},
            {"id": "two", "format": "json", "data": r#"{"c": 3, "d": 3}"#},
        ]),
    );
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    assert_eq!(merged(&loaded), json!({"a": 1, "b": 2, "c": 3, "d": 4}));
    assert!(matches!(loaded.vault_state, VaultState::Fresh { vaults: 3 }));
}

#[tokio::test]
async fn a_broken_vault_is_set_aside_with_its_place_and_the_others_count() {
    let (folder, mut sources) = sources("{}", VaultSource::Off);
    sources.vaults = vaults_file(
        folder.path(),
        &json!([
            {"id": "broken", "format": "json", "data": "{\n\"a\": hunter2}"},
            {"id": "no-text", "data": {"b": 1}},
            {"id": "good", "format": "json", "data": r#"{"c": 3}"#},
        ]),
    );
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    assert_eq!(merged(&loaded), json!({"c": 3}));
    let said: Vec<_> = loaded
        .quarantined
        .iter()
        .map(|quarantine| format!("{}: {}", quarantine.name, quarantine.reason))
        .collect();
    assert_eq!(said.len(), 2);
    assert_eq!(said[0], "vault no-text: its `data` is an object, not a text");
    assert!(said[1].starts_with("vault broken: line 2, column "), "{}", said[1]);
    assert!(!format!("{said:?} {loaded:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_server_that_the_file_names_is_asked_with_keys_from_our_own_environment() {
    let server = ApiServer::start().unwrap();
    server.allow("AK", "SK");
    server.set_vaults(vec![json!({"id": "v", "format": "json", "data": r#"{"a": 2}"#})]);
    let text = json!({"a": 1, "api": {"api_server": server.url().to_string()}}).to_string();
    let (_folder, sources) = sources(&text, VaultSource::Server(Box::default()));
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    let no_keys = VaultState::NoServer(EndpointError::NoCredentials);
    assert_eq!(format!("{:?}", loaded.vault_state), format!("{no_keys:?}"));
    let named = Server {
        access_key: Some("AK".into()),
        secret_key: Some("SK".into()),
        ..Server::default()
    };
    let sources = Sources { vaults: VaultSource::Server(Box::new(named)), ..sources };
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    assert_eq!(merged(&loaded)["a"], 2);
}

#[tokio::test]
async fn a_server_that_fails_leaves_the_files_and_says_so() {
    let server = ApiServer::start().unwrap();
    let named = Server {
        url: Some(server.url()),
        access_key: Some("AK".into()),
        secret_key: Some("wrong".into()),
        ..Server::default()
    };
    let (_folder, sources) = sources(r#"{"a": 1}"#, VaultSource::Server(Box::new(named)));
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    assert!(matches!(loaded.vault_state, VaultState::Failed(FetchError::Revoked { .. })));
    drop(server);
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    assert!(matches!(loaded.vault_state, VaultState::Failed(FetchError::Unreachable { .. })));
    assert_eq!(merged(&loaded), json!({"a": 1}));
}

#[tokio::test]
async fn what_somebody_named_must_be_there() {
    let missing = Path::new("/nonexistent/x");
    let (_folder, sources) = sources("{}", VaultSource::File(missing.into()));
    let error = load(&sources, &ambient(&[])).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read the vaults in `/nonexistent/x`");
    let files = vec![ConfigFile { path: missing.into(), presence: Presence::Required }];
    let sources = Sources { files, ..Sources::default() };
    let loaded = load(&sources, &ambient(&[])).await.unwrap();
    assert_eq!(loaded.file_errors[0].to_string(), "cannot read `/nonexistent/x`");
}
