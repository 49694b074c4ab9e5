//! What JSON5 allows beyond JSON.

/// Which of the two languages a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// JSON (RFC 8259).
    Json,
    /// JSON5 (<https://spec.json5.org>, version 1.0.0).
    Json5,
}

/// A liberty that JSON5 gives. In JSON each is an error, and reading goes on all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Liberty {
    Blank,
    Comment,
    TrailingComma,
    SingleQuotes,
    Escape,
    ContinuedLine,
    PlusSign,
    Hexadecimal,
    BarePoint,
}

impl Liberty {
    /// Returns the code, the message and the help for a JSON text that takes the liberty.
    pub(super) const fn refusal(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Blank => (
                "json-blank",
                "JSON knows no such blank",
                "write a space, or name the file `.json5`",
            ),
            Self::Comment => (
                "json-comment",
                "JSON has no comments",
                "take the comment out, or name the file `.json5`",
            ),
            Self::TrailingComma => {
                ("json-trailing-comma", "nothing follows this comma", "take the comma out")
            }
            Self::SingleQuotes => (
                "json-single-quotes",
                "JSON has no strings in single quotes",
                "write double quotes",
            ),
            Self::Escape => (
                "json-unknown-escape",
                "JSON knows no such escape",
                r"write one of \\ \/ \b \f \n \r \t \uXXXX, or `\\` for a backslash",
            ),
            Self::ContinuedLine => (
                "json-newline-in-string",
                "a string has to end on its line",
                r"write a line break as `\n`, and a backslash as `\\`",
            ),
            Self::PlusSign => {
                ("json-plus-sign", "JSON numbers have no plus sign", "take the plus sign out")
            }
            Self::Hexadecimal => (
                "json-hexadecimal",
                "JSON has no hexadecimal numbers",
                "write the number in decimal digits, or put it in double quotes",
            ),
            Self::BarePoint => (
                "json-bare-point",
                "a JSON number has digits on both sides of its point",
                "write the zero",
            ),
        }
    }
}
