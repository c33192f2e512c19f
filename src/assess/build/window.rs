//! When a schedule starts within a day: cron fields and the calendaring syntax of DBMS_SCHEDULER, as far as it is
//! needed to draw a day. What is not understood has no window; the text of the schedule is shown in any case.

use crate::assess::model::Window;
use crate::catalog::model::JobOrigin;

const DAY: u16 = 24 * 60;

/// The starts of a schedule within one day.
pub(super) fn of(origin: JobOrigin, text: &str) -> Option<Window> {
    match origin {
        JobOrigin::Crontab => cron(text),
        JobOrigin::Scheduler | JobOrigin::ChainStep | JobOrigin::Export | JobOrigin::DbmsJob => {
            calendar(text).or_else(|| cron(text))
        }
        JobOrigin::Shell | JobOrigin::Configured | JobOrigin::Uncalled => None,
    }
}

/// Minutes of a day, made from hours and minutes of an hour.
fn starts(hours: &[u16], minutes: &[u16]) -> Vec<u16> {
    let mut out: Vec<u16> = hours
        .iter()
        .flat_map(|h| minutes.iter().map(move |m| h * 60 + m))
        .filter(|m| *m < DAY)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn window(starts: &[u16], days: String) -> Option<Window> {
    let (first, last) = (*starts.first()?, *starts.last()?);
    let gaps = starts.windows(2).map(|w| w[1] - w[0]);
    Some(Window {
        first,
        every: gaps.min(),
        last: (last != first).then_some(last),
        days,
    })
}

fn cron(text: &str) -> Option<Window> {
    let text = match text.trim() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    };
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return None;
    };
    let all = starts(&cron_field(hour, 24)?, &cron_field(minute, 60)?);
    let days = match (*day, *month, *weekday) {
        ("*", "*", "*") => String::new(),
        (d, m, w) => format!("{d} {m} {w}"),
    };
    window(&all, days)
}

/// `*`, `5`, `1-5`, `*/15`, `1,2`.
fn cron_field(text: &str, limit: u16) -> Option<Vec<u16>> {
    let mut out = Vec::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: u16 = step.parse().ok().filter(|s| *s > 0)?;
        let (from, to) = match range.split_once('-') {
            Some((a, b)) => (a.parse().ok()?, b.parse().ok()?),
            None if range == "*" => (0, limit - 1),
            None => {
                let one: u16 = range.parse().ok()?;
                (one, one)
            }
        };
        out.extend((from..=to).step_by(usize::from(step)));
    }
    Some(out.into_iter().filter(|v| *v < limit).collect())
}

/// `FREQ=..;INTERVAL=..;BYHOUR=..;BYMINUTE=..`.
fn calendar(text: &str) -> Option<Window> {
    let upper = text.to_ascii_uppercase();
    let part = |key: &str| {
        upper.split(';').find_map(|p| {
            let (k, v) = p.split_once('=')?;
            (k.trim() == key).then(|| v.trim().to_string())
        })
    };
    let numbers = |key: &str| -> Option<Vec<u16>> {
        part(key)?
            .split(',')
            .map(|n| n.trim().parse().ok())
            .collect()
    };
    let interval: u16 = part("INTERVAL").and_then(|i| i.parse().ok()).unwrap_or(1);
    let step = usize::from(interval.max(1));
    let all_day = || (0..24).collect::<Vec<u16>>();
    let all = match part("FREQ")?.as_str() {
        "MINUTELY" => {
            let hours = numbers("BYHOUR").unwrap_or_else(all_day);
            let minutes = numbers("BYMINUTE").unwrap_or_else(|| (0..60).step_by(step).collect());
            starts(&hours, &minutes)
        }
        "HOURLY" => {
            let hours = numbers("BYHOUR").unwrap_or_else(|| (0..24).step_by(step).collect());
            starts(&hours, &numbers("BYMINUTE").unwrap_or_else(|| vec![0]))
        }
        "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY" => starts(
            &numbers("BYHOUR")?,
            &numbers("BYMINUTE").unwrap_or_else(|| vec![0]),
        ),
        _ => return None,
    };
    window(&all, days(&upper))
}

/// What limits the days; empty if it is every day.
fn days(upper: &str) -> String {
    let limits = |p: &&str| {
        ["BYDAY=", "BYMONTHDAY=", "BYMONTH=", "BYDATE="]
            .iter()
            .any(|k| p.trim().starts_with(k))
            || matches!(p.trim(), "FREQ=WEEKLY" | "FREQ=MONTHLY" | "FREQ=YEARLY")
    };
    let parts: Vec<&str> = upper.split(';').filter(limits).map(str::trim).collect();
    parts.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(w: Option<Window>) -> Option<(u16, Option<u16>, Option<u16>, String)> {
        w.map(|w| (w.first, w.every, w.last, w.days))
    }

    #[test]
    fn cron_lines_give_starts() {
        let daily = of(JobOrigin::Crontab, "30 1 * * *");
        assert_eq!(parts(daily), Some((90, None, None, String::new())));
        let often = of(JobOrigin::Crontab, "*/15 6-7 * * 1-5");
        assert_eq!(
            parts(often),
            Some((360, Some(15), Some(465), "* * 1-5".into()))
        );
        assert_eq!(of(JobOrigin::Crontab, "x y * * *"), None);
    }

    #[test]
    fn calendars_give_starts() {
        let daily = of(
            JobOrigin::Scheduler,
            "FREQ=DAILY;BYHOUR=5;BYMINUTE=30;BYSECOND=0",
        );
        assert_eq!(parts(daily), Some((330, None, None, String::new())));
        let quarter = of(JobOrigin::Scheduler, "FREQ=MINUTELY;INTERVAL=15;BYHOUR=6,7");
        assert_eq!(
            parts(quarter),
            Some((360, Some(15), Some(465), String::new()))
        );
        let weekly = of(
            JobOrigin::Scheduler,
            "FREQ=WEEKLY;BYDAY=MON,TUE;BYHOUR=12;BYMINUTE=0",
        );
        assert_eq!(
            weekly.map(|w| w.days),
            Some("FREQ=WEEKLY;BYDAY=MON,TUE".into())
        );
        assert_eq!(of(JobOrigin::Scheduler, "FREQ=DAILY"), None);
    }

    #[test]
    fn absurd_fields_do_not_panic() {
        for text in [
            "99 99 * * *",
            "5-1 1 * * *",
            "*/0 * * * *",
            "1-65535/1 * * * *",
        ] {
            let _ = of(JobOrigin::Crontab, text);
        }
    }
}
