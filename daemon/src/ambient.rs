//! What surrounds the process: environment, home, ids, host name, working directory, read once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use resolver::{Environment, Hidden, Variable};

/// What surrounds the process, as it was at its start.
///
/// `Debug` shows no variable: the environment holds secrets.
#[derive(Clone)]
pub struct Ambient {
    /// The environment; variables whose name or text is no Unicode are left out.
    pub environment: BTreeMap<String, String>,
    /// The home directory: `HOME`, else what the user database says.
    pub home: Option<PathBuf>,
    /// The effective user id.
    pub user_id: u32,
    /// The effective group id.
    pub group_id: u32,
    /// The host's name, as the clients send it in `X-ClearML-Worker`.
    pub host_name: String,
    /// The working directory; empty if it is gone.
    pub working_directory: PathBuf,
}

impl Ambient {
    /// Reads it all. Nothing else in this program reads the environment.
    pub fn read() -> Self {
        let environment = read_environment();
        let user_id = nix::unistd::geteuid();
        let home = environment.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let home = home
            .or_else(|| nix::unistd::User::from_uid(user_id).ok().flatten().map(|user| user.dir));
        let host_name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        Self {
            environment,
            home,
            user_id: user_id.as_raw(),
            group_id: nix::unistd::getegid().as_raw(),
            host_name: host_name.unwrap_or_else(|| "localhost".into()),
            working_directory: std::env::current_dir().unwrap_or_default(),
        }
    }

    /// Returns the text of a variable, trimmed; an empty one counts as unset, as for the clients
    /// (`clearml` 2.1.12, `backend_config/environment.py`).
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Returns the text of the first of these variables that is set.
    pub fn first_variable(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.variable(name))
    }

    /// Returns what the environment says is secret: the names that the stock agent is told to hide
    /// (`clearml-agent` 3.0.3, `definitions.py`), and the values of variables with names of
    /// secrets.
    pub fn hidden(&self) -> Hidden {
        let mut hidden = Hidden::default();
        if let Some(names) = self.variable("CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV") {
            hidden.add_names_of_variable(names);
        }
        for (name, value) in &self.environment {
            hidden.add_variable(name, value);
        }
        hidden
    }

    /// Returns a path with a leading `~` replaced by the home directory.
    ///
    /// `~other` is left alone, as it is without a home directory.
    pub fn expand_home(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        }
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ambient")
            .field("variables", &self.environment.len())
            .field("home", &self.home)
            .field("user_id", &self.user_id)
            .field("host_name", &self.host_name)
            .finish_non_exhaustive()
    }
}

fn read_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
        .collect()
}

/// The environment of the process that asks: each variable is set or unset.
#[derive(Clone, Copy, Debug)]
pub struct AskerEnvironment<'a>(pub &'a Ambient);

impl Environment for AskerEnvironment<'_> {
    fn variable(&self, name: &str) -> Variable {
        set_or_unset(&self.0.environment, name)
    }

    fn names_with_prefix(&self, prefix: &str) -> Vec<String> {
        let names = self.0.environment.keys();
        names.filter(|name| name.starts_with(prefix)).cloned().collect()
    }
}

/// What a daemon may close references with: the variables that `environment.allow` names.
///
/// All others belong to whoever asks.
#[derive(Clone)]
pub struct AllowedEnvironment {
    allowed: BTreeSet<String>,
    environment: BTreeMap<String, String>,
}

impl AllowedEnvironment {
    /// Returns the environment that lets these names through.
    pub fn new<'a>(ambient: &Ambient, allow: impl IntoIterator<Item = &'a str>) -> Self {
        let allowed: BTreeSet<String> = allow.into_iter().map(str::to_owned).collect();
        let environment = ambient
            .environment
            .iter()
            .filter(|(name, _)| allowed.contains(*name))
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect();
        Self { allowed, environment }
    }
}

impl Environment for AllowedEnvironment {
    fn variable(&self, name: &str) -> Variable {
        if self.allowed.contains(name) {
            set_or_unset(&self.environment, name)
        } else {
            Variable::Unknown
        }
    }
}

impl fmt::Debug for AllowedEnvironment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("AllowedEnvironment").field(&self.allowed).finish()
    }
}

fn set_or_unset(environment: &BTreeMap<String, String>, name: &str) -> Variable {
    environment.get(name).map_or(Variable::Unset, |text| Variable::Set(text.clone()))
}

#[cfg(test)]
impl Ambient {
    /// Returns a made-up host with these variables.
    pub(crate) fn of_variables(variables: &[(&str, &str)]) -> Self {
        let pairs = variables.iter().map(|(name, text)| ((*name).into(), (*text).into()));
        Self {
            environment: pairs.collect(),
            home: Some("/home/ada".into()),
            user_id: 1000,
            group_id: 1000,
            host_name: "node".into(),
            working_directory: "/".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_counts_as_unset_for_settings() {
        let ambient = Ambient::of_variables(&[("A", " \t"), ("B", " x "), ("C", "y")]);
        assert_eq!(ambient.variable("A"), None);
        assert_eq!(ambient.first_variable(&["A", "B", "C"]), Some("x"));
    }

    #[test]
    fn only_allowed_variables_are_known_to_the_daemon() {
        let ambient = Ambient::of_variables(&[("ALLOWED", ""), ("SECRET", "s")]);
        let environment = AllowedEnvironment::new(&ambient, ["ALLOWED", "ABSENT"]);
        assert!(environment.variable("ALLOWED") == Variable::Set(String::new()));
        assert!(environment.variable("ABSENT") == Variable::Unset);
        assert!(environment.variable("SECRET") == Variable::Unknown);
        assert!(AskerEnvironment(&ambient).variable("SECRET") == Variable::Set("s".into()));
    }

    #[test]
    fn an_asker_knows_the_names_of_its_variables() {
        let ambient = Ambient::of_variables(&[("A_2", ""), ("A_1", "x"), ("B", "")]);
        assert_eq!(AskerEnvironment(&ambient).names_with_prefix("A_"), ["A_1", "A_2"]);
    }

    #[test]
    fn home_stands_for_a_leading_tilde_only() {
        let ambient = Ambient::of_variables(&[]);
        for (path, expanded) in [
            ("~/clearml.conf", "/home/ada/clearml.conf"),
            ("~", "/home/ada"),
            ("~other/x", "~other/x"),
            ("/a/~/b", "/a/~/b"),
        ] {
            assert_eq!(ambient.expand_home(Path::new(path)), Path::new(expanded));
        }
    }

    #[test]
    fn debug_shows_no_variable() {
        let ambient = Ambient::of_variables(&[("NAME", "hunter2")]);
        assert!(!format!("{ambient:?} {:?}", AskerEnvironment(&ambient)).contains("hunter2"));
        let allowed = AllowedEnvironment::new(&ambient, ["NAME"]);
        assert!(!format!("{allowed:?}").contains("hunter2"));
    }
}
