//! Keys from access paths (Chebotko, Kashlev, Lu, "A Big Data Modeling Methodology for Apache Cassandra", 2015):
//! equality columns make the partition, ranges and orders the clustering, the rest of the table's key makes rows
//! unique. Candidates are priced by the partitions that the queries would have to read.

use std::collections::BTreeMap;

use crate::plan::model::ReaderQuery;
use crate::rel::TableName;

/// A possible primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Partition key.
    pub partition: Vec<String>,
    /// Clustering columns with direction (true: descending).
    pub clustering: Vec<(String, bool)>,
}

/// A query as one table sees it.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Name.
    pub name: String,
    /// Weight.
    pub weight: f64,
    /// Equality columns.
    pub equality: Vec<String>,
    /// Range columns.
    pub range: Vec<String>,
    /// ORDER BY.
    pub order: Vec<(String, bool)>,
}

/// What is known of a table's size.
pub struct Volume<'a> {
    /// Rows.
    pub rows: Option<u64>,
    /// Distinct values a column.
    pub distinct: BTreeMap<&'a str, u64>,
}

/// The demands of all queries on a table.
pub fn demands(queries: &[ReaderQuery], table: &TableName) -> Vec<Demand> {
    let on = |list: &[crate::plan::model::QueryColumn]| {
        list.iter()
            .filter(|c| c.table == *table)
            .map(|c| c.column.clone())
            .collect::<Vec<_>>()
    };
    let reads = queries
        .iter()
        .filter(|q| q.problem.is_none() && q.tables.contains(table));
    reads
        .map(|q| Demand {
            name: q.name.clone(),
            weight: q.weight.parse().unwrap_or(1.0),
            equality: on(&q.equality),
            range: on(&q.range),
            order: q
                .order
                .iter()
                .filter(|c| c.table == *table)
                .map(|c| (c.column.clone(), c.desc))
                .collect(),
        })
        .collect()
}

/// The shape that serves a demand with one partition read, if its columns may be key columns.
pub fn shape_for(demand: &Demand, key: &[String]) -> Option<Shape> {
    let in_key = |c: &String| key.contains(c);
    if demand.equality.is_empty() || !demand.equality.iter().chain(&demand.range).all(in_key) {
        return None;
    }
    let mut partition = Vec::new();
    for c in &demand.equality {
        if !partition.contains(c) {
            partition.push(c.clone());
        }
    }
    let mut clustering: Vec<(String, bool)> = Vec::new();
    let ordered = demand.order.iter().filter(|(c, _)| in_key(c)).cloned();
    let ranges = demand
        .range
        .iter()
        .map(|c| (c.clone(), direction(demand, c)));
    let rest = key.iter().map(|c| (c.clone(), false));
    for (c, desc) in ranges.chain(ordered).chain(rest) {
        if !partition.contains(&c) && !clustering.iter().any(|(k, _)| *k == c) {
            clustering.push((c, desc));
        }
    }
    Some(Shape {
        partition,
        clustering,
    })
}

fn direction(demand: &Demand, column: &str) -> bool {
    demand
        .order
        .iter()
        .find(|(c, _)| c == column)
        .is_some_and(|(_, desc)| *desc)
}

/// The shape that finds one row by its whole key.
pub fn by_key(key: &[String]) -> Shape {
    Shape {
        partition: key.to_vec(),
        clustering: Vec::new(),
    }
}

/// Rows in a partition, from the statistics: rows / min(rows, product of distinct values).
pub fn rows_per_partition(shape: &Shape, volume: &Volume<'_>) -> Option<u64> {
    let rows = volume.rows?;
    let distinct: Option<u64> = shape
        .partition
        .iter()
        .map(|c| volume.distinct.get(c.as_str()).copied())
        .try_fold(1_u64, |product, d| {
            d.map(|d| product.saturating_mul(d.max(1)))
        });
    Some(rows / distinct?.min(rows).max(1))
}

/// Partitions that a demand reads from a shape: one where its equalities name the partition, else all.
pub fn partitions_read(shape: &Shape, demand: &Demand, volume: &Volume<'_>) -> f64 {
    if shape.partition.iter().all(|c| demand.equality.contains(c)) {
        return 1.0;
    }
    let per = rows_per_partition(shape, volume).unwrap_or(1).max(1);
    (volume.rows.unwrap_or(1_000_000) / per).max(2) as f64
}

/// Weighted cost of serving all demands from one shape.
pub fn cost(shape: &Shape, demands: &[Demand], volume: &Volume<'_>) -> f64 {
    demands
        .iter()
        .map(|d| d.weight * partitions_read(shape, d, volume))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    fn demand(equality: &[&str], range: &[&str]) -> Demand {
        Demand {
            name: "q".into(),
            weight: 2.0,
            equality: key(equality),
            range: key(range),
            order: vec![],
        }
    }

    #[test]
    fn equality_partitions_range_clusters_and_the_key_completes() {
        let shape = shape_for(
            &demand(&["STORE_ID"], &["SALES_DATE"]),
            &key(&["SALES_DATE", "STORE_ID", "CATEGORY_ID"]),
        );
        let shape = shape.expect("all columns are key columns");
        assert_eq!(shape.partition, key(&["STORE_ID"]));
        assert_eq!(
            shape.clustering,
            [("SALES_DATE".into(), false), ("CATEGORY_ID".into(), false)]
        );
    }

    #[test]
    fn a_demand_on_a_column_outside_the_key_has_no_shape() {
        assert!(shape_for(&demand(&["NAME"], &[]), &key(&["ID"])).is_none());
    }

    #[test]
    fn rows_per_partition_come_from_the_statistics() {
        let volume = Volume {
            rows: Some(1000),
            distinct: BTreeMap::from([("A", 10), ("B", 400)]),
        };
        let shape = |p: &[&str]| Shape {
            partition: key(p),
            clustering: vec![],
        };
        assert_eq!(rows_per_partition(&shape(&["A"]), &volume), Some(100));
        assert_eq!(rows_per_partition(&shape(&["A", "B"]), &volume), Some(1));
        assert_eq!(rows_per_partition(&shape(&["C"]), &volume), None);
    }

    #[test]
    fn a_scan_costs_all_partitions() {
        let volume = Volume {
            rows: Some(1000),
            distinct: BTreeMap::from([("A", 10)]),
        };
        let shape = Shape {
            partition: key(&["A"]),
            clustering: vec![],
        };
        assert_eq!(cost(&shape, &[demand(&["A"], &[])], &volume), 2.0);
        assert_eq!(cost(&shape, &[demand(&["B"], &[])], &volume), 20.0);
    }
}
