//! Settings by their dotted names: each may be asked for once, and what nobody asked for is
//! unknown.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use config::{Map, Value, ValueKind};

use super::{SettingsError, load::VARIABLE_PREFIX};

/// How alike (Jaro-Winkler, 0 to 1) a known name must be to be offered for an unknown one.
const ALIKE: f64 = 0.8;

/// Settings by their dotted names.
pub(crate) struct RawSettings {
    file: String,
    values: BTreeMap<String, Value>,
    asked: RefCell<BTreeSet<String>>,
}

/// Some of the settings: those whose names begin alike.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a> {
    raw: &'a RawSettings,
    prefix: &'a str,
}

impl RawSettings {
    /// Takes the tables of a settings file apart, down to lists, single values and tables without
    /// any, whose names may say enough. Values whose origin is not told come from `file`.
    pub(crate) fn new(file: String, tables: Map<String, Value>) -> Self {
        let mut values = BTreeMap::new();
        let mut open: Vec<(String, Value)> = tables.into_iter().collect();
        while let Some((name, value)) = open.pop() {
            match value.kind {
                ValueKind::Table(table) if !table.is_empty() => {
                    open.extend(
                        table.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)),
                    );
                }
                ValueKind::Nil => {}
                _ => {
                    values.insert(name, value);
                }
            }
        }
        Self { file, values, asked: RefCell::default() }
    }

    /// Returns the settings whose names begin with `prefix`, which ends in a dot or is empty.
    pub(crate) fn group<'a>(&'a self, prefix: &'a str) -> Group<'a> {
        Group { raw: self, prefix }
    }

    /// Says where a value was found. Those of the environment have an origin.
    fn place(&self, name: &str, value: &Value) -> String {
        if value.origin().is_none() {
            return format!("`{}`", self.file);
        }
        format!("variable {VARIABLE_PREFIX}_{}", name.replace('.', "__").to_uppercase())
    }

    /// Returns the keys that stand between `prefix` and the next dot, in order, each once; those of
    /// empty tables, too.
    pub(crate) fn keys_below<'a>(&'a self, prefix: &str) -> BTreeSet<&'a str> {
        let key = |(name, value): (&'a String, &Value)| {
            let rest = name.strip_prefix(prefix)?;
            match rest.split_once('.') {
                Some((key, _)) => Some(key),
                None => is_table(value).then_some(rest),
            }
        };
        self.values.iter().filter_map(key).collect()
    }

    /// Returns the names that were asked for: all there are.
    #[cfg(test)]
    pub(super) fn known(&self) -> Vec<String> {
        self.asked.borrow().iter().cloned().collect()
    }

    /// Says which setting nobody asked for, if there is one.
    pub(crate) fn refuse_unknown(&self) -> Result<(), SettingsError> {
        let asked = self.asked.borrow();
        let is_known = |name: &String, value| is_table(value) || asked.contains(name);
        match self.values.iter().find(|(name, value)| !is_known(name, value)) {
            None => Ok(()),
            Some((name, value)) => Err(SettingsError::Unknown {
                name: name.clone(),
                place: self.place(name, value),
                alike: most_alike(name, &asked),
            }),
        }
    }
}

impl<'a> Group<'a> {
    fn find(&self, name: &str) -> (String, Option<&'a Value>) {
        let name = format!("{}{name}", self.prefix);
        self.raw.asked.borrow_mut().insert(name.clone());
        let value = self.raw.values.get(&name);
        (name, value)
    }

    /// Returns the keys that stand between `name` and the next dot, in order, each once.
    pub(crate) fn keys_below(&self, name: &str) -> BTreeSet<&'a str> {
        self.raw.keys_below(&format!("{}{name}", self.prefix))
    }

    /// Returns a setting as `read` understands its text; `expected` says what makes sense.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingsError> {
        let (name, Some(value)) = self.find(name) else { return Ok(None) };
        let text = value.clone().into_string().ok();
        match text.and_then(|text| read(text.trim())) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(name, value, expected)),
        }
    }

    /// Returns one of a few words, as what it stands for.
    pub(crate) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, SettingsError> {
        let (name, Some(value)) = self.find(name) else { return Ok(None) };
        let text = value.clone().into_string().unwrap_or_default();
        let known = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
        known.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.wrong(name, value, words.join(" or "))
        })
    }

    /// Returns a text; an empty one counts as not set.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, SettingsError> {
        let text = self.parsed(name, "a text", |text| Some(text.to_owned()))?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// Returns a path.
    pub(crate) fn path(&self, name: &str) -> Result<Option<PathBuf>, SettingsError> {
        Ok(self.text(name)?.map(PathBuf::from))
    }

    /// Returns a time, such as `60s` or `5min`.
    pub(crate) fn duration(&self, name: &str) -> Result<Option<Duration>, SettingsError> {
        self.parsed(name, "a time such as `60s` or `5min`", |text| {
            humantime::parse_duration(text).ok()
        })
    }

    /// Returns a whole number that fits `T`.
    pub(crate) fn number<T: std::str::FromStr>(
        &self,
        name: &str,
    ) -> Result<Option<T>, SettingsError> {
        self.parsed(name, "a whole number in its range", |text| text.parse().ok())
    }

    /// Returns a list of texts; a single text is read as a list with commas between.
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<String>>, SettingsError> {
        let (name, Some(value)) = self.find(name) else { return Ok(None) };
        let items: Option<Vec<String>> = match &value.kind {
            ValueKind::String(text) => Some(text.split(',').map(str::to_owned).collect()),
            ValueKind::Array(values) => {
                values.iter().map(|value| value.clone().into_string().ok()).collect()
            }
            _ => None,
        };
        let items = items.ok_or_else(|| self.wrong(name, value, "a list of texts"))?;
        let items = items.iter().map(|item| item.trim().to_owned());
        Ok(Some(items.filter(|item| !item.is_empty()).collect()))
    }

    /// Returns a list whose items are as `read` understands their texts; `expected` says what makes
    /// sense.
    pub(crate) fn parsed_list<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Vec<T>>, SettingsError> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        let read: Option<Vec<T>> = items.iter().map(|item| read(item)).collect();
        match (read, self.find(name)) {
            (None, (name, Some(value))) => Err(self.wrong(name, value, expected)),
            (read, _) => Ok(read),
        }
    }

    fn wrong(&self, name: String, value: &Value, expected: impl Into<String>) -> SettingsError {
        SettingsError::Value {
            place: self.raw.place(&name, value),
            name,
            expected: expected.into(),
        }
    }
}

fn is_table(value: &Value) -> bool {
    matches!(value.kind, ValueKind::Table(_))
}

fn most_alike(name: &str, known: &BTreeSet<String>) -> Option<String> {
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known.clone())
}
