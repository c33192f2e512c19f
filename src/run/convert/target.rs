//! What a table looks like to the converter: columns in the order in which they are bound, with types and roles.

use crate::plan::model::{ColumnMap, CqlKind, CqlType, DerivedColumn};

/// A column that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetColumn {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: CqlType,
    /// Role in the primary key.
    pub kind: CqlKind,
    /// Place in the partition key or among the clustering columns, from 0.
    pub place: usize,
}

/// A table that is written. The order of the columns is the order of binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetTable {
    /// Name.
    pub name: String,
    /// Columns.
    pub columns: Vec<TargetColumn>,
}

impl TargetTable {
    /// A table as a specification describes it, where no cluster is asked: the keys named, the others regular.
    pub fn of_spec(
        name: &str,
        columns: &[ColumnMap],
        derived: &[DerivedColumn],
        partition: &[String],
        clustering: &[String],
    ) -> TargetTable {
        let named = columns.iter().map(|c| (&c.to, c.cql));
        let named = named.chain(derived.iter().map(|d| (&d.to, d.cql)));
        let columns = named
            .map(|(name, ty)| {
                let place = |key: &[String]| key.iter().position(|k| k == name);
                let (kind, place) = match (place(partition), place(clustering)) {
                    (Some(at), _) => (CqlKind::Partition, at),
                    (None, Some(at)) => (CqlKind::ClusteringAsc, at),
                    (None, None) => (CqlKind::Regular, 0),
                };
                TargetColumn {
                    name: name.clone(),
                    ty,
                    kind,
                    place,
                }
            })
            .collect();
        TargetTable {
            name: name.into(),
            columns,
        }
    }

    /// Indexes of the partition key's columns, in key order.
    pub fn partition(&self) -> Vec<usize> {
        self.keyed(|k| k == CqlKind::Partition)
    }

    /// Indexes of the clustering columns, in order.
    pub fn clustering(&self) -> Vec<usize> {
        self.keyed(|k| matches!(k, CqlKind::ClusteringAsc | CqlKind::ClusteringDesc))
    }

    /// Indexes of the primary key's columns, in key order.
    pub fn primary(&self) -> Vec<usize> {
        let mut key = self.partition();
        key.extend(self.clustering());
        key
    }

    fn keyed(&self, role: impl Fn(CqlKind) -> bool) -> Vec<usize> {
        let all = 0..self.columns.len();
        let mut key: Vec<usize> = all.filter(|i| role(self.columns[*i].kind)).collect();
        key.sort_by_key(|i| self.columns[*i].place);
        key
    }
}
