//! The reference cases that ours answers otherwise, each with the reason.

/// The name of a case, and why ours differs.
pub(super) type Miss = (&'static str, &'static str);

const NUMBER: &str = "a number before blanks at the end of a text is one, as everywhere else";
const QUOTED_PATH: &str = "keys in quotes may be parts of a path, as the specification has it";
const VARIABLES: &str = "`${NAME[]}` is the list of the variables `NAME_0`, `NAME_1`, …";
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
    ("own#112", QUOTED_PATH),
    ("own.ws#1", "a byte order mark is a blank"),
    ("resources#15", QUOTED_PATH),
];

/// Against the stock clients' parser, on documents of `ClearML`.
pub(super) const CLIENTS_DOCUMENTS: &[Miss] = &[
    ("file#32", "it includes `_events_common.conf`, which is not at hand"),
    ("file#39", "it includes `_events_common.conf`, which is not at hand"),
];
