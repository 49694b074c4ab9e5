//! What is found again after writing, after accidents, and after somebody laid hands on it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    time::{Duration, UNIX_EPOCH},
};

use resolver::{Format, Scope, SourceName};
use tempfile::TempDir;

use super::*;
use crate::{
    api::{Quarantine, UserNames, Vault, VaultKind, VaultList},
    settings::KeyPlace,
};

/// What no file may show.
const SECRET: &str = "hunter2";

/// A file of version 1 and its key, as they were written when that was the newest. Neither is ever
/// made anew: they show that what lies on disks out there can still be read.
const VERSION_1: &[u8] = include_bytes!("../../../tests/fixtures/sealed/version-1.sealed");
const VERSION_1_KEY: &[u8] = include_bytes!("../../../tests/fixtures/sealed/version-1.key");

struct Fixture {
    folder: TempDir,
    store: Store,
}

impl Fixture {
    fn new() -> Self {
        Self::with_key(&[7; 32])
    }

    fn with_key(key: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), "default", key);
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("state/default.sealed")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("state")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn store(folder: &Path, profile: &str, key: &[u8]) -> Store {
    let path = folder.join("key");
    fs::write(&path, key).unwrap();
    let key = SealingKey::find(&KeyPlace::Credential(path), 0).unwrap().unwrap();
    Store::new(&folder.join("state"), profile, key)
}

fn vault(id: &str, kind: VaultKind, format: Format, text: &str) -> Vault {
    let (description, scope) = ("Ärger".into(), Scope::Group);
    Vault { id: id.into(), description, scope, kind, format, text: text.into() }
}

/// Returns vaults of every kind and format, one of them broken with an earlier version that counts.
fn sample() -> LastGood {
    let (config, monitoring) = (VaultKind::Config, VaultKind::Monitoring);
    let vaults = vec![
        vault("a", config, Format::Hocon, "a: hunter2"),
        vault("b", config, Format::Yaml, "b: [broken"),
        vault("c", config, Format::Json, "{}"),
        vault("d", config, Format::Json5, "{}"),
        vault("e", monitoring, Format::Properties, "e=1"),
    ];
    let mut kept = vaults.clone();
    kept[1].text = "b: good".into();
    let name = SourceName::Vault { id: "f".into(), description: "".into(), scope: Scope::User };
    let quarantined = vec![Quarantine { name, reason: "its `data` is no text".into() }];
    LastGood {
        owner: "https://api.test user AK".into(),
        confirmed: UNIX_EPOCH + Duration::from_secs(1_800_000_000),
        list: VaultList { vaults, quarantined, notes: Vec::new() },
        digest: Some([9; 32]),
        kept,
        names: UserNames::of_kept(vec!["MY_PIN".into(), "TOKEN_*".into()]),
    }
}

#[test]
fn what_was_kept_is_found_again_and_shows_nothing() {
    let fixture = Fixture::new();
    assert_eq!(fixture.store.read().unwrap(), None);
    fixture.store.write(&sample()).unwrap();
    assert_eq!(fixture.store.read().unwrap(), Some(sample()));
    let bytes = fs::read(fixture.path()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains(SECRET) && !text.contains("api.test"), "{text}");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&fixture.path()), mode(fixture.path().parent().unwrap())), (0o600, 0o700));
    assert!(!format!("{:?} {:?}", fixture.store, sample()).contains(SECRET));
}

#[test]
fn a_file_of_version_1_can_be_read_for_ever() {
    let fixture = Fixture::with_key(VERSION_1_KEY);
    fs::create_dir(fixture.folder.path().join("state")).unwrap();
    fs::write(fixture.path(), VERSION_1).unwrap();
    let before_there_were_names = LastGood { names: UserNames::default(), ..sample() };
    assert_eq!(fixture.store.read().unwrap(), Some(before_there_were_names));
}

#[test]
fn equal_vaults_never_give_equal_files() {
    let fixture = Fixture::new();
    let files = [(), ()].map(|()| {
        fixture.store.write(&sample()).unwrap();
        fs::read(fixture.path()).unwrap()
    });
    assert_ne!(files[0], files[1], "a nonce was used twice");
}

#[test]
fn whatever_is_changed_or_missing_is_noticed() {
    let fixture = Fixture::new();
    fixture.store.write(&sample()).unwrap();
    let whole = fs::read(fixture.path()).unwrap();
    let read = |bytes: &[u8]| {
        fs::write(fixture.path(), bytes).unwrap();
        fixture.store.read()
    };
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        assert!(read(&changed).is_err(), "byte {place} was changed");
        assert!(read(&whole[..place]).is_err(), "only {place} bytes are left");
    }
    assert!(read(&[whole.as_slice(), b"x"].concat()).is_err(), "a byte was added");
    assert_eq!(read(&whole).unwrap(), Some(sample()));
}

#[test]
fn says_why_a_file_cannot_be_opened() {
    let fixture = Fixture::new();
    fixture.store.write(&sample()).unwrap();
    let whole = fs::read(fixture.path()).unwrap();
    let newer = [b"clr-seal".as_slice(), &[2, 0], &whole[10..]].concat();
    let cut = &whole[..whole.len() - 1];
    for (bytes, expected) in [
        (b"a: hunter2".as_slice(), EnvelopeError::Foreign),
        (b"", EnvelopeError::Foreign),
        (&newer, EnvelopeError::Version { version: 2 }),
        (b"clr-seal\x01\0short", EnvelopeError::Broken),
        (cut, EnvelopeError::Broken),
    ] {
        fs::write(fixture.path(), bytes).unwrap();
        match fixture.store.read() {
            Err(SealedError::Open { source, .. }) => assert_eq!(source, expected),
            other => panic!("{expected:?}: {other:?}"),
        }
    }
    assert_eq!(
        EnvelopeError::Version { version: 2 }.to_string(),
        "its format is 2, and this version of the program reads 1 only"
    );
}

#[test]
fn a_file_opens_with_its_own_key_for_its_own_profile_only() {
    let fixture = Fixture::new();
    fixture.store.write(&sample()).unwrap();
    let other_key = store(fixture.folder.path(), "default", &[8; 32]);
    assert!(matches!(
        other_key.read(),
        Err(SealedError::Open { source: EnvelopeError::Broken, .. })
    ));
    let other_profile = store(fixture.folder.path(), "other", &[7; 32]);
    fs::copy(fixture.path(), fixture.folder.path().join("state/other.sealed")).unwrap();
    assert!(matches!(
        other_profile.read(),
        Err(SealedError::Open { source: EnvelopeError::Broken, .. })
    ));
}

#[test]
fn a_write_that_was_cut_short_changes_nothing_and_the_next_one_succeeds() {
    let fixture = Fixture::new();
    fixture.store.write(&sample()).unwrap();
    let half = &fs::read(fixture.path()).unwrap()[..99];
    let new = fixture.folder.path().join("state/default.sealed.new");
    file::write_new(&new, half).unwrap();
    assert_eq!(fixture.store.read().unwrap(), Some(sample()), "killed before the rename");
    let next = LastGood { kept: Vec::new(), ..sample() };
    fixture.store.write(&next).unwrap();
    assert_eq!(fixture.store.read().unwrap(), Some(next));
    assert_eq!(fixture.names(), ["default.sealed"]);
}

#[test]
fn what_is_withdrawn_leaves_nothing_behind() {
    let fixture = Fixture::new();
    fixture.store.remove().unwrap();
    fixture.store.write(&sample()).unwrap();
    file::write_new(&fixture.folder.path().join("state/default.sealed.new"), b"half").unwrap();
    fixture.store.remove().unwrap();
    assert_eq!(fixture.names(), Vec::<String>::new());
    assert_eq!(fixture.store.read().unwrap(), None);
}

#[test]
fn a_profile_with_any_name_stays_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    for (profile, name) in
        [("../../etc/x", "%2E%2E%2F%2E%2E%2Fetc%2Fx.sealed"), ("a b", "a%20b.sealed")]
    {
        let store = store(folder.path(), profile, &[7; 32]);
        store.write(&sample()).unwrap();
        assert!(folder.path().join("state").join(name).exists(), "{profile}");
    }
}

#[test]
fn a_folder_in_the_files_place_is_an_error_and_no_loss() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.path()).unwrap();
    assert!(matches!(fixture.store.read(), Err(SealedError::Read { .. })));
    assert!(matches!(fixture.store.write(&sample()), Err(SealedError::Write { .. })));
    assert!(matches!(fixture.store.remove(), Err(SealedError::Remove { .. })));
    assert_eq!(fixture.names(), ["default.sealed"]);
}
