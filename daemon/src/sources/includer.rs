//! Includes of files, which name other files of this host.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;
use resolver::{
    Format, IncludeError, IncludeForm, IncludeRequest, IncludedText, Includer, Mode, SourceName,
};

use crate::{settings::IncludeUrls, text_file::read_text};

/// The endings that a name without one stands for in mode `hocon`, lowest first: the last one
/// wins (HOCON specification, "Include semantics: file formats and extensions").
const GUESSED_ENDINGS: [&str; 3] = ["properties", "json", "conf"];

/// Reads what files include; refuses the includes of all that is no file.
#[derive(Debug)]
pub struct FileIncluder {
    mode: Mode,
    urls: IncludeUrls,
    text_bytes: usize,
    looked_at: RefCell<BTreeSet<PathBuf>>,
}

impl FileIncluder {
    /// Returns an includer that follows the rules of `mode` and takes `text_bytes` of one text.
    pub fn new(mode: Mode, urls: IncludeUrls, text_bytes: usize) -> Self {
        Self { mode, urls, text_bytes, looked_at: RefCell::default() }
    }

    /// Returns the files that includes named so far, there or not: what to watch.
    pub fn looked_at(&self) -> BTreeSet<PathBuf> {
        self.looked_at.borrow().clone()
    }

    /// Reads the file of a name, or in mode `hocon` those that a name without an ending means.
    fn include_path(&self, path: &Path) -> Result<Vec<IncludedText>, IncludeError> {
        if self.mode == Mode::Clearml || path.extension().is_some() {
            return Ok(vec![self.read(path)?]);
        }
        let mut texts = Vec::new();
        for ending in GUESSED_ENDINGS {
            match self.read(&path.with_extension(ending)) {
                Ok(text) => texts.push(text),
                Err(IncludeError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
        if texts.is_empty() { Err(IncludeError::Missing) } else { Ok(texts) }
    }

    fn read(&self, path: &Path) -> Result<IncludedText, IncludeError> {
        self.looked_at.borrow_mut().insert(path.to_owned());
        let text = read_text(path, self.text_bytes).map_err(|error| include_error(&error))?;
        Ok(IncludedText {
            name: SourceName::File(path.to_owned()),
            format: self.format_of(path),
            text: text.into(),
        })
    }

    /// In mode `clearml` an included text is HOCON whatever its name (`clearml` 2.1.12's pyhocon).
    fn format_of(&self, path: &Path) -> Format {
        match self.mode {
            Mode::Clearml => Format::Hocon,
            Mode::Hocon => path.to_str().and_then(Format::of_file_name).unwrap_or_default(),
        }
    }

    fn include_url(&self, url: &str) -> Result<Vec<IncludedText>, IncludeError> {
        let Some(path) = url.strip_prefix("file://") else {
            return refused(
                "only `file://` URLs can be included",
                "copy the text to a file of this host, and include that",
            );
        };
        if self.urls == IncludeUrls::Refuse {
            return refused(
                "URLs are not followed",
                "include it by its path, or allow `file://` by `config.include_urls = \"files\"`",
            );
        }
        let path = path.strip_prefix("localhost").unwrap_or(path);
        if !path.starts_with('/') {
            return refused(
                "it is a file of another host",
                "copy it to a file of this host, and include that",
            );
        }
        let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
        Ok(vec![self.read(Path::new(&path))?])
    }
}

impl Includer for FileIncluder {
    fn include(&self, request: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        let SourceName::File(from) = request.from else {
            return refused("only files may include others", "write what it holds in its place");
        };
        let is_url = request.form == IncludeForm::Url
            || (request.form == IncludeForm::Plain && is_url(request.target));
        match request.form {
            // A class path without the text: no include has to be there that is not `required(…)`.
            IncludeForm::Classpath if self.mode == Mode::Hocon => Err(IncludeError::Missing),
            IncludeForm::Classpath => {
                refused("there is no class path here", "write `file(…)`, relative to this file")
            }
            _ if is_url => self.include_url(request.target),
            _ => self.include_path(&from.parent().unwrap_or(Path::new("")).join(request.target)),
        }
    }
}

/// Whether a plain name is taken for a URL, as by `clearml` 2.1.12's pyhocon.
fn is_url(target: &str) -> bool {
    ["http://", "https://", "file://"].iter().any(|scheme| target.starts_with(scheme))
}

fn refused<T>(why: &'static str, help: &'static str) -> Result<T, IncludeError> {
    Err(IncludeError::Refused { why, help })
}

fn include_error(error: &io::Error) -> IncludeError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => IncludeError::Missing,
        _ => IncludeError::Failed(error.to_string().to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn include(
        (mode, urls): (Mode, IncludeUrls),
        folder: &Path,
        (form, target): (IncludeForm, &str),
    ) -> Result<Vec<(String, Format)>, IncludeError> {
        let from = SourceName::File(folder.join("main.conf"));
        let includer = FileIncluder::new(mode, urls, 99);
        let texts = includer.include(&IncludeRequest { form, target, from: &from })?;
        Ok(texts.into_iter().map(|text| (text.text.to_string(), text.format)).collect())
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a.conf", "1"), ("a.json", "2"), ("a.properties", "3"), ("a b", "4")]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn names_are_relative_to_the_including_file() {
        let folder = folder();
        let refuse = IncludeUrls::Refuse;
        let hocon = |text: &str| Ok(vec![(text.to_owned(), Format::Hocon)]);
        let absolute = folder.path().join("a.conf");
        for (mode, form, target, texts) in [
            (Mode::Clearml, IncludeForm::Plain, "a.conf", hocon("1")),
            (Mode::Clearml, IncludeForm::File, "./a.json", hocon("2")),
            (Mode::Clearml, IncludeForm::File, absolute.to_str().unwrap(), hocon("1")),
            (Mode::Clearml, IncludeForm::Plain, "a", Err(IncludeError::Missing)),
            (Mode::Hocon, IncludeForm::Plain, "a.json", Ok(vec![("2".into(), Format::Json)])),
            (Mode::Hocon, IncludeForm::Plain, "none", Err(IncludeError::Missing)),
        ] {
            let included = include((mode, refuse), folder.path(), (form, target));
            assert_eq!(included, texts, "{mode:?} {target}");
        }
    }

    #[test]
    fn a_name_without_an_ending_means_up_to_three_files_in_mode_hocon() {
        let folder = folder();
        let texts =
            include((Mode::Hocon, IncludeUrls::Refuse), folder.path(), (IncludeForm::Plain, "a"));
        let expected = [("3", Format::Properties), ("2", Format::Json), ("1", Format::Hocon)];
        assert_eq!(texts.unwrap(), expected.map(|(text, format)| (text.into(), format)));
    }

    #[test]
    fn a_class_path_holds_nothing_in_mode_hocon() {
        let rules = (Mode::Hocon, IncludeUrls::Refuse);
        let included = include(rules, folder().path(), (IncludeForm::Classpath, "a.conf"));
        assert_eq!(included, Err(IncludeError::Missing));
    }

    #[test]
    fn urls_are_followed_only_where_allowed_and_only_to_files() {
        let folder = folder();
        let url = format!("file://{}/a%20b", folder.path().display());
        let check = |urls, form, target: &str| {
            include((Mode::Clearml, urls), folder.path(), (form, target))
        };
        let refused = |included| matches!(included, Err(IncludeError::Refused { .. }));
        assert!(check(IncludeUrls::Files, IncludeForm::Plain, &url).is_ok());
        assert!(refused(check(IncludeUrls::Refuse, IncludeForm::Url, &url)));
        assert!(refused(check(IncludeUrls::Files, IncludeForm::Url, "http://h/a")));
        assert!(refused(check(IncludeUrls::Files, IncludeForm::Url, "file://other/a")));
        assert!(refused(check(IncludeUrls::Files, IncludeForm::Classpath, "a")));
    }

    #[test]
    fn what_was_looked_for_is_remembered_even_if_it_is_not_there() {
        let folder = folder();
        let includer = FileIncluder::new(Mode::Clearml, IncludeUrls::Refuse, 99);
        let from = SourceName::File(folder.path().join("main.conf"));
        let request =
            IncludeRequest { form: IncludeForm::Plain, target: "later.conf", from: &from };
        assert_eq!(includer.include(&request).err(), Some(IncludeError::Missing));
        assert!(includer.looked_at().contains(&folder.path().join("later.conf")));
    }

    #[test]
    fn only_files_may_include() {
        let request = IncludeRequest {
            form: IncludeForm::File,
            target: "/etc/passwd",
            from: &SourceName::Environment,
        };
        let includer = FileIncluder::new(Mode::Clearml, IncludeUrls::Files, 99);
        assert!(matches!(includer.include(&request), Err(IncludeError::Refused { .. })));
    }
}
