//! Answers for tests.

use std::sync::Arc;

use resolver::{
    Context, Format, KeyPath, Layer, Mode, Precedence, Snapshot, SourceIds, SourceName, SourceText,
    merge,
};

use super::{Merged, Published};
use crate::health::{Health, Moment, State, VaultHealth};

/// Returns the answer that one HOCON file gives.
pub(crate) fn snapshot(text: &str) -> Snapshot {
    layered_snapshot(&[(Precedence::File, SourceName::File("sample.conf".into()), text)])
}

/// Returns the answer that HOCON texts give, lowest first.
pub(crate) fn layered_snapshot(texts: &[(Precedence, SourceName, &str)]) -> Snapshot {
    let context = Context::alone(Mode::Clearml);
    let mut ids = SourceIds::default();
    let layers = texts.iter().map(|(precedence, name, text)| {
        let source = SourceText {
            id: ids.next_id(),
            name: name.clone(),
            format: Format::Hocon,
            text: (*text).into(),
        };
        let root = KeyPath::root();
        let build = Layer::build(*precedence, source, &root, &context, &mut ids);
        build.layer.expect("a sample is right")
    });
    merge(&layers.collect::<Vec<_>>(), &context).0
}

/// Returns the answer that one HOCON file gives, to be published.
pub(crate) fn published(revision: u64, text: &str) -> Arc<Published> {
    let snapshot = snapshot(text);
    let merged =
        Merged { files: None, client_file: Some(snapshot.clone()), ..Merged::new(snapshot) };
    Arc::new(Published::new(revision, merged))
}

/// Returns how sources fare of which only the vaults have a say.
pub(crate) fn health(state: State, now: Moment) -> Health {
    Health {
        fault: None,
        is_pinned: false,
        account: None,
        vaults: VaultHealth {
            state,
            since: now,
            confirmed: Some(now),
            reason: None,
            next: Some(now.instant),
            fetches: 0,
        },
        kept: None,
        user_names: None,
        vaults_in_use: Vec::new(),
        files_in_use: Vec::new(),
        quarantined: Vec::new(),
        unresolved: Vec::new(),
    }
}
