//! DELETE: for which rows.

use super::{Low, Lowerer};
use crate::rel::{Scalar, TableName};
use crate::syntax::ast::{Expr, FromItem, Id};

impl Lowerer<'_, '_> {
    /// DELETE from one table: the relation of its columns, and the condition.
    pub fn delete(
        &mut self,
        target: Id<FromItem>,
        where_: Option<Id<Expr>>,
    ) -> Low<(TableName, String, Option<Scalar>)> {
        let table = self.target_table(target)?;
        let alias = self.show_target(target, table);
        let predicate = where_.map(|w| self.expr(w)).transpose()?;
        Ok((table.name.clone(), alias, predicate))
    }
}
