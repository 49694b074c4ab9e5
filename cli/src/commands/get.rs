//! `get`: one value or subtree, a scalar without quotes.

use resolver::Spelling;

use super::{
    answer::{is_masked, reveal_if},
    asking::{Asking, MaskedBy, Wanted},
};
use crate::{args::Get, failure::Failure};

/// Prints the value.
pub(super) fn run(get: &Get, asking: Asking<'_>) -> Result<(), Failure> {
    let masked_by = if get.reveal { MaskedBy::Us } else { MaskedBy::Daemon };
    let wanted = Wanted { shows_secrets: get.reveal, masked_by, ..Wanted::default() };
    let answer = asking.answer(&get.sources, wanted)?;
    let text = answer.render(&get.key, Spelling::Raw, reveal_if(get.reveal))?;
    asking.output.data(&text)?;
    if is_masked(&text) {
        asking.output.detail("secrets are masked; `--reveal` shows them");
    }
    Ok(())
}
