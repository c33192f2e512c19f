//! Debatching of hand-built trees: shapes that real batches have, and near misses that must stay.

mod eval;
mod property;

use super::*;
use crate::rel::{
    AggFunction, ArithOp, CaseWhen, CmpOp, ColumnRef, DataType, JoinKind, Literal, NamedAgg,
    NamedWindow, Scan, ScanColumn, SetOperator, SortKey, TableName, WindowFunction,
};

fn date() -> DataType {
    DataType::Date
}
fn p() -> Scalar {
    param("P_DATE", date())
}
fn text_p() -> Scalar {
    param("P_MONTH", DataType::Varchar { length: 6 })
}
fn num(n: &str) -> Scalar {
    Scalar::Literal(Literal::Number(n.into()))
}
fn txt(t: &str) -> Scalar {
    Scalar::Literal(Literal::Text(t.into()))
}
fn arith(op: ArithOp, l: Scalar, r: Scalar) -> Scalar {
    Scalar::Arith {
        arith: op,
        left: Box::new(l),
        right: Box::new(r),
    }
}
fn add(l: Scalar, r: Scalar) -> Scalar {
    arith(ArithOp::Add, l, r)
}
fn sub(l: Scalar, r: Scalar) -> Scalar {
    arith(ArithOp::Sub, l, r)
}
fn div(l: Scalar, r: Scalar) -> Scalar {
    arith(ArithOp::Div, l, r)
}
fn cmp(op: CmpOp, l: Scalar, r: Scalar) -> Scalar {
    Scalar::Compare {
        cmp: op,
        left: Box::new(l),
        right: Box::new(r),
    }
}
fn eq(l: Scalar, r: Scalar) -> Scalar {
    cmp(CmpOp::Eq, l, r)
}
fn ge(l: Scalar, r: Scalar) -> Scalar {
    cmp(CmpOp::Ge, l, r)
}
fn lt(l: Scalar, r: Scalar) -> Scalar {
    cmp(CmpOp::Lt, l, r)
}
fn and(items: impl IntoIterator<Item = Scalar>) -> Scalar {
    Scalar::all(items).unwrap()
}
fn call(f: &str, args: Vec<Scalar>, ty: DataType) -> Scalar {
    Scalar::Call {
        function: f.into(),
        args,
        ty,
    }
}
fn trunc(x: Scalar, unit: PeriodUnit) -> Scalar {
    Scalar::PeriodOf {
        operand: Box::new(x),
        unit,
    }
}
fn day(x: Scalar) -> Scalar {
    trunc(x, PeriodUnit::Day)
}
fn to_char(x: Scalar, f: &str) -> Scalar {
    call("TO_CHAR", vec![x, txt(f)], DataType::Varchar { length: 8 })
}
fn col(rel: &str, name: &str) -> Scalar {
    let ty = match name {
        "ID" | "STORE" | "AMOUNT" => DataType::number(),
        "YM" | "LOAD_MONTH" => DataType::Varchar { length: 6 },
        "TS" => DataType::Timestamp { precision: 6 },
        _ => date(),
    };
    Scalar::column(rel, name, ty, false)
}
fn scan(table: &str, alias: &str, columns: &[&str]) -> Rel {
    let column = |n: &&str| {
        let Scalar::Column(c) = col(alias, n) else {
            unreachable!()
        };
        ScanColumn {
            name: c.name,
            ty: c.ty,
            nullable: n.ends_with("_N"),
        }
    };
    Rel::Scan(Scan {
        table: TableName::new("S", table),
        alias: alias.into(),
        columns: columns.iter().map(column).collect(),
    })
}
fn orders() -> Rel {
    scan(
        "ORDERS",
        "O",
        &["ID", "STORE", "AT", "AMOUNT", "SHIPPED_N", "TS", "YM"],
    )
}
fn at() -> Scalar {
    col("O", "AT")
}
fn filter(input: Rel, predicate: Scalar) -> Rel {
    Rel::Filter {
        input: Box::new(input),
        predicate,
    }
}
fn named(name: &str, expr: Scalar) -> Named {
    Named {
        name: name.into(),
        expr,
    }
}
fn project(input: Rel, items: Vec<(&str, Scalar)>) -> Rel {
    Rel::Project {
        input: Box::new(input),
        items: items.into_iter().map(|(n, e)| named(n, e)).collect(),
    }
}
fn sum(name: &str, x: Scalar) -> NamedAgg {
    agg(name, AggFunction::Sum, x)
}
fn agg(name: &str, function: AggFunction, x: Scalar) -> NamedAgg {
    NamedAgg {
        name: name.into(),
        function,
        distinct: false,
        arg: Some(x),
        separator: None,
        order_by: vec![],
        ty: DataType::number(),
    }
}
fn group(input: Rel, keys: Vec<(&str, Scalar)>, aggs: Vec<NamedAgg>) -> Rel {
    Rel::Aggregate {
        input: Box::new(input),
        keys: keys.into_iter().map(|(n, e)| named(n, e)).collect(),
        aggs,
    }
}
fn derived(input: Rel, alias: &str) -> Rel {
    Rel::Derived {
        input: Box::new(input),
        alias: alias.into(),
    }
}
fn join(kind: JoinKind, l: Rel, r: Rel, on: Scalar) -> Rel {
    Rel::Join {
        kind,
        left: Box::new(l),
        right: Box::new(r),
        on: Some(on),
    }
}
fn out(name: &str, ty: DataType) -> Scalar {
    Scalar::column("", name, ty, true)
}
/// `AT >= p AND AT < p + 1`.
fn of_day(x: Scalar) -> Scalar {
    and([ge(x.clone(), p()), lt(x, add(p(), num("1")))])
}
fn known(text: &str) -> Vec<BatchParam> {
    vec![BatchParam {
        name: "P_DATE".into(),
        ty: date(),
        bound: Some(Bound::RunDate(text.into())),
        span: None,
    }]
}
fn ok(rel: Rel) -> Debatched {
    let out = debatch(rel, &[]).unwrap_or_else(|e| panic!("{}", e.message));
    let mut left = false;
    tree::visit_rel(&out.query, &mut |n| left |= as_param(n).is_some());
    assert!(!left, "a parameter is left");
    out
}
fn refused(rel: Rel, words: &str) {
    match debatch(rel, &[]) {
        Ok(d) => panic!("not refused: {:#?}", d.query),
        Err(e) => assert!(e.message.contains(words), "{}", e.message),
    }
}
fn unit_and_column(d: &Debatched) -> (PeriodUnit, String, Option<String>) {
    let p = d.period.clone().unwrap();
    (
        p.unit,
        format!("{}.{}", p.source.relation, p.source.name),
        p.target_column,
    )
}

#[test]
fn a_day_by_its_bounds() {
    let rows = filter(orders(), of_day(at()));
    let d = ok(project(
        rows,
        vec![("SALES_DATE", p()), ("ID", col("O", "ID"))],
    ));
    assert_eq!(
        d.query,
        project(
            orders(),
            vec![("SALES_DATE", day(at())), ("ID", col("O", "ID"))]
        )
    );
    assert_eq!(
        unit_and_column(&d),
        (PeriodUnit::Day, "O.AT".into(), Some("SALES_DATE".into()))
    );
    assert_eq!(d.assumptions, ["P_DATE is the start of a day"]);
    assert_eq!(d.partitions.unwrap().status, Status::Assumed);
    assert_eq!(d.every_period.unwrap().status, Status::Assumed);
}

#[test]
fn the_schedule_proves_what_is_assumed_else() {
    let rel = project(filter(orders(), of_day(at())), vec![("D", p())]);
    let d = debatch(rel.clone(), &known("TRUNC(SYSDATE) - 1")).unwrap();
    assert!(d.assumptions.is_empty());
    assert_eq!(d.partitions.unwrap().status, Status::Proved);
    assert_eq!(d.every_period.unwrap().status, Status::Proved);
    let d = debatch(rel, &known("SYSDATE - 1")).unwrap();
    assert_eq!(d.partitions.unwrap().status, Status::Assumed);
}

#[test]
fn groups_by_the_period_column() {
    let rows = filter(orders(), of_day(at()));
    let grouped = group(
        rows,
        vec![("K1", day(at())), ("K2", col("O", "STORE"))],
        vec![sum("A1", col("O", "AMOUNT"))],
    );
    let items = vec![
        ("D", p()),
        ("S", out("K2", DataType::number())),
        ("T", out("A1", DataType::number())),
    ];
    let d = ok(project(grouped, items));
    let Rel::Project { input, items } = &d.query else {
        panic!()
    };
    assert!(matches!(&items[0].expr, Scalar::Column(c) if c.name == "K1"));
    assert!(matches!(&**input, Rel::Aggregate { keys, .. } if keys.len() == 2));
    assert_eq!(unit_and_column(&d).2, Some("D".into()));
}

#[test]
fn the_period_becomes_a_group_key_where_it_is_written() {
    let rows = filter(orders(), of_day(at()));
    let grouped = group(
        rows,
        vec![("K1", col("O", "STORE"))],
        vec![sum("A1", col("O", "AMOUNT"))],
    );
    let d = ok(project(
        grouped,
        vec![
            ("D", p()),
            ("S", out("K1", DataType::number())),
            ("T", out("A1", DataType::number())),
        ],
    ));
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    let Rel::Aggregate { keys, .. } = &**input else {
        panic!()
    };
    assert_eq!(keys[1].expr, day(at()));
    assert_eq!(unit_and_column(&d).2, Some("D".into()));
}

#[test]
fn aggregated_away_is_refused() {
    let rows = filter(orders(), of_day(at()));
    let grouped = group(
        rows,
        vec![("K1", col("O", "STORE"))],
        vec![sum("A1", col("O", "AMOUNT"))],
    );
    refused(
        project(
            grouped,
            vec![
                ("S", out("K1", DataType::number())),
                ("T", out("A1", DataType::number())),
            ],
        ),
        "cannot be told apart",
    );
}

#[test]
fn sums_that_are_added_go_over_all_periods() {
    let rel = |f| {
        let rows = filter(orders(), of_day(at()));
        let grouped = group(
            rows,
            vec![("K1", col("O", "STORE"))],
            vec![agg("A1", f, col("O", "AMOUNT"))],
        );
        project(
            grouped,
            vec![
                ("S", out("K1", DataType::number())),
                ("T", out("A1", DataType::number())),
            ],
        )
    };
    let d = debatch_sums(rel(AggFunction::Sum), &[]).unwrap();
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    assert!(
        matches!(&**input, Rel::Aggregate { keys, input, .. } if keys.len() == 1 && **input == orders())
    );
    assert!(debatch_sums(rel(AggFunction::Max), &[]).is_err());
}

#[test]
fn rounded_sums_are_not_added_up() {
    let rows = filter(orders(), of_day(at()));
    let grouped = group(
        rows,
        vec![("K1", col("O", "STORE"))],
        vec![sum("A1", col("O", "AMOUNT"))],
    );
    let rounded = call(
        "ROUND",
        vec![out("A1", DataType::number())],
        DataType::number(),
    );
    let rel = project(
        grouped.clone(),
        vec![("S", out("K1", DataType::number())), ("T", rounded)],
    );
    assert!(debatch_sums(rel, &[]).is_err());
    let having = filter(
        grouped,
        cmp(CmpOp::Gt, out("A1", DataType::number()), num("10")),
    );
    assert!(
        debatch_sums(
            project(having, vec![("T", out("A1", DataType::number()))]),
            &[]
        )
        .is_err()
    );
}

#[test]
fn a_total_of_a_period_has_no_row_for_an_empty_one() {
    let rows = filter(orders(), of_day(at()));
    let d = ok(project(
        group(rows, vec![], vec![sum("A1", col("O", "AMOUNT"))]),
        vec![("D", p()), ("T", out("A1", DataType::number()))],
    ));
    assert!(d.assumptions.iter().any(|a| a.contains("without rows")));
}

#[test]
fn units_of_ranges() {
    let upper = |u: Scalar| {
        let rel = filter(orders(), and([ge(at(), p()), lt(at(), u)]));
        debatch(project(rel, vec![("D", p())]), &[])
            .ok()
            .map(|d| unit_and_column(&d).0)
    };
    let months = |n: &str| call("ADD_MONTHS", vec![p(), num(n)], date());
    assert_eq!(
        upper(add(p(), div(num("1"), num("24")))),
        Some(PeriodUnit::Hour)
    );
    assert_eq!(
        upper(add(p(), div(num("60"), num("1440")))),
        Some(PeriodUnit::Hour)
    );
    assert_eq!(
        upper(add(p(), div(div(num("1"), num("24")), num("60")))),
        Some(PeriodUnit::Minute)
    );
    assert_eq!(upper(months("1")), Some(PeriodUnit::Month));
    assert_eq!(upper(months("3")), Some(PeriodUnit::Quarter));
    assert_eq!(upper(months("12")), Some(PeriodUnit::Year));
    assert_eq!(
        upper(add(call("LAST_DAY", vec![p()], date()), num("1"))),
        Some(PeriodUnit::Month)
    );
    assert_eq!(upper(add(p(), num("2"))), None);
    assert_eq!(upper(add(p(), num("7"))), None);
    assert_eq!(upper(months("2")), None);
    assert_eq!(upper(p()), None);
    assert_eq!(upper(sub(p(), num("1"))), None);
}

#[test]
fn two_days_overlap() {
    let rel = filter(orders(), and([ge(at(), p()), lt(at(), add(p(), num("2")))]));
    refused(project(rel, vec![("D", p())]), "overlap or leave gaps");
}

#[test]
fn month_to_date_is_no_period() {
    let rel = filter(
        orders(),
        and([
            ge(at(), trunc(p(), PeriodUnit::Month)),
            lt(at(), add(p(), num("1"))),
        ]),
    );
    refused(project(rel, vec![("D", p())]), "overlap or leave gaps");
}

#[test]
fn the_day_before_the_parameter() {
    let rel = filter(orders(), and([ge(at(), sub(p(), num("1"))), lt(at(), p())]));
    let d = ok(project(rel, vec![("D", sub(p(), num("1"))), ("RUN", p())]));
    let Rel::Project { items, .. } = &d.query else {
        panic!()
    };
    assert_eq!(items[0].expr, day(at()));
    assert_eq!(items[1].expr, add(day(at()), num("1")));
    assert_eq!(unit_and_column(&d).2, Some("D".into()));
}

#[test]
fn a_day_from_six_in_the_morning_is_refused() {
    let shift = || div(num("6"), num("24"));
    let rel = filter(
        orders(),
        and([
            ge(at(), add(p(), shift())),
            lt(at(), add(add(p(), num("1")), shift())),
        ]),
    );
    assert!(debatch(project(rel, vec![("D", p())]), &[]).is_err());
}

#[test]
fn between_up_to_the_last_second() {
    let until = |x: Scalar, high: Scalar| {
        let between = Scalar::Between {
            operand: Box::new(x),
            low: Box::new(p()),
            high: Box::new(high),
            not: false,
        };
        debatch(project(filter(orders(), between), vec![("D", p())]), &[])
    };
    let last = || sub(add(p(), num("1")), div(num("1"), num("86400")));
    let d = until(at(), last()).unwrap();
    assert_eq!(unit_and_column(&d).0, PeriodUnit::Day);
    assert_eq!(d.assumptions.len(), 1);
    assert!(until(at(), add(p(), num("0.99999"))).is_ok());
    let d = until(col("O", "TS"), last()).unwrap();
    assert!(d.assumptions.iter().any(|a| a.contains("last second")));
    assert!(
        until(at(), add(p(), num("1"))).is_err(),
        "midnight is in two periods"
    );
    assert!(until(day(at()), p()).is_ok());
    assert!(until(day(at()), add(p(), num("1"))).is_err());
}

#[test]
fn equality_of_truncated_and_formatted_columns() {
    let d = ok(project(
        filter(orders(), eq(p(), day(at()))),
        vec![("D", p())],
    ));
    assert_eq!(d.query, project(orders(), vec![("D", day(at()))]));
    assert!(d.assumptions.is_empty());
    let d = ok(project(
        filter(
            orders(),
            eq(
                trunc(at(), PeriodUnit::Month),
                trunc(p(), PeriodUnit::Month),
            ),
        ),
        vec![
            ("D", trunc(p(), PeriodUnit::Month)),
            ("Y", to_char(p(), "YYYY")),
        ],
    ));
    let Rel::Project { items, .. } = &d.query else {
        panic!()
    };
    assert_eq!(items[0].expr, trunc(at(), PeriodUnit::Month));
    assert_eq!(
        items[1].expr,
        to_char(trunc(at(), PeriodUnit::Month), "YYYY")
    );
    let d = ok(project(
        filter(orders(), eq(to_char(at(), "YYYYMM"), text_p())),
        vec![
            ("M", text_p()),
            ("F", call("TO_DATE", vec![text_p(), txt("YYYYMM")], date())),
        ],
    ));
    let Rel::Project { items, .. } = &d.query else {
        panic!()
    };
    assert_eq!(items[0].expr, to_char(at(), "YYYYMM"));
    assert_eq!(items[1].expr, trunc(at(), PeriodUnit::Month));
    assert_eq!(
        unit_and_column(&d),
        (PeriodUnit::Month, "O.AT".into(), Some("M".into()))
    );
    refused(
        project(
            filter(orders(), eq(to_char(at(), "MM"), text_p())),
            vec![("M", text_p())],
        ),
        "nothing shows",
    );
}

#[test]
fn a_month_of_text_by_its_dates() {
    let start = || call("TO_DATE", vec![text_p(), txt("YYYYMM")], date());
    let end = call("ADD_MONTHS", vec![start(), num("1")], date());
    let rows = filter(orders(), and([ge(at(), start()), lt(at(), end)]));
    let d = ok(project(rows, vec![("M", text_p())]));
    assert!(d.assumptions.is_empty());
    assert_eq!(
        unit_and_column(&d),
        (PeriodUnit::Month, "O.AT".into(), Some("M".into()))
    );
    let first = || {
        call(
            "TO_DATE",
            vec![
                Scalar::Concat {
                    items: vec![text_p(), txt("01")],
                },
                txt("YYYYMMDD"),
            ],
            date(),
        )
    };
    let rows = filter(
        orders(),
        and([
            ge(at(), first()),
            lt(at(), call("ADD_MONTHS", vec![first(), num("1")], date())),
        ]),
    );
    assert_eq!(
        unit_and_column(&ok(project(rows, vec![("M", text_p())]))).0,
        PeriodUnit::Month
    );
}

#[test]
fn both_sides_as_text_leave_the_parameter_alone_open() {
    let rows = || {
        filter(
            orders(),
            eq(to_char(at(), "YYYYMM"), to_char(p(), "YYYYMM")),
        )
    };
    let d = ok(project(rows(), vec![("M", to_char(p(), "YYYYMM"))]));
    assert_eq!(unit_and_column(&d).2, Some("M".into()));
    assert!(
        debatch(project(rows(), vec![("D", p())]), &[]).is_err(),
        "which day of the month the run had is not in the row"
    );
}

#[test]
fn a_truncated_parameter_is_not_the_parameter() {
    let t = || day(p());
    let rows = || filter(orders(), and([ge(at(), t()), lt(at(), add(t(), num("1")))]));
    assert!(ok(project(rows(), vec![("D", t())])).assumptions.is_empty());
    let bare = || project(rows(), vec![("D", p())]);
    assert!(debatch(bare(), &[]).is_err());
    assert!(debatch(bare(), &known("TRUNC(SYSDATE) - 1")).is_ok());
}

#[test]
fn a_column_that_is_the_period() {
    let sales = scan(
        "DAILY",
        "D",
        &["SALES_DATE", "LOAD_MONTH", "USAGE_HOUR", "ID"],
    );
    let d = ok(project(
        filter(sales.clone(), eq(col("D", "SALES_DATE"), p())),
        vec![("X", p())],
    ));
    assert_eq!(
        d.query,
        project(sales.clone(), vec![("X", col("D", "SALES_DATE"))])
    );
    assert_eq!(
        unit_and_column(&d),
        (PeriodUnit::Day, "D.SALES_DATE".into(), Some("X".into()))
    );
    assert_eq!(d.assumptions.len(), 1);
    let hour = ok(project(
        filter(sales.clone(), eq(col("D", "USAGE_HOUR"), p())),
        vec![("X", p())],
    ));
    assert_eq!(unit_and_column(&hour).0, PeriodUnit::Hour);
    let month = ok(project(
        filter(sales.clone(), eq(col("D", "LOAD_MONTH"), text_p())),
        vec![("X", text_p())],
    ));
    assert_eq!(unit_and_column(&month).0, PeriodUnit::Month);
    let store = param("P_STORE", DataType::number());
    refused(
        project(
            filter(sales, eq(col("D", "ID"), store)),
            vec![("X", col("D", "ID"))],
        ),
        "nothing shows",
    );
}

#[test]
fn near_misses_are_refused() {
    let only = |c: Scalar| project(filter(orders(), c), vec![("ID", col("O", "ID"))]);
    refused(only(cmp(CmpOp::Gt, at(), p())), "all rows after");
    refused(only(ge(at(), p())), "all rows after");
    refused(only(lt(at(), p())), "all rows before");
    refused(
        only(and([
            ge(at(), p()),
            lt(col("O", "SHIPPED_N"), add(p(), num("1"))),
        ])),
        "two different columns",
    );
    let or = Scalar::Or {
        items: vec![of_day(at()), eq(col("O", "ID"), num("1"))],
    };
    refused(only(or), "does not give each row one period");
    refused(
        only(Scalar::Not {
            operand: Box::new(of_day(at())),
        }),
        "does not give each row one period",
    );
    refused(
        only(cmp(CmpOp::Ne, day(at()), p())),
        "does not give each row one period",
    );
    refused(
        only(and([
            cmp(CmpOp::Gt, at(), p()),
            cmp(CmpOp::Le, at(), add(p(), num("1"))),
        ])),
        "overlap or leave gaps",
    );
    refused(project(orders(), vec![("D", p())]), "no condition ties it");
    let case = Scalar::Case {
        whens: vec![CaseWhen {
            when: ge(at(), p()),
            then: num("1"),
        }],
        otherwise: None,
    };
    refused(project(orders(), vec![("D", case)]), "no condition ties it");
    let twice = and([
        of_day(at()),
        eq(col("O", "STORE"), param("P_STORE", DataType::number())),
    ]);
    refused(only(twice), "P_STORE");
}

#[test]
fn other_conditions_speak_of_the_rows_own_period() {
    let open = Scalar::Or {
        items: vec![
            Scalar::IsNull {
                operand: Box::new(col("O", "SHIPPED_N")),
                not: false,
            },
            cmp(CmpOp::Gt, col("O", "SHIPPED_N"), p()),
        ],
    };
    let case = Scalar::Case {
        whens: vec![CaseWhen {
            when: eq(col("O", "SHIPPED_N"), p()),
            then: num("1"),
        }],
        otherwise: None,
    };
    let d = ok(project(
        filter(orders(), and([of_day(at()), open])),
        vec![("D", p()), ("C", case)],
    ));
    let Rel::Project { input, items } = &d.query else {
        panic!()
    };
    let Rel::Filter {
        predicate: Scalar::Or { items: or },
        ..
    } = &**input
    else {
        panic!()
    };
    assert_eq!(or[1], cmp(CmpOp::Gt, col("O", "SHIPPED_N"), day(at())));
    assert!(
        matches!(&items[1].expr, Scalar::Case { whens, .. } if whens[0].when == eq(col("O", "SHIPPED_N"), day(at())))
    );
}

#[test]
fn having_on_the_parameter_alone_is_refused() {
    let grouped = group(
        orders(),
        vec![("K1", col("O", "STORE"))],
        vec![agg("A1", AggFunction::Max, at())],
    );
    let having = filter(grouped, ge(out("A1", date()), p()));
    refused(
        project(having, vec![("S", out("K1", DataType::number()))]),
        "all rows after",
    );
    // Beside a period predicate below it is a condition within the period.
    let rows = filter(orders(), of_day(at()));
    let grouped = group(
        rows,
        vec![("K1", col("O", "STORE")), ("K2", day(at()))],
        vec![agg("A1", AggFunction::Max, at())],
    );
    let having = filter(grouped, ge(out("A1", date()), p()));
    assert!(
        debatch(
            project(
                having,
                vec![("S", out("K1", DataType::number())), ("D", p())]
            ),
            &[]
        )
        .is_ok()
    );
}

#[test]
fn a_nullable_column_keeps_out_rows_without_a_period() {
    let shipped = Scalar::column("O", "SHIPPED_N", date(), true);
    let d = ok(project(
        filter(orders(), of_day(shipped.clone())),
        vec![("D", p())],
    ));
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    assert_eq!(
        **input,
        filter(
            orders(),
            Scalar::IsNull {
                operand: Box::new(shipped),
                not: true
            }
        )
    );
}

fn returns() -> Rel {
    scan("RETURNS", "R", &["ID", "BACK", "AMOUNT"])
}

#[test]
fn two_tables_of_the_same_period_are_joined_on_it() {
    let on = eq(col("O", "ID"), col("R", "ID"));
    let both = and([of_day(at()), of_day(col("R", "BACK"))]);
    let d = ok(project(
        filter(join(JoinKind::Inner, orders(), returns(), on.clone()), both),
        vec![("D", p())],
    ));
    let same_day = eq(day(at()), day(col("R", "BACK")));
    let want = join(JoinKind::Inner, orders(), returns(), and([on, same_day]));
    assert_eq!(d.query, project(want, vec![("D", day(at()))]));
}

#[test]
fn the_optional_side_of_a_join() {
    let on = eq(col("O", "ID"), col("R", "ID"));
    let same_day = eq(day(at()), day(col("R", "BACK")));
    // Restricted in ON, beside a restricted left side: joined on the period.
    let joined = join(
        JoinKind::Left,
        orders(),
        returns(),
        and([on.clone(), of_day(col("R", "BACK"))]),
    );
    let d = ok(project(filter(joined, of_day(at())), vec![("D", p())]));
    assert_eq!(
        d.query,
        project(
            join(
                JoinKind::Left,
                orders(),
                returns(),
                and([on.clone(), same_day])
            ),
            vec![("D", day(at()))]
        )
    );
    // Alone in ON: every run writes all orders.
    let alone = join(
        JoinKind::Left,
        orders(),
        returns(),
        and([on.clone(), of_day(col("R", "BACK"))]),
    );
    refused(
        project(alone, vec![("ID", col("O", "ID"))]),
        "optional side",
    );
    // In WHERE it makes the join an inner one in effect.
    let outer = join(JoinKind::Left, orders(), returns(), on.clone());
    let d = ok(project(
        filter(outer, of_day(col("R", "BACK"))),
        vec![("D", p())],
    ));
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    assert!(matches!(
        &**input,
        Rel::Filter {
            predicate: Scalar::IsNull { not: true, .. },
            ..
        }
    ));
}

#[test]
fn a_total_of_the_same_period_from_a_derived_table() {
    let totals = group(
        filter(returns(), of_day(col("R", "BACK"))),
        vec![("K", col("R", "ID"))],
        vec![sum("A", col("R", "AMOUNT"))],
    );
    let q = derived(
        project(
            totals,
            vec![
                ("ID", out("K", DataType::number())),
                ("T", out("A", DataType::number())),
            ],
        ),
        "Q",
    );
    let joined = join(
        JoinKind::Left,
        orders(),
        q,
        eq(col("O", "ID"), col("Q", "ID")),
    );
    let d = ok(project(
        filter(joined, of_day(at())),
        vec![
            ("D", p()),
            ("T", Scalar::column("Q", "T", DataType::number(), true)),
        ],
    ));
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    let Rel::Join {
        on: Some(Scalar::And { items }),
        ..
    } = &**input
    else {
        panic!("{input:?}")
    };
    assert!(
        matches!(&items[1], Scalar::Compare { cmp: CmpOp::Eq, left, right }
        if **left == day(at()) && matches!(&**right, Scalar::Column(c) if c.relation == "Q" && c.name == "PERIOD"))
    );
}

#[test]
fn yesterday_beside_today() {
    let y = derived(
        project(
            filter(returns(), eq(day(col("R", "BACK")), sub(p(), num("1")))),
            vec![("ID", col("R", "ID"))],
        ),
        "Y",
    );
    let joined = join(
        JoinKind::Inner,
        filter(orders(), eq(day(at()), p())),
        y,
        eq(col("O", "ID"), col("Y", "ID")),
    );
    let d = ok(project(joined, vec![("D", p())]));
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    let Rel::Join {
        on: Some(Scalar::And { items }),
        ..
    } = &**input
    else {
        panic!()
    };
    assert!(
        matches!(&items[1], Scalar::Compare { left, .. } if **left == sub(day(at()), num("1")))
    );
}

#[test]
fn rankings_stay_within_the_period() {
    let call = |partition_by| NamedWindow {
        name: "RN".into(),
        function: WindowFunction::RowNumber,
        args: vec![],
        partition_by,
        order_by: vec![SortKey {
            expr: col("O", "AMOUNT"),
            desc: true,
            nulls_first: true,
        }],
        ty: DataType::integer(19),
    };
    let window = |partition_by| Rel::Window {
        input: Box::new(filter(orders(), of_day(at()))),
        calls: vec![call(partition_by)],
    };
    let d = ok(project(
        window(vec![col("O", "STORE")]),
        vec![("D", p()), ("RN", out("RN", DataType::number()))],
    ));
    let partition = |d: &Debatched| {
        let Rel::Project { input, .. } = &d.query else {
            panic!()
        };
        let Rel::Window { calls, .. } = &**input else {
            panic!()
        };
        calls[0].partition_by.clone()
    };
    assert_eq!(partition(&d), vec![col("O", "STORE"), day(at())]);
    let d = ok(project(window(vec![day(at())]), vec![("D", p())]));
    assert_eq!(partition(&d), vec![day(at())]);
    // A ranking of all rows that is filtered afterwards is not touched.
    let all = Rel::Window {
        input: Box::new(orders()),
        calls: vec![call(vec![])],
    };
    let d = ok(project(filter(all.clone(), of_day(at())), vec![("D", p())]));
    assert_eq!(partition(&d), Vec::<Scalar>::new());
}

#[test]
fn distinct_and_limits() {
    let rows = || filter(orders(), of_day(at()));
    let distinct = |items| Rel::Distinct {
        input: Box::new(project(rows(), items)),
    };
    assert!(debatch(distinct(vec![("D", p()), ("S", col("O", "STORE"))]), &[]).is_ok());
    refused(
        distinct(vec![("S", col("O", "STORE"))]),
        "cannot be told apart",
    );
    let top = Rel::Limit {
        input: Box::new(project(rows(), vec![("D", p())])),
        order_by: vec![],
        count: 3,
    };
    refused(top, "first 3 rows");
}

#[test]
fn branches_of_a_union() {
    let a = || {
        project(
            filter(orders(), of_day(at())),
            vec![("ID", col("O", "ID")), ("D", p())],
        )
    };
    let b = || {
        project(
            filter(returns(), of_day(col("R", "BACK"))),
            vec![("ID", col("R", "ID")), ("D", p())],
        )
    };
    let set = |set, l, r| Rel::SetOp {
        set,
        left: Box::new(l),
        right: Box::new(r),
    };
    let d = ok(set(SetOperator::UnionAll, a(), b()));
    assert_eq!(unit_and_column(&d).2, Some("D".into()));
    assert_eq!(d.notes.len(), 1);
    assert!(debatch(set(SetOperator::Minus, a(), b()), &[]).is_ok());
    let free = project(
        returns(),
        vec![("ID", col("R", "ID")), ("D", col("R", "BACK"))],
    );
    refused(
        set(SetOperator::UnionAll, a(), free),
        "written in every run",
    );
    let month = project(
        filter(
            returns(),
            eq(trunc(col("R", "BACK"), PeriodUnit::Month), p()),
        ),
        vec![("ID", col("R", "ID")), ("D", p())],
    );
    refused(set(SetOperator::UnionAll, a(), month), "in different ways");
    // The period is needed above: both branches hand it on.
    let no_date = |r: Rel, c: Scalar| project(r, vec![("AMOUNT", c)]);
    let all = set(
        SetOperator::UnionAll,
        no_date(filter(orders(), of_day(at())), col("O", "AMOUNT")),
        no_date(
            filter(returns(), of_day(col("R", "BACK"))),
            col("R", "AMOUNT"),
        ),
    );
    let total = group(
        derived(all, "U"),
        vec![],
        vec![sum(
            "A",
            Scalar::column("U", "AMOUNT", DataType::number(), true),
        )],
    );
    let d = ok(project(
        total,
        vec![("D", p()), ("T", out("A", DataType::number()))],
    ));
    assert_eq!(unit_and_column(&d).2, Some("D".into()));
}

#[test]
fn a_period_column_of_an_inner_query() {
    let inner = group(
        orders(),
        vec![("K1", day(at())), ("K2", col("O", "STORE"))],
        vec![sum("A1", col("O", "AMOUNT"))],
    );
    let q = derived(
        project(
            inner,
            vec![
                ("SOLD_ON", out("K1", date())),
                ("T", out("A1", DataType::number())),
            ],
        ),
        "Q",
    );
    let d = ok(project(
        filter(
            q.clone(),
            eq(Scalar::column("Q", "SOLD_ON", date(), true), p()),
        ),
        vec![("D", p())],
    ));
    assert_eq!(
        unit_and_column(&d),
        (PeriodUnit::Day, "O.AT".into(), Some("D".into()))
    );
    assert_eq!(
        d.query,
        project(q, vec![("D", Scalar::column("Q", "SOLD_ON", date(), true))])
    );
}

#[test]
fn a_subquery_speaks_of_the_outer_rows_period() {
    let sub_ = project(
        filter(returns(), eq(col("R", "BACK"), p())),
        vec![("X", num("1"))],
    );
    let exists = Scalar::Exists {
        query: Box::new(sub_),
        not: true,
    };
    let d = ok(project(
        filter(orders(), and([of_day(at()), exists.clone()])),
        vec![("D", p())],
    ));
    let Rel::Project { input, .. } = &d.query else {
        panic!()
    };
    let Rel::Filter {
        predicate: Scalar::Exists { query, .. },
        ..
    } = &**input
    else {
        panic!()
    };
    assert!(matches!(&**query, Rel::Project { input, .. }
        if matches!(&**input, Rel::Filter { predicate, .. } if *predicate == eq(col("R", "BACK"), day(at())))));
    refused(
        project(filter(orders(), exists), vec![("ID", col("O", "ID"))]),
        "does not give each row one period",
    );
}

#[test]
fn constants_of_the_schedule() {
    let b = |text: &str| {
        vec![BatchParam {
            name: "P_MODE".into(),
            ty: DataType::Varchar { length: 4 },
            bound: Some(Bound::Constant(text.into())),
            span: None,
        }]
    };
    let mode = || param("P_MODE", DataType::Varchar { length: 4 });
    let rel = project(
        filter(orders(), eq(col("O", "STORE"), mode())),
        vec![("M", mode())],
    );
    let d = debatch(rel.clone(), &b("'FULL'")).unwrap();
    assert_eq!(
        d.query,
        project(
            filter(orders(), eq(col("O", "STORE"), txt("FULL"))),
            vec![("M", txt("FULL"))]
        )
    );
    assert!(d.period.is_none());
    assert!(debatch(rel, &b("17")).is_err());
}

#[test]
fn the_clock_is_a_parameter_in_conditions_and_an_audit_value_elsewhere() {
    let now = || Scalar::EventTime { ty: date() };
    let yesterday = || sub(day(now()), num("1"));
    let rows = filter(orders(), and([ge(at(), yesterday()), lt(at(), day(now()))]));
    let d = ok(project(
        rows,
        vec![("D", yesterday()), ("LOADED_AT", now())],
    ));
    let Rel::Project { items, .. } = &d.query else {
        panic!()
    };
    assert_eq!(items[0].expr, day(at()));
    assert_eq!(items[1].expr, now());
    assert_eq!(d.period.unwrap().parameter, "SYSDATE");
    assert!(d.assumptions.is_empty());
    refused(
        project(
            filter(orders(), lt(at(), now())),
            vec![("ID", col("O", "ID"))],
        ),
        "all rows before SYSDATE",
    );
    let d = ok(project(orders(), vec![("LOADED_AT", now())]));
    assert!(d.period.is_none());
}

#[test]
fn a_delete_of_the_period_pairs_with_its_insert() {
    let insert = |out: Scalar| {
        ok(project(
            filter(orders(), of_day(at())),
            vec![("SALES_DATE", out), ("AT", at())],
        ))
    };
    let deletes = |c: Scalar| delete_period(&c, &[]);
    let t = |n: &str| col("T", n);
    let exact = deletes(eq(t("SALES_DATE"), p())).unwrap();
    assert_eq!(
        (exact.column.as_str(), exact.parameter.as_str()),
        ("SALES_DATE", "P_DATE")
    );
    assert!(insert(p()).replaces(&exact));
    assert!(insert(day(at())).replaces(&exact));
    assert!(
        !insert(sub(p(), num("1"))).replaces(&exact),
        "another day is written than is deleted"
    );
    assert!(!insert(p()).replaces(&deletes(eq(t("SALES_DATE"), sub(p(), num("1")))).unwrap()));
    assert!(
        insert(p()).replaces(&deletes(of_day(t("AT"))).unwrap()),
        "the time itself is written"
    );
    assert!(deletes(and([eq(t("SALES_DATE"), p()), eq(t("STORE"), num("1"))])).is_none());
    assert!(deletes(lt(t("SALES_DATE"), p())).is_none());
    assert!(deletes(eq(t("STORE"), num("1"))).is_none());
}

#[test]
fn outputs_keep_their_names_and_order() {
    let rows = filter(orders(), of_day(at()));
    let rel = group(
        rows,
        vec![("S", col("O", "STORE")), ("D", day(at()))],
        vec![sum("T", col("O", "AMOUNT"))],
    );
    let names = |r: &Rel| r.outputs().into_iter().map(|c| c.name).collect::<Vec<_>>();
    assert_eq!(names(&ok(rel.clone()).query), names(&rel));
}
