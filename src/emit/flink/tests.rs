use super::*;
use crate::emit::testing::sample_plan;

#[test]
fn print() {
    let files = FlinkEmitter.emit(&sample_plan()).unwrap();
    println!("{}", String::from_utf8_lossy(&files[0].contents));
}
