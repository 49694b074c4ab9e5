//! From texts to one answer: layers built, vaults that cannot count set aside, all merged.

use std::sync::Arc;

use resolver::{
    Build, Context, Diagnostic, Environment, Layer, Limits, Mode, RefuseIncludes, Snapshot,
    SourceIds, SourceName, SourceText, View, agent_layers, merge_view,
};
use thiserror::Error;

use crate::{
    ambient::{Ambient, AskerEnvironment},
    api::{
        Client, ClientError, ClientLimits, Endpoint, EndpointError, FetchError, Quarantine,
        UserNames, Vault, VaultAnswer, VaultList,
    },
    etcd::EtcdClient,
    settings::{Redaction, Server, Sources, VaultSource},
    sources::{
        FileError, FileIncluder, FileText, FileTexts, VaultsError, read_files, read_vaults_file,
        read_vaults_folder,
    },
};

/// The layers of one answer, and what came of each text.
#[derive(Debug, Default)]
pub struct Layers {
    /// The layers that count, lowest first.
    pub layers: Vec<Arc<Layer>>,
    /// What came of each text, in the same order, broken ones included.
    pub builds: Vec<(SourceName, Build)>,
    /// The vaults that do not count although they should.
    pub quarantined: Vec<Quarantine>,
}

/// What a load may depend on besides its sources.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// Whose rules texts are read and merged by.
    pub mode: Mode,
    /// Whose answer it is to be.
    pub view: View,
    /// What texts may cost.
    pub limits: &'a Limits,
    /// What closes references that no key closes.
    pub environment: &'a dyn Environment,
    /// Our own surroundings: what the API server's address and keys may refer to.
    pub ambient: &'a Ambient,
    /// What calls to the API server may take.
    pub client_limits: ClientLimits,
    /// What is done so that secrets are masked.
    pub redaction: Redaction,
}

/// What came of loading once.
#[derive(Debug)]
pub struct Loaded {
    /// The answer.
    pub snapshot: Snapshot,
    /// What came of each text, lowest first, broken ones included.
    pub builds: Vec<(SourceName, Build)>,
    /// What the merge has to say.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that could not be read.
    pub file_errors: Vec<FileError>,
    /// The vaults that do not count although they should.
    pub quarantined: Vec<Quarantine>,
    /// The vaults that are left out by rule, each with the reason.
    pub notes: Vec<String>,
    /// How the vaults' source fared.
    pub vault_state: VaultState,
    /// The names that the user hides in the web application.
    pub user_names: UserNames,
}

/// How the source of the vaults fared.
#[derive(Debug)]
pub enum VaultState {
    /// There is none.
    Off,
    /// It answered.
    Fresh {
        /// How many vaults count.
        vaults: usize,
    },
    /// There is no server to ask.
    NoServer(EndpointError),
    /// The server was asked and gave none.
    Failed(FetchError),
}

/// Why loading stopped.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Vaults on disk that were asked for cannot be read.
    #[error(transparent)]
    Vaults(#[from] VaultsError),
    /// The API server cannot be asked as settings want it to be.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Builds the layer of one text of this host.
pub fn build_file(text: &FileText, context: &Context<'_>, ids: &mut SourceIds) -> Build {
    let source = SourceText {
        id: ids.next_id(),
        name: SourceName::File(text.path.clone()),
        format: text.format,
        text: text.text.clone(),
    };
    Layer::build(text.precedence, source, &text.below, context, ids)
}

/// Builds the layer of one vault, which may include nothing.
pub fn build_vault(vault: &Vault, context: &Context<'_>, ids: &mut SourceIds) -> Build {
    let source = SourceText {
        id: ids.next_id(),
        name: vault.name(),
        format: vault.format,
        text: vault.text.clone(),
    };
    let context = Context { includer: &RefuseIncludes, ..context.clone() };
    Layer::build(vault.kind.precedence(), source, &resolver::KeyPath::root(), &context, ids)
}

/// Builds all layers of one answer. A vault whose text has an error is set aside.
pub fn build_layers(
    files: &FileTexts,
    vaults: &VaultList,
    context: &Context<'_>,
    ids: &mut SourceIds,
) -> Layers {
    let mut layers = Layers { quarantined: vaults.quarantined.clone(), ..Layers::default() };
    for text in &files.texts {
        layers.add(SourceName::File(text.path.clone()), build_file(text, context, ids));
    }
    for vault in &vaults.vaults {
        let build = build_vault(vault, context, ids);
        layers.quarantined.extend(quarantine(vault, &build));
        layers.add(vault.name(), build);
    }
    layers
}

impl Layers {
    fn add(&mut self, name: SourceName, build: Build) {
        self.layers.extend(build.layer.clone());
        self.builds.push((name, build));
    }

    /// Adds what a stock agent makes of the environment.
    fn add_agent_layers(&mut self, context: &Context<'_>, ids: &mut SourceIds) {
        for build in agent_layers(context, ids) {
            let name =
                build.texts.first().map_or(SourceName::Environment, |text| text.name.clone());
            self.add(name, build);
        }
    }
}

/// Says why a vault does not count, if it does not: its first error, with its place.
pub fn quarantine(vault: &Vault, build: &Build) -> Option<Quarantine> {
    if build.layer.is_some() {
        return None;
    }
    let error = build.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    let place = error.and_then(|error| error.origin).and_then(|origin| {
        let text = build.texts.iter().find(|text| text.id == origin.source)?;
        Some(text.line_column(origin.start))
    });
    let message = error.map_or("its text has errors", |error| error.message.as_str());
    let reason = match place {
        Some((line, column)) => format!("line {line}, column {column}: {message}"),
        None => message.to_owned(),
    };
    Some(Quarantine { name: vault.name(), reason })
}

/// Reads all sources once and merges them: what is done where no daemon answers.
///
/// A server that fails is no error: the files count alone, and
/// [`vault_state`](Loaded::vault_state) says so.
///
/// # Errors
/// Vaults on disk that were asked for cannot be read, or the server cannot be asked so.
pub async fn load_once(sources: &Sources, options: LoadOptions<'_>) -> Result<Loaded, LoadError> {
    let files = read_files(sources, options.limits.text_bytes);
    let Fetched { list: vaults, state, user_names } = read_vaults(sources, &files, options).await?;
    let includer = FileIncluder::new(options.mode, sources.include_urls, options.limits.text_bytes);
    let context = Context {
        mode: options.mode,
        environment: options.environment,
        includer: &includer,
        limits: options.limits.clone(),
    };
    let mut ids = SourceIds::default();
    let mut layers = build_layers(&files, &vaults, &context, &mut ids);
    if options.view == View::Agent {
        layers.add_agent_layers(&context, &mut ids);
    }
    let (snapshot, diagnostics) = merge_view(&layers.layers, options.view, &context);
    let snapshot = match options.view {
        // These are what the stock clients make of it, and they do not.
        View::Sdk | View::Agent => snapshot,
        View::Merged | View::ClientFile => options.redaction.arguments_of(snapshot),
    };
    Ok(Loaded {
        snapshot,
        builds: layers.builds,
        diagnostics,
        file_errors: files.errors,
        quarantined: layers.quarantined,
        notes: vaults.notes,
        vault_state: state,
        user_names,
    })
}

/// What the source of the vaults gave.
struct Fetched {
    list: VaultList,
    state: VaultState,
    user_names: UserNames,
}

impl Fetched {
    fn new(list: VaultList, state: VaultState) -> Self {
        Self { list, state, user_names: UserNames::default() }
    }

    /// Says how a source fared; one that fails leaves the files alone.
    fn of(fetched: Result<VaultAnswer, FetchError>) -> Self {
        match fetched {
            Ok(answer) => Self::of_list(answer.list),
            Err(error) => Self::new(VaultList::default(), VaultState::Failed(error)),
        }
    }

    fn of_list(list: VaultList) -> Self {
        let vaults = list.vaults.len();
        Self::new(list, VaultState::Fresh { vaults })
    }
}

async fn read_vaults(
    sources: &Sources,
    files: &FileTexts,
    options: LoadOptions<'_>,
) -> Result<Fetched, LoadError> {
    let text_bytes = options.limits.text_bytes;
    Ok(match &sources.vaults {
        VaultSource::Off => Fetched::new(VaultList::default(), VaultState::Off),
        VaultSource::Server(server) => fetch(server, sources, files, options).await?,
        VaultSource::Etcd(etcd) => {
            let mut client = EtcdClient::new(etcd, options.client_limits)?;
            Fetched::of(client.read().await.map(|reading| reading.answer))
        }
        VaultSource::Folder(path) => Fetched::of_list(read_vaults_folder(path, text_bytes)?),
        VaultSource::File(path) => Fetched::of_list(read_vaults_file(path, text_bytes)?),
    })
}

/// Asks the API server for vaults, and if it answers, for the names that the user hides.
async fn fetch(
    server: &Server,
    sources: &Sources,
    files: &FileTexts,
    options: LoadOptions<'_>,
) -> Result<Fetched, LoadError> {
    let own = own_files(sources, files, options);
    let endpoint = match Endpoint::complete(server, &own, options.ambient) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            return Ok(Fetched::new(VaultList::default(), VaultState::NoServer(error)));
        }
    };
    let mut client = Client::new(endpoint, options.client_limits)?;
    let mut fetched = Fetched::of(client.fetch_vaults().await);
    let is_answered = matches!(
        fetched.state,
        VaultState::Fresh { .. } | VaultState::Failed(FetchError::Absent { .. })
    );
    if is_answered && options.redaction.user_names {
        match client.fetch_names().await {
            Ok(names) => fetched.user_names = names,
            Err(error) => fetched.list.notes.push(error.to_string()),
        }
    }
    Ok(fetched)
}

/// Merges the files as we read them for ourselves: `api.*` may refer to our own environment, as
/// it may to a stock client's.
pub fn own_files(sources: &Sources, files: &FileTexts, options: LoadOptions<'_>) -> Snapshot {
    let includer = FileIncluder::new(options.mode, sources.include_urls, options.limits.text_bytes);
    let context = Context {
        mode: options.mode,
        environment: &AskerEnvironment(options.ambient),
        includer: &includer,
        limits: options.limits.clone(),
    };
    let layers = build_layers(files, &VaultList::default(), &context, &mut SourceIds::default());
    resolver::merge(&layers.layers, &context).0
}

#[cfg(test)]
mod tests;
