//! The samples' jobs on a few databases; the campaigns with a thousand are commands of their own.

use ora2stream::prove::compare::{Options, Verdict};

use super::estate::read;
use crate::support::run;

#[test]
fn the_jobs_of_the_morning_are_proved() {
    let mut e = read("retail");
    e.plan.groups.retain(|g| g.name == "retail_morning_job");
    let options = Options {
        cases: 12,
        assumptions: false,
        ..Options::default()
    };
    let proof = e.prove(&e.plan, &options);
    assert!(proof.jobs.len() >= 3, "{} jobs", proof.jobs.len());
    for job in proof.jobs {
        assert_eq!(job.verdict, Verdict::Proved, "{}", job.job);
        assert!(job.rows > 0, "{} compared no rows", job.job);
    }
}

/// A campaign of minutes: `cargo test --test suite proved_a_thousand_times -- --ignored`.
#[test]
#[ignore = "minutes: cargo test --release --test suite proved_a_thousand_times -- --ignored"]
fn every_planned_job_is_proved_a_thousand_times() {
    for sample in ["retail", "meter", "patterns"] {
        let folder = super::estate::sample(sample);
        let folder = folder.to_string_lossy().into_owned();
        let done = run([
            "prove", &folder, "--cases", "1000", "--format", "json", "--quiet",
        ]);
        let proof: serde_json::Value = serde_json::from_str(&done.out).expect("JSON");
        let jobs = proof["jobs"].as_array().expect("jobs");
        let bad: Vec<&serde_json::Value> =
            jobs.iter().filter(|j| j["verdict"] != "proved").collect();
        assert!(bad.is_empty(), "{sample}: {bad:#?}");
        let count = |key: &str| proof["coverage"][key].as_u64().expect("a count");
        assert!(
            count("covered") * 10 >= count("branches") * 9,
            "{sample}: {} of {} branches",
            count("covered"),
            count("branches")
        );
    }
}
