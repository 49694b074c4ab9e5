//! HOCON, in the dialect that the mode says.

mod clearml;

use crate::{document::Reading, origin::SourceText, value::Spanned};

pub(crate) fn parse(text: &SourceText, reading: &mut Reading<'_>) -> Option<Spanned> {
    clearml::parse(text, reading)
}
