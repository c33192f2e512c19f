//! DBMS_RANDOM: random numbers from a seed, the same on every run.

use super::super::code::Ex;
use super::super::stop::{Res, Stop};
use super::super::val::Val;
use super::{Env, Machine};
use crate::value::{Number, Value};

/// Digits of a random number.
const DIGITS: i32 = 18;

impl Machine<'_> {
    /// splitmix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `VALUE`, `VALUE(low, high)`: at least `low`, less than `high`.
    pub(super) fn random_value(&mut self, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let bound = 10u64.pow(DIGITS as u32);
        let unit = Number::new(i128::from(self.random() % bound), DIGITS)?;
        let [low, high] = args else {
            return Ok(Val::S(Value::Number(unit)));
        };
        let (low, high) = (self.value(low, env)?, self.value(high, env)?);
        let (Some(low), Some(high)) = (low.number()?, high.number()?) else {
            return Ok(Val::NULL);
        };
        let part = high.sub(&low)?.mul(&unit)?;
        Ok(Val::S(Value::Number(low.add(&part)?)))
    }

    /// `STRING(kind, length)`.
    pub(super) fn random_string(&mut self, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let [kind, length] = args else {
            return Err(Stop::missing("arguments of DBMS_RANDOM.STRING"));
        };
        let kind = self.value(kind, env)?.to_text(&self.nls)?;
        let length = self.index(length, env)?.clamp(0, 4000);
        let letters = match kind.unwrap_or_default().to_uppercase().as_str() {
            "L" => "abcdefghijklmnopqrstuvwxyz",
            "A" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "X" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            _ => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        };
        let letters = letters.as_bytes();
        let pick = |n: u64| char::from(letters[(n % letters.len() as u64) as usize]);
        let text: String = (0..length).map(|_| pick(self.random())).collect();
        Ok(Val::S(Value::text(text)))
    }
}
