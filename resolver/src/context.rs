//! All that a build may depend on besides its text: dialect, environment, includes, limits.

use std::{fmt, sync::Arc};

use crate::origin::{Format, SourceName};

/// Whose rules a text is read and closed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The stock clients' (`clearml` 2.1.12 and its vendored `pyhocon`): each text is closed alone.
    #[default]
    Clearml,
    /// The Lightbend HOCON specification: texts are merged first, then closed.
    Hocon,
}

/// The variables a reference may be closed with.
pub trait Environment {
    /// Says what is known of a variable.
    fn variable(&self, name: &str) -> Variable;

    /// Returns the names of all variables that begin so, sorted; none by default.
    fn names_with_prefix(&self, _prefix: &str) -> Vec<String> {
        Vec::new()
    }
}

/// What is known of an environment variable.
#[derive(Clone, PartialEq, Eq)]
pub enum Variable {
    /// It has this text.
    Set(String),
    /// It is not set.
    Unset,
    /// It belongs to whoever asks later; the reference stays open.
    Unknown,
}

/// An environment that belongs to whoever asks later: every reference to it stays open.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnknownEnvironment;

impl Environment for UnknownEnvironment {
    fn variable(&self, _name: &str) -> Variable {
        Variable::Unknown
    }
}

/// What an include asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncludeRequest<'a> {
    /// The form it was written in.
    pub form: IncludeForm,
    /// The name in the quotes.
    pub target: &'a str,
    /// The text that holds the include; relative names are relative to it.
    pub from: &'a SourceName,
}

/// The forms of an include.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludeForm {
    /// `include "name"`: the includer decides what the name means.
    Plain,
    /// `include file("name")`.
    File,
    /// `include url("name")`.
    Url,
    /// `include classpath("name")`: there is no class path here.
    Classpath,
}

/// A text that an include brought.
pub struct IncludedText {
    /// What it is called.
    pub name: SourceName,
    /// How it is spelled.
    pub format: Format,
    /// The text.
    pub text: Arc<str>,
}

/// Why an include brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncludeError {
    /// There is no such text. An include that is not `required(…)` then counts as empty.
    Missing,
    /// It may not be read here, for this reason; and what to do instead (both lower case, no full
    /// stop).
    Refused {
        /// Why not.
        why: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// Reading it failed, for this reason (lower case, no full stop).
    Failed(String),
}

/// Reads the texts that includes ask for.
pub trait Includer {
    /// Returns the texts for a request, in the order in which they merge (the last one wins).
    ///
    /// A plain name without an ending may stand for several files.
    ///
    /// # Errors
    /// The text is missing, refused, or cannot be read.
    fn include(&self, request: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError>;
}

/// Refuses every include: a vault must not read a host's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefuseIncludes;

impl Includer for RefuseIncludes {
    fn include(&self, _: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        let why = "a vault may not include files of the host";
        Err(IncludeError::Refused { why, help: "write what the file holds in its place" })
    }
}

/// What a text may cost; beyond it there is a diagnostic, never a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one text.
    pub text_bytes: usize,
    /// Brackets and braces open at once. The stock parser's own ceiling lies between 32 and 58.
    pub depth: usize,
    /// Keys of one path.
    pub path_keys: usize,
    /// Levels of the finished tree, dotted keys counted; at most [`Limits::TREE_DEPTH_CEILING`].
    pub tree_depth: usize,
    /// Texts that one source may include, at all levels.
    pub includes: usize,
    /// Includes open at once.
    pub include_depth: usize,
    /// References of one source, with all that it includes.
    pub substitutions: usize,
    /// Values of one text, and of the finished tree.
    pub nodes: u64,
    /// Bytes of all keys and strings of the finished tree.
    pub output_bytes: u64,
    /// Times that YAML aliases may be used in one text.
    pub aliases: usize,
    /// Diagnostics kept for one text; the rest is counted.
    pub diagnostics: usize,
}

impl Limits {
    /// Levels beyond which no setting can go: walks of a finished tree recurse, and 512 levels of
    /// the largest frame among them stay below 256 KiB of stack.
    pub const TREE_DEPTH_CEILING: usize = 512;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 16 << 20,
            depth: 50,
            path_keys: 128,
            tree_depth: 256,
            includes: 64,
            include_depth: 16,
            substitutions: 100_000,
            nodes: 1_000_000,
            output_bytes: 64 << 20,
            aliases: 10_000,
            diagnostics: 20,
        }
    }
}

/// All that a build may depend on besides its text.
#[derive(Clone)]
pub struct Context<'a> {
    /// Whose rules.
    pub mode: Mode,
    /// What closes references that no key closes.
    pub environment: &'a dyn Environment,
    /// What reads included texts.
    pub includer: &'a dyn Includer,
    /// What it may cost.
    pub limits: Limits,
}

impl Context<'static> {
    /// Returns what a text depends on that stands alone: it includes nothing, references to the
    /// environment stay open, and it may cost what [`Limits::default`] says.
    pub fn alone(mode: Mode) -> Self {
        Self {
            mode,
            environment: &UnknownEnvironment,
            includer: &RefuseIncludes,
            limits: Limits::default(),
        }
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("mode", &self.mode)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
