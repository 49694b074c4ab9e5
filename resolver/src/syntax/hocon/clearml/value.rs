//! Values: the tokens of the clients' dialect, and how tokens side by side join.

use memchr::memmem;
use smol_str::{SmolStr, SmolStrBuilder};

use super::{
    Fault,
    scan::{self, Scanner},
};
use crate::{
    concat::{as_text, join},
    context::Mode,
    key_path::KeyPath,
    number::Number,
    origin::Origin,
    value::{Open, Piece, Reference, Spanned, Value},
};

/// How a key and its value are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// `:` or `=`.
    Set,
    /// `+=`.
    Append,
    /// Nothing: a brace follows.
    Braces,
}

/// One token of a value.
pub(super) struct Token {
    pub(super) value: Spanned,
    /// The blanks after it that count when something follows.
    space: SmolStr,
    /// Whether its text ends in blanks that do not count at the end of a value.
    unquoted: bool,
}

impl Token {
    pub(super) fn bracket(value: Spanned) -> Self {
        Self { value, space: SmolStr::default(), unquoted: false }
    }
}

/// Tokens side by side.
pub(super) struct Pieces {
    tokens: Vec<Token>,
    start: Origin,
}

impl Pieces {
    pub(super) fn new(start: Origin) -> Self {
        Self { tokens: Vec::new(), start }
    }

    pub(super) fn push(&mut self, token: Token) {
        self.tokens.push(token);
    }

    /// Joins the tokens to one value; none make the empty string.
    pub(super) fn join(mut self, opens: &mut usize) -> Result<Spanned, Fault> {
        if let Some(Token { value, unquoted: true, .. }) = self.tokens.last_mut()
            && let Value::String(text) = &value.value
        {
            value.value = Value::from(text.trim_end_matches([' ', '\t']));
        }
        let origin = match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => first.value.origin.to(last.value.origin),
            _ => self.start,
        };
        if self.tokens.len() == 1 {
            return Ok(self.tokens.remove(0).value);
        }
        if self.tokens.is_empty() {
            return Ok(Value::from("").spanned(origin));
        }
        let mut space = SmolStr::default();
        let pieces = self.tokens.into_iter().map(|token| {
            let before = std::mem::replace(&mut space, token.space);
            (before, token.value)
        });
        let pieces: Vec<_> = pieces.collect();
        if pieces.iter().any(|(_, piece)| piece.value.is_open()) {
            *opens += 1;
            let pieces = pieces.into_iter().map(|(space, value)| Piece { space, value });
            return Ok(Value::Open(Open::Concat(pieces.collect()).into()).spanned(origin));
        }
        let pieces = pieces.into_iter().map(|(space, piece)| (space, Some(piece))).collect();
        let joined = join(pieces, Mode::Clearml, origin)?;
        Ok(joined.unwrap_or_else(|| Value::Null.spanned(origin)))
    }

    /// Joins the tokens to the value that a key is given.
    ///
    /// `+=` joins a list to a list and a text to a text, through a reference to the key as it is
    /// written, which leads from the root; anything else it sets (`ConfigTreeParser.postParse`).
    pub(super) fn assigned(
        self,
        sign: Sign,
        keys: &[SmolStr],
        opens: &mut usize,
    ) -> Result<Spanned, Fault> {
        let value = self.join(opens)?;
        let origin = value.origin;
        let added = match (sign, &value.value) {
            (Sign::Append, Value::Array(_)) => value,
            (Sign::Append, Value::String(text)) => {
                let mut spaced = SmolStrBuilder::new();
                spaced.push(' ');
                spaced.push_str(&as_text(&Value::String(text.clone()), Mode::Clearml));
                Value::String(spaced.finish()).spanned(origin)
            }
            _ => return Ok(value),
        };
        let path: KeyPath = keys.iter().cloned().collect();
        let name = SmolStr::new(keys.join("."));
        let earlier = Reference { path, name, optional: true, included_below: 0 };
        let earlier = Value::Open(Open::Reference(earlier).into()).spanned(origin);
        *opens += 2;
        let pieces = [earlier, added].map(|value| Piece { space: SmolStr::default(), value });
        Ok(Value::Open(Open::Concat(pieces.into()).into()).spanned(origin))
    }
}

impl Scanner<'_> {
    /// Reads one token of a value; brackets are not among them.
    pub(super) fn piece(&mut self) -> Result<Token, Fault> {
        let rest = self.rest();
        if rest.starts_with("\"\"\"") {
            return self.triple_quoted();
        }
        match rest.as_bytes().first() {
            Some(b'"') => self.quoted_string(),
            Some(b'$') => self.reference(),
            _ => {
                if let Some(length) = number_length(rest) {
                    let number = rest.get(..length).and_then(Number::parse);
                    if let Some(number) = number {
                        return Ok(self.token(length, Value::Number(number)));
                    }
                }
                if let Some((length, value)) = keyword(rest) {
                    let spaced = matches!(value, Value::Null);
                    let mut token = self.token(length, value);
                    if spaced {
                        token.space = self.take_blanks();
                    }
                    return Ok(token);
                }
                self.unquoted()
            }
        }
    }

    fn token(&mut self, length: usize, value: Value) -> Token {
        let origin = self.here(length);
        self.advance(length);
        Token { value: value.spanned(origin), space: SmolStr::default(), unquoted: false }
    }

    fn triple_quoted(&mut self) -> Result<Token, Fault> {
        let inside = self.rest().get(3..).unwrap_or_default();
        let Some(end) = memmem::find(inside.as_bytes(), b"\"\"\"") else {
            return Err(scan::unclosed_quote(self.here(3)));
        };
        // Quotes beyond the closing three belong to the text.
        let extra = inside.bytes().skip(end + 3).take_while(|byte| *byte == b'"').count();
        let text = inside.get(..end + extra).unwrap_or_default();
        Ok(self.token(end + extra + 6, Value::String(tabs_expanded(text, self.before(), 3))))
    }

    fn quoted_string(&mut self) -> Result<Token, Fault> {
        let Some((text, length)) = quoted(self.rest(), self.before()) else {
            return Err(scan::unclosed_quote(self.here(1)));
        };
        let mut token = self.token(length, Value::String(text));
        token.space = self.take_blanks();
        Ok(token)
    }

    fn reference(&mut self) -> Result<Token, Fault> {
        let rest = self.rest();
        let inside = rest.strip_prefix("${").and_then(|inside| inside.split_once('}'));
        let Some((inside, _)) = inside.filter(|(inside, _)| !inside.is_empty()) else {
            return Err(scan::unexpected(self.here(1), "in a value"));
        };
        let length = inside.len() + "${}".len();
        let (name, optional) = match inside.strip_prefix('?') {
            Some(name) if !name.is_empty() => (name, true),
            _ => (inside, false),
        };
        let reference = Reference {
            path: reference_path(name),
            name: name.into(),
            optional,
            included_below: 0,
        };
        let mut token = self.token(length, Value::Open(Open::Reference(reference).into()));
        token.space = self.take_blanks();
        Ok(token)
    }

    fn unquoted(&mut self) -> Result<Token, Fault> {
        let rest = self.rest();
        let mut length = 0;
        let mut escapes = false;
        let mut characters = rest.char_indices();
        while let Some((at, character)) = characters.next() {
            if character == '\\' {
                if characters.next().is_none_or(|(_, escaped)| escaped == '\n') {
                    break;
                }
                escapes = true;
            } else if !is_unquoted(character) {
                break;
            }
            length = at + character.len_utf8();
            if character == '\\' {
                length = characters.offset();
            }
        }
        if length == 0 {
            return Err(scan::unexpected(self.here(1), "in a value"));
        }
        let blanks = rest.get(length..).unwrap_or_default();
        length += blanks.len() - blanks.trim_start_matches([' ', '\t']).len();
        let word = rest.get(..length).unwrap_or_default();
        let text = tabs_expanded(word, self.before(), 0);
        let text = if escapes { unescaped(&text) } else { text };
        let mut token = self.token(length, Value::String(text));
        token.unquoted = true;
        Ok(token)
    }

    fn take_blanks(&mut self) -> SmolStr {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.advance(length);
        rest.get(..length).unwrap_or_default().into()
    }
}

/// Reads a quoted text on one line; gives it decoded, and its length with the quotes.
pub(super) fn quoted(rest: &str, before: &str) -> Option<(SmolStr, usize)> {
    let inside = rest.strip_prefix('"')?;
    let mut escapes = false;
    let mut bytes = inside.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let text = inside.get(..at)?;
                let text = tabs_expanded(text, before, 1);
                let text = if escapes { unescaped(&text) } else { text };
                return Some((text, at + 2));
            }
            b'\\' => {
                escapes = true;
                if bytes.next()?.1 == b'\n' {
                    return None;
                }
            }
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// Decodes the escapes that pyhocon knows; others stay as they are typed.
fn unescaped(text: &str) -> SmolStr {
    let mut decoded = SmolStrBuilder::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => decoded.push('\n'),
                Some('r') => decoded.push('\r'),
                Some('t') => decoded.push('\t'),
                Some(same @ ('\\' | '=' | '#' | '!' | '"')) => decoded.push(same),
                Some(other) => {
                    decoded.push('\\');
                    decoded.push(other);
                }
                None => decoded.push('\\'),
            },
            other => decoded.push(other),
        }
    }
    decoded.finish()
}

/// Turns raw tabs into blanks up to the next column of eight, as the stock parser does with the
/// whole text before it reads any; `column` is where this part of it begins, from 0.
fn without_tabs(text: &str, mut column: usize) -> SmolStr {
    const STOP: usize = 8;
    if !text.contains('\t') {
        return text.into();
    }
    let mut expanded = SmolStrBuilder::new();
    for character in text.chars() {
        match character {
            '\t' => {
                let width = STOP - column % STOP;
                (0..width).for_each(|_| expanded.push(' '));
                column += width;
            }
            '\n' | '\r' => {
                expanded.push(character);
                column = 0;
            }
            other => {
                expanded.push(other);
                column += 1;
            }
        }
    }
    expanded.finish()
}

/// Expands the tabs of a part of the text; `before` is all that stands before it, which is looked
/// at only where there is a tab, and `quotes` open right before it.
fn tabs_expanded(part: &str, before: &str, quotes: usize) -> SmolStr {
    if part.contains('\t') { without_tabs(part, column(before) + quotes) } else { part.into() }
}

/// Returns the column at the end of the text before a value, from 0, tabs expanded.
fn column(before: &str) -> usize {
    const LONGEST_LINE: usize = 4_096; // A longer one is no layout; looking back stays cheap.
    let window = before.len().saturating_sub(LONGEST_LINE);
    let window = (window..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(0);
    let before = before.get(window..).unwrap_or_default();
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    without_tabs(before.get(line..).unwrap_or_default(), 0).chars().count()
}

/// Returns the length of a number that stands here and ends where a value may end.
fn number_length(rest: &str) -> Option<usize> {
    let length = rest
        .bytes()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E'))
        .unwrap_or(rest.len());
    if !rest.as_bytes().iter().take(length).any(u8::is_ascii_digit) {
        return None;
    }
    let after = rest.get(length..)?.trim_start_matches([' ', '\t']);
    let ends = after.is_empty()
        || after.starts_with(['$', '}', ']', ',', '#', '\n', '\r'])
        || after.starts_with("//");
    ends.then_some(length)
}

/// Reads `true`, `false` or `null` in any case, as a whole word.
fn keyword(rest: &str) -> Option<(usize, Value)> {
    let words = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
    words.into_iter().find_map(|(word, value)| {
        let here = rest.get(..word.len())?;
        let ends = rest
            .get(word.len()..)?
            .bytes()
            .next()
            .is_none_or(|next| !(next.is_ascii_alphanumeric() || matches!(next, b'_' | b'$')));
        (here.eq_ignore_ascii_case(word) && ends).then_some((word.len(), value))
    })
}

fn is_unquoted(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(character, '\u{1c}'..='\u{1f}')
        && !matches!(
            character,
            '^' | '`'
                | '+'
                | '?'
                | '!'
                | '@'
                | '*'
                | '&'
                | '"'
                | '['
                | '{'
                | ']'
                | '}'
                | '#'
                | ','
                | '='
                | '$'
                | '\\'
        )
}

/// Splits the name of a reference as `ConfigTree.parse_key`: at each special character, a quoted
/// part taken whole.
fn reference_path(name: &str) -> KeyPath {
    const SPECIAL: &str = "$}[]:=+#`^?!@*&.";
    let mut keys: Vec<SmolStr> = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        if first == '"'
            && let Some((inside, after)) =
                rest.strip_prefix('"').and_then(|rest| rest.split_once('"'))
            && !inside.is_empty()
        {
            keys.push(inside.into());
            rest = after;
            continue;
        }
        let end = rest.find(|c| SPECIAL.contains(c)).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if !key.is_empty() {
            keys.push(key.trim_matches('"').into());
        }
        rest = after.strip_prefix(|c| SPECIAL.contains(c)).unwrap_or(after);
    }
    keys.into_iter().collect()
}
