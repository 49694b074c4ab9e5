//! What the name characters around a cue are.

use super::{
    super::{names::Names, weight::Weight},
    command::Program,
    token::is_token,
    url::may_be_webhook,
};

/// What a run of name characters is, whatever stands around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing that a rule is for.
    #[default]
    Other,
    /// A name that may be a secret's.
    Name(Name),
    /// A secret by itself; what stands behind it may be one, too.
    Token,
    /// The host or the first folder of a webhook; or a name.
    Webhook,
    /// The word before a token: `Bearer`.
    Bearer,
    /// A program whose flags hold secrets.
    Program(Program),
    /// The flag `--from-literal`.
    Literal,
    /// The end of the line that a private key begins with.
    PrivateKey,
}

/// A name in a run, with its places there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// How many dashes of a flag stand before it.
    pub(super) dashes: u16,
    /// Where it begins: behind `-e`, too, where docker takes the variable joined to it.
    pub(super) start: u16,
    /// Where it ends: before what ends a sentence.
    pub(super) end: u16,
    pub(super) weight: Weight,
}

impl Kind {
    /// Returns what a run is.
    pub(super) fn of(run: &[u8], names: &Names) -> Self {
        match run.last().map(u8::to_ascii_lowercase) {
            Some(b'r') if run.eq_ignore_ascii_case(b"bearer") => Self::Bearer,
            Some(b'l') if run.ends_with(b"from-literal") => Self::Literal,
            Some(b'-') if run.ends_with(b"KEY-----") => Self::PrivateKey,
            _ if is_token(run) => Self::Token,
            _ if may_be_webhook(run) => Self::Webhook,
            _ => Self::of_word(run, names),
        }
    }

    fn of_word(run: &[u8], names: &Names) -> Self {
        let name = || Name::of(run, names).map_or(Self::Other, Self::Name);
        Program::named(run).map_or_else(name, Self::Program)
    }
}

impl Name {
    /// Returns the name in a run if it may be a secret's.
    pub(super) fn of(run: &[u8], names: &Names) -> Option<Self> {
        let dashes = run.iter().take_while(|byte| **byte == b'-').count();
        let whole = without_end(run.get(dashes..)?);
        let end = dashes + whole.len();
        let joined = if dashes == 1 { behind_joined_flag(whole) } else { None };
        let joined = joined.filter(|joined| names.weigh(joined) == Weight::Certain);
        let name = joined.unwrap_or(whole);
        let weight = names.weigh(name);
        // A signature is a secret in a URL only.
        let may_be_secret = weight > Weight::None || name == b"sig";
        let [dashes, start, end] = [dashes, end - name.len(), end].map(TryInto::try_into);
        let name = Self { dashes: dashes.ok()?, start: start.ok()?, end: end.ok()?, weight };
        may_be_secret.then_some(name)
    }
}

/// Returns the variable that stands behind `-e` in one word: `-eNAME`, `-itaeNAME`.
fn behind_joined_flag(name: &[u8]) -> Option<&[u8]> {
    let flag =
        name.iter().take_while(|byte| byte.is_ascii_lowercase()).position(|byte| *byte == b'e')?;
    name.get(flag + 1..).filter(|variable| !variable.is_empty())
}

/// Returns a name without the signs that end a sentence or a word, not a name.
fn without_end(name: &[u8]) -> &[u8] {
    let signs = name.iter().rev().take_while(|byte| matches!(byte, b'-' | b'.')).count();
    name.get(..name.len() - signs).unwrap_or_default()
}
