//! The tree of a JSON text, built without recursion.

use std::sync::Arc;

use lean_string::LeanStr;

use super::{
    grammar::{Grammar, Liberty},
    numbers::is_not_finite,
    scanner::{Scanner, Stop},
    suspects::{self, Suspect},
};
use crate::{
    diagnostic::{Diagnostic, Quoted},
    document::Covered,
    object::Object,
    origin::Origin,
    overlay::{Beneath, overlay},
    value::{Spanned, Value},
};

/// Builds the values of a text. What it has read of open lists and objects lies on two shared
/// stacks, so that each gets memory of its own only once, when its size is known.
pub(super) struct Reader<'t, 'r, 'c> {
    scanner: Scanner<'t, 'r, 'c>,
    frames: Vec<Frame>,
    items: Vec<Spanned>,
    entries: Vec<(LeanStr, Spanned)>,
    max_depth: usize,
    nodes_left: u64,
}

/// A list or object that is not closed yet.
enum Frame {
    List {
        /// Where its bracket is.
        open: usize,
        /// Its first value on the stack.
        first: usize,
    },
    Object {
        open: usize,
        first: usize,
        /// The key whose value is being read.
        key: LeanStr,
    },
}

impl<'t, 'r, 'c> Reader<'t, 'r, 'c> {
    pub(super) fn new(scanner: Scanner<'t, 'r, 'c>) -> Self {
        let limits = &scanner.reading.context.limits;
        let above = scanner.reading.levels_above;
        Self {
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            max_depth: limits.depth.min(limits.tree_depth.saturating_sub(above)),
            nodes_left: limits.nodes,
            scanner,
        }
    }

    /// Reads the one value of a text, which begins here.
    pub(super) fn read(mut self) -> Result<Spanned, Stop> {
        let root = self.read_value()?;
        self.scanner.skip_blanks()?;
        if self.scanner.peek().is_some() {
            let message = "the text goes on after its value";
            self.scanner.report(
                Diagnostic::error("json-text-after-end", message, self.scanner.origin_here())
                    .with_related(root.origin, "this is the value")
                    .with_help("take the rest out, or put all of it into one object"),
            )?;
        }
        Ok(root)
    }

    fn read_value(&mut self) -> Result<Spanned, Stop> {
        loop {
            let Some(mut value) = self.begin_value()? else { continue };
            loop {
                let closed = match self.frames.last() {
                    None => return Ok(value),
                    Some(Frame::List { .. }) => self.add_item(value)?,
                    Some(Frame::Object { .. }) => self.add_entry(value)?,
                };
                match closed {
                    Some(closed) => value = closed,
                    None => break,
                }
            }
        }
    }

    /// Reads a value that holds no others; nothing where a list or object opens, which leaves
    /// the scanner at the first value in it.
    fn begin_value(&mut self) -> Result<Option<Spanned>, Stop> {
        let start = self.scanner.at;
        let value = match self.scanner.peek() {
            Some(b'"') => Value::String(self.scanner.take_string(b'"')?),
            Some(b'0'..=b'9' | b'-') => self.scanner.take_number()?,
            Some(b'{') => return self.open_object(),
            Some(b'[') => return self.open_list(),
            Some(b't') if self.take_literal("true") => Value::Bool(true),
            Some(b'f') if self.take_literal("false") => Value::Bool(false),
            Some(b'n') if self.take_literal("null") => Value::Null,
            _ => self.take_rare_value()?,
        };
        self.count_node(start)?;
        Ok(Some(value.spanned(self.scanner.origin(start))))
    }

    fn open_list(&mut self) -> Result<Option<Spanned>, Stop> {
        let open = self.open()?;
        self.frames.push(Frame::List { open, first: self.items.len() });
        Ok(if self.scanner.peek() == Some(b']') { self.close_list() } else { None })
    }

    fn open_object(&mut self) -> Result<Option<Spanned>, Stop> {
        let open = self.open()?;
        self.frames.push(Frame::Object {
            open,
            first: self.entries.len(),
            key: LeanStr::default(),
        });
        if self.scanner.peek() == Some(b'}') { self.close_object() } else { self.begin_entry() }
    }

    /// Takes a bracket, within the limits, and the blanks behind it.
    fn open(&mut self) -> Result<usize, Stop> {
        let open = self.scanner.at;
        self.count_node(open)?;
        if self.frames.len() >= self.max_depth {
            return Err(self.too_deep()?);
        }
        self.scanner.at += 1;
        self.scanner.skip_blanks()?;
        Ok(open)
    }

    /// Puts a value into the open list; gives the list back if it ends there.
    fn add_item(&mut self, value: Spanned) -> Result<Option<Spanned>, Stop> {
        self.items.push(value);
        self.scanner.skip_blanks()?;
        match self.scanner.peek() {
            Some(b',') => {
                let comma = self.scanner.at;
                self.scanner.at += 1;
                self.scanner.skip_blanks()?;
                if self.scanner.peek() != Some(b']') {
                    return Ok(None);
                }
                self.take_trailing_comma(comma)?;
                Ok(self.close_list())
            }
            Some(b']') => Ok(self.close_list()),
            _ => self.miss_comma(b'}').map(|()| None),
        }
    }

    /// Puts a value into the open object; gives the object back if it ends there.
    fn add_entry(&mut self, value: Spanned) -> Result<Option<Spanned>, Stop> {
        if let Some(Frame::Object { key, .. }) = self.frames.last_mut() {
            self.entries.push((std::mem::take(key), value));
        }
        self.scanner.skip_blanks()?;
        match self.scanner.peek() {
            Some(b',') => {
                let comma = self.scanner.at;
                self.scanner.at += 1;
                self.scanner.skip_blanks()?;
                if self.scanner.peek() != Some(b'}') {
                    return self.begin_entry();
                }
                self.take_trailing_comma(comma)?;
                self.close_object()
            }
            Some(b'}') => self.close_object(),
            _ => {
                self.miss_comma(b']')?;
                self.begin_entry()
            }
        }
    }

    /// Reads a key of the open object, up to its value.
    fn begin_entry(&mut self) -> Result<Option<Spanned>, Stop> {
        if self.scanner.peek().is_none() {
            return Err(self.unclosed()?);
        }
        let next = self.scanner.take_key()?;
        if let Some(Frame::Object { key, .. }) = self.frames.last_mut() {
            *key = next;
        }
        Ok(None)
    }

    fn close_list(&mut self) -> Option<Spanned> {
        self.scanner.at += 1;
        let Some(Frame::List { open, first }) = self.frames.pop() else { return None };
        let values: Arc<[Spanned]> = self.items.drain(first..).collect();
        Some(Value::Array(values).spanned(self.scanner.origin(open)))
    }

    fn close_object(&mut self) -> Result<Option<Spanned>, Stop> {
        self.scanner.at += 1;
        let Some(Frame::Object { open, first, .. }) = self.frames.pop() else { return Ok(None) };
        let reading = &mut *self.scanner.reading;
        let mut object = Object::with_capacity(self.entries.len() - first);
        for (key, value) in self.entries.drain(first..) {
            let Some(there) = object.get_mut(&key) else {
                object.push_new(key, value);
                continue;
            };
            let covered = Covered { origin: there.origin, by: value.origin };
            if !(there.value.is_object() && value.value.is_object()) {
                reading.covered.push(covered);
            }
            overlay(there, value, Beneath::Dropped);
            reading.warn(|| repeated_key(&key, covered));
        }
        self.scanner.check_findings()?;
        Ok(Some(Value::object(object).spanned(self.scanner.origin(open))))
    }

    fn take_literal(&mut self, word: &str) -> bool {
        let end = self.scanner.at + word.len();
        let is_there = self.scanner.rest().starts_with(word) && !self.scanner.is_word_at(end);
        if is_there {
            self.scanner.at = end;
        }
        is_there
    }

    fn count_node(&mut self, start: usize) -> Result<(), Stop> {
        let Some(left) = self.nodes_left.checked_sub(1) else {
            let limit = self.scanner.reading.context.limits.nodes;
            let message = format!("the text holds more than {limit} values");
            let origin = self.scanner.origin_between(start, start + 1);
            self.scanner.report(
                Diagnostic::error("json-too-many-values", message, origin)
                    .with_help("split it, or raise `limits.nodes`"),
            )?;
            return Err(Stop);
        };
        self.nodes_left = left;
        Ok(())
    }
}

/// What is rare, and what is wrong.
impl Reader<'_, '_, '_> {
    /// Reads what begins like no value of JSON; `null` stands for what is none of JSON5 either.
    #[cold]
    fn take_rare_value(&mut self) -> Result<Value, Stop> {
        match self.scanner.peek() {
            Some(b'\'') => self.scanner.take_single_quoted().map(Value::String),
            Some(b'+' | b'.') => self.scanner.take_number(),
            Some(b',' | b']' | b'}') => {
                let message = "a value has to stand here";
                self.scanner.report(
                    Diagnostic::error("json-no-value", message, self.scanner.origin_here())
                        .with_help("write a value, or `null` for none"),
                )?;
                Ok(Value::Null)
            }
            Some(_) => self.take_bare_text().map(|()| Value::Null),
            None => Err(self.unclosed()?),
        }
    }

    /// Takes text without quotes up to where the value must end.
    fn take_bare_text(&mut self) -> Result<(), Stop> {
        let start = self.scanner.at;
        let word = self.scanner.take_word();
        if is_not_finite(word) {
            return self.scanner.report_not_finite(start);
        }
        let (message, help) = match word {
            "True" | "TRUE" | "yes" | "on" => ("JSON knows no such word", "write `true`"),
            "False" | "FALSE" | "no" | "off" => ("JSON knows no such word", "write `false`"),
            "None" | "Null" | "NULL" | "nil" | "undefined" => {
                ("JSON knows no such word", "write `null`")
            }
            _ => ("a string has to be in double quotes", "put the value in double quotes"),
        };
        let ends = |c: char| matches!(c, ',' | ']' | '}' | '\n' | '\r');
        let rest = self.scanner.rest();
        let taken = rest.find(ends).map_or(rest, |end| rest.get(..end).unwrap_or_default());
        self.scanner.at += taken.trim_end().len();
        self.scanner.report(
            Diagnostic::error("json-unquoted-value", message, self.scanner.origin(start))
                .with_help(help),
        )
    }

    fn take_trailing_comma(&mut self, comma: usize) -> Result<(), Stop> {
        let origin = self.scanner.origin_between(comma, comma + 1);
        self.scanner.take_liberty(Liberty::TrailingComma, origin)
    }

    /// Says what is wrong where a comma or the closing bracket has to stand. Reading goes on
    /// where a next value seems to begin.
    #[cold]
    fn miss_comma(&mut self, foreign_bracket: u8) -> Result<(), Stop> {
        match self.scanner.peek() {
            None => Err(self.unclosed()?),
            Some(byte) if byte == foreign_bracket => Err(self.mismatched()?),
            Some(_) => {
                let message = "a comma has to stand between two values";
                let origin = self.scanner.origin_between(self.scanner.at, self.scanner.at);
                self.scanner.report(
                    Diagnostic::error("json-no-comma", message, origin)
                        .with_help("write a comma, or close a quote that was left open"),
                )
            }
        }
    }

    fn mismatched(&mut self) -> Result<Stop, Stop> {
        let message = "this bracket does not fit the one that is open";
        let origin = self.scanner.origin_here();
        let opened = self.innermost_bracket();
        self.scanner.report(
            Diagnostic::error("json-mismatched-bracket", message, origin)
                .with_related(opened, "this one is open")
                .with_help("close the inner one first"),
        )?;
        Ok(Stop)
    }

    fn unclosed(&mut self) -> Result<Stop, Stop> {
        if self.frames.is_empty() {
            return Ok(Stop);
        }
        let message = "the text ends before this bracket is closed";
        let mut fault =
            Diagnostic::error("json-unclosed-bracket", message, self.innermost_bracket())
                .with_related(self.scanner.origin_here(), "the text ends here")
                .with_help("close it with `}` or `]`");
        if self.scanner.grammar == Grammar::Json
            && let Some(Suspect { open, close }) = suspects::find(self.scanner.text)
        {
            let place = |at| self.scanner.origin_between(at, at + 1);
            fault = fault
                .with_related(place(open), "but this one may be the one left open")
                .with_related(place(close), "as it is closed here, at another indentation");
        }
        self.scanner.report(fault)?;
        Ok(Stop)
    }

    fn too_deep(&mut self) -> Result<Stop, Stop> {
        let message = format!("more than {} brackets are open at once", self.max_depth);
        let origin = self.scanner.origin_here();
        self.scanner.report(
            Diagnostic::error("json-too-deep", message, origin)
                .with_help("nest less, or raise `limits.depth`"),
        )?;
        Ok(Stop)
    }

    fn innermost_bracket(&self) -> Origin {
        let open = match self.frames.last() {
            Some(Frame::List { open, .. } | Frame::Object { open, .. }) => *open,
            None => 0,
        };
        self.scanner.origin_between(open, open + 1)
    }
}

fn repeated_key(key: &str, covered: Covered) -> Diagnostic {
    let message = format!("{} is set twice in this object", Quoted(key));
    Diagnostic::warning("json-repeated-key", message, covered.by)
        .with_related(covered.origin, "it is set here first")
        .with_help("take one of them out; of two values the later one counts")
}
