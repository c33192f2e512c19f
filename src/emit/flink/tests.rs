use super::*;
use crate::emit::refusals;
use crate::emit::testing::*;
use crate::plan::model::{Capture, Cleanup, Topic, TopicRole};
use crate::rel::*;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

fn script_of(plan: &Plan) -> String {
    let mut files = FlinkEmitter.emit(plan).unwrap();
    assert_eq!(files.len(), 1);
    String::from_utf8(files.remove(0).contents).unwrap()
}

/// Statements as a client splits them: at `;` outside quotes and comments.
fn statements(script: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut inside = None;
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        let current = out.last_mut().unwrap();
        match (inside, c) {
            (None, '-') if chars.peek() == Some(&'-') => inside = Some('\n'),
            (None, '\'' | '`') => {
                inside = Some(c);
                current.push(c);
            }
            (Some('\n'), '\n') => inside = None,
            (Some('\n'), _) => {}
            (Some(q), c) if q == c => {
                inside = None;
                current.push(c);
            }
            (None, ';') => out.push(String::new()),
            (_, c) => current.push(c),
        }
    }
    assert_eq!(inside, None, "a quote is left open");
    let words = |s: &String| s.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = out.iter().map(words);
    trimmed.filter(|s| !s.is_empty()).collect()
}

fn inserts(script: &str) -> Vec<String> {
    let all = statements(script);
    let insert = |s: &String| s.find("INSERT INTO").map(|at| s[at..].to_string());
    all.iter().filter_map(insert).collect()
}

#[test]
fn the_sample_has_one_script_of_the_expected_statements() {
    let script = script_of(&sample_plan());
    let all = statements(&script);
    let count = |head: &str| all.iter().filter(|s| s.starts_with(head)).count();
    assert_eq!(count("CREATE TABLE"), 8);
    assert_eq!(count("EXECUTE STATEMENT SET"), 1);
    assert_eq!(all.last().map(String::as_str), Some("END"));
    for insert in inserts(&script) {
        Parser::parse_sql(&GenericDialect {}, &insert).unwrap();
    }
    assert_eq!(inserts(&script).len(), 2);
}

#[test]
fn the_grouping_of_daily_sales_is_one_readable_select() {
    let script = script_of(&sample_plan());
    let select = &inserts(&script)[0];
    assert!(!select.contains("(SELECT"), "{select}");
    assert!(select.contains("FLOOR(`O`.`ORDERED_AT_TS` TO DAY) AS `SALES_DATE`"));
    assert!(
        select.contains("ROUND(SUM("),
        "rounded to the target's scale"
    );
}

#[test]
fn two_runs_give_the_same_bytes() {
    assert_eq!(script_of(&sample_plan()), script_of(&sample_plan()));
}

#[test]
fn settings_reach_the_script() {
    let mut plan = sample_plan();
    assert!(!script_of(&plan).contains("scan.bounded.mode"));
    assert!(!script_of(&plan).contains("state.ttl"));
    plan.settings.flink.bounded = true;
    plan.settings.flink.state_ttl = Some("30 d".into());
    plan.settings.flink.parallelism = Some(4);
    plan.settings.kafka.bootstrap = "a:1,b'; DROP TABLE x; --".into();
    let script = script_of(&plan);
    assert_eq!(
        script
            .matches("'scan.bounded.mode' = 'latest-offset'")
            .count(),
        6
    );
    assert!(script.contains("SET 'table.exec.state.ttl' = '30 d';"));
    assert!(script.contains("SET 'parallelism.default' = '4';"));
    assert!(script.contains("'a:1,b''; DROP TABLE x; --'"));
    assert_eq!(
        statements(&script).len(),
        statements(&script_of(&sample_plan())).len() + 2
    );
}

#[test]
fn sources_read_committed_and_carry_only_what_is_used() {
    let script = script_of(&sample_plan());
    assert_eq!(script.matches("'format' = 'debezium-json'").count(), 6);
    assert_eq!(script.matches("read_committed").count(), 6);
    assert!(
        !script.contains("REMARKS"),
        "unused columns are not kept in state"
    );
    assert!(!script.contains("STOCK_MOVEMENTS"));
}

#[test]
fn names_and_comments_cannot_break_out() {
    let mut plan = sample_plan();
    let nasty = "x`; DROP TABLE `y` -- '\n</script>$(touch z)";
    plan.groups[0].entry = nasty.into();
    plan.groups[0].jobs[0].routine = nasty.into();
    plan.groups[0].jobs[0].notes = vec![nasty.into()];
    plan.groups[0].jobs[0].provenance[0].file = nasty.into();
    let plain = statements(&script_of(&sample_plan()));
    assert_eq!(statements(&script_of(&plan)), plain);
}

#[test]
fn nasty_tables_and_columns_stay_one_name() {
    let mut plan = plan_of(vec![copy_job("a`b; -- c")]);
    plan.sources[0].columns[1].name = "a`b; -- c".into();
    let script = script_of(&plan);
    assert!(script.contains("`C`.`a``b; -- c`"));
    assert_eq!(
        statements(&script)
            .iter()
            .filter(|s| s.starts_with("CREATE TABLE"))
            .count(),
        2
    );
}

/// Customers copied under one of their columns.
fn copy_job(column: &str) -> StreamJob {
    let scan = Rel::Scan(Scan {
        table: table("CUSTOMERS"),
        alias: "C".into(),
        columns: vec![
            ScanColumn {
                name: "CUSTOMER_ID".into(),
                ty: num(12, 0),
                nullable: false,
            },
            ScanColumn {
                name: column.into(),
                ty: text(120),
                nullable: false,
            },
        ],
    });
    let id = named("CUSTOMER_ID", col("C", "CUSTOMER_ID", num(12, 0)));
    let other = named(column, col("C", column, text(120)));
    job(
        write_of("COPY", project(scan, vec![id, other]), &["CUSTOMER_ID"]),
        1,
        2,
    )
}

fn write_of(target: &str, query: Rel, key: &[&str]) -> Write {
    let columns = query.outputs().into_iter().map(|c| WriteColumn {
        role: if key.contains(&c.name.as_str()) {
            ColumnRole::Key
        } else {
            ColumnRole::Value
        },
        name: c.name,
        ty: c.ty,
        nullable: c.nullable,
    });
    Write {
        target: table(target),
        columns: columns.collect(),
        class: WriteClass::ReplaceAll,
        key: key.iter().map(|k| (*k).to_string()).collect(),
        on_delete: OnDelete::Delete,
        period: None,
        query,
    }
}

#[test]
fn fine_timestamps_and_bare_numbers_are_declared_with_care() {
    let scan = scan(
        "STOCK_MOVEMENTS",
        "M",
        &["MOVEMENT_ID", "MOVED_AT", "FACTOR"],
    );
    let items = vec![
        named("MOVEMENT_ID", col("M", "MOVEMENT_ID", num(14, 0))),
        named(
            "MOVED_AT",
            col("M", "MOVED_AT", DataType::Timestamp { precision: 6 }),
        ),
        named(
            "FACTOR",
            Scalar::column("M", "FACTOR", DataType::number(), true),
        ),
    ];
    let plan = plan_of(vec![job(
        write_of("MOVES", project(scan, items), &["MOVEMENT_ID"]),
        1,
        2,
    )]);
    let script = script_of(&plan);
    assert!(script.contains("`MOVED_AT` BIGINT, -- TIMESTAMP as microseconds"));
    assert!(script.contains("AS TIMESTAMP(6))"));
    assert!(script.contains("`FACTOR` DECIMAL(38, 10), -- NUMBER without precision"));
}

#[test]
fn char_is_written_without_its_blanks() {
    let scan = scan("PRODUCTS", "P", &["PRODUCT_ID", "SKU"]);
    let items = vec![
        named("PRODUCT_ID", col("P", "PRODUCT_ID", num(10, 0))),
        named("SKU", col("P", "SKU", DataType::Char { length: 13 })),
    ];
    let plan = plan_of(vec![job(
        write_of("SKUS", project(scan, items), &["PRODUCT_ID"]),
        1,
        2,
    )]);
    assert!(script_of(&plan).contains("RTRIM(`P`.`SKU`) AS `SKU`"));
}

#[test]
fn results_of_other_jobs_and_files_are_read_in_their_own_format() {
    let mut plan = plan_of(vec![copy_job("CUSTOMER_NAME")]);
    let source = plan
        .sources
        .iter_mut()
        .find(|s| s.table == table("CUSTOMERS"))
        .unwrap();
    source.capture = Capture::Result;
    let script = script_of(&plan);
    assert!(script.contains("'connector' = 'upsert-kafka',\n  'topic' = 'ora.RETAIL.CUSTOMERS'"));
    let source = plan
        .sources
        .iter_mut()
        .find(|s| s.table == table("CUSTOMERS"))
        .unwrap();
    source.capture = Capture::File;
    let script = script_of(&plan);
    assert!(script.contains("'format' = 'json'"));
    assert_eq!(
        script.matches("NOT ENFORCED").count(),
        1,
        "lines have no key, the result has"
    );
}

#[test]
fn the_moment_of_a_row_that_is_written_once_is_not_asked_again() {
    let query = project(
        scan("ORDERS", "O", &["ORDER_ID"]),
        vec![
            named("ORDER_ID", col("O", "ORDER_ID", num(12, 0))),
            named("SEEN_AT", Scalar::EventTime { ty: DataType::Date }),
        ],
    );
    let script = |class| {
        let mut write = write_of("W", query.clone(), &["ORDER_ID"]);
        write.class = class;
        for c in write.columns.iter_mut().filter(|c| c.name == "SEEN_AT") {
            c.role = ColumnRole::Audit;
        }
        script_of(&plan_of(vec![job(write, 1, 2)]))
    };
    for once in [WriteClass::KeepFirst, WriteClass::Queue] {
        let text = script(once);
        assert!(!text.contains("CURRENT_TIMESTAMP"), "{text}");
        assert!(text.contains("SEEN_AT stays empty"), "{text}");
    }
    let text = script(WriteClass::Upsert);
    assert!(text.contains("CURRENT_TIMESTAMP"), "{text}");
    assert!(!text.contains("stays empty"), "{text}");
}

#[test]
fn what_flink_cannot_run_is_told_before() {
    let mut plan = sample_plan();
    assert_eq!(refusals(&plan), Vec::new());
    plan.functions.clear();
    let told = refusals(&plan);
    assert_eq!(told.len(), 2);
    assert!(told[0].what.contains("NVL"), "{}", told[0].what);
}

#[test]
fn a_result_without_its_topic_is_refused() {
    let mut plan = sample_plan();
    plan.topics = vec![Topic {
        name: "other".into(),
        role: TopicRole::Result,
        partitions: 1,
        cleanup: Cleanup::Compact,
        retention_ms: None,
        table: None,
    }];
    let error = FlinkEmitter.emit(&plan).unwrap_err().to_string();
    assert!(error.contains("ora.result.RETAIL.DAILY_SALES"), "{error}");
}

#[test]
fn analytic_functions_that_the_planner_refuses_are_refused_here() {
    let call = |function, desc| NamedWindow {
        name: "W".into(),
        function,
        args: vec![col("O", "TOTAL_AMOUNT", num(14, 2))],
        partition_by: vec![col("O", "STATUS", text(10))],
        order_by: vec![SortKey {
            expr: col("O", "ORDER_ID", num(12, 0)),
            desc,
            nulls_first: desc,
        }],
        ty: num(38, 2),
    };
    let refuse = |call: NamedWindow| {
        let scan = scan("ORDERS", "O", &["ORDER_ID", "STATUS", "TOTAL_AMOUNT"]);
        let window = Rel::Window {
            input: Box::new(scan),
            calls: vec![call],
        };
        let items = vec![
            named("ORDER_ID", col("O", "ORDER_ID", num(12, 0))),
            named("W", col("", "W", num(38, 2))),
        ];
        let plan = plan_of(vec![job(
            write_of("W", project(window, items), &["ORDER_ID"]),
            1,
            2,
        )]);
        refusals(&plan).into_iter().map(|r| r.what).next()
    };
    assert_eq!(refuse(call(WindowFunction::Sum, false)), None);
    assert!(refuse(call(WindowFunction::Sum, true)).is_some_and(|w| w.contains("descending")));
    assert!(refuse(call(WindowFunction::Lead, false)).is_some_and(|w| w.contains("LEAD")));
}
