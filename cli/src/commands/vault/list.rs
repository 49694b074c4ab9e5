//! `vault list`: all vaults, in the order in which they merge.

use daemon::{api::StoredVault, explanation::scope_name};
use serde_json::{Value as Json, json};

use super::Author;
use crate::{
    failure::Failure,
    output::Color,
    page::{self, FAINT, GOOD, WIDTH},
};

/// Prints the list.
pub(super) fn run(author: &mut Author<'_>, is_json: bool) -> Result<(), Failure> {
    let vaults = author.store.vaults()?;
    let text =
        if is_json { spelled(&vaults) } else { drawn(&vaults, author.asking.output.page_color) };
    author.asking.output.data(&text)
}

/// Spells the list for programs: all but the texts.
fn spelled(vaults: &[StoredVault]) -> String {
    let vaults: Vec<Json> = vaults
        .iter()
        .map(|vault| {
            json!({
                "id": vault.id(),
                "name": vault.description(),
                "scope": scope_name(vault.scope()),
                "type": vault.kind(),
                "format": vault.format().to_string().to_ascii_lowercase(),
                "enabled": vault.is_enabled(),
                "bytes": vault.text().len(),
            })
        })
        .collect();
    format!("{:#}\n", Json::Array(vaults))
}

fn drawn(vaults: &[StoredVault], color: Color) -> String {
    if vaults.is_empty() {
        return "there are no vaults\n".into();
    }
    let width = vaults.iter().map(|vault| vault.id().chars().count()).max().unwrap_or(0);
    vaults.iter().map(|vault| line(vault, width, color)).collect()
}

fn line(vault: &StoredVault, width: usize, color: Color) -> String {
    let (mark, style) = if vault.is_enabled() { ("●", GOOD) } else { ("○", FAINT) };
    let state = if vault.is_enabled() { "" } else { ", off" };
    let words = format!(
        "{}, {}, {}{state}",
        scope_name(vault.scope()),
        vault.kind(),
        vault.format().to_string().to_ascii_lowercase()
    );
    let id = page::printable(vault.id());
    let start = format!("{id:width$}  {words:<30}");
    let room = WIDTH.saturating_sub(start.chars().count() + "● ".len());
    let name = page::cut(vault.description(), room);
    format!("{} {start}{name}", color.paint(style, mark)).trim_end().to_owned() + "\n"
}
