//! The machine: runs bound code on the database in memory. Every statement and row costs fuel; nothing runs for ever.

mod agg;
mod arith;
mod assign;
mod block;
mod call;
mod coll;
mod connect;
mod cursor;
mod dml;
mod dynamic;
mod eval;
mod join;
mod memory;
mod native;
mod query;
mod random;
mod store;
mod trigger;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use chrono::NaiveDateTime;

use super::db::Db;
use super::prog::{Estate, Prog};
use super::stop::{OraError, Res, Stop, Why};
use super::val::{Row, Val};
use crate::value::{Nls, Value};

/// Limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Statements and rows.
    pub fuel: u64,
    /// Bytes of data.
    pub memory: usize,
    /// Calls inside each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            fuel: 50_000_000,
            memory: 1 << 30,
            depth: 500,
        }
    }
}

/// Variables of one call.
struct Frame {
    slots: Vec<Val>,
    parent: usize,
    piped: Vec<Val>,
}

/// A cursor that was opened.
struct Cursor {
    rows: Vec<Row>,
    rowids: Vec<usize>,
    at: usize,
    fetched: i64,
    found: Option<bool>,
}

/// The implicit cursor and bulk attributes.
#[derive(Default)]
struct Sql {
    rowcount: Option<i64>,
    bulk: Vec<i64>,
    errors: Vec<(i64, i64)>,
}

/// How a statement list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Exit(Option<usize>),
    Continue(Option<usize>),
    Return,
}

/// Rows around an expression.
#[derive(Clone, Copy)]
pub(super) struct Env<'a> {
    rows: &'a [Row],
    keys: &'a [Value],
    aggs: &'a [Value],
    wins: &'a [Value],
    set: &'a [bool],
    rownum: i64,
    level: i64,
    leaf: bool,
    prior: Option<&'a [Row]>,
    root: Option<&'a [Row]>,
    paths: &'a [String],
    outer: Option<&'a Env<'a>>,
}

impl<'a> Env<'a> {
    /// Nothing around.
    const NONE: Env<'static> = Env {
        rows: &[],
        keys: &[],
        aggs: &[],
        wins: &[],
        set: &[],
        rownum: 0,
        level: 0,
        leaf: false,
        prior: None,
        root: None,
        paths: &[],
        outer: None,
    };

    fn of(rows: &'a [Row], outer: &'a Env<'a>) -> Env<'a> {
        Env {
            rows,
            outer: Some(outer),
            ..Env::NONE
        }
    }
}

/// A session on a database.
pub struct Machine<'e> {
    /// Code.
    pub prog: Prog<'e>,
    /// Data.
    pub db: Db,
    /// SYSDATE.
    pub clock: NaiveDateTime,
    /// USER.
    pub user: String,
    /// Settings.
    pub nls: Nls,
    /// DBMS_OUTPUT.
    pub output: Vec<String>,
    /// Files of UTL_FILE by `directory/name`.
    pub files: BTreeMap<String, Vec<String>>,
    /// Branches that have run.
    pub covered: Vec<bool>,
    limits: Limits,
    fuel: u64,
    /// What is left of the fuel when the memory is weighed next.
    weigh_at: u64,
    /// State of DBMS_RANDOM.
    random: u64,
    globals: Vec<Val>,
    ready: Vec<bool>,
    frames: Vec<Frame>,
    cur: usize,
    depth: usize,
    cursors: Vec<Option<Cursor>>,
    open_files: Vec<Option<native::OpenFile>>,
    line: String,
    sql: Sql,
    errors: Vec<OraError>,
    hidden: Vec<BTreeSet<usize>>,
    work: HashMap<usize, Rc<Vec<Row>>>,
    texts: HashMap<String, Rc<super::bind::Bound>>,
    stores: HashMap<usize, Rc<store::StoreCode>>,
    triggers: HashMap<usize, Rc<Vec<trigger::Trigger>>>,
    returned: Option<Val>,
    dynamic_rows: Option<Vec<Row>>,
    dynamic_cols: usize,
    /// The running INSERT logs errors.
    logging: bool,
}

impl<'e> Machine<'e> {
    /// An estate with empty tables.
    pub fn new(est: Estate<'e>, limits: Limits, clock: NaiveDateTime) -> Self {
        Machine {
            prog: Prog::new(est),
            db: Db::empty(est),
            clock,
            user: est.catalog.default_schema.clone(),
            nls: Nls::default(),
            output: Vec::new(),
            files: BTreeMap::new(),
            covered: Vec::new(),
            fuel: limits.fuel,
            weigh_at: limits.fuel,
            random: 0,
            limits,
            globals: Vec::new(),
            ready: Vec::new(),
            frames: Vec::new(),
            cur: 0,
            depth: 0,
            cursors: Vec::new(),
            open_files: Vec::new(),
            line: String::new(),
            sql: Sql::default(),
            errors: Vec::new(),
            hidden: Vec::new(),
            work: HashMap::new(),
            texts: HashMap::new(),
            stores: HashMap::new(),
            triggers: HashMap::new(),
            returned: None,
            dynamic_rows: None,
            dynamic_cols: 0,
            logging: false,
        }
    }

    /// A new session: package state is gone, data stay, fuel is full again.
    pub fn new_session(&mut self) {
        self.ready.clear();
        self.globals.clear();
        self.frames.clear();
        self.cur = 0;
        self.depth = 0;
        self.cursors.clear();
        self.open_files.clear();
        self.output.clear();
        self.line.clear();
        self.sql = Sql::default();
        self.errors.clear();
        self.hidden.clear();
        self.work.clear();
        self.logging = false;
        self.fuel = self.limits.fuel;
        self.weigh_at = self.fuel;
    }

    fn burn(&mut self, amount: u64) -> Res<()> {
        match self.fuel.checked_sub(amount) {
            Some(left) => {
                self.fuel = left;
                if left < self.weigh_at {
                    return self.weigh();
                }
                Ok(())
            }
            None => {
                self.fuel = 0;
                let message = format!(
                    "the run needs more than {} steps (see --fuel)",
                    self.limits.fuel
                );
                Err(Stop::refuse(Why::Fuel, message))
            }
        }
    }

    fn fits_memory(&self, bytes: usize) -> Res<()> {
        if self.db.bytes.saturating_add(bytes) <= self.limits.memory {
            return Ok(());
        }
        let message = format!(
            "the run needs more than {} bytes (see --max-memory)",
            self.limits.memory
        );
        Err(Stop::refuse(Why::Memory, message))
    }

    fn cover(&mut self, branch: usize) {
        if branch == usize::MAX {
            return;
        }
        if self.covered.len() <= branch {
            self.covered.resize(branch + 1, false);
        }
        self.covered[branch] = true;
    }

    /// Statements and rows that have been paid for.
    pub fn spent(&self) -> u64 {
        self.limits.fuel - self.fuel
    }
}
