//! The variables of the environment, for references that no key answers.

use super::evaluate::{Closing, Step};
use crate::{
    context::{Mode, Variable},
    diagnostic::Diagnostic,
    origin::Origin,
    value::{Open, Reference, Spanned, Value},
};

/// Ends the name of a reference to several variables, `${NAME[]}`: `NAME_0`, `NAME_1`, … (HOCON
/// specification, "List values from environment variables").
const LIST_SUFFIX: &str = "[]";

impl Closing<'_> {
    pub(super) fn environment_value(
        &mut self,
        reference: &Reference,
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        if self.context.mode == Mode::Hocon
            && let Some(name) = reference.name.strip_suffix(LIST_SUFFIX)
        {
            return self.environment_list(name, reference, origin);
        }
        match self.context.environment.variable(&reference.name) {
            Variable::Set(text) => Step::Done(Some(Value::String(text.into()).spanned(origin))),
            Variable::Unset if reference.optional => Step::Done(None),
            Variable::Unset => self.fail_unresolved(reference, origin),
            Variable::Unknown => Step::Done(Some(
                Value::Open(Open::Reference(reference.clone()).into()).spanned(origin),
            )),
        }
    }

    fn environment_list(
        &mut self,
        name: &str,
        reference: &Reference,
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        let mut values = Vec::new();
        for index in 0..self.context.limits.path_keys {
            match self.context.environment.variable(&format!("{name}_{index}")) {
                Variable::Set(text) => values.push(Value::String(text.into()).spanned(origin)),
                _ => break,
            }
        }
        if !values.is_empty() {
            Step::Done(Some(Value::array(values).spanned(origin)))
        } else if reference.optional {
            Step::Done(None)
        } else {
            self.fail_unresolved(reference, origin)
        }
    }

    pub(super) fn fail_unresolved<T>(&mut self, reference: &Reference, origin: Origin) -> Step<T> {
        let name = &reference.name;
        self.fail(
            Diagnostic::error(
                "reference-unresolved",
                format!("cannot close `${{{name}}}`: neither a key of this text nor an environment variable has this name"),
                origin,
            )
            .with_help(format!("define it, or write `${{?{name}}}` if it may be missing")),
        )
    }
}
