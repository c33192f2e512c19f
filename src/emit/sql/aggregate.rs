//! Aggregate functions.

use super::Compiler;
use super::build::{Node, cast, count_star, distinct, function, unnest};
use super::decimal::{BARE_SCALE, Kind};
use super::env::Env;
use crate::emit::EmitError;
use crate::rel::{AggFunction, NamedAgg, Scalar};
use sqlparser::ast::Expr;

impl Compiler<'_> {
    /// Translates one aggregate.
    pub(super) fn aggregate(&self, agg: &NamedAgg, env: &Env<'_>) -> Result<Node, EmitError> {
        let Some(arg) = &agg.arg else {
            return Ok(Node::new(Expr::Function(count_star()), Kind::Integer));
        };
        let (name, arg, kind) = match agg.function {
            AggFunction::CountStar => {
                return Ok(Node::new(Expr::Function(count_star()), Kind::Integer));
            }
            AggFunction::Count => ("COUNT", self.scalar(arg, env)?, Kind::Integer),
            AggFunction::Sum => self.total("SUM", arg, env)?,
            AggFunction::Avg => self.total("AVG", arg, env)?,
            AggFunction::Min => self.extreme("MIN", arg, env)?,
            AggFunction::Max => self.extreme("MAX", arg, env)?,
            AggFunction::Listagg => return self.listagg(agg, arg, env),
        };
        let call = function(name, vec![unnest(arg.expr)]);
        let call = if agg.distinct { distinct(call) } else { call };
        Ok(Node::new(Expr::Function(call), kind))
    }

    fn extreme(
        &self,
        name: &'static str,
        arg: &Scalar,
        env: &Env<'_>,
    ) -> Result<(&'static str, Node, Kind), EmitError> {
        let node = self.scalar(arg, env)?;
        let kind = node.kind;
        Ok((name, node, kind))
    }

    /// SUM and AVG run over decimals only: the engines add integers up in the integer's own width, and
    /// average them to an integer.
    pub(super) fn total(
        &self,
        name: &'static str,
        arg: &Scalar,
        env: &Env<'_>,
    ) -> Result<(&'static str, Node, Kind), EmitError> {
        let node = self.numeric(arg, env)?;
        let oracle_scale = Kind::of(&arg.ty()).scale().unwrap_or(BARE_SCALE);
        let (node, scale) = match node.kind {
            Kind::Decimal(_, s) => (node, Some(s)),
            Kind::Double => (node, None),
            Kind::Integer => (self.as_decimal(node, 0), Some(0)),
            Kind::Number | Kind::Text | Kind::Timestamp(_) | Kind::Boolean | Kind::Other => {
                (self.as_decimal(node, oracle_scale), Some(oracle_scale))
            }
        };
        let scale = match name {
            "AVG" => scale.map(|s| s.max(6)),
            _ => scale,
        };
        if name == "AVG" {
            self.note("AVG keeps 6 digits after the point, or those of its argument if more; Oracle keeps about 38 significant ones.".into());
        }
        let kind = scale.map_or(Kind::Double, |s| Kind::Decimal(38, s));
        Ok((name, node, kind))
    }

    fn as_decimal(&self, node: Node, scale: u8) -> Node {
        let ty = self.dialect.decimal(38, scale);
        Node::new(cast(node.expr, ty), Kind::Decimal(38, scale))
    }

    fn listagg(&self, agg: &NamedAgg, arg: &Scalar, env: &Env<'_>) -> Result<Node, EmitError> {
        if !agg.order_by.is_empty() {
            return Err(
                self.unsupported("LISTAGG WITHIN GROUP (ORDER BY ..): the order would be lost")
            );
        }
        if agg.distinct {
            return Err(self.unsupported("LISTAGG(DISTINCT ..)"));
        }
        let text = self.textual(arg, env)?;
        let separator = agg.separator.as_deref().unwrap_or("");
        let expr = self
            .dialect
            .listagg(text, separator)
            .ok_or_else(|| self.unsupported("LISTAGG"))?;
        Ok(Node::new(expr, Kind::Text))
    }
}
