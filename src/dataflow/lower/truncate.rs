//! TRUNCATE TABLE.

use super::super::cx::unknown_name;
use super::{Low, Lowerer};
use crate::catalog::model::Resolved;
use crate::rel::TableName;
use crate::syntax::ast::{Id, ObjectName};

impl Lowerer<'_, '_> {
    /// The table that is emptied.
    pub fn truncate(&mut self, name: Id<ObjectName>) -> Low<TableName> {
        let object = self.view.ast()[name];
        let parts = self.view.ast().parts(object.parts);
        match self.cx.resolver.table_named(&self.scope.schema, &parts) {
            Resolved::Known(t) => Ok(t),
            Resolved::Unknown(reason) => Err(unknown_name(
                self.span(self.view.ast().name_span(name)),
                reason,
            )),
        }
    }
}
