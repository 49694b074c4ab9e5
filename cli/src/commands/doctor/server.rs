//! The API server: whether it can be reached, lets us in, keeps vaults, and has the right time.

use daemon::{
    ambient::AskerEnvironment,
    api::{Client, ClientLimits, Endpoint, EndpointError, FetchError, UserNames},
    load::{LoadOptions, own_files},
    settings::{Profile, Redaction, Settings, VaultSource},
    sources::read_files,
};
use resolver::{Limits, View};

use super::{super::asking::Asking, Finding, causes};
use crate::{page, progress::Progress};

/// Seconds by which clocks may differ: half of what makes tokens look expired in practice.
const CLOCK_TOLERANCE: i64 = 30;

/// Logs in to the server of each profile that takes vaults from one.
pub(super) fn look(settings: &Settings, asking: Asking<'_>) -> Vec<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Vec::new() };
    let mut found: Vec<Finding> = Vec::new();
    for profile in settings.profiles.values() {
        for finding in runtime.block_on(look_at(profile, settings, asking)) {
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
    }
    found
}

async fn look_at(profile: &Profile, settings: &Settings, asking: Asking<'_>) -> Vec<Finding> {
    let VaultSource::Server(server) = &profile.sources.vaults else { return Vec::new() };
    let options = LoadOptions {
        mode: settings.mode,
        view: View::Merged,
        limits: &settings.limits,
        environment: &AskerEnvironment(asking.ambient),
        ambient: asking.ambient,
        client_limits: ClientLimits::default(),
        redaction: Redaction::default(),
    };
    let files = read_files(&profile.sources, Limits::default().text_bytes);
    let own = own_files(&profile.sources, &files, options);
    let endpoint = match Endpoint::complete(server, &own, asking.ambient) {
        Ok(endpoint) => endpoint,
        Err(error @ EndpointError::NoServer) => {
            return vec![Finding::odd("API server", error.to_string())];
        }
        Err(error) => return vec![Finding::wrong("API server", causes(&error))],
    };
    let host = endpoint.url().host().to_owned();
    let mut client = match Client::new(endpoint, ClientLimits::default()) {
        Ok(client) => client,
        Err(error) => return vec![Finding::wrong(host, causes(&error))],
    };
    let _progress = Progress::waiting_for(&host);
    match client.login().await {
        Ok(()) => {
            let mut found = logged_in(&host, &client);
            if profile.redaction.user_names {
                found.extend(names(&host, client.fetch_names().await));
            }
            found
        }
        Err(error) => vec![refused(&host, &error)],
    }
}

fn logged_in(host: &str, client: &Client) -> Vec<Finding> {
    let vaults = match client.absent_reason() {
        None => Finding::well(host, "logged in; it keeps vaults"),
        Some(reason) => Finding::odd(host, format!("logged in; it keeps no vaults: {reason}"))
            .with_remedy("take vaults from a folder or from etcd: `vaults.source` in the settings"),
    };
    let lead = client.clock_lead().unwrap_or(0);
    let clock = (lead.abs() > CLOCK_TOLERANCE).then(|| {
        let (by, way) = (lead.abs(), if lead > 0 { "behind" } else { "ahead of" });
        Finding::wrong("clock", format!("this host is {by} s {way} the server"))
            .with_remedy("set it by NTP: `timedatectl set-ntp true`")
    });
    std::iter::once(vaults).chain(clock).collect()
}

/// Says how many names the user hides in the web application, if any.
fn names(host: &str, answer: Result<UserNames, FetchError>) -> Option<Finding> {
    let names = match answer {
        Ok(names) => names,
        Err(error) => {
            let remedy = "what the user hides in the web application is not masked here until \
                          the server tells it; `redact.user_names = false` asks no more";
            return Some(Finding::odd(host, causes(&error)).with_remedy(remedy));
        }
    };
    if let Some(warning) = names.warning() {
        return Some(Finding::odd(host, warning));
    }
    let count = names.names().len();
    let masked = || format!("{} of the user's own list are masked", page::counted(count, "name"));
    (count > 0).then(|| Finding::well(host, masked()))
}

fn refused(host: &str, error: &FetchError) -> Finding {
    let finding = Finding::wrong(host, causes(error));
    match error {
        FetchError::Revoked { .. } => finding,
        FetchError::Unreachable { .. } | FetchError::TimedOut { .. } => finding
            .with_remedy("mend the network or `api.api_server`; the last good vaults are served"),
        _ => finding.with_remedy("compare `api.api_server` with the address of the API server"),
    }
}
