//! The first page of the help: commands by what one wants to do.

use clap::Command;

/// What one wants to do, and the commands for it, the likeliest first.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Ask", &["get", "resolve", "explain", "diff", "watch", "status"]),
    ("Look for mistakes", &["check", "doctor"]),
    ("Run", &["daemon", "exec", "redact"]),
    ("Set up", &["init", "vault"]),
    ("For your shell", &["completions", "man"]),
];

/// What to try first.
const FIRST_STEPS: &str = "\
First steps:
  clearml-resolver daemon --dev              a daemon with a sample of its own
  clearml-resolver explain agent.git_user    who sets a value, what that hides
  clearml-resolver doctor                    what is wrong on this host";

const EXIT_CODES: &str = "\
Exit codes:
  0 done, 1 no answer (diff: something differs; doctor: something is wrong),
  2 usage, 3 daemon or server not reachable, 4 refused";

/// Returns the definition of the command line with its first page.
pub(crate) fn with_first_page(command: Command) -> Command {
    let commands = grouped(&command);
    command
        // What stands behind the usage begins with an empty line of its own.
        .help_template("{about}\n\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}")
        .after_help(format!("{FIRST_STEPS}\n\n{commands}{EXIT_CODES}"))
}

/// Lists the commands by group; one that is in none comes last.
fn grouped(command: &Command) -> String {
    let line = |command: &Command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        format!("  {:<12} {about}\n", command.get_name())
    };
    let mut text = String::new();
    let mut shown: Vec<&str> = Vec::new();
    for (title, names) in GROUPS {
        let there: Vec<_> = names.iter().filter_map(|name| command.find_subcommand(name)).collect();
        shown.extend(there.iter().map(|command| command.get_name()));
        let lines: String = there.into_iter().map(line).collect();
        text.extend([title, ":\n", &lines, "\n"]);
    }
    let is_further =
        |command: &&Command| !command.is_hide_set() && !shown.contains(&command.get_name());
    let further: String = command.get_subcommands().filter(is_further).map(line).collect();
    if !further.is_empty() {
        text.extend(["Further:\n", &further, "\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::{args::Args, page::WIDTH};

    #[test]
    fn names_each_command_once() {
        let mut command = with_first_page(Args::command());
        let help = command.render_help().to_string();
        let definition = Args::command();
        let shown = definition.get_subcommands().filter(|command| !command.is_hide_set());
        for name in shown.map(Command::get_name) {
            let line = format!("\n  {name:<12} ");
            assert_eq!(help.matches(&line).count(), 1, "{name}:\n{help}");
        }
    }

    #[test]
    fn has_no_gap() {
        let help = with_first_page(Args::command()).render_help().to_string();
        assert!(!help.contains("\n\n\n"), "{help}");
    }

    #[test]
    fn fits_a_terminal_without_being_wrapped() {
        let text = format!("{FIRST_STEPS}\n{}\n{EXIT_CODES}", grouped(&Args::command()));
        let too_wide = text.lines().filter(|line| line.chars().count() > WIDTH);
        assert_eq!(too_wide.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
