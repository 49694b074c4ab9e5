//! `daemon`: the service.

use std::path::Path;

use daemon::{
    ambient::Ambient,
    app, dev,
    settings::{LogFormat, Overrides, Settings, VaultChoice},
};

use crate::{
    args::{self, Common, Daemon},
    failure::{Failure, Kind},
    output::Output,
};

/// Runs until a signal ends it.
pub(super) fn run(
    daemon: Daemon,
    common: &Common,
    ambient: &Ambient,
    output: Output,
) -> Result<(), Failure> {
    if daemon.dev {
        return run_sample(daemon, common, ambient, output);
    }
    let overrides = overrides(daemon, common)?;
    let settings = Settings::load(common.settings_file(ambient), overrides, ambient)?;
    Ok(app::run(&settings, ambient, |serving| output.talk(serving.summary))?)
}

/// Runs the sample: its server, files and socket are in a private folder that goes with it.
fn run_sample(
    daemon: Daemon,
    common: &Common,
    ambient: &Ambient,
    output: Output,
) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("clearml-resolver-dev-").tempdir();
    let folder = folder.map_err(|error| Failure::new(Kind::Unavailable, error))?;
    let sample = dev::start(folder.path()).map_err(|e| Failure::new(Kind::Unavailable, e))?;
    let typed = overrides(daemon, common)?;
    let mut overrides = sample.overrides.clone();
    overrides.socket = typed.socket.or(overrides.socket);
    overrides.admin_socket = typed.admin_socket;
    overrides.log = typed.log;
    let settings = Settings::load(common.settings_file(ambient), overrides, ambient)?;
    app::run(&settings, ambient, |serving| {
        output.talk(serving.summary);
        output.talk(&what_to_try(serving.socket, &sample.config_file));
    })?;
    Ok(())
}

/// Returns the commands to try next, ready to be copied.
fn what_to_try(socket: &Path, config_file: &Path) -> String {
    let program = std::env::current_exe();
    let program =
        program.map_or_else(|_| "clearml-resolver".into(), |path| path.display().to_string());
    let (socket, config_file) = (socket.display(), config_file.display());
    format!(
        "\
the API server and its vaults are a sample, kept while this runs; Ctrl-C ends it. Try elsewhere:

  curl --unix-socket {socket} http://localhost/v1/config
  {program} resolve --print --socket {socket}
  {program} status --socket {socket}

Stock clients take the same server by CLEARML_CONFIG_FILE={config_file}"
    )
}

/// Lays out what was typed so that it wins over the settings.
fn overrides(daemon: Daemon, common: &Common) -> Result<Overrides, Failure> {
    let api_server = daemon.api_server.map(|url| url.parse()).transpose();
    let vaults = match daemon.vaults_folder {
        Some(folder) => Some(VaultChoice::Folder(folder)),
        None if daemon.no_vaults => Some(VaultChoice::Off),
        None => None,
    };
    Ok(Overrides {
        config: daemon.config,
        vaults,
        api_server: api_server
            .map_err(|error: daemon::settings::ServerUrlError| Failure::new(Kind::Usage, error))?,
        socket: common.socket.clone(),
        admin_socket: daemon.admin_socket,
        log: daemon.foreground_log.map(Into::into),
        ..Overrides::default()
    })
}

impl From<args::LogFormat> for LogFormat {
    fn from(format: args::LogFormat) -> Self {
        match format {
            args::LogFormat::Text => Self::Text,
            args::LogFormat::Json => Self::Json,
        }
    }
}
