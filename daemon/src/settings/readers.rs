//! Who may read a profile, as settings say it.

use resolver::KeyPath;

use super::{Access, AccessRules, SettingsError, Subject, raw::Group};
use crate::ambient::Ambient;

impl AccessRules {
    /// Returns who may read if nothing is said: ourselves, root, and the group that is there for
    /// it.
    pub(super) fn usual(ambient: &Ambient) -> Self {
        let secrets = vec![Subject::User(ambient.user_id), Subject::User(0), Subject::Readers];
        let whole = Access { secrets, redacted: Vec::new() };
        Self { whole, parts: Vec::new() }
    }

    /// Covers these rules with what a group of settings says: each list counts instead of the one
    /// here, and parts are added.
    pub(super) fn cover(&mut self, group: &Group<'_>) -> Result<(), SettingsError> {
        if let Some(secrets) = subjects(group, "access.secrets")? {
            self.whole.secrets = secrets;
        }
        if let Some(redacted) = subjects(group, "access.redacted")? {
            self.whole.redacted = redacted;
        }
        for label in group.keys_below("access.part.") {
            let (path, access) = read_part(group, label)?;
            self.parts.retain(|(there, _)| *there != path);
            self.parts.push((path, access));
        }
        Ok(())
    }
}

/// Reads the rules of one part; who is in neither of its lists may not read it.
fn read_part(group: &Group<'_>, label: &str) -> Result<(KeyPath, Access), SettingsError> {
    let name = |setting: &str| format!("access.part.{label}.{setting}");
    let read = |text: &str| KeyPath::parse(text).ok().filter(|path| !path.is_empty());
    let path = group.parsed(&name("path"), "a key path such as `sdk.aws`", read)?;
    let access = Access {
        secrets: subjects(group, &name("secrets"))?.unwrap_or_default(),
        redacted: subjects(group, &name("redacted"))?.unwrap_or_default(),
    };
    // Without a path, the label is one.
    let path = path.unwrap_or_else(|| KeyPath::from_iter([label]));
    Ok((path, access))
}

fn subjects(group: &Group<'_>, name: &str) -> Result<Option<Vec<Subject>>, SettingsError> {
    let Some(texts) = group.list(name)? else { return Ok(None) };
    let read = |subject: &String| {
        let missing = || SettingsError::Subject { name: name.into(), subject: subject.clone() };
        Subject::read(subject).ok_or_else(missing)
    };
    texts.iter().map(read).collect::<Result<_, _>>().map(Some)
}
