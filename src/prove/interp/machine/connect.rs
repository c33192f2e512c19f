//! CONNECT BY: trees of rows, depth first.

use super::super::code::{Connect, Ex, Select};
use super::super::stop::{Res, Stop};
use super::super::val::Row;
use super::super::walk::for_each_child;
use super::query::Tuple;
use super::{Env, Machine};
use crate::value::Value;

fn has_prior(ex: &Ex) -> bool {
    let mut found = matches!(ex, Ex::Prior(_));
    for_each_child(ex, &mut |c| found |= has_prior(c));
    found
}

/// A row on the way down, with everything above it.
struct Node {
    at: usize,
    level: i64,
    parent: Option<usize>,
    paths: Vec<String>,
    leaf: bool,
}

impl<'e> Machine<'e> {
    /// Rows of a SELECT with CONNECT BY, in depth-first order.
    pub(super) fn connected(
        &mut self,
        s: &Select,
        c: &Connect,
        outer: &Env<'_>,
    ) -> Res<Vec<Tuple>> {
        let mut base: Vec<Vec<Row>> = Vec::new();
        let mut buf = s.nulls.clone();
        self.each(&s.from, &mut buf, outer, &mut |m, rows| {
            let env = Env::of(rows, outer);
            for f in &s.filters {
                if m.truth(f, &env)? != Some(true) {
                    return Ok(());
                }
            }
            m.room(base.len(), rows.len())?;
            base.push(rows.clone());
            Ok(())
        })?;
        let nodes = self.tree(c, &base, outer)?;
        let mut out = Vec::new();
        let mut count = 0;
        for n in &nodes {
            let mut t = Tuple::plain(&base[n.at], count + 1);
            t.level = n.level;
            t.leaf = n.leaf;
            t.prior = n.parent.map(|p| base[nodes[p].at].clone());
            t.root = Some(base[root_of(&nodes, n)].clone());
            t.paths.clone_from(&n.paths);
            let env = t.env(&[], outer);
            let mut passes = true;
            for f in &c.filters {
                passes = passes && self.truth(f, &env)? == Some(true);
            }
            if passes && self.passes_rownum(&s.rownum, &env).or_else(enough)? {
                count += 1;
                out.push(t);
            }
        }
        Ok(out)
    }

    fn tree(&mut self, c: &Connect, base: &[Vec<Row>], outer: &Env<'_>) -> Res<Vec<Node>> {
        let cycles = has_prior(&c.by);
        let mut nodes: Vec<Node> = Vec::new();
        let mut stack: Vec<(usize, i64, Option<usize>)> = Vec::new();
        for (i, rows) in base.iter().enumerate().rev() {
            let mut env = Env::of(rows, outer);
            env.level = 1;
            let root = match &c.start {
                Some(s) => self.truth(s, &env)? == Some(true),
                None => true,
            };
            if root {
                stack.push((i, 1, None));
            }
        }
        while let Some((at, level, parent)) = stack.pop() {
            self.burn(1)?;
            self.room(nodes.len(), 8)?;
            let paths = self.paths(c, &base[at], parent.map(|p| &nodes[p].paths), outer)?;
            nodes.push(Node {
                at,
                level,
                parent,
                paths,
                leaf: true,
            });
            let own = nodes.len() - 1;
            let mut children = Vec::new();
            for (i, rows) in base.iter().enumerate() {
                self.burn(1)?;
                let mut env = Env::of(rows, outer);
                env.level = level + 1;
                env.prior = Some(&base[at]);
                if self.truth(&c.by, &env)? != Some(true) {
                    continue;
                }
                if cycles && is_above(&nodes, own, i) {
                    if c.nocycle {
                        continue;
                    }
                    return Err(Stop::ora(1436, "CONNECT BY loop in user data"));
                }
                children.push((i, level + 1, Some(own)));
            }
            nodes[own].leaf = children.is_empty();
            stack.extend(children.into_iter().rev());
        }
        Ok(nodes)
    }

    fn paths(
        &mut self,
        c: &Connect,
        rows: &[Row],
        above: Option<&Vec<String>>,
        outer: &Env<'_>,
    ) -> Res<Vec<String>> {
        let above = above.cloned().unwrap_or_default();
        let mut out = Vec::new();
        for (i, (ex, separator)) in c.paths.iter().enumerate() {
            let v: Value = self.value(ex, &Env::of(rows, outer))?;
            let text = v.to_text(&self.nls)?.unwrap_or_default();
            let before = above.get(i).map_or("", String::as_str);
            out.push(format!("{before}{separator}{text}"));
        }
        Ok(out)
    }
}

fn enough(stop: Stop) -> Res<bool> {
    match stop {
        Stop::Enough => Ok(false),
        other => Err(other),
    }
}

fn root_of(nodes: &[Node], n: &Node) -> usize {
    let mut at = n;
    while let Some(p) = at.parent {
        at = &nodes[p];
    }
    at.at
}

fn is_above(nodes: &[Node], from: usize, row: usize) -> bool {
    let mut at = Some(from);
    while let Some(i) = at {
        if nodes[i].at == row {
            return true;
        }
        at = nodes[i].parent;
    }
    false
}
