//! The tree of a YAML text, built from its events without recursion.

use granit_parser::{Event, Parser, Span, StrInput, Tag};
use lean_string::LeanStr;

use super::{
    anchors::{Anchors, Weight},
    faults,
    merge_keys::Merged,
    tags::{self, Meaning},
};
use crate::{
    diagnostic::Diagnostic,
    document::{Covered, Reading},
    object::Object,
    origin::{Origin, SourceId, SourceText},
    value::{Spanned, Value},
};

/// Builds the values of a text. What it has read of open lists and mappings lies on two shared
/// stacks, so that each gets memory of its own only once, when its size is known.
pub(super) struct Loader<'t, 'r, 'c> {
    text: &'t str,
    source: SourceId,
    events: Parser<'t, StrInput<'t>>,
    frames: Vec<Frame>,
    items: Vec<Spanned>,
    entries: Vec<(LeanStr, Spanned)>,
    pub(super) anchors: Anchors,
    /// What the tree weighs so far, with all that aliases repeat.
    total: Weight,
    max_depth: usize,
    pub(super) max_tree_depth: usize,
    reading: &'r mut Reading<'c>,
}

/// Says that the rest of the text is not read.
#[derive(Debug)]
pub(super) struct Stop;

/// A finished value.
pub(super) struct Node {
    pub(super) value: Spanned,
    pub(super) weight: Weight,
    /// Whether it is a plain `<<`: as a key it merges what follows.
    pub(super) is_merge: bool,
}

/// A list or mapping that is not finished.
struct Frame {
    /// The number of its anchor; 0 for none.
    anchor: usize,
    /// From its first character to the end of the last value in it.
    origin: Origin,
    weight: Weight,
    content: Content,
}

enum Content {
    List {
        /// Its first value on the stack.
        first: usize,
    },
    Mapping {
        first: usize,
        merged: Merged,
        /// The key whose value comes next.
        key: Option<Key>,
    },
}

enum Key {
    Named(LeanStr),
    Merge,
}

impl<'t, 'r, 'c> Loader<'t, 'r, 'c> {
    pub(super) fn new(text: &'t SourceText, reading: &'r mut Reading<'c>) -> Self {
        let limits = &reading.context.limits;
        let max_tree_depth = limits.tree_depth.saturating_sub(reading.levels_above);
        let max_depth = limits.depth.min(max_tree_depth);
        let mut options = granit_parser::options! {
            // A bound for what the parser holds before we see an event of it.
            flow_nesting_limit: max_depth,
            block_nesting_limit: max_depth,
            // As PyYAML 6.0: the last line of a block scalar ends as it is written.
            block_scalar_eof_without_line_feed: true,
        };
        options.set_emit_comments(false);
        Self {
            text: &text.text,
            source: text.id,
            events: Parser::new_from_str_with_options(&text.text, options),
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            anchors: Anchors::new(limits.aliases),
            total: Weight::default(),
            max_depth,
            max_tree_depth,
            reading,
        }
    }

    /// Reads the one document of the text.
    pub(super) fn load(mut self) -> Result<Spanned, Stop> {
        let mut root = None;
        let mut documents = 0;
        while let Some(event) = self.events.next_event() {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => return Err(self.refuse(&error)),
            };
            let node = match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    self.check_documents(documents, span)?;
                    None
                }
                event => self.take(event, span)?,
            };
            if let Some(node) = node {
                root = self.place(node)?.or(root);
            }
        }
        Ok(root.unwrap_or_else(|| Value::object(Object::new()).spanned(self.origin_at(0, 0))))
    }

    /// Takes an event in; gives back the value that is finished by it.
    fn take(&mut self, event: Event<'t>, span: Span) -> Result<Option<Node>, Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), span)?;
                self.anchors.set(anchor, &node);
                Ok(Some(node))
            }
            Event::Alias(anchor) => self.alias(anchor, span).map(Some),
            Event::SequenceStart(_, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), Meaning::List, span)?;
                self.open(Content::List { first: self.items.len() }, anchor, span)?;
                Ok(None)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), Meaning::Mapping, span)?;
                let (first, merged) = (self.entries.len(), Merged::default());
                self.open(Content::Mapping { first, merged, key: None }, anchor, span)?;
                Ok(None)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(None),
        }
    }

    /// Returns how many lists and mappings are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    fn open(&mut self, content: Content, anchor: usize, span: Span) -> Result<(), Stop> {
        let origin = self.origin(span);
        if self.depth() >= self.max_depth {
            return Err(self.too_deep(origin));
        }
        let weight = Weight::of_one(0);
        self.add_weight(weight, origin)?;
        self.frames.push(Frame { anchor, origin, weight, content });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<Option<Node>, Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(None) };
        let value = match frame.content {
            Content::List { first } => Value::Array(self.items.drain(first..).collect()),
            Content::Mapping { first, merged, .. } => {
                Value::object(merged.below(self.close_mapping(first)?))
            }
        };
        // The end of a block collection is where the next text begins, which says nothing.
        let end = self.origin(span);
        let origin = if end.start == end.end { frame.origin } else { frame.origin.to(end) };
        let node = Node { value: value.spanned(origin), weight: frame.weight, is_merge: false };
        self.anchors.set(frame.anchor, &node);
        Ok(Some(node))
    }

    /// Takes the entries of a mapping off the stack. Of a repeated key the last value counts.
    fn close_mapping(&mut self, first: usize) -> Result<Object, Stop> {
        let mut object = Object::with_capacity(self.entries.len() - first);
        for (key, value) in self.entries.drain(first..) {
            let Some(there) = object.get_mut(&key) else {
                object.push_new(key, value);
                continue;
            };
            let covered = Covered { origin: there.origin, by: value.origin };
            *there = value;
            self.reading.covered.push(covered);
            self.reading.warn(|| faults::repeated_key(&key, covered));
        }
        self.check_findings()?;
        Ok(object)
    }

    /// Puts a finished value where it belongs; gives it back if it is the root.
    fn place(&mut self, node: Node) -> Result<Option<Spanned>, Stop> {
        let Some(frame) = self.frames.last_mut() else { return Ok(Some(node.value)) };
        frame.origin = frame.origin.to(node.value.origin);
        frame.weight.hold(node.weight);
        let (merged, key) = match &mut frame.content {
            Content::List { .. } => {
                self.items.push(node.value);
                return Ok(None);
            }
            Content::Mapping { merged, key, .. } => (merged, key),
        };
        match key.take() {
            None if node.is_merge => *key = Some(Key::Merge),
            None => {
                // A key is no value of the tree; only its bytes count.
                self.total.nodes = self.total.nodes.saturating_sub(node.weight.nodes);
                let named = self.name_of(&node.value)?;
                self.expect_value_of(named);
            }
            Some(Key::Named(name)) => self.entries.push((name, node.value)),
            Some(Key::Merge) => {
                if let Err(fault) = merged.add(&node.value) {
                    self.report(fault)?;
                }
            }
        }
        Ok(None)
    }

    fn expect_value_of(&mut self, name: LeanStr) {
        if let Some(Frame { content: Content::Mapping { key, .. }, .. }) = self.frames.last_mut() {
            *key = Some(Key::Named(name));
        }
    }

    /// Returns a key as Python's `json.dumps` spells it.
    fn name_of(&mut self, key: &Spanned) -> Result<LeanStr, Stop> {
        let name = match &key.value {
            Value::String(text) => text.clone(),
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => "false".into(),
            Value::Null => "null".into(),
            Value::Number(number) => number.canonical(),
            Value::Array(_) | Value::Object(_) | Value::Open(_) => {
                let message = format!("a {} cannot be a key", key.value.kind());
                self.report(
                    Diagnostic::error("yaml-complex-key", message, key.origin)
                        .with_help("write a string before the colon"),
                )?;
                LeanStr::default()
            }
        };
        Ok(name)
    }

    pub(super) fn add_weight(&mut self, weight: Weight, origin: Origin) -> Result<(), Stop> {
        self.total.hold(weight);
        let limits = &self.reading.context.limits;
        if self.total.nodes <= limits.nodes && self.total.bytes <= limits.output_bytes {
            return Ok(());
        }
        self.report(faults::too_many_values(limits, origin))?;
        Err(Stop)
    }

    fn check_collection_tag(
        &mut self,
        tag: Option<&Tag>,
        expected: Meaning,
        span: Span,
    ) -> Result<(), Stop> {
        match tag.map_or(Meaning::Untagged, tags::meaning) {
            Meaning::Untagged | Meaning::Plain => Ok(()),
            meaning if meaning == expected => Ok(()),
            meaning => self.report_tag(meaning, span),
        }
    }

    fn check_documents(&mut self, documents: usize, span: Span) -> Result<(), Stop> {
        if documents <= 1 {
            return Ok(());
        }
        self.report(faults::several_documents(self.origin(span)))?;
        Err(Stop)
    }

    pub(super) fn report_tag(&mut self, meaning: Meaning, span: Span) -> Result<(), Stop> {
        let tag = span.tag_span().unwrap_or(span);
        let written = tag.slice(self.text).unwrap_or("!");
        let origin = self.origin(tag);
        self.report(tags::refusal(meaning, written, origin))
    }

    pub(super) fn too_deep(&mut self, origin: Origin) -> Stop {
        let fault = faults::too_deep(self.max_depth, origin);
        self.report(fault).err().unwrap_or(Stop)
    }

    fn refuse(&mut self, error: &granit_parser::ScanError) -> Stop {
        let start = error.marker().byte_offset().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let width = rest.chars().next().map_or(0, char::len_utf8);
        let origin = self.origin_at(start, start + width);
        let fault = faults::of_syntax(error.kind(), rest, self.max_depth, origin);
        self.report(fault).err().unwrap_or(Stop)
    }

    /// Reports a finding; stops when there are enough.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Result<(), Stop> {
        self.reading.report(diagnostic);
        self.check_findings()
    }

    fn check_findings(&self) -> Result<(), Stop> {
        if self.reading.has_enough() {
            return Err(Stop);
        }
        Ok(())
    }

    pub(super) fn origin(&self, span: Span) -> Origin {
        let start = span.start.byte_offset().unwrap_or_default();
        let end = span.end.byte_offset().unwrap_or(start);
        self.origin_at(start, end.max(start))
    }

    fn origin_at(&self, start: usize, end: usize) -> Origin {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Origin { source: self.source, start: offset(start), end: offset(end) }
    }
}
