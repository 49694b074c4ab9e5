//! What HOCON costs grows with the text and no faster: eight times the text takes about eight times
//! the time.
//!
//! The time is the thread's own on a processor, which what else the machine does hardly changes.

use std::{thread, time::Duration};

use nix::time::{ClockId, clock_gettime};
use resolver::{Context, Format, Layer, Mode, SourceName, merge};

/// Bytes of the smaller text.
const SMALL: usize = 16 << 10;
/// How many times as much the larger one holds.
const TIMES: usize = 8;
/// How many times as long the larger one may take; were the cost quadratic, it would be 64.
const BOUND: u32 = 28;
/// What takes less is not told from nothing.
const LEAST: Duration = Duration::from_micros(500);

/// What texts are made of, over and over, behind what they begin with.
const PIECES: [(&str, &str); 61] = [
    ("", "a=1\n"),
    ("", "a{b=1}\n"),
    ("", "a=1\na{b=1}\n"),
    ("a.b=1\n", "a.b=${?a}\na.c=1\n"),
    ("", "a.b.c.d=1\n"),
    ("a{x=1}\n", "a{b=${a}}\n"),
    ("a{x=1}\na{b=${a}}\n", "a{x=1}\n"),
    ("a=1\n", "a.b=${a}\n"),
    ("a=[", "1,"),
    ("a=[", "[1],"),
    ("a=[", "{a:1}\n"),
    ("a=", "1 "),
    ("a=", "x "),
    ("a=", "\"x\" "),
    ("a=", "[1] "),
    ("a=", "{x:1} "),
    ("a=", "true "),
    ("a=", "x\t"),
    ("a=", "\\\n"),
    ("a=", "\\x"),
    ("a=\"", "\\n"),
    ("a=\"", "\t"),
    ("a=\"\"\"", "x\n"),
    ("", "a=\"\"\"x\"\"\"\n"),
    ("", "a=\"x\n"),
    ("", "a=\"\"\"x\n"),
    ("", "a=\"\t\", "),
    ("", "a\tb=\"\t\"\n"),
    ("", "\"a\"."),
    ("", "\"a\" "),
    ("", "a "),
    ("", "# x\n"),
    ("", "//\n"),
    ("", " "),
    ("", "\n"),
    ("", "\r\n"),
    ("", ","),
    ("", "\u{a0}"),
    ("", "\u{feff}"),
    ("", "é"),
    ("", "["),
    ("", "}"),
    ("", "{a:1} "),
    ("", "a=@\n"),
    ("", "a=$\n"),
    ("", "${a"),
    ("", "a+=1\n"),
    ("", "a+=[1]\n"),
    ("", "x{a+=[1]}\n"),
    ("b=1\n", "a=${b}\n"),
    ("b=1\n", "a=${?b}\n"),
    ("", "a=${?z}\n"),
    ("b=1\na=[", "${b},"),
    ("b=1\na=", "${b} "),
    ("b={x:1}\n", "a=${b}\na{c=1}\n"),
    ("b={x:1}\n", "a=${b}{y:2}\n"),
    ("", "a=${?z}\na{c=${?a.d}}\n"),
    ("", "a=[${?a}]\n"),
    ("", "a{c=${?a.d}}\n"),
    ("", "include \"x\"\n"),
    ("", "a=include \"x\"\n"),
];

#[test]
fn eight_times_the_text_takes_about_eight_times_the_time() {
    // The stack that threads have by themselves, however large the main thread's is.
    let steep = thread::Builder::new().stack_size(2 << 20).spawn(steep_pieces).unwrap();
    let steep = steep.join().unwrap();
    assert!(steep.is_empty(), "cost grows faster than the text:\n{}", steep.join("\n"));
}

fn steep_pieces() -> Vec<String> {
    let mut steep = Vec::new();
    for mode in [Mode::Clearml, Mode::Hocon] {
        for (start, piece) in PIECES {
            let count = SMALL / piece.len();
            let small = cost(mode, &format!("{start}{}", piece.repeat(count)));
            let large = cost(mode, &format!("{start}{}", piece.repeat(count * TIMES)));
            if large > small.max(LEAST) * BOUND {
                steep.push(format!("{mode:?}, {start:?} {piece:?}: {small:?}, {large:?}"));
            }
        }
    }
    steep
}

/// Returns the shorter time of two in which a text becomes an answer.
fn cost(mode: Mode, text: &str) -> Duration {
    let times = (0..2).map(|_| {
        let start = processor_time();
        answer(mode, text);
        processor_time().saturating_sub(start)
    });
    times.min().unwrap()
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

fn answer(mode: Mode, text: &str) {
    let context = Context::alone(mode);
    let build = Layer::build_alone(SourceName::Text("t".into()), Format::Hocon, text, &context);
    if let Some(layer) = build.layer {
        merge(&[layer], &context);
    }
}
