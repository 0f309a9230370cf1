//! Every SQL statement of intake. Functions take a connection.

pub(crate) mod complaints;
pub(crate) mod evidence;
pub(crate) mod personal;
pub(crate) mod save;
pub(crate) mod serials;

use case::Side;

/// A side as `intake.evidence.side` holds it: its number on the wire.
pub(crate) fn side_number(side: Side) -> i16 {
    small(proto::wire::number(side))
}

fn small(number: i32) -> i16 {
    i16::try_from(number).expect("closed lists have fewer than a hundred values")
}
