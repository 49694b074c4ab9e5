//! One profile: what the clients' variables say, covered by settings, covered by flags.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;

use super::{
    AccessRules, ConfigFile, ConfigFolder, Etcd, Fail, IncludeUrls, OnRevoked, Overrides, Presence,
    Profile, Proxies, Server, SettingsError, UnitPattern, VaultSource, Verify, raw::Group,
};
use crate::{ambient::Ambient, text_file::read_secret_text};

/// A profile that is being put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    profile: Profile,
    server: Server,
    etcd: Etcd,
    vaults: VaultChoice,
    /// What the clients' variables say of the server and makes no sense.
    faults: Faults,
}

/// Variables of the clients that make no sense: an error only once they are needed.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    url: Option<VariableFault>,
    method: Option<VariableFault>,
}

/// A variable, and what would make sense.
type VariableFault = (&'static str, &'static str);

/// Which source of vaults is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VaultChoice {
    /// The API server.
    #[default]
    Server,
    /// None.
    Off,
    /// A folder with one text a file.
    Folder(PathBuf),
    /// One file.
    File(PathBuf),
    /// The etcd of the settings.
    Etcd,
}

impl Draft {
    /// Returns what the variables of the stock clients say, else their defaults.
    ///
    /// (`clearml` 2.1.12, `backend_config/defs.py` and `backend_api/session/defs.py`.)
    pub(super) fn of_clients(ambient: &Ambient) -> Result<Self, SettingsError> {
        let (server, faults) = server_of_clients(ambient);
        let mut draft = Self { server, faults, ..Self::default() };
        draft.etcd.proxies = proxies(ambient);
        draft.read_credentials(ambient)?;
        draft.profile.access = AccessRules::usual(ambient);
        let sources = &mut draft.profile.sources;
        sources.folder =
            ambient.first_variable(&["CLEARML_CONFIG_PATH", "TRAINS_CONFIG_PATH"]).map(|path| {
                let env_name = ambient.first_variable(&["CLEARML_ENV", "TRAINS_ENV"]);
                ConfigFolder {
                    path: ambient.expand_home(path.as_ref()),
                    env_name: env_name.unwrap_or("default").to_owned(),
                }
            });
        sources.files = match ambient.first_variable(&["CLEARML_CONFIG_FILE", "TRAINS_CONFIG_FILE"])
        {
            Some(path) => vec![optional(ambient.expand_home(path.as_ref()))],
            None => ["trains.conf", "clearml.conf"]
                .into_iter()
                .filter_map(|name| Some(optional(ambient.home.as_ref()?.join(name))))
                .collect(),
        };
        let is_off = |name| Ok(flag(ambient, name)?.unwrap_or(false));
        if is_off("CLEARML_DISABLE_VAULT_SUPPORT")?
            || is_off("CLEARML_AGENT_DISABLE_VAULT_SUPPORT")?
        {
            draft.vaults = VaultChoice::Off;
        }
        Ok(draft)
    }

    /// Takes the keys that systemd hands over (`LoadCredential=secret_key:…`), if it does: over the
    /// clients' variables, as somebody meant them for us alone.
    fn read_credentials(&mut self, ambient: &Ambient) -> Result<(), SettingsError> {
        let Some(folder) = ambient.variable("CREDENTIALS_DIRECTORY").map(Path::new) else {
            return Ok(());
        };
        let [access_key, secret_key] = ["access_key", "secret_key"].map(|name| folder.join(name));
        if access_key.exists() {
            self.server.access_key = Some(read_secret(&access_key)?);
        }
        if secret_key.exists() {
            self.server.secret_key = Some(read_secret(&secret_key)?);
            self.server.secret_key_file = Some(secret_key);
        }
        Ok(())
    }

    /// Covers it with the settings of a group.
    pub(super) fn covered_by(
        &self,
        group: &Group<'_>,
        ambient: &Ambient,
    ) -> Result<Self, SettingsError> {
        let mut draft = self.clone();
        draft.read_watching(group)?;
        draft.profile.access.cover(group)?;
        draft.read_sources(group, ambient)?;
        draft.etcd.cover(group, ambient)?;
        draft.read_server(group, ambient)?;
        Ok(draft)
    }

    fn read_watching(&mut self, group: &Group<'_>) -> Result<(), SettingsError> {
        let profile = &mut self.profile;
        set(&mut profile.poll_interval, group.duration("poll_interval")?);
        set(&mut profile.splay, group.duration("splay")?);
        profile.max_stale = group.duration("max_stale")?.or(profile.max_stale);
        let words = [("file_only", OnRevoked::FileOnly), ("closed", OnRevoked::Closed)];
        set(&mut profile.on_revoked, group.word("on_revoked", &words)?);
        let words = [("last_good", Fail::LastGood), ("closed", Fail::Closed), ("open", Fail::Open)];
        set(&mut profile.fail, group.word("fail", &words)?);
        let at_least_one = |text: &str| text.parse().ok().filter(|times| *times > 0);
        let times = group.parsed("empty_answers", "a whole number above 0", at_least_one)?;
        set(&mut profile.empty_answers, times);
        set(&mut profile.environment_allow, group.list("environment.allow")?);
        let words = [("true", true), ("false", false)];
        let redaction = &mut profile.redaction;
        set(&mut redaction.user_names, group.word("redact.user_names", &words)?);
        set(&mut redaction.normal_arguments, group.word("redact.normal_arguments", &words)?);
        let units = group.list("units")?;
        set(
            &mut profile.units,
            units.map(|units| units.iter().map(|unit| UnitPattern::new(unit)).collect()),
        );
        Ok(())
    }

    fn read_sources(&mut self, group: &Group<'_>, ambient: &Ambient) -> Result<(), SettingsError> {
        let path = |name| Ok(group.path(name)?.map(|path| ambient.expand_home(&path)));
        let sources = &mut self.profile.sources;
        sources.defaults = path("config.defaults")?.or(sources.defaults.take());
        let env_name = group.text("config.env")?;
        if let Some(path) = path("config.folder")? {
            sources.folder = Some(ConfigFolder { path, env_name: "default".into() });
        }
        if let (Some(folder), Some(env_name)) = (&mut sources.folder, env_name) {
            folder.env_name = env_name;
        }
        if let Some(files) = group.list("config.files")? {
            let required = |path: String| ConfigFile {
                path: ambient.expand_home(path.as_ref()),
                presence: Presence::Required,
            };
            sources.files = files.into_iter().map(required).collect();
        }
        let words = [("refuse", IncludeUrls::Refuse), ("files", IncludeUrls::Files)];
        set(&mut sources.include_urls, group.word("config.include_urls", &words)?);
        self.read_vaults(group, path("vaults.folder")?, path("vaults.file")?)
    }

    /// A folder or file that is named is chosen, unless `vaults.source` says otherwise.
    fn read_vaults(
        &mut self,
        group: &Group<'_>,
        folder: Option<PathBuf>,
        file: Option<PathBuf>,
    ) -> Result<(), SettingsError> {
        let named = folder.map(VaultChoice::Folder).or(file.map(VaultChoice::File));
        let words = [("clearml", 0), ("off", 1), ("folder", 2), ("file", 3), ("etcd", 4)];
        let choice = match (group.word("vaults.source", &words)?, named) {
            (Some(0), _) => Some(VaultChoice::Server),
            (Some(1), _) => Some(VaultChoice::Off),
            (Some(4), _) => Some(VaultChoice::Etcd),
            (_, named) => named,
        };
        set(&mut self.vaults, choice);
        Ok(())
    }

    fn read_server(&mut self, group: &Group<'_>, ambient: &Ambient) -> Result<(), SettingsError> {
        let server = &mut self.server;
        let url =
            group.parsed("api.server", "a URL such as `https://api.example.com`", |text| {
                text.parse().ok()
            })?;
        server.url = url.or(server.url.take());
        let secret = |name| Ok(group.text(name)?.map(SecretString::from));
        server.access_key = secret("api.access_key")?.or(server.access_key.take());
        if let Some(secret_key) = secret("api.secret_key")? {
            server.secret_key = Some(secret_key);
            server.secret_key_file = None;
        }
        if let Some(path) = group.path("api.secret_key_file")? {
            let path = ambient.expand_home(&path);
            server.secret_key = Some(read_secret(&path)?);
            server.secret_key_file = Some(path);
        }
        if let Some(text) = group.text("api.verify_certificate")? {
            server.verify = Some(Verify::read(&text, ambient));
        }
        let method = group.parsed("api.method", "`get`, `post` or `put`", |text| text.parse().ok());
        server.method = method?.or(server.method);
        Ok(())
    }

    /// Covers it with what flags say.
    pub(super) fn override_with(mut self, overrides: &Overrides) -> Self {
        if !overrides.config.is_empty() {
            let required =
                |path: &PathBuf| ConfigFile { path: path.clone(), presence: Presence::Required };
            self.profile.sources.files = overrides.config.iter().map(required).collect();
        }
        if let Some(url) = &overrides.api_server {
            self.server.url = Some(url.clone());
            self.vaults = VaultChoice::Server;
        }
        if let Some(credentials) = &overrides.credentials {
            self.server.auth_token = None;
            self.server.secret_key_file = None;
            self.server.access_key = Some(credentials.access_key().clone());
            self.server.secret_key = Some(credentials.secret_key().clone());
        }
        set(&mut self.vaults, overrides.vaults.clone());
        self
    }

    /// Refuses variables that make no sense, unless something else says what they should.
    fn refuse_faults(&self) -> Result<(), SettingsError> {
        let url = self.faults.url.filter(|_| self.server.url.is_none());
        let method = self.faults.method.filter(|_| self.server.method.is_none());
        match url.or(method) {
            None => Ok(()),
            Some((name, expected)) => {
                Err(SettingsError::Variable { name, expected: expected.into() })
            }
        }
    }

    /// Returns the finished profile.
    ///
    /// # Errors
    /// The source of vaults that was chosen is not told where they are.
    pub(super) fn finish(self) -> Result<Profile, SettingsError> {
        if self.vaults == VaultChoice::Server {
            self.refuse_faults()?;
        }
        let vaults = match self.vaults {
            VaultChoice::Etcd if self.etcd.endpoints.is_empty() => {
                let because = "`vaults.source` is `etcd`";
                return Err(SettingsError::Missing { name: "vaults.etcd.endpoints", because });
            }
            VaultChoice::Off => VaultSource::Off,
            VaultChoice::Server => VaultSource::Server(Box::new(self.server)),
            VaultChoice::Folder(path) => VaultSource::Folder(path),
            VaultChoice::File(path) => VaultSource::File(path),
            VaultChoice::Etcd => VaultSource::Etcd(Arc::new(self.etcd)),
        };
        let mut profile = self.profile;
        profile.sources.vaults = vaults;
        Ok(profile)
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn optional(path: PathBuf) -> ConfigFile {
    ConfigFile { path, presence: Presence::Optional }
}

fn server_of_clients(ambient: &Ambient) -> (Server, Faults) {
    let secret = |names: &[&str]| ambient.first_variable(names).map(SecretString::from);
    let verify =
        ambient.first_variable(&["CLEARML_API_HOST_VERIFY_CERT", "TRAINS_API_HOST_VERIFY_CERT"]);
    let bundle = ambient.first_variable(&["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]);
    let worker = ambient.first_variable(&["CLEARML_WORKER_NAME", "TRAINS_WORKER_NAME"]);
    let hosts = ["CLEARML_API_HOST", "TRAINS_API_HOST"];
    let (url, url_fault) = parsed(ambient, &hosts, "an http or https URL");
    let methods = ["CLEARML_API_DEFAULT_REQ_METHOD"];
    let (method, method_fault) = parsed(ambient, &methods, "`get`, `post` or `put`");
    let server = Server {
        url,
        access_key: secret(&["CLEARML_API_ACCESS_KEY", "TRAINS_API_ACCESS_KEY"]),
        secret_key: secret(&["CLEARML_API_SECRET_KEY", "TRAINS_API_SECRET_KEY"]),
        secret_key_file: None,
        auth_token: secret(&["CLEARML_AUTH_TOKEN"]),
        verify: verify.map(|text| Verify::read(text, ambient)),
        ca_bundle: bundle.map(|path| ambient.expand_home(path.as_ref())),
        method,
        proxies: proxies(ambient),
        worker: worker.unwrap_or(&ambient.host_name).to_owned(),
    };
    (server, Faults { url: url_fault, method: method_fault })
}

/// Reads the first of these variables that is set, or says that it makes no sense.
fn parsed<T: std::str::FromStr>(
    ambient: &Ambient,
    names: &[&'static str],
    expected: &'static str,
) -> (Option<T>, Option<VariableFault>) {
    let named = names.iter().find_map(|name| Some((*name, ambient.variable(name)?)));
    match named.map(|(name, text)| text.parse().map_err(|_| (name, expected))) {
        None => (None, None),
        Some(Ok(value)) => (Some(value), None),
        Some(Err(fault)) => (None, Some(fault)),
    }
}

fn flag(ambient: &Ambient, name: &'static str) -> Result<Option<bool>, SettingsError> {
    let Some(text) = ambient.variable(name) else { return Ok(None) };
    let expected = || SettingsError::Variable { name, expected: "`true` or `false`".into() };
    super::server::truth(text).map(Some).ok_or_else(expected)
}

/// Reads the proxies as curl and the clients do: small letters first, and no `HTTP_PROXY` in
/// capitals for a program that a web server started, as a request could have set it.
fn proxies(ambient: &Ambient) -> Proxies {
    let first = |names: &[&str]| ambient.first_variable(names).unwrap_or_default().to_owned();
    let started_by_web_server = ambient.variable("REQUEST_METHOD").is_some();
    let capitals = if started_by_web_server { "" } else { "HTTP_PROXY" };
    Proxies {
        http: first(&["http_proxy", capitals]),
        https: first(&["https_proxy", "HTTPS_PROXY"]),
        all: first(&["all_proxy", "ALL_PROXY"]),
        no: first(&["no_proxy", "NO_PROXY"]),
    }
}

pub(super) fn read_secret(path: &Path) -> Result<SecretString, SettingsError> {
    read_secret_text(path)
        .map_err(|source| SettingsError::SecretKey { path: path.to_owned(), source })
}
