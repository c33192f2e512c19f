//! Oracle's single-row functions, one table of names. Sources: SQL Language Reference, chapter "Functions"; a
//! function that cannot be computed exactly refuses instead of guessing.

mod date;
mod general;
mod number;
mod number_format;
mod regex;
mod regexp;
mod text;

use super::{Nls, NumberError, Value};

/// Why a function gives no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Oracle raises an error: its number and text.
    Ora(u32, String),
    /// What cannot be computed here.
    Unsupported(String),
}

impl Fault {
    /// An Oracle error.
    pub fn ora(code: u32, message: impl Into<String>) -> Fault {
        Fault::Ora(code, message.into())
    }

    /// Something that is refused.
    pub fn unsupported(what: impl Into<String>) -> Fault {
        Fault::Unsupported(what.into())
    }
}

impl From<NumberError> for Fault {
    fn from(e: NumberError) -> Fault {
        let code = match e {
            NumberError::Overflow => 1426,
            NumberError::DivideByZero => 1476,
            NumberError::Invalid => 1722,
        };
        Fault::ora(code, e.to_string())
    }
}

/// What a function computes.
pub type Run = fn(&[Value], &Nls) -> Result<Value, Fault>;

/// What kind of value a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// NUMBER.
    Number,
    /// VARCHAR2.
    Text,
    /// DATE.
    Date,
    /// TIMESTAMP.
    Timestamp,
    /// RAW.
    Raw,
    /// The kind of its first argument.
    First,
    /// The kind of its second argument.
    Second,
}

/// A function.
pub struct Function {
    /// Oracle's name.
    pub name: &'static str,
    /// Fewest arguments.
    pub least: usize,
    /// Most arguments.
    pub most: usize,
    /// Kind of the result.
    pub gives: Gives,
    /// Computes it.
    pub run: Run,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Any number of arguments.
const MANY: usize = usize::MAX;

const fn f(name: &'static str, least: usize, most: usize, gives: Gives, run: Run) -> Function {
    Function {
        name,
        least,
        most,
        gives,
        run,
    }
}

use Gives::{Date, First, Number, Raw, Second, Text, Timestamp};

/// All functions, in order of name.
static FUNCTIONS: &[Function] = &[
    f("ABS", 1, 1, Number, number::abs),
    f("ADD_MONTHS", 2, 2, Date, date::add_months),
    f("ASCII", 1, 1, Number, text::ascii),
    f("BITAND", 2, 2, Number, number::bitand),
    f("CEIL", 1, 1, Number, number::ceil),
    f("CHR", 1, 1, Text, text::chr),
    f("COALESCE", 1, MANY, First, general::coalesce),
    f("CONCAT", 2, 2, Text, text::concat),
    f("EXTRACT_DAY", 1, 1, Number, date::extract_day),
    f("EXTRACT_HOUR", 1, 1, Number, date::extract_hour),
    f("EXTRACT_MINUTE", 1, 1, Number, date::extract_minute),
    f("EXTRACT_MONTH", 1, 1, Number, date::extract_month),
    f("EXTRACT_SECOND", 1, 1, Number, date::extract_second),
    f("EXTRACT_YEAR", 1, 1, Number, date::extract_year),
    f("FLOOR", 1, 1, Number, number::floor),
    f("GREATEST", 1, MANY, First, general::greatest),
    f("HEXTORAW", 1, 1, Raw, text::hextoraw),
    f("INITCAP", 1, 1, Text, text::initcap),
    f("INSTR", 2, 4, Number, text::instr),
    f("LAST_DAY", 1, 1, Date, date::last_day),
    f("LEAST", 1, MANY, First, general::least),
    f("LENGTH", 1, 1, Number, text::length),
    f("LENGTHB", 1, 1, Number, text::lengthb),
    f("LOWER", 1, 1, Text, text::lower),
    f("LPAD", 2, 3, Text, text::lpad),
    f("LTRIM", 1, 2, Text, text::ltrim),
    f("MOD", 2, 2, Number, number::modulo),
    f("MONTHS_BETWEEN", 2, 2, Number, date::months_between),
    f("NEXT_DAY", 2, 2, Date, date::next_day),
    f("NULLIF", 2, 2, First, general::nullif),
    f("NVL", 2, 2, First, general::nvl),
    f("NVL2", 3, 3, Second, general::nvl2),
    f("POWER", 2, 2, Number, number::power),
    f("RAWTOHEX", 1, 1, Text, text::rawtohex),
    f("REGEXP_COUNT", 2, 4, Number, regexp::count),
    f("REGEXP_INSTR", 2, 7, Number, regexp::instr),
    f("REGEXP_REPLACE", 2, 6, Text, regexp::replace),
    f("REGEXP_SUBSTR", 2, 6, Text, regexp::substr),
    f("REMAINDER", 2, 2, Number, number::remainder),
    f("REPLACE", 2, 3, Text, text::replace),
    f("REVERSE", 1, 1, Text, text::reverse),
    f("ROUND", 1, 2, First, general::round),
    f("RPAD", 2, 3, Text, text::rpad),
    f("RTRIM", 1, 2, Text, text::rtrim),
    f("SIGN", 1, 1, Number, number::sign),
    f("SQRT", 1, 1, Number, number::sqrt),
    f("SUBSTR", 2, 3, Text, text::substr),
    f("SUBSTRB", 2, 3, Text, text::substrb),
    f("TO_CHAR", 1, 3, Text, general::to_char),
    f("TO_CLOB", 1, 1, Text, text::to_clob),
    f("TO_DATE", 1, 3, Date, date::to_date),
    f("TO_NUMBER", 1, 3, Number, number::to_number),
    f("TO_TIMESTAMP", 1, 3, Timestamp, date::to_timestamp),
    f("TRANSLATE", 3, 3, Text, text::translate),
    f("TRIM", 1, 1, Text, text::trim),
    f("TRUNC", 1, 2, First, general::trunc),
    f("UPPER", 1, 1, Text, text::upper),
    f("WIDTH_BUCKET", 4, 4, Number, number::width_bucket),
];

impl Function {
    /// The function of this name, in upper case.
    pub fn find(name: &str) -> Option<&'static Function> {
        let at = FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok()?;
        FUNCTIONS.get(at)
    }

    /// Calls it.
    pub fn call(&self, args: &[Value], nls: &Nls) -> Result<Value, Fault> {
        if args.len() < self.least {
            return Err(Fault::ora(938, "not enough arguments for function"));
        }
        if args.len() > self.most {
            return Err(Fault::ora(939, "too many arguments for function"));
        }
        (self.run)(args, nls)
    }
}

pub use general::{decode, like};
pub use regexp::regexp_like;

#[cfg(test)]
mod tests;
