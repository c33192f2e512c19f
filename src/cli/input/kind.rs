//! What a file is for, by its name; where that says nothing, its text tells.

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQL and PL/SQL.
    Source,
    /// Says something about the estate: dictionary exports, schedules, scripts, notes.
    Aux,
    /// The name does not tell.
    Unclear,
    /// Not of interest: logs, archives, pictures.
    Other,
}

const SOURCE: &[&str] = &[
    "sql", "pks", "pkb", "pls", "plb", "plsql", "prc", "prg", "proc", "fnc", "fun", "func", "trg",
    "trig", "vw", "view", "mv", "mvw", "ctl", "ddl", "dml", "tab", "tbl", "typ", "tps", "tpb",
    "pkg", "pck", "pkh", "spc", "spec", "bdy", "body", "seq", "syn", "idx", "ind", "con", "cons",
    "cst", "grt", "job", "jobs", "sqs", "pdc", "pkgs", "pkgb",
];

const AUX: &[&str] = &[
    "csv",
    "tsv",
    "toml",
    "md",
    "sh",
    "ksh",
    "bash",
    "csh",
    "bat",
    "cmd",
    "ps1",
    "xml",
    "json",
    "yaml",
    "yml",
    "properties",
    "par",
    "cron",
    "crontab",
    "ini",
    "cfg",
    "conf",
    "env",
];

const OTHER: &[&str] = &[
    "log", "lst", "bak", "tmp", "swp", "zip", "gz", "tar", "tgz", "jar", "class", "exe", "dll",
    "so", "dmp", "png", "jpg", "jpeg", "gif", "ico", "svg", "pdf", "doc", "docx", "xls", "xlsx",
    "ppt", "pptx", "html", "htm", "css", "js", "ts", "kt", "kts", "scala", "php", "lua", "swift",
    "r", "java", "py", "rb", "c", "h", "cpp", "rs", "go", "lock", "new",
];

/// The kind of a file by its name alone.
pub fn by_name(path: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if ["crontab", "readme", "makefile"]
        .iter()
        .any(|n| name.starts_with(n))
    {
        return Kind::Aux;
    }
    let Some((_, extension)) = name.rsplit_once('.') else {
        return Kind::Unclear;
    };
    let among = |list: &[&str]| list.contains(&extension);
    if among(SOURCE) {
        Kind::Source
    } else if among(AUX) {
        Kind::Aux
    } else if among(OTHER) {
        Kind::Other
    } else {
        Kind::Unclear
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        assert_eq!(by_name("a/b/PKG_SALES.PKB"), Kind::Source);
        assert_eq!(by_name("schedule/crontab"), Kind::Aux);
        assert_eq!(by_name("README"), Kind::Aux);
        assert_eq!(by_name("data/x.csv"), Kind::Aux);
        assert_eq!(by_name("x.png"), Kind::Other);
        assert_eq!(by_name("x.txt"), Kind::Unclear);
        assert_eq!(by_name("run_me"), Kind::Unclear);
    }
}
