//! Those that are measured, each running for as long as its value lives.

use std::{
    env, fs, io,
    io::Write,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    bare,
    clock::wait_for,
    load::{Question, Wire, ask_once},
};

/// A server that runs.
pub struct Contender {
    pub name: &'static str,
    pub socket: PathBuf,
    pub wire: Wire,
    /// The path or key that gives the body.
    target: String,
    child: Child,
}

/// Its process ends with it.
impl Drop for Contender {
    fn drop(&mut self) {
        terminate(&self.child);
        let _ = self.child.wait();
    }
}

/// Tells a process to end.
pub fn terminate(child: &Child) {
    if let Ok(process) = child.id().try_into() {
        let _ = kill(Pid::from_raw(process), Signal::SIGTERM);
    }
}

impl Contender {
    fn start(
        name: &'static str,
        (wire, target): (Wire, &str),
        socket: PathBuf,
        command: &mut Command,
    ) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = child.spawn().map_err(|error| {
            io::Error::other(format!("cannot start {name} ({error}); is it installed?"))
        })?;
        let contender = Self { name, socket, wire, target: target.to_owned(), child };
        wait_for(name, || UnixStream::connect(&contender.socket).ok())?;
        Ok(contender)
    }

    /// Starts the daemon over one configuration file.
    pub fn ours(daemon: &Path, folder: &Path, config: &Path) -> io::Result<Self> {
        let mut command = Command::new(daemon);
        command.arg("daemon").arg("--no-vaults").arg("--config").arg(config);
        Self::daemon(folder, command.env_clear().env("HOME", folder))
    }

    /// Starts the daemon by a command that lacks only the socket.
    pub fn daemon(folder: &Path, command: &mut Command) -> io::Result<Self> {
        let socket = folder.join("run/resolver.sock");
        command.arg("--socket").arg(&socket);
        Self::start("ours", (Wire::Http, "/v1/config"), socket, command)
    }

    /// Starts the bare server, which sends what `ours` sends, byte for byte but for the date.
    pub fn bare_hyper(folder: &Path, ours: &Self) -> io::Result<Self> {
        let socket = folder.join("bare.sock");
        let (head, body) = (folder.join("bare.head"), folder.join("bare.body"));
        let answer = ask_once(&ours.question(""))?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_default();
        fs::write(&head, &answer[..end])?;
        fs::write(&body, answer.get(end + 4..).unwrap_or_default())?;
        Self::bare_hyper_again(&socket, &body, &head)
    }

    /// Starts the bare server over files that it had before.
    pub fn bare_hyper_again(socket: &Path, body: &Path, head: &Path) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(bare::COMMAND).arg(socket).arg(body).arg(head);
        Self::start("bare hyper", (Wire::Http, "/"), socket.to_owned(), &mut command)
    }

    /// Starts nginx with one process and a static file, which it sends by `sendfile(2)`.
    pub fn nginx(folder: &Path, body: &Path) -> io::Result<Self> {
        let socket = folder.join("nginx.sock");
        let root = folder.join("root");
        fs::create_dir_all(&root)?;
        fs::copy(body, root.join("body.json"))?;
        let config = folder.join("nginx.conf");
        let text = format!(
            "daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/nginx.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; etag on; open_file_cache max=9;\n\
             keepalive_requests 1000000000; default_type application/json;\n\
             client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3;\n\
             uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n\
             server {{ listen unix:{1}; root {2}; }} }}\n",
            folder.display(),
            socket.display(),
            root.display()
        );
        fs::write(&config, text)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(&config);
        Self::start("nginx", (Wire::Http, "/body.json"), socket, &mut command)
    }

    pub fn redis(folder: &Path, body: &Path) -> io::Result<Self> {
        let socket = folder.join("redis.sock");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]);
        command.arg(&socket).arg("--dir").arg(folder);
        let contender = Self::start("redis", (Wire::Redis, "body"), socket, &mut command)?;
        let body = fs::read(body)?;
        let mut order =
            format!("*3\r\n$3\r\nSET\r\n$4\r\nbody\r\n${}\r\n", body.len()).into_bytes();
        order.extend_from_slice(&body);
        order.extend_from_slice(b"\r\n");
        UnixStream::connect(&contender.socket)?.write_all(&order)?;
        wait_for("the key", || ask_once(&contender.question("")).ok().filter(|all| all.len() > 9))?;
        Ok(contender)
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Returns the question for its body, with these headers.
    pub fn question(&self, headers: &str) -> Question<'_> {
        self.question_for(&self.target, headers)
    }

    /// Returns the question for a path or key.
    pub fn question_for(&self, target: &str, headers: &str) -> Question<'_> {
        let text = match self.wire {
            Wire::Http => format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n"),
            Wire::Redis => format!("*2\r\n$3\r\nGET\r\n${}\r\n{target}\r\n", target.len()),
        };
        Question { socket: &self.socket, wire: self.wire, bytes: text.into_bytes() }
    }

    /// Returns the entity tag of its body.
    pub fn tag(&self) -> io::Result<String> {
        let answer = ask_once(&self.question(""))?;
        let text = String::from_utf8_lossy(&answer);
        let tag = text.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("etag").then(|| value.to_owned())
        });
        tag.ok_or_else(|| io::Error::other(format!("{} sends no entity tag", self.name)))
    }
}
