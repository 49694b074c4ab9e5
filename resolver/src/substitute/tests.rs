//! What references close to, as the stock clients' parser was seen to close them.

use std::fmt::Write as _;

use crate::{
    Build, Context, Environment, Format, KeyPath, Layer, Limits, Mode, Precedence, Redactor,
    Reveal, SourceIds, SourceName, SourceText, Spelling, UnknownEnvironment, Variable, merge,
    render,
};

/// Knows `SET`; every other variable is not set.
struct OneVariable;

impl Environment for OneVariable {
    fn variable(&self, name: &str) -> Variable {
        if name == "SET" { Variable::Set("env".into()) } else { Variable::Unset }
    }
}

fn context(environment: &dyn Environment) -> Context<'_> {
    context_of(Mode::Clearml, environment)
}

fn context_of(mode: Mode, environment: &dyn Environment) -> Context<'_> {
    Context { environment, ..Context::alone(mode) }
}

fn build(text: &str, context: &Context<'_>) -> Build {
    let mut ids = SourceIds::default();
    let name = SourceName::Text("t".into());
    let text = SourceText { id: ids.next_id(), name, format: Format::Hocon, text: text.into() };
    Layer::build(Precedence::File, text, &KeyPath::root(), context, &mut ids)
}

fn spelled(text: &str, environment: &dyn Environment, spelling: Spelling) -> String {
    spelled_by(&context(environment), text, spelling)
}

fn spelled_by(context: &Context<'_>, text: &str, spelling: Spelling) -> String {
    let build = build(text, context);
    let Some(layer) = build.layer else { return build.diagnostics[0].code.into() };
    let (snapshot, diagnostics) = merge(&[layer], context);
    if let Some(diagnostic) = diagnostics.first() {
        return diagnostic.code.into();
    }
    let redactor = Redactor::for_snapshot(&snapshot);
    let reveal = Some(Reveal::grant("a test's own values"));
    render(&redactor.view(&snapshot, &KeyPath::root(), reveal).unwrap(), spelling)
}

#[test]
fn closes_as_the_clients_do() {
    for (text, closed) in [
        ("a: ${b}\nb: ${c}\nc: 3", r#"{"a":3,"b":3,"c":3}"#),
        ("h: host\na: http://${h}:8008/x", r#"{"h":"host","a":"http://host:8008/x"}"#),
        ("a: ${SET}", r#"{"a":"env"}"#),
        ("SET: file\na: ${SET}", r#"{"SET":"file","a":"file"}"#),
        ("a: 1\na: ${?NOPE}", r#"{"a":1}"#),
        ("a: x ${?NOPE} y", r#"{"a":"x y"}"#),
        ("a: [${?NOPE}, x]", r#"{"a":[null,"x"]}"#),
        ("NOPE: ${?NOPE}\nb: 1", r#"{"b":1}"#),
        ("b: true\na: ${b} x", r#"{"b":true,"a":"True x"}"#),
        ("l: [1]\na: ${l} [2]", r#"{"l":[1],"a":[1,2]}"#),
        ("a {x: 1}\na: ${b}\nb {y: 2}", r#"{"a":{"x":1,"y":2},"b":{"y":2}}"#),
        ("a: 1\na: ${a}2\na: ${a}3", r#"{"a":"123"}"#),
        ("x {y: 1}\nx: ${x} {y: ${x.y}2}", r#"{"x":{"y":"12"}}"#),
        ("l: [1]\nl += [2]", r#"{"l":[1,2]}"#),
        ("l: [1]\nl += 2", r#"{"l":2}"#),
        ("b {l: [1]\n l += [2]}", r#"{"b":{"l":[2]}}"#),
        ("a: {x: ${a.y}, y: 2}", r#"{"a":{"x":2,"y":2}}"#),
        ("a: 1\na.b: ${a}", r#"{"a":{"b":1}}"#),
        ("a: 1\na.b: 2\na.c: [${?a}x]", r#"{"a":{"b":2,"c":["1x"]}}"#),
        ("a {x: 1}\na {y: ${a}}\na {z: ${a}}", r#"{"a":{"x":1,"y":{"x":1},"z":{"x":1}}}"#),
        ("a: [${b}]\na.c: ${a}\nb: 1", r#"{"a":{"c":[1]},"b":1}"#),
        ("a: ${b}\na.c: ${a}\nb: 1", "hocon-reference-over-reference"),
        ("a: ${b}\na: [${a}]\nb: 1", "hocon-reference-over-reference"),
        ("a: null\na: ${a}", r#"{"a":null}"#),
        ("c: null\na: 1\na: ${c}", r#"{"c":null}"#),
        ("c: null\na {x: 1}\na: ${c}", r#"{"c":null,"a":{"x":1}}"#),
        ("a: ${NOPE}\na: 1", r#"{"a":1}"#),
        ("a: ${NOPE}\na: ${SET}", "reference-unresolved"),
        ("b.a: ${NOPE}\nb.a: 1\nb.a: ${SET}", r#"{"b":{"a":"env"}}"#),
        ("a: ${?NOPE}\na: ${SET}", r#"{"a":"env"}"#),
        ("a: ${NOPE}", "reference-unresolved"),
        ("a: ${b}\nb: ${c}\nc: ${a}", "reference-cycle"),
        ("a.b: 1\nc: ${?a.b.c}", "reference-into-scalar"),
        ("l: [x]\nl += y", "concat-mismatch"),
    ] {
        assert_eq!(spelled(text, &OneVariable, Spelling::Json), closed, "{text}");
    }
}

/// As the Lightbend reference closes them; what is hidden by a scalar or list is never asked for
/// here ("Hidden substitutions" of the specification), which the reference does not always keep to.
#[test]
fn closes_as_the_specification_says() {
    for (text, closed) in [
        ("a: 1\na: ${a}2\na: ${a}3", r#"{"a":"123"}"#),
        ("a: ${b}\na: 1\nb: ${a}", r#"{"a":1,"b":1}"#),
        ("l: [1]\nl += 2", r#"{"l":[1,2]}"#),
        ("l: ${b} {x: 1}\nb: {y: ${l.x}}", r#"{"l":{"y":1,"x":1},"b":{"y":1}}"#),
        ("a: ${?b}x\nb: ${?a}", r#"{"a":"x","b":"x"}"#),
        ("d {a: ${i.b}, b: 2}\ni.b: 7\ni: ${d}", r#"{"d":{"a":7,"b":2},"i":{"b":2,"a":7}}"#),
        (
            "i.b.c: 1\nd {a: ${i.b.c}}\ni: ${d}\ni.b: {c: 2}",
            r#"{"i":{"b":{"c":2},"a":1},"d":{"a":1}}"#,
        ),
        ("c.a: ${?a}\na.c: ${c}", r#"{"c":{},"a":{"c":{}}}"#),
        ("a: ${b}\nb: {c: ${a}}", "reference-cycle"),
        ("a: ${b}\nb: ${a}", "reference-cycle"),
        ("a: ${SET}\nb: ${?NOPE}", r#"{"a":"env"}"#),
    ] {
        let context = context_of(Mode::Hocon, &OneVariable);
        assert_eq!(spelled_by(&context, text, Spelling::Json), closed, "{text}");
    }
}

#[test]
fn keeps_open_what_only_a_later_asker_can_close() {
    for (text, hocon, json) in [
        ("a: ${X}", "a: ${X}\n", r#"{"a":"${X}"}"#),
        ("a: p-${X}-q", "a: \"p-\"${X}\"-q\"\n", r#"{"a":"p-${X}-q"}"#),
        ("a: 1\na: ${?X}", "a: 1\na: ${?X}\n", r#"{"a":1}"#),
        ("a: ${?X}", "a: ${?X}\n", "{}"),
    ] {
        assert_eq!(spelled(text, &UnknownEnvironment, Spelling::Hocon), hocon, "{text}");
        assert_eq!(spelled(text, &UnknownEnvironment, Spelling::Json), json, "{text}");
    }
}

#[test]
fn a_chain_of_twenty_thousand_needs_no_stack() {
    let mut text = String::from("k20000: end\n");
    for number in 0..20_000 {
        writeln!(text, "k{number}: ${{k{}}}", number + 1).unwrap();
    }
    let small_stack = std::thread::Builder::new().stack_size(2 << 20);
    let chain = move || spelled(&text, &OneVariable, Spelling::Json);
    let closed = small_stack.spawn(chain).unwrap().join().unwrap();
    assert!(closed.contains(r#""k0":"end""#));
}

#[test]
fn bombs_end_in_a_diagnostic() {
    for (first, join) in [
        ("x", "${A}${A}"),
        ("[x]", "${A} ${A}"),
        ("[x]", "[${A}, ${A}]"),
        ("{x: 1}", "{l: ${A}, r: ${A}}"),
        ("{x: 1}", "${A} {l: ${A}, r: ${A}}"),
    ] {
        let mut text = format!("k0: {first}\n");
        for number in 1..=60 {
            writeln!(text, "k{number}: {}", join.replace('A', &format!("k{}", number - 1)))
                .unwrap();
        }
        assert_bomb(&text, &[Mode::Clearml, Mode::Hocon]);
    }
}

#[test]
fn bombs_of_one_key_end_in_a_diagnostic() {
    for (first, next) in [
        ("a: x", "a: ${a}${a}"),
        ("a: [x]", "a: ${a} ${a}"),
        ("a: {x: 1}", "a: ${a} {l: ${a}, r: ${a}}"),
    ] {
        let text = format!("{first}\n{}", format!("{next}\n").repeat(60));
        assert_bomb(&text, &[Mode::Clearml, Mode::Hocon]);
    }
    // To the clients, a section that is opened again sees itself as it was before.
    let doubled = "a: {l: {z: ${a}, y: ${a}}}\na: {n: 1}\n".repeat(60);
    assert_bomb(&format!("a: {{x: 1}}\n{doubled}"), &[Mode::Clearml]);
    // To the clients, `+=` of a reference is an assignment.
    assert_bomb(&format!("a: [x]\n{}", "a += ${a}\n".repeat(60)), &[Mode::Hocon]);
}

#[test]
fn many_ways_round_end_in_a_diagnostic() {
    let limits = Limits { nodes: 50_000, ..Limits::default() };
    for way in
        ["b.kN: 1\nb.kN: ${cN}\ncN: ${b}\n", "b.kN: ${?cN}\ncN: ${?b}\n", "b.kN: 1\nb.kN: ${b}\n"]
    {
        let ways = (0..1_000).map(|number: u32| way.replace('N', &number.to_string()));
        let context = Context { limits: limits.clone(), ..context_of(Mode::Hocon, &OneVariable) };
        let code = spelled_by(&context, &ways.collect::<String>(), Spelling::Json);
        assert_eq!(code, "reference-limit", "{way}");
    }
}

fn assert_bomb(text: &str, modes: &[Mode]) {
    for mode in modes {
        let code = spelled_by(&context_of(*mode, &OneVariable), text, Spelling::Json);
        assert_eq!(code, "reference-limit", "{mode:?}: {text}");
    }
}
