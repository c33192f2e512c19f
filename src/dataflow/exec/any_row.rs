//! `ROWNUM <= 1` of a lookup by columns that no key covers: the batch takes any of the rows that are found, and so may
//! the stream, as long as it takes one. It takes the first in the order of the values themselves.

use std::collections::BTreeSet;

use super::Exec;
use super::after::{compare, not_null};
use super::fold::one;
use super::grouped::{only, touches};
use crate::dataflow::lower::{Low, unordered_limit};
use crate::dataflow::tree::{filter, mentions};
use crate::rel::{
    CmpOp, ColumnRef, DataType, Named, NamedWindow, Rel, Scalar, SortKey, WindowFunction,
};
use crate::source::Span;

/// A query taken apart.
pub(super) struct Looked {
    pub from: Rel,
    pub conds: Vec<Scalar>,
    pub items: Vec<Named>,
}

/// One row for each value of what is compared.
pub(super) struct First {
    pub looked: Looked,
    /// Not NULL in a row that was found.
    pub found: ColumnRef,
    /// What decides among several rows.
    pub order: String,
}

const NUMBER: &str = "RN";

impl Exec<'_, '_> {
    /// The first of the looked-up rows for each value that they are compared with; `outer` are the rows around.
    pub(super) fn first_of(
        &mut self,
        span: Span,
        looked: Looked,
        outer: &BTreeSet<String>,
    ) -> Low<First> {
        let refuse = || unordered_limit(span);
        let (keys, inner) = compared(&looked.conds, outer).ok_or_else(refuse)?;
        let own = looked.items.iter().all(|n| !touches(&n.expr, outer));
        if keys.is_empty() || !own || mentions(&looked.from, outer) {
            return Err(refuse());
        }
        let columns: Vec<Named> = numbered("K", keys.iter().map(|(k, _)| k))
            .chain(numbered("V", looked.items.iter().map(|n| &n.expr)))
            .collect();
        let order = sort_keys(&looked.items, &keys);
        let first = self.ranked(
            filter(looked.from, Scalar::all(inner)),
            &keys,
            order,
            columns,
        );
        let alias = self.done.shared.alias("");
        let column = |name: String, ty: DataType| Scalar::column(&alias, &name, ty, true);
        let conds = keys.iter().enumerate().map(|(i, (k, value))| {
            compare(
                CmpOp::Eq,
                value.clone(),
                column(format!("K{}", i + 1), k.ty()),
            )
        });
        let items = looked.items.iter().enumerate().map(|(i, n)| Named {
            name: n.name.clone(),
            expr: column(format!("V{}", i + 1), n.expr.ty()),
        });
        let names: Vec<&str> = looked.items.iter().map(|n| n.name.as_str()).collect();
        Ok(First {
            found: ColumnRef {
                relation: alias.clone(),
                name: "K1".into(),
                ty: keys[0].0.ty(),
                nullable: true,
            },
            order: names.join(", "),
            looked: Looked {
                conds: conds.collect(),
                items: items.collect(),
                from: Rel::Derived {
                    input: Box::new(first),
                    alias,
                },
            },
        })
    }

    /// Rows numbered within their key, the first kept.
    fn ranked(
        &mut self,
        input: Rel,
        keys: &[(Scalar, Scalar)],
        order_by: Vec<SortKey>,
        columns: Vec<Named>,
    ) -> Rel {
        let number = NamedWindow {
            name: NUMBER.into(),
            function: WindowFunction::RowNumber,
            args: Vec::new(),
            partition_by: keys.iter().map(|(k, _)| k.clone()).collect(),
            order_by,
            ty: DataType::integer(19),
        };
        let mut items = columns;
        items.push(Named {
            name: NUMBER.into(),
            expr: Scalar::column("", NUMBER, DataType::integer(19), true),
        });
        let alias = self.done.shared.alias("");
        let known = keys.iter().map(|(k, _)| not_null(k.clone()));
        let ranking = Rel::Derived {
            input: Box::new(Rel::Project {
                input: Box::new(Rel::Window {
                    input: Box::new(filter(input, Scalar::all(known))),
                    calls: vec![number],
                }),
                items,
            }),
            alias: alias.clone(),
        };
        let kept = ranking.outputs().into_iter().filter(|c| c.name != NUMBER);
        let kept = kept.map(|c| Named {
            name: c.name.clone(),
            expr: Scalar::Column(c),
        });
        let is_first = compare(
            CmpOp::Eq,
            Scalar::column(&alias, NUMBER, DataType::integer(19), false),
            one(),
        );
        Rel::Project {
            items: kept.collect(),
            input: Box::new(filter(ranking, Some(is_first))),
        }
    }
}

/// Inner expressions with the outer ones that they equal, and conditions on the inner rows alone. None where the rows
/// around are compared in another way.
fn compared(
    conds: &[Scalar],
    outer: &BTreeSet<String>,
) -> Option<(Vec<(Scalar, Scalar)>, Vec<Scalar>)> {
    let (mut keys, mut inner) = (Vec::new(), Vec::new());
    for c in conds {
        if !touches(c, outer) {
            inner.push(c.clone());
            continue;
        }
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = c
        else {
            return None;
        };
        if only(left, outer) && !touches(right, outer) {
            keys.push(((**right).clone(), (**left).clone()));
        } else if only(right, outer) && !touches(left, outer) {
            keys.push(((**left).clone(), (**right).clone()));
        } else {
            return None;
        }
    }
    Some((keys, inner))
}

fn numbered<'s>(
    prefix: &'s str,
    all: impl Iterator<Item = &'s Scalar> + 's,
) -> impl Iterator<Item = Named> + 's {
    all.enumerate().map(move |(i, expr)| Named {
        name: format!("{prefix}{}", i + 1),
        expr: expr.clone(),
    })
}

/// The values that are read, in their order: two rows that are equal in it give the same.
fn sort_keys(items: &[Named], keys: &[(Scalar, Scalar)]) -> Vec<SortKey> {
    let key = |expr: &Scalar| SortKey {
        expr: expr.clone(),
        desc: false,
        nulls_first: false,
    };
    let mut out: Vec<SortKey> = Vec::new();
    for n in items {
        let constant = matches!(n.expr, Scalar::Literal(_));
        if !constant && !out.iter().any(|k| k.expr == n.expr) {
            out.push(key(&n.expr));
        }
    }
    if out.is_empty() {
        out.extend(keys.first().map(|(k, _)| key(k)));
    }
    out
}
