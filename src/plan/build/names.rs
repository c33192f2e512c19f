//! Names in the target systems: topics, Cassandra tables, files. Legal there, and unique.

use std::collections::BTreeSet;

/// Longest Cassandra name: Cassandra checks only keyspaces, and a too long index name stops a node from restarting.
const CQL_MAX: usize = 48;

/// FNV-1a, 32 bits: a short, stable tag for names that cannot be kept whole.
fn tag(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// One part of a topic name: Kafka allows `[A-Za-z0-9._-]`; Debezium replaces everything else by `_`, and so do we.
pub fn topic_part(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// Lower snake case for files and job groups: ASCII letters, digits and `_`.
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_').to_string();
    if lost_letters(name) || out.is_empty() {
        join(&out, &tag(name))
    } else {
        out
    }
}

fn lost_letters(name: &str) -> bool {
    name.chars().any(|c| c.is_alphanumeric() && !c.is_ascii())
}

fn join(a: &str, b: &str) -> String {
    if a.is_empty() {
        format!("t_{b}")
    } else {
        format!("{a}_{b}")
    }
}

/// A Cassandra keyspace or table name: `[a-z0-9_]`, starting with a letter, at most 48 characters.
pub fn cql_table(name: &str) -> String {
    let mut out = snake(name);
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, "t_");
    }
    cap(out)
}

/// A Cassandra column name: lower case, any letters, at most 48 characters.
pub fn cql_column(name: &str) -> String {
    cap(name.to_lowercase())
}

fn cap(name: String) -> String {
    if name.chars().count() <= CQL_MAX {
        return name;
    }
    let head: String = name.chars().take(CQL_MAX - 9).collect();
    format!("{head}_{}", tag(&name))
}

/// Hands out names, each once: a second taker of a name gets `_2`, and so on.
#[derive(Default)]
pub struct Unique(BTreeSet<String>);

impl Unique {
    /// `wanted`, or the first free `wanted_N`.
    pub fn take(&mut self, wanted: &str) -> String {
        let free = |n: &String| !self.0.contains(n);
        let name = std::iter::once(wanted.to_string())
            .chain((2..).map(|i| format!("{wanted}_{i}")))
            .find(free)
            .unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_parts_are_what_debezium_makes_of_them() {
        assert_eq!(topic_part("ORDER$LINES"), "ORDER_LINES");
        assert_eq!(topic_part("SALES"), "SALES");
    }

    #[test]
    fn names_without_latin_letters_stay_apart() {
        assert_eq!(snake("NIGHTLY.RUN"), "nightly_run");
        assert_ne!(snake("地区"), snake("検針"));
        assert!(cql_table("地区").starts_with("t_"));
        assert_eq!(cql_table("9LIVES"), "t_9lives");
    }

    #[test]
    fn long_names_are_capped_and_differ() {
        let (a, b) = (
            format!("{}A", "X".repeat(60)),
            format!("{}B", "X".repeat(60)),
        );
        assert_eq!(cql_table(&a).len(), 48);
        assert_ne!(cql_table(&a), cql_table(&b));
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut u = Unique::default();
        assert_eq!(
            (u.take("a"), u.take("a"), u.take("a_2")),
            ("a".into(), "a_2".into(), "a_2_2".into())
        );
    }
}
