//! The reference cases that ours answers otherwise, each with the reason.

/// The name of a case, and why ours differs.
pub(super) type Miss = (&'static str, &'static str);

const NUMBER: &str = "a number before blanks at the end of a text is one, as everywhere else";
const QUOTED_PATH: &str = "keys in quotes may be parts of a path, as the specification has it";
const VARIABLES: &str = "`${NAME[]}` is the list of the variables `NAME_0`, `NAME_1`, …";
const BLANKS: &str = "a byte order mark and U+00A0 are blanks";
const OWN_VARIABLE: &str = "a key that holds nothing but itself is the variable of its name";
const BESIDE: &str = "`file(…)` is relative to the text that includes, in a daemon, too";

/// Against the Lightbend reference.
pub(super) const SPECIFICATION_OTHERWISE: &[Miss] = &[
    (
        "TestUtils.invalidJsonInvalidConf.wrapped#12",
        "text beside a list is an error, as the specification has it; the reference drops it",
    ),
    (
        "differs#1",
        "what a scalar hides is not asked for (`Hidden substitutions` of the specification); the \
         reference keeps to that only where the scalar is written as one",
    ),
    (
        "differs#2",
        "text beside an object is an error, as the specification has it; the reference drops it",
    ),
    ("differs#3", "blanks between references to nothing are no text beside an object"),
    (
        "differs#4",
        "an optional reference that leads back is nothing; the reference fails where a mandatory \
         one came first",
    ),
    (
        "differs#5",
        "that a value covers what is below its key says nothing of other keys that refer to it; the \
         reference takes it along",
    ),
    ("differs#6", "a section over a scalar has its keys, be they open; the reference sees none"),
    (
        "differs#7",
        "the same as `back#11` with another name for a key: to the reference, whether there is a \
         value depends on which key it closes first",
    ),
    ("odd#258", "as `differs#2`"),
    ("odd#270", VARIABLES),
    ("odd#271", VARIABLES),
    ("odd#272", VARIABLES),
    ("odd#273", VARIABLES),
    ("odd#277", OWN_VARIABLE),
    ("odd#278", OWN_VARIABLE),
    ("odd#362", BESIDE),
    ("odd#363", BESIDE),
    ("odd#377", BESIDE),
    ("odd#378", BESIDE),
    (
        "odd#384",
        "`.properties` are read as such; the reference reads one that a file includes as HOCON",
    ),
    ("odd#403", "`url(…)` is refused, unless the settings allow it"),
    ("own#59", VARIABLES),
    ("own#60", VARIABLES),
    ("own#61", VARIABLES),
    ("resources#32", BESIDE),
    ("resources#38", BESIDE),
];

/// Against the stock clients' parser, on texts that were written for others.
pub(super) const CLIENTS_OTHERWISE: &[Miss] = &[
    ("ConcatenationTest#2", NUMBER),
    ("ConcatenationTest#3", NUMBER),
    ("ConcatenationTest#31", NUMBER),
    ("ConcatenationTest#33", NUMBER),
    ("ConcatenationTest#34", NUMBER),
    ("ConcatenationTest#35", NUMBER),
    ("ConcatenationTest#36", NUMBER),
    ("ConcatenationTest#40", NUMBER),
    ("ConfParserTest.path.key#11", QUOTED_PATH),
    ("ConfParserTest.path.key#15", QUOTED_PATH),
    ("ConfParserTest.path.key#16", QUOTED_PATH),
    ("ConfParserTest.path.key#17", QUOTED_PATH),
    ("ConfParserTest.path.key#19", QUOTED_PATH),
    ("ConfigDocumentParserTest#12", QUOTED_PATH),
    ("TestUtils.validConfInvalidJson#18", QUOTED_PATH),
    ("layers#28", QUOTED_PATH),
    ("odd#47", BLANKS),
    ("odd#48", BLANKS),
    ("odd#56", BLANKS),
    ("odd#57", BLANKS),
    ("odd#80", QUOTED_PATH),
    ("odd#135", QUOTED_PATH),
    ("odd#144", QUOTED_PATH),
    ("odd#145", QUOTED_PATH),
    ("odd#146", QUOTED_PATH),
    ("odd#149", QUOTED_PATH),
    ("odd#150", QUOTED_PATH),
    ("odd#155", QUOTED_PATH),
    ("odd#156", QUOTED_PATH),
    ("odd#157", QUOTED_PATH),
    ("odd#178", QUOTED_PATH),
    ("odd#204", "`+=` adds to a list, too, whose path has several keys; they stop there"),
    ("odd#363", "`required(file(…))` includes, as `file(…)` does; they stop there"),
    ("odd#378", "`required(file(…))` includes, as `file(…)` does; they stop there"),
    ("odd#403", "`url(…)` is refused, unless the settings allow it"),
    ("odd#407", "an include of what is there and cannot be read is an error"),
    ("own#112", QUOTED_PATH),
    ("own.ws#1", BLANKS),
    ("resources#15", QUOTED_PATH),
];

/// Against the stock clients' parser, on documents of `ClearML`.
pub(super) const CLIENTS_DOCUMENTS: &[Miss] = &[
    ("file#32", "it includes `_events_common.conf`, which is not at hand"),
    ("file#39", "it includes `_events_common.conf`, which is not at hand"),
];
