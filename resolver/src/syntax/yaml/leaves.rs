//! Values that one event gives: scalars, and aliases of what was anchored.

use granit_parser::{ScalarStyle, Span, Tag};

use super::{
    anchors::Weight,
    faults,
    loader::{Loader, Node, Stop},
    scalars::{self, Scalar},
    tags::{self, Meaning},
};
use crate::{object::Object, value::Value};

impl Loader<'_, '_, '_> {
    /// Returns a scalar as its tag has it, or its style; `null` where it cannot be that, which is
    /// reported.
    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<Node, Stop> {
        let origin = self.origin(span);
        let is_plain = style == ScalarStyle::Plain;
        let meaning = tag.map_or(Meaning::Untagged, tags::meaning);
        let is_merge = match meaning {
            Meaning::Untagged => is_plain && text == "<<",
            meaning => meaning == Meaning::Merge,
        };
        let scalar = self.scalar_of(text, style, meaning, span)?;
        let is_absent = is_plain && origin.start == origin.end;
        let value = match scalar {
            // A text of nothing but comments or markers.
            Scalar::Value(Value::Null) if is_absent && self.depth() == 0 => {
                Value::object(Object::new())
            }
            Scalar::Value(value) => value,
            fault => {
                self.report(faults::of_scalar(&fault, origin))?;
                Value::Null
            }
        };
        let weight = Weight::of_one(value.as_str().map_or(0, str::len));
        self.add_weight(weight, origin)?;
        Ok(Node { value: value.spanned(origin), weight, is_merge })
    }

    fn scalar_of(
        &mut self,
        text: &str,
        style: ScalarStyle,
        meaning: Meaning,
        span: Span,
    ) -> Result<Scalar, Stop> {
        Ok(match meaning {
            Meaning::Untagged if style != ScalarStyle::Plain => Scalar::text(text),
            // As PyYAML: a lone `!` makes even a quoted text a plain one.
            Meaning::Untagged | Meaning::Plain => scalars::resolve(text),
            Meaning::Str | Meaning::Merge => Scalar::text(text),
            Meaning::Null => Scalar::Value(Value::Null),
            Meaning::Bool => scalars::tagged_bool(text),
            Meaning::Int => scalars::tagged_int(text),
            Meaning::Float => scalars::tagged_float(text),
            Meaning::List | Meaning::Mapping | Meaning::Foreign => {
                self.report_tag(meaning, span)?;
                Scalar::text(text)
            }
        })
    }

    /// Returns a share of what was anchored, weighed as if it were written out.
    pub(super) fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, Stop> {
        let origin = self.origin(span);
        let (value, weight) = match self.anchors.alias(anchor, origin) {
            Ok(anchored) => anchored,
            Err(fault) => {
                self.report(fault)?;
                return Err(Stop);
            }
        };
        if self.depth() + weight.height > self.max_tree_depth {
            return Err(self.too_deep(origin));
        }
        self.add_weight(weight, origin)?;
        Ok(Node { value: value.spanned(origin), weight, is_merge: false })
    }
}
