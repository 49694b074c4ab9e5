//! Values of several pieces, side by side.

use super::{reader::Reader, scanner::Fault};
use crate::{
    concat::{self, ClosedPiece},
    value::{Open, Piece, Spanned, Value},
};

impl<D> Reader<'_, '_, '_, D> {
    /// Joins pieces: at once where all are closed, later where one is a reference.
    pub(super) fn join_closed(&mut self, pieces: Vec<Piece>) -> Result<Spanned, Fault> {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Err(Fault::Entry);
        };
        let origin = first.value.origin.to(last.value.origin);
        if pieces.iter().any(|piece| piece.value.value.is_open()) {
            return Ok(Value::Open(Open::Concat(pieces.into()).into()).spanned(origin));
        }
        let closed = pieces.into_iter().map(|piece| ClosedPiece {
            space: piece.space,
            value: Some(piece.value),
            was_reference: false,
        });
        match concat::join(closed.collect(), self.scanner.reading.context.mode, origin) {
            Ok((Some(value), _)) => Ok(value),
            Ok((None, _)) => Err(Fault::Entry),
            Err(diagnostic) => Err(self.scanner.fail(*diagnostic)),
        }
    }
}
