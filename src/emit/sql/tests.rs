//! Queries as text, per shape. `Plain` tables carry their own names, so that only the compiler is seen.

use super::*;
use crate::emit::flink::Flink;
use crate::emit::testing::*;
use crate::rel::{
    AggFunction, ArithOp, CaseWhen, CmpOp, JoinKind, Literal, NamedWindow, Scalar, SetOperator,
    SortKey, WindowFunction,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

struct Plain;

impl Tables for Plain {
    fn table(&self, table: &TableName) -> Option<String> {
        Some(table.name.clone())
    }
    fn column(&self, table: &TableName, column: &str) -> Option<(String, Kind)> {
        let source = source(&table.name);
        let c = source.columns.into_iter().find(|c| c.name == column)?;
        Some((c.name, Kind::of(&c.ty)))
    }
}

fn compile(rel: &Rel) -> Result<Compiled, EmitError> {
    let forms = Forms::of(&Flink, &sample_plan().functions)?;
    Compiler::new(&Flink, &forms, &Plain, "test").compile(rel, &mut as_is)
}

/// On one line, and read back by sqlparser.
fn text(rel: &Rel) -> String {
    let text = compile(rel).unwrap().query.to_string();
    let parsed =
        Parser::parse_sql(&GenericDialect {}, &text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(parsed.len(), 1);
    text
}

fn expr(s: Scalar) -> String {
    let rel = project(orders(), vec![named("X", s)]);
    let text = text(&rel);
    let head = text.strip_prefix("SELECT ").unwrap();
    head.split(" AS `X` FROM").next().unwrap().to_string()
}

fn refused(s: Scalar) -> String {
    let rel = project(orders(), vec![named("X", s)]);
    compile(&rel).unwrap_err().to_string()
}

fn orders() -> Rel {
    scan(
        "ORDERS",
        "O",
        &[
            "ORDER_ID",
            "CUSTOMER_ID",
            "ORDERED_AT",
            "STATUS",
            "TOTAL_AMOUNT",
            "REMARKS",
        ],
    )
}

fn amount() -> Scalar {
    col("O", "TOTAL_AMOUNT", num(14, 2))
}

fn status() -> Scalar {
    col("O", "STATUS", super::super::testing::text(10))
}

fn ordered_at() -> Scalar {
    col("O", "ORDERED_AT", DataType::Date)
}

#[test]
fn arithmetic_keeps_its_brackets() {
    let sum = arith(ArithOp::Add, amount(), lit_num("1"));
    assert_eq!(
        expr(arith(ArithOp::Mul, sum.clone(), lit_num("2"))),
        "(`O`.`TOTAL_AMOUNT` + 1) * 2"
    );
    assert_eq!(
        expr(arith(ArithOp::Sub, lit_num("5"), sum)),
        "5 - (`O`.`TOTAL_AMOUNT` + 1)"
    );
    assert_eq!(
        expr(arith(ArithOp::Sub, amount(), lit_num("-1"))),
        "`O`.`TOTAL_AMOUNT` - (-1)"
    );
}

#[test]
fn integers_never_divide_as_integers() {
    assert_eq!(
        expr(arith(ArithOp::Div, lit_num("1"), lit_num("2"))),
        "CAST(1 AS DECIMAL(19,0)) / 2"
    );
    assert_eq!(
        expr(arith(ArithOp::Div, amount(), lit_num("3"))),
        "`O`.`TOTAL_AMOUNT` / 3"
    );
}

#[test]
fn dates_move_by_days_and_parts_of_days() {
    assert_eq!(
        expr(arith(ArithOp::Add, ordered_at(), lit_num("1"))),
        "TIMESTAMPADD(DAY, 1, `O`.`ORDERED_AT`)"
    );
    assert_eq!(
        expr(arith(ArithOp::Sub, ordered_at(), lit_num("0.5"))),
        "TIMESTAMPADD(SECOND, CAST(-ROUND(0.5 * 86400, 0) AS INT), `O`.`ORDERED_AT`)"
    );
    assert_eq!(
        expr(arith(ArithOp::Sub, ordered_at(), ordered_at())),
        "CAST(TIMESTAMPDIFF(SECOND, `O`.`ORDERED_AT`, `O`.`ORDERED_AT`) AS DECIMAL(20,0)) / 86400"
    );
}

#[test]
fn null_vanishes_in_concatenations() {
    let remarks = Scalar::column("O", "REMARKS", super::super::testing::text(1000), true);
    assert_eq!(
        expr(Scalar::Concat {
            items: vec![remarks.clone(), status()]
        }),
        "NULLIF(CONCAT_WS('', `O`.`REMARKS`, `O`.`STATUS`), '')"
    );
    assert_eq!(
        expr(Scalar::Concat {
            items: vec![remarks, lit("x"), Scalar::Literal(Literal::Null)]
        }),
        "CONCAT_WS('', `O`.`REMARKS`, 'x')"
    );
    assert!(
        refused(Scalar::Concat {
            items: vec![status(), ordered_at()]
        })
        .contains("NLS_DATE_FORMAT")
    );
}

#[test]
fn a_comparison_with_null_is_neither() {
    let c = compare(CmpOp::Eq, status(), Scalar::Literal(Literal::Null));
    assert_eq!(expr(c), "CAST(NULL AS BOOLEAN)");
}

#[test]
fn blanks_of_char_do_not_count() {
    let sku = |r: &str| col(r, "SKU", DataType::Char { length: 13 });
    let products = scan("PRODUCTS", "P", &["SKU"]);
    let both = |l, r| text(&filter(products.clone(), compare(CmpOp::Eq, l, r)));
    assert!(both(sku("P"), lit("A1  ")).ends_with("WHERE RTRIM(`P`.`SKU`) = 'A1'"));
    let varchar = Scalar::Cast {
        operand: Box::new(sku("P")),
        to: super::super::testing::text(13),
    };
    assert!(both(sku("P"), varchar).ends_with("WHERE `P`.`SKU` = `P`.`SKU`"));
}

#[test]
fn quotes_and_line_ends_stay_inside_literals() {
    for nasty in ["a'b", "a''b", "\\'; DROP TABLE t; --", "a\nb", "`x`"] {
        let text = expr(lit(nasty));
        assert_eq!(text, format!("'{}'", nasty.replace('\'', "''")));
    }
}

#[test]
fn names_with_backticks_are_quoted() {
    let rel = Rel::Derived {
        input: Box::new(project(orders(), vec![named("a`b", amount())])),
        alias: "q`; DROP".into(),
    };
    let outer = project(rel, vec![named("X", col("q`; DROP", "a`b", num(14, 2)))]);
    assert!(text(&outer).contains("AS `a``b` FROM `ORDERS`"));
    assert!(text(&outer).ends_with("AS `q``; DROP`"));
}

#[test]
fn sums_of_integers_are_decimals() {
    let flag = Scalar::Case {
        whens: vec![CaseWhen {
            when: compare(CmpOp::Eq, status(), lit("NEW")),
            then: lit_num("1"),
        }],
        otherwise: Some(Box::new(lit_num("0"))),
    };
    let rel = aggregate(
        orders(),
        vec![],
        vec![agg("N", AggFunction::Sum, false, flag, num(38, 0))],
    );
    assert_eq!(
        text(&rel),
        "SELECT SUM(CAST(CASE WHEN `O`.`STATUS` = 'NEW' THEN 1 ELSE 0 END AS DECIMAL(38,0))) AS `N` FROM `ORDERS` AS `O`"
    );
}

#[test]
fn a_filter_above_an_aggregate_is_having() {
    let sum = agg("S", AggFunction::Sum, false, amount(), num(38, 2));
    let customer = Scalar::column("O", "CUSTOMER_ID", num(12, 0), true);
    let grouped = aggregate(orders(), vec![named("C", customer)], vec![sum]);
    let rich = filter(
        grouped,
        compare(CmpOp::Gt, col("", "S", num(38, 2)), lit_num("100")),
    );
    assert!(
        text(&rich).ends_with("GROUP BY `O`.`CUSTOMER_ID` HAVING SUM(`O`.`TOTAL_AMOUNT`) > 100")
    );
}

#[test]
fn ranking_and_its_limit_are_two_selects() {
    let rank = NamedWindow {
        name: "RN".into(),
        function: WindowFunction::RowNumber,
        args: vec![],
        partition_by: vec![status()],
        order_by: vec![SortKey {
            expr: amount(),
            desc: true,
            nulls_first: true,
        }],
        ty: DataType::integer(19),
    };
    let ranked = Rel::Window {
        input: Box::new(scan("ORDERS", "O", &["STATUS", "TOTAL_AMOUNT"])),
        calls: vec![rank],
    };
    let top = filter(
        ranked,
        compare(
            CmpOp::Le,
            col("", "RN", DataType::integer(19)),
            lit_num("10"),
        ),
    );
    assert_eq!(
        text(&top),
        "SELECT `q1`.`STATUS`, `q1`.`TOTAL_AMOUNT`, `q1`.`RN` FROM (SELECT `O`.`STATUS`, `O`.`TOTAL_AMOUNT`, \
         ROW_NUMBER() OVER (PARTITION BY `O`.`STATUS` ORDER BY `O`.`TOTAL_AMOUNT` DESC NULLS FIRST) AS `RN` \
         FROM `ORDERS` AS `O`) AS `q1` WHERE `q1`.`RN` <= 10"
    );
}

#[test]
fn a_filter_under_an_outer_join_stays_there() {
    let open = filter(
        scan("ORDERS", "O", &["ORDER_ID", "CUSTOMER_ID", "STATUS"]),
        compare(CmpOp::Eq, status(), lit("NEW")),
    );
    let on = compare(
        CmpOp::Eq,
        col("C", "CUSTOMER_ID", num(12, 0)),
        Scalar::column("O", "CUSTOMER_ID", num(12, 0), true),
    );
    let left = join(
        JoinKind::Left,
        scan("CUSTOMERS", "C", &["CUSTOMER_ID"]),
        open.clone(),
        on.clone(),
    );
    let t = text(&left);
    assert!(t.contains("LEFT JOIN (SELECT"), "{t}");
    assert!(!t.ends_with("= 'NEW'"), "{t}");
    let inner = join(
        JoinKind::Inner,
        scan("CUSTOMERS", "C", &["CUSTOMER_ID"]),
        open,
        on,
    );
    assert!(text(&inner).ends_with("WHERE `O`.`STATUS` = 'NEW'"));
}

#[test]
fn subqueries_see_the_outer_row() {
    let paid = filter(
        scan("PAYMENTS", "P", &["CUSTOMER_ID"]),
        compare(
            CmpOp::Eq,
            col("P", "CUSTOMER_ID", num(12, 0)),
            Scalar::column("O", "CUSTOMER_ID", num(12, 0), true),
        ),
    );
    let exists = Scalar::Exists {
        query: Box::new(paid),
        not: true,
    };
    let t = text(&filter(
        scan("ORDERS", "O", &["ORDER_ID", "CUSTOMER_ID"]),
        exists,
    ));
    assert!(t.ends_with(
        "WHERE NOT EXISTS (SELECT `P`.`CUSTOMER_ID` FROM `PAYMENTS` AS `P` WHERE `P`.`CUSTOMER_ID` = `O`.`CUSTOMER_ID`)"
    ), "{t}");
}

#[test]
fn set_operations_and_limits() {
    let ids = |t: &str, a: &str| {
        project(
            scan(t, a, &["CUSTOMER_ID"]),
            vec![named("ID", col(a, "CUSTOMER_ID", num(12, 0)))],
        )
    };
    let minus = Rel::SetOp {
        set: SetOperator::Minus,
        left: Box::new(ids("ORDERS", "O")),
        right: Box::new(ids("PAYMENTS", "P")),
    };
    let first = Rel::Limit {
        input: Box::new(minus),
        order_by: vec![SortKey {
            expr: col("", "ID", num(12, 0)),
            desc: false,
            nulls_first: false,
        }],
        count: 5,
    };
    let t = text(&first);
    assert!(t.contains(" EXCEPT SELECT "), "{t}");
    assert!(
        t.ends_with("ORDER BY `q1`.`ID` ASC NULLS LAST LIMIT 5"),
        "{t}"
    );
}

#[test]
fn not_in_with_null_is_never_true() {
    let s = Scalar::InList {
        operand: Box::new(status()),
        items: vec![lit("A"), Scalar::Literal(Literal::Null)],
        not: true,
    };
    assert_eq!(expr(s), "CAST(NULL AS BOOLEAN)");
}

#[test]
fn a_function_without_a_form_is_refused() {
    let s = Scalar::Call {
        function: "SOUNDEX".into(),
        args: vec![status()],
        ty: super::super::testing::text(4),
    };
    assert!(refused(s).contains("SOUNDEX"));
}

#[test]
fn deep_trees_do_not_overflow() {
    let mut s = amount();
    for _ in 0..20_000 {
        s = Scalar::Negate {
            operand: Box::new(s),
        };
    }
    let rel = project(orders(), vec![named("X", s)]);
    let compiled = std::thread::Builder::new()
        .stack_size(512 << 20)
        .spawn(move || {
            let out = compile(&rel).is_ok();
            std::mem::forget(rel); // dropping is recursive too, which the plan's reader bounds
            out
        })
        .unwrap();
    assert!(compiled.join().unwrap());
}

#[test]
fn all_forms_of_the_rules_parse_for_both_engines() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/functions");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for row in table["function"].as_array().unwrap() {
            let get = |k: &str| row.get(k).and_then(|v| v.as_str()).map(String::from);
            let form = FunctionForm {
                function: get("function").unwrap(),
                arity: row
                    .get("arity")
                    .and_then(|v| v.as_integer())
                    .map(|n| n as usize),
                flink: get("flink"),
                spark: get("spark"),
                caveat: get("caveat"),
                rule: get("code").unwrap(),
            };
            assert!(
                !row["vectors"].as_array().unwrap().is_empty(),
                "{}",
                form.rule
            );
            Forms::of(&Flink, std::slice::from_ref(&form)).unwrap();
            Forms::of(&crate::emit::spark::Spark, std::slice::from_ref(&form)).unwrap();
            seen += 1;
        }
    }
    assert!(seen > 40);
}
