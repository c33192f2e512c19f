//! Set operators, WITH, joins, hierarchies, table sources.

use super::*;

#[test]
fn set_operators_have_equal_strength_from_left_to_right() {
    tree_has(
        "SELECT a FROM t UNION SELECT b FROM u INTERSECT SELECT c FROM v MINUS SELECT d FROM w;",
        &[
            "Chain Union, Intersect, Minus",
            "select: Select",
            "select: Select",
            "select: Select",
            "select: Select",
        ],
    );
    tree_has(
        "((SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b)) ORDER BY 1;",
        &["Chain Union all", "order by: Number 1"],
    );
}

#[test]
fn with_recursive_and_functions() {
    tree_has(
        "WITH FUNCTION f(n NUMBER) RETURN NUMBER IS BEGIN RETURN n; END; t (a) AS (SELECT 1 FROM dual UNION ALL SELECT a + 1 FROM t) SEARCH DEPTH FIRST BY a SET o CYCLE a SET c TO 1 DEFAULT 0, u AS (SELECT f(a) FROM t) SELECT * FROM u\n/\n",
        &[
            "query: Query with T, U",
            "routine: Function F(N In)",
            "with: Query",
            "Chain Union all",
        ],
    );
    let script = Script::clean(
        "WITH t (a) AS (SELECT 1 FROM dual) CYCLE a SET c TO 1 DEFAULT 0 SELECT * FROM t;",
    );
    let unit = &script.units[0];
    let ast::ItemKind::Query(q) = unit.ast[unit.item].kind else {
        panic!("no query")
    };
    let cte = unit.ast.list(unit.ast[q].with)[0];
    assert_eq!(
        View::new(&script.map, unit).text(cte.tail),
        "CYCLE a SET c TO 1 DEFAULT 0"
    );
}

#[test]
fn ansi_joins_nest_and_old_joins_stand_beside() {
    tree_has(
        "SELECT * FROM a LEFT OUTER JOIN b ON a.x = b.x CROSS JOIN c, d NATURAL JOIN e JOIN f USING (k);",
        &[
            "from: Join Cross",
            "left: Join Left",
            "left: Table A",
            "right: Table B",
            "on: Compare Eq",
            "right: Table C",
            "from: Join Inner",
            "left: Join natural Inner",
            "right: Table F",
        ],
    );
    tree_has(
        "SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x;",
        &[
            "from: Join Inner",
            "left: Table A",
            "right: Join Inner",
            "left: Table B",
            "right: Table C",
        ],
    );
    tree_has(
        "SELECT * FROM t CROSS APPLY (SELECT 1 FROM u) x, LATERAL (SELECT 2 FROM v) y;",
        &[
            "from: Join CrossApply",
            "right: Query as X",
            "from: Query as Y",
        ],
    );
}

#[test]
fn hierarchies_in_both_orders() {
    for text in [
        "SELECT LEVEL FROM t START WITH p IS NULL CONNECT BY NOCYCLE PRIOR id = p ORDER SIBLINGS BY n;",
        "SELECT LEVEL FROM t CONNECT BY NOCYCLE PRIOR id = p START WITH p IS NULL ORDER SIBLINGS BY n;",
    ] {
        let script = Script::clean(text);
        let unit = &script.units[0];
        let ast::ItemKind::Query(q) = unit.ast[unit.item].kind else {
            panic!("no query")
        };
        let ast::SetExpr::Select(s) = unit.ast[unit.ast[q].body] else {
            panic!("no select")
        };
        let s = unit.ast.select_rest(unit.ast[s].rest);
        assert!(
            unit.ast[q].siblings && s.nocycle && s.start_with.is_some() && s.connect_by.is_some()
        );
    }
    tree_has(
        "SELECT CONNECT_BY_ROOT n FROM t CONNECT BY PRIOR a = b;",
        &[
            "item: Unary ConnectByRoot",
            "connect by: Compare Eq",
            "left: Unary Prior",
        ],
    );
}

#[test]
fn table_sources() {
    tree_has(
        "SELECT * FROM TABLE(f(1)) t, XMLTABLE('/r' PASSING x COLUMNS a NUMBER PATH '@a') q, JSON_TABLE(d, '$' COLUMNS (n NUMBER PATH '$.n')) j;",
        &[
            "from: Function as T",
            "function: Special TABLE",
            "from: Function as Q",
            "function: Special XMLTABLE",
            "from: Function as J",
        ],
    );
    let script = Script::clean(
        "SELECT * FROM t PARTITION (p1) SAMPLE (10) AS OF TIMESTAMP SYSDATE - 1 x WHERE 1 = 1;",
    );
    let unit = &script.units[0];
    let view = View::new(&script.map, unit);
    let mut tails = Vec::new();
    struct Tables<'a, 't>(View<'a>, &'t mut Vec<String>);
    impl<'a> Visit<'a> for Tables<'a, '_> {
        fn ast(&self) -> &'a ast::Ast {
            self.0.ast()
        }
        fn from_item(&mut self, id: ast::Id<ast::FromItem>) {
            if let ast::FromKind::Table { tail, .. } = self.ast()[id].kind {
                self.1.push(self.0.text(tail).to_string());
            }
        }
    }
    Tables(view, &mut tails).item(unit.item);
    assert_eq!(
        tails,
        ["PARTITION (p1) SAMPLE (10) AS OF TIMESTAMP SYSDATE - 1"]
    );
    tree_has(
        "SELECT * FROM t PIVOT (SUM(v) FOR k IN ('a' AS a, 'b' AS b)) p;",
        &["from: Derived PIVOT as P", "input: Table T"],
    );
    tree_has(
        "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY s PATTERN (a b+) DEFINE b AS b.p > a.p) m;",
        &["from: Derived MATCH_RECOGNIZE as M"],
    );
}

#[test]
fn grouping_limits_and_locks() {
    tree_has(
        "SELECT a FROM t GROUP BY ROLLUP (a, b), GROUPING SETS ((a), ()) HAVING COUNT(*) > 1;",
        &[
            "group by: Name A",
            "group by: Name B",
            "having: Compare Gt",
            "arg: Star",
        ],
    );
    let script = Script::clean(
        "SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 10 PERCENT ROWS WITH TIES; SELECT a FROM t FOR UPDATE OF a, b SKIP LOCKED;",
    );
    let query = |i: usize| {
        let unit = &script.units[i];
        match unit.ast[unit.item].kind {
            ast::ItemKind::Query(q) => unit.ast[q],
            _ => panic!("no query"),
        }
    };
    let fetch = script.units[0].ast[query(0).fetch.expect("fetch")];
    assert!(fetch.percent && fetch.with_ties && query(0).offset.is_some());
    let lock = script.units[1].ast[query(1).for_update.expect("lock")];
    assert!(lock.skip_locked && !lock.nowait && lock.of.len() == 2);
}
