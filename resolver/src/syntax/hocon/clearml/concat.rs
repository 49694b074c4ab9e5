//! Values of several pieces as the clients join them.

use std::sync::Arc;

use super::{Clearml, assign::merge};
use crate::{
    syntax::hocon::{reader::Reader, scanner::Fault},
    value::{Piece, Spanned, Value},
};

impl Reader<'_, '_, '_, Clearml> {
    /// Joins two or more pieces. Objects join as assignments to one key do.
    pub(super) fn join_several(&mut self) -> Result<Spanned, Fault> {
        let pieces: Vec<Piece> = self.tree.take_pieces().collect();
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Err(Fault::Entry);
        };
        let origin = first.value.origin.to(last.value.origin);
        if !pieces.iter().all(|piece| piece.value.value.is_object()) {
            return self.join_closed(pieces);
        }
        let mut objects = pieces.into_iter().map(|piece| piece.value.value);
        let Some(Value::Object(mut joined)) = objects.next() else { return Err(Fault::Entry) };
        for object in objects {
            if let Value::Object(above) = object {
                merge(Arc::make_mut(&mut joined), &above, &mut self.scanner.reading.covered);
            }
        }
        Ok(Value::Object(joined).spanned(origin))
    }
}
