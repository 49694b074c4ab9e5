//! The page of a status: a headline a profile, below it what one asks first when something is odd.
//!
//! ```text
//! clearml-resolver 0.1.0, process 4711, up 3 h, 5 connections
//!
//! default  ● fresh for 3 h, 12 s old, asked again in 48 s
//!   answer    revision 4, 27 values, digest 3f9a0c…
//!   calls     120 answers for 180 fetches, 60 calls to the server saved
//!   file      /home/ada/clearml.conf
//!   vault     dev-team (what the whole team shares), group, config, hocon
//!   set aside vault dev-limits:3:7: `}` stands here while a list is open
//! ```

use anstyle::Style;
use daemon::protocol::{ProfileStatus, QuarantineStatus, State, Status, VaultStatus};

use crate::{
    output::Color,
    page::{self, BAD, CAUTION, FAINT, GOOD, TITLE},
};

/// Columns before what is said: the word that says what it is about.
const INDENT: usize = 12;

/// Items of one kind that are listed; who has more of them asks with `--json`.
const MOST_ITEMS: usize = 8;

/// What is known besides what the daemon says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Seconds since 1970-01-01 (UTC).
    pub(super) now: u64,
    /// How many connections are open.
    pub(super) connections: Option<u64>,
}

/// Draws a status.
pub(super) fn draw(status: &Status, seen: Seen, color: Color) -> String {
    let (version, pid) = (page::printable(&status.version), status.pid);
    let up = span(seen.now.saturating_sub(status.since));
    let connections = match seen.connections {
        Some(1) => ", 1 connection".to_owned(),
        Some(connections) => format!(", {connections} connections"),
        None => String::new(),
    };
    let mut text = format!("clearml-resolver {version}, process {pid}, up {up}{connections}\n");
    for (name, profile) in &status.profiles {
        text.push('\n');
        text.push_str(&section(name, profile, seen.now, color));
    }
    text
}

/// The lines below a headline.
struct Lines {
    lines: Vec<String>,
    color: Color,
}

impl Lines {
    /// Adds what is said of one thing, below each other where it is long.
    fn say(&mut self, word: &str, style: Style, text: &str) {
        let first = format!("  {word:<width$}", width = INDENT - 2);
        let whole = page::wrapped(&first, text);
        let rest = whole.get(first.len()..).unwrap_or_default();
        self.lines.push(format!("{}{rest}", self.color.paint(style, &first)));
    }

    /// Adds the first of some items, and how many more there are.
    fn list(&mut self, items: &[(&str, String)]) {
        for (word, text) in items.iter().take(MOST_ITEMS) {
            self.say(word, FAINT, text);
        }
        if items.len() > MOST_ITEMS {
            let more = items.len() - MOST_ITEMS;
            self.say("", FAINT, &format!("and {more} more; `--json` has them all"));
        }
    }
}

fn section(name: &str, profile: &ProfileStatus, now: u64, color: Color) -> String {
    let mut section = Lines { lines: vec![headline(name, profile, now, color)], color };
    for reason in profile.reason.iter().chain(&profile.fault) {
        section.say("because", CAUTION, reason);
    }
    section.say("answer", FAINT, &answer(profile));
    section.say("calls", FAINT, &calls(profile));
    if let Some(hidden) = &profile.user_names {
        let names = page::counted(hidden.names.len(), "name");
        let warning = hidden.warning.as_ref().map(|warning| format!("; {warning}"));
        let text = format!("{names} of the user's own list{}", warning.clone().unwrap_or_default());
        section.say("masked", if warning.is_some() { CAUTION } else { FAINT }, &text);
    }
    for fault in profile.kept.iter().filter_map(|kept| kept.fault.as_ref()) {
        section.say("not kept", CAUTION, fault);
    }
    let files = profile.files.iter().map(|file| (file.layer.as_str(), file.path.clone()));
    section.list(&files.collect::<Vec<_>>());
    let vaults = profile.vaults.iter().map(|vault| ("vault", described(vault)));
    section.list(&vaults.collect::<Vec<_>>());
    for quarantined in &profile.quarantined {
        section.say("set aside", BAD, &set_aside(quarantined));
    }
    if !profile.unresolved.is_empty() {
        let open = format!("{}; whoever asks closes them", profile.unresolved.join(", "));
        section.say("open", FAINT, &open);
    }
    section.lines.join("\n") + "\n"
}

fn described(vault: &VaultStatus) -> String {
    let name = if vault.name.is_empty() { String::new() } else { format!(" ({})", vault.name) };
    let words = [vault.scope.as_str(), vault.kind.as_str(), vault.format.as_str()].join(", ");
    let spoiled = if vault.spoiled { "; a stock client by itself misreads it" } else { "" };
    format!("{}{name}, {words}{spoiled}", vault.id)
}

fn headline(name: &str, profile: &ProfileStatus, now: u64, color: Color) -> String {
    let style = match profile.state {
        State::Fresh | State::Off => GOOD,
        State::Stale | State::Absent => CAUTION,
        State::Expired | State::Revoked => BAD,
    };
    let state = color.paint(style, &format!("● {}", profile.state));
    let mut words = vec![format!("for {}", span(now.saturating_sub(profile.since)))];
    words.extend(profile.age_seconds.map(|seconds| format!("{} old", span(seconds))));
    let next = profile.next_refresh_seconds;
    words.extend(next.map(|seconds| format!("asked again in {}", span(seconds))));
    format!("{}  {state} {}", color.paint(TITLE, &page::printable(name)), words.join(", "))
}

fn answer(profile: &ProfileStatus) -> String {
    let Some(digest) = &profile.digest else { return "none yet".into() };
    let pinned = if profile.pinned { ", pinned by an administrator" } else { "" };
    let (revision, values) = (profile.revision, profile.keys);
    // The digest stays whole: it is what `diff --against` takes.
    let values = page::counted(values, "value");
    format!("revision {revision}, {values}{pinned}, digest {digest}")
}

fn calls(profile: &ProfileStatus) -> String {
    let (answers, fetches, saved) = (profile.answers, profile.fetches, profile.calls_saved);
    let (answers, fetches) = (page::counted(answers, "answer"), page::counted(fetches, "fetch"));
    format!("{answers} for {fetches}, {} to the server saved", page::counted(saved, "call"))
}

fn set_aside(quarantined: &QuarantineStatus) -> String {
    let place = match quarantined.line.zip(quarantined.column) {
        Some((line, column)) => format!(":{line}:{column}"),
        None => String::new(),
    };
    let (source, message) = (&quarantined.source, &quarantined.message);
    let instead = if quarantined.last_good_served { "; its last good version counts" } else { "" };
    let help = quarantined.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{source}{place}: {message}{help}{instead}")
}

/// Spells a span of time with its largest unit.
fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::page::WIDTH;

    fn profile() -> serde_json::Value {
        json!({
            "state": "stale", "since": 5000, "age_seconds": 4000,
            "reason": "cannot reach `api.example.com`: Connection refused (os error 111), as it was tried three times",
            "fault": null, "revision": 4, "digest": "3f9a0c3f9a0c3f9a0c3f9a0c3f9a0c3f", "keys": 27,
            "unresolved": ["sdk.x"], "next_refresh_seconds": 48, "fetches": 180, "answers": 1200,
            "calls_saved": 2040,
            "vaults": [
                {"id": "dev-team", "name": "what the whole team shares", "scope": "group",
                 "kind": "config", "format": "hocon"},
                {"id": "\u{1b}[2J", "name": "", "scope": "user", "kind": "config", "format": "yaml"},
            ],
            "files": (0..10).map(|index| json!({"path": format!("/etc/{index}.conf"), "layer": "file"})).collect::<Vec<_>>(),
            "quarantined": [{"source": "vault v2", "line": 3, "column": 7,
                "message": "`}` stands here while a list is open", "help": "write `]` before it",
                "last_good_served": true}],
        })
    }

    #[test]
    fn fits_on_a_screen() {
        let status = json!({"version": "0.1.0", "pid": 4711, "since": 0, "profiles": {"default": profile()}});
        let status: Status = serde_json::from_value(status).unwrap();
        let seen = Seen { now: 20_000, connections: Some(5) };
        let page = draw(&status, seen, Color::Plain);
        expect![[r#"
            clearml-resolver 0.1.0, process 4711, up 5 h, 5 connections

            default  ● stale for 4 h, 66 min old, asked again in 48 s
              because   cannot reach `api.example.com`: Connection refused (os error 111),
                        as it was tried three times
              answer    revision 4, 27 values, digest 3f9a0c3f9a0c3f9a0c3f9a0c3f9a0c3f
              calls     1200 answers for 180 fetches, 2040 calls to the server saved
              file      /etc/0.conf
              file      /etc/1.conf
              file      /etc/2.conf
              file      /etc/3.conf
              file      /etc/4.conf
              file      /etc/5.conf
              file      /etc/6.conf
              file      /etc/7.conf
                        and 2 more; `--json` has them all
              vault     dev-team (what the whole team shares), group, config, hocon
              vault     \u{1b}[2J, user, config, yaml
              set aside vault v2:3:7: `}` stands here while a list is open; write `]` before
                        it; its last good version counts
              open      sdk.x; whoever asks closes them
        "#]]
        .assert_eq(&page);
        assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "a line is too wide");
        let styled = draw(&status, seen, Color::Styled);
        assert_eq!(styled.lines().count(), page.lines().count());
    }
}
