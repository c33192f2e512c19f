//! Functions with a syntax of their own.

use super::super::cx::{not_lowered, unsupported};
use super::{Low, Lowerer, types};
use crate::rel::Scalar;
use crate::source::Span;
use crate::syntax::ast::{Arg, Ident, List};

impl Lowerer<'_, '_> {
    pub(super) fn special(&mut self, span: Span, name: Ident, args: List<Arg>) -> Low<Scalar> {
        let name = self.view.ast().ident(name).to_string();
        let list: Vec<_> = self.view.ast().list(args).iter().map(|a| a.value).collect();
        match (name.as_str(), list.as_slice()) {
            ("TRIM", [x]) if self.plain_trim(span) => {
                let args = vec![self.expr(*x)?];
                let ty = types::function("TRIM", &args)
                    .unwrap_or(crate::rel::DataType::Varchar { length: 4000 });
                Ok(Scalar::Call {
                    function: "TRIM".into(),
                    args,
                    ty,
                })
            }
            ("TRIM", _) => Err(not_lowered(span, "TRIM of a character or of one side")),
            (other, _) => Err(unsupported(span, other)),
        }
    }

    /// `TRIM(x)` and `TRIM(BOTH FROM x)` trim blanks on both sides.
    fn plain_trim(&self, span: Span) -> bool {
        let text = self
            .view
            .src
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
            .to_ascii_uppercase();
        let word = |w: &str| {
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|t| t == w)
        };
        !word("LEADING") && !word("TRAILING")
    }
}
