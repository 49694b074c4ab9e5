//! What an include brings into a HOCON text.

use super::{
    reader::Reader,
    scanner::{Fault, Scanner},
};
use crate::{
    context::IncludeForm, diagnostic::Diagnostic, document::Include, key_path::KeyPath,
    origin::Origin, value::Spanned,
};

impl<D> Reader<'_, '_, '_, D> {
    /// Reads the texts that an include in the innermost list or object asks for.
    pub(super) fn read_included(
        &mut self,
        (form, target, required): (IncludeForm, &str, bool),
        origin: Origin,
    ) -> Vec<Spanned> {
        let Scanner { reading, source, .. } = &mut self.scanner;
        let keys_above = reading.included_below.keys().iter();
        let include = Include {
            form,
            target,
            required,
            from: &source.name,
            origin,
            below: keys_above.chain(self.tree.keys_from_root()).cloned().collect::<KeyPath>(),
            levels_above: reading.levels_above + self.tree.levels(),
        };
        let parse = self.parse;
        reading.include(include, |reading, text| parse(text, reading))
    }

    /// Says that an included text holds another kind of value than fits here.
    pub(super) fn wrong_kind_included(
        &mut self,
        start: usize,
        root: &Spanned,
        fitting: &str,
    ) -> Fault {
        let kind = root.value.kind_with_article();
        let message = format!("the included text is {kind}, not {fitting}");
        let diagnostic =
            Diagnostic::error("hocon-wrong-include", message, self.scanner.origin(start))
                .with_related(root.origin, "this is included")
                .with_help("include keys into an object, items into a list");
        self.scanner.fail(diagnostic)
    }
}
