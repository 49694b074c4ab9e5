//! `GET /v1/status`: how each profile fares.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use resolver::{Format, SourceName};

use super::{
    config_service::ConfigService,
    peer::Permission,
    permissions::Permissions,
    reply::{Reply, say},
};
use crate::{
    api::VaultKind,
    explanation::scope_name,
    health::{self, Health, Kept, NamesHealth, Quarantined, VaultInUse},
    protocol::{
        BodyFormat, FileStatus, KeptStatus, ProfileStatus, QuarantineStatus, State, Status,
        UserNamesStatus, VaultStatus,
    },
    publish::Subscriber,
};

/// Calls to the API server that a stock client makes for its vaults: a login and a fetch.
const CALLS_OF_A_CLIENT: u64 = 2;

/// Tells of the profiles of which the peer may see anything.
pub(super) fn answer(service: &ConfigService, permissions: &Permissions) -> Reply {
    let profiles = service
        .subscribers
        .iter()
        .filter(|(name, _)| !matches!(permissions.best_of(name), Permission::Nothing));
    let status = Status {
        version: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        since: unix_seconds(service.since.wall),
        profiles: profiles
            .map(|(name, subscriber)| {
                (name.to_string(), profile_status(subscriber, permissions.whole(name)))
            })
            .collect(),
    };
    let text = serde_json::to_vec(&status).expect("names, texts and numbers can be spelled");
    say(BodyFormat::Json.media_type(), text)
}

fn profile_status(subscriber: &Subscriber, permission: Permission) -> ProfileStatus {
    let (health, now) = (subscriber.health(), Instant::now());
    let published = subscriber.published();
    let body = published.as_ref().and_then(|published| published.root_body(permission.may_read()?));
    let vaults = &health.vaults;
    let until = |moment: Instant| moment.saturating_duration_since(now).as_secs();
    let answers = subscriber.answered();
    ProfileStatus {
        state: vaults.state.into(),
        since: unix_seconds(vaults.since.wall),
        age_seconds: vaults.age(now).map(|age| age.as_secs()),
        reason: vaults.reason.clone(),
        fault: health.fault.clone(),
        pinned: health.is_pinned,
        revision: published.as_ref().map_or(0, |published| published.revision),
        digest: body.map(|body| body.digest().to_owned()),
        masked: !matches!(permission, Permission::Full(_)),
        server: health.account.as_ref().map(|account| account.server.clone()),
        identity: health.account.as_ref().and_then(|account| account.identity.clone()),
        hide_names: published.as_ref().map(|published| published.hide_names()).unwrap_or_default(),
        user_names: health.user_names.as_ref().map(names_status),
        keys: published.as_ref().map_or(0, |published| published.keys),
        unresolved: health.unresolved.iter().map(ToString::to_string).collect(),
        next_refresh_seconds: vaults.next.map(until),
        fetches: vaults.fetches,
        answers,
        calls_saved: calls_saved(answers, vaults.fetches),
        vaults: health.vaults_in_use.iter().map(vault_status).collect(),
        kept: health.kept.as_ref().map(kept_status),
        files: file_statuses(&health),
        quarantined: health.quarantined.iter().map(quarantine_status).collect(),
    }
}

/// Returns the calls that stock clients would have made for as many answers, less ours; none where
/// no server is asked.
pub(super) fn calls_saved(answers: u64, fetches: u64) -> u64 {
    if fetches == 0 {
        return 0;
    }
    answers.saturating_sub(fetches).saturating_mul(CALLS_OF_A_CLIENT)
}

fn file_statuses(health: &Health) -> Vec<FileStatus> {
    let files = health.files_in_use.iter().map(|(precedence, path)| FileStatus {
        path: path.display().to_string(),
        layer: precedence.to_string(),
    });
    files.collect()
}

fn kept_status(kept: &Kept) -> KeptStatus {
    KeptStatus { saved: kept.saved.map(unix_seconds), fault: kept.fault.clone() }
}

fn names_status(health: &NamesHealth) -> UserNamesStatus {
    UserNamesStatus { names: health.names.names().to_vec(), warning: health.warning.clone() }
}

fn vault_status(in_use: &VaultInUse) -> VaultStatus {
    let vault = &in_use.vault;
    VaultStatus {
        id: vault.id.to_string(),
        name: vault.description.to_string(),
        scope: scope_name(vault.scope).into(),
        kind: match vault.kind {
            VaultKind::Config => "config",
            VaultKind::Monitoring => "monitoring",
        }
        .into(),
        format: format_name(vault.format).into(),
        spoiled: in_use.is_spoiled,
    }
}

pub(super) fn quarantine_status(quarantined: &Quarantined) -> QuarantineStatus {
    let place = quarantined.place.as_ref();
    let vault = match &quarantined.source {
        SourceName::Vault { id, .. } => Some(id.to_string()),
        _ => None,
    };
    QuarantineStatus {
        source: place.map_or(&quarantined.source, |place| &place.text).to_string(),
        vault,
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        message: quarantined.message.clone(),
        help: quarantined.help.clone(),
        last_good_served: quarantined.last_good_used,
    }
}

impl From<health::State> for State {
    fn from(state: health::State) -> Self {
        match state {
            health::State::Fresh => Self::Fresh,
            health::State::Stale => Self::Stale,
            health::State::Expired => Self::Expired,
            health::State::Revoked => Self::Revoked,
            health::State::Absent => Self::Absent,
            health::State::Off => Self::Off,
        }
    }
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Hocon => "hocon",
        Format::Json => "json",
        Format::Json5 => "json5",
        Format::Yaml => "yaml",
        Format::Properties => "properties",
    }
}

fn unix_seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
