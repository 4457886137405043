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
    for glyphs in [Glyphs::unicode(), Glyphs::ascii()] {
        for (name, data, cursor) in cases {
            for (w, h) in [(40u16, 7u16), (60, 5), (80, 7), (80, 3), (120, 9), (200, 10)] {
                let theme = Theme::mono();
                let t = Timeline {
                    data,
                    span: Span::whole(&data),
                    cursor,
                    zone: &TimeZone::UTC,
                    theme: &theme,
                    glyphs: &glyphs,
                };
                let mut b = Buffer::empty(Rect::new(0, 0, w, h));
                (&t).render(b.area, &mut b);
                println!("-- {name} {w}x{h}");
                for row in b.content.chunks(usize::from(w)) {
                    println!("{}", row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end());
                }
            }
        }
    }
}
