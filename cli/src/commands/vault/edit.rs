//! `vault edit`: one vault in the editor, checked, its effect shown, stored.

use std::{fs, io::Write, process::Command};

use daemon::api::StoredVault;
use resolver::Format;

use super::{Author, confirm, find, push::with};
use crate::failure::{Failure, Kind};

/// What edits a text where no variable says it.
const EDITOR: &str = "vi";

/// Edits the vault until it is stored or given up.
pub(super) fn run(author: &mut Author<'_>, id: &str, yes: bool) -> Result<(), Failure> {
    let before = author.store.vaults()?;
    let original = find(&before, id)?.clone();
    let mut vault = original.clone();
    loop {
        vault.set_text(&edited(author, &vault)?);
        if vault == original {
            author.asking.output.talk("nothing was changed");
            return Ok(());
        }
        match checked(author, &vault, &before, yes)? {
            Choice::Store => break,
            Choice::EditAgain => {}
            Choice::GiveUp => return Err(Failure::new(Kind::NoAnswer, "nothing was changed")),
        }
    }
    store(author, &original, &vault)
}

/// What is done with an edited text.
enum Choice {
    Store,
    EditAgain,
    GiveUp,
}

/// Checks the text, shows its effect and asks what to do.
fn checked(
    author: &Author<'_>,
    vault: &StoredVault,
    before: &[StoredVault],
    yes: bool,
) -> Result<Choice, Failure> {
    let (asking, host) = (author.asking, &author.host);
    if let Err(failure) = host.refuse_broken(vault, before) {
        if yes {
            return Err(failure);
        }
        asking.output.failure(&failure);
        return Ok(match confirm::answer(asking, "edit again? [Y/n] ")?.as_str() {
            "" | "y" | "yes" => Choice::EditAgain,
            _ => Choice::GiveUp,
        });
    }
    host.show_effect(before, &with(before, vault))?;
    if yes {
        return Ok(Choice::Store);
    }
    Ok(match confirm::answer(asking, "store it? [y/N/e(dit again)] ")?.as_str() {
        "y" | "yes" => Choice::Store,
        "e" | "edit" => Choice::EditAgain,
        _ => Choice::GiveUp,
    })
}

/// Stores the vault, unless somebody else has changed it meanwhile.
fn store(
    author: &mut Author<'_>,
    original: &StoredVault,
    vault: &StoredVault,
) -> Result<(), Failure> {
    let now = author.store.vaults()?;
    if find(&now, original.id())? != original {
        let message = format!("vault `{}` was changed meanwhile; it is left alone", original.id());
        return Err(Failure::new(Kind::NoAnswer, message).with_hint("edit it anew"));
    }
    let id = author.store.put(vault, None)?;
    author.asking.output.talk(&format!("stored vault `{id}`"));
    Ok(())
}

/// Opens the editor on a copy for its owner's eyes, and returns what is left there.
fn edited(author: &Author<'_>, vault: &StoredVault) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Kind::NoAnswer, format!("the text cannot be edited: {error}"))
    };
    let folder = tempfile::Builder::new().prefix("vault-").tempdir().map_err(failed)?;
    let ending = match vault.format() {
        Format::Json => "json",
        Format::Json5 => "json5",
        Format::Yaml => "yaml",
        Format::Hocon | Format::Properties => "conf",
    };
    let mut file = tempfile::Builder::new()
        .prefix("vault-")
        .suffix(&format!(".{ending}"))
        .tempfile_in(folder.path())
        .map_err(failed)?;
    file.write_all(vault.text().as_bytes()).map_err(failed)?;
    let editor = author.asking.ambient.first_variable(&["VISUAL", "EDITOR"]).unwrap_or(EDITOR);
    // As git does it: the variable may hold arguments, the shell takes it apart.
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(file.path())
        .status()
        .map_err(failed)?;
    if !status.success() {
        return Err(Failure::new(
            Kind::NoAnswer,
            format!("the editor `{editor}` ended with {status}"),
        ));
    }
    fs::read_to_string(file.path()).map_err(failed)
}
