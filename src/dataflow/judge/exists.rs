//! Tests for a row of the target, in the forms that people write: NOT EXISTS, NOT IN, a count that is zero, a lookup
//! that found nothing. Gives the key that is tested, and the rest of the rows without the test.

use super::super::tree::{aliases, bare, columns_of, conjuncts, flat, map_inputs};
use crate::rel::{AggFunction, CmpOp, JoinKind, Literal, Rel, Scalar, TableName};

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
    target: &TableName,
) -> Option<Tested> {
    for (at, cond) in conds.iter().enumerate() {
        let rest: Vec<Scalar> = conds
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, c)| c.clone())
            .collect();
        if let Some(test) = subquery_test(cond, target) {
            return Some(Tested {
                from: from.clone(),
                conds: rest,
                test,
            });
        }
        if let Some((exists, alias)) = found_test(cond) {
            let mut key = None;
            let from = without_lookup(from.clone(), &alias, target, &mut key);
            let used = rest
                .iter()
                .chain(others.iter().copied())
                .any(|s| mentions(s, &alias));
            if let (Some(key), false) = (key, used) {
                return Some(Tested {
                    from,
                    conds: rest,
                    test: Test { exists, key },
                });
            }
        }
    }
    None
}

fn mentions(s: &Scalar, alias: &str) -> bool {
    let mut found = false;
    columns_of(s, &mut |c| found |= c.relation == alias);
    found
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
fn found_test(cond: &Scalar) -> Option<(bool, String)> {
    if let Some(inner) = negated(cond) {
        let (exists, alias) = found_test(inner)?;
        return Some((!exists, alias));
    }
    match cond {
        Scalar::IsNull { operand, not } => match &**operand {
            Scalar::Column(c) => Some((*not, c.relation.clone())),
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
