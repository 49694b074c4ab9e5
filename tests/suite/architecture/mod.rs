//! The walls of the house: which room may know which, and what a file may look like.
//!
//! The sources are read as text, so a wall holds for code that is not compiled here, too. To move
//! a wall, change its list in a commit of its own.

mod source;

use std::collections::BTreeSet;

use self::source::{SourceFile, all_sources, sources_of};

/// The rooms of a crate, ground floor first: a room uses only those below it, or on its own floor.
struct House {
    name: &'static str,
    floors: &'static [&'static [&'static str]],
}

const HOUSES: [House; 3] = [
    House {
        name: "resolver",
        floors: &[
            &["number"],
            &["key_path"],
            &["origin"],
            &["diagnostic"],
            &["context"],
            &["value", "object"],
            &["units"],
            &["overlay"],
            &["concat"],
            &["document"],
            &["syntax"],
            &["substitute"],
            &["layer"],
            &["snapshot"],
            &["docker_arguments"],
            &["view"],
            &["merge"],
            &["provenance"],
            &["diff"],
            &["redact"],
            &["lint"],
            &["render"],
        ],
    },
    House {
        name: "daemon",
        floors: &[
            &["ambient"],
            &["text_file"],
            &["settings"],
            &["protocol"],
            &["explanation"],
            &["difference"],
            &["client"],
            &["follow"],
            &["plan"],
            &["connection"],
            &["api"],
            &["sealed"],
            &["sources"],
            &["etcd"],
            &["load"],
            &["event"],
            &["health"],
            &["publish"],
            &["reload"],
            &["systemd"],
            &["watch"],
            &["serve"],
            &["shutdown"],
            &["log"],
            &["app"],
            &["dev"],
        ],
    },
    House {
        name: "cli",
        floors: &[
            &["failure"],
            &["args"],
            &["help"],
            &["output"],
            &["page"],
            &["progress"],
            &["client_keys"],
            &["snippet"],
            &["commands"],
        ],
    },
];

/// What no room may use, not even downwards: the room, the other one, and why.
const NEVER: [(&str, &str, &str, &str); 4] = [
    ("daemon", "serve", "reload", "readers know the answer, not its making"),
    ("daemon", "reload", "serve", "the writer knows no reader"),
    ("daemon", "reload", "protocol", "the writer knows no wire"),
    ("daemon", "sources", "publish", "a source only reads"),
];

/// The formats of `resolver::syntax`, none of which knows another.
const FORMATS: [&str; 4] = ["hocon", "json", "properties", "yaml"];

/// Names that say nothing about what is in a file.
const FORBIDDEN_NAMES: [&str; 10] =
    ["utils", "util", "common", "helpers", "helper", "types", "manager", "data", "info", "process"];

/// Where types may be serialized: each is a promise to somebody.
const SERIALIZED: [&str; 6] = [
    "daemon/src/protocol",
    "daemon/src/api/",
    "daemon/src/settings/",
    "daemon/src/dev/",
    "daemon/src/sealed/",
    "daemon/src/etcd/",
];

/// Where the sight of secrets may be granted.
const GRANTING: [&str; 2] = ["daemon/src/serve/peer", "cli/src/commands/"];

const CODE_LINES: usize = 400;
const HOCON_CODE_LINES: usize = 700;

/// Fails with every crossing that was found.
fn assert_none(crossings: &[String], wall: &str) {
    let found = crossings.len();
    assert!(crossings.is_empty(), "{wall} ({found} found):\n{}", crossings.join("\n"));
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let mut crossings = Vec::new();
    for house in &HOUSES {
        let floor_of = |room: &str| house.floors.iter().position(|floor| floor.contains(&room));
        for file in sources_of(house.name) {
            let Some(room) = file.room() else { continue };
            let Some(own_floor) = floor_of(room) else {
                crossings.push(format!("{}: room `{room}` has no floor in the list", file.path));
                continue;
            };
            // A test may call on the rooms above to show what its own room gives.
            for (line, used) in file.rooms_used().into_iter().filter(|_| !file.is_test()) {
                if floor_of(&used).is_some_and(|floor| floor > own_floor) {
                    crossings.push(format!("{}:{line}: `{room}` uses `{used}`", file.path));
                }
            }
        }
    }
    assert_none(&crossings, "a room uses only rooms on lower floors");
}

#[test]
fn what_must_not_know_each_other_does_not() {
    let mut crossings = Vec::new();
    for (house, room, never, why) in NEVER {
        for file in sources_of(house).iter().filter(|file| file.room() == Some(room)) {
            for (line, _) in file.rooms_used().into_iter().filter(|(_, used)| used == never) {
                crossings.push(format!("{}:{line}: `{room}` uses `{never}`: {why}", file.path));
            }
        }
    }
    assert_none(&crossings, "these rooms never use each other");
}

#[test]
fn no_format_knows_another() {
    let mut crossings = Vec::new();
    for file in sources_of("resolver") {
        let Some(below) = file.path.strip_prefix("resolver/src/syntax/") else { continue };
        let own = below.split(['/', '.']).next().unwrap_or_default();
        for (line, text) in file.code() {
            for format in FORMATS.iter().filter(|format| **format != own && own != "mod") {
                let is_used = [format!("syntax::{format}::"), format!("super::{format}::")]
                    .iter()
                    .any(|path| text.contains(path.as_str()));
                if is_used {
                    crossings.push(format!("{}:{line}: `{own}` uses `{format}`", file.path));
                }
            }
        }
    }
    assert_none(&crossings, "no format of `syntax` knows another");
}

#[test]
fn each_file_begins_with_one_sentence() {
    let crossings = all_sources()
        .iter()
        .filter_map(|file| Some(format!("{}: {}", file.path, file.fault_of_first_sentence()?)))
        .collect::<Vec<_>>();
    assert_none(&crossings, "a file's first line is one sentence, what the file answers for");
}

#[test]
fn a_file_fits_in_a_head() {
    let mut crossings = Vec::new();
    for file in all_sources() {
        let is_hocon = file.path.starts_with("resolver/src/syntax/hocon/");
        let most = if is_hocon { HOCON_CODE_LINES } else { CODE_LINES };
        let lines = file.code_lines();
        if lines > most {
            crossings.push(format!("{}: {lines} lines of code, at most {most}", file.path));
        }
    }
    assert_none(&crossings, "a file that is too long hides a second room");
}

#[test]
fn nothing_unwraps_outside_tests() {
    assert_absent(&[".unwrap()"], &[], "`unwrap` is for tests; say why it holds with `expect`");
}

#[test]
fn unsafe_code_is_in_one_crate() {
    let unsafe_code = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "unsafe_code"];
    assert_absent(&unsafe_code, &["daemon/memory/src/lib.rs"], "each exception is one to be read");
}

#[test]
fn types_are_serialized_at_the_edge_only() {
    let derives = ["derive(Serialize", "derive(Deserialize", ", Serialize", ", Deserialize"];
    assert_absent(&derives, &SERIALIZED, "a serializable type is a promise; inner types make none");
}

#[test]
fn the_sight_of_secrets_is_granted_in_few_places() {
    assert_absent(&["Reveal::grant("], &GRANTING, "only a peer check or a person grants `Reveal`");
}

#[test]
fn a_name_says_what_is_in_it() {
    let mut crossings = BTreeSet::new();
    for file in all_sources() {
        for name in file.path.split(['/', '.']).filter(|name| FORBIDDEN_NAMES.contains(name)) {
            crossings.insert(format!("{}: `{name}` says nothing", file.path));
        }
    }
    assert_none(&Vec::from_iter(crossings), "a file is named after what it answers for");
}

/// Fails where code outside tests, and outside the places that may, holds one of the texts.
fn assert_absent(texts: &[&str], allowed: &[&str], wall: &str) {
    let may = |file: &SourceFile| allowed.iter().any(|prefix| file.path.starts_with(prefix));
    let mut crossings = Vec::new();
    for file in all_sources().iter().filter(|file| !file.is_test() && !may(file)) {
        for (line, code) in file.code() {
            if texts.iter().any(|text| code.contains(text)) {
                crossings.push(format!("{}:{line}: {}", file.path, code.trim()));
            }
        }
    }
    assert_none(&crossings, wall);
}
