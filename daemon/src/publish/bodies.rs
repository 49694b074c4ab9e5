//! Spellings of one answer, each made once, however often they are asked for.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use bytes::Bytes;
use hyper::header::HeaderValue;
use resolver::{Reveal, SafeView, Spelling, render};
use ring::digest;

use crate::protocol::BodyFormat;

/// Spellings that one answer has of its root: each format, with and without secrets.
const ROOT_BODIES: usize = BodyFormat::ALL.len() * 2;
/// Bytes of all subtrees kept for one answer: enough for the subtrees of a large configuration in
/// all formats, little enough that odd questions cannot fill the memory.
const MAX_SUBTREE_BYTES: usize = 4 << 20;
/// What a kept subtree costs besides its bytes and path.
const ENTRY_BYTES: usize = 200;
/// Bytes of a digest that an entity tag shows: no two answers share 128 bits by chance.
const TAG_BYTES: usize = 16;

/// One spelling of an answer or a part of it. Cloning shares.
#[derive(Clone)]
pub(crate) struct Body {
    /// What is sent.
    pub(crate) bytes: Bytes,
    /// The strong entity tag: the digest of the bytes, in quotes.
    pub(crate) tag: HeaderValue,
}

impl Body {
    /// Spells a view.
    pub(super) fn spell(view: &SafeView, format: BodyFormat) -> Self {
        let bytes = Bytes::from(spell(view, format));
        Self { tag: entity_tag(&bytes), bytes }
    }

    /// Returns the digest that the entity tag shows.
    pub(crate) fn digest(&self) -> &str {
        self.tag.to_str().unwrap_or_default().trim_matches('"')
    }
}

/// Shows no content.
impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Body")
            .field("bytes", &self.bytes.len())
            .field("tag", &self.tag)
            .finish()
    }
}

/// Spells a view.
pub(super) fn spell(view: &SafeView, format: BodyFormat) -> String {
    let spelling = match format {
        BodyFormat::Json => Spelling::Json,
        BodyFormat::Hocon => Spelling::Hocon,
        BodyFormat::Yaml => Spelling::Yaml,
        BodyFormat::Env => Spelling::Env,
    };
    render(view, spelling)
}

fn entity_tag(bytes: &[u8]) -> HeaderValue {
    let digest = digest::digest(&digest::SHA256, bytes);
    let mut tag = String::with_capacity(2 * TAG_BYTES + 2);
    tag.push('"');
    for byte in digest.as_ref().iter().take(TAG_BYTES) {
        write!(tag, "{byte:02x}").expect("a string takes all that is written");
    }
    tag.push('"');
    HeaderValue::try_from(tag).expect("quotes and hexadecimal digits are header text")
}

/// Which spelling of which part.
pub(super) struct BodyKey<'a> {
    path: &'a str,
    /// Which of [`ROOT_BODIES`].
    variant: usize,
}

impl<'a> BodyKey<'a> {
    pub(super) fn new(path: &'a str, format: BodyFormat, reveal: Option<Reveal>) -> Self {
        Self { path, variant: format as usize * 2 + usize::from(reveal.is_some()) }
    }
}

/// The spellings made so far.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    root: [OnceLock<Body>; ROOT_BODIES],
    subtrees: Mutex<Subtrees>,
}

#[derive(Debug, Default)]
struct Subtrees {
    /// By path as typed, so that looking one up takes no parsing.
    bodies: [HashMap<Box<str>, Body>; ROOT_BODIES],
    /// Bytes of them all.
    bytes: usize,
}

impl Bodies {
    pub(super) fn get(&self, key: &BodyKey<'_>) -> Option<Body> {
        if key.path.is_empty() {
            return self.root.get(key.variant)?.get().cloned();
        }
        self.subtrees().bodies.get(key.variant)?.get(key.path).cloned()
    }

    /// Returns a body, from `make` if it is not there; what `make` cannot give is not kept.
    pub(super) fn get_or_make(
        &self,
        key: &BodyKey<'_>,
        make: impl FnOnce() -> Option<Body>,
    ) -> Option<Body> {
        if let Some(body) = self.get(key) {
            return Some(body);
        }
        let body = make()?;
        if key.path.is_empty() {
            return Some(self.root.get(key.variant)?.get_or_init(|| body).clone());
        }
        self.subtrees().keep(key, &body);
        Some(body)
    }

    fn subtrees(&self) -> MutexGuard<'_, Subtrees> {
        self.subtrees.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subtrees {
    /// Keeps a body; when there is no more room, all others go first.
    fn keep(&mut self, key: &BodyKey<'_>, body: &Body) {
        let cost = body.bytes.len() + key.path.len() + ENTRY_BYTES;
        if self.bytes + cost > MAX_SUBTREE_BYTES {
            *self = Self::default();
        }
        if cost > MAX_SUBTREE_BYTES {
            return;
        }
        let Some(bodies) = self.bodies.get_mut(key.variant) else { return };
        if bodies.insert(key.path.into(), body.clone()).is_none() {
            self.bytes += cost;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: usize) -> Body {
        Body { bytes: vec![b'x'; bytes].into(), tag: HeaderValue::from_static("\"t\"") }
    }

    fn key(path: &str) -> BodyKey<'_> {
        BodyKey::new(path, BodyFormat::Json, None)
    }

    #[test]
    fn each_body_is_made_once() {
        for path in ["", "sdk.aws"] {
            let bodies = Bodies::default();
            assert!(bodies.get(&key(path)).is_none());
            assert!(
                bodies.get_or_make(&key(path), || None).is_none(),
                "nothing there, nothing kept"
            );
            bodies.get_or_make(&key(path), || Some(body(1))).unwrap();
            let again = bodies.get_or_make(&key(path), || panic!("made twice")).unwrap();
            assert_eq!(again.bytes.len(), 1);
        }
    }

    #[test]
    fn formats_and_sights_do_not_mix() {
        let bodies = Bodies::default();
        let reveal = Some(Reveal::grant("test"));
        let mut keys = Vec::new();
        for format in BodyFormat::ALL {
            keys.push(BodyKey::new("a", format, None));
            keys.push(BodyKey::new("a", format, reveal));
        }
        for (bytes, key) in keys.iter().enumerate() {
            assert!(bodies.get(key).is_none());
            bodies.get_or_make(key, || Some(body(bytes))).unwrap();
        }
        for (bytes, key) in keys.iter().enumerate() {
            assert_eq!(bodies.get(key).unwrap().bytes.len(), bytes);
        }
    }

    #[test]
    fn odd_questions_cannot_fill_the_memory() {
        let bodies = Bodies::default();
        for number in 0..100_000 {
            let path = format!("key{number}");
            bodies.get_or_make(&key(&path), || Some(body(100))).unwrap();
        }
        let subtrees = bodies.subtrees();
        assert!(subtrees.bytes <= MAX_SUBTREE_BYTES);
        assert!(subtrees.bodies[key("").variant].len() * ENTRY_BYTES <= MAX_SUBTREE_BYTES);
        drop(subtrees);
        bodies.get_or_make(&key("large"), || Some(body(MAX_SUBTREE_BYTES + 1))).unwrap();
        assert!(bodies.get(&key("large")).is_none(), "served, but not kept");
    }

    #[test]
    fn the_tag_is_the_digest_of_the_bytes() {
        assert_eq!(entity_tag(b""), "\"e3b0c44298fc1c149afbf4c8996fb924\"");
        let body = Body { bytes: Bytes::new(), tag: entity_tag(b"") };
        assert_eq!(body.digest(), "e3b0c44298fc1c149afbf4c8996fb924");
    }
}
