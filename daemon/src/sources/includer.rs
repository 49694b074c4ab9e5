//! Includes of files, which name other files of this host.

use resolver::{IncludeError, IncludeRequest, IncludedText, Includer, Mode};

use crate::settings::IncludeUrls;

/// Reads what files include; refuses a vault's includes.
#[derive(Clone, Copy, Debug)]
pub struct FileIncluder {
    /// Whose rules names follow.
    pub mode: Mode,
    /// Whether `file://` URLs may be followed.
    pub urls: IncludeUrls,
    /// Bytes of one text.
    pub text_bytes: usize,
}

impl Includer for FileIncluder {
    fn include(&self, _request: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        Err(IncludeError::Missing)
    }
}
