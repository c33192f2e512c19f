//! Tests for a row of the target, in the forms that people write: NOT EXISTS, NOT IN, a count that is zero, a lookup
//! that found nothing. Gives the key that is tested, and the rest of the rows without the test.

use super::super::tree::{aliases, bare, columns_of, conjuncts, flat, map_inputs};
use crate::catalog::model::Table;
use crate::rel::{AggFunction, CmpOp, ColumnRef, JoinKind, Literal, Named, Rel, Scalar, TableName};

/// Target columns with the values that they are compared with.
pub(super) type Equalities = Vec<(String, Scalar)>;

/// A test for a row of the target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    /// True: there is one; false: there is none.
    pub exists: bool,
    pub key: Equalities,
}

/// Rows without the test, and the test.
pub(super) struct Tested {
    pub from: Rel,
    pub conds: Vec<Scalar>,
    pub test: Test,
}

/// Takes the test for a row of `target` out of rows and conditions; `others` are expressions over them that stay.
pub(super) fn without_test(
    from: &Rel,
    conds: &[Scalar],
    others: &[&Scalar],
    target: &Table,
) -> Option<Tested> {
    for (at, cond) in conds.iter().enumerate() {
        let rest = others_of(conds, at);
        if let Some(test) = subquery_test(cond, &target.name) {
            return Some(Tested {
                from: from.clone(),
                conds: rest,
                test,
            });
        }
        let Some((exists, looked)) = looked_up(from, cond, target) else {
            continue;
        };
        let used = rest
            .iter()
            .chain(others.iter().copied())
            .any(|s| looked.is_used(s));
        if !used {
            return Some(Tested {
                from: looked.from,
                conds: rest,
                test: Test {
                    exists,
                    key: looked.key,
                },
            });
        }
    }
    None
}

/// The conditions but one.
pub(super) fn others_of(conds: &[Scalar], at: usize) -> Vec<Scalar> {
    let others = conds.iter().enumerate().filter(|(i, _)| *i != at);
    others.map(|(_, c)| c.clone()).collect()
}

/// A row of the target that is joined to the rows, taken out of them.
pub(super) struct Looked {
    pub from: Rel,
    /// What it is found by.
    pub key: Equalities,
    /// Columns of the rows that are its own, with their names in the target.
    own: Vec<(String, String, String)>,
}

impl Looked {
    /// The target's column behind a column of the rows.
    pub fn column(&self, c: &ColumnRef) -> Option<&str> {
        self.own
            .iter()
            .find(|(r, n, _)| *r == c.relation && *n == c.name)
            .map(|(_, _, own)| own.as_str())
    }

    /// An expression needs the row.
    pub fn is_used(&self, s: &Scalar) -> bool {
        let mut found = false;
        columns_of(s, &mut |c| found |= self.column(c).is_some());
        found
    }
}

/// `alias.column IS [NOT] NULL` of a joined row of the target: whether it is tested that there is one.
pub(super) fn looked_up(from: &Rel, cond: &Scalar, target: &Table) -> Option<(bool, Looked)> {
    let (exists, column) = found_test(cond)?;
    let looked = without_row(from, &column.relation, &target.name)
        .or_else(|| without_inner_row(from, &column.relation, &target.name))?;
    let tested = looked.column(&column)?;
    // Only a column that every row has a value in says whether there is a row.
    let never_null = target.columns.get(tested).is_some_and(|c| !c.nullable);
    let compared = looked.key.iter().any(|(k, _)| k == tested);
    let keys = super::super::keys::table_keys(target);
    let in_key = keys.iter().any(|k| k.iter().any(|c| c == tested));
    (never_null || compared || in_key).then_some((exists, looked))
}

/// A join of the loop's rows.
fn without_row(from: &Rel, alias: &str, target: &TableName) -> Option<Looked> {
    let mut key = None;
    let rest = without_lookup(from.clone(), alias, target, &mut key);
    let scans = from.scans();
    let scan = scans.iter().find(|s| s.alias == alias)?;
    let own = scan
        .columns
        .iter()
        .map(|c| (alias.to_string(), c.name.clone(), c.name.clone()));
    Some(Looked {
        from: rest,
        key: key?,
        own: own.collect(),
    })
}

/// A join inside `(SELECT DISTINCT .. )`: the columns of the joined row go, and with them the row.
fn without_inner_row(from: &Rel, alias: &str, target: &TableName) -> Option<Looked> {
    match from {
        Rel::Derived { input, alias: own } if own == alias => {
            let (distinct, project) = match &**input {
                Rel::Distinct { input } => (true, &**input),
                other => (false, other),
            };
            let Rel::Project { input, items } = project else {
                return None;
            };
            inner(input, items, distinct, alias, target)
        }
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => {
            let left_out = without_inner_row(left, alias, target);
            let on_used = |l: &Looked| on.as_ref().is_some_and(|on| l.is_used(on));
            let join = |l: Rel, r: Rel| Rel::Join {
                kind: *kind,
                left: Box::new(l),
                right: Box::new(r),
                on: on.clone(),
            };
            let looked = left_out.filter(|l| !on_used(l))?;
            Some(Looked {
                from: join(looked.from, (**right).clone()),
                ..looked
            })
        }
        Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => None,
    }
}

fn inner(
    input: &Rel,
    items: &[Named],
    distinct: bool,
    alias: &str,
    target: &TableName,
) -> Option<Looked> {
    let mut scans = input.scans().into_iter().filter(|s| s.table == *target);
    let (Some(scan), None) = (scans.next(), scans.next()) else {
        return None;
    };
    let looked = without_row(input, &scan.alias, target)?;
    let (mut kept, mut own) = (Vec::new(), Vec::new());
    for n in items {
        match bare(&n.expr) {
            Scalar::Column(c) if looked.column(c).is_some() => {
                let column = looked.column(c)?.to_string();
                own.push((alias.to_string(), n.name.clone(), column));
            }
            _ if looked.is_used(&n.expr) => return None,
            _ => kept.push(n.clone()),
        }
    }
    let output = |value: &Scalar| {
        let item = kept.iter().find(|n| bare(&n.expr) == bare(value))?;
        Some(Scalar::column(alias, &item.name, item.expr.ty(), true))
    };
    let key: Option<Equalities> = looked
        .key
        .iter()
        .map(|(k, value)| Some((k.clone(), output(value)?)))
        .collect();
    let project = Rel::Project {
        input: Box::new(looked.from),
        items: kept.clone(),
    };
    let input = if distinct {
        Rel::Distinct {
            input: Box::new(project),
        }
    } else {
        project
    };
    Some(Looked {
        from: Rel::Derived {
            input: Box::new(input),
            alias: alias.to_string(),
        },
        key: key?,
        own,
    })
}

/// `CASE WHEN c THEN 1 ELSE 0 END = 0` and `NOT c`: c is not true.
fn negated(s: &Scalar) -> Option<&Scalar> {
    match s {
        Scalar::Not { operand } => Some(operand),
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } if number(right) == Some("0") => match &**left {
            Scalar::Case { whens, otherwise } => {
                let [w] = whens.as_slice() else { return None };
                let flags = number(&w.then) == Some("1")
                    && otherwise.as_deref().and_then(number) == Some("0");
                flags.then_some(&w.when)
            }
            _ => None,
        },
        _ => None,
    }
}

fn number(s: &Scalar) -> Option<&str> {
    match s {
        Scalar::Literal(Literal::Number(n)) => Some(n),
        _ => None,
    }
}

fn subquery_test(cond: &Scalar, target: &TableName) -> Option<Test> {
    if let Some(inner) = negated(cond) {
        let test = subquery_test(inner, target)?;
        return Some(Test {
            exists: !test.exists,
            ..test
        });
    }
    match cond {
        Scalar::Exists { query, not } => Some(Test {
            exists: !not,
            key: equalities(query, target)?,
        }),
        Scalar::InQuery {
            operands,
            query,
            not,
        } => Some(Test {
            exists: !not,
            key: in_key(operands, query, target)?,
        }),
        Scalar::Compare { cmp, left, right } => count_test(*cmp, left, right, target),
        _ => None,
    }
}

/// `count = 0`, `count > 0` and so on.
fn count_test(cmp: CmpOp, left: &Scalar, right: &Scalar, target: &TableName) -> Option<Test> {
    let n = number(right)?;
    let exists = match (cmp, n) {
        (CmpOp::Eq, "0") | (CmpOp::Lt, "1") | (CmpOp::Le, "0") => false,
        (CmpOp::Gt | CmpOp::Ne, "0") | (CmpOp::Ge | CmpOp::Eq, "1") => true,
        _ => return None,
    };
    let Scalar::ScalarQuery { query } = bare(left) else {
        return None;
    };
    let Rel::Project { input, .. } = &**query else {
        return None;
    };
    let Rel::Aggregate { input, keys, aggs } = &**input else {
        return None;
    };
    let counts = matches!(aggs.as_slice(), [a] if matches!(a.function, AggFunction::CountStar));
    if !keys.is_empty() || !counts {
        return None;
    }
    let rows = Rel::Project {
        input: input.clone(),
        items: Vec::new(),
    };
    Some(Test {
        exists,
        key: equalities(&rows, target)?,
    })
}

/// WHERE of a query over the target alone, as equalities.
fn equalities(query: &Rel, target: &TableName) -> Option<Equalities> {
    let (from, conds, _) = flat(query.clone()).ok()?;
    let Rel::Scan(scan) = &from else { return None };
    if scan.table != *target {
        return None;
    }
    conds.iter().map(|c| equality(c, &scan.alias)).collect()
}

fn equality(c: &Scalar, alias: &str) -> Option<(String, Scalar)> {
    let Scalar::Compare {
        cmp: CmpOp::Eq,
        left,
        right,
    } = c
    else {
        return None;
    };
    let own = |s: &Scalar| match bare(s) {
        Scalar::Column(c) if c.relation == alias => Some(c.name.clone()),
        _ => None,
    };
    match (own(left), own(right)) {
        (Some(k), None) => Some((k, (**right).clone())),
        (None, Some(k)) => Some((k, (**left).clone())),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn in_key(operands: &[Scalar], query: &Rel, target: &TableName) -> Option<Equalities> {
    let (from, conds, outputs) = flat(query.clone()).ok()?;
    let Rel::Scan(scan) = &from else { return None };
    if scan.table != *target || !conds.is_empty() || outputs.len() != operands.len() {
        return None;
    }
    outputs
        .iter()
        .zip(operands)
        .map(|(o, value)| match bare(&o.expr) {
            Scalar::Column(c) => Some((c.name.clone(), value.clone())),
            _ => None,
        })
        .collect()
}

/// `alias.column IS [NOT] NULL` of a lookup.
fn found_test(cond: &Scalar) -> Option<(bool, ColumnRef)> {
    if let Some(inner) = negated(cond) {
        let (exists, column) = found_test(inner)?;
        return Some((!exists, column));
    }
    match cond {
        Scalar::IsNull { operand, not } => match bare(operand) {
            Scalar::Column(c) => Some((*not, c.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The joins without the lookup `alias` of the target; its key comes out.
fn without_lookup(from: Rel, alias: &str, target: &TableName, key: &mut Option<Equalities>) -> Rel {
    if let Rel::Join {
        kind: JoinKind::Left,
        left,
        right,
        on: Some(on),
    } = &from
        && let Rel::Scan(scan) = &**right
        && scan.alias == *alias
        && scan.table == *target
    {
        let equal: Option<Equalities> = conjuncts(on.clone())
            .iter()
            .map(|c| equality(c, alias))
            .collect();
        if equal.is_some() && !uses(left, alias) {
            *key = equal;
            return (**left).clone();
        }
    }
    match from {
        join @ Rel::Join { .. } => map_inputs(join, &mut |r| without_lookup(r, alias, target, key)),
        other => other,
    }
}

fn uses(rel: &Rel, alias: &str) -> bool {
    let mut found = aliases(rel).contains(alias);
    super::super::tree::visit_rel(rel, &mut |s| {
        found |= matches!(s, Scalar::Column(c) if c.relation == alias);
    });
    found
}

/// The columns are a key of the target.
pub(super) fn is_key(columns: &Equalities, keys: &[Vec<String>]) -> bool {
    let mut compared: Vec<&String> = columns.iter().map(|(c, _)| c).collect();
    compared.sort();
    compared.dedup();
    keys.iter().any(|k| {
        let mut k: Vec<&String> = k.iter().collect();
        k.sort();
        k == compared
    })
}
