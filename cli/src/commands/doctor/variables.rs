//! Variables of the environment that do not do what those who set them believe.

use std::path::Path;

use daemon::ambient::Ambient;

use super::Finding;

/// The clients' switches for vaults (`clearml` 2.1.12, `clearml-agent` 3.0.3).
const SWITCHES: [&str; 2] =
    ["CLEARML_DISABLE_VAULT_SUPPORT", "CLEARML_AGENT_DISABLE_VAULT_SUPPORT"];

/// The variables that name a configuration file.
const FILES: [&str; 2] = ["CLEARML_CONFIG_FILE", "TRAINS_CONFIG_FILE"];

/// Looks at the variables that clients and daemon read.
pub(super) fn look(ambient: &Ambient) -> Vec<Finding> {
    let switches = SWITCHES.iter().filter_map(|name| switch(name, ambient));
    let files = FILES.iter().filter_map(|name| config_file(name, ambient));
    switches.chain(files).chain(any_key_variables(ambient)).collect()
}

/// ClearML's documentation says that `0` switches vaults off; the clients take `1` for that.
fn switch(name: &str, ambient: &Ambient) -> Option<Finding> {
    let text = ambient.variable(name)?.to_ascii_lowercase();
    Some(match text.as_str() {
        "0" | "false" | "no" | "off" => {
            Finding::wrong(name, format!("`{text}` leaves vaults on; only `1` switches them off"))
                .with_remedy(format!("unset {name}, or set it to 1 to run without vaults"))
        }
        "1" | "true" | "yes" | "on" => {
            Finding::odd(name, "vaults are switched off for processes with this environment")
        }
        _ => Finding::wrong(name, "is neither true nor false; clients stop at it")
            .with_remedy(format!("unset {name}, or set it to 1 to run without vaults")),
    })
}

/// A file that is named and not there gives an empty configuration, without a word of the clients.
fn config_file(name: &str, ambient: &Ambient) -> Option<Finding> {
    let path = ambient.expand_home(Path::new(ambient.variable(name)?));
    if path.is_file() {
        return None;
    }
    let what = if path.exists() { "is no regular file" } else { "is not there" };
    let message = format!("`{}` {what}: clients run on an empty configuration", path.display());
    Some(
        Finding::wrong(name, message)
            .with_remedy(format!("name a file that exists, or unset {name}")),
    )
}

/// Secrets in the environment are readable for all processes of the same user.
fn any_key_variables(ambient: &Ambient) -> Option<Finding> {
    let names = ambient.environment.keys().filter(|name| {
        let name = name.to_ascii_uppercase();
        name.starts_with("CLEARML_AGENT__")
            && ["PASS", "SECRET", "TOKEN"].iter().any(|word| name.contains(word))
    });
    let names: Vec<_> = names.cloned().collect();
    let first = names.first()?.clone();
    let message = format!("{} in the environment, which every child inherits", names.join(", "));
    Some(Finding::odd(first, message).with_remedy("keep secrets in a file of mode 0600 or a vault"))
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};

    fn ambient(name: &str, text: &str) -> Ambient {
        Ambient {
            environment: [(name.to_owned(), text.to_owned())].into(),
            home: None,
            user_id: 0,
            group_id: 0,
            host_name: String::new(),
            working_directory: "/".into(),
        }
    }

    #[test]
    fn knows_what_the_clients_make_of_a_variable() {
        for (name, text, health) in [
            ("CLEARML_DISABLE_VAULT_SUPPORT", "0", Some(Health::Wrong)),
            ("CLEARML_DISABLE_VAULT_SUPPORT", "1", Some(Health::Odd)),
            ("CLEARML_AGENT_DISABLE_VAULT_SUPPORT", "maybe", Some(Health::Wrong)),
            ("CLEARML_CONFIG_FILE", "/absent.conf", Some(Health::Wrong)),
            ("CLEARML_CONFIG_FILE", "/dev/null", Some(Health::Wrong)),
            ("CLEARML_CONFIG_FILE", "/etc/passwd", None),
            ("CLEARML_AGENT__AGENT__GIT_PASS", "hunter2", Some(Health::Odd)),
            ("CLEARML_AGENT__AGENT__GIT_USER", "ada", None),
        ] {
            let found = look(&ambient(name, text));
            assert_eq!(found.first().map(|it| it.health), health, "{name}={text}");
            assert!(found.iter().all(|it| !format!("{it:?}").contains("hunter2")));
        }
    }
}
