//! What may be shown, and to whom.

mod exported;
mod hidden;
mod names;
mod stream;
mod text;

use std::{borrow::Cow, sync::Arc};

use smol_str::SmolStr;

use crate::{
    key_path::KeyPath,
    object::Object,
    snapshot::Snapshot,
    value::{Open, Piece, Spanned, Value},
};
use names::{Names, holds_arguments};
use text::{hides_argument, mask_text};

pub use self::{hidden::Hidden, stream::MaskingStream};

/// The text that stands where a secret was.
pub const MASK: &str = "********";

/// Shorter secrets are masked at their own key only: elsewhere a text such as `on` or `8008`
/// would be masked wherever it occurs.
const SHORTEST_ANYWHERE: usize = 6;

/// The proof that whoever asks may see secrets.
///
/// Each [`Reveal::grant`] is a line that a reviewer can find.
#[derive(Clone, Copy, Debug)]
pub struct Reveal(());

impl Reveal {
    /// Grants the sight of secrets; the reason is for the reader of the code.
    pub const fn grant(_why: &'static str) -> Self {
        Self(())
    }
}

/// Decides what is a secret: by the name of its key, by the form of its text, and by being equal
/// to a secret that another key holds. Cloning shares; `Debug` shows counts.
#[derive(Clone)]
pub struct Redactor {
    names: Arc<Names>,
    /// Every secret of the answer that is long enough, longest first.
    secrets: Arc<[SmolStr]>,
}

/// A value that may be shown to whoever it was made for: the only thing [`render`](crate::render)
/// takes. `Debug` shows no content.
pub struct SafeView {
    value: Value,
}

impl SafeView {
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }
}

impl std::fmt::Debug for SafeView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SafeView({:?})", self.value)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    /// Returns the redactor for an answer: its own settings
    /// (`agent.hide_docker_command_env_vars.extra_keys`) and the secrets it holds, those that a
    /// higher layer hides included.
    pub fn for_snapshot(snapshot: &Snapshot) -> Self {
        Self::new(&Hidden::default(), Some(snapshot))
    }

    /// Returns the redactor for an answer, if there is one, that hides some names and values
    /// besides.
    pub fn new(hidden: &Hidden, snapshot: Option<&Snapshot>) -> Self {
        let names = Names::new(hidden, snapshot.map(Snapshot::root));
        let mut secrets = hidden.values().to_vec();
        if let Some(snapshot) = snapshot {
            collect(&snapshot.root.value, &names, Sight::Plain, &mut secrets);
            for layer in snapshot.layers() {
                let root = Value::Object(Arc::clone(layer.root()));
                collect(&root, &names, Sight::Plain, &mut secrets);
            }
        }
        secrets.retain(|secret| secret.len() >= SHORTEST_ANYWHERE);
        secrets.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        secrets.dedup();
        Self { names: names.into(), secrets: secrets.into() }
    }

    /// Returns the value at a path as it may be shown: whole with a [`Reveal`], masked without.
    ///
    /// `None` if there is nothing at the path.
    pub fn view(
        &self,
        snapshot: &Snapshot,
        path: &KeyPath,
        reveal: Option<Reveal>,
    ) -> Option<SafeView> {
        Some(self.view_value(snapshot.get(path)?, path, reveal))
    }

    /// Returns a value that something sets at a path, such as one that is shadowed, as it may be
    /// shown.
    pub fn view_value(&self, value: &Value, path: &KeyPath, reveal: Option<Reveal>) -> SafeView {
        if reveal.is_some() {
            return SafeView { value: value.clone() };
        }
        let sight =
            path.keys().iter().fold(Sight::Plain, |sight, key| sight.below(key, &self.names));
        SafeView { value: self.masked(value, sight) }
    }

    /// Masks secrets in a text that is shown to a person, such as a log line: every secret of the
    /// answer, passwords in URLs, assignments to names of secrets.
    pub fn mask(&self, text: &str) -> String {
        mask_text(text, &self.secrets, &self.names)
    }

    /// Masks secrets in the output of a program or any other bytes. What is no UTF-8 is kept.
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.mask(text).into_bytes(),
            Err(_) => bytes.to_vec(),
        }
    }

    /// Masks secrets in a list of command-line arguments, as a program gets them: an argument is
    /// looked at together with those around it. One that holds no secret is borrowed.
    pub fn mask_arguments<'a>(&self, arguments: &[&'a str]) -> Vec<Cow<'a, str>> {
        let masked = arguments.iter().map(|argument| Cow::Owned(self.mask(argument)));
        masked.collect()
    }

    /// Masks a stream of bytes as it flows, in bounded memory.
    pub fn stream(&self) -> MaskingStream {
        MaskingStream::new(self.clone())
    }

    fn masked(&self, value: &Value, sight: Sight) -> Value {
        match value {
            Value::Object(object) => Value::object(self.masked_object(object, sight)),
            Value::Array(values) => Value::array(self.masked_list(values, sight)),
            Value::String(text) if text.is_empty() => value.clone(),
            Value::Number(_) | Value::String(_) if sight == Sight::Secret => Value::from(MASK),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::String(text) => Value::from(self.mask(text).as_str()),
            Value::Open(open) => self.masked_open(open, sight),
        }
    }

    fn masked_object(&self, object: &Object, sight: Sight) -> Object {
        let masked = object.iter().map(|(key, child)| {
            let value = self.masked(&child.value, sight.below(key, &self.names));
            (key.clone(), value.spanned(child.origin))
        });
        masked.collect()
    }

    fn masked_list(&self, values: &[Spanned], sight: Sight) -> Vec<Spanned> {
        let mut previous = "";
        let mut masked = Vec::with_capacity(values.len());
        for child in values {
            let text = child.value.as_str().unwrap_or_default();
            let hidden = sight == Sight::Arguments && hides_argument(previous);
            let value = self.masked(&child.value, if hidden { Sight::Secret } else { sight });
            masked.push(value.spanned(child.origin));
            previous = text;
        }
        masked
    }

    /// A reference shows a variable's name, never its text; what stands beside it is masked.
    fn masked_open(&self, open: &Arc<Open>, sight: Sight) -> Value {
        let masked = match &**open {
            Open::Reference(reference) => Open::Reference(reference.clone()),
            Open::Concat(pieces) => Open::Concat(
                pieces
                    .iter()
                    .map(|piece| Piece {
                        space: piece.space.clone(),
                        value: self.masked(&piece.value.value, sight).spanned(piece.value.origin),
                    })
                    .collect(),
            ),
            Open::Stack(layers) => Open::Stack(
                layers
                    .iter()
                    .map(|layer| self.masked(&layer.value, sight).spanned(layer.origin))
                    .collect(),
            ),
        };
        Value::Open(masked.into())
    }
}

/// How the keys above a value make it be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Plain,
    /// A key above it names a secret.
    Secret,
    /// It is a list of command-line arguments.
    Arguments,
}

impl Sight {
    fn below(self, key: &str, names: &Names) -> Self {
        match self {
            Self::Secret => Self::Secret,
            _ if names.is_secret(key) => Self::Secret,
            _ if holds_arguments(key) => Self::Arguments,
            _ => Self::Plain,
        }
    }
}

/// Gathers the texts of all secrets; recurses as deep as the tree, which `Limits` bound.
fn collect(value: &Value, names: &Names, sight: Sight, secrets: &mut Vec<SmolStr>) {
    match value {
        Value::Object(object) => {
            for (key, child) in object.iter() {
                collect(&child.value, names, sight.below(key, names), secrets);
            }
        }
        Value::Array(values) => {
            values.iter().for_each(|child| collect(&child.value, names, sight, secrets));
        }
        Value::String(text) if sight == Sight::Secret => secrets.push(text.clone()),
        Value::Number(number) if sight == Sight::Secret => secrets.push(number.spelling().into()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Context, Format, Layer, Limits, Mode, Precedence, RefuseIncludes, SourceIds, SourceName,
        SourceText, Spelling, UnknownEnvironment, merge, render,
    };

    fn masked(text: &str) -> String {
        let context = Context {
            mode: Mode::Clearml,
            environment: &UnknownEnvironment,
            includer: &RefuseIncludes,
            limits: Limits::default(),
        };
        let mut ids = SourceIds::default();
        let name = SourceName::Text("t".into());
        let text = SourceText { id: ids.next_id(), name, format: Format::Hocon, text: text.into() };
        let build = Layer::build(Precedence::File, text, &KeyPath::root(), &context, &mut ids);
        let (snapshot, _) = merge(&[build.layer.expect("the text is valid")], &context);
        let redactor = Redactor::for_snapshot(&snapshot);
        render(&redactor.view(&snapshot, &KeyPath::root(), None).unwrap(), Spelling::Json)
    }

    #[test]
    fn masks_what_a_name_or_a_form_gives_away() {
        for (text, shown) in [
            (
                "api.credentials { access_key: AK123456, secret_key: \"s3cret-x\" }",
                r#"{"api":{"credentials":{"access_key":"********","secret_key":"********"}}}"#,
            ),
            (
                "sdk.aws.s3 { key: AKIA1, secret: abc, region: us }",
                r#"{"sdk":{"aws":{"s3":{"key":"********","secret":"********","region":"us"}}}}"#,
            ),
            (
                "agent { git_pass: hunter2x, note: \"uses hunter2x twice\" }",
                r#"{"agent":{"git_pass":"********","note":"uses ******** twice"}}"#,
            ),
            ("environment { A: 1, B: two }", r#"{"environment":{"A":"********","B":"********"}}"#),
            ("url: \"https://user:pw@host/x\"", r#"{"url":"https://user:********@host/x"}"#),
            (
                "agent.extra_docker_arguments: [\"-e\", \"DB_PASSWORD=pw1\", \"--env=X_TOKEN=t\", \"-v\", \"/a:/b\"]",
                r#"{"agent":{"extra_docker_arguments":["-e","DB_PASSWORD=********","--env=X_TOKEN=********","-v","/a:/b"]}}"#,
            ),
            (
                "agent.hide_docker_command_env_vars.extra_keys: [MINE]\nagent.extra_docker_arguments: [\"-e\", \"mine=x\"]",
                r#"{"agent":{"hide_docker_command_env_vars":{"extra_keys":["MINE"]},"extra_docker_arguments":["-e","mine=********"]}}"#,
            ),
            (
                "api.auth.token_expiration_threshold_sec: 360",
                r#"{"api":{"auth":{"token_expiration_threshold_sec":360}}}"#,
            ),
            ("agent.git_pass: \"\"", r#"{"agent":{"git_pass":""}}"#),
            ("a.password: 123456", r#"{"a":{"password":"********"}}"#),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }
}
