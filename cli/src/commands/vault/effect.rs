//! What a change of vaults does on this host, shown before it is made.

use std::sync::Arc;

use daemon::{
    api::StoredVault,
    difference,
    load::{build_layers, build_vault},
    protocol::Difference,
    settings::{Profile, Settings},
    sources::{FileIncluder, FileTexts, read_files},
};
use resolver::{
    Build, Context, Diagnostic, Includer, KeyPath, Layer, Redactor, RefuseIncludes, Snapshot,
    SourceIds, Spelling, UnknownEnvironment, Value, lint, merge, render,
};

use super::super::{answer::reveal_if, asking::Asking, check, diff::page};
use crate::{
    args::Vault,
    client_keys::ClientKeys,
    failure::{Failure, Kind},
    snippet,
};

/// This host: its files, over which vaults are laid.
pub(super) struct Host<'a> {
    pub(super) settings: Settings,
    pub(super) profile: Profile,
    files: FileTexts,
    asking: Asking<'a>,
}

impl<'a> Host<'a> {
    /// Reads the settings and the files of the profile that is meant.
    pub(super) fn new(vault: &Vault, asking: Asking<'a>) -> Result<Self, Failure> {
        let settings = asking.settings(&vault.sources())?;
        let profile = asking.profile(&settings)?.clone();
        let files = read_files(&profile.sources, settings.limits.text_bytes);
        Ok(Self { settings, profile, files, asking })
    }

    /// Says what is wrong with a vault's text, or probably is.
    ///
    /// # Errors
    /// Nothing of it would count.
    pub(super) fn refuse_broken(
        &self,
        vault: &StoredVault,
        others: &[StoredVault],
    ) -> Result<(), Failure> {
        let list = StoredVault::list(&switched_on(vault));
        if let Some(quarantine) = list.quarantined.first() {
            return Err(Failure::new(Kind::NoAnswer, quarantine.reason.clone()));
        }
        let context = self.context(&RefuseIncludes);
        let below = self.layers_below(vault, others);
        let mut ids = SourceIds::default();
        let taken = below.iter().flat_map(|layer| layer.texts()).map(|text| text.id.0 + 1).max();
        for _ in 0..taken.unwrap_or(0) {
            ids.next_id();
        }
        let mut is_broken = false;
        for vault in &list.vaults {
            let build = build_vault(vault, &context, &mut ids);
            let precedence = vault.kind.precedence();
            let subject =
                lint::Subject { build: &build, precedence, below: &below, context: &context };
            self.draw(&build, &check::findings(&subject, &ClientKeys::read()));
            is_broken |= build.layer.is_none();
        }
        if is_broken {
            return Err(Failure::new(
                Kind::NoAnswer,
                "the text is broken: nothing of it would count",
            ));
        }
        Ok(())
    }

    /// Shows what differs on this host between two lists of vaults.
    pub(super) fn show_effect(
        &self,
        before: &[StoredVault],
        after: &[StoredVault],
    ) -> Result<(), Failure> {
        let (before, after) = (self.answer(before), self.answer(after));
        let spell = |snapshot: &Snapshot| {
            let redactor = Redactor::for_snapshot(snapshot);
            move |value: &Value, path: &KeyPath| {
                let view = redactor.view_value(value, path, reveal_if(false));
                render(&view, Spelling::Json)
            }
        };
        let (spell_before, spell_after) = (spell(&before), spell(&after));
        let changes =
            difference::changes((&before, spell_before), (&after, spell_after), &KeyPath::root());
        let against = "what counts on this host now".to_owned();
        let difference = Difference { path: String::new(), against, changes };
        self.asking.output.data(&page::draw(&difference, self.asking.output.page_color))
    }

    /// Builds the layer of a vault alone; `None` if its text is broken.
    pub(super) fn layer_of(&self, vault: &StoredVault) -> Option<Arc<Layer>> {
        let list = StoredVault::list(&switched_on(vault));
        let context = self.context_of_vaults();
        build_vault(list.vaults.first()?, &context, &mut SourceIds::default()).layer
    }

    /// Returns what vaults are built with.
    pub(super) fn context_of_vaults(&self) -> Context<'static> {
        self.context(&RefuseIncludes)
    }

    /// Merges the files and a list of vaults.
    fn answer(&self, vaults: &[StoredVault]) -> Snapshot {
        let includer = self.includer();
        let context = self.context(&includer);
        let list = StoredVault::list(vaults);
        let layers = build_layers(&self.files, &list, &context, &mut SourceIds::default());
        merge(&layers.layers, &context).0
    }

    fn layers_below(&self, vault: &StoredVault, others: &[StoredVault]) -> Vec<Arc<Layer>> {
        let includer = self.includer();
        let context = self.context(&includer);
        let lower = others.iter().take_while(|other| other.id() != vault.id());
        let lower: Vec<_> = lower.filter(|other| other.kind() == vault.kind()).cloned().collect();
        let list = StoredVault::list(&lower);
        build_layers(&self.files, &list, &context, &mut SourceIds::default()).layers
    }

    fn draw(&self, build: &Build, findings: &[Diagnostic]) {
        let output = self.asking.output;
        for finding in findings {
            output.talk(&snippet::draw(finding, &build.texts, output.talk_color, reveal_if(false)));
        }
    }

    fn includer(&self) -> FileIncluder {
        let (mode, limits) = (self.settings.mode, &self.settings.limits);
        FileIncluder::new(mode, self.profile.sources.include_urls, limits.text_bytes)
    }

    fn context<'b>(&self, includer: &'b dyn Includer) -> Context<'b> {
        Context {
            mode: self.settings.mode,
            environment: &UnknownEnvironment,
            includer,
            limits: self.settings.limits.clone(),
        }
    }
}

/// Returns a vault as it would count if it were on: what is off is checked, too.
fn switched_on(vault: &StoredVault) -> [StoredVault; 1] {
    let mut vault = vault.clone();
    vault.set_enabled(true);
    [vault]
}
