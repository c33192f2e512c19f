#![cfg(test)]

use super::{Callee, Frame, NameMeaning, Resolver, Scope, ValueType};
use crate::catalog::build::tests::estate;
use crate::catalog::model::{Catalog, Resolved, RoutineId};
use crate::rel::{DataType, TableName};

const CODE: &str = "
CREATE TABLE t (id NUMBER(9), name VARCHAR2(30), d DATE);
CREATE SYNONYM s1 FOR s2;
CREATE SYNONYM s2 FOR s1;
CREATE SYNONYM st FOR t;
CREATE PUBLIC SYNONYM everywhere FOR app.t;
CREATE SYNONYM far FOR t@other.world;
CREATE SEQUENCE sq;
CREATE PACKAGE k AS
  c_max CONSTANT PLS_INTEGER := 10;
  SUBTYPE name_t IS t.name%TYPE;
  TYPE rec_t IS RECORD (a t.id%TYPE, b name_t);
  TYPE tab_t IS TABLE OF rec_t INDEX BY PLS_INTEGER;
  CURSOR c_all(p_from DATE) IS SELECT id, name AS label, d + 1 AS next_day FROM t WHERE d > p_from;
  FUNCTION f(x NUMBER) RETURN t.name%TYPE;
  FUNCTION f(x VARCHAR2) RETURN DATE;
END k;
/
CREATE PACKAGE BODY k AS
  g_count NUMBER := 0;
  FUNCTION f(x NUMBER) RETURN t.name%TYPE IS BEGIN RETURN 'a'; END;
  FUNCTION f(x VARCHAR2) RETURN DATE IS BEGIN RETURN SYSDATE; END;
END k;
/
CREATE PROCEDURE main(p_day t.d%TYPE) IS
  v_row t%ROWTYPE;
  v_tab k.tab_t;
  v_n NUMBER := k.c_max;
  id NUMBER(3);
  PROCEDURE sub(p_x NUMBER) IS BEGIN v_n := p_x; main(SYSDATE); END sub;
BEGIN
  FOR r IN k.c_all(p_day) LOOP
    DECLARE v_n VARCHAR2(5); BEGIN
      sub(r.id); v_row.name := k.f(1); v_row.d := k.f('x'); v_tab(1).a := 2;
      INSERT INTO t (id, name) SELECT id, k.f(id) FROM t WHERE name = v_n;
      nowhere.call_me(1); DBMS_OUTPUT.PUT_LINE(v_tab.COUNT); plain;
    END;
  END LOOP;
END main;
/
CREATE PROCEDURE plain IS BEGIN UPDATE t SET id = sq.NEXTVAL; END;
/
";

fn main_of(c: &Catalog) -> RoutineId {
    let i = c.routines.iter().position(|r| r.name == "MAIN");
    RoutineId(i.expect("MAIN") as u32)
}

/// The scope inside the innermost block of the loop in MAIN.
fn inside(r: &Resolver<'_>) -> Scope {
    use crate::syntax::ast::StmtKind;
    let mut scope = r.routine_scope(main_of(r.catalog));
    let ast = r.view(scope.unit).ast();
    let Some(Frame::Block(body)) = scope.frames.first().copied() else {
        panic!("a body");
    };
    let stmt = ast[body].body.ids().next().expect("the loop");
    let StmtKind::ForCursor { body, .. } = ast[stmt].kind else {
        panic!("{:?}", ast[stmt].kind);
    };
    scope.enter(Frame::Loop(stmt));
    let StmtKind::Block(inner) = ast.list(body)[0].kind else {
        panic!("a block");
    };
    scope.within(Frame::Block(inner))
}

#[test]
fn tables_are_found_through_synonyms_and_not_over_links() {
    let (map, files, c) = estate(&[("a.sql", CODE)]);
    let r = Resolver::new(&map, &files, &c);
    let t = Resolved::Known(TableName::new("APP", "T"));
    assert_eq!(r.table_named("APP", &["ST"]), t);
    assert_eq!(r.table_named("OTHER", &["EVERYWHERE"]), t);
    assert_eq!(r.table_named("OTHER", &["APP", "T"]), t);
    for (name, why) in [
        ("S1", "itself"),
        ("FAR", "OTHER.WORLD"),
        ("NONE", "neither"),
    ] {
        match r.table_named("APP", &[name]) {
            Resolved::Unknown(reason) => assert!(reason.contains(why), "{reason}"),
            Resolved::Known(t) => panic!("{name} is {t}"),
        }
    }
}

#[test]
fn the_nearest_declaration_wins() {
    let (map, files, c) = estate(&[("a.sql", CODE)]);
    let r = Resolver::new(&map, &files, &c);
    let inner = inside(&r);
    assert_eq!(
        r.type_of_name(&inner, &["V_N"]),
        ValueType::Scalar(DataType::Varchar { length: 5 })
    );
    assert_eq!(
        r.type_of_name(&inner, &["MAIN", "V_N"]),
        ValueType::Scalar(DataType::number())
    );
    assert_eq!(
        r.type_of_name(&inner, &["P_DAY"]),
        ValueType::Scalar(DataType::Date)
    );
    let loop_record = r.lookup_name(&inner, &["R", "LABEL"]);
    assert!(matches!(loop_record.meaning, NameMeaning::LoopRecord(..)));
    assert_eq!(loop_record.used, 1);
    assert_eq!(
        r.type_of_name(&inner, &["R", "LABEL"]).scalar(),
        DataType::Varchar { length: 30 }
    );
    assert_eq!(
        r.type_of_name(&inner, &["R", "NEXT_DAY"]).scalar(),
        DataType::Date
    );
    let NameMeaning::Variable(constant) = r.lookup_name(&inner, &["K", "C_MAX"]).meaning else {
        panic!("a constant");
    };
    assert!(constant.constant && constant.default.is_some());
    assert!(matches!(
        r.lookup_name(&inner, &["K", "G_COUNT"]).meaning,
        NameMeaning::Unknown(_)
    ));
    assert!(matches!(
        r.lookup_name(&inner, &["SQ", "NEXTVAL"]).meaning,
        NameMeaning::Sequence(_)
    ));
    assert!(matches!(
        r.lookup_name(&inner, &["SYSDATE"]).meaning,
        NameMeaning::Builtin(_)
    ));
    assert!(matches!(
        r.lookup_name(&inner, &["GHOST"]).meaning,
        NameMeaning::Unknown(_)
    ));
}

#[test]
fn records_and_collections_unfold() {
    let (map, files, c) = estate(&[("a.sql", CODE)]);
    let r = Resolver::new(&map, &files, &c);
    let scope = r.routine_scope(main_of(&c));
    let nine = DataType::integer(9);
    assert_eq!(r.type_of_name(&scope, &["V_ROW", "ID"]).scalar(), nine);
    let ValueType::Collection(element) = r.type_of_name(&scope, &["V_TAB"]) else {
        panic!("a collection");
    };
    assert_eq!(element.field("A").scalar(), nine);
    assert_eq!(
        element.field("B").scalar(),
        DataType::Varchar { length: 30 }
    );
}

#[test]
fn columns_stand_before_variables_in_sql() {
    let (map, files, c) = estate(&[("a.sql", CODE)]);
    let r = Resolver::new(&map, &files, &c);
    let scope = r.routine_scope(main_of(&c));
    let t = super::Source {
        alias: "X".into(),
        table: Some(TableName::new("APP", "T")),
        columns: vec![super::OutColumn {
            name: "ID".into(),
            ty: DataType::integer(9),
            origin: None,
        }],
        open: None,
    };
    let levels = [vec![t]];
    assert!(matches!(
        r.sql_name(&scope, &levels, &["ID"]),
        super::SqlName::Column { .. }
    ));
    assert!(matches!(
        r.sql_name(&scope, &levels, &["X", "ID"]),
        super::SqlName::Column { .. }
    ));
    assert!(matches!(
        r.sql_name(&scope, &levels, &["P_DAY"]),
        super::SqlName::Plsql(_)
    ));
}

#[test]
fn calls_are_resolved_or_say_why_not() {
    let (_, _, c) = estate(&[("a.sql", CODE)]);
    let graph = &c.calls;
    let main = main_of(&c);
    let calls: Vec<_> = graph.calls[main.0 as usize]
        .iter()
        .map(|call| match &call.callee {
            Callee::Routine(id) => {
                let target = &c.routines[id.0 as usize];
                format!(
                    "{}/{}",
                    target.name,
                    target.params.first().map_or("", |p| &p.name)
                ) + match target.returns {
                    Some(DataType::Date) => ":DATE",
                    Some(_) => ":TEXT",
                    None => "",
                }
            }
            Callee::Builtin(n) => n.clone(),
            Callee::Value(_) => "value".into(),
            Callee::Unknown(_) => format!("?{}", call.name),
        })
        .collect();
    assert_eq!(
        calls,
        [
            "SUB/P_X",
            "F/X:TEXT",
            "F/X:DATE",
            "F/X:TEXT",
            "?NOWHERE.CALL_ME",
            "DBMS_OUTPUT.PUT_LINE",
            "PLAIN/"
        ]
    );
    assert!(graph.calls[main.0 as usize][3].in_sql);
    // MAIN calls SUB, SUB calls MAIN: a ring, reached once.
    assert_eq!(graph.reachable([main]).len(), 5);
}

const OVERLOADS: &str = "
CREATE TYPE o AS OBJECT (a NUMBER, MEMBER PROCEDURE m(SELF IN OUT o, x NUMBER));
/
CREATE TYPE BODY o AS
  MEMBER PROCEDURE m(SELF IN OUT o, x NUMBER) IS BEGIN SELF.m(1); m(2); END;
END;
/
CREATE PACKAGE p AS
  TYPE r IS RECORD (a NUMBER);
  TYPE t IS TABLE OF VARCHAR2(10);
  PROCEDURE x(v r);
  PROCEDURE x(v t);
  PROCEDURE x(v CLOB);
  PROCEDURE x(v DATE);
  PROCEDURE y(v NUMBER);
  PROCEDURE y(v PLS_INTEGER);
END;
/
CREATE PROCEDURE go IS
  v_r p.r; v_t p.t; v_c CLOB; v_s VARCHAR2(9); v_d DATE;
BEGIN
  p.x(v_r); p.x(v_t); p.x(v_c); p.x(v_s); p.x(v_d + 1); p.x(v => v_t); p.y(v_s); hidden.z;
END;
/
CREATE OR REPLACE PACKAGE hidden wrapped
a000000
1
abcd
/
";

#[test]
fn overloads_are_told_apart_by_types() {
    let (_, _, c) = estate(&[("a.sql", OVERLOADS)]);
    let of = |name: &str| {
        let i = c.routines.iter().position(|r| r.name == name).expect(name);
        &c.calls.calls[i]
    };
    let target = |call: &crate::catalog::calls::Call| match &call.callee {
        Callee::Routine(id) => {
            let params = &c.routines[id.0 as usize].params;
            format!("{:?}", params.last().map(|p| &p.ty))
        }
        other => format!("{other:?}"),
    };
    let calls = of("GO");
    let types: Vec<_> = calls[..6].iter().map(target).collect();
    for (i, wanted) in ["RECORD", "TABLE", "Clob", "Clob", "Date", "TABLE"]
        .iter()
        .enumerate()
    {
        assert!(types[i].contains(wanted), "{i}: {types:?}");
    }
    // A text converts to either number: not known, and both count as called.
    assert!(matches!(&calls[6].callee, Callee::Unknown(r) if r.contains("several")));
    assert_eq!(calls[6].possible.len(), 2);
    assert!(
        matches!(&calls[7].callee, Callee::Unknown(r) if r.contains("wrapped")),
        "{:?}",
        calls[7].callee
    );
    assert!(
        of("M")
            .iter()
            .all(|call| matches!(call.callee, Callee::Routine(_))),
        "{:?}",
        of("M")
    );
}

#[test]
fn objects_without_a_schema_are_found_and_said() {
    let text = "
CREATE TABLE dw.a (x NUMBER);
CREATE TABLE dw.b (x NUMBER);
CREATE TABLE other.lonely (x NUMBER);
CREATE TABLE free (x NUMBER);
CREATE PACKAGE p AS c CONSTANT NUMBER := 1; PROCEDURE q; END;
/
CREATE PROCEDURE cls.go IS BEGIN
  cls.p.q; INSERT INTO cls.free SELECT x + cls.p.c FROM lonely; DELETE FROM cls.a;
END;
/
";
    let (map, files, c) = estate(&[("a.sql", text)]);
    assert_eq!(c.default_schema, "DW");
    let r = Resolver::new(&map, &files, &c);
    let known = |schema: &str, name: &str| Resolved::Known(TableName::new(schema, name));
    assert_eq!(r.table_named("CLS", &["CLS", "FREE"]), known("DW", "FREE"));
    assert_eq!(r.table_named("CLS", &["LONELY"]), known("OTHER", "LONELY"));
    // Another schema's table is not meant: one that no definition states is.
    assert_eq!(r.table_named("CLS", &["CLS", "A"]), known("CLS", "A"));
    assert!(c.tables[&TableName::new("CLS", "A")].inferred.is_some());
    let go = c.routines.iter().position(|r| r.name == "GO").expect("GO");
    assert!(matches!(c.calls.calls[go][0].callee, Callee::Routine(_)));
    let scope = r.routine_scope(RoutineId(go as u32));
    let meaning = r.lookup_name(&scope, &["CLS", "P", "C"]);
    assert!(matches!(meaning.meaning, NameMeaning::Variable(_)) && meaning.used == 3);
    let said: Vec<_> = c
        .findings
        .iter()
        .filter(|f| f.code == crate::diag::Code::SchemaAssumed)
        .collect();
    assert_eq!(said.len(), 3, "{said:?}");
}
