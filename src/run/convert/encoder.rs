//! A row into the values of a prepared statement, in the order of binding. Built once a table from specification,
//! source and target; what does not fit is refused here, before the first row.

use std::collections::BTreeMap;

use super::ConvertError;
use super::cell::Convert;
use super::derived::Derive;
use super::forms::TextForms;
use super::number;
use super::reject::{Refusal, Reject, RejectCode};
use super::target::TargetTable;
use crate::plan::model::{ColumnMap, CqlKind, CqlType, DerivedColumn};
use crate::rel::DataType;
use crate::run::row::RowBatch;
use crate::run::source::SourceColumn;

/// A value that is not set: nothing is written, and no tombstone.
pub const UNSET: i32 = -2;
/// A partition key, and each component of it, is at most this long; so is the clustering key.
pub const MAX_KEY: usize = 65_535;

/// What a table's rows are made of.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// Columns that are carried over.
    pub columns: &'a [ColumnMap],
    /// Columns that are computed.
    pub derived: &'a [DerivedColumn],
    /// What a NULL in a key is written as, by Oracle column.
    pub null_as: &'a BTreeMap<String, String>,
}

/// Where a bound value comes from.
#[derive(Clone, Debug)]
enum Origin {
    Cell { index: usize, convert: Convert },
    Derived(Derive),
}

/// One bound value.
#[derive(Clone, Debug)]
struct Slot {
    /// Name for rejects: of the source, or of the target where it is computed.
    name: String,
    origin: Origin,
    kind: CqlKind,
    ty: CqlType,
    /// Bytes with their length for a NULL in a key.
    null_as: Option<Vec<u8>>,
}

/// A table's compiled rows.
#[derive(Clone, Debug)]
pub struct Encoder {
    slots: Vec<Slot>,
    table: TargetTable,
    partition: Vec<usize>,
    primary: Vec<usize>,
    max_cell: usize,
}

impl Encoder {
    /// Compiles the rows of `table`, whose columns are bound in their order. Every column of the recipe is in the
    /// table; columns of the table that are not in the recipe are not bound, unless they are part of the key.
    pub fn new(
        source: &[SourceColumn],
        recipe: Recipe<'_>,
        mut table: TargetTable,
        forms: &TextForms,
    ) -> Result<Encoder, ConvertError> {
        let planned = recipe.columns.iter().map(|c| &c.to);
        let planned: Vec<_> = planned
            .chain(recipe.derived.iter().map(|d| &d.to))
            .collect();
        for name in &planned {
            if !table.columns.iter().any(|c| c.name == **name) {
                return Err(ConvertError::NotInTarget {
                    table: table.name.clone(),
                    column: (*name).clone(),
                });
            }
        }
        table
            .columns
            .retain(|c| c.kind.is_key() || planned.contains(&&c.name));
        let compile = Compile {
            source,
            recipe,
            forms,
            table: &table,
        };
        let slots = (0..table.columns.len()).map(|i| compile.slot(i));
        let slots = slots.collect::<Result<Vec<_>, _>>()?;
        Ok(Encoder {
            slots,
            partition: table.partition(),
            primary: table.primary(),
            max_cell: forms.max_cell,
            table,
        })
    }

    /// The table, columns in the order of binding.
    pub fn table(&self) -> &TargetTable {
        &self.table
    }

    /// Appends the row's values, each as its length and its bytes. A refused row leaves `out` as it was.
    pub fn encode(&self, batch: &RowBatch, row: usize, out: &mut Vec<u8>) -> Result<(), Reject> {
        let start = out.len();
        for slot in &self.slots {
            let at = out.len();
            if let Err(refusal) = self.slot(slot, batch, row, out) {
                out.truncate(start);
                return Err(refusal.at(&slot.name));
            }
            if out.len() - at > self.max_cell {
                let text = format!("{} bytes in one cell", out.len() - at - 4);
                out.truncate(start);
                return Err(Refusal::new(RejectCode::CellSize, text).at(&slot.name));
            }
        }
        if out.len() - start > self.max_cell {
            let text = format!("{} bytes in one row", out.len() - start);
            out.truncate(start);
            return Err(Refusal::new(RejectCode::CellSize, text).at(""));
        }
        Ok(())
    }

    fn slot(&self, s: &Slot, b: &RowBatch, row: usize, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let at = out.len();
        let set = match &s.origin {
            Origin::Cell { index, convert } => match b.cell(row, *index) {
                Some(text) => convert.push(text, out)?,
                None => None,
            },
            Origin::Derived(derive) => derive.push(b, row, out)?,
        };
        match (set, s.kind) {
            (Some(()), CqlKind::Regular | CqlKind::Static) => Ok(()),
            (Some(()), kind) => check_key(kind, s.ty, out.len() - at - 4),
            (None, CqlKind::Regular | CqlKind::Static) => {
                out.extend_from_slice(&UNSET.to_be_bytes());
                Ok(())
            }
            (None, _) => match &s.null_as {
                Some(bytes) => {
                    out.extend_from_slice(bytes);
                    Ok(())
                }
                None => Err(Refusal::new(RejectCode::NullKey, "NULL in a key column")),
            },
        }
    }

    /// The bytes that Cassandra hashes for the token: of one column its value, of several each with length and a zero.
    pub fn partition_key_bytes(&self, encoded: &[u8], out: &mut Vec<u8>) {
        let single = self.partition.len() == 1;
        for index in &self.partition {
            let value = nth(encoded, *index).unwrap_or_default();
            if single {
                out.extend_from_slice(value);
            } else {
                out.extend_from_slice(&(value.len() as u16).to_be_bytes());
                out.extend_from_slice(value);
                out.push(0);
            }
        }
    }

    /// The primary key's values, each as its length and its bytes, in key order.
    pub fn primary_key_bytes(&self, encoded: &[u8], out: &mut Vec<u8>) {
        for index in &self.primary {
            number::push_value(out, nth(encoded, *index).unwrap_or_default());
        }
    }
}

/// The `n`th value of an encoded row; None where it is not set.
pub fn nth(encoded: &[u8], n: usize) -> Option<&[u8]> {
    values(encoded).nth(n).flatten()
}

/// The values of an encoded row.
pub fn values(encoded: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = encoded;
    std::iter::from_fn(move || {
        let (len, tail) = rest.split_first_chunk::<4>()?;
        let Ok(len) = usize::try_from(i32::from_be_bytes(*len)) else {
            rest = tail;
            return Some(None);
        };
        let (value, tail) = tail.split_at_checked(len)?;
        rest = tail;
        Some(Some(value))
    })
}

fn check_key(kind: CqlKind, ty: CqlType, len: usize) -> Result<(), Refusal> {
    if len > MAX_KEY {
        let text = format!("{len} bytes in a key, and 65,535 are allowed");
        return Err(Refusal::new(RejectCode::KeySize, text));
    }
    if len == 0 && kind == CqlKind::Partition && matches!(ty, CqlType::Text | CqlType::Blob) {
        return Err(Refusal::new(RejectCode::EmptyKey, "an empty partition key"));
    }
    Ok(())
}

/// What slots are compiled from.
struct Compile<'a> {
    source: &'a [SourceColumn],
    recipe: Recipe<'a>,
    forms: &'a TextForms,
    table: &'a TargetTable,
}

impl Compile<'_> {
    fn index(&self, name: &str) -> Result<usize, ConvertError> {
        let found = self.source.iter().position(|s| s.name == name);
        found.ok_or_else(|| ConvertError::NotInSource {
            column: name.into(),
            nearest: nearest(name, self.source),
        })
    }

    /// A column's type: as the specification says it, else as the source does.
    fn typed(&self, name: &str) -> Result<(usize, DataType), ConvertError> {
        let index = self.index(name)?;
        let planned = self.recipe.columns.iter().find(|c| c.from == name);
        let known = planned
            .map(|c| c.oracle.clone())
            .or(self.source[index].ty.clone());
        // Text is what every cell is.
        Ok((index, known.unwrap_or(DataType::Clob)))
    }

    fn slot(&self, target: usize) -> Result<Slot, ConvertError> {
        let column = &self.table.columns[target];
        let carried = self.recipe.columns.iter().find(|c| c.to == column.name);
        let derived = self.recipe.derived.iter().find(|d| d.to == column.name);
        let slot = |name: &str, origin| Slot {
            name: name.into(),
            origin,
            kind: column.kind,
            ty: column.ty,
            null_as: None,
        };
        if let Some(map) = carried {
            let convert = Convert::new(&map.from, &map.oracle, column.ty, self.forms)?;
            let null_as = self.null_as(map, &convert)?;
            let index = self.index(&map.from)?;
            let mut slot = slot(&map.from, Origin::Cell { index, convert });
            slot.null_as = null_as;
            return self.keyable(slot);
        }
        if let Some(d) = derived {
            let d = DerivedColumn {
                cql: column.ty,
                ..d.clone()
            };
            let derive = Derive::new(&d, &|name| self.typed(name), self.forms)?;
            return self.keyable(slot(&column.name, Origin::Derived(derive)));
        }
        Err(ConvertError::NotPlanned {
            table: self.table.name.clone(),
            column: column.name.clone(),
        })
    }

    fn null_as(&self, map: &ColumnMap, convert: &Convert) -> Result<Option<Vec<u8>>, ConvertError> {
        let Some(text) = self.recipe.null_as.get(&map.from) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let pushed = convert.push(text.as_bytes(), &mut bytes);
        match pushed {
            Ok(Some(())) => Ok(Some(bytes)),
            Ok(None) | Err(_) => Err(ConvertError::Option {
                key: format!("null_as.{}", map.from),
                text: format!("`{text}` is no value of the column's type"),
            }),
        }
    }

    fn keyable(&self, slot: Slot) -> Result<Slot, ConvertError> {
        if slot.kind.is_key() && slot.ty == CqlType::Duration {
            return Err(ConvertError::KeyType { column: slot.name });
        }
        Ok(slot)
    }
}

/// A name that a user may have meant.
pub(super) fn nearest(name: &str, source: &[SourceColumn]) -> Option<String> {
    let upper = name.to_uppercase();
    let scored = source.iter().map(|s| {
        (
            strsim::jaro_winkler(&upper, &s.name.to_uppercase()),
            &s.name,
        )
    });
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}
