//! References that others cover, and that the stock clients look up all the same.
//!
//! They refuse a text in which one of them leads nowhere: `a = ${NOPE}` is an error even above
//! `a = ${HOME}`, though not above `a = 1` (`ConfigValues.get_substitutions` of `clearml` 2.1.12).

use super::evaluate::Closing;
use crate::{
    context::{Mode, Variable},
    origin::Origin,
    value::{Reference, Spanned, Value},
};

impl Closing<'_> {
    /// Returns a reference that leads nowhere, with its place, from among those of a stack that lie
    /// below its top with nothing else between.
    pub(super) fn covered_in_vain<'l>(
        &self,
        layers: &'l [Spanned],
    ) -> Option<(&'l Reference, Origin)> {
        let (_, covered) = layers.split_last().filter(|(top, _)| top.value.is_open())?;
        if self.context.mode == Mode::Hocon {
            return None;
        }
        let mut covered = covered.iter().rev().take_while(|layer| layer.value.is_open());
        covered.find_map(|layer| {
            let mut references = layer.value.direct_references();
            let in_vain = references.find(|reference| self.leads_nowhere(reference))?;
            Some((in_vain, layer.origin))
        })
    }

    /// Whether a reference names no variable, and no key as far as that can be told without closing
    /// anything.
    fn leads_nowhere(&self, reference: &Reference) -> bool {
        if reference.optional || reference.included_below > 0 {
            return false;
        }
        let mut value = &self.root.value;
        for key in reference.path.keys() {
            let Value::Object(object) = value else { return false };
            let Some(child) = object.get(key) else {
                return self.context.environment.variable(&reference.name) == Variable::Unset;
            };
            value = &child.value;
        }
        false
    }
}
