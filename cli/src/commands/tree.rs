//! Texts of our own making, read back into the resolver's values.

use resolver::{
    Context, Format, KeyPath, Layer, Limits, Mode, Precedence, RefuseIncludes, SourceIds,
    SourceName, SourceText, UnknownEnvironment, Value,
};

/// Reads any JSON value; `None` if the text is none.
pub(super) fn of_json(json: &str) -> Option<Value> {
    let context = Context {
        mode: Mode::Clearml,
        environment: &UnknownEnvironment,
        includer: &RefuseIncludes,
        limits: Limits::default(),
    };
    let mut ids = SourceIds::default();
    let text = SourceText {
        id: ids.next_id(),
        name: SourceName::Text("the daemon's answer".into()),
        format: Format::Json,
        text: format!("{{\"value\":{json}}}").into(),
    };
    let build = Layer::build(Precedence::File, text, &KeyPath::root(), &context, &mut ids);
    Some(build.layer?.root().get("value")?.value.clone())
}
