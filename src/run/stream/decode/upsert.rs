//! Result topics: the key as an object, all columns as an object, no value for a row that is gone.

use super::super::clock::Order;
use super::super::route::Route;
use super::image::Read;
use super::{Change, Decoder, Nulls, Record, key_is_whole, object, why};
use crate::run::deadletter::Why;

pub(super) fn decode(
    decoder: &mut Decoder,
    route: &Route,
    record: Record<'_>,
) -> Result<Option<Change>, Why> {
    decoder.order = Some(Order::Offset);
    let Some(key) = record.key else {
        return Err(why("no-key", None, "a record of a result topic has a key"));
    };
    let Some(key) = object("key", key)? else {
        return Err(why("no-key", None, "the key is null"));
    };
    decoder.new.clear(route);
    decoder.old.clear(route);
    let row = record
        .value
        .map(|v| object("value", v))
        .transpose()?
        .flatten();
    if let Some(row) = row {
        decoder.new.read(route, row, Read::Row)?;
        decoder.put(route, Nulls::Written)?;
        return Ok(Some(Change {
            order: Order::Offset,
            gone: false,
            comes: true,
        }));
    }
    decoder.old.read(route, key, Read::Key)?;
    key_is_whole(route, &decoder.old)?;
    decoder.remove(route)?;
    decoder.key.extend_from_slice(&decoder.gone);
    Ok((!route.keeps).then_some(Change {
        order: Order::Offset,
        gone: true,
        comes: false,
    }))
}
