//! Constant numbers of days, exact: `1 / 24`, `0.5`, `1 - 1 / 86400`.

use crate::rel::{ArithOp, Literal, Scalar};

/// A fraction in lowest terms, with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ratio {
    pub num: i64,
    pub den: i64,
}

impl Ratio {
    pub const ZERO: Ratio = Ratio { num: 0, den: 1 };

    pub fn new(num: i64, den: i64) -> Option<Ratio> {
        if den == 0 || num == i64::MIN || den == i64::MIN {
            return None;
        }
        let g = gcd(num.unsigned_abs(), den.unsigned_abs());
        let g = i64::try_from(g.max(1)).ok()?;
        let sign = if den < 0 { -1 } else { 1 };
        Some(Ratio {
            num: sign * num / g,
            den: sign * den / g,
        })
    }

    pub fn whole(n: i64) -> Ratio {
        Ratio { num: n, den: 1 }
    }

    pub fn add(self, o: Ratio) -> Option<Ratio> {
        let left = self.num.checked_mul(o.den)?;
        let right = o.num.checked_mul(self.den)?;
        Ratio::new(left.checked_add(right)?, self.den.checked_mul(o.den)?)
    }

    pub fn sub(self, o: Ratio) -> Option<Ratio> {
        self.add(o.neg())
    }

    pub fn neg(self) -> Ratio {
        Ratio {
            num: -self.num,
            den: self.den,
        }
    }

    pub fn mul(self, o: Ratio) -> Option<Ratio> {
        Ratio::new(self.num.checked_mul(o.num)?, self.den.checked_mul(o.den)?)
    }

    pub fn div(self, o: Ratio) -> Option<Ratio> {
        Ratio::new(self.num.checked_mul(o.den)?, self.den.checked_mul(o.num)?)
    }

    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    pub fn integer(self) -> Option<i64> {
        (self.den == 1).then_some(self.num)
    }

    /// Nearest whole number, half up.
    pub fn round(self) -> Option<i64> {
        let twice = self.num.checked_mul(2)?.checked_add(self.den)?;
        Some(twice.div_euclid(self.den.checked_mul(2)?))
    }

    /// As an expression.
    pub fn scalar(self) -> Scalar {
        let number = |n: i64| Scalar::Literal(Literal::Number(n.to_string()));
        if self.den == 1 {
            return number(self.num);
        }
        Scalar::Arith {
            arith: ArithOp::Div,
            left: Box::new(number(self.num)),
            right: Box::new(number(self.den)),
        }
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The value of a constant expression.
pub(super) fn ratio(s: &Scalar) -> Option<Ratio> {
    if let Scalar::Literal(Literal::Number(n)) = s {
        return decimal(n);
    }
    if let Scalar::Negate { operand } = s {
        return Some(ratio(operand)?.neg());
    }
    let Scalar::Arith { arith, left, right } = s else {
        return None;
    };
    let (l, r) = (ratio(left)?, ratio(right)?);
    match arith {
        ArithOp::Add => l.add(r),
        ArithOp::Sub => l.sub(r),
        ArithOp::Mul => l.mul(r),
        ArithOp::Div => l.div(r),
    }
}

/// A decimal numeral without exponent.
fn decimal(text: &str) -> Option<Ratio> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > 12 || whole.len() > 12 {
        return None;
    }
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let den = 10i64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Ratio::new(sign * all.parse::<i64>().ok()?, den)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_fractions_are_exact() {
        assert_eq!(decimal("0.5"), Ratio::new(1, 2));
        assert_eq!(decimal("-1.25"), Ratio::new(-5, 4));
        assert_eq!(decimal(".25"), Ratio::new(1, 4));
        assert_eq!(decimal("1E5"), None);
        assert_eq!(decimal(""), None);
        let hour = Ratio::new(1, 24).unwrap();
        assert_eq!(hour.mul(Ratio::whole(24)), Some(Ratio::whole(1)));
        assert_eq!(Ratio::new(5, 2).unwrap().round(), Some(3));
        assert_eq!(Ratio::new(-1, 3).unwrap().round(), Some(0));
        assert_eq!(Ratio::new(1, 0), None);
    }
}
