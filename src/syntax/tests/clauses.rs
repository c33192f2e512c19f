//! Clauses as trees: what they hold, in which order, and where.

use super::*;
use ast::ClauseKind;

/// The texts of all clauses of a kind, in order.
fn texts(script: &Script, kind: ClauseKind) -> Vec<String> {
    struct All<'a, 'o>(View<'a>, ClauseKind, &'o mut Vec<String>);
    impl<'a> Visit<'a> for All<'a, '_> {
        fn ast(&self) -> &'a ast::Ast {
            self.0.ast()
        }
        fn clause(&mut self, id: ast::Id<ast::Clause>) {
            let c = self.ast()[id];
            if c.kind == self.1 {
                self.2.push(self.0.text(c.span).to_string());
            }
            walk_clause(self, id);
        }
    }
    let mut out = Vec::new();
    for unit in &script.units {
        All(View::new(&script.map, unit), kind, &mut out).item(unit.item);
    }
    out
}

#[test]
fn window_frames_have_bounds() {
    tree_has(
        "SELECT SUM(a) OVER (ORDER BY b ROWS BETWEEN c + 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM t;",
        &[
            "window order: Name B",
            "Rows",
            "Preceding",
            "value: Chain Add",
            "CurrentRow",
            "Exclude",
        ],
    );
    tree_has(
        "SELECT SUM(a) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c RANGE UNBOUNDED PRECEDING);",
        &[
            "partition by: Name B",
            "window order: Name C",
            "Range",
            "UnboundedPreceding",
        ],
    );
    let script = Script::clean(
        "SELECT SUM(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING) FROM t;",
    );
    assert_eq!(
        texts(&script, ClauseKind::Groups),
        ["GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING"]
    );
    assert_eq!(texts(&script, ClauseKind::Following), ["2 FOLLOWING"]);
}

#[test]
fn pivots_have_aggregates_columns_and_values() {
    tree_has(
        "SELECT * FROM t PIVOT (SUM(a) AS s, COUNT(*) FOR (c, d) IN ((1, 'x') AS one, (2, 'y'))) p;",
        &[
            "from: Derived PIVOT as P",
            "input: Table T",
            "Aggregate S",
            "value: Call",
            "Aggregate",
            "arg: Star",
            "For",
            "value: Row",
            "In",
            "Item ONE",
            "element: String 'x'",
            "Item",
        ],
    );
    tree_has(
        "SELECT * FROM t UNPIVOT EXCLUDE NULLS (v FOR k IN (a AS 'x', b)) u;",
        &[
            "Mode EXCLUDE NULLS",
            "Aggregate",
            "value: Name V",
            "For",
            "value: Name K",
            "Item",
            "value: Name A",
            "value: String 'x'",
            "Item",
            "value: Name B",
        ],
    );
    tree_has(
        "SELECT * FROM t PIVOT XML (SUM(a) FOR c IN (SELECT d FROM u));",
        &["Mode XML", "In", "query: Query", "from: Table U"],
    );
}

#[test]
fn row_patterns_keep_their_precedence() {
    tree_has(
        "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a b* | (c d)+? e{2,}) DEFINE b AS b.x > PREV(b.x)) m;",
        &[
            "Pattern",
            "PatternChoice",
            "PatternSequence",
            "PatternVariable A",
            "PatternRepeat",
            "PatternVariable B",
            "PatternSequence",
            "PatternRepeat",
            "PatternSequence",
            "PatternVariable C",
            "PatternVariable D",
            "PatternRepeat",
            "value: Number 2",
            "PatternVariable E",
            "Define",
            "Item B",
            "value: Compare Gt",
        ],
    );
    let script = Script::clean(
        "SELECT * FROM t MATCH_RECOGNIZE (ORDER BY d MEASURES LAST(a.x) AS l ONE ROW PER MATCH AFTER MATCH SKIP TO LAST a PATTERN (a+) SUBSET s = (a, b), u = (a) DEFINE a AS a.x > 0);",
    );
    assert_eq!(texts(&script, ClauseKind::PatternRepeat), ["a+"]);
    assert_eq!(
        texts(&script, ClauseKind::RowsPerMatch),
        ["ONE ROW PER MATCH"]
    );
    assert_eq!(
        texts(&script, ClauseKind::AfterMatch),
        ["AFTER MATCH SKIP TO LAST a"]
    );
    assert_eq!(texts(&script, ClauseKind::Subset).len(), 2);
}

#[test]
fn models_have_dimensions_measures_and_rules() {
    tree_has(
        "SELECT c, s FROM t MODEL PARTITION BY (c) DIMENSION BY (p, y) MEASURES (amt AS s) RULES UPSERT SEQUENTIAL ORDER (s['x', 2001] = s[CV(), CV(y) - 1] * 2, s[FOR p IN ('a', 'b'), ANY] = MAX(s)[ANY, y < 2000]);",
        &[
            "Model",
            "PartitionBy",
            "DimensionBy",
            "value: Name P",
            "Measures",
            "Item S",
            "value: Name AMT",
            "Rules",
            "Words UPSERT",
            "Words SEQUENTIAL ORDER",
            "Rule",
            "value: Special [",
            "arg: Name S",
            "arg: String 'x'",
            "arg: Number 2001",
            "value: Chain Mul",
            "operand: Special [",
            "arg: Binary Sub",
            "Rule",
            "arg: Special FOR",
            "In",
            "value: String 'a'",
            "arg: Name ANY",
            "arg: Compare Lt",
        ],
    );
}

#[test]
fn json_and_xml_functions_have_roles() {
    tree_has(
        "SELECT JSON_VALUE(d, '$.a' PASSING x AS \"v\" RETURNING NUMBER DEFAULT -1 ON ERROR ERROR ON EMPTY) FROM t;",
        &[
            "item: Special JSON_VALUE",
            "arg: Name D",
            "arg: String '$.a'",
            "Passing",
            "Item v",
            "value: Name X",
            "Returning",
            "type: Type NUMBER",
            "On ERROR",
            "value: Unary Minus",
            "On EMPTY",
        ],
    );
    tree_has(
        "SELECT * FROM JSON_TABLE(d, '$' COLUMNS (a NUMBER(5) PATH '$.a', NESTED PATH '$.b[*]' COLUMNS (c FOR ORDINALITY, e VARCHAR2(3) EXISTS PATH '$.e'))) j;",
        &[
            "function: Special JSON_TABLE",
            "Columns",
            "Column A",
            "type: Type NUMBER(5)",
            "value: String '$.a'",
            "Nested",
            "value: String '$.b[*]'",
            "Columns",
            "Ordinality C",
            "Column E",
            "Words EXISTS",
        ],
    );
    tree_has(
        "SELECT XMLELEMENT(\"a\", XMLATTRIBUTES(b AS \"k\"), XMLFOREST(c, d AS \"e\")) FROM t;",
        &[
            "item: Special XMLELEMENT",
            "arg: Name a",
            "arg: Special XMLATTRIBUTES (k)",
            "arg: Name B",
            "arg: Special XMLFOREST (e)",
        ],
    );
    let script =
        Script::clean("SELECT JSON_OBJECT('a':b, 'c' : d.e(1), KEY f VALUE g FORMAT JSON) FROM t;");
    assert_eq!(
        texts(&script, ClauseKind::Entry),
        ["'a':b", "'c' : d.e(1)", "KEY f VALUE g FORMAT JSON"]
    );
}

#[test]
fn sources_have_their_options() {
    let script = Script::clean(
        "SELECT * FROM t PARTITION (p1) SAMPLE BLOCK (10, 2) SEED (3) x, u AS OF SCN 12 y, v VERSIONS BETWEEN SCN 1 AND 2;",
    );
    assert_eq!(texts(&script, ClauseKind::Partition), ["PARTITION (p1)"]);
    assert_eq!(
        texts(&script, ClauseKind::Sample),
        ["SAMPLE BLOCK (10, 2) SEED (3)"]
    );
    assert_eq!(texts(&script, ClauseKind::AsOf), ["AS OF SCN 12"]);
    assert_eq!(
        texts(&script, ClauseKind::Versions),
        ["VERSIONS BETWEEN SCN 1 AND 2"]
    );
    tree_has(
        "SELECT * FROM t x PARTITION BY (x.a) RIGHT OUTER JOIN u ON x.b = u.b;",
        &[
            "from: Join Right",
            "left: Derived PARTITION",
            "input: Table T as X",
            "PartitionBy",
            "right: Table U",
            "on: Compare Eq",
        ],
    );
}

#[test]
fn recursive_queries_have_search_and_cycle() {
    tree_has(
        "WITH r (a) AS (SELECT 1 FROM dual UNION ALL SELECT a + 1 FROM r) SEARCH DEPTH FIRST BY a DESC, b SET o CYCLE a, b SET c TO 'y' DEFAULT 'n' SELECT * FROM r;",
        &[
            "Search O",
            "order by: Name A",
            "order by: Name B",
            "Cycle C",
            "value: Name A",
            "value: Name B",
            "value: String 'y'",
            "value: String 'n'",
        ],
    );
}

#[test]
fn words_that_only_blocks_reserve_are_aliases() {
    tree_has(
        "SELECT CASE a WHEN 1 THEN 2 END CASE, b if, c end FROM t IF JOIN u loop ON if.x = loop.x;",
        &[
            "item: Case",
            "item: Name B",
            "item: Name C",
            "left: Table T as IF",
            "right: Table U as LOOP",
            "left: Name IF.X",
        ],
    );
    let script = Script::new("BEGIN\nSELECT a INTO b FROM t IF x THEN y; END IF;\nEND;\n/\n");
    assert!(
        !script.errors().is_empty(),
        "a `;` is missing, IF is no alias here"
    );
}

#[test]
fn iterations_are_never_mistaken_for_plain_ranges() {
    body_has(
        "FOR i IN 1 .. 9 WHEN MOD(i, 2) = 0 LOOP NULL; END LOOP;",
        &[
            "body: ForRange I",
            "in: Special WHEN",
            "arg: Binary Range",
            "When",
            "value: Compare Eq",
        ],
    );
    body_has(
        "FOR r t_rec IN (EXECUTE IMMEDIATE a USING b), (EXECUTE IMMEDIATE c) LOOP NULL; END LOOP;",
        &[
            "body: ForRange R",
            "Iterand",
            "type: Type t_rec",
            "in: Special EXECUTE",
            "Using",
            "in: Special EXECUTE",
        ],
    );
    body_has(
        "FOR i IN $IF $$new $THEN INDICES OF a $ELSE 1 .. a.COUNT $END LOOP NULL; END LOOP;",
        &["body: ForRange I", "in: Special INDICES"],
    );
    body_has(
        "FORALL i IN INDICES OF a BETWEEN 1 AND 9 DELETE FROM t WHERE b = a(i);",
        &[
            "body: Forall I",
            "in: Between",
            "operand: Name A",
            "low: Number 1",
        ],
    );
}

#[test]
fn options_of_routines_are_told_apart() {
    tree_has(
        "CREATE FUNCTION f (c SYS_REFCURSOR) RETURN t_tab PIPELINED PARALLEL_ENABLE (PARTITION c BY HASH (a, b)) CLUSTER c BY (a) ACCESSIBLE BY (PACKAGE h.p, q) IS BEGIN RETURN; END;",
        &[
            "Pipelined",
            "ParallelEnable C",
            "value: Row",
            "value: Name C",
            "AccessibleBy",
            "object: Name H.P",
            "object: Name Q",
        ],
    );
}

#[test]
fn ddl_tells_what_it_is_about() {
    tree_has(
        "ALTER SESSION SET nls_date_format = 'x'; ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u; EXPLAIN PLAN SET STATEMENT_ID = 'a' INTO h.p FOR DELETE FROM t;",
        &[
            "Ddl ALTER SESSION",
            "Setting NLS_DATE_FORMAT",
            "value: String 'x'",
            "AlterTable",
            "Operation EXCHANGE",
            "Partition P",
            "Ddl EXPLAIN PLAN",
            "object: Name H.P",
            "statement: Dml",
            "dml: Delete",
        ],
    );
    tree_has(
        "CREATE TABLE t (a DATE) PARTITION BY RANGE (a) INTERVAL (INTERVAL '1' DAY) (PARTITION p VALUES LESS THAN (DATE '2020-01-01') TABLESPACE x);",
        &[
            "Partitioning RANGE",
            "value: Name A",
            "Interval",
            "PartitionDef P",
            "value: DateLit DATE '2020-01-01'",
            "Tablespace X",
        ],
    );
}
