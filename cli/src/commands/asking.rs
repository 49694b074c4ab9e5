//! Getting an answer: from the daemon, or in this process where none is there or none is to be
//! asked.

use std::time::Duration;

use daemon::{
    ambient::{Ambient, AskerEnvironment},
    api::{ClientLimits, UserNames},
    client::{self, AskError, Reply},
    load::{self, LoadOptions, Loaded},
    protocol::{self, BodyFormat, ConfigQuery, ConfigView, ProfileStatus, Secrets, Status},
    settings::{
        DEFAULT_PROFILE, Overrides, Profile, Settings, VaultChoice, VaultSource, sockets_to_ask,
    },
};
use resolver::{
    Context, Environment, Format, Layer, Mode, Snapshot, SourceName, UnknownEnvironment, View,
};

use super::{
    answer::{Answer, ResolvedBy, reveal_if},
    findings,
};
use crate::{
    args::{self, Common, Sources},
    failure::{Failure, Kind},
    output::Output,
    progress::Progress,
};

/// How long the daemon may take. Its answers are ready before they are asked for, so a longer wait
/// means a machine in trouble.
pub(super) const BUDGET: Duration = Duration::from_secs(5);

/// Who asks, and what surrounds them.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) common: &'a Common,
    pub(super) ambient: &'a Ambient,
    pub(super) output: Output,
}

/// What is wanted of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Whose view of the configuration.
    pub(super) view: View,
    /// Who closes references to environment variables.
    pub(super) references: References,
    /// Whether it must be known where each value came from.
    pub(super) origins: Origins,
    /// Whether quoted lines show their values.
    pub(super) shows_secrets: bool,
    /// Who masks what is shown.
    pub(super) masked_by: MaskedBy,
}

/// Who masks the secrets of an answer that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MaskedBy {
    /// This process: the answer holds them.
    #[default]
    Us,
    /// The daemon, which keeps a masked answer ready: to make a redactor takes four times as long
    /// as all else that `get` does.
    Daemon,
}

/// Who closes references to environment variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum References {
    /// The asking process, with its own environment.
    #[default]
    Closed,
    /// Nobody.
    Kept,
}

/// Whether it must be known where each value came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Origins {
    #[default]
    Unknown,
    Known,
}

impl<'a> Asking<'a> {
    /// Gets an answer.
    ///
    /// The daemon is asked unless sources are given, or more is wanted than it tells.
    pub(super) fn answer(self, sources: &Sources, wanted: Wanted) -> Result<Answer, Failure> {
        let daemon_can_tell = matches!(wanted.view, View::Merged | View::ClientFile)
            && wanted.origins == Origins::Unknown;
        if !sources.are_given()
            && daemon_can_tell
            && let Some(text) = self.ask_for_text(wanted)?
        {
            // What our own environment closes, the daemon has not seen.
            let masked_by = if text.contains("${") { MaskedBy::Us } else { wanted.masked_by };
            let snapshot = self.close(&text, wanted)?;
            let user_names = match masked_by {
                MaskedBy::Us => self.user_names_of_daemon()?,
                MaskedBy::Daemon => UserNames::default(),
            };
            let resolved_by = ResolvedBy::Daemon;
            return Ok(Answer { snapshot, resolved_by, masked_by, user_names });
        }
        let loaded = self.resolve_here(sources, wanted)?;
        let snapshot = loaded.snapshot.clone();
        let user_names = loaded.user_names.clone();
        let resolved_by = ResolvedBy::ThisProcess(Box::new(loaded));
        Ok(Answer { snapshot, resolved_by, masked_by: MaskedBy::Us, user_names })
    }

    /// Resolves in this process, and tells what was found on the way.
    ///
    /// # Errors
    /// There is no answer.
    pub(super) fn resolve_here(self, sources: &Sources, wanted: Wanted) -> Result<Loaded, Failure> {
        let loaded = self.load_sources(sources, wanted)?;
        findings::judge(&loaded, self.output, reveal_if(wanted.shows_secrets))?;
        Ok(loaded)
    }

    /// Reads and merges the sources in this process, whatever is wrong with them.
    ///
    /// # Errors
    /// The settings make no sense, or vaults on disk cannot be read.
    pub(super) fn load_sources(self, sources: &Sources, wanted: Wanted) -> Result<Loaded, Failure> {
        self.load(&self.settings(sources)?, wanted)
    }

    /// Asks the daemon for a target; `None` if none is there, which is said to who wants details.
    ///
    /// # Errors
    /// One is there and has no answer for us.
    pub(super) fn ask_if_there(self, target: &str) -> Result<Option<String>, Failure> {
        match self.ask(target) {
            Ok(reply) => text_of(reply).map(Some),
            Err(error @ AskError::NoDaemon { .. }) => {
                self.output.detail(&format!("{error}; resolving in this process instead"));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the daemon: the user's own, or else the system's. No settings are read for it.
    pub(super) fn ask(self, target: &str) -> Result<Reply, AskError> {
        let sockets = sockets_to_ask(self.common.socket.as_deref(), self.ambient);
        let mut answers = sockets.iter().map(|socket| client::ask(socket, target, BUDGET));
        let mut first_error = None;
        answers
            .find_map(|answer| match answer {
                Err(error @ AskError::NoDaemon { .. }) => {
                    first_error.get_or_insert(error);
                    None
                }
                other => Some(other),
            })
            .unwrap_or_else(|| Err(first_error.expect("there is a socket to ask")))
    }

    /// Returns what the daemon says of the profile that is meant, with its name.
    ///
    /// # Errors
    /// None is there, or it does not let us see that profile.
    pub(super) fn profile_status(self) -> Result<(String, ProfileStatus), Failure> {
        let text = text_of(self.ask(protocol::STATUS)?)?;
        let status: Status =
            serde_json::from_str(&text).map_err(|error| Failure::new(Kind::Unavailable, error))?;
        let mut profiles = status.profiles;
        let only = profiles.keys().next().filter(|_| profiles.len() == 1).cloned();
        let name = self.profile_name().map(str::to_owned).or(only);
        let name = name.unwrap_or_else(|| DEFAULT_PROFILE.into());
        let profile = profiles.remove(&name);
        let profile = profile
            .ok_or_else(|| Failure::new(Kind::Usage, format!("there is no profile `{name}`")))?;
        Ok((name, profile))
    }

    /// Returns the names that the user hides, as the daemon knows them.
    pub(super) fn user_names_of_daemon(self) -> Result<UserNames, Failure> {
        let names = self.profile_status()?.1.user_names.unwrap_or_default();
        Ok(UserNames::of_kept(names.names))
    }

    /// Returns the name of the profile that is meant, if one is named.
    pub(super) fn profile_name(self) -> Option<&'a str> {
        let variable = self.ambient.variable("CLEARML_RESOLVER_PROFILE");
        self.common.profile.as_deref().or(variable)
    }

    /// Reads the settings as a daemon of this user would.
    pub(super) fn settings_of_host(self) -> Result<Settings, Failure> {
        self.settings(&Sources::default())
    }

    /// Reads the settings, with what was typed laid over them.
    pub(super) fn settings(self, sources: &Sources) -> Result<Settings, Failure> {
        let vaults = match &sources.vaults {
            Some(path) => Some(VaultChoice::File(path.clone())),
            None if sources.no_vaults || sources.offline => Some(VaultChoice::Off),
            None => None,
        };
        let overrides = Overrides {
            config: sources.config.clone(),
            vaults,
            socket: self.common.socket.clone(),
            mode: sources.mode.map(Into::into),
            ..Overrides::default()
        };
        Ok(Settings::load(self.common.settings_file(self.ambient), overrides, self.ambient)?)
    }

    /// Whether sources that are resolved in this process have their vaults from an API server.
    ///
    /// # Errors
    /// The settings make no sense.
    pub(super) fn takes_vaults_of_server(self, sources: &Sources) -> Result<bool, Failure> {
        let settings = self.settings(sources)?;
        Ok(matches!(self.profile(&settings)?.sources.vaults, VaultSource::Server(_)))
    }

    /// Asks the daemon for the whole configuration; `None` if none is there.
    pub(super) fn ask_for_config(self, wanted: Wanted) -> Result<Option<Snapshot>, Failure> {
        self.ask_for_text(wanted)?.map(|text| self.close(&text, wanted)).transpose()
    }

    /// Asks the daemon for the text of the whole configuration; `None` if none is there.
    ///
    /// It is asked for HOCON, since only HOCON keeps the references that our environment closes.
    fn ask_for_text(self, wanted: Wanted) -> Result<Option<String>, Failure> {
        let profile = self.profile_name().map(Into::into);
        let view = match wanted.view {
            View::ClientFile => ConfigView::Client,
            _ => ConfigView::Merged,
        };
        let secrets = match wanted.masked_by {
            MaskedBy::Us => Secrets::Allowed,
            MaskedBy::Daemon => Secrets::Masked,
        };
        let format = Some(BodyFormat::Hocon);
        let query = ConfigQuery { format, profile, view, secrets, ..ConfigQuery::default() };
        self.ask_if_there(&query.to_string())
    }

    /// Closes what the daemon left open.
    pub(super) fn close(self, text: &str, wanted: Wanted) -> Result<Snapshot, Failure> {
        let environment = self.environment(wanted);
        let context =
            Context { environment: environment.as_ref(), ..Context::alone(Mode::Clearml) };
        let name = SourceName::Text("the daemon's answer".into());
        let build = Layer::build_alone(name, Format::Hocon, text, &context);
        findings::draw(&build, self.output, reveal_if(wanted.shows_secrets));
        match build.layer {
            Some(layer) => Ok(resolver::merge(&[layer], &context).0),
            None => Err(Failure::new(Kind::NoAnswer, "the daemon's answer cannot be closed here")
                .with_hint("set the variables it names, or add `--keep-references`")),
        }
    }

    /// Resolves in this process: the only place of the command line that starts an async runtime.
    fn load(self, settings: &Settings, wanted: Wanted) -> Result<Loaded, Failure> {
        let environment = self.environment(wanted);
        let profile = self.profile(settings)?;
        let options = LoadOptions {
            mode: settings.mode,
            view: wanted.view,
            limits: &settings.limits,
            environment: environment.as_ref(),
            ambient: self.ambient,
            client_limits: ClientLimits::default(),
            redaction: profile.redaction,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(Kind::Unavailable, error))?;
        let _progress = Progress::waiting_for("the vaults");
        Ok(runtime.block_on(load::load_once(&profile.sources, options))?)
    }

    /// Returns the profile that is meant: the one named, the only one, or `default`.
    pub(super) fn profile(self, settings: &Settings) -> Result<&Profile, Failure> {
        let profiles = &settings.profiles;
        let found = match (self.profile_name(), profiles.len()) {
            (Some(name), _) => profiles.get(name),
            (None, 1) => profiles.values().next(),
            (None, _) => profiles.get(DEFAULT_PROFILE),
        };
        found.ok_or_else(|| {
            let names: Vec<_> = profiles.keys().map(|name| format!("`{name}`")).collect();
            Failure::new(Kind::Usage, "there is no such profile")
                .with_hint(format!("name one with `--profile`: {}", names.join(", ")))
        })
    }

    fn environment(self, wanted: Wanted) -> Box<dyn Environment + 'a> {
        match wanted.references {
            References::Closed => Box::new(AskerEnvironment(self.ambient)),
            References::Kept => Box::new(UnknownEnvironment),
        }
    }
}

/// Returns the text of a reply, or the failure that it reports.
pub(super) fn text_of(reply: Reply) -> Result<String, Failure> {
    let kind = match reply.status {
        200 => {
            return String::from_utf8(reply.body)
                .map_err(|error| Failure::new(Kind::Unavailable, error));
        }
        401 | 403 => Kind::Refused,
        400 | 404 => Kind::NoAnswer,
        _ => Kind::Unavailable,
    };
    let failure = match reply.problem() {
        Some(problem) => match problem.hint {
            Some(hint) => Failure::new(kind, problem.detail).with_hint(hint),
            None => Failure::new(kind, problem.detail),
        },
        None => Failure::new(kind, format!("the daemon answered with status {}", reply.status)),
    };
    Err(failure)
}

impl From<args::Mode> for Mode {
    fn from(mode: args::Mode) -> Self {
        match mode {
            args::Mode::Clearml => Self::Clearml,
            args::Mode::Hocon => Self::Hocon,
        }
    }
}
