use super::*;

fn file(path: &str, text: &str) -> OutFile {
    OutFile {
        path: path.into(),
        contents: text.into(),
        executable: false,
        volatile: false,
    }
}

fn write(dir: &Path, files: &[OutFile], scope: Scope) -> Result<Written, Failure> {
    OutputDir::prepare(dir, false)?.write(files, scope)
}

fn text(dir: &Path, path: &str) -> Option<String> {
    fs::read_to_string(dir.join(path)).ok()
}

/// Every file with its contents, our records included.
fn snapshot(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut names = Vec::new();
    list(dir, "", &mut names).expect("list");
    names.push(format!("{FOLDER}/manifest.json"));
    let read = |n: String| {
        let bytes = fs::read(dir.join(&n)).expect("read");
        (n, bytes)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn a_second_run_changes_nothing_and_stale_files_go() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path().join("a/out");
    let files = [
        file("plan.json", "1"),
        file("kafka/topics.sh", "2"),
        file("report/x", "3"),
    ];
    write(&dir, &files, Scope::Everything).expect("first");
    let first = snapshot(&dir);
    write(&dir, &files, Scope::Everything).expect("second");
    assert_eq!(snapshot(&dir), first);
    let written = write(&dir, &files[..1], Scope::Everything).expect("third");
    assert_eq!(written.removed, ["kafka/topics.sh", "report/x"]);
    assert!(!dir.join("kafka").exists());
    assert!(!dir.join(FOLDER).join("tmp").exists());
}

#[test]
fn scopes_leave_the_other_part_alone() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    let both = [file("a", "1"), file("report/x", "2")];
    write(dir, &both, Scope::Everything).expect("first");
    write(dir, &[file("b", "3")], Scope::AllButReport).expect("generate");
    assert_eq!(
        (text(dir, "a"), text(dir, "report/x")),
        (None, Some("2".into()))
    );
    write(dir, &[file("report/y", "4")], Scope::Report).expect("analyze");
    assert_eq!(
        (text(dir, "b"), text(dir, "report/x")),
        (Some("3".into()), None)
    );
    write(dir, &[file("c", "5")], Scope::Part).expect("only");
    assert_eq!(
        (text(dir, "b"), text(dir, "report/y")),
        (Some("3".into()), Some("4".into()))
    );
}

#[test]
fn edits_are_kept_and_the_new_text_stands_beside() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    write(dir, &[file("a", "1"), file("b", "1")], Scope::Everything).expect("first");
    fs::write(dir.join("a"), "mine").expect("edit");
    let written = write(dir, &[file("a", "2"), file("b", "2")], Scope::Everything).expect("second");
    assert_eq!(written.edited, ["a"]);
    assert_eq!(written.findings()[0].code, Code::OutputEdited);
    let texts = [text(dir, "a"), text(dir, "a.new"), text(dir, "b")];
    assert_eq!(texts, ["mine", "2", "2"].map(|t| Some(t.to_string())));
    // A stale file that was edited stays, and stays known.
    write(dir, &[file("b", "2")], Scope::Everything).expect("third");
    assert_eq!(
        (text(dir, "a"), text(dir, "a.new")),
        (Some("mine".into()), None)
    );
    write(dir, &[file("a", "mine"), file("b", "2")], Scope::Everything).expect("merged");
    assert!(!dir.join("a.new").exists());
}

#[test]
fn foreign_files_are_refused_and_never_overwritten() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    fs::create_dir(dir.join("docs")).expect("dir");
    fs::write(dir.join("docs/notes"), "mine").expect("file");
    fs::write(dir.join("plan.json"), "mine").expect("file");
    let failure = write(dir, &[file("plan.json", "1")], Scope::Everything).expect_err("foreign");
    assert_eq!(
        (failure.findings[0].code, failure.exit as u8),
        (Code::ForeignOutput, 2)
    );
    assert!(
        !dir.join(FOLDER).exists(),
        "nothing is touched by a refusal"
    );
    let forced = OutputDir::prepare(dir, true).expect("forced");
    let written = forced
        .write(&[file("plan.json", "1")], Scope::Everything)
        .expect("beside");
    assert_eq!(written.edited, ["plan.json"]);
    assert_eq!(text(dir, "plan.json").as_deref(), Some("mine"));
    assert_eq!(text(dir, "docs/notes").as_deref(), Some("mine"));
}

#[test]
fn what_runs_leave_behind_is_not_foreign() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    let files = [file("backfill/orders.toml", "1")];
    write(dir, &files, Scope::Everything).expect("first");
    let leave = |path: &str| {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, "x").expect("left");
    };
    leave("backfill/orders.state/manifest.jsonl");
    leave("backfill/__pycache__/orders.pyc");
    write(dir, &files, Scope::Everything).expect("again");
    assert!(dir.join("backfill/orders.state/manifest.jsonl").exists());
    leave("backfill/other.state/manifest.jsonl");
    let failure = write(dir, &files, Scope::Everything).expect_err("foreign");
    assert_eq!(failure.findings[0].code, Code::ForeignOutput);
}

#[test]
fn paths_out_of_the_folder_are_refused() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path().join("out");
    for path in [
        "../x",
        "/etc/x",
        "a/../../x",
        "",
        "a\nb",
        ".ora2stream/manifest.json",
    ] {
        let failure = write(&dir, &[file(path, "1")], Scope::Everything).expect_err(path);
        assert_eq!(failure.findings[0].code, Code::EmitUnsupported);
    }
    let twice = [file("A.sql", "1"), file("a.sql", "2")];
    assert!(write(&dir, &twice, Scope::Everything).is_err());
    assert!(!dir.exists());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_folder() {
    let tmp = tempfile::tempdir().expect("tmp");
    let (dir, other) = (tmp.path().join("out"), tmp.path().join("other"));
    fs::create_dir(&other).expect("dir");
    write(&dir, &[file("a", "1")], Scope::Everything).expect("first");
    std::os::unix::fs::symlink(&other, dir.join("kafka")).expect("link");
    let forced = OutputDir::prepare(&dir, true).expect("forced");
    assert!(
        forced
            .write(&[file("kafka/x", "1")], Scope::Everything)
            .is_err()
    );
    assert!(!other.join("x").exists());
}

#[test]
fn a_failing_write_leaves_everything_as_it_was() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path().join("new/out");
    // A name that no file system takes fails after others were staged.
    let too_long = "x".repeat(5000);
    let failure = write(
        &dir,
        &[file("a", "1"), file(&format!("{too_long}/y"), "2")],
        Scope::Everything,
    );
    assert_eq!(failure.expect_err("too long").exit as u8, 5);
    assert!(!tmp.path().join("new").exists());
    write(&dir, &[file("a", "1")], Scope::Everything).expect("first");
    let before = snapshot(&dir);
    assert!(
        write(
            &dir,
            &[file("a", "2"), file(&format!("{too_long}/y"), "2")],
            Scope::Everything
        )
        .is_err()
    );
    assert_eq!(snapshot(&dir), before);
}

#[test]
fn a_locked_folder_is_refused() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    write(dir, &[file("a", "1")], Scope::Everything).expect("first");
    let lock = fs::File::create(dir.join(FOLDER).join("lock")).expect("lock file");
    lock.lock().expect("lock");
    let failure = write(dir, &[file("a", "2")], Scope::Everything).expect_err("locked");
    assert_eq!(
        (failure.findings[0].code, failure.exit as u8),
        (Code::OutputLocked, 2)
    );
    assert_eq!(text(dir, "a").as_deref(), Some("1"));
}

#[test]
fn files_that_a_killed_run_had_written_are_ours() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    write(dir, &[file("a", "1")], Scope::Everything).expect("first");
    // As if killed after renaming and before the last manifest.
    let mut manifest = Manifest::read(dir).expect("valid").expect("there");
    manifest.pending.insert("a".into(), Some(hash(b"2")));
    manifest.pending.insert("b".into(), Some(hash(b"2")));
    fs::write(dir.join(FOLDER).join("manifest.json"), manifest.to_json()).expect("manifest");
    fs::write(dir.join("a"), "2").expect("file");
    fs::write(dir.join("b"), "2").expect("file");
    let written = write(dir, &[file("a", "3")], Scope::Everything).expect("next");
    assert_eq!(
        (written.edited.len(), written.removed.as_slice()),
        (0, &["b".to_string()][..])
    );
}

#[test]
fn volatile_files_are_never_taken_for_edited() {
    let tmp = tempfile::tempdir().expect("tmp");
    let dir = tmp.path();
    let timing = |t: &str| OutFile {
        volatile: true,
        ..file("report/timing.json", t)
    };
    write(dir, &[timing("1")], Scope::Everything).expect("first");
    let manifest = fs::read(dir.join(FOLDER).join("manifest.json")).expect("manifest");
    let written = write(dir, &[timing("2")], Scope::Everything).expect("second");
    assert!(written.edited.is_empty());
    assert_eq!(
        fs::read(dir.join(FOLDER).join("manifest.json")).expect("manifest"),
        manifest
    );
}

#[cfg(unix)]
#[test]
fn scripts_can_be_run() {
    use std::os::unix::fs::PermissionsExt;
    let tmp = tempfile::tempdir().expect("tmp");
    let script = OutFile {
        executable: true,
        ..file("s.sh", "#!/bin/sh\n")
    };
    write(tmp.path(), &[script, file("t", "")], Scope::Everything).expect("written");
    let mode = |p: &str| {
        fs::metadata(tmp.path().join(p))
            .expect("there")
            .permissions()
            .mode()
    };
    assert_ne!(mode("s.sh") & 0o100, 0);
    assert_eq!(mode("t") & 0o111, 0);
}
