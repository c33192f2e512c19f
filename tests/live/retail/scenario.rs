//! What happens in the shops: initial rows, then an insert, an update, a delete, a late row,
//! changes of keys, groups that become empty. Each step is one or more commits of one row.

use crate::harness::Live;
use crate::kafka::Record;
use crate::oracle::{Database, Row, Value, date, number, row, text};

/// One step: its name, and what it does to the database.
pub struct Step {
    /// Name, for messages.
    pub name: &'static str,
    /// Changes rows; answers the records of the changes in their order.
    pub apply: fn(&mut Database) -> Live<Vec<Record>>,
}

/// All steps in their order.
pub fn steps() -> Vec<Step> {
    let step = |name, apply| Step { name, apply };
    vec![
        step("initial rows", initial),
        step("insert", insert),
        step("update of amounts", update),
        step("update that changes the group", move_to_other_group),
        step("cancelled, and so out of scope", cancel),
        step("delete", delete),
        step("late row of a day long past", late),
        step("product moves to another category", parent_changes),
        step("key change", key_change),
        step("orphans: a line before its order", orphan),
        step("a group that becomes empty", empty_group),
        step("a customer who goes", customer_goes),
        step("the connector restarts and sends a batch twice", sent_twice),
        step("NULLs, small fractions, large amounts", awkward),
    ]
}

/// One commit over several tables: a customer goes together with all that he bought. The
/// batch sees either everything or nothing; a stream sees rows, and for a table whose deletes
/// are kept the last value before the delete may be one that no batch saw.
pub const COMMIT_OF_MANY_ROWS: Step = Step {
    name: "a customer and all his rows go in one commit",
    apply: customer_with_all_rows,
};

/// The customer whom [`COMMIT_OF_MANY_ROWS`] is about.
pub const GONE_AT_ONCE: &str = "101";

fn customer_with_all_rows(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = Vec::new();
    for order in ["3", "4", "7"] {
        records.extend(db.delete("ORDER_LINES", &key(&[order, "1"]))?);
        records.extend(db.delete("ORDERS", &key(&[order]))?);
    }
    records.extend(db.delete("PAYMENTS", &key(&["40"]))?);
    records.extend(db.delete("CUSTOMERS", &key(&[GONE_AT_ONCE]))?);
    Ok(records)
}

fn order(id: &str, customer: &str, store: &str, at: &str, status: &str, total: &str) -> Row {
    row(&[
        ("ORDER_ID", number(id)),
        ("CUSTOMER_ID", number(customer)),
        ("STORE_ID", number(store)),
        ("ORDERED_AT", date(at)),
        ("CHANNEL", text("STORE")),
        ("STATUS", text(status)),
        ("TOTAL_AMOUNT", number(total)),
        ("REMARKS", text("包装希望 \"gift\"")),
    ])
}

fn line(order: &str, no: &str, product: &str, qty: &str, price: &str, discount: &str) -> Row {
    row(&[
        ("ORDER_ID", number(order)),
        ("LINE_NO", number(no)),
        ("PRODUCT_ID", number(product)),
        ("QTY", number(qty)),
        ("UNIT_PRICE", number(price)),
        ("DISCOUNT", number(discount)), // no digits: NULL
    ])
}

fn product(id: &str, category: &str) -> Row {
    row(&[
        ("PRODUCT_ID", number(id)),
        ("SKU", text(&format!("SKU{id:0>10}"))),
        ("PRODUCT_NAME", text("お茶 「深蒸し」")),
        ("CATEGORY_ID", number(category)),
        ("UNIT_OF_SALE", text("PC")),
        ("INTRODUCED_ON", date("1969-12-31 23:59:59")),
    ])
}

fn customer(id: &str) -> Row {
    row(&[
        ("CUSTOMER_ID", number(id)),
        ("CUSTOMER_NAME", text("O'Neil, 太郎")),
        ("POSTAL_CODE", text("150-0001")),
        ("BIRTH_DATE", date("1931-02-28 00:00:00")),
        ("JOINED_AT", date("2020-01-01 09:30:00")),
        (
            "GROUP_REF",
            number("12345678901234567890123456789012345678"),
        ),
        ("DM_ALLOWED", text("Y")),
    ])
}

fn payment(id: &str, customer: &str, amount: &str) -> Row {
    row(&[
        ("PAYMENT_ID", number(id)),
        ("CUSTOMER_ID", number(customer)),
        ("PAID_AT", date("2025-03-02 10:00:00")),
        ("AMOUNT", number(amount)),
        ("METHOD", text("CARD")),
    ])
}

fn refund(id: &str, customer: &str, order: &str, line: &str, amount: &str) -> Row {
    row(&[
        ("RETURN_ID", number(id)),
        ("CUSTOMER_ID", number(customer)),
        ("ORDER_ID", number(order)),
        ("LINE_NO", number(line)),
        ("RETURNED_AT", date("2025-03-05 16:20:00")),
        ("QTY", number("1")),
        ("REFUND_AMOUNT", number(amount)),
    ])
}

fn key(values: &[&str]) -> Vec<Value> {
    values.iter().map(|v| number(v)).collect()
}

fn initial(db: &mut Database) -> Live<Vec<Record>> {
    let rows: Vec<(&str, Row)> = vec![
        ("PRODUCTS", product("1", "10")),
        ("PRODUCTS", product("2", "10")),
        ("PRODUCTS", product("3", "20")),
        ("CUSTOMERS", customer("100")),
        ("CUSTOMERS", customer("101")),
        ("CUSTOMERS", customer("102")), // nothing bought yet
        (
            "ORDERS",
            order("1", "100", "1", "2025-03-01 00:00:00", "PAID", "30.50"),
        ),
        (
            "ORDERS",
            order("2", "100", "1", "2025-03-01 23:59:59", "NEW", "7.25"),
        ),
        (
            "ORDERS",
            order("3", "101", "2", "2025-03-02 12:00:00", "SHIPPED", "100"),
        ),
        (
            "ORDERS",
            order("4", "101", "2", "2025-03-02 12:00:01", "CANCELLED", "55"),
        ),
        ("ORDER_LINES", line("1", "1", "1", "3", "10.00", "0.50")),
        ("ORDER_LINES", line("1", "2", "3", "0.5", "2.00", "")),
        ("ORDER_LINES", line("2", "1", "2", "1", "7.25", "")),
        ("ORDER_LINES", line("3", "1", "1", "10", "10.00", "")),
        ("ORDER_LINES", line("4", "1", "1", "5", "11.00", "")),
        ("PAYMENTS", payment("1", "100", "30.50")),
        ("PAYMENTS", payment("2", "101", "40")),
        ("RETURNS", refund("1", "100", "1", "2", "1.00")),
    ];
    let mut records = Vec::new();
    for (table, row) in rows {
        records.extend(db.snapshot(table, row)?);
    }
    Ok(records)
}

fn insert(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.insert(
        "ORDERS",
        order("5", "102", "1", "2025-03-03 08:00:00", "NEW", "12.34"),
    )?;
    records.extend(db.insert("ORDER_LINES", line("5", "1", "3", "2", "6.17", "0"))?);
    records.extend(db.insert("PAYMENTS", payment("3", "102", "2.34"))?);
    Ok(records)
}

fn update(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.update(
        "ORDER_LINES",
        &key(&["1", "1"]),
        &row(&[("QTY", number("4.125")), ("DISCOUNT", Value::Null)]),
    )?;
    records.extend(db.update(
        "ORDERS",
        &key(&["1"]),
        &row(&[("TOTAL_AMOUNT", number("42.25"))]),
    )?);
    records.extend(db.update(
        "PAYMENTS",
        &key(&["1"]),
        &row(&[("AMOUNT", number("42.25"))]),
    )?);
    records.extend(db.update(
        "RETURNS",
        &key(&["1"]),
        &row(&[("REFUND_AMOUNT", number("0.75"))]),
    )?);
    Ok(records)
}

fn move_to_other_group(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.update(
        "ORDERS",
        &key(&["2"]),
        &row(&[
            ("STORE_ID", number("2")),
            ("ORDERED_AT", date("2025-03-02 00:00:00")),
        ]),
    )?;
    records.extend(db.update(
        "PAYMENTS",
        &key(&["2"]),
        &row(&[("CUSTOMER_ID", number("100"))]),
    )?);
    Ok(records)
}

fn cancel(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.update(
        "ORDERS",
        &key(&["3"]),
        &row(&[("STATUS", text("CANCELLED"))]),
    )?;
    records.extend(db.update("ORDERS", &key(&["4"]), &row(&[("STATUS", text("NEW"))]))?);
    Ok(records)
}

fn delete(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.delete("RETURNS", &key(&["1"]))?;
    records.extend(db.delete("ORDER_LINES", &key(&["1", "2"]))?);
    records.extend(db.delete("PAYMENTS", &key(&["3"]))?);
    Ok(records)
}

fn late(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.insert(
        "ORDERS",
        order("6", "100", "1", "1969-07-20 20:17:40", "PAID", "5"),
    )?;
    records.extend(db.insert("ORDER_LINES", line("6", "1", "2", "1", "5", ""))?);
    records.extend(db.insert("ORDER_LINES", line("1", "3", "2", "2", "1.11", ""))?);
    Ok(records)
}

fn parent_changes(db: &mut Database) -> Live<Vec<Record>> {
    db.update(
        "PRODUCTS",
        &key(&["2"]),
        &row(&[("CATEGORY_ID", number("30"))]),
    )
}

fn key_change(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.update(
        "ORDER_LINES",
        &key(&["1", "3"]),
        &row(&[("ORDER_ID", number("2")), ("LINE_NO", number("9"))]),
    )?;
    records.extend(db.update(
        "PAYMENTS",
        &key(&["2"]),
        &row(&[("PAYMENT_ID", number("22"))]),
    )?);
    Ok(records)
}

fn orphan(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.insert("ORDER_LINES", line("7", "1", "1", "1", "9.99", ""))?;
    records.extend(db.insert("ORDER_LINES", line("6", "2", "999", "1", "1", ""))?); // no such product
    records.extend(db.insert(
        "ORDERS",
        order("7", "101", "3", "2025-03-04 09:00:00", "NEW", "9.99"),
    )?);
    Ok(records)
}

fn empty_group(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.delete("ORDER_LINES", &key(&["5", "1"]))?;
    records.extend(db.delete("ORDERS", &key(&["5"]))?);
    Ok(records)
}

/// The batch keeps the balance of a customer who is gone, as the last run left it.
fn customer_goes(db: &mut Database) -> Live<Vec<Record>> {
    db.delete("CUSTOMERS", &key(&["102"]))
}

/// Delivery is at least once: after a crash the connector starts again at an older position.
fn sent_twice(db: &mut Database) -> Live<Vec<Record>> {
    let mut records = db.insert("ORDER_LINES", line("2", "2", "1", "1", "3.33", "0.33"))?;
    records.extend(db.update(
        "ORDER_LINES",
        &key(&["2", "2"]),
        &row(&[("QTY", number("2"))]),
    )?);
    records.extend(db.insert("PAYMENTS", payment("40", "101", "1.01"))?);
    records.extend(db.insert("PAYMENTS", payment("41", "101", "7"))?);
    records.extend(db.delete("PAYMENTS", &key(&["41"]))?);
    let again = records.clone();
    records.extend(again);
    Ok(records)
}

fn awkward(db: &mut Database) -> Live<Vec<Record>> {
    let mut nobody = order("8", "", "1", "2025-03-01 10:00:00", "NEW", "1");
    nobody.insert("REMARKS".to_owned(), text("a\tb\\c\u{2028}d"));
    let mut records = db.insert("ORDERS", nobody)?;
    // 0.005 rounds away from zero, also below zero.
    records.extend(db.insert("ORDER_LINES", line("8", "1", "1", "0.001", "5.00", ""))?);
    records.extend(db.insert("ORDER_LINES", line("8", "2", "3", "-0.001", "5.00", ""))?);
    records.extend(db.insert(
        "ORDERS",
        order(
            "9",
            "100",
            "999999",
            "2025-12-31 23:59:59",
            "NEW",
            "999999999999.99",
        ),
    )?);
    records.extend(db.insert(
        "ORDER_LINES",
        line("9", "1", "3", "999999.999", "9999999999.99", "0.01"),
    )?);
    Ok(records)
}
