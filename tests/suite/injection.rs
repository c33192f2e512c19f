//! Names and comments that try to leave the place where they are written.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::{folder, run, snapshot};

/// One batch over tables whose names, columns and comments are hostile.
const ESTATE: &str = r#"
CREATE TABLE "Or'd$(touch pwned)" (
  "i`d" NUMBER(10) NOT NULL,
  "</script><b>" VARCHAR2(30),
  amount NUMBER(12,2),
  CONSTRAINT pk_x PRIMARY KEY ("i`d")
);
COMMENT ON TABLE "Or'd$(touch pwned)" IS 'x''); DROP TABLE y; -- $(touch pwned) `touch pwned` </script><script>alert(1)</script>
second line: {{evil}} *bold*';
COMMENT ON COLUMN "Or'd$(touch pwned)".amount IS '"; touch pwned; " \u0027 ''
- item: yes';
CREATE TABLE "R es;ult" ("</script><b>" VARCHAR2(30) NOT NULL, total NUMBER(14,2), CONSTRAINT pk_r PRIMARY KEY ("</script><b>"));
COMMENT ON TABLE "R es;ult" IS 'a */ b // c $$ d
e';
CREATE OR REPLACE PROCEDURE "run $(touch pwned)" IS
BEGIN
  DELETE FROM "R es;ult";
  INSERT INTO "R es;ult" ("</script><b>", total)
  SELECT s."</script><b>", SUM(s.amount) FROM "Or'd$(touch pwned)" s
   WHERE s."</script><b>" IS NOT NULL GROUP BY s."</script><b>";
END;
/
"#;

#[test]
fn nothing_is_injected_anywhere() {
    let tmp = folder(&[
        ("in/a.sql", ESTATE.as_bytes()),
        (
            "in/</script> $(touch pwned).sql"
                .replace("</script>", "script")
                .as_str(),
            b"SELECT 1 FROM dual;\n",
        ),
    ]);
    let (input, out) = (tmp.path().join("in"), tmp.path().join("out"));
    run([
        "migrate",
        input.to_str().expect("path"),
        "--out",
        out.to_str().expect("path"),
    ])
    .exits(0);
    for (name, bytes) in snapshot(&out) {
        let text = String::from_utf8(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        check(&name, &text);
    }
    check_scripts(&out);
}

fn check(name: &str, text: &str) {
    match name.rsplit('.').next().unwrap_or("") {
        "json" | "sarif" | "zpln" => {
            serde_json::from_str::<Value>(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "toml" => {
            toml::from_str::<toml::Table>(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "yaml" | "yml" => {
            serde_saphyr::from_multiple::<Value>(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "html" => check_html(name, text),
        "cql" | "sql" => check_sql(name, text),
        _ => {}
    }
}

/// Every script and every bold element is ours.
fn check_html(name: &str, text: &str) {
    let lower = text.to_lowercase();
    assert_eq!(
        lower.matches("<script").count(),
        lower.matches("</script").count(),
        "{name}"
    );
    assert!(!lower.contains("<script>alert"), "{name}");
    assert!(!text.contains("</script><b>"), "{name}");
}

/// Outside of quotes and comments, nothing of the comments' texts is left.
fn check_sql(name: &str, text: &str) {
    let code = outside_of_quotes(text);
    for word in ["touch pwned", "DROP TABLE y", "alert(1)", "second line"] {
        assert!(
            !code.contains(word),
            "{name} holds {word:?} as code:\n{code}"
        );
    }
}

/// The text without quoted parts and comments.
fn outside_of_quotes(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut i) = (String::new(), 0);
    while i < chars.len() {
        let pair = (chars[i], chars.get(i + 1).copied().unwrap_or(' '));
        i = match pair {
            (quote @ ('\'' | '"' | '`'), _) => until(&chars, i + 1, |c, k| c[k] == quote) + 1,
            ('-', '-') | ('/', '/') => until(&chars, i, |c, k| c[k] == '\n'),
            ('/', '*') => {
                until(&chars, i + 2, |c, k| {
                    c[k] == '*' && c.get(k + 1) == Some(&'/')
                }) + 2
            }
            (c, _) => {
                out.push(c);
                i + 1
            }
        };
    }
    out
}

fn until(chars: &[char], from: usize, end: impl Fn(&[char], usize) -> bool) -> usize {
    (from..chars.len())
        .find(|k| end(chars, *k))
        .unwrap_or(chars.len())
}

/// Shell scripts are valid, and running the one that makes topics runs nothing of the names.
fn check_scripts(out: &Path) {
    for script in ["start.sh", "kafka/topics.sh"] {
        let checked = Command::new("sh")
            .arg("-n")
            .arg(out.join(script))
            .output()
            .expect("sh");
        assert!(
            checked.status.success(),
            "{script}: {}",
            String::from_utf8_lossy(&checked.stderr)
        );
    }
    let bin = out.join("fake-bin");
    fs::create_dir(&bin).expect("folder");
    for tool in ["kafka-topics.sh", "kafka-configs.sh"] {
        let path = bin.join(tool);
        fs::write(&path, "#!/bin/sh\nexit 0\n").expect("tool");
        make_executable(&path);
    }
    let ran = Command::new("sh")
        .arg("kafka/topics.sh")
        .current_dir(out)
        .env("KAFKA_BIN", &bin)
        .output()
        .expect("sh");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(
        !out.join("pwned").exists() && !out.join("kafka/pwned").exists(),
        "a name was run"
    );
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) {}
