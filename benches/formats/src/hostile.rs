//! Texts that were made to cost much: what each takes of a processor and of memory.
//!
//! Each is read by a process of its own, whose memory is bounded, in a thread with a small stack.

use std::{fmt::Write as _, fs, process::Command, thread};

use resolver::{
    Context, Diagnostic, Format, IncludeError, IncludeRequest, IncludedText, Includer, KeyPath,
    Layer, Mode, Precedence, Redactor, Reveal, SourceIds, SourceName, SourceText, Spelling, merge,
    render,
};

use crate::goals::{Bound, Goal};

/// What a process may have of memory, in KiB, and of a processor, in seconds, before it is ended.
const BOUNDS: &str = "ulimit -d 524288; ulimit -t 20; exec \"$@\"";
const STACK: usize = 2 << 20;
/// Many brackets, keys, and so on.
const MANY: usize = 100_000;
/// As much text as is taken at all.
const LARGE: usize = 15_000_000;

const MODES: [(&str, Mode); 2] = [("clearml", Mode::Clearml), ("hocon", Mode::Hocon)];

type Named = (&'static str, fn() -> String);

/// The texts, each by its name.
const TEXTS: [Named; 23] = [
    ("brackets", || format!("a={}", "[".repeat(MANY))),
    ("brackets that close", || format!("a={}{}", "[".repeat(MANY), "]".repeat(MANY))),
    ("braces", || "{a:".repeat(MANY)),
    ("closing braces", || "}".repeat(MANY)),
    ("keys in a path", || format!("{}=1", vec!["a"; MANY].join("."))),
    ("keys in a reference", || format!("a=${{{}}}", vec!["a"; MANY].join("."))),
    ("doubled strings", || doubling("x", "${A}${A}")),
    ("doubled lists", || doubling("[x]", "${A} ${A}")),
    ("doubled items", || doubling("[x]", "[${A}, ${A}]")),
    ("doubled objects", || doubling("{x: 1}", "{l: ${A}, r: ${A}}")),
    ("doubled joins", || doubling("{x: 1}", "${A} {l: ${A}, r: ${A}}")),
    ("a key doubled", || format!("a=x\n{}", "a=${a}${a}\n".repeat(40))),
    ("a list doubled", || format!("a=[x]\n{}", "a+=${a}\n".repeat(40))),
    ("a chain of references", || chain(20_000, "end")),
    ("a ring of references", || chain(20_000, "${k0}")),
    ("ways round an object", || ways_round(10_000)),
    ("an include of itself", || "include \"self\"\n".into()),
    ("includes of includes", || "include \"0\"\n".repeat(10)),
    ("flat", || (0..LARGE / 22).fold(String::new(), |text, at| add(text, at, "value"))),
    ("flat references", || (0..LARGE / 22).fold("x=1\n".into(), |text, at| add(text, at, "${x}"))),
    ("50 MB", || "key = value\n".repeat(50_000_000 / 12)),
    ("NUL", || format!("a = x\0y\n{}", "\0".repeat(MANY))),
    ("faults", || "@\n".repeat(LARGE / 2)),
];

/// Sixty assignments, each to twice the one before.
fn doubling(first: &str, next: &str) -> String {
    (1..=60).fold(format!("k0: {first}\n"), |mut text, at| {
        let next = next.replace('A', &format!("k{}", at - 1));
        writeln!(text, "k{at}: {next}").expect("a `String` takes all");
        text
    })
}

fn chain(length: usize, end: &str) -> String {
    let links = (0..length).map(|at| format!("k{at}=${{k{}}}\n", at + 1));
    links.collect::<String>() + &format!("k{length}={end}\n")
}

/// Keys that refer to the object around them, each by a key of its own.
fn ways_round(many: usize) -> String {
    let way = |at| format!("b.k{at}=1\nb.k{at}=${{c{at}}}\nc{at}=${{b}}\n");
    (0..many).map(way).collect()
}

fn add(mut text: String, number: usize, value: &str) -> String {
    writeln!(text, "key{number} = {value}{number}").expect("a `String` takes all");
    text
}

/// Includes itself, or ten texts more, which do the same thirty levels deep.
struct Includes;

impl Includer for Includes {
    fn include(&self, request: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        let text = match request.target.parse::<u32>() {
            Ok(30) => "x = 1".into(),
            Ok(level) => format!("include \"{}\"\n", level + 1).repeat(10),
            Err(_) => "include \"self\"\n".into(),
        };
        let name = SourceName::Text(request.target.into());
        Ok(vec![IncludedText { name, format: Format::Hocon, text: text.into() }])
    }
}

/// Reads each text in each mode and prints what it took; returns the most of a processor.
pub(crate) fn table() -> Goal {
    println!("\nhostile texts{:<31}{:>12} {:>12}  what came of it", "", "processor", "memory");
    let mut most: f64 = 0.0;
    for (name, _) in TEXTS {
        for (mode, _) in MODES {
            let cost = cost_of(name, mode);
            most = most.max(cost.unwrap_or(f64::INFINITY));
        }
    }
    Goal::new("the dearest hostile text, in seconds of a processor", most, Bound::AtMost(2.0))
}

/// Runs a process on a text and prints what it says; returns its seconds, if it came to an end.
fn cost_of(name: &str, mode: &str) -> Option<f64> {
    let program = std::env::current_exe().expect("a process knows its program");
    let mut bounded = Command::new("sh");
    bounded.args(["-c", BOUNDS, "sh"]).arg(program).arg(format!("{name}/{mode}"));
    let output = bounded.output().expect("a shell is at hand");
    let said = String::from_utf8_lossy(&output.stdout);
    let name = format!("{name}, {mode}");
    let (Some((seconds, rest)), true) = (said.trim().split_once(' '), output.status.success())
    else {
        println!("  {name:<42} {}", output.status);
        return None;
    };
    println!("  {name:<42}{seconds:>10} s {rest}");
    seconds.parse().ok()
}

/// Reads one text, which `TEXT/MODE` names, and says what it took.
pub(crate) fn read(wanted: &str) {
    let (name, mode) = wanted.split_once('/').expect("the text and the mode");
    let (_, text) = TEXTS.into_iter().find(|(known, _)| *known == name).expect("a known text");
    let (_, mode) = MODES.into_iter().find(|(known, _)| *known == mode).expect("a known mode");
    let text = text();
    let before = processor_seconds();
    let small_stack = thread::Builder::new().stack_size(STACK);
    let reader = small_stack.spawn(move || outcome(text, mode)).expect("a thread can be made");
    let outcome = reader.join().expect("it does not panic");
    println!("{:.2} {:>8} MB  {outcome}", processor_seconds() - before, peak_megabytes());
}

/// Makes an answer of a text and says how that ended.
fn outcome(text: String, mode: Mode) -> String {
    let context = Context { includer: &Includes, ..Context::alone(mode) };
    let mut ids = SourceIds::default();
    let name = SourceName::Text("hostile".into());
    let text = SourceText { id: ids.next_id(), name, format: Format::Hocon, text: text.into() };
    let build = Layer::build(Precedence::File, text, &KeyPath::root(), &context, &mut ids);
    let Some(layer) = build.layer else { return code_of(&build.diagnostics) };
    let (snapshot, diagnostics) = merge(&[layer], &context);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return code_of(&diagnostics);
    }
    let reveal = Some(Reveal::grant("a benchmark's own values"));
    let view = Redactor::for_snapshot(&snapshot).view(&snapshot, &KeyPath::root(), reveal);
    let rendered = render(&view.expect("the root is always there"), Spelling::Json);
    format!("{} bytes of JSON", rendered.len())
}

fn code_of(diagnostics: &[Diagnostic]) -> String {
    let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    error.map_or("nothing", |diagnostic| diagnostic.code).into()
}

/// Returns what this process has had of a processor (`proc(5)`, fields 14 and 15 of `stat`).
fn processor_seconds() -> f64 {
    /// What Linux counts in, wherever it runs.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux says what a process took");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u32 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    f64::from(ticks) / TICKS_A_SECOND
}

/// Returns the most memory that this process had at once.
fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says what a process has");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
