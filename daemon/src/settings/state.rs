//! Where last good vaults are kept on disk, and with which key they are sealed.

use std::path::{Path, PathBuf};

use super::{SettingsError, raw::Group, server::truth};
use crate::ambient::Ambient;

/// The state folder of the system's own daemon.
const SYSTEM_FOLDER: &str = "/var/lib/clearml-resolver";
/// The name of the key as a systemd credential (`LoadCredential=seal.key:…`), and of the one that
/// we make ourselves.
const KEY_NAME: &str = "seal.key";

/// Where last good vaults are kept, and with which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSettings {
    /// The folder; made when it is first written to.
    pub folder: PathBuf,
    /// The key.
    pub key: KeyPlace,
}

/// Where the sealing key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file that only we may read.
    File(PathBuf),
    /// Where systemd puts credentials, if it was told to hand this one over.
    Credential(PathBuf),
    /// In a file that we make if it is not there.
    Made(PathBuf),
}

impl StateSettings {
    /// Reads them. `None` if there is no place or no key: then nothing is written.
    ///
    /// What settings say wins over what systemd hands over. A key is made only if that is asked
    /// for, as one that lies beside what it seals protects little.
    pub(super) fn read(all: &Group<'_>, ambient: &Ambient) -> Result<Option<Self>, SettingsError> {
        let path = |name| Ok(all.path(name)?.map(|path| ambient.expand_home(&path)));
        let folder = path("state.folder")?.or_else(|| default_folder(ambient));
        let file = path("state.key_file")?.map(KeyPlace::File);
        let make = all.parsed("state.create_key", "`true` or `false`", truth)?.unwrap_or(false);
        let Some(folder) = folder else { return Ok(None) };
        let made = || make.then(|| KeyPlace::Made(folder.join(KEY_NAME)));
        let credentials = ambient.variable("CREDENTIALS_DIRECTORY");
        let credential = || credentials.map(|place| Path::new(place).join(KEY_NAME));
        let key = file.or_else(made).or_else(|| credential().map(KeyPlace::Credential));
        Ok(key.map(|key| Self { folder, key }))
    }
}

/// systemd's `StateDirectory=` first, then the system's place for root, then the user's own.
fn default_folder(ambient: &Ambient) -> Option<PathBuf> {
    if let Some(folders) = ambient.variable("STATE_DIRECTORY") {
        // systemd joins several folders by colons; the first is the unit's own.
        return folders.split(':').next().map(PathBuf::from);
    }
    if ambient.user_id == 0 {
        return Some(SYSTEM_FOLDER.into());
    }
    let state = ambient.variable("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(ambient.home.as_ref()?.join(".local/state")));
    Some(state?.join("clearml-resolver"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Overrides, Settings};

    fn read(text: &str, user_id: u32, variables: &[(&str, &str)]) -> Option<StateSettings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        let ambient = Ambient { user_id, ..Ambient::of_variables(variables) };
        Settings::load(Some(&path), Overrides::default(), &ambient).unwrap().state
    }

    #[test]
    fn without_a_key_nothing_is_kept() {
        assert_eq!(read("", 0, &[]), None);
        assert_eq!(read("state.folder = '/state'\nstate.create_key = false", 1000, &[]), None);
    }

    #[test]
    fn the_folder_is_where_its_user_may_make_one() {
        for (user_id, variables, folder) in [
            (0, vec![], "/var/lib/clearml-resolver"),
            (61000, vec![("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")], "/var/lib/a"),
            (1000, vec![("XDG_STATE_HOME", "/x")], "/x/clearml-resolver"),
            (1000, vec![], "/home/ada/.local/state/clearml-resolver"),
        ] {
            let state = read("state.key_file = '/key'", user_id, &variables).unwrap();
            assert_eq!(state.folder, Path::new(folder));
            assert_eq!(state.key, KeyPlace::File("/key".into()));
        }
    }

    #[test]
    fn a_key_is_named_made_or_handed_over_in_this_order() {
        let handed_over = [("CREDENTIALS_DIRECTORY", "/run/credentials/x")];
        let credential = KeyPlace::Credential("/run/credentials/x/seal.key".into());
        let made = KeyPlace::Made("/s/seal.key".into());
        for (text, key) in [
            (
                "state.key_file = '~/key'\nstate.create_key = true",
                KeyPlace::File("/home/ada/key".into()),
            ),
            ("state.folder = '/s'\nstate.create_key = true", made),
            ("state.folder = '/s'", credential),
        ] {
            assert_eq!(read(text, 1000, &handed_over).unwrap().key, key, "{text}");
        }
    }
}
