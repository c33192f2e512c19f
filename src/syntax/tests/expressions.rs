//! Precedence, chains, literals, calls, conditions.

use super::*;

#[test]
fn precedence_and_chains() {
    expr_is(
        "a + b * c || d - 1",
        "
        Binary Sub
          left: Chain Concat
            operand: Chain Add
              operand: Name A
              operand: Chain Mul
                operand: Name B
                operand: Name C
            operand: Name D
          right: Number 1",
    );
    expr_is(
        "-a ** 2 / b",
        "
        Binary Div
          left: Unary Minus
            operand: Binary Power
              left: Name A
              right: Number 2
          right: Name B",
    );
    expr_is(
        "a || b || c",
        "Chain Concat\n  operand: Name A\n  operand: Name B\n  operand: Name C",
    );
    expr_is(
        "'A' | | 'B'",
        "Chain Concat\n  operand: String 'A'\n  operand: String 'B'",
    );
}

#[test]
fn not_binds_weaker_than_comparison_and_or_weaker_than_and() {
    body_has(
        "x := NOT a = b AND c OR d;",
        &[
            "value: Chain Or",
            "operand: Chain And",
            "operand: Unary Not",
            "operand: Compare Eq",
            "left: Name A",
            "right: Name B",
            "operand: Name C",
            "operand: Name D",
        ],
    );
}

#[test]
fn every_spelling_of_not_equal() {
    for op in ["<>", "!=", "^=", "~=", "< >", "! ="] {
        expr_is(
            &format!("CASE WHEN a {op} 1 THEN 2 END"),
            "Case\n  when: Compare Ne\n    left: Name A\n    right: Number 1\n  then: Number 2",
        );
    }
}

#[test]
fn literals() {
    expr_is("DATE '2024-01-31'", "DateLit DATE '2024-01-31'");
    expr_is(
        "TIMESTAMP '2024-01-31 00:00:00'",
        "TimestampLit TIMESTAMP '2024-01-31 00:00:00'",
    );
    expr_is(
        "INTERVAL '1 2' DAY(3) TO HOUR",
        "IntervalLit INTERVAL '1 2' DAY(3) TO HOUR",
    );
    expr_is("2d", "Number 2d");
    let script = Script::clean("SELECT q'[it's]', N'x''y', DATE '2024-01-31' FROM dual;");
    let view = View::new(&script.map, &script.units[0]);
    let mut values = Vec::new();
    for_each_expr(view.ast(), script.units[0].item, &mut |e| {
        values.extend(view.string(e))
    });
    assert_eq!(values, ["it's", "x'y", "2024-01-31"]);
}

#[test]
fn keywords_are_names_where_grammar_lets_them() {
    expr_is("t.date", "Name T.DATE");
    expr_is("t.\"Order\".x", "Name T.Order.X");
    expr_is("level", "Name LEVEL");
    expr_is(
        "new.x + value(p)",
        "Chain Add\n  operand: Name NEW.X\n  operand: Call\n    callee: Name VALUE\n    arg: Name P",
    );
    tree_has(
        "SELECT type, name, value, first, data FROM object;",
        &[
            "item: Name TYPE",
            "item: Name NAME",
            "item: Name VALUE",
            "item: Name FIRST",
            "item: Name DATA",
            "from: Table OBJECT",
        ],
    );
}

#[test]
fn remote_names_and_sequences() {
    expr_is("s.nextval", "Name S.NEXTVAL");
    tree_has(
        "SELECT * FROM hr.emp@prod.world@q e;",
        &["from: Table HR.EMP@PROD.WORLD.Q as E"],
    );
    expr_is(
        "pkg.f@link(1)",
        "Call\n  callee: Name PKG.F@LINK\n  arg: Number 1",
    );
}

#[test]
fn calls_fields_and_indexes_nest() {
    expr_is(
        "f(x).y(1).z",
        "Field Z\n  of: Call\n    callee: Field Y\n      of: Call\n        callee: Name F\n        arg: Name X\n    arg: Number 1",
    );
    expr_is(
        "f(a => 1, b => g())",
        "Call (A, B)\n  callee: Name F\n  arg: Number 1\n  arg: Call\n    callee: Name G",
    );
    body_has(
        "IF c%FOUND OR SQL%BULK_ROWCOUNT(i) > 0 THEN NULL; END IF;",
        &[
            "operand: CursorAttr Found",
            "of: Name C",
            "left: Call",
            "callee: CursorAttr BulkRowCount",
            "of: Name SQL",
        ],
    );
    body_has(
        "(self AS base_t).print(1);",
        &[
            "call: Call",
            "callee: Field PRINT",
            "of: Cast",
            "operand: Name SELF",
            "as: Type base_t",
        ],
    );
}

#[test]
fn aggregates_and_windows() {
    expr_is(
        "COUNT(DISTINCT x)",
        "Call distinct\n  callee: Name COUNT\n  arg: Name X",
    );
    expr_is(
        "ROW_NUMBER() OVER (PARTITION BY a, b ORDER BY c DESC NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        "Call\n  callee: Name ROW_NUMBER\n  partition by: Name A\n  partition by: Name B\n  window order: Name C\n  Rows\n    Preceding\n      value: Number 1\n    CurrentRow",
    );
    expr_is(
        "MAX(x) KEEP (DENSE_RANK LAST ORDER BY y)",
        "Call\n  callee: Name MAX\n  arg: Name X\n  keep order: Name Y",
    );
    expr_is(
        "LISTAGG(x, ',') WITHIN GROUP (ORDER BY y)",
        "Call\n  callee: Name LISTAGG\n  arg: Name X\n  arg: String ','\n  within order: Name Y",
    );
    let script = Script::clean("SELECT LAST_VALUE(x IGNORE NULLS) OVER (ORDER BY d) FROM t;");
    let unit = &script.units[0];
    let mut tails = Vec::new();
    for_each_expr(&unit.ast, unit.item, &mut |e| {
        if let ast::ExprKind::Call { rest, .. } = unit.ast[e].kind {
            let ast::CallRest { tail, over, .. } = unit.ast.rest(rest);
            tails.push((
                View::new(&script.map, unit).text(tail).to_string(),
                over.is_some(),
            ));
        }
    });
    assert_eq!(tails, [("IGNORE NULLS".to_string(), true)]);
}

#[test]
fn special_functions() {
    expr_is("EXTRACT(YEAR FROM d)", "Extract YEAR\n  from: Name D");
    expr_is(
        "TRIM(BOTH ' ' FROM s)",
        "Special TRIM\n  arg: String ' '\n  arg: Name S",
    );
    expr_is("TRIM(s)", "Call\n  callee: Name TRIM\n  arg: Name S");
    expr_is(
        "CAST(x AS NUMBER(10, 2))",
        "Cast\n  operand: Name X\n  as: Type NUMBER(10, 2)",
    );
    expr_is(
        "CAST(MULTISET(SELECT a FROM t) AS tab_t)",
        "Cast\n  operand: Subquery\n    query: Query\n      body: select: Select\n        item: Name A\n        from: Table T\n  as: Type tab_t"
            .replace("body: select: ", "select: ")
            .as_str(),
    );
    expr_is(
        "JSON_OBJECT(KEY 'a' VALUE x, 'b' IS y NULL ON NULL RETURNING CLOB)",
        "Special JSON_OBJECT\n  Entry\n    value: String 'a'\n    value: Name X\n  Entry\n    value: String 'b'\n    value: Name Y\n  On NULL\n  Returning\n    type: Type CLOB",
    );
    expr_is(
        "XMLELEMENT(\"r\", XMLATTRIBUTES(a AS \"k\"), b)",
        "Special XMLELEMENT\n  arg: Name r\n  arg: Special XMLATTRIBUTES (k)\n    arg: Name A\n  arg: Name B",
    );
}

#[test]
fn conditions() {
    body_has(
        "x := a BETWEEN 1 AND 2 AND b NOT LIKE 'x!%' ESCAPE '!' AND c IS NOT NULL AND (d, e) IN ((1, 2), (3, 4));",
        &[
            "operand: Between",
            "operand: Not Like",
            "escape: String '!'",
            "operand: Not IsNull",
            "operand: InList",
            "operand: Row",
            "candidate: Row",
        ],
    );
    tree_has(
        "SELECT 1 FROM t WHERE a = ANY (SELECT b FROM u) AND x(+) = y AND NOT EXISTS (SELECT 1 FROM v) AND s MEMBER OF tab AND j IS JSON STRICT;",
        &[
            "operand: Compare Eq Any",
            "right: Subquery",
            "left: Outer",
            "operand: Unary Not",
            "operand: Exists",
            "operand: Multiset MEMBER OF",
            "operand: Is JSON STRICT",
        ],
    );
    tree_has(
        "SELECT 1 FROM t WHERE a IN ((SELECT 1 FROM x) UNION (SELECT 2 FROM y));",
        &["where: InQuery", "Chain Union"],
    );
}

#[test]
fn binds_substitution_and_inquiry() {
    expr_is(
        ":new.x + :1",
        "Chain Add\n  operand: Bind NEW.X\n  operand: Bind 1",
    );
    expr_is(
        "&x + &&y..col",
        "Chain Add\n  operand: Subst\n  operand: Name &&Y..COL",
    );
    tree_has(
        "SELECT 1 FROM emp_&suffix WHERE a = $$flag;",
        &["from: Table EMP_&SUFFIX", "right: Inquiry $$FLAG"],
    );
}
