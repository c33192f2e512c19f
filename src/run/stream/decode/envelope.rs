//! Debezium's change events: before, after, op, source. A row whose key in the table changes goes from one place and
//! comes to another; a value that the event does not carry is left alone, and where that cannot be, the event is refused.

use super::super::clock::Order;
use super::super::json::{self, Json};
use super::super::route::Route;
use super::image::Read;
use super::{Change, Decoder, Nulls, Record, key_is_whole, object, why};
use crate::run::deadletter::Why;

/// The parts of an event.
#[derive(Default)]
struct Event<'a> {
    op: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    order: Option<Order>,
}

pub(super) fn decode(
    decoder: &mut Decoder,
    route: &Route,
    record: Record<'_>,
) -> Result<Option<Change>, Why> {
    decoder.new.clear(route);
    decoder.old.clear(route);
    let value = record
        .value
        .map(|v| object("value", v))
        .transpose()?
        .flatten();
    let Some(value) = value else {
        return tombstone(decoder, route, record);
    };
    let event = event(value)?;
    let order = event.order.unwrap_or(Order::Offset);
    decoder.order = Some(order);
    let change = match event.op {
        Some("c") => comes(decoder, route, &event, Nulls::Left)?,
        Some("r") => comes(decoder, route, &event, Nulls::Written)?,
        Some("u") => updated(decoder, route, record, &event)?,
        Some("d") => gone(decoder, route, record, &event)?,
        Some("m") => return Ok(None),
        Some("t") => return truncated(route),
        Some(op) => {
            let text = format!("op is `{op}`; known are r, c, u, d, t and m");
            return Err(why("unknown-op", None, text));
        }
        None => {
            let text = "no `op`: this is no change event (is ExtractNewRecordState configured?)";
            return Err(why("missing-field", Some("op"), text));
        }
    };
    Ok(change.map(|c| Change { order, ..c }))
}

const COMES: Change = Change {
    order: Order::Offset,
    gone: false,
    comes: true,
};

const GOES: Change = Change {
    order: Order::Offset,
    gone: true,
    comes: false,
};

fn event(value: &str) -> Result<Event<'_>, Why> {
    let mut event = Event::default();
    let mut source = None;
    json::members::<Why>(value, |name, member| {
        match (name, member) {
            ("op", Json::Text(op)) => event.op = Some(plain(op)),
            ("before", Json::Object(row)) => event.before = Some(row),
            ("after", Json::Object(row)) => event.after = Some(row),
            ("before" | "after", Json::Null) => {}
            ("source", Json::Object(object)) => source = Some(object),
            ("op" | "before" | "after", other) => {
                let text = format!("`{name}` is {}", other.kind());
                return Err(why("wrong-type", Some(name), text));
            }
            (_, _) => {}
        }
        Ok(())
    })?;
    event.order = order(event.op, source)?;
    Ok(event)
}

/// An op is one letter; anything with an escape in it is none that is known.
fn plain<'a>(op: json::Quoted<'a>) -> &'a str {
    match op.text() {
        Ok(std::borrow::Cow::Borrowed(text)) => text,
        Ok(std::borrow::Cow::Owned(_)) | Err(_) => "?",
    }
}

/// The event's place, from its source.
fn order(op: Option<&str>, source: Option<&str>) -> Result<Option<Order>, Why> {
    let (mut scn, mut commit) = (None, None);
    if let Some(source) = source {
        json::members::<Why>(source, |name, value| {
            match name {
                "scn" => scn = number(name, value)?,
                "commit_scn" => commit = number(name, value)?,
                _ => {}
            }
            Ok(())
        })?;
    }
    Ok(match (op, commit) {
        (Some("r"), commit) => Some(Order::Read(commit.or(scn))),
        (_, Some(commit)) => Some(Order::Commit(commit)),
        (_, None) => None,
    })
}

/// A change number: a text or a number.
fn number(name: &str, value: Json<'_>) -> Result<Option<u64>, Why> {
    let text = match value {
        Json::Null => return Ok(None),
        Json::Number(n) => n.to_owned(),
        Json::Text(t) => t.text()?.into_owned(),
        Json::Bool(_) | Json::Object(_) | Json::List(_) => String::new(),
    };
    let wrong = || {
        why(
            "wrong-type",
            Some(&format!("source.{name}")),
            "not a change number",
        )
    };
    text.parse().map(Some).map_err(|_| wrong())
}

fn after<'a>(event: &Event<'a>) -> Result<&'a str, Why> {
    let text = "the event has no `after`";
    event
        .after
        .ok_or_else(|| why("missing-field", Some("after"), text))
}

/// A row that was not there.
fn comes(
    decoder: &mut Decoder,
    route: &Route,
    event: &Event<'_>,
    nulls: Nulls,
) -> Result<Option<Change>, Why> {
    decoder.new.read(route, after(event)?, Read::Row)?;
    carried(decoder, route, |_| true, "a new row")?;
    decoder.put(route, nulls)?;
    Ok(Some(COMES))
}

/// A whole row is needed, and a value of it is not carried.
fn carried(
    decoder: &Decoder,
    route: &Route,
    pass: impl Fn(usize) -> bool,
    what: &str,
) -> Result<(), Why> {
    match decoder.new.unavailable(pass) {
        None => Ok(()),
        Some(at) => Err(why(
            "unavailable",
            Some(&route.members[at].name),
            format!(
                "{what} whose value the event does not carry: write it by hand, or let the connector read the row again"
            ),
        )),
    }
}

fn updated(
    decoder: &mut Decoder,
    route: &Route,
    record: Record<'_>,
    event: &Event<'_>,
) -> Result<Option<Change>, Why> {
    decoder.new.read(route, after(event)?, Read::Row)?;
    if let Some(before) = event.before {
        decoder.old.read(route, before, Read::Before)?;
        key_is_whole(route, &decoder.old)?;
        decoder.remove(route)?;
    } else if !route.covered && !key_in_record(decoder, route, record)? {
        let text = "the update has no `before`, and the table's key is not the record's: switch supplemental logging of all columns on";
        return Err(why("before-missing", Some("before"), text));
    }
    let fixed = |i: usize| {
        let bound = route.bound.iter();
        bound
            .filter(|b| b.key || b.whole)
            .any(|b| b.of.contains(&i))
    };
    if decoder.new.unavailable(fixed).is_some() {
        decoder.new.complete(route, event.before.unwrap_or("{}"))?;
        carried(decoder, route, fixed, "a key or a computed column")?;
    }
    decoder.put(route, Nulls::Written)?;
    if decoder.gone.is_empty() || decoder.gone == decoder.key {
        return Ok(Some(COMES));
    }
    moved(decoder, route, event)
}

/// The row has another key in the table now.
fn moved(decoder: &mut Decoder, route: &Route, event: &Event<'_>) -> Result<Option<Change>, Why> {
    if decoder.new.unavailable(|_| true).is_some() {
        decoder.new.complete(route, event.before.unwrap_or("{}"))?;
        carried(decoder, route, |_| true, "a row with a new key")?;
    }
    // Its nulls are those of the row that goes, and say nothing of what may stand at the new place.
    decoder.old.clear(route);
    decoder.values.clear();
    decoder.key.clear();
    decoder.put(route, Nulls::Written)?;
    Ok(Some(Change {
        gone: !route.keeps,
        ..COMES
    }))
}

/// The record's own key holds all that the table's key is made of: then an update cannot change it.
fn key_in_record(decoder: &mut Decoder, route: &Route, record: Record<'_>) -> Result<bool, Why> {
    let key = record.key.map(|k| object("key", k)).transpose()?.flatten();
    let Some(key) = key else {
        return Ok(false);
    };
    decoder.old.read(route, key, Read::Key)?;
    let whole = key_is_whole(route, &decoder.old).is_ok();
    decoder.old.clear(route);
    Ok(whole)
}

fn gone(
    decoder: &mut Decoder,
    route: &Route,
    record: Record<'_>,
    event: &Event<'_>,
) -> Result<Option<Change>, Why> {
    if let Some(key) = record.key.map(|k| object("key", k)).transpose()?.flatten() {
        decoder.old.read(route, key, Read::Key)?;
    }
    if let Some(before) = event.before {
        decoder.old.read(route, before, Read::Key)?;
    }
    goes(decoder, route)
}

fn goes(decoder: &mut Decoder, route: &Route) -> Result<Option<Change>, Why> {
    key_is_whole(route, &decoder.old)?;
    decoder.remove(route)?;
    decoder.key.extend_from_slice(&decoder.gone);
    Ok((!route.keeps).then_some(GOES))
}

/// A tombstone follows a delete; in a topic that was compacted it may be all that is left of it.
fn tombstone(
    decoder: &mut Decoder,
    route: &Route,
    record: Record<'_>,
) -> Result<Option<Change>, Why> {
    if !route.covered || route.keeps {
        return Ok(None);
    }
    let Some(key) = record.key.map(|k| object("key", k)).transpose()?.flatten() else {
        return Err(why("no-key", None, "a record with neither key nor value"));
    };
    decoder.old.read(route, key, Read::Key)?;
    let change = goes(decoder, route)?;
    Ok(change.map(|c| Change {
        order: Order::Follows,
        ..c
    }))
}

fn truncated(route: &Route) -> Result<Option<Change>, Why> {
    if route.keeps {
        return Ok(None);
    }
    let text =
        "the table was truncated at its source: stop the sink, TRUNCATE it here too, then go on";
    Err(why("truncate", None, text))
}
