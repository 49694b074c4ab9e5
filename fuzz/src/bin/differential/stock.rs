//! A Python process that reads texts with the stock clients' parser.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::answer::Answer;

/// The variables that references can name; there are no others.
pub(super) const VARIABLES: [(&str, &str); 2] = [("SET", "val"), ("EMPTY", "")];

/// The process, and both ends of the talk with it.
pub(super) struct Stock {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Stock {
    /// Starts the parser.
    ///
    /// # Panics
    /// There is no such Python.
    pub(super) fn start(python: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/python/stock_parser.py");
        let mut process = Command::new(python)
            .arg(script)
            .env_clear()
            .envs(VARIABLES)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of `cargo xtask test --only python` starts");
        let questions = process.stdin.take().expect("it was asked for");
        let answers = BufReader::new(process.stdout.take().expect("it was asked for"));
        Self { process, questions, answers }
    }

    /// Reads a text; each takes a few milliseconds.
    ///
    /// # Panics
    /// The process has ended.
    pub(super) fn read(&mut self, text: &str) -> Answer {
        let question = serde_json::Value::from(text).to_string();
        writeln!(self.questions, "{question}").expect("the parser reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the parser answers");
        let answer = serde_json::from_str(&line).expect("the parser answers in JSON");
        Answer::of_stock(answer)
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        // It ends by itself with its input; this is for one that is stuck.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
