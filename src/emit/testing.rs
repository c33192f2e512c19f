//! A plan built by hand for the emitters' tests: daily sales and customer balances of a retail chain.

use crate::plan::model::*;
use crate::rel::*;
use crate::source::Place;

/// NUMBER(p,s).
pub fn num(precision: u8, scale: i16) -> DataType {
    DataType::Number {
        precision: Some(precision),
        scale: Some(scale),
    }
}

/// VARCHAR2(n).
pub fn text(length: u32) -> DataType {
    DataType::Varchar { length }
}

/// A table of schema RETAIL.
pub fn table(name: &str) -> TableName {
    TableName::new("RETAIL", name)
}

/// A column that is never NULL.
pub fn col(relation: &str, name: &str, ty: DataType) -> Scalar {
    Scalar::column(relation, name, ty, false)
}

/// A text constant.
pub fn lit(text: &str) -> Scalar {
    Scalar::Literal(Literal::Text(text.into()))
}

/// A number.
pub fn lit_num(text: &str) -> Scalar {
    Scalar::Literal(Literal::Number(text.into()))
}

/// `left = right` and the like.
pub fn compare(cmp: CmpOp, left: Scalar, right: Scalar) -> Scalar {
    Scalar::Compare {
        cmp,
        left: Box::new(left),
        right: Box::new(right),
    }
}

/// Arithmetic.
pub fn arith(arith: ArithOp, left: Scalar, right: Scalar) -> Scalar {
    Scalar::Arith {
        arith,
        left: Box::new(left),
        right: Box::new(right),
    }
}

/// NVL.
pub fn nvl(a: Scalar, b: Scalar) -> Scalar {
    let ty = a.ty();
    Scalar::Call {
        function: "NVL".into(),
        args: vec![a, b],
        ty,
    }
}

/// A named output.
pub fn named(name: &str, expr: Scalar) -> Named {
    Named {
        name: name.into(),
        expr,
    }
}

/// An aggregate without frills.
pub fn agg(
    name: &str,
    function: AggFunction,
    distinct: bool,
    arg: Scalar,
    ty: DataType,
) -> NamedAgg {
    NamedAgg {
        name: name.into(),
        function,
        distinct,
        arg: Some(arg),
        separator: None,
        order_by: Vec::new(),
        ty,
    }
}

/// A scan of some columns of a sample table.
pub fn scan(name: &str, alias: &str, columns: &[&str]) -> Rel {
    let source = source(name);
    let columns = source
        .columns
        .into_iter()
        .filter(|c| columns.contains(&c.name.as_str()))
        .map(|c| ScanColumn {
            name: c.name,
            ty: c.ty,
            nullable: c.nullable,
        })
        .collect();
    Rel::Scan(Scan {
        table: table(name),
        alias: alias.into(),
        columns,
    })
}

/// An inner or left join.
pub fn join(kind: JoinKind, left: Rel, right: Rel, on: Scalar) -> Rel {
    Rel::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        on: Some(on),
    }
}

/// WHERE.
pub fn filter(input: Rel, predicate: Scalar) -> Rel {
    Rel::Filter {
        input: Box::new(input),
        predicate,
    }
}

/// Select list.
pub fn project(input: Rel, items: Vec<Named>) -> Rel {
    Rel::Project {
        input: Box::new(input),
        items,
    }
}

/// GROUP BY.
pub fn aggregate(input: Rel, keys: Vec<Named>, aggs: Vec<NamedAgg>) -> Rel {
    Rel::Aggregate {
        input: Box::new(input),
        keys,
        aggs,
    }
}

/// A place in a sample file.
pub fn place(file: &str, line: u32, end_line: u32) -> Place {
    Place {
        file: file.into(),
        line,
        column: 5,
        end_line,
        start: 0,
        end: 1,
    }
}

type Columns = &'static [(&'static str, &'static str, bool)];

const TABLES: &[(&str, &[&str], Columns)] = &[
    (
        "CUSTOMERS",
        &["CUSTOMER_ID"],
        &[
            ("CUSTOMER_ID", "n12", false),
            ("CUSTOMER_NAME", "v120", false),
            ("POSTAL_CODE", "c8", true),
            ("BIRTH_DATE", "d", true),
        ],
    ),
    (
        "ORDERS",
        &["ORDER_ID"],
        &[
            ("ORDER_ID", "n12", false),
            ("CUSTOMER_ID", "n12", true),
            ("STORE_ID", "n6", false),
            ("ORDERED_AT", "d", false),
            ("STATUS", "v10", false),
            ("TOTAL_AMOUNT", "n14.2", false),
            ("REMARKS", "v1000", true),
        ],
    ),
    (
        "ORDER_LINES",
        &["ORDER_ID", "LINE_NO"],
        &[
            ("ORDER_ID", "n12", false),
            ("LINE_NO", "n4", false),
            ("PRODUCT_ID", "n10", false),
            ("QTY", "n9.3", false),
            ("UNIT_PRICE", "n12.2", false),
            ("DISCOUNT", "n12.2", true),
        ],
    ),
    (
        "PAYMENTS",
        &["PAYMENT_ID"],
        &[
            ("PAYMENT_ID", "n12", false),
            ("CUSTOMER_ID", "n12", false),
            ("AMOUNT", "n14.2", false),
        ],
    ),
    (
        "PRODUCTS",
        &["PRODUCT_ID"],
        &[
            ("PRODUCT_ID", "n10", false),
            ("SKU", "c13", false),
            ("CATEGORY_ID", "n6", false),
        ],
    ),
    (
        "RETURNS",
        &["RETURN_ID"],
        &[
            ("RETURN_ID", "n12", false),
            ("CUSTOMER_ID", "n12", true),
            ("REFUND_AMOUNT", "n14.2", false),
        ],
    ),
    (
        "STOCK_MOVEMENTS",
        &["MOVEMENT_ID"],
        &[
            ("MOVEMENT_ID", "n14", false),
            ("STORE_ID", "n6", false),
            ("PRODUCT_ID", "n10", false),
            ("MOVED_AT", "t6", false),
            ("QTY", "n12.3", false),
            ("FACTOR", "n", true),
        ],
    ),
];

fn data_type(code: &str) -> DataType {
    let (kind, rest) = code.split_at(1);
    let parse = |s: &str| s.parse::<u32>().unwrap_or(0);
    match (kind, rest.split_once('.')) {
        ("n", Some((p, s))) => num(parse(p) as u8, parse(s) as i16),
        ("n", None) if rest.is_empty() => DataType::number(),
        ("n", None) => num(parse(rest) as u8, 0),
        ("v", _) => text(parse(rest)),
        ("c", _) => DataType::Char {
            length: parse(rest),
        },
        ("t", _) => DataType::Timestamp {
            precision: parse(rest) as u8,
        },
        _ => DataType::Date,
    }
}

/// A sample source.
pub fn source(name: &str) -> Source {
    let (_, key, columns) = TABLES
        .iter()
        .find(|t| t.0 == name)
        .unwrap_or_else(|| panic!("no sample table {name}"));
    let column = |(name, code, nullable): &(&str, &str, bool)| SourceColumn {
        name: (*name).into(),
        ty: data_type(code),
        nullable: *nullable,
        comment: None,
    };
    Source {
        table: table(name),
        topic: format!("ora.RETAIL.{name}"),
        capture: Capture::Cdc,
        columns: columns.iter().map(column).collect(),
        key: key.iter().map(|k| (*k).to_string()).collect(),
        key_origin: KeyOrigin::PrimaryKey,
        rows: Some(1000),
        left_out: Vec::new(),
    }
}

fn column(name: &str, ty: DataType, role: ColumnRole) -> WriteColumn {
    WriteColumn {
        name: name.into(),
        ty,
        role,
        nullable: false,
    }
}

/// `DELETE FROM daily_sales WHERE sales_date = p_date; INSERT .. SELECT .. GROUP BY ..`
pub fn daily_sales() -> Write {
    let lines = join(
        JoinKind::Inner,
        scan(
            "ORDERS",
            "O",
            &["ORDER_ID", "STORE_ID", "ORDERED_AT", "STATUS"],
        ),
        scan(
            "ORDER_LINES",
            "L",
            &["ORDER_ID", "PRODUCT_ID", "QTY", "UNIT_PRICE", "DISCOUNT"],
        ),
        compare(
            CmpOp::Eq,
            col("L", "ORDER_ID", num(12, 0)),
            col("O", "ORDER_ID", num(12, 0)),
        ),
    );
    let all = join(
        JoinKind::Inner,
        lines,
        scan("PRODUCTS", "P", &["PRODUCT_ID", "CATEGORY_ID"]),
        compare(
            CmpOp::Eq,
            col("P", "PRODUCT_ID", num(10, 0)),
            col("L", "PRODUCT_ID", num(10, 0)),
        ),
    );
    let open = filter(
        all,
        compare(CmpOp::Ne, col("O", "STATUS", text(10)), lit("CANCELLED")),
    );
    let amount = arith(
        ArithOp::Sub,
        arith(
            ArithOp::Mul,
            col("L", "QTY", num(9, 3)),
            col("L", "UNIT_PRICE", num(12, 2)),
        ),
        nvl(
            Scalar::column("L", "DISCOUNT", num(12, 2), true),
            lit_num("0"),
        ),
    );
    let day = Scalar::PeriodOf {
        operand: Box::new(col("O", "ORDERED_AT", DataType::Date)),
        unit: PeriodUnit::Day,
    };
    let grouped = aggregate(
        open,
        vec![
            named("K1", day),
            named("K2", col("O", "STORE_ID", num(6, 0))),
            named("K3", col("P", "CATEGORY_ID", num(6, 0))),
        ],
        vec![
            agg(
                "A1",
                AggFunction::Sum,
                false,
                col("L", "QTY", num(9, 3)),
                num(38, 3),
            ),
            agg("A2", AggFunction::Sum, false, amount, num(38, 5)),
            agg(
                "A3",
                AggFunction::Count,
                true,
                col("O", "ORDER_ID", num(12, 0)),
                num(38, 0),
            ),
        ],
    );
    let out = |to: &str, from: &str, ty: DataType| named(to, col("", from, ty));
    let query = project(
        grouped,
        vec![
            out("SALES_DATE", "K1", DataType::Date),
            out("STORE_ID", "K2", num(6, 0)),
            out("CATEGORY_ID", "K3", num(6, 0)),
            out("QTY", "A1", num(38, 3)),
            out("NET_AMOUNT", "A2", num(38, 5)),
            out("ORDER_COUNT", "A3", num(38, 0)),
        ],
    );
    Write {
        target: table("DAILY_SALES"),
        columns: vec![
            column("SALES_DATE", DataType::Date, ColumnRole::Key),
            column("STORE_ID", num(6, 0), ColumnRole::Key),
            column("CATEGORY_ID", num(6, 0), ColumnRole::Key),
            column("QTY", num(14, 3), ColumnRole::Value),
            column("NET_AMOUNT", num(18, 2), ColumnRole::Value),
            column("ORDER_COUNT", num(9, 0), ColumnRole::Value),
        ],
        class: WriteClass::ReplacePeriod,
        key: ["SALES_DATE", "STORE_ID", "CATEGORY_ID"]
            .map(String::from)
            .to_vec(),
        on_delete: OnDelete::Delete,
        period: Some(Period {
            parameter: "p_date".into(),
            source: ColumnRef {
                relation: "O".into(),
                name: "ORDERED_AT".into(),
                ty: DataType::Date,
                nullable: false,
            },
            unit: PeriodUnit::Day,
            target_column: Some("SALES_DATE".into()),
        }),
        query,
    }
}

fn totals(source: &str, amount: &str, output: &str, alias: &str, open_only: bool) -> Rel {
    let mut columns = vec!["CUSTOMER_ID", amount];
    if open_only {
        columns.push("STATUS");
    }
    let mut input = scan(source, source, &columns);
    if open_only {
        let open = compare(CmpOp::Ne, col(source, "STATUS", text(10)), lit("CANCELLED"));
        input = filter(input, open);
    }
    let customer = Scalar::column(source, "CUSTOMER_ID", num(12, 0), true);
    let sum = agg(
        output,
        AggFunction::Sum,
        false,
        col(source, amount, num(14, 2)),
        num(38, 2),
    );
    let grouped = aggregate(input, vec![named("CUSTOMER_ID", customer)], vec![sum]);
    Rel::Derived {
        input: Box::new(grouped),
        alias: alias.into(),
    }
}

/// `MERGE INTO customer_balance USING (customers with three left-joined sums)`
pub fn customer_balance() -> Write {
    let id = |r: &str| Scalar::column(r, "CUSTOMER_ID", num(12, 0), r != "C");
    let on = |r: &str| compare(CmpOp::Eq, id(r), id("C"));
    let mut input = scan("CUSTOMERS", "C", &["CUSTOMER_ID"]);
    for (source, amount, output, alias) in [
        ("ORDERS", "TOTAL_AMOUNT", "ORDERED", "O"),
        ("PAYMENTS", "AMOUNT", "PAID", "P"),
        ("RETURNS", "REFUND_AMOUNT", "REFUNDED", "R"),
    ] {
        let sums = totals(source, amount, output, alias, source == "ORDERS");
        input = join(JoinKind::Left, input, sums, on(alias));
    }
    let sum = |r: &str, c: &str| nvl(Scalar::column(r, c, num(38, 2), true), lit_num("0"));
    let balance = arith(
        ArithOp::Sub,
        arith(ArithOp::Sub, sum("O", "ORDERED"), sum("P", "PAID")),
        sum("R", "REFUNDED"),
    );
    let query = project(
        input,
        vec![
            named("CUSTOMER_ID", id("C")),
            named("ORDERED_AMOUNT", sum("O", "ORDERED")),
            named("PAID_AMOUNT", sum("P", "PAID")),
            named("REFUNDED_AMOUNT", sum("R", "REFUNDED")),
            named("BALANCE", balance),
            named("UPDATED_AT", Scalar::EventTime { ty: DataType::Date }),
        ],
    );
    let money = |name| column(name, num(16, 2), ColumnRole::Value);
    Write {
        target: table("CUSTOMER_BALANCE"),
        columns: vec![
            column("CUSTOMER_ID", num(12, 0), ColumnRole::Key),
            money("ORDERED_AMOUNT"),
            money("PAID_AMOUNT"),
            money("REFUNDED_AMOUNT"),
            money("BALANCE"),
            column("UPDATED_AT", DataType::Date, ColumnRole::Audit),
        ],
        class: WriteClass::Upsert,
        key: vec!["CUSTOMER_ID".into()],
        on_delete: OnDelete::Keep,
        period: None,
        query,
    }
}

/// A job around a write.
pub fn job(write: Write, line: u32, end_line: u32) -> StreamJob {
    let mut reads: Vec<TableName> = write
        .query
        .scans()
        .iter()
        .map(|s| s.table.clone())
        .collect();
    reads.sort();
    reads.dedup();
    StreamJob {
        id: write.target.name.to_lowercase(),
        topic: format!("ora.result.{}", write.target),
        rule: "DML-001".into(),
        confidence: Confidence::Likely,
        preconditions: vec![Precondition {
            fact: "target_key_known".into(),
            status: FactStatus::Proved,
            note: "PRIMARY KEY of the target".into(),
            places: Vec::new(),
        }],
        provenance: vec![place("plsql/sales_pkg.pkb", line, end_line)],
        routine: "RETAIL.SALES_PKG.LOAD".into(),
        notes: Vec::new(),
        reads,
        state: vec!["the join keeps every order line".into()],
        spark: write.class == WriteClass::ReplacePeriod,
        write,
    }
}

fn topic(name: &str, role: TopicRole, cleanup: Cleanup, of: Option<&str>) -> Topic {
    Topic {
        name: name.into(),
        role,
        partitions: 3,
        cleanup,
        retention_ms: (role == TopicRole::SchemaHistory).then_some(-1),
        table: of.map(table),
    }
}

/// The topics of a plan's sources and jobs.
pub fn topics(sources: &[Source], groups: &[JobGroup]) -> Vec<Topic> {
    let mut topics: Vec<Topic> = sources
        .iter()
        .map(|s| {
            topic(
                &s.topic,
                TopicRole::Cdc,
                Cleanup::Delete,
                Some(&s.table.name),
            )
        })
        .collect();
    for job in groups.iter().flat_map(|g| &g.jobs) {
        let target = Some(job.write.target.name.as_str());
        topics.push(topic(
            &job.topic,
            TopicRole::Result,
            Cleanup::Compact,
            target,
        ));
    }
    topics.push(Topic {
        partitions: 1,
        ..topic(
            "ora.schema-history",
            TopicRole::SchemaHistory,
            Cleanup::Delete,
            None,
        )
    });
    topics.push(topic(
        "__debezium-heartbeat.ora",
        TopicRole::Heartbeat,
        Cleanup::Delete,
        None,
    ));
    topics.push(topic(
        "ora.transaction",
        TopicRole::Transaction,
        Cleanup::Delete,
        None,
    ));
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    topics
}

/// A plan of these jobs over all sample tables.
pub fn plan_of(jobs: Vec<StreamJob>) -> Plan {
    let sources: Vec<Source> = TABLES.iter().map(|t| source(t.0)).collect();
    let groups = vec![JobGroup {
        name: "nightly_run".into(),
        entry: "RETAIL.NIGHTLY.RUN".into(),
        schedule: Some("daily at 02:30".into()),
        jobs,
    }];
    let topics = topics(&sources, &groups);
    Plan {
        version: PLAN_VERSION,
        project: Project {
            name: "retail".into(),
            schemas: vec!["RETAIL".into()],
            time_zone: "Asia/Tokyo".into(),
        },
        settings: Settings::default(),
        sources,
        file_inputs: vec![file_input()],
        topics,
        groups,
        tables: vec![daily_sales_table(), customer_balance_table()],
        sinks: vec![
            sink(daily_sales_table(), OnDelete::Delete),
            sink(customer_balance_table(), OnDelete::Keep),
        ],
        backfills: vec![backfill()],
        queries: vec![reader_query()],
        residuals: vec![residual()],
        controls: vec![ControlWrite {
            routine: "RETAIL.BATCH_UTIL.LOG_INFO".into(),
            table: Some("RETAIL.BATCH_LOG".into()),
            place: place("plsql/batch_util.pkb", 8, 9),
            note: "row counts; the engine's metrics replace them".into(),
            rule: "CTL-001".into(),
        }],
        questions: vec![Question {
            about: "RETAIL.CUSTOMER_BALANCE".into(),
            text: "Shall the balance of a deleted customer go?".into(),
        }],
        functions: vec![FunctionForm {
            function: "NVL".into(),
            arity: Some(2),
            flink: Some("COALESCE($1, $2)".into()),
            spark: Some("COALESCE($1, $2)".into()),
            caveat: None,
            rule: "FUN-001".into(),
        }],
    }
}

/// The sample plan: daily sales and customer balances.
pub fn sample_plan() -> Plan {
    plan_of(vec![
        job(daily_sales(), 12, 31),
        job(customer_balance(), 4, 30),
    ])
}

fn file_input() -> FileInput {
    FileInput {
        table: table("STG_POINT_EVENTS"),
        topic: "ora.file.RETAIL.STG_POINT_EVENTS".into(),
        directory: Some("POINT_DIR".into()),
        files: vec!["points_*.csv".into()],
        separator: Some(",".into()),
        quote: Some("\"".into()),
        encoding: "shift_jis".into(),
        fields: vec![SourceColumn {
            name: "EVENT_NO".into(),
            ty: text(20),
            nullable: false,
            comment: None,
        }],
        skip: 1,
        key: vec!["EVENT_NO".into()],
    }
}

fn cql(name: &str, ty: CqlType, kind: CqlKind, from: DataType) -> CqlColumn {
    CqlColumn {
        name: name.to_lowercase(),
        ty,
        kind,
        of: Some(name.into()),
        from: Some(from),
    }
}

fn daily_sales_table() -> CqlTable {
    CqlTable {
        name: "daily_sales".into(),
        of: table("DAILY_SALES"),
        columns: vec![
            cql("STORE_ID", CqlType::Int, CqlKind::Partition, num(6, 0)),
            cql(
                "SALES_DATE",
                CqlType::Timestamp,
                CqlKind::ClusteringDesc,
                DataType::Date,
            ),
            cql(
                "CATEGORY_ID",
                CqlType::Int,
                CqlKind::ClusteringAsc,
                num(6, 0),
            ),
            cql("NET_AMOUNT", CqlType::Decimal, CqlKind::Regular, num(18, 2)),
            cql("ORDER_COUNT", CqlType::Int, CqlKind::Regular, num(9, 0)),
            cql("QTY", CqlType::Decimal, CqlKind::Regular, num(14, 3)),
        ],
        compaction: Compaction::Unified,
        ttl: None,
        comment: Some("Sales by day, store and category".into()),
        serves: vec!["store_sales_by_day".into()],
        why: vec!["Every reader names the store.".into()],
        runner_up: Some(
            "PRIMARY KEY ((sales_date), store_id, category_id): 3 times the reads".into(),
        ),
        rows_per_partition: Some(7300),
    }
}

fn customer_balance_table() -> CqlTable {
    let money = |n| cql(n, CqlType::Decimal, CqlKind::Regular, num(16, 2));
    CqlTable {
        name: "customer_balance".into(),
        of: table("CUSTOMER_BALANCE"),
        columns: vec![
            cql(
                "CUSTOMER_ID",
                CqlType::BigInt,
                CqlKind::Partition,
                num(12, 0),
            ),
            money("BALANCE"),
            money("ORDERED_AMOUNT"),
            money("PAID_AMOUNT"),
            money("REFUNDED_AMOUNT"),
            cql(
                "UPDATED_AT",
                CqlType::Timestamp,
                CqlKind::Regular,
                DataType::Date,
            ),
        ],
        compaction: Compaction::Unified,
        ttl: None,
        comment: None,
        serves: Vec::new(),
        why: vec!["The key of the Oracle table.".into()],
        runner_up: None,
        rows_per_partition: Some(1),
    }
}

fn sink(of: CqlTable, on_delete: OnDelete) -> SinkTable {
    let map = |c: &CqlColumn| ColumnMap {
        from: c.of.clone().unwrap_or_default(),
        to: c.name.clone(),
        oracle: c.from.clone().unwrap_or(DataType::Date),
        cql: c.ty,
    };
    SinkTable {
        topic: format!("ora.result.{}", of.of),
        format: SinkFormat::Upsert,
        table: of.name.clone(),
        on_delete,
        columns: of.columns.iter().map(map).collect(),
    }
}

fn backfill() -> Backfill {
    let of = daily_sales_table();
    Backfill {
        table: of.of.clone(),
        target: Some(of.name.clone()),
        topic: None,
        purpose: "opening balance".into(),
        columns: sink(of, OnDelete::Delete).columns,
        key: ["SALES_DATE", "STORE_ID", "CATEGORY_ID"]
            .map(String::from)
            .to_vec(),
        rows: Some(120_000),
        after: Vec::new(),
    }
}

fn reader_query() -> ReaderQuery {
    let at = |name: &str, desc| QueryColumn {
        table: table("DAILY_SALES"),
        column: name.into(),
        desc,
    };
    ReaderQuery {
        name: "store_sales_by_day".into(),
        sql: "SELECT sales_date, qty FROM daily_sales WHERE store_id = :s ORDER BY sales_date DESC"
            .into(),
        weight: "40".into(),
        tables: vec![table("DAILY_SALES")],
        equality: vec![at("STORE_ID", false)],
        range: Vec::new(),
        order: vec![at("SALES_DATE", true)],
        problem: None,
    }
}

fn residual() -> Residual {
    Residual {
        group: Some("nightly_run".into()),
        routine: "RETAIL.MONTH_CLOSE_PKG.CLOSE".into(),
        statement: "INSERT".into(),
        table: Some("RETAIL.MONTH_CLOSE".into()),
        place: place("plsql/month_close_pkg.pkb", 10, 22),
        reason: ResidualReason::FreezeOnPurpose,
        message: "figures are frozen when they are reported".into(),
        failed: None,
        unlock: "a control topic that says when a month is closed".into(),
        question: "Who decides that a month is closed?".into(),
        fallback: Fallback::StaysInOracle,
        rule: "JOB-090".into(),
    }
}

/// A plan without anything in it.
pub fn empty_plan() -> Plan {
    Plan {
        version: PLAN_VERSION,
        project: Project {
            name: "test".into(),
            schemas: vec!["R".into()],
            time_zone: "UTC".into(),
        },
        settings: Settings::default(),
        sources: Vec::new(),
        file_inputs: Vec::new(),
        topics: Vec::new(),
        groups: Vec::new(),
        tables: Vec::new(),
        sinks: Vec::new(),
        backfills: Vec::new(),
        queries: Vec::new(),
        residuals: Vec::new(),
        controls: Vec::new(),
        questions: Vec::new(),
        functions: Vec::new(),
    }
}
