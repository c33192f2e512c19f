//! A batch run for every day, against its debatched query run once: random queries over random rows. What debatching
//! accepts must be equal; what it refuses is not looked at, but a good part must be accepted.

use super::eval::{DAY, Eval, Row, Tables};
use super::*;

/// A small generator of random numbers: the cases are the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn yes(&mut self, one_in: u64) -> bool {
        self.roll(one_in) == 0
    }
}

fn tables(d: &mut Dice) -> Tables {
    let when = |d: &mut Dice| {
        (!d.yes(8)).then(|| {
            let midnight = d.yes(3);
            d.roll(3) as i64 * DAY
                + if midnight {
                    0
                } else {
                    d.roll(DAY as u64) as i64
                }
        })
    };
    let small = |d: &mut Dice, n: u64| Some(d.roll(n) as i64 * DAY);
    let mut out = Tables::new();
    for table in ["A", "B"] {
        let rows = (0..d.roll(7))
            .map(|i| vec![Some(i as i64 * DAY), small(d, 2), when(d), small(d, 5)])
            .collect();
        out.insert(table.into(), rows);
    }
    out
}

fn table(name: &str) -> Rel {
    let column = |n: &str, ty: DataType| ScanColumn {
        name: n.into(),
        ty,
        nullable: n == "AT",
    };
    Rel::Scan(Scan {
        table: TableName::new("S", name),
        alias: name.into(),
        columns: vec![
            column("ID", DataType::number()),
            column("K", DataType::number()),
            column("AT", date()),
            column("V", DataType::number()),
        ],
    })
}

fn c(rel: &str, name: &str) -> Scalar {
    Scalar::column(
        rel,
        name,
        if name == "AT" {
            date()
        } else {
            DataType::number()
        },
        name == "AT",
    )
}

/// A condition that ties a date to the parameter: periods and near misses.
fn tie(d: &mut Dice, x: Scalar) -> Scalar {
    match d.roll(14) {
        0..=3 => of_day(x),
        4..=6 => eq(day(x), p()),
        7 => eq(day(x), sub(p(), num("1"))),
        8 => and([ge(x.clone(), sub(p(), num("1"))), lt(x, p())]),
        9 => Scalar::Between {
            operand: Box::new(x),
            low: Box::new(p()),
            high: Box::new(sub(add(p(), num("1")), div(num("1"), num("86400")))),
            not: false,
        },
        10 => lt(x, p()),
        11 => and([ge(x.clone(), p()), lt(x, add(p(), num("2")))]),
        12 => Scalar::Or {
            items: vec![
                of_day(x.clone()),
                Scalar::IsNull {
                    operand: Box::new(x),
                    not: false,
                },
            ],
        },
        _ => cmp(CmpOp::Gt, x, p()),
    }
}

/// A value to write, over the columns in sight.
fn value(d: &mut Dice, columns: &[ColumnRef]) -> Scalar {
    let any = Scalar::Column(columns[d.roll(columns.len() as u64) as usize].clone());
    match d.roll(8) {
        0 | 1 => p(),
        2 => sub(p(), num("1")),
        3 if any.ty() == date() => day(any),
        4 if any.ty() == date() => Scalar::Case {
            whens: vec![CaseWhen {
                when: ge(any, p()),
                then: num("1"),
            }],
            otherwise: Some(Box::new(num("0"))),
        },
        _ => any,
    }
}

fn items(d: &mut Dice, input: Rel, n: usize) -> Rel {
    let columns = input.outputs();
    let items = (0..n)
        .map(|i| named(&format!("C{i}"), value(d, &columns)))
        .collect();
    Rel::Project {
        input: Box::new(input),
        items,
    }
}

fn side(d: &mut Dice, name: &str) -> Rel {
    let rows = if d.yes(2) {
        filter(table(name), tie(d, c(name, "AT")))
    } else {
        table(name)
    };
    match d.roll(4) {
        0 => {
            let inner = group(
                rows,
                vec![("ID", c(name, "K")), ("AT", day(c(name, "AT")))],
                vec![sum("V", c(name, "V"))],
            );
            derived(inner, name)
        }
        1 => {
            let inner = project(
                rows,
                vec![
                    ("ID", c(name, "ID")),
                    ("AT", c(name, "AT")),
                    ("V", c(name, "V")),
                ],
            );
            derived(inner, name)
        }
        _ => rows,
    }
}

fn source(d: &mut Dice) -> Rel {
    let a = side(d, "A");
    if d.yes(2) {
        return a;
    }
    let b = side(d, "B");
    let kind = [
        JoinKind::Inner,
        JoinKind::Left,
        JoinKind::Left,
        JoinKind::Right,
        JoinKind::Full,
    ][d.roll(5) as usize];
    let mut on = vec![eq(c("A", "ID"), c("B", "ID"))];
    if d.yes(3) {
        on.push(tie(d, c("B", "AT")));
    }
    join(kind, a, b, and(on))
}

fn where_(d: &mut Dice, rel: Rel) -> Rel {
    let columns = rel.outputs();
    let dates: Vec<Scalar> = columns
        .iter()
        .filter(|c| c.ty == date())
        .cloned()
        .map(Scalar::Column)
        .collect();
    let mut all = Vec::new();
    for x in dates {
        if d.yes(2) {
            all.push(tie(d, x));
        }
    }
    if d.yes(6) {
        let inner = project(
            filter(table("B"), eq(day(c("B", "AT")), p())),
            vec![("X", num("1"))],
        );
        let inner = match inner {
            Rel::Project { input, items } => Rel::Project {
                input: Box::new(renamed(*input)),
                items,
            },
            other => other,
        };
        all.push(Scalar::Exists {
            query: Box::new(inner),
            not: d.yes(2),
        });
    }
    match Scalar::all(all) {
        Some(all) => filter(rel, all),
        None => rel,
    }
}

/// The subquery's table under an alias of its own.
fn renamed(rel: Rel) -> Rel {
    let rel = tree::map_rel(rel, &mut |s| {
        tree::map_scalar(s, &mut |n| match n {
            Scalar::Column(c) if c.relation == "B" => Scalar::Column(ColumnRef {
                relation: "X".into(),
                ..c
            }),
            other => other,
        })
    });
    match rel {
        Rel::Filter { input, predicate } => match *input {
            Rel::Scan(s) => filter(
                Rel::Scan(Scan {
                    alias: "X".into(),
                    ..s
                }),
                predicate,
            ),
            other => filter(other, predicate),
        },
        other => other,
    }
}

fn query(d: &mut Dice) -> Rel {
    let plain = source(d);
    let rows = where_(d, plain);
    let columns = rows.outputs();
    match d.roll(6) {
        0 | 1 => {
            let keys = (0..d.roll(3))
                .map(|i| named(&format!("K{i}"), value(d, &columns)))
                .collect();
            let v = Scalar::Column(columns[columns.len() - 1].clone());
            let grouped = Rel::Aggregate {
                input: Box::new(rows),
                keys,
                aggs: vec![sum("T", v)],
            };
            items(d, grouped, 3)
        }
        2 => {
            let call = NamedWindow {
                name: "RN".into(),
                function: WindowFunction::RowNumber,
                args: vec![],
                partition_by: if d.yes(2) {
                    vec![]
                } else {
                    vec![value(d, &columns)]
                },
                order_by: vec![SortKey {
                    expr: Scalar::Column(columns[0].clone()),
                    desc: false,
                    nulls_first: false,
                }],
                ty: DataType::integer(19),
            };
            items(
                d,
                Rel::Window {
                    input: Box::new(rows),
                    calls: vec![call],
                },
                3,
            )
        }
        3 => Rel::Distinct {
            input: Box::new(items(d, rows, 2)),
        },
        _ => items(d, rows, 3),
    }
}

fn random(d: &mut Dice) -> Rel {
    if !d.yes(5) {
        return query(d);
    }
    let set = [
        SetOperator::UnionAll,
        SetOperator::Union,
        SetOperator::Minus,
        SetOperator::Intersect,
    ][d.roll(4) as usize];
    let branch = |d: &mut Dice, name: &str| {
        let rows = filter(table(name), tie(d, c(name, "AT")));
        project(
            rows,
            vec![
                ("C0", c(name, "K")),
                ("C1", if d.yes(3) { c(name, "V") } else { p() }),
            ],
        )
    };
    let all = Rel::SetOp {
        set,
        left: Box::new(branch(d, "A")),
        right: Box::new(branch(d, "B")),
    };
    if d.yes(2) {
        return all;
    }
    let q = derived(all, "Q");
    items(d, q, 2)
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

#[test]
fn every_day_run_equals_the_debatched_query() {
    let mut d = Dice(20_240_229);
    let (mut accepted, mut written) = (0, 0);
    for case in 0..2000 {
        let rel = random(&mut d);
        let Ok(done) = debatch(rel.clone(), &[]) else {
            continue;
        };
        if done.period.is_none() || done.assumptions.iter().any(|a| a.contains("without rows")) {
            continue;
        }
        accepted += 1;
        for _ in 0..4 {
            let tables = tables(&mut d);
            let run = |day: i64| {
                Eval {
                    tables: &tables,
                    param: day * DAY,
                }
                .rows(&rel)
            };
            let all = Eval {
                tables: &tables,
                param: i64::MIN / 4,
            }
            .rows(&done.query);
            let each: Vec<Row> = (-3..8).flat_map(run).collect();
            assert_eq!(
                sorted(each),
                sorted(all.clone()),
                "case {case}: {tables:?}\n{rel:#?}\nbecame\n{:#?}",
                done.query
            );
            assert!(run(1000).is_empty(), "case {case} writes in every run");
            let Some(column) = done.period.as_ref().and_then(|p| p.target_column.clone()) else {
                continue;
            };
            written += 1;
            let at = rel.outputs().iter().position(|o| o.name == column).unwrap();
            for day in -3..8 {
                // The column holds the period that the run is of, which may be the day before the parameter.
                let mine = run(day);
                let values: Vec<_> = mine.iter().map(|r| r[at]).collect();
                assert!(
                    values.windows(2).all(|w| w[0] == w[1]),
                    "case {case}: {column} differs within a run\n{rel:#?}\nbecame\n{:#?}",
                    done.query
                );
                let Some(v) = values.first() else { continue };
                let same: Vec<Row> = all.iter().filter(|r| r[at] == *v).cloned().collect();
                assert_eq!(
                    sorted(mine),
                    sorted(same),
                    "case {case}: {column} does not tell the runs apart\n{rel:#?}\nbecame\n{:#?}",
                    done.query
                );
            }
        }
    }
    assert!(accepted > 200, "only {accepted} accepted");
    assert!(written > 200, "only {written} with a period column");
}
