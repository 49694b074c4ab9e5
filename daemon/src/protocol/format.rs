//! How a configuration is spelled in an answer.

/// How a configuration is spelled in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum BodyFormat {
    /// JSON on one line: the plain merged object.
    #[default]
    Json,
    /// HOCON that the stock clients read back to the same tree.
    Hocon,
    /// YAML.
    Yaml,
    /// Lines `NAME='value'` for a shell.
    Env,
}

impl BodyFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Json, Self::Hocon, Self::Yaml, Self::Env];

    /// Returns the format that goes by this name in `format=`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Returns its name in `format=`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Hocon => "hocon",
            Self::Yaml => "yaml",
            Self::Env => "env",
        }
    }

    /// Returns its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Hocon => "application/hocon",
            Self::Yaml => "application/yaml",
            Self::Env => "text/plain; charset=utf-8",
        }
    }
}
