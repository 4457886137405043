//! What the timeline looks like.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::aurora::{Reach, Rewind, RewindStatus};

/// The present moment of every test here, in UTC.
pub(super) const NOW: &str = "2026-11-22T12:00:00Z";

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A window, all in minutes before now: the target, what is reachable of it, the cluster's age.
pub(super) fn reach(target: i64, actual: i64, age: i64) -> Reach {
    let before = |minutes| at(NOW) - SignedDuration::from_mins(minutes);
    let (ghost, made) = (before(target), before(age));
    Reach { floor: before(actual), ghost, wall: (made > ghost).then_some(made), now: at(NOW) }
}

/// A full window of six hours and nothing else.
pub(super) fn data() -> TimelineData<'static> {
    TimelineData {
        now: at(NOW),
        reach: Some(reach(360, 360, 9_999)),
        created_at: Some(at(NOW) - SignedDuration::from_mins(9_999)),
        rewinds: &[],
        marks: &[],
        events: &[],
        expires_at: None,
        restorable: None,
    }
}

/// A rewind that is done.
pub(super) fn rewind(from: Timestamp, to: Timestamp) -> Rewind {
    Rewind {
        id: "0e5c8a3a-4a1f-4a68-9a6e-000000000000".into(),
        to: Some(to),
        from: Some(from),
        requested_at: None,
        status: RewindStatus::Completed,
    }
}

#[test]
fn gallery() {
    let m = |n: i64| at(NOW) - SignedDuration::from_mins(n);
    let rewinds = [rewind(m(200), m(260)), rewind(m(196), m(201)), rewind(m(60), m(120))];
    let marks = [
        ("before-release".to_owned(), m(270)),
        ("v2.41".into(), m(125)),
        ("seeded".into(), m(30)),
        ("x".into(), m(28)),
    ];
    let ev = |n: i64, t: &str| crate::aurora::ClusterEvent {
        at: m(n),
        source: "s".into(),
        categories: vec![],
        message: t.into(),
    };
    let events = [
        ev(300, "failover"),
        ev(100, "a"),
        ev(99, "b"),
        ev(45, "The actual Backtrack window is smaller than the target"),
    ];
    let base =
        TimelineData { rewinds: &rewinds, marks: &marks, events: &events, restorable: Some((m(5000), m(5))), ..data() };
    let cases = [
        ("full", TimelineData { rewinds: &[], ..base }, None),
        ("shrunk", TimelineData { reach: Some(reach(360, 227, 9999)), rewinds: &[], ..base }, Some(m(25))),
        (
            "young",
            TimelineData { reach: Some(reach(360, 90, 90)), created_at: Some(m(90)), rewinds: &[], ..base },
            Some(m(25)),
        ),
        ("seams", base, Some(m(150))),
        ("off", TimelineData { reach: None, ..base }, None),
    ];
    for (file, theme, light, glyphs) in [
        ("dark", Theme::named("ansi-dark").unwrap(), false, Glyphs::unicode()),
        ("light", Theme::named("ansi-light").unwrap(), true, Glyphs::unicode()),
        ("dusk", Theme::named("dusk").unwrap(), false, Glyphs::unicode()),
        ("mono", Theme::mono(), false, Glyphs::unicode()),
        ("ascii", Theme::named("ansi-dark").unwrap(), false, Glyphs::ascii()),
    ] {
        for w in [40u16, 80, 120] {
            let mut b = Buffer::empty(Rect::new(0, 0, w, 11 * 5));
            let mut y = 0;
            for (_, data, cursor) in cases {
                let h = if w < 60 { 7 } else { 9 };
                let t = Timeline {
                    data,
                    span: Span::whole(&data),
                    cursor,
                    zone: &TimeZone::UTC,
                    theme: &theme,
                    glyphs: &glyphs,
                };
                (&t).render(Rect::new(0, y, w, h), &mut b);
                y += h + 1;
                b.set_line(0, y - 1, &compact(data.reach, data.now, 16, &theme, &glyphs), 16);
                y += 1;
            }
            std::fs::write(format!("/tmp/gal-{file}-{w}.svg"), crate::tui::picture::svg(&b, "t", light)).unwrap();
        }
    }
}
