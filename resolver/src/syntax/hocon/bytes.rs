//! What a byte can be in a HOCON text, by table.

/// May stand in an unquoted value of mode `clearml`.
pub(super) const WORD: u8 = 1;
/// May stand in an unquoted key of mode `clearml`, blanks left out.
pub(super) const KEY: u8 = 1 << 1;
/// May stand in an unquoted key of either mode, and means nothing but itself there.
pub(super) const KEY_WORD: u8 = 1 << 7;
/// May stand in unquoted text of mode `hocon`.
pub(super) const PLAIN: u8 = 1 << 2;
/// May stand in a number of mode `hocon`.
pub(super) const NUMERIC: u8 = 1 << 3;
/// Begins a character beyond ASCII that may be a blank.
pub(super) const WIDE_BLANK: u8 = 1 << 4;

/// Goes on with an unquoted value of mode `clearml`, whatever is around it.
pub(super) const WORD_RUN: u8 = 1 << 5;
/// Goes on with unquoted text of mode `hocon`, whatever is around it.
pub(super) const PLAIN_RUN: u8 = 1 << 6;

/// What ends an unquoted value in mode `clearml` (the regular expression `unquoted_string` of
/// `clearml` 2.1.12's `config_parser.py`), blanks left out.
const ENDS_WORD: &[u8] = br#"^`+?!@*&"[{]}#,=$\"#;
/// What ends unquoted text in mode `hocon` ("Unquoted strings" of the specification), blanks and
/// comments left out.
const ENDS_PLAIN: &[u8] = br#"$"{}[]:=,+#`^?!@*&\"#;

static CLASSES: [u8; 256] = classes();

/// Whether a byte belongs to one of the classes.
pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & class != 0)
}

/// Whether a character is a blank to Python's `\s`.
pub(super) fn is_python_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

/// Whether a character is white space as HOCON has it: Unicode's separators, the ASCII ones, and
/// the byte order mark ("Whitespace" of the specification).
pub(super) fn is_hocon_blank(character: char) -> bool {
    match character {
        '\u{feff}' => true,
        '\u{85}' => false,
        other => is_python_blank(other),
    }
}

#[expect(clippy::indexing_slicing, reason = "a `u8` cannot leave a table of 256")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte: u8 = 0;
    loop {
        classes[byte as usize] = class_of(byte);
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}

const fn class_of(byte: u8) -> u8 {
    let is_blank = matches!(byte, b'\t'..=b'\r' | 0x1c..=0x1f | b' ');
    let mut class = 0;
    if !is_blank && !contains(ENDS_WORD, byte) {
        class |= WORD;
    }
    if !is_blank && !contains(ENDS_PLAIN, byte) {
        class |= PLAIN;
    }
    if byte.is_ascii_alphanumeric() || contains(b"._-/", byte) {
        class |= KEY;
    }
    // Dots separate keys, and two slashes begin a comment.
    if class & KEY != 0 && !matches!(byte, b'.' | b'/') {
        class |= KEY_WORD;
    }
    if byte.is_ascii_digit() || contains(b"eE+-.", byte) {
        class |= NUMERIC;
    }
    // U+0085 and U+00A0; U+1680; U+2000 to U+205F; U+3000; U+FEFF.
    if matches!(byte, 0xc2 | 0xe1 | 0xe2 | 0xe3 | 0xef) {
        return class | WIDE_BLANK;
    }
    if class & WORD != 0 {
        class |= WORD_RUN;
    }
    // Two slashes begin a comment.
    if class & PLAIN != 0 && byte != b'/' {
        class |= PLAIN_RUN;
    }
    class
}

const fn contains(mut bytes: &[u8], byte: u8) -> bool {
    while let [first, rest @ ..] = bytes {
        if *first == byte {
            return true;
        }
        bytes = rest;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_blank_beyond_ascii_begins_with_a_byte_of_its_class() {
        for character in '\u{80}'..=char::MAX {
            if is_python_blank(character) || is_hocon_blank(character) {
                let mut bytes = [0; 4];
                let first = character.encode_utf8(&mut bytes).as_bytes()[0];
                assert!(is(first, WIDE_BLANK), "{character:?}");
            }
        }
    }

    #[test]
    fn unquoted_text_ends_where_each_dialect_says() {
        for byte in 0..=u8::MAX {
            let both = "\t\n\u{b}\u{c}\r\u{1c}\u{1d}\u{1e}\u{1f} ^`+?!@*&\"[{]}#,=$\\";
            let in_both = both.as_bytes().contains(&byte);
            assert_eq!(is(byte, WORD), !in_both, "{byte}");
            assert_eq!(is(byte, PLAIN), !in_both && byte != b':', "{byte}");
        }
    }
}
