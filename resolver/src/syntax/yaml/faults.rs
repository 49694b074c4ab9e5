//! What is wrong with a YAML text, in words for its author.

use granit_parser::ErrorKind;

use super::scalars::Scalar;
use crate::{
    context::Limits,
    diagnostic::{Diagnostic, Quoted},
    document::Covered,
    origin::Origin,
};

/// A code, a message and a help.
type Words = (&'static str, &'static str, &'static str);

/// Returns what there is to say about a scalar that gives no value.
pub(super) fn of_scalar(scalar: &Scalar, origin: Origin) -> Diagnostic {
    match scalar {
        Scalar::Misfit(tag) => Diagnostic::error(
            "yaml-misfit-tag",
            format!("{} cannot read this text", Quoted(tag)),
            origin,
        )
        .with_help("take the tag out, or write a value of that kind"),
        Scalar::TooLong => {
            Diagnostic::error("yaml-number-too-long", "this number has too many digits", origin)
                .with_help("put it in quotes if it is meant as a string")
        }
        Scalar::NotFinite | Scalar::Value(_) => Diagnostic::error(
            "yaml-not-json-number",
            "an infinite number or none at all cannot be an answer, which is JSON",
            origin,
        )
        .with_help("write a finite number, or put the word in quotes"),
    }
}

/// Returns what there is to say about a text that nests too deep.
pub(super) fn too_deep(max_depth: usize, origin: Origin) -> Diagnostic {
    let message = format!("more than {max_depth} lists and objects lie in one another");
    Diagnostic::error("yaml-too-deep", message, origin)
        .with_help("nest less, or raise `limits.depth`")
}

/// Returns what there is to say about a text that is too large once its aliases are written out.
pub(super) fn too_many_values(limits: &Limits, origin: Origin) -> Diagnostic {
    let message = format!(
        "the text holds more than {} values or {} bytes, with what aliases repeat",
        limits.nodes, limits.output_bytes
    );
    Diagnostic::error("yaml-too-many-values", message, origin)
        .with_help("repeat less, or raise `limits.nodes` and `limits.output_bytes`")
}

/// Returns what there is to say about a second document.
pub(super) fn several_documents(origin: Origin) -> Diagnostic {
    let message = "a second document begins here, and a configuration is one";
    Diagnostic::error("yaml-several-documents", message, origin)
        .with_help("keep one of them, or make each a text of its own")
}

/// Returns what there is to say about a key that is set twice.
pub(super) fn repeated_key(name: &str, covered: Covered) -> Diagnostic {
    let message = format!("{} is set twice in this object", Quoted(name));
    Diagnostic::warning("yaml-repeated-key", message, covered.by)
        .with_related(covered.origin, "it is set here first")
        .with_help("take one of them out; the later one counts")
}

/// Returns what there is to say about a text that breaks the rules of YAML; `rest` begins where
/// it does.
pub(super) fn of_syntax(
    kind: &ErrorKind,
    rest: &str,
    max_depth: usize,
    origin: Origin,
) -> Diagnostic {
    if *kind == ErrorKind::RecursionLimitExceeded {
        return too_deep(max_depth, origin);
    }
    if *kind == ErrorKind::UnknownAnchor {
        let alias = rest.split([' ', '\t', '\n', '\r', ',', ']', '}']).next().unwrap_or_default();
        let message =
            format!("{} stands for nothing: no anchor before it has its name", Quoted(alias));
        return Diagnostic::error("yaml-unknown-anchor", message, origin)
            .with_help("put `&` and the name before the value to repeat, above this place");
    }
    let words = of_structure(kind).or_else(|| of_scalar_syntax(kind)).or_else(|| of_rare(kind));
    let Some((code, message, help)) = words else {
        return Diagnostic::error("yaml-syntax", kind.to_string(), origin)
            .with_help("compare the line with those above it");
    };
    Diagnostic::error(code, message, origin).with_help(help)
}

/// Faults of what holds values: indentation, brackets, colons.
fn of_structure(kind: &ErrorKind) -> Option<Words> {
    Some(match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => {
            ("yaml-tab", "a tab cannot indent a line", "indent with spaces")
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent => (
            "yaml-indentation",
            "the line does not fit the lines above it",
            "line the keys of one object, and the dashes of one list, up under one another",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("yaml-unclosed-bracket", "this bracket is never closed", "close it with `]` or `}`")
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } => (
            "yaml-mismatched-bracket",
            "this bracket is closed by one of the other kind",
            "close it with its own kind, or put the text in quotes",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => (
            "yaml-mismatched-bracket",
            "this bracket closes nothing",
            "take it out, or put the text in quotes",
        ),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            "yaml-no-comma",
            "a comma or the closing bracket has to stand here",
            "write a comma between two values, or put the text in quotes",
        ),
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::FlowMappingValueAdjacentCollection
        | ErrorKind::InvalidMappingValueWhitespace => (
            "yaml-unexpected-colon",
            "a value cannot begin here",
            "put the text in quotes if the colon belongs to it, or begin a new line",
        ),
        ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::MappingKeyNotAllowed => {
            ("yaml-no-colon", "a colon has to follow this key", "write `key: value` on one line")
        }
        _ => return None,
    })
}

/// Faults of strings and other scalars.
fn of_scalar_syntax(kind: &ErrorKind) -> Option<Words> {
    Some(match kind {
        ErrorKind::UnclosedQuotedScalar => {
            ("yaml-unclosed-string", "this string is never closed", "close it with its quote")
        }
        ErrorKind::DocumentIndicatorInQuotedScalar => (
            "yaml-unclosed-string",
            "a document ends inside of a string",
            "close the string above, or indent the line",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "yaml-text-after-string",
            "text follows a string",
            "put all of it in quotes; inside, write `''` or `\\\"` for the quote itself",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate => (
            "yaml-unknown-escape",
            "a string in double quotes knows no such escape",
            r"write `\\` for a backslash, or use single quotes",
        ),
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => (
            "yaml-control-character",
            "a YAML text cannot hold this character as it is",
            "delete it, or write it as an escape in double quotes",
        ),
        ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator
        | ErrorKind::UnexpectedEndOfPlainScalar
        | ErrorKind::ExpectedNodeContent => (
            "yaml-unexpected-character",
            "no value can begin with this character",
            "put the value in quotes",
        ),
        ErrorKind::ZeroBlockScalarIndent
        | ErrorKind::InvalidBlockScalarHeader
        | ErrorKind::InvalidBlockScalarIndent => (
            "yaml-block-string",
            "this is no way to begin a string of several lines",
            "write `|` or `>` at the end of the line, and indent the lines after it alike",
        ),
        _ => return None,
    })
}

/// Faults of what configurations hardly ever hold.
fn of_rare(kind: &ErrorKind) -> Option<Words> {
    Some(match kind {
        ErrorKind::CommentInterceptedScalar | ErrorKind::CommentNotSeparated => (
            "yaml-comment",
            "a comment cannot stand here",
            "put a space before the `#`, or the text in quotes",
        ),
        ErrorKind::BomInsideDocument => (
            "yaml-byte-order-mark",
            "an unseen byte order mark stands here",
            "delete the character, or save the file without it",
        ),
        ErrorKind::MissingAnchorOrAliasName => (
            "yaml-unnamed-anchor",
            "`&` and `*` need a name behind them",
            "write the name, or put the value in quotes",
        ),
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag => {
            ("yaml-bad-tag", "this is no tag", "take it out, or put the value in quotes")
        }
        ErrorKind::ExpectedDocumentStart
        | ErrorKind::InvalidDocumentEnd
        | ErrorKind::MissingDocumentEndBeforeDirective => (
            "yaml-text-after-end",
            "the text goes on after its value",
            "take the rest out, or indent it so that it belongs to a key",
        ),
        ErrorKind::DuplicateVersionDirective
        | ErrorKind::UnsupportedYamlMajorVersion
        | ErrorKind::InvalidDirectiveTerminator
        | ErrorKind::InvalidDirectiveName
        | ErrorKind::DirectiveByteLimitExceeded { .. } => {
            ("yaml-directive", "this line begins with `%` and is no directive", "take it out")
        }
        _ => return None,
    })
}
