//! Utilities of an open corpus, which is no part of this repository, run with the results that their comments, names
//! and demonstrations state:
//!
//!     ORA2STREAM_CORPORA=DIR cargo test --test suite routines_of_the_corpora -- --ignored --nocapture
//!
//! DIR holds `alexandria`, a clone of mortenbra/alexandria-plsql-utils.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::programs::World;

const FILES: &[&str] = &[
    "setup/types.sql",
    "ora/string_util_pkg.pks",
    "ora/string_util_pkg.pkb",
    "ora/date_util_pkg.pks",
    "ora/date_util_pkg.pkb",
    "ora/math_util_pkg.pks",
    "ora/math_util_pkg.pkb",
    "ora/regexp_util_pkg.pks",
    "ora/regexp_util_pkg.pkb",
    "ora/validation_util_pkg.pks",
    "ora/validation_util_pkg.pkb",
    "ora/csv_util_pkg.pks",
    "ora/csv_util_pkg.pkb",
    "ora/uri_template_util_pkg.pks",
    "ora/uri_template_util_pkg.pkb",
    "ora/sql_builder_pkg.pks",
    "ora/sql_builder_pkg.pkb",
    "ora/gis_util_pkg.pks",
    "ora/gis_util_pkg.pkb",
];

/// Functions: routine, arguments, value.
const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("string_util_pkg.get_str", "'a %1 b %2', 'x', 2", "a x b 2"),
    ("string_util_pkg.get_str", "'%1'", "(blank)"),
    ("string_util_pkg.get_nth_token", "'a;b;c', 2", "b"),
    ("string_util_pkg.get_nth_token", "'a;b;c', 3", "c"),
    ("string_util_pkg.get_nth_token", "'a;b;c', 0", ""),
    ("string_util_pkg.get_token_count", "'a;b;c'", "3"),
    ("string_util_pkg.get_token_count", "NULL", "0"),
    ("string_util_pkg.str_to_num", "'12.5'", "12.5"),
    ("string_util_pkg.copy_str", "'abcdef', 2, 4", "bcd"),
    ("string_util_pkg.copy_str", "'abcdef', 3", "cdef"),
    ("string_util_pkg.del_str", "'abcdef', 2, 4", "aef"),
    (
        "string_util_pkg.get_param_value_from_list",
        "'param2', 'param1=value1;param2=value2;param3=value3'",
        "value2",
    ),
    ("string_util_pkg.remove_whitespace", "' a b  c '", "abc"),
    (
        "string_util_pkg.remove_whitespace",
        "'a   b  c', TRUE",
        "a b c",
    ),
    (
        "string_util_pkg.remove_non_numeric_chars",
        "'USD 1,200.50'",
        "1,200.50",
    ),
    ("string_util_pkg.remove_non_alpha_chars", "'a1-B2'", "aB"),
    ("string_util_pkg.is_str_alpha", "'abC'", "TRUE"),
    ("string_util_pkg.is_str_alpha", "'ab1'", "FALSE"),
    ("string_util_pkg.is_str_alphanumeric", "'ab1'", "TRUE"),
    ("string_util_pkg.is_str_alphanumeric", "'ab-1'", "FALSE"),
    ("string_util_pkg.is_str_empty", "NULL", "TRUE"),
    ("string_util_pkg.is_str_empty", "'x'", "FALSE"),
    ("string_util_pkg.is_str_number", "'-1.5'", "TRUE"),
    ("string_util_pkg.is_str_number", "'abc'", "FALSE"),
    ("string_util_pkg.is_str_integer", "'123'", "TRUE"),
    ("string_util_pkg.is_str_integer", "'12.3'", "FALSE"),
    ("string_util_pkg.short_str", "'abcdefghij', 6", "abc..."),
    ("string_util_pkg.short_str", "'abc', 6", "abc"),
    (
        "string_util_pkg.get_param_or_value",
        "'name=value'",
        "value",
    ),
    (
        "string_util_pkg.get_param_or_value",
        "'name=value', 'P'",
        "name",
    ),
    ("string_util_pkg.add_item_to_list", "'c', 'a;b'", "a;b;c"),
    ("string_util_pkg.add_item_to_list", "'a', NULL", "a"),
    ("string_util_pkg.str_to_bool", "'yes'", "TRUE"),
    ("string_util_pkg.str_to_bool", "'no'", "FALSE"),
    ("string_util_pkg.str_to_bool_str", "'true'", "Y"),
    (
        "string_util_pkg.get_pretty_str",
        "' order_line '",
        "Order Line",
    ),
    ("string_util_pkg.is_item_in_list", "'b', 'a;b;c'", "TRUE"),
    ("string_util_pkg.is_item_in_list", "'x', 'a;b;c'", "FALSE"),
    ("string_util_pkg.value_has_changed", "'a', NULL", "TRUE"),
    ("string_util_pkg.value_has_changed", "NULL, NULL", "FALSE"),
    (
        "string_util_pkg.concat_array",
        "t_str_array('a', NULL, 'b')",
        "a;b",
    ),
    (
        "string_util_pkg.multi_replace",
        "'this is my #COLOR# string (not only #COLOR# but also #SIZE#)', t_str_array('#COLOR#', '#SIZE#'), t_str_array('green', 'great')",
        "this is my green string (not only green but also great)",
    ),
    ("date_util_pkg.get_year", "DATE '2024-02-29'", "2024"),
    ("date_util_pkg.get_month", "DATE '2024-02-29'", "2"),
    ("date_util_pkg.get_days_in_month", "2024, 2", "29"),
    ("date_util_pkg.get_days_in_year", "2023", "365"),
    ("date_util_pkg.get_quarter", "11", "4"),
    (
        "date_util_pkg.get_days_in_period",
        "DATE '2024-01-10', DATE '2024-01-20', DATE '2024-01-15', DATE '2024-02-01'",
        "5",
    ),
    (
        "date_util_pkg.is_period_in_range",
        "2024, 2, 2023, 12, 2024, 3",
        "TRUE",
    ),
    (
        "date_util_pkg.fmt_time",
        "1.5",
        "1 days, 12 hours, 0 minutes",
    ),
    (
        "date_util_pkg.fmt_time",
        "DATE '2024-01-01', DATE '2024-01-03'",
        "2 days",
    ),
    ("date_util_pkg.fmt_date", "DATE '2024-02-29'", "29.02.2024"),
    (
        "date_util_pkg.fmt_datetime",
        "TO_DATE('2024-02-29 13:45', 'YYYY-MM-DD HH24:MI')",
        "29.02.2024 13:45",
    ),
    ("math_util_pkg.safediv", "1, 0", "0"),
    ("math_util_pkg.safediv", "10, 4", "2.5"),
    ("math_util_pkg.get_fnum", "1.005", "1.01"),
    (
        "math_util_pkg.is_within_pct_of_value",
        "90, 100, 10",
        "TRUE",
    ),
    (
        "math_util_pkg.is_within_pct_of_value",
        "110, 100, 10",
        "TRUE",
    ),
    (
        "math_util_pkg.is_within_pct_of_value",
        "111, 100, 10",
        "FALSE",
    ),
    (
        "validation_util_pkg.is_valid_email",
        "'someone@somewhere.net'",
        "TRUE",
    ),
    ("validation_util_pkg.is_valid_email", "'someone'", "FALSE"),
    ("validation_util_pkg.is_valid_email", "'someone@'", "FALSE"),
    (
        "validation_util_pkg.is_valid_email",
        "'someone@sdfsdf'",
        "FALSE",
    ),
    (
        "validation_util_pkg.is_valid_email",
        "'someone@sfdsf.safdsfsf'",
        "FALSE",
    ),
    (
        "validation_util_pkg.is_valid_email2",
        "'someone@dsfsfd.sdf;sdfsfs'",
        "FALSE",
    ),
    (
        "validation_util_pkg.is_valid_email_list",
        "'user1@somewhere.net;user2@somewhere.net'",
        "TRUE",
    ),
    (
        "validation_util_pkg.is_valid_email_list",
        "'sdfsff dsfsfsdfs ; sdfsf @'",
        "FALSE",
    ),
    (
        "csv_util_pkg.array_to_csv",
        "t_str_array('260', 'Acorn Oil & Gas', 'EXT')",
        "260,Acorn Oil & Gas,EXT",
    ),
    (
        "csv_util_pkg.array_to_csv",
        "t_str_array('a,b', 'c\"d')",
        "\"a,b\",\"c\"\"d\"",
    ),
    (
        "csv_util_pkg.get_array_value",
        "csv_util_pkg.csv_to_array('10,SMITH,CLERK,\"1200,50\"'), 2",
        "SMITH",
    ),
    (
        "csv_util_pkg.csv_to_array",
        "'10,SMITH,CLERK,\"1200,50\"')(4",
        "1200,50",
    ),
    (
        "uri_template_util_pkg.expand",
        "'/employees/{department}/{id}', t_str_array('Accounting', '1234')",
        "/employees/Accounting/1234",
    ),
    (
        "uri_template_util_pkg.match",
        "'/employees/Accounting/1234', t_str_array('/employees/{department}/list', '/employees/{department}/{id}', '/employees/{id}')",
        "/employees/{department}/{id}",
    ),
];

/// Dates: routine, arguments, value.
const DATES: &[(&str, &str, &str)] = &[
    ("date_util_pkg.get_start_date_year", "2024", "2024-01-01"),
    (
        "date_util_pkg.get_start_date_year",
        "DATE '2024-02-29'",
        "2024-01-01",
    ),
    ("date_util_pkg.get_end_date_year", "2024", "2024-12-31"),
    (
        "date_util_pkg.get_start_date_month",
        "2024, 2",
        "2024-02-01",
    ),
    (
        "date_util_pkg.get_start_date_month",
        "DATE '2024-02-29'",
        "2024-02-01",
    ),
    ("date_util_pkg.get_end_date_month", "2024, 2", "2024-02-29"),
    ("string_util_pkg.parse_date", "'31.12.2024'", "2024-12-31"),
    ("string_util_pkg.parse_date", "'31/12/24'", "2024-12-31"),
    (
        "string_util_pkg.parse_date",
        "'2024-12-31T10:00:00.000Z'",
        "2024-12-31",
    ),
];

/// Blocks: routines, code, what is printed.
const BLOCKS: &[(&str, &str, &[&str])] = &[
    (
        "string_util_pkg.add_token",
        "DECLARE t VARCHAR2(100); BEGIN string_util_pkg.add_token(t, 'a'); string_util_pkg.add_token(t, 'b'); dbms_output.put_line(t); END;",
        &["a;b"],
    ),
    (
        "string_util_pkg.split_str",
        "BEGIN FOR r IN (SELECT column_value v FROM TABLE(string_util_pkg.split_str('CLOSED,IN PROGRESS,REJECTED', ','))) LOOP dbms_output.put_line(r.v); END LOOP; END;",
        &["CLOSED", "IN PROGRESS", "REJECTED"],
    ),
    (
        "string_util_pkg.join_str",
        "DECLARE c SYS_REFCURSOR; BEGIN OPEN c FOR SELECT column_value FROM TABLE(t_str_array('x', 'y')); dbms_output.put_line(string_util_pkg.join_str(c)); END;",
        &["x;y"],
    ),
    (
        "string_util_pkg.randomize_array",
        "DECLARE a t_str_array := t_str_array('one', 'two', 'three'); BEGIN a := string_util_pkg.randomize_array(a); dbms_output.put_line(a.COUNT); END;",
        &["3"],
    ),
    (
        "date_util_pkg.explode_month",
        "DECLARE n NUMBER := 0; l DATE; BEGIN FOR r IN (SELECT * FROM TABLE(date_util_pkg.explode_month(2011, 2))) LOOP n := n + 1; l := r.the_date; END LOOP; dbms_output.put_line(n || ' ' || TO_CHAR(l, 'YYYY-MM-DD')); END;",
        &["28 2011-02-28"],
    ),
    (
        "regexp_util_pkg.match",
        "BEGIN FOR r IN (SELECT column_value v FROM TABLE(regexp_util_pkg.match('a1 b22', '[0-9]+'))) LOOP dbms_output.put_line(r.v); END LOOP; END;",
        &["1", "22"],
    ),
    (
        "uri_template_util_pkg.parse",
        "DECLARE v uri_template_util_pkg.t_dictionary; n VARCHAR2(255); BEGIN v := uri_template_util_pkg.parse('/employees/{department}/{id}', '/employees/Accounting/1234'); n := v.FIRST; WHILE n IS NOT NULL LOOP dbms_output.put_line(n || ' = ' || v(n)); n := v.NEXT(n); END LOOP; END;",
        &["department = Accounting", "id = 1234"],
    ),
    (
        "sql_builder_pkg.get_sql",
        "DECLARE q sql_builder_pkg.t_query; s VARCHAR2(32000); BEGIN sql_builder_pkg.add_select(q, 'ename'); sql_builder_pkg.add_select(q, 'sal'); sql_builder_pkg.add_from(q, 'emp'); sql_builder_pkg.add_where(q, 'sal > :p_sal'); s := sql_builder_pkg.get_sql(q); dbms_output.put_line(LOWER(REGEXP_REPLACE(s, '[[:space:]]+', ' '))); END;",
        &["select ename, sal from emp where sal > :p_sal"],
    ),
];

#[test]
#[ignore = "needs a corpus: ORA2STREAM_CORPORA=DIR cargo test --test suite routines_of_the_corpora -- --ignored --nocapture"]
fn routines_of_the_corpora_give_what_they_document() {
    let root = std::env::var("ORA2STREAM_CORPORA").expect("ORA2STREAM_CORPORA names the folder");
    let texts: Vec<(String, String)> = FILES
        .iter()
        .map(|f| {
            let bytes = fs::read(Path::new(&root).join("alexandria").join(f)).expect(f);
            (
                (*f).to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        })
        .collect();
    let world = World::new(&texts);
    let mut good: BTreeSet<&str> = BTreeSet::new();
    let mut bad: BTreeSet<&str> = BTreeSet::new();
    let mut tell = |routine: &'static str, call: &str, found: &str, wanted: &str| {
        if found == wanted {
            good.insert(routine);
        } else {
            println!("{call}: {found}, not {wanted}");
            bad.insert(routine);
        }
    };
    for (routine, args, wanted) in FUNCTIONS {
        let call = format!("{routine}({args})");
        let found = world.value(&call, matches!(*wanted, "TRUE" | "FALSE"));
        tell(routine, &call, &found, wanted);
    }
    for (routine, args, wanted) in DATES {
        let call = format!("TO_CHAR({routine}({args}), 'YYYY-MM-DD')");
        tell(routine, &call, &world.value(&call, false), wanted);
    }
    for (routine, block, wanted) in BLOCKS {
        let found = match world.prints(block) {
            Ok(lines) => lines.join("\n"),
            Err(stop) => format!("{stop:?}"),
        };
        tell(routine, block, &found, &wanted.join("\n"));
    }
    let passed = good.difference(&bad).count();
    println!("{passed} routines as documented, {} not", bad.len());
    assert!(passed >= 40, "{passed}");
}
