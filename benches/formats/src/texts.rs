//! The texts to read.

use std::fmt::Write as _;

use resolver::{Format, Limits, Mode, SourceId, SourceName, SourceText, Value, parse_alone};

/// The configuration of case 326: all that `clearml-agent init` writes, with its comments.
const REALISTIC_FILE: &str =
    include_str!("../../../tests/fixtures/oracle/326-realistic-clearml-conf/base.conf");

/// Bytes of the vault that is merged over it.
const VAULT_BYTES: usize = 20 << 10;

/// A text of some format.
#[derive(Clone)]
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn source(&self, format: Format) -> SourceText {
        let name = SourceName::Text("benchmark".into());
        SourceText { id: SourceId(0), name, format, text: self.as_str().into() }
    }

    /// Returns the JSON that a HOCON text amounts to, on one line.
    pub(crate) fn as_json(&self) -> Self {
        let limits = Limits { text_bytes: usize::MAX, ..Limits::default() };
        let (root, _) = parse_alone(&self.source(Format::Hocon), Mode::Clearml, &limits);
        let mut json = String::new();
        write_json(&root.expect("the text is sound").value, &mut json);
        Self(json)
    }
}

/// Returns the configuration that an agent's host has.
pub(crate) fn realistic_file() -> Text {
    Text(REALISTIC_FILE.into())
}

/// Returns a vault that covers and extends the configuration of an agent's host.
pub(crate) fn vault() -> Text {
    let mut text = String::from("sdk.aws.s3 { key: AKIA, secret: \"vault-secret\" }\n");
    fill(&mut text, VAULT_BYTES);
    Text(text)
}

/// Returns sections such as configurations are made of, up to a size.
pub(crate) fn sections(bytes: usize) -> Text {
    let mut text = String::with_capacity(bytes);
    fill(&mut text, bytes);
    Text(text)
}

fn fill(text: &mut String, bytes: usize) {
    let mut number = 0;
    while text.len() < bytes {
        section(number, text);
        number += 1;
    }
}

fn section(number: usize, text: &mut String) {
    let port = 8_000 + number;
    write!(
        text,
        r#"service{number} {{
  # where it listens, and how
  host = host-{number}.example.com
  port: {port}
  timeout = {}.5
  enabled: true
  description = "The service number {number}, for the rest"
  paths = ["/var/lib/service", /tmp/x, "/opt"]
  limits {{ cpu = 2, memory: 4096, burst = null }}
  labels.team = blue
  labels.tier = "back end"
  command = run --fast all
}}
"#,
        number % 60
    )
    .expect("writing to a `String` cannot fail");
}

fn write_json(value: &Value, json: &mut String) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(flag) => json.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => json.push_str(&number.canonical()),
        Value::String(text) => write_string(text, json),
        Value::Array(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                json.push_str(if index == 0 { "" } else { ", " });
                write_json(&item.value, json);
            }
            json.push(']');
        }
        Value::Object(object) => {
            json.push('{');
            for (index, (key, child)) in object.iter().enumerate() {
                json.push_str(if index == 0 { "" } else { ", " });
                write_string(key, json);
                json.push_str(": ");
                write_json(&child.value, json);
            }
            json.push('}');
        }
        Value::Open(_) => json.push_str("\"${NAME}\""),
    }
}

fn write_string(text: &str, json: &mut String) {
    json.push_str(&serde_json::to_string(text).expect("a string is always JSON"));
}
