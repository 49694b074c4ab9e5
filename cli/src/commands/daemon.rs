//! `daemon`: the service.

use daemon::{
    ambient::Ambient,
    app,
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
    let overrides = overrides(daemon, common)?;
    let settings = Settings::load(common.settings_file(ambient), overrides, ambient)?;
    app::run(settings, ambient.clone(), |serving| {
        output.talk(serving.summary);
    })?;
    Ok(())
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
