//! The retail sample as a running business: its source tables, what happens to them, and
//! what its batches make of them, computed here from the rows alone. Nothing in this folder
//! uses the library under test.

pub mod customer_balance;
pub mod daily_sales;
pub mod play;
pub mod scenario;
pub mod tables;
