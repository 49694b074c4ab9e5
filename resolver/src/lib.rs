//! The pure core of clearml-resolver: text in, one explained answer out.
//!
//! ```text
//! SourceText ─parse→ Document ─include, substitute→ Layer ─merge→ Snapshot ─redact→ SafeView ─render→ text
//!                                              (one source)     (all sources)
//! ```
//!
//! Each stage has its own type, so a wrong order does not compile: only a [`Layer`] can be
//! merged, only a [`SafeView`] can be shown. Nothing here reads a file, the environment or a
//! clock; whatever a build depends on comes in by its [`Context`].

mod concat;
mod context;
mod diagnostic;
mod diff;
mod docker_arguments;
mod document;
mod key_path;
mod layer;
pub mod lint;
mod merge;
mod number;
mod object;
mod origin;
mod overlay;
mod provenance;
mod redact;
mod render;
mod snapshot;
mod substitute;
mod syntax;
mod units;
mod value;
mod view;

pub use context::{
    Context, Environment, IncludeError, IncludeForm, IncludeRequest, IncludedText, Includer,
    Limits, Mode, RefuseIncludes, UnknownEnvironment, Variable,
};
pub use diagnostic::{Diagnostic, Severity};
pub use diff::{Change, ChangeKind, diff};
pub use key_path::{KeyPath, KeyPathError};
pub use layer::{Build, Layer, Precedence};
pub use merge::{PROTECTED_KEYS, is_protected, merge, merge_view};
pub use number::Number;
pub use object::Object;
pub use origin::{Format, Origin, Scope, SourceId, SourceIds, SourceName, SourceText};
pub use provenance::{Assignment, Fate, Provenance};
pub use redact::{Hidden, MASK, MaskingStream, Redactor, Reveal, SafeView};
pub use render::{Spelling, render};
pub use snapshot::Snapshot;
pub use syntax::{detect_format, parse_alone};
pub use units::{Period, UnitError};
pub use value::{Open, Piece, Reference, Spanned, Value};
pub use view::{View, agent_layers};
