//! Whether a schedule runs a batch at least once in every period. Texts that are not understood cover nothing:
//! then it is an assumption, and said. Source: Oracle Database PL/SQL Packages and Types Reference, DBMS_SCHEDULER,
//! "Calendaring Syntax"; crontab(5).

use super::model::{Fact, Status, WriteStep};
use crate::catalog::model::{Catalog, Job, RoutineId};
use crate::rel::PeriodUnit;

/// Lowers the fact where no job that reaches the write is seen to run in every period.
pub(super) fn check(catalog: &Catalog, step: &mut WriteStep, unit: PeriodUnit) {
    let jobs = step.jobs.iter().filter_map(|j| catalog.jobs.get(*j));
    let covering = jobs
        .filter(|j| j.enabled && covers_job(j, unit))
        .find(|j| always_reaches(catalog, j, step.routine));
    let Some(evidence) = step.facts.get_mut(&Fact::EveryPeriodRuns) else {
        return;
    };
    match covering {
        Some(job) if evidence.status == Status::Proved => {
            evidence.note = format!(
                "{}, and {} runs at least once in each ({})",
                evidence.note,
                job.name,
                job.schedule.as_deref().unwrap_or("")
            );
        }
        None if evidence.status == Status::Proved => {
            evidence.status = Status::Assumed;
            evidence.note =
                "no schedule that was found runs the batch once in every period; periods that no run covers are in \
                 the stream's table and never were in the batch's"
                    .into();
        }
        Some(_) | None => {}
    }
}

/// An entry that every run of the job makes leads to the routine.
fn always_reaches(catalog: &Catalog, job: &Job, routine: RoutineId) -> bool {
    let entries = job.entries.iter().filter(|e| !e.conditional);
    let roots = entries.filter_map(|e| e.routine.known().copied());
    catalog.calls.reachable(roots).contains(&routine)
}

fn covers_job(job: &Job, unit: PeriodUnit) -> bool {
    let text = job.schedule.as_deref().unwrap_or("").trim();
    if text.to_ascii_uppercase().contains("FREQ=") {
        calendar(text, unit)
    } else {
        cron(text, unit)
    }
}

/// Length of a unit, to compare: a shorter period needs more frequent runs.
fn rank(unit: PeriodUnit) -> u8 {
    match unit {
        PeriodUnit::Minute => 0,
        PeriodUnit::Hour => 1,
        PeriodUnit::Day => 2,
        PeriodUnit::Week => 3,
        PeriodUnit::Month => 4,
        PeriodUnit::Quarter => 5,
        PeriodUnit::Year => 6,
    }
}

/// `FREQ=DAILY;BYHOUR=1`: as often as the period is long, and nothing leaves runs out.
fn calendar(text: &str, unit: PeriodUnit) -> bool {
    let upper = text.to_ascii_uppercase();
    let clauses: Vec<(&str, &str)> = upper
        .split(';')
        .filter_map(|c| c.split_once('='))
        .map(|(k, v)| (k.trim(), v.trim()))
        .collect();
    let value = |key: &str| clauses.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let freq = match value("FREQ") {
        Some("MINUTELY") => 0,
        Some("HOURLY") => 1,
        Some("DAILY") => 2,
        Some("WEEKLY") => 3,
        Some("MONTHLY") => 4,
        Some("YEARLY") => 6,
        Some(_) | None => return false,
    };
    let every = value("INTERVAL").is_none_or(|i| i == "1");
    // BYHOUR and finer only say when in the period a run is, once the period is a day or longer.
    let harmless = |key: &str| match key {
        "FREQ" | "INTERVAL" | "BYSECOND" => true,
        "BYMINUTE" => rank(unit) >= 1,
        "BYHOUR" => rank(unit) >= 2,
        "BYDAY" => rank(unit) >= 3,
        "BYMONTHDAY" => rank(unit) >= 4,
        _ => false,
    };
    let all_days = value("BYDAY").is_some_and(|d| d.split(',').count() == 7);
    let enough = freq <= rank(unit) || (freq == 3 && rank(unit) == 2 && all_days);
    let open = clauses
        .iter()
        .all(|(k, _)| harmless(k) || (*k == "BYDAY" && all_days));
    enough && every && open
}

/// `30 1 * * *`: minute, hour, day of month, month, day of week.
fn cron(text: &str, unit: PeriodUnit) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return false;
    };
    let any = |f: &str| f == "*";
    match rank(unit) {
        0 => [minute, hour, day, month, weekday].iter().all(|f| any(f)),
        1 => [hour, day, month, weekday].iter().all(|f| any(f)),
        2 => [day, month, weekday].iter().all(|f| any(f)),
        3 => any(day) && any(month),
        4 | 5 => any(month) && (any(day) || any(weekday)),
        _ => any(day) || any(weekday),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendars_cover_the_periods_in_which_nothing_is_left_out() {
        assert!(calendar("FREQ=DAILY;BYHOUR=5;BYMINUTE=30", PeriodUnit::Day));
        assert!(calendar(
            "freq=hourly; interval=1; byminute=10",
            PeriodUnit::Hour
        ));
        assert!(calendar("FREQ=DAILY;BYHOUR=2", PeriodUnit::Month));
        assert!(calendar(
            "FREQ=WEEKLY;BYDAY=MON,TUE,WED,THU,FRI,SAT,SUN",
            PeriodUnit::Day
        ));
        assert!(!calendar(
            "FREQ=WEEKLY;BYDAY=MON,TUE,WED,THU,FRI",
            PeriodUnit::Day
        ));
        assert!(!calendar("FREQ=DAILY;INTERVAL=2", PeriodUnit::Day));
        assert!(!calendar("FREQ=DAILY;BYHOUR=5", PeriodUnit::Hour));
        assert!(!calendar("FREQ=MONTHLY;BYMONTHDAY=3", PeriodUnit::Day));
        assert!(!calendar("FREQ=DAILY;EXCLUDE=HOLIDAYS", PeriodUnit::Day));
        assert!(!calendar("FREQ=DAILY;BYMONTH=1", PeriodUnit::Day));
    }

    #[test]
    fn cron_lines_cover_a_day_when_no_day_is_left_out() {
        assert!(cron("30 1 * * *", PeriodUnit::Day));
        assert!(!cron("30 1 * * 1-5", PeriodUnit::Day));
        assert!(!cron("30 1 1 * *", PeriodUnit::Day));
        assert!(cron("30 1 1 * *", PeriodUnit::Month));
        assert!(!cron("@daily", PeriodUnit::Day));
    }
}
