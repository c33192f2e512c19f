//! A record into changes of a table's rows: at most one row that goes and one that comes. Pure: bytes in, values of
//! statements out, or the reason why the record cannot be carried. Knows no broker and no server.

mod envelope;
mod image;
#[cfg(test)]
mod tests;
mod upsert;

use super::cells::Found;
use super::clock::Order;
use super::json::{self, Json, JsonError};
use super::route::Route;
use crate::plan::model::SinkFormat;
use crate::run::convert::values;
use crate::run::deadletter::Why;
use crate::run::row::{Origin, RowBatch};
use image::Image;

/// A record as the broker has it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Value.
    pub value: Option<&'a [u8]>,
}

/// What a record means for a table; the values are in the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place among others.
    pub order: Order,
    /// A row goes: its key's values.
    pub gone: bool,
    /// A row comes: its values.
    pub comes: bool,
}

/// Decodes records; keeps its buffers.
#[derive(Default)]
pub struct Decoder {
    new: Image,
    old: Image,
    rows: RowBatch,
    encoded: Vec<u8>,
    /// The place of the record, where it was found before the record was refused.
    pub order: Option<Order>,
    /// Values of the row that comes, in the order of binding.
    pub values: Vec<u8>,
    /// Values of the key of the row that comes, or of the one that goes where none comes.
    pub key: Vec<u8>,
    /// Values of the key of the row that goes.
    pub gone: Vec<u8>,
}

/// The reason why a record is not carried.
pub fn why(code: &str, column: Option<&str>, reason: impl Into<String>) -> Why {
    Why {
        column: column.map(str::to_owned),
        code: code.into(),
        reason: reason.into(),
    }
}

impl From<JsonError> for Why {
    fn from(error: JsonError) -> Self {
        why("json", None, error.to_string())
    }
}

/// The greatest version of an envelope's schema that is understood.
const SCHEMA: i64 = 2;

/// The object in a text; where a schema stands beside it, the payload. None: null.
fn object<'a>(what: &str, bytes: &'a [u8]) -> Result<Option<&'a str>, Why> {
    if let [0, a, b, c, d, ..] = bytes {
        let id = u32::from_be_bytes([*a, *b, *c, *d]);
        let text = format!(
            "the {what} is in a registry's form (schema {id}), not JSON: set the converters to JsonConverter"
        );
        return Err(why("not-json", None, text));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        why(
            "encoding",
            None,
            format!("the {what} is not UTF-8 at byte {}", e.valid_up_to()),
        )
    })?;
    let value = json::read(text).map_err(|e| why("json", None, format!("the {what}: {e}")))?;
    match value {
        Json::Object(object) => unwrapped(what, object),
        Json::Null => Ok(None),
        other => Err(why(
            "not-an-object",
            None,
            format!("the {what} is {}", other.kind()),
        )),
    }
}

/// Takes a payload out of its wrapper.
fn unwrapped<'a>(what: &str, object: &'a str) -> Result<Option<&'a str>, Why> {
    let schema = match json::member(object, "schema")? {
        Some(Json::Object(schema)) => Some(schema),
        Some(Json::Null) => None,
        Some(_) | None => return Ok(Some(object)),
    };
    let payload = match json::member(object, "payload")? {
        Some(payload) => payload,
        None => return Ok(Some(object)),
    };
    if let Some(Json::Number(n)) = schema
        .map(|s| json::member(s, "version"))
        .transpose()?
        .flatten()
        && n.parse::<i64>().is_ok_and(|n| n > SCHEMA)
    {
        let text =
            format!("the {what}'s schema has version {n}; known are versions up to {SCHEMA}");
        return Err(why("schema-version", None, text));
    }
    match payload {
        Json::Object(object) => Ok(Some(object)),
        Json::Null => Ok(None),
        other => Err(why(
            "not-an-object",
            None,
            format!("the {what}'s payload is {}", other.kind()),
        )),
    }
}

/// Why a null is or is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// The row replaces another one: what it does not have must go.
    Written,
    /// There is no other row, or it is known to have none either.
    Left,
}

impl Decoder {
    /// What a record means for the table of a route; None: nothing.
    pub fn decode(&mut self, route: &Route, record: Record<'_>) -> Result<Option<Change>, Why> {
        self.values.clear();
        self.key.clear();
        self.gone.clear();
        self.order = None;
        match route.format {
            SinkFormat::Upsert => upsert::decode(self, route, record),
            SinkFormat::Debezium => envelope::decode(self, route, record),
        }
    }

    /// Encodes one of the images; `key_only`: nothing but the key is looked at.
    fn encode(
        rows: &mut RowBatch,
        route: &Route,
        image: &Image,
        key_only: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Why> {
        rows.reset(route.members.len(), Origin::Numbered);
        for (member, found) in route.members.iter().zip(&image.found) {
            let wanted = member.key || !key_only;
            rows.push_cell(image.text(*found).filter(|_| wanted));
        }
        rows.end_row(0, None);
        out.clear();
        route.encoder.encode(rows, 0, out).map_err(Why::from)
    }

    /// The row of `new` comes.
    fn put(&mut self, route: &Route, nulls: Nulls) -> Result<(), Why> {
        Self::encode(&mut self.rows, route, &self.new, false, &mut self.encoded)?;
        route
            .encoder
            .primary_key_bytes(&self.encoded, &mut self.key);
        for (bound, value) in route.bound.iter().zip(values(&self.encoded)) {
            let length = match value {
                Some(value) => {
                    self.values
                        .extend_from_slice(&(value.len() as i32).to_be_bytes());
                    self.values.extend_from_slice(value);
                    continue;
                }
                None if self.new.leaves(&bound.of) => UNSET,
                None if nulls == Nulls::Left && !route.keeps => UNSET,
                None if self.old.without(&bound.of) && !route.keeps => UNSET,
                None => NULL,
            };
            self.values.extend_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    /// The row of `old` goes.
    fn remove(&mut self, route: &Route) -> Result<(), Why> {
        Self::encode(&mut self.rows, route, &self.old, true, &mut self.encoded)?;
        route
            .encoder
            .primary_key_bytes(&self.encoded, &mut self.gone);
        Ok(())
    }
}

/// Length of a value that is left as it is.
const UNSET: i32 = -2;

/// Length of null.
const NULL: i32 = -1;

/// Every member that the table's key is made of must be there.
fn key_is_whole(route: &Route, image: &Image) -> Result<(), Why> {
    let lacking = route
        .members
        .iter()
        .zip(&image.found)
        .find(|(m, f)| m.key && matches!(f, Found::Missing | Found::Unavailable));
    match lacking {
        None => Ok(()),
        Some((member, _)) => Err(why(
            "missing-field",
            Some(&member.name),
            "the record does not say it, and the table's key is made of it",
        )),
    }
}
