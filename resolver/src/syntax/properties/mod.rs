//! Java properties, as the includes of Lightbend's HOCON read them.
//!
//! Each dot in a key makes a level, values are strings, and where a key has both a value and keys
//! below it the keys win, whatever the order (HOCON specification, "Conversion of Java
//! properties").

mod lines;

use lean_string::LeanStr;
use lines::{Entry, Lines};

use crate::{
    diagnostic::{Diagnostic, Quoted},
    document::{Covered, Reading},
    object::Object,
    origin::{Origin, SourceText},
    overlay,
    value::{Spanned, Value},
};

/// Parses a text. Of a key that is set twice the later value counts, with a warning.
pub(crate) fn parse(text: &SourceText, reading: &mut Reading<'_>) -> Spanned {
    let limits = &reading.context.limits;
    let above = reading.levels_above;
    let max_keys = limits.path_keys.min(limits.tree_depth.saturating_sub(above));
    let mut nodes_left = limits.nodes;
    let mut root = Object::new();
    let mut lines = Lines::new(text);
    while let Some(entry) = lines.next_entry(reading) {
        let keys: Vec<LeanStr> = entry.key.split('.').map(Into::into).collect();
        if keys.len() > max_keys {
            reading.report(too_deep(max_keys, entry.key_origin));
            continue;
        }
        // No fewer than the values it makes, as keys that are there already are counted again.
        let nodes = u64::try_from(keys.len()).unwrap_or(u64::MAX);
        let Some(left) = nodes_left.checked_sub(nodes) else {
            reading.report(too_many(reading.context.limits.nodes, entry.key_origin));
            break;
        };
        nodes_left = left;
        assign(&mut root, &keys, entry, reading);
    }
    Value::object(root).spanned(lines.whole())
}

fn assign(root: &mut Object, keys: &[LeanStr], entry: Entry, reading: &mut Reading<'_>) {
    let Entry { key, value, .. } = entry;
    match there(root, keys) {
        There::Nothing => {}
        There::Value(origin) => {
            reading.covered.push(Covered { origin, by: value.origin });
            let message = format!("{} is set twice", Quoted(&key));
            reading.report(
                Diagnostic::warning("properties-repeated-key", message, value.origin)
                    .with_related(origin, "it is set here first")
                    .with_help("take one of them out; the later one counts"),
            );
        }
        There::ValueAbove(origin) => {
            reading.covered.push(Covered { origin, by: value.origin });
            reading.report(covered_by_keys(origin, value.origin));
        }
        There::Keys(by) => {
            reading.covered.push(Covered { origin: value.origin, by });
            reading.report(covered_by_keys(value.origin, by));
            return;
        }
    }
    overlay::assign(root, keys, value);
}

/// What is at a path already.
enum There {
    Nothing,
    Value(Origin),
    /// A value at a key on the way there.
    ValueAbove(Origin),
    /// An object.
    Keys(Origin),
}

fn there(root: &Object, keys: &[LeanStr]) -> There {
    let mut object = root;
    for (place, key) in keys.iter().enumerate() {
        let is_last = place + 1 == keys.len();
        match object.get(key) {
            None => return There::Nothing,
            Some(Spanned { value: Value::Object(_), origin }) if is_last => {
                return There::Keys(*origin);
            }
            Some(Spanned { value: Value::Object(inner), .. }) => object = inner,
            Some(Spanned { origin, .. }) if is_last => return There::Value(*origin),
            Some(Spanned { origin, .. }) => return There::ValueAbove(*origin),
        }
    }
    There::Nothing
}

fn covered_by_keys(covered: Origin, by: Origin) -> Diagnostic {
    let message = "this key has a value and keys below it, of which the keys count";
    Diagnostic::warning("properties-covered-value", message, covered)
        .with_related(by, "a key below it is set here")
        .with_help("take the value out, or give it a key of its own")
}

fn too_deep(max_keys: usize, origin: Origin) -> Diagnostic {
    let message = format!("the key has more than {max_keys} levels");
    Diagnostic::error("properties-too-deep", message, origin)
        .with_help("use fewer dots, or raise `limits.path_keys`")
}

fn too_many(limit: u64, origin: Origin) -> Diagnostic {
    let message = format!("the text holds more than {limit} values");
    Diagnostic::error("properties-too-many-values", message, origin)
        .with_help("split it, or raise `limits.nodes`")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{Format, Limits, syntax::tests::Sample};

    #[test]
    fn lines_are_read_as_java_reads_them() {
        let cases = [
            "a=1\nb : 2\nc 3\n  d\t=\t4 \ne\n= f",
            "# note\n! note\n\n \t\n a=#b",
            "long = one, \\\n    two, \\\r\n\tthree\nnext\\\n  Key=1",
            "tab\\tkey=\\u00e9\\n\\q\\\\\na\\ b\\=c\\:d=e=f:g",
            "pair=\\ud83d\\ude00\nlone=\\ud83dx\nbad=\\u12",
            "slash=c:\\\\x\\\\\nend=\\",
            "a=1\rb=2\r\nc=3",
            "\u{feff}a=1\nb=\u{2028}x",
            "\\\n\n \\\r\na=1\n\\\n=x\n\\",
            "",
        ];
        expect![[r##"
            a=1␊b : 2␊c 3␊  d␉=␉4 ␊e␊= f
              {"a":"1","b":"2","c":"3","d":"4 ","e":"","":"f"}
            # note␊! note␊␊ ␉␊ a=#b
              {"a":"#b"}
            long = one, \␊    two, \␍␊␉three␊next\␊  Key=1
              {"long":"one, two, three","nextKey":"1"}
            tab\tkey=\u00e9\n\q\\␊a\ b\=c\:d=e=f:g
              {"tab\tkey":"é\nq\\","a b=c:d":"e=f:g"}
            pair=\ud83d\ude00␊lone=\ud83dx␊bad=\u12
              {"pair":"\u{1f600}","lone":"\u{fffd}x","bad":"\u{fffd}12"}
              warning properties-lone-surrogate 2:6-12
              error properties-bad-escape 3:5-7
            slash=c:\\x\\␊end=\
              {"slash":"c:\\x\\","end":""}
            a=1␍b=2␍␊c=3
              {"a":"1","b":"2","c":"3"}
            \u{feff}a=1␊b=\u{2028}x
              {"a":"1","b":"\u{2028}x"}
            \␊␊ \␍␊a=1␊\␊=x␊\
              {"a":"1","":"x"}

              {}
        "##]]
        .assert_eq(&Sample::table(&Limits::default(), Format::Properties, &cases));
    }

    #[test]
    fn dots_make_levels_and_keys_win_over_values() {
        let cases = [
            "a.b.c=1\na.b.d=2\ne=3",
            "a=1\na.b=2",
            "a.b=2\na=1",
            "a=1\na=2",
            "a..b=1\n.c=2\nd.=3",
            "a.b=1\na.b.c=2\na.b.c.d=3",
        ];
        expect![[r#"
            a.b.c=1␊a.b.d=2␊e=3
              {"a":{"b":{"c":"1","d":"2"}},"e":"3"}
            a=1␊a.b=2
              {"a":{"b":"2"}}
              warning properties-covered-value 1:3-4 (2:5-6)
            a.b=2␊a=1
              {"a":{"b":"2"}}
              warning properties-covered-value 2:3-4 (1:5-6)
            a=1␊a=2
              {"a":"2"}
              warning properties-repeated-key 2:3-4 (1:3-4)
            a..b=1␊.c=2␊d.=3
              {"a":{"":{"b":"1"}},"":{"c":"2"},"d":{"":"3"}}
            a.b=1␊a.b.c=2␊a.b.c.d=3
              {"a":{"b":{"c":{"d":"3"}}}}
              warning properties-covered-value 1:5-6 (2:7-8)
              warning properties-covered-value 2:7-8 (3:9-10)
        "#]]
        .assert_eq(&Sample::table(&Limits::default(), Format::Properties, &cases));
    }

    #[test]
    fn what_a_text_may_cost_is_limited() {
        let limits = Limits { path_keys: 3, nodes: 4, ..Limits::default() };
        let cases = ["a.b.c=1\nd=2", "a.b.c.d=1\nb=2", "a=1\nb=2\nc=3\nd=4\ne=5\nf=6"];
        expect![[r#"
            a.b.c=1␊d=2
              {"a":{"b":{"c":"1"}},"d":"2"}
            a.b.c.d=1␊b=2
              {"b":"2"}
              error properties-too-deep 1:1-8
            a=1␊b=2␊c=3␊d=4␊e=5␊f=6
              {"a":"1","b":"2","c":"3","d":"4"}
              error properties-too-many-values 5:1-2
        "#]]
        .assert_eq(&Sample::table(&limits, Format::Properties, &cases));
    }

    #[test]
    fn hostile_texts_are_read_in_linear_time() {
        for piece in [
            "a.",
            "a=\\\n",
            "\\",
            "\\u",
            "=",
            ":",
            "\r",
            "\0",
            "a=1\n",
            "a.b=1\na=1\n",
            "\\ud83d",
            " ",
        ] {
            drop(Sample::parse(Format::Properties, &piece.repeat(100_000)));
        }
    }
}
