//! Placeholder.

use crate::{document::Reading, origin::SourceText, value::Spanned};

pub(crate) fn parse(_: &SourceText, _: &mut Reading<'_>) -> Option<Spanned> {
    None
}
