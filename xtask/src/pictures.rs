//! Terminal pictures for the README: what commands print of the sample, as SVG.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    command::{Failure, cargo, write},
    workspace::Workspace,
};

/// Each picture: its file below `docs/pictures`, and what is typed.
const PICTURES: [(&str, &str); 4] = [
    ("explain", "explain sdk.aws.s3.region"),
    ("diff", "diff agent"),
    ("status", "status"),
    ("check", "check mistakes.conf --as vault"),
];

/// A text with mistakes that people make.
const MISTAKES: &str = "agent {\n  git_usr: \"team-bot\"\n  git_pass: \"not-to-be-seen\"\n  \
    worker_name: \"gpu-box\"\n  extra_docker_arguments: [\"-e HF_TOKEN=not-to-be-seen\"]\n}\n";

/// How long the daemon may take to serve.
const PATIENCE: Duration = Duration::from_secs(30);

/// Draws all pictures.
pub(crate) fn draw(workspace: &Workspace) -> Result<(), Failure> {
    cargo(workspace, "build --package clearml-resolver --locked").run()?;
    let folder = workspace.target.join("pictures");
    write(&folder.join("mistakes.conf"), MISTAKES)?;
    let program = workspace.target.join("debug/clearml-resolver");
    let socket = folder.join("resolver.sock");
    let _daemon = Daemon::start(&program, &folder, &socket)?;
    for (name, arguments) in PICTURES {
        let text = printed(&program, &folder, &socket, arguments)?;
        let page = format!("$ clearml-resolver {arguments}\n{text}");
        let picture = anstyle_svg::Term::new().render_svg(&page);
        write(&workspace.root.join(format!("docs/pictures/{name}.svg")), &picture)?;
    }
    Ok(())
}

/// Returns what a command prints on a terminal.
fn printed(
    program: &Path,
    folder: &Path,
    socket: &Path,
    arguments: &str,
) -> Result<String, Failure> {
    let output = command(program, folder, socket)
        .args(arguments.split(' '))
        .args(["--color", "always"])
        .output()
        .map_err(|source| Failure::NotStarted { program: arguments.into(), source })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // The sample lies in a folder of its own, whose name differs from run to run.
    Ok(text.split_inclusive('\n').map(without_folder).collect())
}

fn without_folder(line: &str) -> String {
    const SAMPLE: &str = "/clearml-resolver-dev-";
    let Some((before, after)) = line.split_once(SAMPLE) else { return line.to_owned() };
    let start = before.rfind(' ').map_or(0, |blank| blank + 1);
    let rest = after.split_once('/').map_or("", |(_, rest)| rest);
    format!("{}/home/ada/{rest}", before.get(..start).unwrap_or_default())
}

fn command(program: &Path, folder: &Path, socket: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", folder)
        .env("CLEARML_RESOLVER_SOCKET", socket)
        .env("TERM", "xterm-256color")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The sample's daemon; it ends with this value, by its id.
struct Daemon(Child);

impl Daemon {
    fn start(program: &Path, folder: &Path, socket: &Path) -> Result<Self, Failure> {
        let _left_by_an_earlier_run = fs::remove_file(socket);
        let mut command = command(program, folder, socket);
        command.args(["daemon", "--dev", "--socket"]).arg(socket).stdout(Stdio::null());
        let child = command.spawn();
        let child = child.map_err(|source| Failure::NotStarted {
            program: "clearml-resolver daemon --dev".into(),
            source,
        })?;
        let daemon = Self(child);
        let deadline = Instant::now() + PATIENCE;
        let asking = || self::command(program, folder, socket).args(["status", "--json"]).output();
        while !asking().is_ok_and(|output| holds_answer(&output.stdout)) {
            if Instant::now() > deadline {
                return Err(Failure::Missing {
                    what: "the sample's daemon gives no answer".into(),
                    next: "run `cargo run -- daemon --dev` and read what it says".into(),
                });
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(daemon)
    }
}

/// Whether a status tells of an answer.
fn holds_answer(status: &[u8]) -> bool {
    String::from_utf8_lossy(status).contains("\"digest\":\"")
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}
