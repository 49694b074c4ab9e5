//! Sample texts in a private folder, for the first look (`daemon --dev`).

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
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

/// Writes the file, whose keys are secrets, where only its owner looks.
fn write_private(folder: &Path, file: &Path, text: &str) -> Result<(), SampleError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SampleError::Write { path, source }
    };
    fs::DirBuilder::new().mode(0o700).recursive(true).create(folder).map_err(failed(folder))?;
    // A folder that was there may be open to others; one of somebody else's refuses this.
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed(folder))?;
    let mut new = create_anew(file).map_err(failed(file))?;
    new.write_all(text.as_bytes()).map_err(failed(file))
}

/// Opens the file anew: one that was there goes, whatever its permissions.
fn create_anew(file: &Path) -> io::Result<File> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        ambient::Ambient,
        settings::{DEFAULT_PROFILE, Settings},
    };

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_it_writes_is_its_owners_alone_also_the_second_time() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("dev");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("clearml.conf"), "old").unwrap();
        for _ in 0..2 {
            let dev = start(&folder).unwrap();
            assert_eq!(mode_of(&folder), 0o700);
            assert_eq!(mode_of(&dev.config_file), 0o600);
            let text = fs::read_to_string(&dev.config_file).unwrap();
            assert!(text.contains(&dev.server.url().to_string()) && !text.contains("{server}"));
        }
    }

    #[test]
    fn its_overrides_win_over_the_users_own_environment() {
        let home = tempfile::tempdir().unwrap();
        let dev = start(&home.path().join("dev")).unwrap();
        let others = [
            ("CLEARML_API_HOST", "https://production.example.com"),
            ("CLEARML_CONFIG_FILE", "/production.conf"),
            ("CLEARML_AUTH_TOKEN", "production"),
            ("CLEARML_DISABLE_VAULT_SUPPORT", "1"),
        ];
        let ambient = Ambient {
            environment: others.map(|(name, text)| (name.into(), text.into())).into(),
            home: None,
            user_id: 1000,
            group_id: 1000,
            host_name: "node".into(),
            working_directory: "/".into(),
        };
        let none = home.path().join("settings.toml");
        fs::write(&none, "").unwrap();
        let settings = Settings::load(Some(&none), dev.overrides.clone(), &ambient).unwrap();
        let sources = &settings.profiles[DEFAULT_PROFILE].sources;
        assert_eq!(sources.files[0].path, dev.config_file);
        let crate::settings::VaultSource::Server(server) = &sources.vaults else { panic!() };
        assert_eq!(server.url.as_ref(), Some(&dev.server.url()));
        assert!(server.auth_token.is_none());
    }

    #[test]
    fn there_is_a_vault_in_each_format() {
        let vaults = sample_vaults();
        let formats: BTreeMap<_, _> = vaults
            .iter()
            .map(|vault| (vault["format"].as_str().unwrap(), vault["data"].as_str().unwrap()))
            .collect();
        assert_eq!(formats.keys().copied().collect::<Vec<_>>(), ["hocon", "json", "yaml"]);
        serde_json::from_str::<Value>(formats["json"]).unwrap();
    }
}
