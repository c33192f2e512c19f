use super::*;
use crate::emit::testing::sample_plan;

fn text_of(plan: &Plan) -> String {
    let mut files = SparkEmitter.emit(plan).unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path, "spark/nightly_run.py");
    String::from_utf8(files.remove(0).contents).unwrap()
}

/// Python's own compiler reads the text.
fn compiles(text: &str) {
    let script = "import ast, sys; ast.parse(sys.stdin.read())";
    let mut child = std::process::Command::new("python3")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_sample_is_a_python_program_with_both_jobs() {
    let text = text_of(&sample_plan());
    compiles(&text);
    assert!(text.contains("DATE_TRUNC('DAY', `O`.`ORDERED_AT`)"));
    assert!(text.contains("\"id\": \"daily_sales\""));
    assert!(text.contains("\"id\": \"customer_balance\""));
    assert!(text.contains("CAST(`TOTAL_AMOUNT` AS DECIMAL(14,2)) AS `TOTAL_AMOUNT`"));
}

#[test]
fn rows_are_deleted_by_the_tables_key_in_its_own_order() {
    let text = text_of(&sample_plan());
    // The result's key begins with the day, the table's with the store.
    let key = PythonLit::strings(["SALES_DATE", "STORE_ID", "CATEGORY_ID"]);
    assert!(text.contains(&format!("\"key\": {key},")), "{text}");
    let primary = PythonLit::strings(["store_id", "sales_date", "category_id"]);
    assert!(text.contains(&format!("\"primary\": {primary},")), "{text}");
}

#[test]
fn names_cannot_leave_their_literals() {
    let mut plan = sample_plan();
    let nasty = "x\"\"\"\n'); import os; os.system('touch z') #";
    plan.groups[0].entry = nasty.into();
    plan.groups[0].jobs[0].id = nasty.into();
    plan.settings.kafka.bootstrap = nasty.into();
    plan.settings.spark.checkpoint_dir = nasty.into();
    let text = text_of(&plan);
    compiles(&text);
    let plain = |t: &str| {
        t.lines()
            .filter(|l| l.starts_with("import") || l.starts_with("from"))
            .count()
    };
    assert_eq!(plain(&text), plain(&text_of(&sample_plan())));
    assert!(!text.contains("\n'); import"));
}

#[test]
fn jobs_that_depend_on_the_moment_are_named_with_the_reason() {
    let mut plan = sample_plan();
    plan.groups[0].jobs[1].write.class = WriteClass::KeepFirst;
    let text = text_of(&plan);
    assert!(text.contains("# Not here: customer_balance: its result depends on the moment"));
    assert!(!text.contains("\"id\": \"customer_balance\""));
}

#[test]
fn a_group_without_an_aggregate_has_no_file() {
    let mut plan = sample_plan();
    for job in &mut plan.groups[0].jobs {
        job.write.class = WriteClass::Queue;
    }
    assert!(SparkEmitter.emit(&plan).unwrap().is_empty());
}
