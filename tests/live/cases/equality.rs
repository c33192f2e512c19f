//! The stream against the batch: a scenario is played into the change topics step by step,
//! and after each step the result topics must settle at what the batch would have written.

use super::Case;
use crate::flink::{client, runner};
use crate::harness::{Live, own_file};
use crate::kafka::Broker;
use crate::retail::play::Play;
use crate::retail::scenario;
use crate::stack::Stack;

pub fn cases() -> [(&'static str, Case); 4] {
    [
        ("retail::stream_equals_batch_step_by_step", step_by_step),
        ("flink::bounded_by_gateway", by_gateway),
        ("flink::bounded_by_sql_client", by_client),
        ("flink::bounded_by_2_2", by_2_2),
    ]
}

fn script(broker: &Broker, prefix: &str, bounded: bool) -> Live<String> {
    let start = "'scan.startup.mode' = 'earliest-offset'";
    let text = own_file("fixtures/retail.sql")?
        .replace("@BOOTSTRAP@", broker.bootstrap())
        .replace("@PREFIX@", prefix);
    Ok(if bounded {
        text.replace(
            start,
            &format!("{start}, 'scan.bounded.mode' = 'latest-offset'"),
        )
    } else {
        text
    })
}

fn step_by_step(stack: &Stack) -> Live<()> {
    let broker = stack.kafka()?;
    let mut play = Play::new(broker.client(), "fix")?;
    play.create_topics()?;
    let running = stack
        .flink()?
        .run_streaming(&script(broker, "fix", false)?)?;
    play.all_steps(&running)?;
    running.cancel();
    Ok(())
}

fn bounded(broker: &Broker, prefix: &str, run: impl FnOnce(&str) -> Live<()>) -> Live<()> {
    let mut play = Play::new(broker.client(), prefix)?;
    play.create_topics()?;
    for step in scenario::steps().iter().take(3) {
        play.step(step)?;
    }
    run(&script(broker, prefix, true)?)?;
    play.check()
}

fn by_gateway(stack: &Stack) -> Live<()> {
    let gateway = stack.flink()?;
    bounded(stack.kafka()?, "gateway", |script| {
        gateway.run_bounded(script)
    })
}

fn by_client(stack: &Stack) -> Live<()> {
    bounded(stack.kafka()?, "client", client::run)
}

fn by_2_2(stack: &Stack) -> Live<()> {
    bounded(stack.kafka()?, "old", runner::run)
}
