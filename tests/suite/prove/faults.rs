//! Seeded faults: each must be refuted.

use ora2stream::prove::compare::{Options, Verdict};

use super::estate::{Estate, read};
use super::mutate::{FAULTS, Fault, seeded};

/// Faults that change nothing, each with the reason. `None` for all places of a job.
const HARMLESS: &[(&str, &str, Option<usize>, &str)] = &[
    (
        "join kind",
        "daily_sales",
        None,
        "lines have orders and products; orders without lines are lost by the NOT NULL columns of the result",
    ),
    (
        "join kind",
        "top_products",
        None,
        "lines have orders; an order without lines has no product, and is lost by the NOT NULL key",
    ),
];

fn harmless(fault: &str, job: &str, n: usize) -> bool {
    let fits = |(f, j, at, _): &&(&str, &str, Option<usize>, &str)| {
        *f == fault && *j == job && at.is_none_or(|at| at == n)
    };
    HARMLESS.iter().any(|h| fits(&h))
}

/// Whether any of a growing number of databases shows the fault.
fn seen(e: &Estate, job: &str, fault: &Fault, n: usize) -> Option<bool> {
    let mut plan = e.plan.clone();
    if !seeded(&mut plan, job, fault, n) {
        return None;
    }
    let refuted = |cases: u64, seed: u64| {
        let options = Options {
            cases,
            seed,
            tries: 0,
            assumptions: false,
            ..Options::default()
        };
        e.job(&plan, job, &options).verdict != Verdict::Proved
    };
    Some(refuted(64, 1) || refuted(1000, 2))
}

/// Sows every fault into every job; how many, and those that went unseen.
fn sown(e: &Estate, jobs: &[String], each: usize) -> (usize, Vec<(String, String, usize)>) {
    let (mut tried, mut missed) = (0, Vec::new());
    for fault in FAULTS {
        for job in jobs {
            for n in 0..each {
                if harmless(fault.name, job, n) {
                    continue;
                }
                match seen(e, job, fault, n) {
                    None => break,
                    Some(true) => tried += 1,
                    Some(false) => {
                        tried += 1;
                        println!("unseen: {} {job} {n}", fault.name);
                        missed.push((fault.name.to_string(), job.clone(), n));
                    }
                }
            }
        }
    }
    (tried, missed)
}

fn jobs_of(e: &Estate, wanted: &[&str]) -> Vec<String> {
    let jobs = e.plan.groups.iter().flat_map(|g| &g.jobs);
    jobs.map(|j| j.id.clone())
        .filter(|j| wanted.is_empty() || wanted.contains(&j.as_str()))
        .collect()
}

#[test]
fn a_slice_of_seeded_faults_is_seen() {
    let e = read("retail");
    let (tried, missed) = sown(&e, &jobs_of(&e, &["daily_sales"]), 1);
    assert!(tried >= 8, "{tried}");
    assert!(missed.is_empty(), "{missed:?}");
}

/// A campaign of minutes: `cargo test --test suite seeded_faults_are -- --ignored --nocapture`.
#[test]
#[ignore = "minutes: cargo test --release --test suite seeded_faults_are -- --ignored --nocapture"]
fn seeded_faults_are_seen() {
    let (mut tried, mut missed) = (0, Vec::new());
    for sample in ["retail", "meter"] {
        let e = read(sample);
        let (t, m) = sown(&e, &jobs_of(&e, &[]), usize::MAX);
        println!("{sample}: {t} faults, {} unseen", m.len());
        tried += t;
        missed.extend(m);
    }
    assert!(
        missed.is_empty(),
        "{} of {tried} not seen: {missed:#?}",
        missed.len()
    );
    assert!(tried >= 60, "{tried}");
}
