//! The samples of the repository.

use super::{Estate, estate};
use crate::dataflow::model::{Fact, Meaning, Status, WriteStep};

fn read(folder: &str) -> (Vec<(String, String)>, Vec<(String, String)>) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(folder);
    let (mut sql, mut aux) = (Vec::new(), Vec::new());
    let mut stack = vec![root.clone()];
    let mut paths = Vec::new();
    while let Some(dir) = stack.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path)
            } else {
                paths.push(path)
            }
        }
    }
    paths.sort();
    for path in paths {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let bytes = std::fs::read(&path).unwrap();
        let text = match std::str::from_utf8(&bytes) {
            Ok(t) => t.to_string(),
            Err(_) => encoding_rs::SHIFT_JIS.decode(&bytes).0.into_owned(),
        };
        let ext = path
            .extension()
            .map(|e| e.to_string_lossy().into_owned())
            .unwrap_or_default();
        match ext.as_str() {
            "sql" | "pks" | "pkb" | "ctl" => sql.push((name, text)),
            "sh" => aux.push((name, text)),
            "" => aux.push((name, text)),
            "csv" if name.starts_with("dictionary/") => aux.push((name, text)),
            _ => {}
        }
    }
    (sql, aux)
}

fn sample(folder: &str, schema: &str) -> Estate {
    let (sql, aux) = read(folder);
    let sql: Vec<(&str, String)> = sql.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let aux: Vec<(&str, String)> = aux.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    estate(&sql, &aux, schema)
}

/// Verb, table, and what it became, in order of place.
fn outcomes(e: &Estate) -> Vec<(String, String, String)> {
    let one = |s: &WriteStep| {
        let what = match &s.meaning {
            Meaning::Lifted(l) => match &l.period {
                Some(p) => format!("lifted by {:?}", p.unit),
                None => "lifted".to_string(),
            },
            Meaning::PartOf(o) => {
                let owner = &e.flows.steps[*o];
                let marks = s.facts.contains_key(&Fact::QueueConsumed);
                assert!(
                    marks || owner.table == s.table,
                    "a part belongs to a write of the same table, or marks its source"
                );
                "part".into()
            }
            Meaning::Obstacle(_) if s.facts.contains_key(&Fact::ControlTable) => "control".into(),
            Meaning::Obstacle(_) if s.facts.contains_key(&Fact::ErrorRows) => "failed".into(),
            Meaning::Obstacle(o) => format!("{:?}", o.kind),
        };
        let table = s.table.as_ref().map_or("?".to_string(), |t| t.name.clone());
        (s.verb.as_str().to_string(), table, what)
    };
    e.flows.steps.iter().map(one).collect()
}

fn check(folder: &str, schema: &str, expected: &[(&str, &str, &str)]) -> Estate {
    let e = sample(folder, schema);
    let found = outcomes(&e);
    let found: Vec<_> = found
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
        .collect();
    assert_eq!(found, expected, "{}", e.print());
    e
}

#[test]
fn every_write_of_retail_has_its_outcome() {
    let e = check(
        "retail",
        "RETAIL",
        &[
            ("INSERT", "PRICE_AUDIT", "UnknownName"),
            ("MERGE", "CUSTOMER_BALANCE", "lifted"),
            ("INSERT", "BATCH_LOG", "control"),
            ("UPDATE", "BATCH_CONTROL", "control"),
            ("INSERT", "BATCH_CONTROL", "control"),
            ("UPDATE", "BATCH_CONTROL", "control"),
            ("DELETE", "MAILING_LIST", "part"),
            ("INSERT", "MAILING_LIST", "lifted"),
            ("UPDATE", "STOCK_LEVELS", "SelfRead"),
            ("DELETE", "LOAD_ERRORS", "control"),
            ("DELETE", "?", "OpaqueDynamicSql"),
            ("DELETE", "CUSTOMER_LOYALTY", "part"),
            ("INSERT", "CUSTOMER_LOYALTY", "lifted"),
            ("INSERT", "MONTH_CLOSE", "Freeze"),
            ("INSERT", "POINT_LEDGER", "lifted"),
            ("INSERT", "LOAD_ERRORS", "failed"),
            ("UPDATE", "PRICE_HISTORY", "Period"),
            ("INSERT", "PRICE_HISTORY", "Period"),
            ("DELETE", "DAILY_SALES", "part"),
            ("INSERT", "DAILY_SALES", "lifted by Day"),
            ("DELETE", "ORDER_COSTS", "part"),
            ("INSERT", "ORDER_COSTS", "lifted by Day"),
            ("DELETE", "TOP_PRODUCTS", "part"),
            ("INSERT", "TOP_PRODUCTS", "lifted"),
            ("UPDATE", "PRODUCT_LAST_SALE", "part"),
            ("INSERT", "PRODUCT_LAST_SALE", "lifted"),
            ("INSERT", "SHIPMENTS", "lifted"),
            ("UPDATE", "SHIPMENTS_QUEUE", "part"),
            ("DELETE", "STOCK_LEVELS", "part"),
            ("INSERT", "STOCK_LEVELS", "lifted"),
        ],
    );
    for step in &e.flows.steps {
        let hand = step
            .table
            .as_ref()
            .is_some_and(|t| t.name == "STOCK_LEVELS")
            && step.verb.as_str() == "UPDATE";
        let trigger = step.table.as_ref().is_some_and(|t| t.name == "PRICE_AUDIT");
        assert_eq!(step.jobs.is_empty(), hand || trigger, "{:?}", step.table);
    }
    let sales = e.steps("INSERT", "DAILY_SALES")[0];
    for fact in [
        Fact::PeriodPartitions,
        Fact::EveryPeriodRuns,
        Fact::RowsUniqueByKey,
        Fact::DeletesPeriodBefore,
    ] {
        assert_eq!(sales.facts[&fact].status, Status::Proved, "{fact:?}");
    }
}

#[test]
fn every_write_of_meter_has_its_outcome() {
    let e = check(
        "meter",
        "METER",
        &[
            ("INSERT", "ALARMS", "lifted by Hour"),
            ("INSERT", "JOB_LOG", "control"),
            ("MERGE", "READINGS", "lifted"),
            ("INSERT", "READINGS", "lifted"),
            ("INSERT", "READ_SCHEDULE", "Unsupported"),
            ("DELETE", "MISSING_READINGS", "part"),
            ("INSERT", "MISSING_READINGS", "lifted by Day"),
            ("DELETE", "HOURLY_USAGE", "part"),
            ("INSERT", "HOURLY_USAGE", "lifted by Hour"),
            ("MERGE", "DAILY_USAGE", "lifted by Day"),
            ("DELETE", "AREA_MONTHLY", "part"),
            ("INSERT", "AREA_MONTHLY", "lifted by Month"),
        ],
    );
    let two = e.steps("INSERT", "READINGS")[0];
    assert!(two.facts.contains_key(&Fact::OtherWriters));
    assert!(
        e.steps("INSERT", "AREA_MONTHLY")[0].facts[&Fact::RowsUniqueByKey].status == Status::Proved
    );
}

#[test]
fn lineage_leads_from_sources_to_targets() {
    let e = sample("retail", "RETAIL");
    let from = |table: &str, column: &str| -> Vec<String> {
        let edges = e
            .flows
            .lineage
            .iter()
            .filter(|l| l.to.0.name == table && l.to.1 == column);
        edges
            .map(|l| format!("{}.{}", l.from.0.name, l.from.1))
            .collect()
    };
    assert_eq!(
        from("DAILY_SALES", "NET_AMOUNT"),
        [
            "ORDER_LINES.DISCOUNT",
            "ORDER_LINES.QTY",
            "ORDER_LINES.UNIT_PRICE"
        ]
    );
    assert_eq!(
        from("ORDER_COSTS", "UNIT_COST"),
        ["PRICE_LIST.PRODUCT_ID", "PRICE_LIST.UNIT_COST"]
    );
    assert_eq!(from("DAILY_SALES", "SALES_DATE"), ["ORDERS.ORDERED_AT"]);
}
