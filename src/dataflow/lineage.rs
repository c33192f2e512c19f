//! Value lineage of a relational tree: which columns of which tables each output is computed from. Conditions that
//! only choose rows (filters, joins, groups) are not values. Must not know syntax trees or plans.

use std::collections::BTreeSet;

use crate::rel::{ColumnRef, Rel, Scalar, TableName};

/// Columns of tables.
pub type Sources = BTreeSet<(TableName, String)>;

/// Every output by position, with the columns that its value depends on; the conditions of a CASE count.
pub fn lineage(rel: &Rel) -> Vec<(String, Sources)> {
    outputs(rel, &[])
        .into_iter()
        .map(|(c, s)| (c.name, s))
        .collect()
}

/// Columns in sight with their sources.
type Sight = Vec<(ColumnRef, Sources)>;

fn outputs(rel: &Rel, outer: &[(ColumnRef, Sources)]) -> Sight {
    let columns = rel.outputs();
    let sources: Vec<Sources> = match rel {
        Rel::Scan(s) => columns
            .iter()
            .map(|c| Sources::from([(s.table.clone(), c.name.clone())]))
            .collect(),
        Rel::Values { .. } => columns.iter().map(|_| Sources::new()).collect(),
        Rel::Derived { input, .. }
        | Rel::Filter { input, .. }
        | Rel::Distinct { input }
        | Rel::Limit { input, .. } => only(outputs(input, outer)),
        Rel::Project { input, items } => {
            let below = sight(input, outer);
            items.iter().map(|i| of(&i.expr, &below)).collect()
        }
        Rel::Join { left, right, .. } => {
            let mut all = only(outputs(left, outer));
            all.extend(only(outputs(right, outer)));
            all
        }
        Rel::Aggregate { input, keys, aggs } => {
            let below = sight(input, outer);
            let keys = keys.iter().map(|k| of(&k.expr, &below));
            let aggs = aggs
                .iter()
                .map(|a| a.arg.iter().flat_map(|x| of(x, &below)).collect());
            keys.chain(aggs).collect()
        }
        Rel::Window { input, calls } => {
            let below = sight(input, outer);
            let own = outputs(input, outer);
            let calls = calls.iter().map(|c| {
                let order = c.order_by.iter().map(|o| &o.expr);
                c.args
                    .iter()
                    .chain(&c.partition_by)
                    .chain(order)
                    .flat_map(|x| of(x, &below))
                    .collect()
            });
            only(own).into_iter().chain(calls).collect()
        }
        Rel::SetOp { left, right, .. } => {
            let mut all = only(outputs(left, outer));
            for (mine, theirs) in all.iter_mut().zip(only(outputs(right, outer))) {
                mine.extend(theirs);
            }
            all
        }
    };
    columns.into_iter().zip(sources).collect()
}

fn only(sight: Sight) -> Vec<Sources> {
    sight.into_iter().map(|(_, s)| s).collect()
}

/// What a scalar over `input` sees: its outputs, then those of the queries around it.
fn sight(input: &Rel, outer: &[(ColumnRef, Sources)]) -> Sight {
    let mut all = outputs(input, outer);
    all.extend(outer.iter().cloned());
    all
}

fn of(s: &Scalar, sight: &[(ColumnRef, Sources)]) -> Sources {
    let mut out = Sources::new();
    if let Scalar::Column(c) = s {
        let found = sight
            .iter()
            .find(|(o, _)| o.relation == c.relation && o.name == c.name);
        out.extend(found.into_iter().flat_map(|(_, s)| s.iter().cloned()));
    }
    if let Scalar::ScalarQuery { query } = s {
        out.extend(outputs(query, sight).into_iter().flat_map(|(_, s)| s));
    }
    s.for_each_child(&mut |c| out.extend(of(c, sight)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rel::{
        AggFunction, DataType, JoinKind, Named, NamedAgg, Scan, ScanColumn, SetOperator,
    };

    fn scan(table: &str, alias: &str, columns: &[&str]) -> Rel {
        let column = |n: &&str| ScanColumn {
            name: n.to_string(),
            ty: DataType::number(),
            nullable: false,
        };
        Rel::Scan(Scan {
            table: TableName::new("S", table),
            alias: alias.into(),
            columns: columns.iter().map(column).collect(),
        })
    }
    fn col(rel: &str, name: &str) -> Scalar {
        Scalar::column(rel, name, DataType::number(), false)
    }
    fn named(name: &str, expr: Scalar) -> Named {
        Named {
            name: name.into(),
            expr,
        }
    }
    fn project(input: Rel, items: Vec<Named>) -> Rel {
        Rel::Project {
            input: Box::new(input),
            items,
        }
    }
    fn texts(rel: &Rel) -> Vec<String> {
        let one = |(name, s): (String, Sources)| {
            let from: Vec<String> = s
                .into_iter()
                .map(|(t, c)| format!("{}.{c}", t.name))
                .collect();
            format!("{name}: {}", from.join(" "))
        };
        lineage(rel).into_iter().map(one).collect()
    }
    fn product(a: Scalar, b: Scalar) -> Scalar {
        Scalar::Arith {
            arith: crate::rel::ArithOp::Mul,
            left: Box::new(a),
            right: Box::new(b),
        }
    }

    #[test]
    fn through_joins_aggregates_and_derived_tables() {
        let joined = Rel::Join {
            kind: JoinKind::Inner,
            left: Box::new(scan("L", "L", &["ID", "QTY"])),
            right: Box::new(scan("P", "P", &["ID", "PRICE"])),
            on: Some(Scalar::Compare {
                cmp: crate::rel::CmpOp::Eq,
                left: Box::new(col("L", "ID")),
                right: Box::new(col("P", "ID")),
            }),
        };
        let agg = NamedAgg {
            name: "A".into(),
            function: AggFunction::Sum,
            distinct: false,
            arg: Some(product(col("L", "QTY"), col("P", "PRICE"))),
            separator: None,
            order_by: vec![],
            ty: DataType::number(),
        };
        let grouped = Rel::Aggregate {
            input: Box::new(joined),
            keys: vec![named("K", col("L", "ID"))],
            aggs: vec![agg],
        };
        let q = Rel::Derived {
            input: Box::new(grouped),
            alias: "Q".into(),
        };
        let top = project(
            q,
            vec![
                named("TOTAL", col("Q", "A")),
                named("ID", col("Q", "K")),
                named("ONE", Scalar::Literal(crate::rel::Literal::Null)),
            ],
        );
        assert_eq!(texts(&top), ["TOTAL: L.QTY P.PRICE", "ID: L.ID", "ONE: "]);
    }

    #[test]
    fn branches_of_a_set_and_scalar_subqueries() {
        let a = project(scan("A", "A", &["X"]), vec![named("V", col("A", "X"))]);
        let inner = project(
            scan("C", "C", &["Z"]),
            vec![named("M", product(col("C", "Z"), col("B", "Y")))],
        );
        let b = project(
            scan("B", "B", &["Y"]),
            vec![named(
                "W",
                Scalar::ScalarQuery {
                    query: Box::new(inner),
                },
            )],
        );
        let all = Rel::SetOp {
            set: SetOperator::UnionAll,
            left: Box::new(a),
            right: Box::new(b),
        };
        assert_eq!(texts(&all), ["V: A.X B.Y C.Z"]);
    }
}
