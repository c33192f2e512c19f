//! Names that Oracle itself provides: packages and the functions and pseudo-columns of SQL and of package STANDARD.
//! Knows names only; what they compute is data in rules/functions.

/// Packages whose names do not start with one of [`PREFIXES`].
const PACKAGES: &[&str] = &[
    "APEX_UTIL",
    "CTX_DDL",
    "CTX_DOC",
    "CTX_QUERY",
    "HTF",
    "HTP",
    "ORA_EVENT_FUNCTIONS",
    "OWA",
    "OWA_UTIL",
    "SDO_GEOM",
    "SDO_UTIL",
    "STANDARD",
    "XMLDOM",
    "XMLPARSER",
];

const PREFIXES: &[&str] = &["DBMS_", "UTL_", "APEX_", "OWA_", "CTX_", "SDO_", "ORA_"];

/// Functions, pseudo-columns and procedures without a package. Sorted: looked up by binary search.
const FUNCTIONS: &[&str] = &[
    "ABS",
    "ACOS",
    "ADD_MONTHS",
    "ANY_VALUE",
    "APPROX_COUNT_DISTINCT",
    "ASCII",
    "ASCIISTR",
    "ASIN",
    "ATAN",
    "ATAN2",
    "AVG",
    "BFILENAME",
    "BIN_TO_NUM",
    "BITAND",
    "BITOR",
    "BITXOR",
    "CARDINALITY",
    "CAST",
    "CEIL",
    "CHARTOROWID",
    "CHR",
    "CLUSTER_ID",
    "COALESCE",
    "COLLECT",
    "COLUMN_VALUE",
    "COMPOSE",
    "CONCAT",
    "CONNECT_BY_ISCYCLE",
    "CONNECT_BY_ISLEAF",
    "CONVERT",
    "CORR",
    "COS",
    "COSH",
    "COUNT",
    "COVAR_POP",
    "COVAR_SAMP",
    "CUME_DIST",
    "CURRENT_DATE",
    "CURRENT_TIMESTAMP",
    "DBTIMEZONE",
    "DECODE",
    "DECOMPOSE",
    "DENSE_RANK",
    "DEREF",
    "DUMP",
    "EMPTY_BLOB",
    "EMPTY_CLOB",
    "EXISTSNODE",
    "EXP",
    "EXTRACT",
    "EXTRACTVALUE",
    "FIRST_VALUE",
    "FLOOR",
    "FROM_TZ",
    "GREATEST",
    "GROUPING",
    "GROUPING_ID",
    "GROUP_ID",
    "HEXTORAW",
    "INITCAP",
    "INSTR",
    "INSTRB",
    "INSTRC",
    "ITERATION_NUMBER",
    "JSON_ARRAY",
    "JSON_ARRAYAGG",
    "JSON_EXISTS",
    "JSON_OBJECT",
    "JSON_OBJECTAGG",
    "JSON_QUERY",
    "JSON_TABLE",
    "JSON_VALUE",
    "KURTOSIS_POP",
    "LAG",
    "LAST_DAY",
    "LAST_VALUE",
    "LEAD",
    "LEAST",
    "LENGTH",
    "LENGTHB",
    "LENGTHC",
    "LEVEL",
    "LISTAGG",
    "LN",
    "LNNVL",
    "LOCALTIMESTAMP",
    "LOG",
    "LOWER",
    "LPAD",
    "LTRIM",
    "MAKE_REF",
    "MAX",
    "MEDIAN",
    "MIN",
    "MOD",
    "MONTHS_BETWEEN",
    "NANVL",
    "NCHR",
    "NEW_TIME",
    "NEXT_DAY",
    "NLSSORT",
    "NLS_CHARSET_ID",
    "NLS_CHARSET_NAME",
    "NLS_INITCAP",
    "NLS_LOWER",
    "NLS_UPPER",
    "NTH_VALUE",
    "NTILE",
    "NULLIF",
    "NUMTODSINTERVAL",
    "NUMTOYMINTERVAL",
    "NVL",
    "NVL2",
    "OBJECT_ID",
    "OBJECT_VALUE",
    "ORA_HASH",
    "ORA_INVOKING_USER",
    "ORA_ROWSCN",
    "PERCENTILE_CONT",
    "PERCENTILE_DISC",
    "PERCENT_RANK",
    "POWER",
    "PRESENTNNV",
    "PRESENTV",
    "PREVIOUS",
    "RAISE_APPLICATION_ERROR",
    "RANK",
    "RATIO_TO_REPORT",
    "RAWTOHEX",
    "RAWTONHEX",
    "REF",
    "REFTOHEX",
    "REGEXP_COUNT",
    "REGEXP_INSTR",
    "REGEXP_LIKE",
    "REGEXP_REPLACE",
    "REGEXP_SUBSTR",
    "REGR_AVGX",
    "REGR_AVGY",
    "REGR_COUNT",
    "REGR_INTERCEPT",
    "REGR_R2",
    "REGR_SLOPE",
    "REMAINDER",
    "REPLACE",
    "ROUND",
    "ROWID",
    "ROWIDTOCHAR",
    "ROWNUM",
    "ROW_NUMBER",
    "RPAD",
    "RTRIM",
    "SCN_TO_TIMESTAMP",
    "SESSIONTIMEZONE",
    "SIGN",
    "SIN",
    "SINH",
    "SOUNDEX",
    "SQL",
    "SQLCODE",
    "SQLERRM",
    "SQRT",
    "STANDARD_HASH",
    "STATS_MODE",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "SUBSTR",
    "SUBSTRB",
    "SUBSTRC",
    "SUM",
    "SYSDATE",
    "SYSTIMESTAMP",
    "SYS_AT_TIME_ZONE",
    "SYS_CONNECT_BY_PATH",
    "SYS_CONTEXT",
    "SYS_EXTRACT_UTC",
    "SYS_GUID",
    "SYS_XMLAGG",
    "SYS_XMLGEN",
    "TABLE",
    "TAN",
    "TANH",
    "TIMESTAMP_TO_SCN",
    "TO_BINARY_DOUBLE",
    "TO_BINARY_FLOAT",
    "TO_BLOB",
    "TO_BOOLEAN",
    "TO_CHAR",
    "TO_CLOB",
    "TO_DATE",
    "TO_DSINTERVAL",
    "TO_LOB",
    "TO_MULTI_BYTE",
    "TO_NCHAR",
    "TO_NCLOB",
    "TO_NUMBER",
    "TO_SINGLE_BYTE",
    "TO_TIMESTAMP",
    "TO_TIMESTAMP_TZ",
    "TO_YMINTERVAL",
    "TRANSLATE",
    "TREAT",
    "TRIM",
    "TRUNC",
    "TZ_OFFSET",
    "UID",
    "UNISTR",
    "UPPER",
    "USER",
    "USERENV",
    "VALIDATE_CONVERSION",
    "VALUE",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
    "VSIZE",
    "WIDTH_BUCKET",
    "XMLAGG",
    "XMLATTRIBUTES",
    "XMLCAST",
    "XMLCDATA",
    "XMLCOMMENT",
    "XMLCONCAT",
    "XMLELEMENT",
    "XMLEXISTS",
    "XMLFOREST",
    "XMLPARSE",
    "XMLPI",
    "XMLQUERY",
    "XMLROOT",
    "XMLSEQUENCE",
    "XMLSERIALIZE",
    "XMLTABLE",
    "XMLTRANSFORM",
    "XMLTYPE",
];

/// Exceptions of package STANDARD.
const EXCEPTIONS: &[&str] = &[
    "ACCESS_INTO_NULL",
    "CASE_NOT_FOUND",
    "COLLECTION_IS_NULL",
    "CURSOR_ALREADY_OPEN",
    "DUP_VAL_ON_INDEX",
    "INVALID_CURSOR",
    "INVALID_NUMBER",
    "LOGIN_DENIED",
    "NOT_LOGGED_ON",
    "NO_DATA_FOUND",
    "NO_DATA_NEEDED",
    "OTHERS",
    "PROGRAM_ERROR",
    "ROWTYPE_MISMATCH",
    "SELF_IS_NULL",
    "STORAGE_ERROR",
    "SUBSCRIPT_BEYOND_COUNT",
    "SUBSCRIPT_OUTSIDE_LIMIT",
    "SYS_INVALID_ROWID",
    "TIMEOUT_ON_RESOURCE",
    "TOO_MANY_ROWS",
    "VALUE_ERROR",
    "ZERO_DIVIDE",
];

/// A package that Oracle ships (canonical name, without `SYS.`).
pub fn is_builtin_package(name: &str) -> bool {
    PREFIXES.iter().any(|p| name.starts_with(p)) || PACKAGES.contains(&name)
}

/// A function, pseudo-column or procedure that needs no package (canonical name).
pub fn is_builtin_function(name: &str) -> bool {
    FUNCTIONS.binary_search(&name).is_ok()
}

/// A view of Oracle's data dictionary (canonical name without schema).
pub fn is_dictionary_view(name: &str) -> bool {
    const OF: &[&str] = &[
        "ALL_TABLES",
        "ARGUMENTS",
        "COL_COMMENTS",
        "CONSTRAINTS",
        "CONS_COLUMNS",
        "DB_LINKS",
        "DEPENDENCIES",
        "DIRECTORIES",
        "ERRORS",
        "EXTENTS",
        "INDEXES",
        "IND_COLUMNS",
        "IND_PARTITIONS",
        "JOBS",
        "JOBS_RUNNING",
        "LOBS",
        "MVIEWS",
        "OBJECTS",
        "PART_TABLES",
        "PROCEDURES",
        "ROLE_PRIVS",
        "SCHEDULER_JOBS",
        "SCHEDULER_JOB_LOG",
        "SCHEDULER_JOB_RUN_DETAILS",
        "SCHEDULER_RUNNING_JOBS",
        "SEGMENTS",
        "SEQUENCES",
        "SOURCE",
        "SYNONYMS",
        "SYS_PRIVS",
        "TABLES",
        "TABLESPACES",
        "TAB_COLS",
        "TAB_COLUMNS",
        "TAB_COMMENTS",
        "TAB_COL_STATISTICS",
        "TAB_MODIFICATIONS",
        "TAB_PARTITIONS",
        "TAB_PRIVS",
        "TAB_STATISTICS",
        "TAB_SUBPARTITIONS",
        "TRIGGERS",
        "TYPES",
        "USERS",
        "VIEWS",
    ];
    let of = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| OF.contains(&rest))
    };
    name.starts_with("V$")
        || name.starts_with("GV$")
        || name.starts_with("V_$")
        || name.starts_with("DBA_")
        || of("USER_")
        || of("ALL_")
        || matches!(
            name,
            "TAB" | "COLS" | "CAT" | "SESSION_PRIVS" | "SESSION_ROLES" | "NLS_SESSION_PARAMETERS"
        )
}

/// A predefined exception.
pub fn is_builtin_exception(name: &str) -> bool {
    EXCEPTIONS.binary_search(&name).is_ok()
}

/// Methods of collections.
pub fn is_collection_method(name: &str) -> bool {
    matches!(
        name,
        "COUNT"
            | "FIRST"
            | "LAST"
            | "NEXT"
            | "PRIOR"
            | "EXISTS"
            | "EXTEND"
            | "DELETE"
            | "TRIM"
            | "LIMIT"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_binary_search() {
        assert!(
            FUNCTIONS.windows(2).all(|w| w[0] < w[1]),
            "{:?}",
            FUNCTIONS.windows(2).find(|w| w[0] >= w[1])
        );
        assert!(EXCEPTIONS.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn own_names_are_not_taken_for_oracles() {
        assert!(is_builtin_package("DBMS_OUTPUT") && is_builtin_package("UTL_FILE"));
        assert!(!is_builtin_package("SALES_PKG") && !is_builtin_function("LOAD_DAILY_SALES"));
        assert!(is_builtin_function("NVL") && is_builtin_exception("NO_DATA_FOUND"));
    }
}
