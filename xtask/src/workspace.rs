//! Where things lie: the workspace, its build folder, and the reference material beside it.

use std::path::PathBuf;

/// The folders that steps work in.
pub(crate) struct Workspace {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// Whatever the steps make goes here; git ignores it.
    pub(crate) target: PathBuf,
    /// Reference material that is not part of the repository; may be absent.
    pub(crate) shared: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this program was built in.
    pub(crate) fn find() -> Self {
        let crate_folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let root = crate_folder.parent().map_or_else(|| crate_folder.clone(), PathBuf::from);
        Self { target: root.join("target"), shared: root.join("../shared"), root }
    }
}
