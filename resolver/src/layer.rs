//! One source, fully understood: its text parsed, its includes read, its references closed.

use std::{fmt, sync::Arc};

use lean_string::LeanStr;

use crate::{
    context::{Context, Mode},
    diagnostic::Diagnostic,
    document::{Covered, Document, Reading},
    key_path::KeyPath,
    object::Object,
    origin::{Format, Origin, SourceId, SourceIds, SourceName, SourceText},
    overlay,
    substitute::substitute,
    syntax,
    value::{Spanned, Value},
};

/// Which layer wins: the later one, as the order of these says. Nothing else knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precedence {
    /// Packaged defaults.
    Defaults,
    /// The configuration folder (`CLEARML_CONFIG_PATH`).
    Folder,
    /// Files of the host (`clearml.conf`).
    File,
    /// `CLEARML_AGENT__…` variables of the asking agent; only [`View::Agent`](crate::View) has them.
    AnyKeyVariables,
    /// Vaults of type `config`, in the order of their source.
    Vault,
    /// Variables of the asking agent that set one key each; only
    /// [`View::Agent`](crate::View) has them.
    MappedVariables,
    /// Vaults of type `monitoring`, an administrator's tier.
    Monitoring,
}

impl Precedence {
    /// Whether its texts are vaults, which an administrator or user keeps elsewhere.
    pub const fn is_vault(self) -> bool {
        matches!(self, Self::Vault | Self::Monitoring)
    }

    /// Whether it belongs to the process that asks.
    pub const fn is_environment(self) -> bool {
        matches!(self, Self::AnyKeyVariables | Self::MappedVariables)
    }
}

impl fmt::Display for Precedence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Defaults => "defaults",
            Self::Folder => "folder",
            Self::File => "file",
            Self::AnyKeyVariables | Self::MappedVariables => "environment",
            Self::Vault => "vault",
            Self::Monitoring => "monitoring",
        })
    }
}

/// One source, ready to be merged; `Debug` shows no content.
pub struct Layer {
    name: SourceName,
    precedence: Precedence,
    root: Arc<Object>,
    texts: Box<[SourceText]>,
    pub(crate) covered: Box<[Covered]>,
}

/// What came of building a layer.
#[derive(Debug)]
pub struct Build {
    /// The layer; `None` when its text has an error, since no text is applied by half.
    pub layer: Option<Arc<Layer>>,
    /// What there is to say about the text.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more findings there are than `Limits::diagnostics` lets through.
    pub more_diagnostics: usize,
    /// The texts that were read, the source's own first: for snippets, and for watching.
    pub texts: Vec<SourceText>,
}

impl Layer {
    /// Builds the layer of one source text.
    ///
    /// In mode `clearml` every reference is closed here, against the text's own keys and then the
    /// environment; in mode `hocon` they wait until the layers are merged. Keys are placed below
    /// `below`: a file `sdk.conf` of a configuration folder holds what is below `sdk`.
    pub fn build(
        precedence: Precedence,
        text: SourceText,
        below: &KeyPath,
        context: &Context<'_>,
        ids: &mut SourceIds,
    ) -> Build {
        let (name, id) = (text.name.clone(), text.id);
        let mut reading = Reading::new(context, ids);
        let root = if reading.fits(&text) { syntax::parse(&text, &mut reading) } else { None };
        reading.texts.insert(0, text);
        let root = root.and_then(|root| object_root(root, precedence, &mut reading));
        let root = root.unwrap_or_else(|| Value::object(Object::new()).spanned(whole(id, 0)));
        let opens = reading.opens;
        let document = Document { root, opens, covered: std::mem::take(&mut reading.covered) };
        let root = match context.mode {
            Mode::Clearml if !reading.has_error => substitute(&document, &mut reading),
            _ => document.root,
        };
        let layer = (!reading.has_error).then(|| {
            Arc::new(Self {
                name,
                precedence,
                root: placed_below(root, below.keys()),
                texts: reading.texts.clone().into(),
                covered: document.covered.into(),
            })
        });
        Build {
            layer,
            diagnostics: reading.diagnostics,
            more_diagnostics: reading.more_diagnostics,
            texts: reading.texts,
        }
    }

    /// Builds the layer of a text of precedence [`File`](Precedence::File) that no other text
    /// stands beside, so that its ids are its own.
    pub fn build_alone(
        name: SourceName,
        format: Format,
        text: &str,
        context: &Context<'_>,
    ) -> Build {
        let mut ids = SourceIds::default();
        let source = SourceText { id: ids.next_id(), name, format, text: text.into() };
        Self::build(Precedence::File, source, &KeyPath::root(), context, &mut ids)
    }

    /// Returns the layer of keys that are already known.
    pub(crate) fn of_object(precedence: Precedence, text: SourceText, root: Object) -> Build {
        let layer = Arc::new(Self {
            name: text.name.clone(),
            precedence,
            root: Arc::new(root),
            texts: [text].into(),
            covered: Box::default(),
        });
        Build {
            layer: Some(layer),
            diagnostics: Vec::new(),
            more_diagnostics: 0,
            texts: Vec::new(),
        }
    }

    /// Returns what its source is called.
    pub fn name(&self) -> &SourceName {
        &self.name
    }

    /// Returns which tier it belongs to.
    pub fn precedence(&self) -> Precedence {
        self.precedence
    }

    /// Returns its keys.
    pub fn root(&self) -> &Arc<Object> {
        &self.root
    }

    /// Returns the texts it was made of, its own first.
    pub fn texts(&self) -> &[SourceText] {
        &self.texts
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Layer")
            .field("name", &self.name)
            .field("precedence", &self.precedence)
            .field("keys", &self.root.len())
            .finish_non_exhaustive()
    }
}

/// Lets an object through. The stock clients drop a vault whose root is a list without a word, and
/// stop on such a file (`clearml` 2.1.12).
fn object_root(
    root: Spanned,
    precedence: Precedence,
    reading: &mut Reading<'_>,
) -> Option<Spanned> {
    match root.value {
        Value::Object(_) => Some(root),
        Value::Array(_) if precedence.is_vault() => {
            let message = "the text is a list, so nothing of it is used";
            reading.report(
                Diagnostic::warning("root-not-object", message, root.origin)
                    .with_help("write `key: value` lines"),
            );
            None
        }
        other => {
            let message = format!("a configuration is an object, this is a {}", other.kind());
            reading.report(
                Diagnostic::error("root-not-object", message, root.origin)
                    .with_help("write `key: value` lines"),
            );
            None
        }
    }
}

fn placed_below(root: Spanned, keys: &[LeanStr]) -> Arc<Object> {
    let mut placed = Object::new();
    if keys.is_empty() {
        if let Value::Object(object) = root.value {
            return object;
        }
    } else {
        overlay::assign(&mut placed, keys, root);
    }
    Arc::new(placed)
}

fn whole(source: SourceId, end: u32) -> Origin {
    Origin { source, start: 0, end }
}
