//! What a query string says.

use std::{borrow::Cow, fmt, time::Duration};

use super::{BodyFormat, CONFIG, DIFF, EXPLAIN, FILE, WATCH};

/// What `GET /v1/config` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConfigQuery<'a> {
    /// The key path as people type it; empty for everything.
    pub path: Cow<'a, str>,
    /// The spelling; `None` for what `Accept` says, or else JSON.
    pub format: Option<BodyFormat>,
    /// The profile; `None` for the only or default one.
    pub profile: Option<Cow<'a, str>>,
    /// How long to wait for an answer that differs from the one named by `If-None-Match`, such as
    /// `30s`; five minutes at most.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub wait: Option<Duration>,
    /// Which answer.
    pub view: ConfigView,
    /// Whether secrets are shown.
    pub secrets: Secrets,
}

/// Whether secrets are shown to who may see them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum Secrets {
    /// To who may see them.
    #[default]
    Allowed,
    /// To nobody: for who shows the answer to others.
    Masked,
}

impl Secrets {
    /// Returns what lets who asks see secrets, if they are to be seen.
    pub(crate) fn seen<T>(self, reveal: Option<T>) -> Option<T> {
        reveal.filter(|_| self == Self::Allowed)
    }
}

/// Which answer of a profile is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum ConfigView {
    /// All layers.
    #[default]
    Merged,
    /// What may lie in a file that a stock client reads: without monitoring vaults and without
    /// what vaults say of the machine, since the client adds both by itself.
    Client,
}

/// Why a query string was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A name that means nothing here.
    #[error("the query parameter `{0}` is not known")]
    Unknown(String),
    /// A name that comes twice.
    #[error("the query parameter `{0}` comes twice")]
    Twice(&'static str),
    /// A format that does not exist.
    #[error("`{0}` is no format; there are json, hocon, yaml and env")]
    Format(String),
    /// A view that does not exist.
    #[error("`{0}` is no view; there are merged and client")]
    View(String),
    /// A way to treat secrets that does not exist.
    #[error("`{0}` is no way to treat secrets; there are allowed and masked")]
    Secrets(String),
    /// A duration that is none.
    #[error("`{text}` is no duration for `{name}`; write a whole number of seconds, such as 30s")]
    Duration {
        /// The parameter.
        name: &'static str,
        /// What was written.
        text: String,
    },
}

impl<'a> ConfigQuery<'a> {
    /// Reads a query string; unknown and repeated parameters are errors, so that a slip of the
    /// pen never selects something else than was meant.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn parse(query: &'a str) -> Result<Self, QueryError> {
        let (mut path, mut format, mut profile, mut wait) = (None, None, None, None);
        let (mut view, mut secrets) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "path" => set_once(&mut path, value, "path")?,
                "format" => set_once(&mut format, named_format(&value)?, "format")?,
                "profile" => set_once(&mut profile, value, "profile")?,
                "wait" => set_once(&mut wait, seconds("wait", &value)?, "wait")?,
                "view" => set_once(&mut view, named_view(&value)?, "view")?,
                "secrets" => set_once(&mut secrets, named_secrets(&value)?, "secrets")?,
                other => return Err(QueryError::Unknown(other.to_owned())),
            }
        }
        let (path, view) = (path.unwrap_or_default(), view.unwrap_or_default());
        Ok(Self { path, format, profile, wait, view, secrets: secrets.unwrap_or_default() })
    }
}

impl ConfigQuery<'_> {
    /// Spells the target of `GET /v1/explain` that asks for the same path and profile.
    pub fn explain_target(&self) -> String {
        self.target(EXPLAIN)
    }

    /// Spells the target of `GET /v1/watch` that asks for the same path and profile.
    pub fn watch_target(&self) -> String {
        self.target(WATCH)
    }

    fn target(&self, route: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.path.is_empty() {
            query.append_pair("path", &self.path);
        }
        if let Some(format) = self.format {
            query.append_pair("format", format.name());
        }
        if let Some(profile) = &self.profile {
            query.append_pair("profile", profile);
        }
        if let Some(wait) = self.wait {
            query.append_pair("wait", &format!("{}s", wait.as_secs()));
        }
        if self.view == ConfigView::Client {
            query.append_pair("view", "client");
        }
        if self.secrets == Secrets::Masked {
            query.append_pair("secrets", "masked");
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{route}{mark}{query}")
    }
}

/// Spells the target of `GET /v1/config`.
impl fmt::Display for ConfigQuery<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.target(CONFIG))
    }
}

/// What `GET /v1/diff` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DiffQuery<'a> {
    /// The key path below which is compared; empty for everything.
    pub path: Cow<'a, str>,
    /// What the present answer is compared with: `file` (the default) or the digest of an
    /// earlier one.
    pub against: Cow<'a, str>,
    /// The profile; `None` for the only or default one.
    pub profile: Option<Cow<'a, str>>,
}

impl<'a> DiffQuery<'a> {
    /// Reads a query string, as strictly as [`ConfigQuery::parse`].
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn parse(query: &'a str) -> Result<Self, QueryError> {
        let (mut path, mut against, mut profile) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "path" => set_once(&mut path, value, "path")?,
                "against" => set_once(&mut against, value, "against")?,
                "profile" => set_once(&mut profile, value, "profile")?,
                other => return Err(QueryError::Unknown(other.to_owned())),
            }
        }
        let against = against.unwrap_or(Cow::Borrowed(FILE));
        Ok(Self { path: path.unwrap_or_default(), against, profile })
    }
}

/// Spells the request target, query included.
impl fmt::Display for DiffQuery<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.path.is_empty() {
            query.append_pair("path", &self.path);
        }
        query.append_pair("against", &self.against);
        if let Some(profile) = &self.profile {
            query.append_pair("profile", profile);
        }
        write!(formatter, "{DIFF}?{}", query.finish())
    }
}

/// Reads the query string of `GET /readyz`: the oldest age that still counts as ready.
///
/// # Errors
/// An unknown or repeated parameter, or a duration that is none.
pub fn parse_ready_query(query: &str) -> Result<Option<Duration>, QueryError> {
    let mut max_stale = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "max_stale" => {
                set_once(&mut max_stale, seconds("max_stale", &value)?, "max_stale")?;
            }
            other => return Err(QueryError::Unknown(other.to_owned())),
        }
    }
    Ok(max_stale)
}

fn set_once<T>(place: &mut Option<T>, value: T, name: &'static str) -> Result<(), QueryError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(QueryError::Twice(name)),
    }
}

fn named_format(name: &str) -> Result<BodyFormat, QueryError> {
    BodyFormat::named(name).ok_or_else(|| QueryError::Format(name.to_owned()))
}

fn named_view(name: &str) -> Result<ConfigView, QueryError> {
    match name {
        "merged" => Ok(ConfigView::Merged),
        "client" => Ok(ConfigView::Client),
        other => Err(QueryError::View(other.to_owned())),
    }
}

fn named_secrets(name: &str) -> Result<Secrets, QueryError> {
    match name {
        "allowed" => Ok(Secrets::Allowed),
        "masked" => Ok(Secrets::Masked),
        other => Err(QueryError::Secrets(other.to_owned())),
    }
}

/// Reads whole seconds with or without their `s`, and whole minutes or hours with `m` or `h`.
fn seconds(name: &'static str, text: &str) -> Result<Duration, QueryError> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3600),
        _ => (Some(text), 1),
    };
    digits
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u64>().ok()?.checked_mul(unit))
        .map(Duration::from_secs)
        .ok_or_else(|| QueryError::Duration { name, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_and_reads_a_config_query() {
        let query = ConfigQuery {
            path: r#"sdk."a b".c&d"#.into(),
            format: Some(BodyFormat::Yaml),
            profile: Some("é".into()),
            wait: Some(Duration::from_secs(30)),
            view: ConfigView::Client,
            secrets: Secrets::Masked,
        };
        let target = query.to_string();
        assert_eq!(
            target,
            "/v1/config?path=sdk.%22a+b%22.c%26d&format=yaml&profile=%C3%A9&wait=30s&view=client\
             &secrets=masked"
        );
        let (_, text) = target.split_once('?').unwrap();
        assert_eq!(ConfigQuery::parse(text), Ok(query));
        assert_eq!(ConfigQuery::default().to_string(), CONFIG);
    }

    #[test]
    fn spells_and_reads_a_diff_query() {
        let query = DiffQuery { path: "a.b".into(), against: "00ff".into(), profile: None };
        let target = query.to_string();
        assert_eq!(target, "/v1/diff?path=a.b&against=00ff");
        assert_eq!(DiffQuery::parse(target.split_once('?').unwrap().1), Ok(query));
        assert_eq!(DiffQuery::parse("").unwrap().against, FILE);
        assert!(DiffQuery::parse("wait=1s").is_err());
    }

    #[test]
    fn says_what_is_wrong_with_a_query() {
        for (query, message) in [
            ("pth=a", "the query parameter `pth` is not known"),
            ("path=a&path=b", "the query parameter `path` comes twice"),
            ("view=sdk", "`sdk` is no view; there are merged and client"),
            ("secrets=no", "`no` is no way to treat secrets; there are allowed and masked"),
            ("format=xml", "`xml` is no format; there are json, hocon, yaml and env"),
            (
                "wait=soon",
                "`soon` is no duration for `wait`; write a whole number of seconds, such as 30s",
            ),
        ] {
            assert_eq!(ConfigQuery::parse(query).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn reads_durations() {
        for (text, expected) in [
            ("0", Some(0)),
            ("30", Some(30)),
            ("30s", Some(30)),
            ("2m", Some(120)),
            ("1h", Some(3600)),
            ("", None),
            ("s", None),
            ("-1", None),
            ("+1", None),
            ("1.5s", None),
            ("99999999999999999999", None),
            ("9999999999999999999h", None),
            ("1é", None),
        ] {
            let read = parse_ready_query(&format!("max_stale={}", text.replace('+', "%2B")));
            assert_eq!(read.ok(), expected.map(|s| Some(Duration::from_secs(s))), "{text}");
        }
    }
}
