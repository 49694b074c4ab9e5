//! Sample texts in a private folder, for the first look (`daemon --dev`).

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use thiserror::Error;

use super::ApiServer;
use crate::settings::{Overrides, VaultChoice};

/// The file of the sample; `{…}` stand for what is known only when the server runs.
const SAMPLE_FILE: &str = include_str!("sample/clearml.conf");

/// A vault in each format.
const HOCON_VAULT: &str = include_str!("sample/team.conf");
const JSON_VAULT: &str = include_str!("sample/storage.json");
const YAML_VAULT: &str = include_str!("sample/limits.yaml");

/// What the sample's user is called.
const ACCESS_KEY: &str = "DEVACCESSKEY";

/// The sample, running: it ends with this value, its files stay.
#[derive(Debug)]
pub struct DevServer {
    /// The server.
    pub server: ApiServer,
    /// The sample's `clearml.conf`: stock clients take it by `CLEARML_CONFIG_FILE`.
    pub config_file: PathBuf,
    /// What makes a daemon serve the sample.
    pub overrides: Overrides,
}

/// Why there is no sample.
#[derive(Debug, Error)]
pub enum SampleError {
    /// The server does not start.
    #[error("cannot start the sample API server on 127.0.0.1")]
    Server(#[source] io::Error),
    /// A file cannot be written.
    #[error("cannot write the sample to `{}`", path.display())]
    Write {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Starts the sample: an API server with a vault in each format, and in `folder`, made for its
/// owner alone if it is not there, a `clearml.conf` that names it.
///
/// # Errors
/// The server does not start, or `folder` cannot be written.
pub fn start(folder: &Path) -> Result<DevServer, SampleError> {
    let server = ApiServer::start().map_err(SampleError::Server)?;
    // The server forgets its keys when it ends, so fresh ones each time cost nobody anything.
    let secret_key = format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..));
    let credentials = server.allow(ACCESS_KEY, &secret_key);
    server.set_vaults(sample_vaults());
    let config_file = folder.join("clearml.conf");
    let text = SAMPLE_FILE
        .replace("{server}", &server.url().to_string())
        .replace("{access_key}", ACCESS_KEY)
        .replace("{secret_key}", &secret_key);
    write_private(folder, &config_file, &text)?;
    let overrides = Overrides {
        config: vec![config_file.clone()],
        vaults: Some(VaultChoice::Server),
        api_server: Some(server.url()),
        credentials: Some(credentials),
        socket: Some(folder.join("resolver.sock")),
        ..Overrides::default()
    };
    Ok(DevServer { server, config_file, overrides })
}

fn sample_vaults() -> Vec<Value> {
    let vault = |id: &str, description: &str, scope: &str, format: &str, data: &str| {
        json!({
            "id": id,
            "description": description,
            "scope": scope,
            "type": "config",
            "enabled": true,
            "format": format,
            "data": data,
        })
    };
    vec![
        vault("dev-team", "what the whole team shares", "group", "hocon", HOCON_VAULT),
        vault("dev-storage", "where results go", "group", "json", JSON_VAULT),
        vault("dev-limits", "my own limits", "user", "yaml", YAML_VAULT),
    ]
}

fn write_private(folder: &Path, file: &Path, text: &str) -> Result<(), SampleError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SampleError::Write { path, source }
    };
    fs::DirBuilder::new().mode(0o700).recursive(true).create(folder).map_err(failed(folder))?;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .map_err(failed(file))
}
