//! Quoted strings: JSON's, and the ones in triple quotes.

use lean_string::LeanStr;

use super::Lightbend;
use crate::{
    diagnostic::Diagnostic,
    syntax::hocon::{
        reader::{Reader, Taken},
        scanner::Fault,
        strings::TRIPLE_QUOTE,
        tree::Tail,
    },
    value::Value,
};

impl Reader<'_, '_, '_, Lightbend> {
    /// Takes a string as a piece of a value, and the white space behind it.
    pub(super) fn take_string(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        let text = self.take_quoted_text()?;
        let value = Value::String(text).spanned(self.scanner.origin(start));
        let blanks = self.scanner.take_white();
        self.add_or_keep(value, Tail::Other(blanks))
    }

    /// Takes a string in quotes of either kind.
    pub(super) fn take_quoted_text(&mut self) -> Result<LeanStr, Fault> {
        if let Some(text) = self.scanner.take_simple_quoted() {
            return Ok(text.into());
        }
        if self.scanner.is_at(TRIPLE_QUOTE) {
            return match self.scanner.take_triple_quoted() {
                Some(inside) => Ok(inside.into()),
                None => Err(self.unclosed_triple_quote()),
            };
        }
        let open = self.scanner.at;
        self.scanner.at += 1;
        self.scanner.skip_plain();
        self.take_escaped_text(open)
    }

    fn take_escaped_text(&mut self, open: usize) -> Result<LeanStr, Fault> {
        let mut text = String::from(self.scanner.slice(open + 1..self.scanner.at));
        loop {
            match self.scanner.peek() {
                Some(b'"') => {
                    self.scanner.at += 1;
                    return Ok(text.into());
                }
                Some(b'\\') => self.take_escape(&mut text)?,
                Some(b'\n') | None => return Err(self.unclosed_string(open)),
                Some(_) => self.refuse_control_character()?,
            }
            let start = self.scanner.at;
            self.scanner.skip_plain();
            text.push_str(self.scanner.slice(start..self.scanner.at));
        }
    }

    /// Takes an escape, from its backslash on, and adds what it stands for.
    fn take_escape(&mut self, text: &mut String) -> Result<(), Fault> {
        let start = self.scanner.at;
        self.scanner.at += 1;
        let Some(escaped) = self.scanner.peek_character() else { return Ok(()) };
        let plain = match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.scanner.at += 1;
                text.push(self.take_code_point(start)?);
                return Ok(());
            }
            _ => {
                let origin = self.scanner.origin_of(start..start + 1);
                let message = "this backslash begins no escape that JSON knows";
                let help = r#"write `\\` for a backslash, or put the string in `"""`"#;
                return self.report(
                    Diagnostic::error("hocon-unknown-escape", message, origin).with_help(help),
                );
            }
        };
        self.scanner.at += escaped.len_utf8();
        text.push(plain);
        Ok(())
    }

    /// Takes what follows a `\u`: four digits, twice where a pair of surrogates stands for one
    /// character. Half a pair is none; the replacement character stands in.
    fn take_code_point(&mut self, start: usize) -> Result<char, Fault> {
        let Some(first) = self.take_hex_digits() else {
            let message = r"four hexadecimal digits have to follow `\u`";
            let origin = self.scanner.origin(start);
            self.report(
                Diagnostic::error("hocon-unknown-escape", message, origin)
                    .with_help(r"write them, or `\\u` for a backslash and a `u`"),
            )?;
            return Ok(char::REPLACEMENT_CHARACTER);
        };
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let second_start = self.scanner.at;
        if first < 0xdc00 && self.scanner.is_at(br"\u") {
            self.scanner.at += 2;
            match self.take_hex_digits() {
                Some(second @ 0xdc00..=0xdfff) => {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                _ => self.scanner.at = second_start,
            }
        }
        let message = "half of a surrogate pair is no character, U+FFFD stands for it";
        let origin = self.scanner.origin(start);
        self.scanner.note(
            Diagnostic::warning("hocon-lone-surrogate", message, origin)
                .with_help(r"write both halves, as in `\ud83d\ude00`, or the character itself"),
        );
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn take_hex_digits(&mut self) -> Option<u32> {
        let digits = self.scanner.text.get(self.scanner.at..self.scanner.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.scanner.at += digits.len();
        u32::from_str_radix(digits, 16).ok()
    }

    fn refuse_control_character(&mut self) -> Result<(), Fault> {
        let origin = self.scanner.origin_here();
        self.scanner.at += 1;
        let message = "a string cannot hold a control character as it is";
        let help =
            r#"write a tab as `\t`, others as `\u` and four digits, or put the string in `"""`"#;
        self.report(Diagnostic::error("hocon-control-character", message, origin).with_help(help))
    }

    /// Reports an error inside a string, which is read on to its end.
    fn report(&mut self, diagnostic: Diagnostic) -> Result<(), Fault> {
        match self.scanner.fail(diagnostic) {
            Fault::Entry => Ok(()),
            Fault::Text => Err(Fault::Text),
        }
    }

    fn unclosed_string(&mut self, open: usize) -> Fault {
        let origin = self.scanner.origin_of(open..open + 1);
        let message = "this string does not end on its line";
        let help = r#"close it with `"`, or put text of several lines between `"""`"#;
        self.scanner
            .fail(Diagnostic::error("hocon-unclosed-string", message, origin).with_help(help))
    }

    fn unclosed_triple_quote(&mut self) -> Fault {
        let open = self.scanner.at;
        let origin = self.scanner.origin_of(open..open + TRIPLE_QUOTE.len());
        let message = "this string is never closed";
        self.scanner.give_up(
            Diagnostic::error("hocon-unclosed-string", message, origin)
                .with_help("close it with `\"\"\"`"),
        )
    }
}
