//! Routines of built-in packages, by name.

use super::super::code::{Ex, Native};
use super::super::val::{Ty, Val};

/// Functions of DBMS_LOB, over texts.
pub(super) fn lob(words: &[&str]) -> Option<(&'static str, Ty)> {
    Some(match words {
        ["DBMS_LOB", "GETLENGTH"] => ("LENGTH", Ty::NUMBER),
        ["DBMS_LOB", "SUBSTR"] => ("SUBSTR", Ty::TEXT),
        ["DBMS_LOB", "INSTR"] => ("INSTR", Ty::NUMBER),
        _ => return None,
    })
}

/// DBMS_LOB.SUBSTR names the amount before the place; both may be left out.
pub(super) fn in_text_order(words: &[&str], mut args: Vec<Ex>) -> Vec<Ex> {
    if words.last() == Some(&"SUBSTR") {
        if args.len() == 2 {
            args.push(Ex::Const(Val::from(1)));
        }
        if args.len() == 3 {
            args.swap(1, 2);
        }
    }
    args
}

/// Built-in packages that are known, by name.
pub(super) fn native(words: &[&str]) -> Option<(Native, Ty)> {
    let words = match words {
        ["SYS", rest @ ..] => rest,
        all => all,
    };
    Some(match words {
        ["SQLERRM"] => (Native::SqlerrmOf, Ty::TEXT),
        ["RAISE_APPLICATION_ERROR"] => (Native::RaiseError, Ty::Unknown),
        ["NUMTODSINTERVAL"] => (Native::NumToDs, Ty::Ds),
        ["NUMTOYMINTERVAL"] => (Native::NumToYm, Ty::Ym),
        ["SYS_CONTEXT"] => (Native::SysContext, Ty::TEXT),
        ["LNNVL"] => (Native::Lnnvl, Ty::Bool),
        ["DBMS_OUTPUT", "PUT_LINE"] => (Native::PutLine, Ty::Unknown),
        ["DBMS_OUTPUT", "PUT"] => (Native::Put, Ty::Unknown),
        ["DBMS_OUTPUT", "NEW_LINE"] => (Native::NewLine, Ty::Unknown),
        ["UTL_FILE", "FOPEN"] => (Native::Fopen, Ty::File),
        ["UTL_FILE", "PUT_LINE"] => (Native::FputLine, Ty::Unknown),
        ["UTL_FILE", "PUT"] => (Native::Fput, Ty::Unknown),
        ["UTL_FILE", "NEW_LINE"] => (Native::FnewLine, Ty::Unknown),
        ["UTL_FILE", "GET_LINE"] => (Native::FgetLine, Ty::Unknown),
        ["UTL_FILE", "FCLOSE"] => (Native::Fclose, Ty::Unknown),
        ["UTL_FILE", "IS_OPEN"] => (Native::FisOpen, Ty::Bool),
        [
            "DBMS_ASSERT",
            "SIMPLE_SQL_NAME" | "QUALIFIED_SQL_NAME" | "SQL_OBJECT_NAME",
        ] => (Native::AssertName, Ty::TEXT),
        ["DBMS_ASSERT", "ENQUOTE_LITERAL"] => (Native::EnquoteLiteral, Ty::TEXT),
        ["DBMS_ASSERT", "NOOP"] => (Native::Noop, Ty::TEXT),
        [
            "DBMS_UTILITY",
            "FORMAT_ERROR_STACK" | "FORMAT_ERROR_BACKTRACE" | "FORMAT_CALL_STACK",
        ] => (Native::ErrorStack, Ty::TEXT),
        ["DBMS_OUTPUT", "ENABLE" | "DISABLE"]
        | ["UTL_FILE", "FFLUSH" | "FCLOSE_ALL"]
        | ["DBMS_APPLICATION_INFO", _]
        | ["DBMS_STATS", _]
        | ["DBMS_LOCK" | "DBMS_SESSION", "SLEEP"]
        | ["DBMS_RANDOM", "SEED" | "INITIALIZE" | "TERMINATE"]
        | ["DBMS_LOB", "FREETEMPORARY" | "CREATETEMPORARY"] => (Native::Nothing, Ty::Unknown),
        ["DBMS_RANDOM", "VALUE"] => (Native::RandomValue, Ty::NUMBER),
        ["DBMS_RANDOM", "STRING"] => (Native::RandomString, Ty::TEXT),
        _ => return None,
    })
}
