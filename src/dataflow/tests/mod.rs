//! The analysis through the real front end: texts in, steps out.

mod samples;

use super::model::{Flows, Meaning, WriteStep};
use crate::catalog::build::{AuxText, CatalogConfig, build};
use crate::catalog::model::Catalog;
use crate::source::{SourceFile, SourceMap};

/// An estate that was analysed.
pub(super) struct Estate {
    pub map: SourceMap,
    pub catalog: Catalog,
    pub flows: Flows,
}

/// Analyses texts; the first schema is `schema`.
pub(super) fn estate(texts: &[(&str, String)], aux: &[(&str, String)], schema: &str) -> Estate {
    let mut map = SourceMap::default();
    for (path, text) in texts {
        map.add(SourceFile::from_text(*path, text.clone()));
    }
    let files = crate::syntax::parse_all(&map);
    let aux: Vec<AuxText> = aux
        .iter()
        .map(|(p, t)| AuxText {
            path: p.to_string(),
            text: t.clone(),
        })
        .collect();
    let config = CatalogConfig {
        schemas: vec![schema.into()],
        ..CatalogConfig::default()
    };
    let catalog = build(&map, &files, &aux, &config);
    let flows = super::analyze(&map, &files, &catalog);
    Estate {
        map,
        catalog,
        flows,
    }
}

impl Estate {
    /// The steps of a verb on a table.
    pub fn steps(&self, verb: &str, table: &str) -> Vec<&WriteStep> {
        let named = |s: &&WriteStep| {
            s.verb.as_str() == verb && s.table.as_ref().is_some_and(|t| t.name == table)
        };
        self.flows.steps.iter().filter(named).collect()
    }

    /// A line a step, for people.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for (i, s) in self.flows.steps.iter().enumerate() {
            let place = self.map.place(s.span);
            let table = s.table.as_ref().map_or("?".to_string(), |t| t.to_string());
            let what = match &s.meaning {
                Meaning::Lifted(l) => format!(
                    "LIFTED key {:?} period {:?}",
                    l.key,
                    l.period
                        .as_ref()
                        .map(|p| (&p.parameter, p.unit, &p.target_column))
                ),
                Meaning::PartOf(o) => format!("part of {o}"),
                Meaning::Obstacle(o) => format!("{:?}: {}", o.kind, o.message),
            };
            let name = self.catalog.routines[s.routine.0 as usize].qualified();
            out += &format!(
                "{i:3} {place} {name} {} {table} jobs {:?}\n      {what}\n",
                s.verb.as_str(),
                s.jobs
            );
            for (f, e) in &s.facts {
                out += &format!("        {:?} {f:?}: {}\n", e.status, e.note);
            }
        }
        out
    }
}

/// One estate of one script.
fn script(sql: &str) -> Estate {
    estate(&[("a.sql", sql.to_string())], &[], "APP")
}

const TABLES: &str = "
CREATE TABLE app.s (id NUMBER(9) PRIMARY KEY, qty NUMBER(9,3) NOT NULL, kind VARCHAR2(4) NOT NULL);
CREATE TABLE app.p (kind VARCHAR2(4) PRIMARY KEY, price NUMBER(12,6) NOT NULL);
CREATE TABLE app.t (id NUMBER(9) PRIMARY KEY, amount NUMBER(20,6));
";

#[test]
fn a_variable_rounds_what_is_assigned_to_it() {
    let e = script(&format!(
        "{TABLES}
CREATE OR REPLACE PROCEDURE app.go IS
  v NUMBER(10,2);
BEGIN
  DELETE FROM t;
  FOR r IN (SELECT s.id, s.qty FROM s) LOOP
    v := r.qty * 1.5;
    INSERT INTO t (id, amount) VALUES (r.id, v);
  END LOOP;
END;
/"
    ));
    let step = e.steps("INSERT", "T")[0];
    let Meaning::Lifted(l) = &step.meaning else {
        panic!("{}", e.print())
    };
    let crate::rel::Rel::Project { items, .. } = &l.query else {
        panic!("{:?}", l.query)
    };
    let amount = items.iter().find(|n| n.name == "AMOUNT").unwrap();
    let two = crate::rel::DataType::Number {
        precision: Some(10),
        scale: Some(2),
    };
    assert!(
        matches!(&amount.expr, crate::rel::Scalar::Cast { to, .. } if *to == two),
        "{:?}",
        amount.expr
    );
}

#[test]
fn a_lookup_by_no_key_and_a_variable_that_lives_on_are_refused() {
    let body = |inner: &str| {
        format!(
            "{TABLES}
CREATE OR REPLACE PROCEDURE app.go IS
  v NUMBER := 0;
BEGIN
  DELETE FROM t;
  FOR r IN (SELECT s.id, s.qty, s.kind FROM s) LOOP
    {inner}
  END LOOP;
END;
/"
        )
    };
    let kind = |inner: &str| {
        let e = script(&body(inner));
        match &e.steps("INSERT", "T")[0].meaning {
            Meaning::Obstacle(o) => Some(o.kind),
            Meaning::Lifted(_) | Meaning::PartOf(_) => None,
        }
    };
    let insert = "INSERT INTO t (id, amount) VALUES (r.id, v);";
    let order = Some(super::model::ObstacleKind::OrderDependent);
    assert_eq!(
        kind(&format!(
            "SELECT p.price INTO v FROM p WHERE p.price > r.qty; {insert}"
        )),
        order
    );
    assert_eq!(
        kind(&format!(
            "SELECT p.price INTO v FROM p WHERE p.kind = r.kind; {insert}"
        )),
        None
    );
    assert_eq!(kind(&format!("{insert} v := r.qty;")), order);
    assert_eq!(kind(&format!("v := r.qty; {insert}")), None);
    assert_eq!(
        kind(&format!("v := r.qty; {insert} EXIT WHEN r.qty > 10;")),
        Some(super::model::ObstacleKind::EarlyExit)
    );
}
