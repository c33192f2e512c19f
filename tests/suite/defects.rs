//! Subtle defects sown into copies of the samples' procedures: the plan of the write must change, or the write must
//! become a residual. A plan that stays as it was would compute something else than the code says.

use std::path::Path;

use ora2stream::pipeline::analyse;
use ora2stream::plan::config::ProjectConfig;
use ora2stream::rules::Registry;
use ora2stream::source::{Input, SourceFile};

/// File, what is replaced, by what, and the table whose plan must not stay the same.
type Defect = (&'static str, &'static str, &'static str, &'static str);

const SALES: &str = "retail/plsql/sales_pkg.pkb";
const STOCK: &str = "retail/plsql/stock_pkg.pkb";
const LOYAL: &str = "retail/plsql/loyalty_pkg.pkb";
const BALANCE: &str = "retail/plsql/balance_pkg.pkb";
const POINTS: &str = "retail/plsql/points_pkg.pkb";
const SHIPPING: &str = "retail/plsql/shipping_pkg.pkb";
const CUSTOMER: &str = "retail/plsql/customer_pkg.pkb";

const DEFECTS: &[Defect] = &[
    // bounds of periods
    (
        SALES,
        "o.ordered_at < p_date + 1\n       AND o.status <> 'CANCELLED'\n     GROUP",
        "o.ordered_at <= p_date + 1\n       AND o.status <> 'CANCELLED'\n     GROUP",
        "DAILY_SALES",
    ),
    (
        SALES,
        "o.ordered_at < p_date + 1\n       AND o.status <> 'CANCELLED'\n     GROUP",
        "o.ordered_at < p_date + 2\n       AND o.status <> 'CANCELLED'\n     GROUP",
        "DAILY_SALES",
    ),
    (
        SALES,
        "WHERE sales_date = p_date;",
        "WHERE sales_date = p_date - 1;",
        "DAILY_SALES",
    ),
    (
        SALES,
        "WHERE sales_date = p_date;",
        "WHERE sales_date >= p_date;",
        "DAILY_SALES",
    ),
    (
        SALES,
        "WHERE cost_date = p_date;",
        "WHERE cost_date = p_date AND order_id > 0;",
        "ORDER_COSTS",
    ),
    (
        SALES,
        "SELECT TRUNC(o.ordered_at),",
        "SELECT TRUNC(o.ordered_at) + 1,",
        "DAILY_SALES",
    ),
    // predicates and keys
    (
        SALES,
        "AND o.status <> 'CANCELLED'\n     GROUP BY TRUNC",
        "GROUP BY TRUNC",
        "DAILY_SALES",
    ),
    (
        SALES,
        "JOIN products p ON p.product_id = l.product_id",
        "JOIN products p ON p.product_id = l.line_no",
        "DAILY_SALES",
    ),
    (
        SALES,
        "COUNT(DISTINCT o.order_id)",
        "COUNT(o.order_id)",
        "DAILY_SALES",
    ),
    (SALES, "NVL(l.discount, 0)", "l.discount", "DAILY_SALES"),
    (SALES, "AND o.status <> c_cancelled)", ")", "ORDER_COSTS"),
    (
        SALES,
        "WHERE pl.product_id = r.product_id;",
        "WHERE pl.list_price = r.qty;",
        "ORDER_COSTS",
    ),
    (
        SALES,
        "WHEN NO_DATA_FOUND THEN\n          v_unit_cost := 0;",
        "WHEN NO_DATA_FOUND THEN\n          NULL;",
        "ORDER_COSTS",
    ),
    (
        SALES,
        "WHEN NO_DATA_FOUND THEN\n          v_unit_cost := 0;",
        "WHEN NO_DATA_FOUND THEN\n          CONTINUE;",
        "ORDER_COSTS",
    ),
    (
        SALES,
        "r.qty * v_unit_cost);",
        "r.qty * v_unit_cost);\n      EXIT WHEN r.qty > 1000;",
        "ORDER_COSTS",
    ),
    (
        SALES,
        "ORDER BY t.sold_qty DESC, t.product_id) AS rn",
        "ORDER BY t.sold_qty DESC) AS rn",
        "TOP_PRODUCTS",
    ),
    (
        SALES,
        "WHERE ranked.rn <= 10",
        "WHERE ranked.rn <= 11",
        "TOP_PRODUCTS",
    ),
    (
        SALES,
        "PARTITION BY t.store_id\n",
        "PARTITION BY t.product_id\n",
        "TOP_PRODUCTS",
    ),
    (
        SALES,
        "DELETE FROM top_products;",
        "DELETE FROM top_products WHERE store_id = 1;",
        "TOP_PRODUCTS",
    ),
    (
        SALES,
        "GROUP BY l.product_id)\n    LOOP",
        "GROUP BY l.product_id, l.order_id)\n    LOOP",
        "PRODUCT_LAST_SALE",
    ),
    (
        SALES,
        "line_count   = r.line_count\n",
        "line_count   = line_count + r.line_count\n",
        "PRODUCT_LAST_SALE",
    ),
    (
        SALES,
        "IF SQL%ROWCOUNT = 0 THEN",
        "IF SQL%ROWCOUNT = 1 THEN",
        "PRODUCT_LAST_SALE",
    ),
    // folds
    (STOCK, "v_on_hand := 0;\n", "NULL;\n", "STOCK_LEVELS"),
    (
        STOCK,
        "v_on_hand := v_on_hand - m.qty;",
        "v_on_hand := v_on_hand * m.qty;",
        "STOCK_LEVELS",
    ),
    (
        STOCK,
        "v_on_hand := v_on_hand - m.qty;",
        "v_on_hand := v_on_hand + m.qty;",
        "STOCK_LEVELS",
    ),
    (
        STOCK,
        "AND sm.product_id = k.product_id)",
        ")",
        "STOCK_LEVELS",
    ),
    (
        STOCK,
        "SELECT DISTINCT m.store_id",
        "SELECT m.store_id",
        "STOCK_LEVELS",
    ),
    (
        STOCK,
        "m.moved_at > v_last THEN",
        "m.moved_at < v_last THEN",
        "STOCK_LEVELS",
    ),
    (
        STOCK,
        "v_count := v_count + 1;",
        "v_count := v_count + 1;\n        EXIT WHEN v_count > 100;",
        "STOCK_LEVELS",
    ),
    (LOYAL, "ORDER BY t.min_spend)", ")", "CUSTOMER_LOYALTY"),
    (
        LOYAL,
        "ORDER BY t.min_spend)",
        "ORDER BY t.min_spend DESC)",
        "CUSTOMER_LOYALTY",
    ),
    (LOYAL, "v_spend  := 0;\n", "", "CUSTOMER_LOYALTY"),
    (
        LOYAL,
        "IF v_tier IS NOT NULL THEN",
        "IF v_tier IS NULL THEN",
        "CUSTOMER_LOYALTY",
    ),
    (LOYAL, "'PAID', 'SHIPPED'", "'PAID'", "CUSTOMER_LOYALTY"),
    // upserts, queues, handlers
    (
        BALANCE,
        "status <> 'CANCELLED'",
        "status = 'CANCELLED'",
        "CUSTOMER_BALANCE",
    ),
    (
        POINTS,
        "WHERE l.event_no = e.event_no);",
        "WHERE l.customer_id = e.customer_no);",
        "POINT_LEDGER",
    ),
    (
        POINTS,
        "EXIT WHEN v_events.COUNT = 0;",
        "EXIT WHEN c_events%NOTFOUND;",
        "POINT_LEDGER",
    ),
    (POINTS, " SAVE EXCEPTIONS", "", "POINT_LEDGER"),
    (
        SHIPPING,
        "WHERE queue_id = r.queue_id;",
        "WHERE order_id = r.order_id;",
        "SHIPMENTS",
    ),
    (
        SHIPPING,
        "SET handled    = 'Y',",
        "SET handled    = 'N',",
        "SHIPMENTS",
    ),
    (
        CUSTOMER,
        "DELETE FROM mailing_list;",
        "NULL;",
        "MAILING_LIST",
    ),
];

fn sample(change: Option<&Defect>) -> Input {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut input = Input::default();
    for folder in ["retail/ddl", "retail/plsql"] {
        let mut names: Vec<_> = std::fs::read_dir(samples.join(folder))
            .expect("folder")
            .map(|e| e.expect("entry").path())
            .collect();
        names.sort();
        for path in names {
            let mut text = std::fs::read_to_string(&path).expect("text");
            let name = path
                .strip_prefix(&samples)
                .expect("inside")
                .to_string_lossy()
                .into_owned();
            if let Some((_, from, to, _)) = change.filter(|d| d.0 == name) {
                assert!(text.contains(from), "{name} does not hold {from:?}");
                text = text.replacen(from, to, 1);
            }
            input.sources.add(SourceFile::from_text(name, text));
        }
    }
    input
}

/// What is planned for a table: job by job, without the places in the text; empty: nothing.
fn plan_of(registry: &Registry, change: Option<&Defect>, table: &str) -> Vec<String> {
    let config = ProjectConfig {
        schemas: vec!["RETAIL".into()],
        entry_points: vec![
            "RETAIL.NIGHTLY.RUN".into(),
            "RETAIL.SHIPPING_PKG.EXPORT_SHIPMENTS".into(),
        ],
        ..ProjectConfig::default()
    };
    let analysis = analyse(&sample(change), &config, registry, &[], &mut ());
    let jobs = analysis.built.plan.groups.iter().flat_map(|g| &g.jobs);
    jobs.filter(|j| j.write.target.name == table)
        .map(|j| {
            let facts: Vec<_> = j
                .preconditions
                .iter()
                .map(|p| (&p.fact, p.status))
                .collect();
            format!("{:?} {facts:?}", j.write)
        })
        .collect()
}

#[test]
fn a_defect_changes_the_plan_or_takes_the_write_out_of_it() {
    let registry = Registry::builtin().expect("the built-in rules");
    assert!(DEFECTS.len() >= 30);
    let mut unseen = Vec::new();
    for defect in DEFECTS {
        let before = plan_of(&registry, None, defect.3);
        assert!(!before.is_empty(), "{} is planned as it stands", defect.3);
        if plan_of(&registry, Some(defect), defect.3) == before {
            unseen.push(format!("{}: {:?} for {:?}", defect.0, defect.2, defect.1));
        }
    }
    assert!(
        unseen.is_empty(),
        "the plan stays the same:\n{}",
        unseen.join("\n")
    );
}
