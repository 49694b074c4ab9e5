//! Every case of the oracle through the library: what the stock clients give, or what we promise
//! instead.

use daemon::{
    ambient::{Ambient, AskerEnvironment},
    api::ClientLimits,
    load::{LoadOptions, load_once},
    settings::{ConfigFile, Presence, Redaction, Sources, VaultSource},
};
use resolver::{Limits, Mode, SourceName, Value, View};
use tests::oracle::{Case, Got, cases};

/// Cases whose `want.json` we do not follow, each with the reason.
const OTHERWISE: [(&str, &str); 1] = [(
    "264-vault-disabled-unfiltered",
    "its monitoring vault counts in view `merged`, as in 302-snug-monitoring",
)];

#[test]
fn every_case_gives_what_is_wanted() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let faults: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let vaults = VaultSource::File(case.file("vaults.json"));
            let got = runtime.block_on(resolve(case, vaults));
            let file_alone = runtime.block_on(resolve(case, VaultSource::Off));
            let fault = case.fault(&got, &file_alone);
            let otherwise = OTHERWISE.iter().find(|(name, _)| *name == case.name);
            match (fault, otherwise) {
                (Some(fault), None) => Some(format!("{}: {fault}", case.name)),
                (None, Some((name, why))) => Some(format!("{name}: no longer so: {why}")),
                _ => None,
            }
        })
        .collect();
    assert!(faults.is_empty(), "{} cases are wrong:\n{}", faults.len(), faults.join("\n"));
}

async fn resolve(case: &Case, vaults: VaultSource) -> Got {
    let base = ConfigFile { path: case.file("base.conf"), presence: Presence::Required };
    let sources = Sources { files: vec![base], vaults, ..Sources::default() };
    let ambient = ambient(case);
    let limits = Limits::default();
    let options = LoadOptions {
        mode: Mode::Clearml,
        view: View::Merged,
        limits: &limits,
        environment: &AskerEnvironment(&ambient),
        ambient: &ambient,
        client_limits: ClientLimits::default(),
        redaction: Redaction::default(),
    };
    let loaded = load_once(&sources, options).await.unwrap();
    let is_broken = |(name, build): &(SourceName, resolver::Build)| {
        build.layer.is_none() && matches!(name, SourceName::File(_))
    };
    if !loaded.file_errors.is_empty() || loaded.builds.iter().any(is_broken) {
        return Got::FileError;
    }
    let named = loaded.quarantined.iter().filter_map(|quarantine| match &quarantine.name {
        SourceName::Vault { id, .. } => Some(id.to_string()),
        _ => None,
    });
    Got::Tree(Value::object(loaded.snapshot.root().clone()), named.collect())
}

fn ambient(case: &Case) -> Ambient {
    Ambient {
        environment: case.environment.clone(),
        home: None,
        user_id: 0,
        group_id: 0,
        host_name: "node".into(),
        working_directory: case.file(""),
    }
}
