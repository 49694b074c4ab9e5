//! The part of a tree that is still being read: an explicit stack in place of recursion.

use std::{ops::Range, sync::Arc, vec::Drain};

use lean_string::LeanStr;

use crate::{
    object::Object,
    origin::Origin,
    overlay,
    value::{Piece, Spanned, Value},
};

/// The lists and objects that are open, outermost first.
///
/// Keys, list items, assignments and the pieces of values lie on stacks that all of them share, so
/// that none needs memory of its own before its size is known.
pub(super) struct Tree {
    frames: Vec<Frame>,
    keys: Vec<LeanStr>,
    items: Vec<Spanned>,
    entries: Vec<(LeanStr, Spanned)>,
    pieces: Vec<Piece>,
    lists: usize,
}

/// An open list or object, and the value that is being read in it.
pub(super) struct Frame {
    container: Container,
    /// Where its bracket is; `None` for a root object without braces.
    pub(super) bracket: Option<usize>,
    /// How the value that is being read is assigned.
    pub(super) operator: Operator,
    /// The last piece of that value.
    pub(super) tail: Tail,
    first_key: usize,
    first_piece: usize,
}

enum Container {
    List {
        first_item: usize,
    },
    Object {
        object: Object,
        /// The first assignment that waits to be made in it.
        first_entry: usize,
    },
}

/// What was put off for the first key of a path.
pub(super) enum Waiting<'t> {
    /// Nothing, nor has the key been assigned yet.
    Nothing,
    /// An object, its place, and the rest of the path.
    Object { object: &'t mut Object, origin: &'t mut Origin, keys: &'t [LeanStr] },
    /// That cannot be told before what was put off is assigned.
    Unknown,
}

/// What an object or list is, as its bracket says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Object,
}

/// How a value is assigned to its key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=` or `:`.
    Set,
    /// `+=`.
    Append,
    /// None: `key { … }`, where nothing may follow the braces.
    Braces,
}

/// The last piece of a value, as far as the next one depends on it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Tail {
    /// There is no piece yet, or it takes no part in the blanks behind it.
    Bare,
    /// Unquoted text, and where the blanks behind it are.
    Word(Range<usize>),
    /// Any other piece to which the blanks behind it belong.
    Other(Range<usize>),
}

impl Tree {
    /// Makes a tree of which nothing is read. Its stacks have room for what most texts hold, as
    /// growing them step by step costs more than reading a small text.
    pub(super) fn new() -> Self {
        Self {
            frames: Vec::with_capacity(8),
            keys: Vec::with_capacity(16),
            items: Vec::with_capacity(16),
            entries: Vec::with_capacity(64),
            pieces: Vec::new(),
            lists: 0,
        }
    }

    pub(super) fn open(&mut self, kind: Kind, bracket: Option<usize>) {
        let container = match kind {
            Kind::List => {
                self.lists += 1;
                Container::List { first_item: self.items.len() }
            }
            Kind::Object => {
                Container::Object { object: Object::new(), first_entry: self.entries.len() }
            }
        };
        self.frames.push(Frame {
            container,
            bracket,
            operator: Operator::Set,
            tail: Tail::Bare,
            first_key: self.keys.len(),
            first_piece: self.pieces.len(),
        });
    }

    /// Takes the innermost list or object off the stack, with its bracket.
    pub(super) fn close(&mut self) -> Option<(Value, Option<usize>)> {
        let frame = self.frames.pop()?;
        self.keys.truncate(frame.first_key);
        self.pieces.truncate(frame.first_piece);
        let value = match frame.container {
            Container::Object { object, first_entry } => {
                debug_assert_eq!(first_entry, self.entries.len(), "an assignment was not made");
                Value::object(object)
            }
            Container::List { first_item } => {
                self.lists -= 1;
                let items: Arc<[Spanned]> = self.items.drain(first_item..).collect();
                Value::Array(items)
            }
        };
        Some((value, frame.bracket))
    }

    /// Forgets the entry that is being read.
    pub(super) fn abandon_entry(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            self.keys.truncate(frame.first_key);
            self.pieces.truncate(frame.first_piece);
            frame.tail = Tail::Bare;
        }
    }

    #[inline]
    pub(super) fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    #[inline]
    pub(super) fn kind(&self) -> Kind {
        self.frames.last().map_or(Kind::Object, Frame::kind)
    }

    /// Whether the innermost object is the root.
    #[inline]
    pub(super) fn is_at_root(&self) -> bool {
        self.frames.len() == 1
    }

    /// Returns the brackets that are open, innermost first, each with its kind.
    pub(super) fn brackets(&self) -> impl Iterator<Item = (Kind, usize)> {
        self.frames.iter().rev().filter_map(|frame| Some((frame.kind(), frame.bracket?)))
    }

    /// Whether what is being read lies in a list, or in an object that will be put into one.
    pub(super) fn is_in_list(&self) -> bool {
        let above = self.frames.split_last().map_or(&[][..], |(_, above)| above);
        self.lists > 0 || above.iter().any(|frame| frame.operator == Operator::Append)
    }

    /// Returns how far below the root of the text the next value lies: keys and lists.
    pub(super) fn levels(&self) -> usize {
        self.keys.len() + self.lists
    }

    /// Adds a key to the path that is being assigned.
    #[inline]
    pub(super) fn add_key(&mut self, key: LeanStr) {
        self.keys.push(key);
    }

    /// Returns the keys of all open assignments, outermost first.
    pub(super) fn keys_from_root(&self) -> &[LeanStr] {
        &self.keys
    }

    /// Returns the path that is being assigned in the innermost object.
    #[inline]
    pub(super) fn keys(&self) -> &[LeanStr] {
        let first = self.frames.last().map_or(0, |frame| frame.first_key);
        self.keys.get(first..).unwrap_or_default()
    }

    /// Puts the assignment of a value to a single key off until the innermost object is closed, or
    /// until one that has to look at what is there.
    ///
    /// The key is taken from its place whole: a `pop` looks at a part of it first, and then the
    /// processor waits for the parts to come together.
    #[inline]
    pub(super) fn add_entry(&mut self, value: Spanned) {
        if let Some(key) = self.keys.last_mut() {
            let key = std::mem::take(key);
            self.entries.push((key, value));
        }
        self.keys.pop();
    }

    /// Puts an assignment of several keys off, as an object below the first of them.
    pub(super) fn add_nested_entry(&mut self, value: Spanned) {
        let first = self.frames.last().map_or(0, |frame| frame.first_key);
        let mut keys = self.keys.drain(first..);
        if let Some(key) = keys.next() {
            self.entries.push((key, overlay::nested(keys.as_slice(), value)));
        }
    }

    /// Looks for the first key of the path that is being assigned among what was put off.
    pub(super) fn waiting(&mut self) -> Waiting<'_> {
        /// With more of them it is faster to make the assignments than to look through them.
        const MAX_WAITING: usize = 16;
        let Some(frame) = self.frames.last_mut() else { return Waiting::Unknown };
        let Container::Object { object, first_entry } = &frame.container else {
            return Waiting::Unknown;
        };
        let entries = self.entries.get_mut(*first_entry..).unwrap_or_default();
        let keys = self.keys.get(frame.first_key..).and_then(<[_]>::split_first);
        let Some((first, rest)) = keys else { return Waiting::Unknown };
        if !object.is_empty() || entries.len() > MAX_WAITING {
            return Waiting::Unknown;
        }
        let mut same = entries.iter_mut().filter(|(key, _)| key == first);
        match (same.next(), same.next()) {
            (None, _) => Waiting::Nothing,
            (Some((_, Spanned { value: Value::Object(object), origin })), None) => {
                Waiting::Object { object: Arc::make_mut(object), origin, keys: rest }
            }
            _ => Waiting::Unknown,
        }
    }

    /// Takes the assignments that were put off, for the innermost object.
    pub(super) fn take_entries(
        &mut self,
    ) -> Option<(&mut Object, impl ExactSizeIterator<Item = (LeanStr, Spanned)>)> {
        let frame = self.frames.last_mut()?;
        let Container::Object { object, first_entry } = &mut frame.container else { return None };
        Some((object, self.entries.drain(*first_entry..)))
    }

    /// Gives the innermost object, if it is one, and the path that is being assigned in it.
    pub(super) fn assignment(&mut self) -> Option<(&mut Object, &[LeanStr])> {
        let frame = self.frames.last_mut()?;
        let Container::Object { object, .. } = &mut frame.container else { return None };
        Some((object, self.keys.get(frame.first_key..).unwrap_or_default()))
    }

    /// Whether the path that is being assigned in the innermost object is a single key.
    #[inline]
    pub(super) fn has_single_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.keys.len() == frame.first_key + 1)
    }

    /// Forgets the path that was assigned in the innermost object.
    pub(super) fn clear_keys(&mut self) {
        let first = self.frames.last().map_or(0, |frame| frame.first_key);
        self.keys.truncate(first);
    }

    pub(super) fn add_item(&mut self, item: Spanned) {
        self.items.push(item);
    }

    pub(super) fn add_piece(&mut self, space: LeanStr, value: Spanned, tail: Tail) {
        self.pieces.push(Piece { space, value });
        if let Some(frame) = self.frames.last_mut() {
            frame.tail = tail;
        }
    }

    /// Returns the last piece of the value that is being read, and what follows it.
    pub(super) fn last_piece(&mut self) -> Option<(&mut Piece, &Tail)> {
        let frame = self.frames.last()?;
        let piece = self.pieces.get_mut(frame.first_piece..)?.last_mut()?;
        Some((piece, &frame.tail))
    }

    /// Whether a piece of the value that is being read is kept already.
    #[inline]
    pub(super) fn has_pieces(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.pieces.len() > frame.first_piece)
    }

    /// Takes the value that is being read, if it is one piece.
    pub(super) fn take_single_piece(&mut self) -> Option<Spanned> {
        let first = self.frames.last()?.first_piece;
        if self.pieces.len() != first + 1 {
            return None;
        }
        self.take_pieces().next().map(|piece| piece.value)
    }

    /// Takes the pieces of the value that is being read.
    pub(super) fn take_pieces(&mut self) -> Drain<'_, Piece> {
        let first = self.frames.last_mut().map_or(0, |frame| {
            frame.tail = Tail::Bare;
            frame.first_piece
        });
        self.pieces.drain(first..)
    }
}

impl Frame {
    fn kind(&self) -> Kind {
        match self.container {
            Container::List { .. } => Kind::List,
            Container::Object { .. } => Kind::Object,
        }
    }
}
