//! Facts over hand-built trees.

use std::collections::BTreeSet;

use super::*;
use crate::dataflow::model::Status;
use crate::rel::{
    AggFunction, CmpOp, DataType, JoinKind, Literal, Named, NamedAgg, NamedWindow, PeriodUnit,
    Scalar, Scan, ScanColumn, SetOperator, SortKey, WindowFunction,
};

fn keys(t: &TableName) -> Vec<Vec<String>> {
    let key = |c: &[&str]| vec![c.iter().map(|c| c.to_string()).collect()];
    match t.name.as_str() {
        "ORDERS" => key(&["ID"]),
        "LINES" => key(&["ID", "LINE"]),
        "PRODUCTS" => key(&["PID"]),
        "RATES" => key(&["PID", "KIND"]),
        _ => Vec::new(),
    }
}
fn scan(table: &str, alias: &str, columns: &[&str]) -> Rel {
    let column = |n: &&str| ScanColumn {
        name: n.to_string(),
        ty: ty(n),
        nullable: false,
    };
    Rel::Scan(Scan {
        table: TableName::new("S", table),
        alias: alias.into(),
        columns: columns.iter().map(column).collect(),
    })
}
fn ty(name: &str) -> DataType {
    if name == "AT" {
        DataType::Date
    } else {
        DataType::number()
    }
}
fn orders() -> Rel {
    scan("ORDERS", "O", &["ID", "STORE", "AT"])
}
fn lines() -> Rel {
    scan("LINES", "L", &["ID", "LINE", "PID", "QTY"])
}
fn products() -> Rel {
    scan("PRODUCTS", "P", &["PID", "CATEGORY"])
}
fn log() -> Rel {
    scan("LOG", "G", &["ID", "TEXT"])
}
fn col(rel: &str, name: &str) -> Scalar {
    Scalar::column(rel, name, ty(name), false)
}
fn out(name: &str) -> Scalar {
    col("", name)
}
fn eq(a: Scalar, b: Scalar) -> Scalar {
    Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(a),
        right: Box::new(b),
    }
}
fn text(t: &str) -> Scalar {
    Scalar::Literal(Literal::Text(t.into()))
}
fn named(name: &str, expr: Scalar) -> Named {
    Named {
        name: name.into(),
        expr,
    }
}
fn project(input: Rel, items: &[(&str, Scalar)]) -> Rel {
    Rel::Project {
        input: Box::new(input),
        items: items.iter().map(|(n, e)| named(n, e.clone())).collect(),
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
fn filter(input: Rel, predicate: Scalar) -> Rel {
    Rel::Filter {
        input: Box::new(input),
        predicate,
    }
}
fn day(x: Scalar) -> Scalar {
    Scalar::PeriodOf {
        operand: Box::new(x),
        unit: PeriodUnit::Day,
    }
}
fn group(input: Rel, by: &[(&str, Scalar)]) -> Rel {
    let count = NamedAgg {
        name: "N".into(),
        function: AggFunction::CountStar,
        distinct: false,
        arg: None,
        separator: None,
        order_by: vec![],
        ty: DataType::integer(19),
    };
    Rel::Aggregate {
        input: Box::new(input),
        keys: by.iter().map(|(n, e)| named(n, e.clone())).collect(),
        aggs: vec![count],
    }
}
fn numbered(input: Rel, by: Scalar, order: Scalar) -> Rel {
    let call = NamedWindow {
        name: "RN".into(),
        function: WindowFunction::RowNumber,
        args: vec![],
        partition_by: vec![by],
        order_by: vec![SortKey {
            expr: order,
            desc: false,
            nulls_first: false,
        }],
        ty: DataType::integer(19),
    };
    Rel::Window {
        input: Box::new(input),
        calls: vec![call],
    }
}
fn unique(rel: &Rel, names: &[&str]) -> bool {
    proof(rel, names).is_ok()
}
fn proof(rel: &Rel, names: &[&str]) -> Result<String, String> {
    let names: Vec<String> = names.iter().map(|n| n.to_string()).collect();
    rows_unique_by(rel, &names, &keys)
}
fn key_names(rel: &Rel) -> Vec<String> {
    let one = |k: Vec<ColumnRef>| k.into_iter().map(|c| c.name).collect::<Vec<_>>().join(",");
    unique_keys(rel, &keys).into_iter().map(one).collect()
}

#[test]
fn a_tables_key_survives_filters_and_renaming() {
    let rel = project(
        filter(orders(), eq(col("O", "STORE"), text("1"))),
        &[("X", col("O", "ID")), ("D", col("O", "AT"))],
    );
    assert!(unique(&rel, &["X"]));
    assert!(unique(&rel, &["X", "D"]));
    assert!(!unique(&rel, &["D"]));
    assert_eq!(key_names(&rel), ["X"]);
    assert_eq!(
        proof(&rel, &["X"]).unwrap(),
        "one row for each (X), by the key (ID) of S.ORDERS"
    );
    assert_eq!(
        proof(&rel, &["D"]).unwrap_err(),
        "several rows may have the same (D): their key, by the key (ID) of S.ORDERS, has X too"
    );
    assert!(proof(&rel, &["Z"]).unwrap_err().contains("not written"));
}

#[test]
fn a_key_that_is_not_written_is_lost() {
    let rel = project(orders(), &[("S", col("O", "STORE"))]);
    assert!(!unique(&rel, &["S"]));
    assert!(key_names(&rel).is_empty());
}

#[test]
fn a_constant_completes_a_key() {
    let rel = filter(lines(), eq(col("L", "LINE"), text("1")));
    assert!(unique(&rel, &["ID"]));
    assert!(!unique(
        &filter(lines(), eq(col("L", "QTY"), text("1"))),
        &["ID"]
    ));
}

#[test]
fn joins_by_a_key_keep_the_other_sides_key() {
    let on = eq(col("L", "ID"), col("O", "ID"));
    let two = join(JoinKind::Inner, orders(), lines(), on);
    let three = join(
        JoinKind::Inner,
        two.clone(),
        products(),
        eq(col("P", "PID"), col("L", "PID")),
    );
    let rel = project(
        three,
        &[
            ("ID", col("O", "ID")),
            ("LINE", col("L", "LINE")),
            ("C", col("P", "CATEGORY")),
        ],
    );
    assert!(unique(&rel, &["ID", "LINE"]));
    assert!(!unique(&rel, &["ID"]));
    assert!(!unique(&rel, &["ID", "C"]));
    let cross = Rel::Join {
        kind: JoinKind::Cross,
        left: Box::new(orders()),
        right: Box::new(lines()),
        on: None,
    };
    assert!(!unique(
        &project(cross, &[("ID", col("L", "ID")), ("LINE", col("L", "LINE"))]),
        &["ID", "LINE"]
    ));
}

#[test]
fn an_outer_join_to_a_lookup() {
    let lookup = |on| join(JoinKind::Left, lines(), products(), on);
    let names = [("ID", col("L", "ID")), ("LINE", col("L", "LINE"))];
    assert!(unique(
        &project(lookup(eq(col("P", "PID"), col("L", "PID"))), &names),
        &["ID", "LINE"]
    ));
    assert!(!unique(
        &project(lookup(eq(col("P", "CATEGORY"), col("L", "PID"))), &names),
        &["ID", "LINE"]
    ));
    // A constant in ON completes the lookup's key; the optional side's equality says nothing of the kept side.
    let rates = scan("RATES", "R", &["PID", "KIND"]);
    let on = Scalar::all([
        eq(col("R", "PID"), col("L", "PID")),
        eq(col("R", "KIND"), text("N")),
    ])
    .unwrap();
    assert!(unique(
        &project(join(JoinKind::Left, lines(), rates.clone(), on), &names),
        &["ID", "LINE"]
    ));
    let only = join(
        JoinKind::Left,
        lines(),
        filter(rates, eq(col("R", "KIND"), text("N"))),
        eq(col("R", "PID"), col("L", "PID")),
    );
    assert!(unique(&project(only, &names), &["ID", "LINE"]));
    let back = join(
        JoinKind::Left,
        orders(),
        lines(),
        eq(col("L", "ID"), col("O", "ID")),
    );
    assert!(!unique(&project(back, &[("ID", col("O", "ID"))]), &["ID"]));
}

#[test]
fn groups_distinct_and_one_row() {
    let rel = group(
        orders(),
        &[("D", day(col("O", "AT"))), ("S", col("O", "STORE"))],
    );
    assert!(unique(&rel, &["D", "S"]));
    assert!(!unique(&rel, &["D"]));
    assert_eq!(
        proof(&rel, &["D", "S"]).unwrap(),
        "one row for each (D, S), by the keys of its groups"
    );
    assert!(unique(&group(orders(), &[]), &["N"]));
    let by_id = group(orders(), &[("I", col("O", "ID")), ("S", col("O", "STORE"))]);
    assert!(unique(&by_id, &["I"]), "the store depends on the order");
    let rel = Rel::Distinct {
        input: Box::new(project(log(), &[("ID", col("G", "ID"))])),
    };
    assert!(unique(&rel, &["ID"]));
}

#[test]
fn equal_expressions_are_one_column() {
    let inner = group(orders(), &[("D", day(col("O", "AT")))]);
    let q = Rel::Derived {
        input: Box::new(inner),
        alias: "Q".into(),
    };
    let on = eq(day(col("G", "AT")), col("Q", "D"));
    let events = scan("ORDERS", "G", &["ID", "AT"]);
    let rel = project(
        join(JoinKind::Inner, events, q, on),
        &[("ID", col("G", "ID"))],
    );
    assert!(unique(&rel, &["ID"]));
}

#[test]
fn row_numbers() {
    let ranked = numbered(log(), col("G", "ID"), col("G", "TEXT"));
    assert!(unique(&ranked, &["ID", "RN"]));
    assert!(!unique(&ranked, &["RN"]));
    let first = filter(
        ranked,
        eq(out("RN"), Scalar::Literal(Literal::Number("1".into()))),
    );
    assert!(unique(&project(first, &[("ID", col("G", "ID"))]), &["ID"]));
}

#[test]
fn unions_that_do_not_meet() {
    let branch = |t: Rel, kind: &str, id: Scalar| project(t, &[("KIND", text(kind)), ("ID", id)]);
    let all = |a, b| Rel::SetOp {
        set: SetOperator::UnionAll,
        left: Box::new(a),
        right: Box::new(b),
    };
    let told = all(
        branch(orders(), "ORDER", col("O", "ID")),
        branch(products(), "PRODUCT", col("P", "PID")),
    );
    assert!(unique(&told, &["KIND", "ID"]));
    assert!(!unique(&told, &["ID"]));
    let same = all(
        branch(orders(), "X", col("O", "ID")),
        branch(products(), "X", col("P", "PID")),
    );
    assert!(!unique(&same, &["KIND", "ID"]));
    let union = Rel::SetOp {
        set: SetOperator::Union,
        left: Box::new(project(log(), &[("ID", col("G", "ID"))])),
        right: Box::new(project(log(), &[("ID", col("G", "ID"))])),
    };
    assert!(unique(&union, &["ID"]));
}

#[test]
fn tables_read_and_their_keys() {
    let exists = Scalar::Exists {
        query: Box::new(log()),
        not: false,
    };
    let rel = filter(orders(), exists);
    assert!(self_reads(&rel, &TableName::new("S", "LOG")));
    assert!(!self_reads(&rel, &TableName::new("S", "LINES")));
    assert_eq!(
        source_tables_without_key(&rel, &keys),
        [TableName::new("S", "LOG")]
    );
}

#[test]
fn determinism() {
    let status = |rel: &Rel| deterministic(rel, &keys).status;
    assert_eq!(status(&orders()), Status::Proved);
    assert_eq!(
        status(&numbered(orders(), col("O", "STORE"), col("O", "ID"))),
        Status::Proved
    );
    let ties = numbered(orders(), col("O", "STORE"), col("O", "AT"));
    assert_eq!(status(&ties), Status::Assumed);
    assert!(deterministic(&ties, &keys).note.contains("RN"));
    let now = Scalar::EventTime { ty: DataType::Date };
    assert_eq!(
        status(&project(
            orders(),
            &[("ID", col("O", "ID")), ("LOADED", now.clone())]
        )),
        Status::Proved
    );
    let age = Scalar::Arith {
        arith: crate::rel::ArithOp::Sub,
        left: Box::new(now),
        right: Box::new(col("O", "AT")),
    };
    assert_eq!(status(&project(orders(), &[("AGE", age)])), Status::Failed);
    let guid = Scalar::Call {
        function: "SYS_GUID".into(),
        args: vec![],
        ty: DataType::Raw { length: 16 },
    };
    assert_eq!(status(&project(orders(), &[("K", guid)])), Status::Failed);
    let limit = |key: &str| Rel::Limit {
        input: Box::new(orders()),
        order_by: vec![SortKey {
            expr: col("O", key),
            desc: false,
            nulls_first: false,
        }],
        count: 5,
    };
    assert_eq!(status(&limit("ID")), Status::Proved);
    assert_eq!(status(&limit("STORE")), Status::Assumed);
}

#[test]
fn one_source_row() {
    let status = |rel: &Rel| single_source_row(rel, &keys).status;
    assert_eq!(
        status(&project(
            filter(lines(), eq(col("L", "QTY"), text("1"))),
            &[("ID", col("L", "ID"))]
        )),
        Status::Proved
    );
    let lookup = join(
        JoinKind::Left,
        lines(),
        products(),
        eq(col("P", "PID"), col("L", "PID")),
    );
    assert_eq!(status(&lookup), Status::Assumed);
    assert!(
        single_source_row(&lookup, &keys)
            .note
            .contains("S.PRODUCTS")
    );
    let turned = join(
        JoinKind::Inner,
        products(),
        lines(),
        eq(col("P", "PID"), col("L", "PID")),
    );
    assert_eq!(status(&turned), Status::Assumed);
    let many = join(
        JoinKind::Inner,
        lines(),
        log(),
        eq(col("G", "ID"), col("L", "ID")),
    );
    assert_eq!(status(&many), Status::Failed);
    assert_eq!(
        status(&group(orders(), &[("S", col("O", "STORE"))])),
        Status::Failed
    );
}

#[test]
fn a_lookup_by_the_outer_row() {
    let outer = BTreeSet::from(["R".to_string()]);
    let one = |rel: &Rel, fixed: &[ColumnRef]| single_row(rel, fixed, &outer, &keys);
    let by = |column: &str| filter(products(), eq(col("P", column), col("R", "PID")));
    assert!(one(&by("PID"), &[]));
    assert!(!one(&by("CATEGORY"), &[]));
    let rates = filter(
        scan("RATES", "T", &["PID", "KIND"]),
        eq(col("T", "PID"), col("R", "PID")),
    );
    assert!(!one(&rates, &[]));
    let Scalar::Column(kind) = col("T", "KIND") else {
        panic!()
    };
    assert!(one(&rates, &[kind]));
    let inner = project(by("PID"), &[("C", col("P", "CATEGORY"))]);
    assert!(one(
        &Rel::Derived {
            input: Box::new(inner),
            alias: "D".into()
        },
        &[]
    ));
    assert!(!single_row(&by("PID"), &[], &BTreeSet::new(), &keys));
}

#[test]
fn conversions_of_keys() {
    let month = Scalar::Call {
        function: "TO_CHAR".into(),
        args: vec![col("O", "AT"), text("YYYY-MM")],
        ty: DataType::Varchar { length: 9 },
    };
    let cast = |x: Scalar, to: DataType| Scalar::Cast {
        operand: Box::new(x),
        to,
    };
    let by_month = group(orders(), &[("K", month)]);
    let k = || Scalar::column("", "K", DataType::Varchar { length: 9 }, true);
    let written = |to| project(by_month.clone(), &[("M", cast(k(), to))]);
    assert!(unique(&written(DataType::Char { length: 7 }), &["M"]));
    assert!(
        !unique(&written(DataType::Char { length: 4 }), &["M"]),
        "cut off"
    );
    let free = Scalar::column("G", "TEXT", DataType::Varchar { length: 9 }, false);
    let by_text = group(scan("LOG", "G", &["TEXT"]), &[("K", free)]);
    let padded = project(by_text, &[("M", cast(k(), DataType::Char { length: 9 }))]);
    assert!(
        !unique(&padded, &["M"]),
        "blanks at the end are padded away"
    );
}
