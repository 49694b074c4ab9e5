//! HOCON as the stock clients read it: the grammar of `pyhocon` as `clearml` 2.1.12 vendors it.
//!
//! The tree is built while the text is read: a frame for each open bracket, no node for syntax.

mod scan;
mod value;

use smol_str::SmolStr;

use crate::{
    context::IncludeForm,
    diagnostic::Diagnostic,
    document::Reading,
    key_path::KeyPath,
    object::Object,
    origin::{Origin, SourceText},
    overlay::{assign, overlay_object},
    value::{Spanned, Value},
};
use scan::Scanner;
use value::{Pieces, Sign};

/// Parses a text into its root, an object or a list.
pub(super) fn parse(text: &SourceText, reading: &mut Reading<'_>) -> Option<Spanned> {
    Parser { scanner: Scanner::new(text), text, reading, frames: Vec::new() }.run()
}

struct Parser<'t, 'r, 'c> {
    scanner: Scanner<'t>,
    text: &'t SourceText,
    reading: &'r mut Reading<'c>,
    frames: Vec<Frame>,
}

/// An open bracket, and the value that was begun before it.
struct Frame {
    container: Container,
    opened: Origin,
    /// Levels of the tree down to here, dotted keys counted.
    depth: usize,
    /// The pieces side by side of the value that is being read in it.
    pieces: Option<Pieces>,
}

enum Container {
    /// `implied` says that the root has no braces.
    Object {
        object: Object,
        key: Vec<SmolStr>,
        sign: Sign,
        implied: bool,
    },
    List {
        items: Vec<Spanned>,
    },
}

/// A finding, after which the text is read no further.
#[derive(Debug)]
pub(super) struct Fault(Box<Diagnostic>);

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(Box::new(diagnostic))
    }
}

impl From<Box<Diagnostic>> for Fault {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self(diagnostic)
    }
}

impl Parser<'_, '_, '_> {
    fn run(mut self) -> Option<Spanned> {
        match self.root() {
            Ok(root) => Some(root),
            Err(fault) => {
                self.reading.report(*fault.0);
                None
            }
        }
    }

    fn root(&mut self) -> Result<Spanned, Fault> {
        self.scanner.skip_blanks_lines_comments();
        let opened = self.scanner.here(1);
        match self.scanner.peek() {
            Some(b'{') => self.open_object()?,
            Some(b'[') => self.open_list()?,
            _ => self.push(Container::object(true), opened, 0)?,
        }
        let root = loop {
            if let Some(root) = self.step()? {
                break root;
            }
        };
        self.scanner.skip_separators_comments();
        match self.scanner.peek() {
            None => Ok(root),
            Some(_) => Err(self.unexpected("after the end of the configuration")),
        }
    }

    /// Reads one thing of the innermost frame; gives the root when the last frame is closed.
    fn step(&mut self) -> Result<Option<Spanned>, Fault> {
        match self.frames.last() {
            Some(Frame { pieces: Some(_), .. }) => self.value_step(),
            Some(Frame { container: Container::Object { .. }, .. }) => self.object_step(),
            _ => self.list_step(),
        }
    }

    fn object_step(&mut self) -> Result<Option<Spanned>, Fault> {
        self.scanner.skip_separators_comments();
        let implied = matches!(
            self.frames.last(),
            Some(Frame { container: Container::Object { implied: true, .. }, .. })
        );
        match self.scanner.peek() {
            Some(b'}') if !implied => {
                self.scanner.advance(1);
                self.close()
            }
            None if implied => self.close(),
            None => Err(self.unclosed()),
            Some(_) if self.include()? => Ok(None),
            Some(_) => self.key().map(|()| None),
        }
    }

    fn key(&mut self) -> Result<(), Fault> {
        let start = self.scanner.at;
        let path = self.scanner.key_path()?;
        let keys = path.len();
        if keys > self.reading.context.limits.path_keys {
            return Err(Self::too_deep(self.scanner.from(start)));
        }
        let name = self.scanner.from(start);
        self.scanner.skip_blanks_lines_comments();
        let next = match self.scanner.peek() {
            Some(b'{') => None,
            Some(b'=' | b':') => Some(Sign::Set),
            Some(b'+') if self.scanner.peek_at(1) == Some(b'=') => Some(Sign::Append),
            _ => return Err(scan::no_value(name)),
        };
        if let Some(Frame { container: Container::Object { key, sign, .. }, .. }) =
            self.frames.last_mut()
        {
            *key = path;
            *sign = next.unwrap_or(Sign::Braces);
        }
        match next {
            None => {
                self.begin_value();
                self.open_object()
            }
            Some(sign) => {
                self.scanner.advance(if sign == Sign::Append { 2 } else { 1 });
                self.scanner.skip_blanks_lines_comments();
                self.begin_value();
                Ok(())
            }
        }
    }

    fn list_step(&mut self) -> Result<Option<Spanned>, Fault> {
        self.scanner.skip_separators_comments();
        match self.scanner.peek() {
            Some(b']') => {
                self.scanner.advance(1);
                self.close()
            }
            None | Some(b'}') => Err(self.unclosed()),
            Some(_) if self.include()? => Ok(None),
            Some(_) => {
                self.begin_value();
                Ok(None)
            }
        }
    }

    /// Reads the next piece of the value of the innermost frame, or ends the value.
    fn value_step(&mut self) -> Result<Option<Spanned>, Fault> {
        self.scanner.skip_blanks_continued();
        match self.scanner.peek() {
            Some(b'{') => self.open_object().map(|()| None),
            Some(b'[') => self.open_list().map(|()| None),
            None | Some(b'\n' | b'\r' | b',' | b'}' | b']' | b'#') => {
                self.end_value().map(|()| None)
            }
            Some(b'/') if self.scanner.peek_at(1) == Some(b'/') => self.end_value().map(|()| None),
            Some(_) => {
                let piece = self.scanner.piece()?;
                if piece.value.value.is_open() {
                    self.reading.opens += 1;
                }
                self.add_piece(piece);
                Ok(None)
            }
        }
    }

    fn begin_value(&mut self) {
        let here = self.scanner.here(0);
        if let Some(frame) = self.frames.last_mut() {
            frame.pieces = Some(Pieces::new(here));
        }
    }

    fn add_piece(&mut self, piece: value::Token) {
        if let Some(Frame { pieces: Some(pieces), .. }) = self.frames.last_mut() {
            pieces.push(piece);
        }
    }

    fn end_value(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let Some(pieces) = frame.pieces.take() else { return Ok(()) };
        match &mut frame.container {
            Container::List { items } => {
                let value = pieces.join(&mut self.reading.opens)?;
                // The stock parser leaves empty strings out of a list (`ListParser.postParse`).
                if value.value.as_str() != Some("") {
                    items.push(value);
                }
            }
            Container::Object { object, key, sign, .. } => {
                let value = pieces.assigned(*sign, key, &mut self.reading.opens)?;
                assign(object, key, value);
            }
        }
        Ok(())
    }

    fn open_object(&mut self) -> Result<(), Fault> {
        let opened = self.scanner.here(1);
        self.scanner.advance(1);
        self.push(Container::object(false), opened, self.keys_here())
    }

    fn open_list(&mut self) -> Result<(), Fault> {
        let opened = self.scanner.here(1);
        self.scanner.advance(1);
        self.push(Container::List { items: Vec::new() }, opened, self.keys_here())
    }

    fn keys_here(&self) -> usize {
        match self.frames.last() {
            Some(Frame { container: Container::Object { key, .. }, .. }) => key.len(),
            Some(_) => 1,
            None => 0,
        }
    }

    fn push(&mut self, container: Container, opened: Origin, keys: usize) -> Result<(), Fault> {
        let depth = self.frames.last().map_or(0, |frame| frame.depth) + keys;
        let limits = &self.reading.context.limits;
        if self.frames.len() > limits.depth
            || depth + limits.path_keys > limits.tree_depth + limits.path_keys
        {
            return Err(Self::too_deep(opened));
        }
        self.frames.push(Frame { container, opened, depth, pieces: None });
        Ok(())
    }

    /// Closes the innermost frame and hands its value to the one around it.
    fn close(&mut self) -> Result<Option<Spanned>, Fault> {
        let Some(frame) = self.frames.pop() else { return Ok(None) };
        let origin = frame.opened.to(self.scanner.here(0));
        let value = match frame.container {
            Container::Object { object, .. } => Value::object(object),
            Container::List { items } => Value::array(items),
        };
        let value = value.spanned(origin);
        let Some(outer) = self.frames.last_mut() else { return Ok(Some(value)) };
        let pieces = outer.pieces.get_or_insert_with(|| Pieces::new(origin));
        pieces.push(value::Token::bracket(value));
        // `key { … }` ends at its brace: nothing can stand beside it.
        if matches!(outer.container, Container::Object { sign: Sign::Braces, .. }) {
            self.end_value()?;
        }
        Ok(None)
    }

    fn include(&mut self) -> Result<bool, Fault> {
        let Some((form, target, required, origin)) = self.scanner.include()? else {
            return Ok(false);
        };
        let (name, below) = (self.text.name.clone(), KeyPath::root());
        let include: (IncludeForm, &str, bool) = (form, &target, required);
        let read = self.reading.include(include, (&name, origin), below, |reading, text| {
            crate::syntax::parse(text, reading)
        });
        for root in read {
            match (self.frames.last_mut().map(|frame| &mut frame.container), root.value) {
                (Some(Container::Object { object, .. }), Value::Object(included)) => {
                    overlay_object(object, &included);
                }
                (Some(Container::List { items }), Value::Array(included)) => {
                    items.extend(included.iter().cloned());
                }
                _ => {
                    let message = "the included text does not fit here";
                    return Err(Diagnostic::error("hocon-include", message, origin)
                        .with_help("include an object among keys, a list among items")
                        .into());
                }
            }
        }
        Ok(true)
    }

    fn unclosed(&self) -> Fault {
        let opened = self.frames.last().map_or_else(Origin::default, |frame| frame.opened);
        let (what, closing) = match self.frames.last().map(|frame| &frame.container) {
            Some(Container::List { .. }) => ("list", "]"),
            _ => ("object", "}"),
        };
        Diagnostic::error("hocon-unclosed", format!("this {what} is never closed"), opened)
            .with_related(self.scanner.here(0), "the text ends here")
            .with_help(format!("add `{closing}`"))
            .into()
    }

    fn too_deep(origin: Origin) -> Fault {
        Diagnostic::error("hocon-too-deep", "this nests too deep", origin)
            .with_help("nest less, or raise `limits.depth` or `limits.path_keys`")
            .into()
    }

    fn unexpected(&self, place: &str) -> Fault {
        scan::unexpected(self.scanner.here(1), place)
    }
}

impl Container {
    fn object(implied: bool) -> Self {
        Self::Object { object: Object::new(), key: Vec::new(), sign: Sign::Set, implied }
    }
}
