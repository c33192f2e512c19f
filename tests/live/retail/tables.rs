//! The shapes of the source tables, as in `samples/retail/ddl`.

use crate::oracle::{Kind, TableDef};

use Kind::{Date, Number, Text};

/// Schema of the sample.
pub const SCHEMA: &str = "RETAIL";

/// The tables that the two compared jobs read.
pub fn sources() -> Vec<TableDef> {
    vec![
        orders(),
        order_lines(),
        products(),
        customers(),
        payments(),
        returns(),
    ]
}

fn orders() -> TableDef {
    TableDef::new(
        SCHEMA,
        "ORDERS",
        &["ORDER_ID"],
        &[
            ("ORDER_ID", Number),
            ("CUSTOMER_ID", Number),
            ("STORE_ID", Number),
            ("ORDERED_AT", Date),
            ("CHANNEL", Text),
            ("STATUS", Text),
            ("TOTAL_AMOUNT", Number),
            ("REMARKS", Text),
        ],
    )
}

fn order_lines() -> TableDef {
    TableDef::new(
        SCHEMA,
        "ORDER_LINES",
        &["ORDER_ID", "LINE_NO"],
        &[
            ("ORDER_ID", Number),
            ("LINE_NO", Number),
            ("PRODUCT_ID", Number),
            ("QTY", Number),
            ("UNIT_PRICE", Number),
            ("DISCOUNT", Number),
        ],
    )
}

fn products() -> TableDef {
    TableDef::new(
        SCHEMA,
        "PRODUCTS",
        &["PRODUCT_ID"],
        &[
            ("PRODUCT_ID", Number),
            ("SKU", Text),
            ("PRODUCT_NAME", Text),
            ("CATEGORY_ID", Number),
            ("UNIT_OF_SALE", Text),
            ("INTRODUCED_ON", Date),
            ("DISCONTINUED_ON", Date),
            ("DESCRIPTION", Text),
        ],
    )
}

fn customers() -> TableDef {
    TableDef::new(
        SCHEMA,
        "CUSTOMERS",
        &["CUSTOMER_ID"],
        &[
            ("CUSTOMER_ID", Number),
            ("CUSTOMER_NAME", Text),
            ("NAME_KANA", Text),
            ("EMAIL", Text),
            ("POSTAL_CODE", Text),
            ("ADDRESS", Text),
            ("BIRTH_DATE", Date),
            ("JOINED_AT", Date),
            ("GROUP_REF", Number),
            ("DM_ALLOWED", Text),
            ("NOTES", Text),
        ],
    )
}

fn payments() -> TableDef {
    TableDef::new(
        SCHEMA,
        "PAYMENTS",
        &["PAYMENT_ID"],
        &[
            ("PAYMENT_ID", Number),
            ("CUSTOMER_ID", Number),
            ("ORDER_ID", Number),
            ("PAID_AT", Date),
            ("AMOUNT", Number),
            ("METHOD", Text),
            ("BANK_REF", Number),
        ],
    )
}

fn returns() -> TableDef {
    TableDef::new(
        SCHEMA,
        "RETURNS",
        &["RETURN_ID"],
        &[
            ("RETURN_ID", Number),
            ("CUSTOMER_ID", Number),
            ("ORDER_ID", Number),
            ("LINE_NO", Number),
            ("RETURNED_AT", Date),
            ("QTY", Number),
            ("REFUND_AMOUNT", Number),
            ("REASON", Text),
        ],
    )
}
