//! `resolve`: resolves once, says whether there is an answer, prints it with `--print`.

use resolver::{KeyPath, Spelling, View};

use super::{
    answer::reveal_if,
    asking::{Asking, MaskedBy, Origins, References, Wanted},
    origins, summary,
};
use crate::{
    args::{self, Format, Resolve},
    failure::{Failure, Kind},
};

/// Prints the answer, or a summary of it.
pub(super) fn run(resolve: &Resolve, asking: Asking<'_>) -> Result<(), Failure> {
    if resolve.origins && resolve.format != Format::Json {
        let message = "`--origins` comes with `--format json` only";
        return Err(Failure::new(Kind::Usage, message));
    }
    let wanted = Wanted {
        view: resolve.view.into(),
        references: if resolve.keep_references { References::Kept } else { References::Closed },
        origins: if resolve.origins { Origins::Known } else { Origins::Unknown },
        shows_secrets: resolve.reveal,
        masked_by: if resolve.reveal { MaskedBy::Us } else { MaskedBy::Daemon },
    };
    let answer = asking.answer(&resolve.sources, wanted)?;
    let root = KeyPath::root();
    let path = resolve.key.as_ref().unwrap_or(&root);
    if !resolve.print {
        answer.require(path)?;
        let sum_up = if resolve.json { summary::for_programs } else { summary::for_people };
        return asking.output.data(&sum_up(&answer, path));
    }
    let config = answer.render(path, resolve.format.into(), reveal_if(resolve.reveal))?;
    if resolve.origins {
        asking.output.data(&origins::beside(&config, &answer.snapshot, path))
    } else {
        asking.output.data(&config)
    }
}

impl From<Format> for Spelling {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::PrettyJson,
            Format::Hocon => Self::Hocon,
            Format::Yaml => Self::Yaml,
            Format::Env => Self::Env,
        }
    }
}

impl From<args::View> for View {
    fn from(view: args::View) -> Self {
        match view {
            args::View::Merged => Self::Merged,
            args::View::Agent => Self::Agent,
            args::View::Sdk => Self::Sdk,
        }
    }
}
