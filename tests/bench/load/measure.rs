//! Wall time, processor time and memory of a program with all its children, from `/proc`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Live, failed};
use crate::report::Run;

/// Ticks of the kernel's clock a second.
const TICKS: f64 = 100.0;

/// Fields of `/proc/<pid>/stat` behind the name: state, parent, times.
struct Stat {
    state: char,
    parent: u32,
    own: f64,
    children: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |n: usize| fields.get(n)?.parse::<f64>().ok().map(|t| t / TICKS);
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        own: ticks(11)? + ticks(12)?,
        children: ticks(13)? + ticks(14)?,
    })
}

/// Processor seconds of a process so far.
pub fn cpu_seconds(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |s| s.own + s.children)
}

/// A process and all below it.
fn tree(root: u32) -> Vec<u32> {
    let mut below: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_string_lossy().parse::<u32>();
        if let Ok(pid) = pid
            && let Some(stat) = stat(pid)
        {
            below.entry(stat.parent).or_default().push(pid);
        }
    }
    let (mut found, mut next) = (Vec::new(), vec![root]);
    while let Some(pid) = next.pop() {
        found.push(pid);
        next.extend(below.get(&pid).into_iter().flatten());
    }
    found
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

/// Runs a tool to its end.
pub fn run(mut command: Command, rows: u64) -> Live<Run> {
    let log = tempfile::tempdir()?;
    let out = std::fs::File::create(log.path().join("out"))?;
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .spawn()?;
    let pid = child.id();
    let (mut peak, mut cpu) = (0, 0.0f64);
    // A process that has ended stays readable until it is waited for: its last figures are complete.
    let wall = loop {
        let Some(root) = stat(pid) else {
            return Err(failed("the tool went away"));
        };
        let family = tree(pid);
        peak = peak.max(family.iter().map(|p| resident_kib(*p)).sum());
        let live: f64 = family
            .iter()
            .filter(|p| **p != pid)
            .filter_map(|p| stat(*p))
            .map(|s| s.own)
            .sum();
        cpu = cpu.max(root.own + root.children + live);
        if root.state == 'Z' {
            break start.elapsed();
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let status = child.wait()?;
    let text = std::fs::read_to_string(log.path().join("out")).unwrap_or_default();
    if !status.success() {
        return Err(failed(format!("{command:?} ended with {status}\n{text}")));
    }
    Ok(Run {
        rows,
        wall: wall.as_secs_f64(),
        client_cpu: cpu,
        server_cpu: 0.0,
        peak_mib: peak as f64 / 1024.0,
    })
}
