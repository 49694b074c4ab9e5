//! A private place to run the program in: a home of its own, no environment but what is given, an
//! end in time.
#![expect(clippy::panic, reason = "a test that cannot go on says so by a panic")]

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long one run may take. A debug build on a busy machine takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before a condition is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A private place to run the program in. Dropping it removes all that was written there.
pub struct Sandbox {
    program: PathBuf,
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

/// What a finished run left.
#[must_use = "an outcome that nobody looks at hides a failure"]
#[derive(Debug)]
pub struct Outcome {
    /// Data.
    pub stdout: String,
    /// Talk.
    pub stderr: String,
    status: ExitStatus,
}

/// A run in the background; dropping it ends the process, by its id.
pub struct Background {
    child: Child,
    stderr: Receiver<String>,
    heard: Vec<String>,
}

impl Sandbox {
    /// Makes a place to run a program in, given by `env!("CARGO_BIN_EXE_…")`.
    ///
    /// # Panics
    /// The folder cannot be made.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let sandbox = Self { program: program.into(), folder, environment: BTreeMap::new() };
        for name in ["home", "run", "work"] {
            let path = sandbox.folder.path().join(name);
            fs::create_dir(&path).expect("a folder can be made in our own");
            let private = fs::Permissions::from_mode(0o700);
            fs::set_permissions(&path, private).expect("our own folder can be made private");
        }
        sandbox
    }

    /// Sets a variable of the environment that runs see.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Returns the program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Returns the home directory.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Returns the working directory, to which file names of runs are relative.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Returns where the daemon's socket is when nothing else is said.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("run/clearml-resolver/resolver.sock")
    }

    /// Writes a file below the working directory, and the folders above it.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.work().join(name);
        let folder = path.parent().expect("a file has a folder");
        fs::create_dir_all(folder).expect("a folder can be made in our own");
        fs::write(&path, text).expect("a file can be written in our own folder");
        path
    }

    /// Runs the program to its end with arguments that stand between blanks.
    pub fn run(&self, arguments: &str) -> Outcome {
        self.run_with(arguments.split_ascii_whitespace())
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// It does not end in time.
    pub fn run_with<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        finish(self.command(&self.program, arguments))
    }

    /// Runs the program to its end with a text on its standard input.
    ///
    /// # Panics
    /// It does not end in time.
    pub fn run_fed<A: AsRef<OsStr>>(
        &self,
        input: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Outcome {
        let file = fs::File::open(self.write("standard-input", input));
        let mut command = self.command(&self.program, arguments);
        command.stdin(file.expect("what was just written can be read"));
        finish(command)
    }

    /// Runs another program to its end, in the same surroundings.
    ///
    /// # Panics
    /// It does not end in time.
    pub fn run_other<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Outcome {
        finish(self.command(program, arguments))
    }

    /// Starts the program in the background; its data goes nowhere.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Background {
        self.start_with(arguments, Stdio::null())
    }

    /// Starts the program in the background; its data goes to a file below the working directory.
    ///
    /// # Panics
    /// It cannot be started, or the file not made.
    pub fn start_into<A: AsRef<OsStr>>(
        &self,
        name: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Background {
        let file = fs::File::create(self.work().join(name));
        self.start_with(arguments, file.expect("a file can be made in our own folder").into())
    }

    fn start_with<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        stdout: Stdio,
    ) -> Background {
        let mut command = self.command(&self.program, arguments);
        let mut child = command.stdout(stdout).spawn().expect("the program can be started");
        let stderr = lines(child.stderr.take().expect("standard error is a pipe"));
        Background { child, stderr, heard: Vec::new() }
    }

    /// Waits until a condition holds.
    ///
    /// # Panics
    /// It does not hold in time.
    pub fn eventually(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    fn command<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("XDG_RUNTIME_DIR", self.folder.path().join("run"))
            .env("CLEARML_RESOLVER_SOCKET", self.socket())
            .envs(&self.environment)
            .current_dir(self.work())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

fn finish(mut command: Command) -> Outcome {
    let mut child = command.spawn().expect("the program can be started");
    let stdout = collect(child.stdout.take().expect("standard output is a pipe"));
    let stderr = collect(child.stderr.take().expect("standard error is a pipe"));
    let deadline = Instant::now() + PATIENCE;
    let texts = [stdout, stderr]
        .map(|text| text.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok());
    if texts.iter().any(Option::is_none) {
        let _ended_meanwhile = child.kill();
    }
    let status = child.wait().expect("a child can be waited for");
    let [stdout, stderr] =
        texts.map(|text| text.unwrap_or_else(|| panic!("no end within {PATIENCE:?}")));
    Outcome { stdout, stderr, status }
}

impl Outcome {
    /// Returns the exit code.
    ///
    /// # Panics
    /// A signal ended it.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("signal {:?} ended it", self.status.signal()))
    }

    /// Returns the signal that ended it, if one did.
    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// Returns the data of a run that succeeded.
    ///
    /// # Panics
    /// It did not.
    pub fn success(self) -> String {
        assert_eq!(self.code(), 0, "stderr: {}", self.stderr);
        self.stdout
    }

    /// Returns the talk of a run that failed with this code.
    ///
    /// # Panics
    /// It ended otherwise.
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.code(), code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stderr
    }
}

impl Background {
    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to end (SIGTERM), and waits until it has.
    ///
    /// # Panics
    /// It does not end in time, or not with exit code 0.
    pub fn terminate(self) {
        let _said = self.terminate_and_tell();
    }

    /// Tells it to end (SIGTERM), waits until it has, and returns all that it has said.
    ///
    /// # Panics
    /// It does not end in time, or not with exit code 0.
    pub fn terminate_and_tell(self) -> String {
        let id = self.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.is_ok_and(|status| status.success()), "process {id} cannot be told to end");
        self.end()
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// It does not end in time, or not with exit code 0.
    pub fn wait(self) {
        let _said = self.end();
    }

    /// Waits until it ends by itself, and returns all that it has said.
    fn end(mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let left = || deadline.saturating_duration_since(Instant::now());
        while let Ok(line) = self.stderr.recv_timeout(left()) {
            self.heard.push(line);
        }
        assert!(Instant::now() < deadline, "no end within {PATIENCE:?}");
        let status = self.child.wait().expect("a child can be waited for");
        assert!(status.success(), "it ended with {status}");
        self.heard.join("\n")
    }

    /// Waits until it says a line that holds a text, and returns the line.
    ///
    /// # Panics
    /// It does not say so in time.
    pub fn hear(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.stderr.recv_timeout(left) {
                Ok(line) => {
                    self.heard.push(line);
                    if let Some(line) = self.heard.last().filter(|line| line.contains(text)) {
                        return line.clone();
                    }
                }
                Err(reason) => {
                    let reason = match reason {
                        RecvTimeoutError::Timeout => "in time",
                        RecvTimeoutError::Disconnected => "before its end",
                    };
                    panic!("`{text}` was not said {reason}; said:\n{}", self.heard.join("\n"));
                }
            }
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Reads a pipe to its end, in a thread of its own.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _cut_short = pipe.read_to_end(&mut bytes);
        sender.send(String::from_utf8_lossy(&bytes).into_owned())
    });
    receiver
}

/// Hands on the lines of a pipe as they come, by a thread of its own.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Returns a file of the workspace, such as `tests/fixtures/oracle`.
pub fn workspace_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
