//! The walk through a HOCON text that both dialects share: entries, values, brackets.

use super::{
    ParseText,
    scanner::{Fault, Scanner},
    tree::{Kind, Operator, Tail, Tree},
};
use crate::{context::Limits, origin::Origin, value::Spanned};

/// Reads one text; `D` is what a dialect has to remember.
pub(super) struct Reader<'t, 'r, 'c, D> {
    pub(super) scanner: Scanner<'t, 'r, 'c>,
    pub(super) tree: Tree,
    pub(super) dialect: D,
    pub(super) parse: ParseText,
    pub(super) max_brackets: usize,
    pub(super) max_levels: usize,
    pub(super) nodes_left: u64,
    root: Option<Spanned>,
}

/// What a dialect knows, as far as the walk asks for it.
pub(super) trait Dialect {
    /// Skips blanks within a line.
    fn skip_blanks(&mut self);

    /// Skips blanks, line ends and comments.
    fn skip_lines(&mut self);

    /// Skips what may stand before an entry or the bracket that closes its list or object.
    fn skip_to_entry(&mut self);

    /// Takes what has to separate an entry, which has just been read, from the next one.
    fn end_entry(&mut self) -> Result<(), Fault>;

    /// Takes an include that stands in place of a key; says whether there was one.
    fn take_include(&mut self) -> Result<bool, Fault>;

    /// Takes the path of keys that begins here.
    fn take_key(&mut self) -> Result<(), Fault>;

    /// Takes the next piece of a value, which begins here, and the blanks behind it.
    fn take_piece(&mut self) -> Result<Taken, Fault>;

    /// Keeps a piece of the value that is being read.
    fn add_piece(&mut self, value: Spanned, tail: Tail);

    /// Changes a piece to what it is as the last one of a value.
    fn end_piece(value: &mut Spanned, tail: &Tail);

    /// Joins the pieces that were kept, of which there are two at least.
    fn join_pieces(&mut self) -> Result<Spanned, Fault>;

    /// Returns the value of no pieces, whose place is `at`.
    fn no_pieces(&mut self, at: usize) -> Result<Spanned, Fault>;

    /// Whether an item is left out of a list.
    fn is_dropped(&self, item: &Spanned) -> bool;

    /// Assigns a value to the keys that were taken.
    fn assign(&mut self, value: Spanned) -> Result<(), Fault>;

    /// Makes the assignments that were put off.
    fn place_entries(&mut self) -> Result<(), Fault>;
}

/// What stood where a piece of a value may stand.
pub(super) enum Taken {
    /// A piece, which is kept now, or something that is no part of the value, which goes on.
    Piece,
    /// A piece that is the whole value, which is added now.
    Value,
    /// A bracket, which is the next byte.
    Bracket(Kind),
    /// Neither: the value ends here.
    End,
}

/// What is read next.
enum Next {
    /// A key, an item, or the end of the innermost list or object.
    Entry,
    /// The rest of a value.
    Piece,
    /// Nothing: the root is closed.
    End,
}

impl<'t, 'r, 'c, D> Reader<'t, 'r, 'c, D>
where
    Self: Dialect,
{
    pub(super) fn new(scanner: Scanner<'t, 'r, 'c>, dialect: D, parse: ParseText) -> Self {
        let limits = &scanner.reading.context.limits;
        let levels_above = scanner.reading.levels_above;
        Self {
            max_brackets: limits.depth,
            max_levels: limits
                .tree_depth
                .min(Limits::TREE_DEPTH_CEILING)
                .saturating_sub(levels_above),
            nodes_left: limits.nodes,
            root: None,
            tree: Tree::new(),
            scanner,
            dialect,
            parse,
        }
    }

    /// Reads the whole text. A root beside an error must not be used.
    pub(super) fn read(mut self) -> Option<Spanned> {
        let mut step = self.begin_root();
        loop {
            step = match step {
                Ok(Next::Entry) => self.read_entry(),
                Ok(Next::Piece) => self.read_value(),
                Ok(Next::End) => return self.end(),
                Err(Fault::Entry) => self.recover(),
                Err(Fault::Text) => return None,
            };
        }
    }

    fn begin_root(&mut self) -> Result<Next, Fault> {
        self.skip_lines();
        match self.scanner.peek() {
            Some(b'[') => self.open(Kind::List),
            Some(b'{') => self.open(Kind::Object),
            _ => {
                self.tree.open(Kind::Object, None);
                Ok(Next::Entry)
            }
        }
    }

    fn read_entry(&mut self) -> Result<Next, Fault> {
        self.skip_to_entry();
        match self.scanner.peek() {
            None => self.end_text(),
            Some(b'}') => self.close(Kind::Object),
            Some(b']') => self.close(Kind::List),
            Some(_) => match self.tree.kind() {
                Kind::List => self.read_value(),
                Kind::Object => self.read_assignment(),
            },
        }
    }

    fn read_assignment(&mut self) -> Result<Next, Fault> {
        if self.take_include()? {
            self.end_entry()?;
            return Ok(Next::Entry);
        }
        let start = self.scanner.at;
        self.take_key()?;
        self.skip_lines();
        let operator = self.take_operator(start)?;
        if let Some(frame) = self.tree.top() {
            frame.operator = operator;
        }
        if operator == Operator::Braces {
            return self.open(Kind::Object);
        }
        self.skip_lines();
        self.read_value()
    }

    #[inline]
    fn take_operator(&mut self, key_start: usize) -> Result<Operator, Fault> {
        match self.scanner.peek() {
            Some(b'=' | b':') => {
                self.scanner.at += 1;
                Ok(Operator::Set)
            }
            Some(b'+') if self.scanner.is_at(b"+=") => {
                self.scanner.at += 2;
                Ok(Operator::Append)
            }
            Some(b'{') => Ok(Operator::Braces),
            _ => Err(self.no_operator(key_start)),
        }
    }

    /// Reads the pieces of a value, up to a bracket or its end.
    #[inline]
    fn read_value(&mut self) -> Result<Next, Fault> {
        let start = self.scanner.at;
        loop {
            match self.take_piece()? {
                Taken::Value => return Ok(Next::Entry),
                Taken::Piece => {}
                Taken::Bracket(kind) => return self.open(kind),
                Taken::End => {
                    self.end_value(start)?;
                    return Ok(Next::Entry);
                }
            }
        }
    }

    /// Adds a piece that is the whole value, as nearly all are, and keeps any other until the value
    /// ends.
    #[inline]
    pub(super) fn add_or_keep(&mut self, mut value: Spanned, tail: Tail) -> Result<Taken, Fault> {
        if self.tree.has_pieces() {
            self.count_node(value.origin)?;
        } else if self.scanner.is_at_end_of_value() {
            Self::end_piece(&mut value, &tail);
            self.add_value(value)?;
            return Ok(Taken::Value);
        }
        self.add_piece(value, tail);
        Ok(Taken::Piece)
    }

    /// Adds the value that was kept piece by piece and began at `start`.
    #[inline(never)]
    fn end_value(&mut self, start: usize) -> Result<(), Fault> {
        if let Some((piece, tail)) = self.tree.last_piece() {
            Self::end_piece(&mut piece.value, tail);
        }
        let value = if !self.tree.has_pieces() {
            self.no_pieces(start)?
        } else if let Some(value) = self.tree.take_single_piece() {
            value
        } else {
            self.join_pieces()?
        };
        self.add_value(value)
    }

    /// Puts a value into the innermost list or object.
    #[inline]
    fn add_value(&mut self, value: Spanned) -> Result<(), Fault> {
        self.count_node(value.origin)?;
        match self.tree.kind() {
            Kind::List if self.is_dropped(&value) => {}
            Kind::List => self.tree.add_item(value),
            Kind::Object => self.assign(value)?,
        }
        self.end_entry()
    }

    /// Takes the bracket that opens a list or object, within the limits.
    fn open(&mut self, kind: Kind) -> Result<Next, Fault> {
        if self.tree.brackets().count() >= self.max_brackets {
            return Err(self.too_deep("depth", self.max_brackets));
        }
        let lists = usize::from(kind == Kind::List);
        if self.tree.levels() + lists > self.max_levels {
            return Err(self.too_deep("tree_depth", self.max_levels));
        }
        self.tree.open(kind, Some(self.scanner.at));
        self.scanner.at += 1;
        Ok(Next::Entry)
    }

    /// Takes a closing bracket. Where it closes an outer one, the inner ones end here, too.
    fn close(&mut self, kind: Kind) -> Result<Next, Fault> {
        let innermost = self.tree.brackets().next();
        if innermost.is_some_and(|(open, _)| open == kind) {
            self.scanner.at += 1;
        } else {
            self.mismatched_bracket(kind)?;
        }
        self.end_innermost()
    }

    /// Ends the innermost list or object here.
    fn end_innermost(&mut self) -> Result<Next, Fault> {
        self.place_entries()?;
        let Some((value, bracket)) = self.tree.close() else { return Err(Fault::Text) };
        let value = value.spanned(self.scanner.origin(bracket.unwrap_or(0)));
        let Some(operator) = self.tree.top().map(|frame| frame.operator) else {
            self.root = Some(value);
            return Ok(Next::End);
        };
        if operator == Operator::Braces {
            self.add_value(value)?;
            return Ok(Next::Entry);
        }
        self.count_node(value.origin)?;
        self.add_piece(value, Tail::Bare);
        self.skip_blanks();
        Ok(Next::Piece)
    }

    fn end_text(&mut self) -> Result<Next, Fault> {
        if self.tree.brackets().next().is_some() {
            return Err(self.unclosed_bracket());
        }
        self.end_innermost()
    }

    /// Goes on with the next entry after a fault.
    fn recover(&mut self) -> Result<Next, Fault> {
        self.tree.abandon_entry();
        self.skip_entry()?;
        Ok(Next::Entry)
    }

    /// Gives the root, behind which nothing may follow.
    fn end(mut self) -> Option<Spanned> {
        self.skip_to_entry();
        let root = self.root.take()?;
        if self.scanner.peek().is_some() {
            self.text_after_end(root.origin);
        }
        Some(root)
    }

    /// Counts a value against `Limits::nodes`.
    #[inline]
    fn count_node(&mut self, origin: Origin) -> Result<(), Fault> {
        match self.nodes_left.checked_sub(1) {
            Some(left) => {
                self.nodes_left = left;
                Ok(())
            }
            None => Err(self.too_many_values(origin)),
        }
    }
}
