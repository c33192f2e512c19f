//! How a value that is fixed during a run, and not yet known, stands in a tree: `$PARAM('NAME')`.

use crate::rel::{DataType, Literal, Scalar};

/// Function of the placeholder; no function of Oracle has this name.
pub const PARAM: &str = "$PARAM";

/// The placeholder of a parameter or run-level variable.
pub fn param(name: &str, ty: DataType) -> Scalar {
    Scalar::Call {
        function: PARAM.into(),
        args: vec![Scalar::Literal(Literal::Text(name.into()))],
        ty,
    }
}

/// The parameter that a node stands for, if it is a placeholder.
pub fn as_param(s: &Scalar) -> Option<&str> {
    match s {
        Scalar::Call { function, args, .. } if function == PARAM => match args.as_slice() {
            [Scalar::Literal(Literal::Text(name))] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_recognised_and_nothing_else_is() {
        let p = param("P_DATE", DataType::Date);
        assert_eq!(as_param(&p), Some("P_DATE"));
        assert_eq!(p.ty(), DataType::Date);
        assert_eq!(
            as_param(&Scalar::Literal(Literal::Text("P_DATE".into()))),
            None
        );
        let other = Scalar::Call {
            function: "NVL".into(),
            args: vec![p],
            ty: DataType::Date,
        };
        assert_eq!(as_param(&other), None);
    }
}
