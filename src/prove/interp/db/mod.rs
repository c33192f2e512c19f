//! The database in memory: rows, keys, and an undo log. Whoever changes rows asks for the checks at the end of the
//! statement, as Oracle does.

mod load;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::stop::{Res, Stop};
use super::val::{Row, Ty};
use crate::catalog::model::TableName;
use crate::value::{Number, Value};

/// What deleting a parent does to its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnParent {
    /// Refused.
    Restrict,
    /// They go too.
    Cascade,
    /// Their columns become NULL.
    SetNull,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Col {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: Ty,
    /// May be NULL.
    pub nullable: bool,
    /// DEFAULT.
    pub default: Option<String>,
    /// GENERATED AS IDENTITY.
    pub identity: bool,
    /// Computed.
    pub computed: bool,
}

/// A unique key with its index.
#[derive(Clone, Debug)]
pub struct Unique {
    /// Columns.
    pub cols: Vec<usize>,
    /// Rows by key.
    map: HashMap<Vec<Value>, Vec<usize>>,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub struct Fk {
    /// Own columns.
    pub cols: Vec<usize>,
    /// Parent.
    pub parent: usize,
    /// Parent's columns.
    pub parent_cols: Vec<usize>,
    /// On deletion of the parent.
    pub on_parent: OnParent,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name.
    pub name: TableName,
    /// Columns.
    pub cols: Vec<Col>,
    /// Rows by ROWID.
    pub rows: Rc<Vec<Option<Row>>>,
    /// Unique keys, the primary key first.
    pub uniques: Vec<Unique>,
    /// Foreign keys.
    pub fks: Vec<Fk>,
    /// CHECK texts.
    pub checks: Vec<String>,
}

struct Undo {
    table: usize,
    rowid: usize,
    old: Option<Row>,
}

/// The database.
#[derive(Default)]
pub struct Db {
    /// Tables in the catalogue's order.
    pub tables: Vec<Table>,
    /// Next values of sequences.
    pub sequences: Vec<i64>,
    undo: Vec<Undo>,
    savepoints: Vec<(String, usize)>,
    /// Bytes held, roughly.
    pub bytes: usize,
}

fn size(row: &Row) -> usize {
    let text = |v: &Value| match v {
        Value::Text(t) => t.len(),
        Value::Bytes(b) => b.len(),
        Value::Null | Value::Number(_) | Value::Date(_) | Value::Timestamp(_) => 0,
    };
    row.len() * std::mem::size_of::<Value>() + row.iter().map(text).sum::<usize>()
}

impl Unique {
    fn key(&self, row: &Row) -> Option<Vec<Value>> {
        let key: Vec<Value> = self.cols.iter().map(|c| row[*c].clone()).collect();
        (!key.iter().all(Value::is_null)).then_some(key)
    }
}

impl Db {
    /// Puts a row into a place, keeps indexes, and gives what was there.
    fn put(&mut self, table: usize, rowid: usize, new: Option<Row>) -> Option<Row> {
        let t = &mut self.tables[table];
        let rows = Rc::make_mut(&mut t.rows);
        if rows.len() <= rowid {
            rows.resize(rowid + 1, None);
        }
        let old = std::mem::replace(&mut rows[rowid], new.clone());
        for u in &mut t.uniques {
            if let Some(key) = old.as_ref().and_then(|o| u.key(o))
                && let Some(ids) = u.map.get_mut(&key)
            {
                ids.retain(|id| *id != rowid);
                if ids.is_empty() {
                    u.map.remove(&key);
                }
            }
            if let Some(key) = new.as_ref().and_then(|n| u.key(n)) {
                u.map.entry(key).or_default().push(rowid);
            }
        }
        self.bytes += new.as_ref().map_or(0, size);
        self.bytes = self.bytes.saturating_sub(old.as_ref().map_or(0, size));
        old
    }

    fn change(&mut self, table: usize, rowid: usize, new: Option<Row>) {
        let old = self.put(table, rowid, new);
        self.undo.push(Undo { table, rowid, old });
    }

    /// Adds a row; its ROWID is put behind its values.
    pub fn insert(&mut self, table: usize, mut values: Vec<Value>) -> usize {
        let rowid = self.tables[table].rows.len();
        values.push(Value::Number(Number::from(rowid as i64)));
        self.change(table, rowid, Some(values.into()));
        rowid
    }

    /// Replaces a row.
    pub fn update(&mut self, table: usize, rowid: usize, mut values: Vec<Value>) {
        values.push(Value::Number(Number::from(rowid as i64)));
        self.change(table, rowid, Some(values.into()));
    }

    /// Removes a row.
    pub fn delete(&mut self, table: usize, rowid: usize) {
        self.change(table, rowid, None);
    }

    /// A row.
    pub fn row(&self, table: usize, rowid: usize) -> Option<&Row> {
        self.tables[table].rows.get(rowid)?.as_ref()
    }

    /// The ROWID at the end of a row.
    pub fn rowid_of(row: &Row) -> Option<usize> {
        match row.last() {
            Some(Value::Number(n)) => n.to_i64().and_then(|n| usize::try_from(n).ok()),
            _ => None,
        }
    }

    /// Where the undo log stands.
    pub fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Undoes everything after a mark.
    pub fn rollback_to(&mut self, mark: usize) {
        while self.undo.len() > mark {
            if let Some(u) = self.undo.pop() {
                self.put(u.table, u.rowid, u.old);
            }
        }
        self.savepoints.retain(|(_, at)| *at <= mark);
    }

    /// COMMIT.
    pub fn commit(&mut self) {
        self.undo.clear();
        self.savepoints.clear();
    }

    /// ROLLBACK.
    pub fn rollback(&mut self) {
        self.rollback_to(0);
        self.savepoints.clear();
    }

    /// SAVEPOINT.
    pub fn savepoint(&mut self, name: &str) {
        self.savepoints.retain(|(n, _)| n != name);
        self.savepoints.push((name.to_string(), self.undo.len()));
    }

    /// ROLLBACK TO.
    pub fn rollback_to_savepoint(&mut self, name: &str) -> Res<()> {
        let at = self.savepoints.iter().position(|(n, _)| n == name);
        let Some(at) = at else {
            return Err(Stop::ora(
                1086,
                format!("savepoint '{name}' never established in this session or is invalid"),
            ));
        };
        let mark = self.savepoints[at].1;
        self.savepoints.truncate(at + 1);
        while self.undo.len() > mark {
            if let Some(u) = self.undo.pop() {
                self.put(u.table, u.rowid, u.old);
            }
        }
        Ok(())
    }

    /// Sets the running transaction aside for an autonomous one; the tables that it has changed.
    pub fn suspend(&mut self) -> (Suspended, BTreeSet<usize>) {
        let dirty = self.undo.iter().map(|u| u.table).collect();
        let suspended = Suspended {
            undo: std::mem::take(&mut self.undo),
            savepoints: std::mem::take(&mut self.savepoints),
        };
        (suspended, dirty)
    }

    /// Takes the transaction up again; true if the autonomous one left changes behind.
    pub fn resume(&mut self, s: Suspended) -> bool {
        let pending = !self.undo.is_empty();
        self.rollback();
        self.undo = s.undo;
        self.savepoints = s.savepoints;
        pending
    }

    /// Keys that a statement has touched, checked at its end.
    pub fn verify(&self, touched: &[(usize, usize)]) -> Res<()> {
        for (table, rowid) in touched {
            let Some(row) = self.row(*table, *rowid) else {
                continue;
            };
            let t = &self.tables[*table];
            for (i, u) in t.uniques.iter().enumerate() {
                let twice = u
                    .key(row)
                    .and_then(|k| u.map.get(&k))
                    .is_some_and(|ids| ids.len() > 1);
                if twice {
                    let name = format!("{}.{}_U{i}", t.name.schema, t.name.name);
                    return Err(Stop::ora(1, format!("unique constraint ({name}) violated")));
                }
            }
            for fk in &t.fks {
                if !self.has_parent(fk, row) {
                    let name = format!("{}_FK", t.name);
                    return Err(Stop::ora(
                        2291,
                        format!("integrity constraint ({name}) violated - parent key not found"),
                    ));
                }
            }
        }
        Ok(())
    }

    fn has_parent(&self, fk: &Fk, row: &Row) -> bool {
        let key: Vec<Value> = fk.cols.iter().map(|c| row[*c].clone()).collect();
        // A key with a NULL in it refers to nothing.
        key.iter().any(Value::is_null) || self.find(fk.parent, &fk.parent_cols, &key)
    }

    /// True if a row holds the key.
    fn find(&self, table: usize, cols: &[usize], key: &[Value]) -> bool {
        let t = &self.tables[table];
        if let Some(u) = t.uniques.iter().find(|u| u.cols == cols) {
            return u.map.contains_key(key);
        }
        let fits = |r: &Row| cols.iter().zip(key).all(|(c, k)| r[*c] == *k);
        t.rows.iter().flatten().any(fits)
    }

    /// Foreign keys that refer to a table: child and position.
    pub fn children(&self, parent: usize) -> Vec<(usize, usize)> {
        let of = |(c, t): (usize, &Table)| {
            let fks = t.fks.iter().enumerate().filter(|(_, f)| f.parent == parent);
            fks.map(move |(i, _)| (c, i)).collect::<Vec<_>>()
        };
        self.tables.iter().enumerate().flat_map(of).collect()
    }

    /// Rows of a child that refer to a key that no parent holds any more.
    pub fn orphans(&self, child: usize, fk: usize, old: &Row) -> Vec<usize> {
        let fk = &self.tables[child].fks[fk];
        let key: Vec<Value> = fk.parent_cols.iter().map(|c| old[*c].clone()).collect();
        if key.iter().any(Value::is_null) || self.find(fk.parent, &fk.parent_cols, &key) {
            return Vec::new();
        }
        let fits = |r: &Row| fk.cols.iter().zip(&key).all(|(c, k)| r[*c] == *k);
        let rows = self.tables[child].rows.iter().enumerate();
        rows.filter(|(_, r)| r.as_ref().is_some_and(fits))
            .map(|(i, _)| i)
            .collect()
    }

    /// Takes all rows away, without undo: TRUNCATE and resets.
    pub fn truncate(&mut self, table: usize) {
        let t = &mut self.tables[table];
        self.bytes = self
            .bytes
            .saturating_sub(t.rows.iter().flatten().map(size).sum());
        t.rows = Rc::new(Vec::new());
        for u in &mut t.uniques {
            u.map.clear();
        }
    }

    /// Rows of a table without their ROWIDs.
    pub fn values(&self, table: usize) -> Vec<Vec<Value>> {
        let rows = self.tables[table].rows.iter().flatten();
        rows.map(|r| r[..r.len() - 1].to_vec()).collect()
    }
}

/// A transaction set aside.
pub struct Suspended {
    undo: Vec<Undo>,
    savepoints: Vec<(String, usize)>,
}
