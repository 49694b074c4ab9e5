//! `vault show`: one vault, with its secrets masked.

use resolver::{KeyPath, Redactor, Spelling, merge, render};

use super::{super::answer::reveal_if, Author, find};
use crate::failure::{Failure, Kind};

/// Prints the vault: its text as it is if secrets may be shown, else what it says, masked.
///
/// A text is not masked line by line: what looks like no secret in a line may be part of one.
pub(super) fn run(author: &mut Author<'_>, id: &str, is_revealed: bool) -> Result<(), Failure> {
    let vaults = author.store.vaults()?;
    let vault = find(&vaults, id)?;
    let output = author.asking.output;
    if is_revealed {
        let text = vault.text();
        let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
        return output.data(&format!("{text}{end}"));
    }
    let layer = author.host.layer_of(vault).ok_or_else(|| {
        Failure::new(Kind::NoAnswer, format!("the text of `{id}` is broken"))
            .with_hint("`--reveal` shows it as it is, `vault edit` mends it")
    })?;
    let snapshot = merge(&[layer], &author.host.context_of_vaults()).0;
    let redactor = Redactor::for_snapshot(&snapshot);
    let view = redactor.view(&snapshot, &KeyPath::root(), reveal_if(false));
    let spelling = match vault.format() {
        resolver::Format::Yaml => Spelling::Yaml,
        resolver::Format::Json | resolver::Format::Json5 => Spelling::PrettyJson,
        _ => Spelling::Hocon,
    };
    let text = view.map(|view| render(&view, spelling)).unwrap_or_default();
    output.data(&text)?;
    output.detail("comments are left out, secrets masked; `--reveal` shows the text as it is");
    Ok(())
}
