//! What the timeline looks like.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use ratatui::buffer::Cell;
use ratatui::style::{Modifier, Style};

use super::*;
use crate::aurora::{ClusterEvent, Reach, Rewind, RewindStatus};
use crate::tui::theme::Role;

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

/// A cluster on a busy day, with everything that the timeline can show.
struct Scene {
    reach: Option<Reach>,
    created_at: Option<Timestamp>,
    rewinds: Vec<Rewind>,
    marks: Vec<(String, Timestamp)>,
    events: Vec<ClusterEvent>,
    cursor: Option<Timestamp>,
    zone: TimeZone,
}

fn ago(minutes: i64) -> Timestamp {
    at(NOW) - SignedDuration::from_mins(minutes)
}

fn scene() -> Scene {
    let event = |minutes, message: &str| ClusterEvent {
        at: ago(minutes),
        source: "orders".into(),
        categories: vec![],
        message: message.into(),
    };
    Scene {
        reach: Some(reach(360, 360, 9_999)),
        created_at: Some(ago(9_999)),
        rewinds: vec![],
        marks: vec![("before-release".into(), ago(270)), ("v2.41".into(), ago(125)), ("seeded".into(), ago(30))],
        events: vec![event(300, "Started failover"), event(100, "Completed failover"), event(99, "Restarted")],
        cursor: Some(ago(150)),
        zone: TimeZone::UTC,
    }
}

impl Scene {
    fn data(&self) -> TimelineData<'_> {
        TimelineData {
            reach: self.reach,
            created_at: self.created_at,
            rewinds: &self.rewinds,
            marks: &self.marks,
            events: &self.events,
            restorable: Some((ago(5_000), ago(5))),
            ..data()
        }
    }

    fn draw(&self, area: Rect, theme: &Theme, glyphs: &Glyphs) -> Buffer {
        let data = self.data();
        let mut buffer = Buffer::empty(area);
        let span = Span::whole(&data);
        let timeline = Timeline { data, span, cursor: self.cursor, zone: &self.zone, theme, glyphs };
        (&timeline).render(area, &mut buffer);
        buffer
    }

    /// The scene in several sizes, each in a frame that shows its edges.
    fn sheet(&self, glyphs: &Glyphs) -> String {
        let sizes = [(40, 5), (60, 1), (60, 3), (80, 7), (120, 9), (200, 9)];
        let drawn = sizes.map(|(width, height)| {
            let rows = text(&self.draw(Rect::new(0, 0, width, height), &Theme::mono(), glyphs));
            let rows: Vec<String> = rows.into_iter().map(|row| format!("|{row}|")).collect();
            format!("{width}x{height}\n{}", rows.join("\n"))
        });
        drawn.join("\n\n")
    }
}

fn text(buffer: &Buffer) -> Vec<String> {
    let row = |cells: &[Cell]| cells.iter().map(Cell::symbol).collect();
    buffer.content.chunks(usize::from(buffer.area.width)).map(row).collect()
}

/// Back, then back to just before that (forward again), then back once more.
fn three_rewinds() -> Vec<Rewind> {
    vec![rewind(ago(200), ago(260)), rewind(ago(190), ago(201)), rewind(ago(60), ago(120))]
}

fn named_scene(name: &str) -> Scene {
    let scene = scene();
    match name {
        "shrunk" => Scene { reach: Some(reach(360, 227, 9_999)), cursor: Some(ago(25)), ..scene },
        "young" => Scene { reach: Some(reach(360, 90, 90)), created_at: Some(ago(90)), cursor: Some(ago(25)), ..scene },
        "young_and_shrunk" => Scene { reach: Some(reach(360, 40, 200)), created_at: Some(ago(200)), ..scene },
        "seams" => Scene { rewinds: three_rewinds(), ..scene },
        "off" => Scene { reach: None, cursor: None, ..scene },
        // Five hours behind: the window reaches far into the day before.
        "day_change" => Scene {
            reach: Some(reach(1_440, 1_440, 9_999)),
            cursor: Some(ago(900)),
            zone: TimeZone::get("America/New_York").unwrap(),
            ..scene
        },
        "fifty_marks" => {
            let marks = (0..50).map(|n| (format!("mark-{n}"), ago(7 * n + 1))).collect();
            Scene { marks, ..scene }
        }
        _ => Scene { cursor: None, ..scene },
    }
}

#[rstest::rstest]
fn the_timeline_looks_like_this(
    #[values("full", "shrunk", "young", "young_and_shrunk", "seams", "off", "day_change", "fifty_marks")] name: &str,
    #[values(true, false)] unicode: bool,
) {
    let glyphs = Glyphs::pick(!unicode);
    let sheet = named_scene(name).sheet(&glyphs);
    assert!(unicode || sheet.is_ascii(), "{sheet}");
    let signs = if unicode { "unicode" } else { "ascii" };
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("{name}_{signs}"), sheet);
    });
}

#[test]
fn styles_tell_what_is_what() {
    let theme = Theme::named("ansi-dark").unwrap();
    let style_at = |scene: &Scene, minutes: i64| {
        let buffer = scene.draw(Rect::new(0, 0, 80, 1), &theme, &Glyphs::unicode());
        let data = scene.data();
        let column = column_of(&Span::whole(&data), 80, ago(minutes)).unwrap();
        (buffer[(column, 0)].fg, buffer[(column, 0)].modifier)
    };
    let of = |role| {
        let style: Style = theme.style(role);
        (style.fg.unwrap_or_default(), style.add_modifier)
    };
    let shrunk = Scene { marks: vec![], ..named_scene("shrunk") };
    assert_eq!(style_at(&shrunk, 300), of(Role::Ghost));
    assert_eq!(style_at(&shrunk, 227), of(Role::Warn));
    assert_eq!(style_at(&shrunk, 120), of(Role::Window));
    assert_eq!(style_at(&shrunk, 10), of(Role::Discard));
    assert!(style_at(&shrunk, 25).1.contains(Modifier::REVERSED));
    assert_eq!(style_at(&Scene { marks: vec![], ..named_scene("young") }, 90), of(Role::Wall));
    assert_eq!(style_at(&Scene { marks: vec![], cursor: None, ..named_scene("seams") }, 90), of(Role::Undone));
}

#[test]
fn without_colour_every_part_of_the_band_has_its_own_sign() {
    for glyphs in [Glyphs::unicode(), Glyphs::ascii()] {
        let signs = glyphs.timeline;
        let mut parts = vec![
            signs.ghost,
            signs.full,
            signs.undone,
            signs.discard,
            signs.wall,
            signs.cursor,
            signs.mark,
            signs.axis,
        ];
        if !glyphs.unicode {
            parts.pop(); // No window, no discarded part: the axis may look like one.
        }
        let count = parts.len();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts.len(), count);
    }
}

#[test]
fn a_running_rewind_is_shown_as_such() {
    let mut running = rewind(ago(0), ago(100));
    (running.status, running.from) = (RewindStatus::Applying, None);
    let scene = Scene { rewinds: vec![running], cursor: None, ..scene() };
    let rows = text(&scene.draw(Rect::new(0, 0, 100, 7), &Theme::mono(), &Glyphs::unicode()));
    assert!(rows.iter().any(|row| row.contains("rewinding 1h 40m")), "{rows:#?}");
}

#[test]
fn the_expiry_of_a_clone_is_shown_where_it_is_visible() {
    let scene = scene();
    let data = TimelineData { expires_at: Some(at(NOW) + SignedDuration::from_mins(8)), ..scene.data() };
    let (theme, glyphs) = (Theme::mono(), Glyphs::unicode());
    let span = Span { start: ago(60), end: at(NOW) + SignedDuration::from_mins(40) };
    let timeline = Timeline { data, span, cursor: None, zone: &TimeZone::UTC, theme: &theme, glyphs: &glyphs };
    let mut buffer = Buffer::empty(Rect::new(0, 0, 100, 5));
    (&timeline).render(buffer.area, &mut buffer);
    let rows = text(&buffer);
    assert!(rows.iter().any(|row| row.contains("expires 12:08:00")), "{rows:#?}");
    assert!(rows.iter().any(|row| row.contains('✕')), "{rows:#?}");
}

proptest! {
    #[test]
    fn labels_are_whole_or_visibly_cut(
        marks in proptest::collection::vec(("[a-z]{1,12}", 0i64..360), 0..50),
        width in 1u16..300,
        height in 1u16..14,
        cursor in proptest::option::of(0i64..360),
    ) {
        let marks: Vec<_> = marks.into_iter().map(|(name, minutes)| (name, ago(minutes))).collect();
        let scene = Scene { marks: marks.clone(), cursor: cursor.map(ago), rewinds: vec![], ..scene() };
        let area = Rect::new(0, 0, width, height);
        let rows = plan_of(&scene, area);
        let text = text(&scene.draw(area, &Theme::mono(), &Glyphs::unicode()));
        let Some(row) = rows else { return Ok(()) };
        for word in text[usize::from(row)].split(['◆', '│', ' ']).filter(|word| !word.is_empty()) {
            let known = |(name, _): &(String, Timestamp)| match word.strip_suffix('…') {
                Some(cut) => name.starts_with(cut),
                None => name == word,
            };
            prop_assert!(marks.iter().any(known), "{word} in {text:#?}");
        }
    }

    #[test]
    fn nothing_is_drawn_outside_the_area(
        x in 0u16..20, y in 0u16..5, width in 0u16..320, height in 0u16..16,
        start in -2_000i64..1_000, length in 1i64..5_000, cursor in -1_000i64..1_000,
    ) {
        let mut scene = named_scene("seams");
        scene.cursor = Some(ago(cursor));
        let data = scene.data();
        let span = Span { start: ago(start + length), end: ago(start) };
        let (theme, glyphs) = (Theme::mono(), Glyphs::unicode());
        let timeline = Timeline { data, span, cursor: scene.cursor, zone: &scene.zone, theme: &theme, glyphs: &glyphs };
        let area = Rect::new(x, y, width, height);
        let mut buffer = Buffer::filled(Rect::new(0, 0, 200, 16), Cell::new("~"));
        (&timeline).render(area, &mut buffer);
        for position in buffer.area.positions().filter(|position| !area.contains(*position)) {
            prop_assert_eq!(buffer[position].symbol(), "~");
        }
    }
}

/// The row of the marks.
fn plan_of(scene: &Scene, area: Rect) -> Option<u16> {
    let data = scene.data();
    let wants = layout::Wants {
        thick: true,
        seam_lanes: 0,
        marks: !data.marks.is_empty(),
        events: !data.events.is_empty(),
        backup: true,
    };
    layout::plan(area.height, wants).marks
}
