use super::*;

#[test]
fn the_gate_fails_on_any_difference() {
    let mut g = Gate {
        writes_in: 3,
        writes_planned: 1,
        writes_residual: 1,
        writes_control: 1,
        ..Gate::default()
    };
    assert!(g.adds_up());
    assert_eq!(g.share_per_mille(), Some(500));
    g.units_in = 1;
    assert!(!g.adds_up());
    g.units_reported = 1;
    g.writes_unparsed = 1;
    assert!(!g.adds_up());
}

#[test]
fn no_writes_no_share() {
    assert_eq!(Gate::default().share_per_mille(), None);
}

#[test]
fn repeats_cost_less() {
    let hours = |low, high| Hours { low, high };
    let item = |n| {
        EffortItem::new(
            EffortKind::BuildResidual,
            "db_link".into(),
            n,
            hours(8, 16),
            hours(2, 4),
        )
    };
    assert_eq!(item(0).total, hours(0, 0));
    assert_eq!(item(1).total, hours(8, 16));
    assert_eq!(item(3).total, hours(12, 24));
    assert_eq!(Effort::of(vec![item(1), item(3)]).high_hours, 40);
}

#[test]
fn an_empty_report_reads_back() {
    let text = Report::default().to_json().unwrap();
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back, Report::default());
}
