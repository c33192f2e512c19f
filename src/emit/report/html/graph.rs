//! Draws a directed graph from left to right as SVG: layers by longest path with back edges set aside, order within a
//! layer by the mean of the neighbours. Same graph, same picture.

use std::collections::{BTreeMap, BTreeSet};

use super::markup::Html;
use super::table::Tone;

/// A node.
pub(super) struct Node {
    pub name: String,
    pub tone: Tone,
    pub title: String,
}

/// An edge between nodes by index.
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub strong: bool,
    pub title: String,
}

const WIDTH: usize = 208;
const HEIGHT: usize = 24;
const GAP_X: usize = 90;
const GAP_Y: usize = 12;
const MARGIN: usize = 12;
const LETTERS: usize = 28;

/// Draws it.
pub(super) fn draw(h: &mut Html, nodes: &[Node], edges: &[Edge]) {
    let layers = layers(nodes.len(), edges);
    let rows = order(nodes.len(), edges, &layers);
    let place = |n: usize| {
        (
            MARGIN + layers[n] * (WIDTH + GAP_X),
            MARGIN + rows[n] * (HEIGHT + GAP_Y),
        )
    };
    let columns = layers.iter().max().map_or(0, |m| m + 1);
    let tallest = rows.iter().max().map_or(0, |m| m + 1);
    let width = (2 * MARGIN + columns * (WIDTH + GAP_X)).saturating_sub(GAP_X);
    let height = 2 * MARGIN + tallest * (HEIGHT + GAP_Y);
    let size = (width.to_string(), height.to_string());
    let view = format!("0 0 {width} {height}");
    let attrs = [
        ("class", "graph"),
        ("viewBox", view.as_str()),
        ("width", &size.0),
        ("height", &size.1),
        ("role", "img"),
    ];
    h.el("svg", &attrs, |h| {
        for e in edges {
            edge(h, e, place(e.from), place(e.to));
        }
        h.line();
        for (i, n) in nodes.iter().enumerate() {
            node(h, i, n, place(i));
        }
    });
}

fn edge(h: &mut Html, e: &Edge, from: (usize, usize), to: (usize, usize)) {
    let (x1, y1) = (from.0 + WIDTH, from.1 + HEIGHT / 2);
    let (x2, y2) = (to.0, to.1 + HEIGHT / 2);
    // An edge that goes back leaves and enters with wider bows.
    let bow = if to.0 > from.0 { GAP_X / 2 } else { GAP_X };
    let path = format!(
        "M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}",
        x1 + bow,
        x2 as i64 - bow as i64
    );
    let class = if e.strong { "edge strong" } else { "edge" };
    let ends = (e.from.to_string(), e.to.to_string());
    let attrs = [
        ("class", class),
        ("d", path.as_str()),
        ("data-from", &ends.0),
        ("data-to", &ends.1),
    ];
    h.el("path", &attrs, |h| h.leaf("title", &[], &e.title));
}

fn node(h: &mut Html, index: usize, n: &Node, at: (usize, usize)) {
    let id = index.to_string();
    let class = format!("node {}", n.tone.class());
    let (x, y) = (at.0.to_string(), at.1.to_string());
    let (w, hgt) = (WIDTH.to_string(), HEIGHT.to_string());
    h.el("g", &[("class", &class), ("data-n", &id)], |h| {
        h.leaf("title", &[], &n.title);
        let rect = [
            ("x", x.as_str()),
            ("y", &y),
            ("width", &w),
            ("height", &hgt),
            ("rx", "4"),
        ];
        h.el("rect", &rect, |_| {});
        let (tx, ty) = ((at.0 + 8).to_string(), (at.1 + 16).to_string());
        h.leaf("text", &[("x", &tx), ("y", &ty)], &shortened(&n.name));
    });
}

/// The end of a long name says more than its beginning.
pub(super) fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= LETTERS {
        return name.to_string();
    }
    let tail: String = name.chars().skip(count - LETTERS + 1).collect();
    format!("\u{2026}{tail}")
}

/// Layer of each node: one more than the highest of those before it. Edges that close a ring are not followed.
fn layers(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut next: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for e in edges.iter().filter(|e| e.from != e.to) {
        next.entry(e.from).or_default().insert(e.to);
    }
    let mut state = vec![0u8; count];
    let mut finished = Vec::new();
    let mut forward: Vec<(usize, usize)> = Vec::new();
    for root in 0..count {
        visit(root, &next, &mut state, &mut finished, &mut forward);
    }
    let mut layer = vec![0; count];
    for n in finished.into_iter().rev() {
        for (_, to) in forward.iter().filter(|(from, _)| *from == n) {
            layer[*to] = layer[*to].max(layer[n] + 1);
        }
    }
    layer
}

/// Depth-first search without recursion: collects nodes as they are finished, and edges that do not go back.
fn visit(
    root: usize,
    next: &BTreeMap<usize, BTreeSet<usize>>,
    state: &mut [u8],
    finished: &mut Vec<usize>,
    forward: &mut Vec<(usize, usize)>,
) {
    if state[root] != 0 {
        return;
    }
    let out = |n: usize| -> Vec<usize> {
        next.get(&n)
            .map(|s| s.iter().copied().collect())
            .unwrap_or_default()
    };
    state[root] = 1;
    let mut stack = vec![(root, out(root))];
    while let Some((n, rest)) = stack.last_mut() {
        let n = *n;
        match rest.pop() {
            Some(to) if state[to] == 1 => {}
            Some(to) => {
                forward.push((n, to));
                if state[to] == 0 {
                    state[to] = 1;
                    stack.push((to, out(to)));
                }
            }
            None => {
                state[n] = 2;
                finished.push(n);
                stack.pop();
            }
        }
    }
}

/// Row of each node within its layer: two sweeps by the mean row of the neighbours.
fn order(count: usize, edges: &[Edge], layers: &[usize]) -> Vec<usize> {
    let mut by_layer: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, layer) in layers.iter().enumerate() {
        by_layer.entry(*layer).or_default().push(n);
    }
    let mut row = vec![0; count];
    let assign = |by_layer: &BTreeMap<usize, Vec<usize>>, row: &mut Vec<usize>| {
        for nodes in by_layer.values() {
            for (i, n) in nodes.iter().enumerate() {
                row[*n] = i;
            }
        }
    };
    assign(&by_layer, &mut row);
    for _ in 0..4 {
        for nodes in by_layer.values_mut() {
            let mut keyed: Vec<(usize, usize, usize)> = nodes
                .iter()
                .map(|n| (mean(*n, edges, &row), row[*n], *n))
                .collect();
            keyed.sort_unstable();
            *nodes = keyed.into_iter().map(|(_, _, n)| n).collect();
            for (i, n) in nodes.iter().enumerate() {
                row[*n] = i;
            }
        }
    }
    row
}

/// Mean row of a node's neighbours, in hundredths.
fn mean(n: usize, edges: &[Edge], row: &[usize]) -> usize {
    let near: Vec<usize> = edges
        .iter()
        .filter_map(|e| match (e.from == n, e.to == n) {
            (true, false) => Some(row[e.to]),
            (false, true) => Some(row[e.from]),
            (true, true) | (false, false) => None,
        })
        .collect();
    match near.len() {
        0 => row[n] * 100,
        count => near.iter().sum::<usize>() * 100 / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: usize, to: usize) -> Edge {
        Edge {
            from,
            to,
            strong: true,
            title: String::new(),
        }
    }

    #[test]
    fn layers_follow_the_longest_path_and_rings_end() {
        assert_eq!(layers(3, &[edge(0, 1), edge(1, 2), edge(0, 2)]), [0, 1, 2]);
        let ring = layers(3, &[edge(0, 1), edge(1, 2), edge(2, 0), edge(1, 1)]);
        assert_eq!(ring, [0, 1, 2]);
    }

    #[test]
    fn no_two_nodes_share_a_place() {
        let edges: Vec<Edge> = (0..20).map(|i| edge(i % 4, 4 + i % 6)).collect();
        let l = layers(10, &edges);
        let r = order(10, &edges, &l);
        let places: BTreeSet<_> = l.iter().zip(&r).collect();
        assert_eq!(places.len(), 10);
    }

    #[test]
    fn long_names_keep_their_end() {
        let long = format!("SCHEMA.{}END", "X".repeat(40));
        let short = shortened(&long);
        assert_eq!(short.chars().count(), LETTERS);
        assert!(short.ends_with("END"));
    }
}
