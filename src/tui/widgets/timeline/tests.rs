//! What the timeline looks like.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::aurora::mark::{Kept, Mark, MarkName};
use crate::aurora::pressure::{Sample, Samples};
use crate::aurora::{ClusterEvent, Reach, Rewind, RewindStatus};
use crate::engine::TaskState;
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
        tasks: &[],
        samples: None,
        expires_at: None,
        restorable: None,
    }
}

/// A mark. Its name is never one of the words that mean a moment.
pub(super) fn mark(name: &str, at: Timestamp) -> Mark {
    let name = MarkName::try_from(name).or_else(|_| MarkName::try_from(format!("{name}-"))).unwrap();
    Mark { name, at, kept: Kept::Tag }
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
#[derive(Debug, Clone)]
struct Scene {
    now: Timestamp,
    reach: Option<Reach>,
    created_at: Option<Timestamp>,
    rewinds: Vec<Rewind>,
    marks: Vec<Mark>,
    events: Vec<ClusterEvent>,
    tasks: Vec<TaskSpan>,
    samples: Option<Samples>,
    expires_at: Option<Timestamp>,
    cursor: Option<Timestamp>,
    zone: TimeZone,
}

fn ago(minutes: i64) -> Timestamp {
    before(at(NOW), minutes)
}

fn before(now: Timestamp, minutes: i64) -> Timestamp {
    now - SignedDuration::from_mins(minutes)
}

fn scene() -> Scene {
    scene_at(at(NOW), "UTC")
}

fn scene_at(now: Timestamp, zone: &str) -> Scene {
    let ago = |minutes| before(now, minutes);
    let event = |minutes, message: &str| ClusterEvent {
        at: ago(minutes),
        source: "orders".into(),
        categories: vec![],
        message: message.into(),
    };
    let task = |from, to: Option<i64>, label: &str, state| TaskSpan {
        from: ago(from),
        to: to.map(ago),
        label: label.into(),
        state,
    };
    Scene {
        now,
        reach: Some(Reach { floor: ago(360), ghost: ago(360), wall: None, now }),
        created_at: Some(ago(9_999)),
        rewinds: vec![],
        marks: vec![mark("before-release", ago(270)), mark("v2.41", ago(125)), mark("seeded", ago(30))],
        events: vec![event(300, "Started failover"), event(100, "Completed failover"), event(99, "Restarted")],
        tasks: vec![
            task(265, Some(230), "release 2.41", TaskState::Failed),
            task(90, Some(85), "clone clone-orders-x7k2", TaskState::Done),
            task(20, None, "tests", TaskState::Running),
        ],
        samples: Some(samples(now)),
        expires_at: None,
        cursor: Some(ago(150)),
        zone: TimeZone::get(zone).unwrap(),
    }
}

/// Three hours of an even trickle with a burst in it, read every five minutes.
fn samples(now: Timestamp) -> Samples {
    let mut samples = Samples::default();
    let mut records = 400_000;
    for minutes in (0..=180).rev().step_by(5) {
        let at = before(now, minutes);
        samples.push(Sample { at, records, earliest: before(now, 360), target: SignedDuration::from_hours(6) });
        records += if (100..130).contains(&minutes) { 90_000 } else { 3_000 + 100 * (minutes % 40) };
    }
    samples
}

impl Scene {
    fn data(&self) -> TimelineData<'_> {
        TimelineData {
            now: self.now,
            reach: self.reach,
            created_at: self.created_at,
            rewinds: &self.rewinds,
            marks: &self.marks,
            events: &self.events,
            tasks: &self.tasks,
            samples: self.samples.as_ref(),
            expires_at: self.expires_at,
            restorable: Some((before(self.now, 5_000), before(self.now, 5))),
        }
    }

    fn timeline<'a>(&'a self, theme: &'a Theme, glyphs: &'a Glyphs) -> Timeline<'a> {
        let data = self.data();
        Timeline { data, span: Span::whole(&data), cursor: self.cursor, zone: &self.zone, theme, glyphs }
    }

    fn draw(&self, area: Rect, theme: &Theme, glyphs: &Glyphs) -> Buffer {
        let mut buffer = Buffer::empty(area);
        (&self.timeline(theme, glyphs)).render(area, &mut buffer);
        buffer
    }

    /// The scene in several sizes: its signs in Unicode and ASCII, and the styles of every cell, with and without colour.
    fn sheet(&self) -> String {
        let mut legend = Legend::default();
        let sizes = [(40, 6), (60, 1), (60, 3), (80, 9), (120, 12), (200, 14)];
        let drawn = sizes.map(|(width, height)| {
            let area = Rect::new(0, 0, width, height);
            let [coloured, mono] = ["ansi-dark", "mono"].map(|name| Theme::named(name).unwrap());
            let unicode = self.draw(area, &coloured, &Glyphs::unicode());
            let ascii = self.draw(area, &mono, &Glyphs::ascii());
            let plain = self.draw(area, &mono, &Glyphs::unicode());
            assert!(text(&ascii).iter().all(|row| row.is_ascii()), "{ascii:?}");
            assert!(ascii.content.iter().chain(&plain.content).all(uncoloured), "{ascii:?}");
            let parts = [
                ("unicode", text(&unicode)),
                ("ascii", text(&ascii)),
                ("colours", legend.letters(&unicode)),
                ("without colour", legend.letters(&plain)),
            ];
            parts.map(|(name, rows)| framed(&format!("{width}x{height} {name}"), &rows)).join("\n")
        });
        format!("{}\n\n{}", drawn.join("\n\n"), legend.text())
    }
}

fn framed(title: &str, rows: &[String]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("|{row}|")).collect();
    format!("{title}\n{}", rows.join("\n"))
}

fn text(buffer: &Buffer) -> Vec<String> {
    let row = |cells: &[Cell]| cells.iter().map(Cell::symbol).collect();
    buffer.content.chunks(usize::from(buffer.area.width)).map(row).collect()
}

fn uncoloured(cell: &Cell) -> bool {
    (cell.fg, cell.bg) == (Color::Reset, Color::Reset)
}

/// A letter for every style that was met.
#[derive(Default)]
struct Legend(Vec<Style>);

impl Legend {
    fn letters(&mut self, buffer: &Buffer) -> Vec<String> {
        let row = |cells: &[Cell]| cells.iter().map(|cell| self.letter(cell)).collect();
        buffer.content.chunks(usize::from(buffer.area.width)).map(row).collect()
    }

    fn letter(&mut self, cell: &Cell) -> char {
        if (uncoloured(cell) && cell.modifier.is_empty()) || cell.symbol() == " " {
            return ' ';
        }
        let known = self.0.iter().position(|style| *style == cell.style());
        let index = known.unwrap_or_else(|| {
            self.0.push(cell.style());
            self.0.len() - 1
        });
        char::from(b'a' + u8::try_from(index).unwrap())
    }

    fn text(&self) -> String {
        let line = |(index, style): (usize, &Style)| {
            let colour = style.fg.filter(|colour| *colour != Color::Reset).map(|colour| colour.to_string());
            let modifier = Some(style.add_modifier).filter(|modifier| !modifier.is_empty()).map(|m| format!("{m:?}"));
            let words: Vec<_> = colour.into_iter().chain(modifier).collect();
            format!("{}: {}", char::from(b'a' + u8::try_from(index).unwrap()), words.join(" "))
        };
        self.0.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Back, then back to just before that (forward again), then back once more.
fn three_rewinds() -> Vec<Rewind> {
    vec![rewind(ago(200), ago(260)), rewind(ago(190), ago(201)), rewind(ago(60), ago(120))]
}

/// The scene at another time in another zone, its cursor `minutes` back.
fn elsewhere(now: &str, zone: &str, minutes: i64) -> Scene {
    Scene { cursor: Some(before(at(now), minutes)), ..scene_at(at(now), zone) }
}

fn named_scene(name: &str) -> Scene {
    let scene = scene();
    match name {
        "shrunk" => Scene { reach: Some(reach(360, 227, 9_999)), cursor: Some(ago(25)), ..scene },
        "young" => Scene {
            reach: Some(reach(360, 90, 90)),
            created_at: Some(ago(90)),
            expires_at: Some(ago(-150)),
            cursor: Some(ago(25)),
            ..scene
        },
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
        "before_midnight" => elsewhere("2026-11-22T22:59:40Z", "Europe/Berlin", 150),
        "after_midnight" => elsewhere("2026-11-22T23:00:20Z", "Europe/Berlin", 150),
        "clocks_put_back" => elsewhere("2026-10-25T03:30:00Z", "Europe/Berlin", 175),
        "clocks_put_forward" => elsewhere("2026-03-29T03:30:00Z", "Europe/Berlin", 175),
        "fifty_marks" => {
            let marks = (0..50).map(|n| mark(&format!("mark-{n}"), ago(7 * n + 1))).collect();
            Scene { marks, ..scene }
        }
        _ => Scene { cursor: None, ..scene },
    }
}

#[rstest::rstest]
fn the_timeline_looks_like_this(
    #[values(
        "full",
        "shrunk",
        "young",
        "young_and_shrunk",
        "seams",
        "off",
        "day_change",
        "before_midnight",
        "after_midnight",
        "clocks_put_back",
        "clocks_put_forward",
        "fifty_marks"
    )]
    name: &str,
) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, named_scene(name).sheet());
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
    assert_eq!(style_at(&shrunk, 227).0, of(Role::Warn).0);
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

/// Anything at all at any moment, on screen or not.
fn any_scene() -> impl Strategy<Value = Scene> {
    let minutes = -30i64..400;
    let marks = proptest::collection::vec(("[a-z]{1,12}", minutes.clone()), 0..50);
    let events = proptest::collection::vec(minutes.clone(), 0..20);
    let tasks = proptest::collection::vec(("[a-z]{1,20}", minutes.clone(), proptest::option::of(0i64..60)), 0..8);
    let rewinds = proptest::collection::vec((0i64..360, 0i64..360), 0..6);
    let window = proptest::option::of((1i64..360, 0i64..500));
    let rest = (proptest::option::of(minutes.clone()), proptest::option::of(minutes));
    (marks, events, tasks, rewinds, window, rest).prop_map(|(marks, events, tasks, rewinds, window, rest)| {
        let event = |minutes: i64| ClusterEvent {
            at: ago(minutes),
            source: "s".into(),
            categories: vec![],
            message: "m".into(),
        };
        let task = |(label, from, length): (String, i64, Option<i64>)| TaskSpan {
            from: ago(from),
            to: length.map(|length| ago(from - length)),
            label,
            state: TaskState::Done,
        };
        Scene {
            reach: window.map(|(actual, age)| reach(360, actual.min(age), age)),
            created_at: window.map(|(_, age)| ago(age)),
            rewinds: rewinds.iter().map(|(a, b)| rewind(ago(*a.min(b)), ago(*a.max(b)))).collect(),
            marks: marks.into_iter().map(|(name, minutes)| mark(&name, ago(minutes))).collect(),
            events: events.into_iter().map(event).collect(),
            tasks: tasks.into_iter().map(task).collect(),
            expires_at: rest.0.map(ago),
            cursor: rest.1.map(ago),
            ..scene()
        }
    })
}

proptest! {
    #[test]
    fn no_label_covers_another_one_or_is_covered(scene in any_scene(), width in 1u16..301, height in 1u16..17) {
        let area = Rect::new(0, 0, width, height);
        let (theme, glyphs) = (Theme::mono(), Glyphs::unicode());
        let timeline = scene.timeline(&theme, &glyphs);
        let mut buffer = Buffer::empty(area);
        let labels = draw::paint(&timeline, area, &mut buffer).labels;
        for (row, column, label) in labels {
            let place = usize::from(row) * usize::from(width) + usize::from(column);
            let end = (place + label.chars().count()).min(buffer.content.len());
            let seen: String = buffer.content[place..end].iter().map(Cell::symbol).collect();
            prop_assert_eq!(seen, label);
        }
    }

    #[test]
    fn labels_are_whole_or_visibly_cut(
        marks in proptest::collection::vec(("[a-z]{1,12}", 0i64..360), 0..50),
        width in 1u16..300,
        height in 1u16..14,
        cursor in proptest::option::of(0i64..360),
    ) {
        let marks: Vec<_> = marks.into_iter().map(|(name, minutes)| mark(&name, ago(minutes))).collect();
        let scene = Scene { marks: marks.clone(), cursor: cursor.map(ago), rewinds: vec![], ..scene() };
        let area = Rect::new(0, 0, width, height);
        let rows = plan_of(&scene, area);
        let text = text(&scene.draw(area, &Theme::mono(), &Glyphs::unicode()));
        let Some(row) = rows else { return Ok(()) };
        for word in text[usize::from(row)].split(['◆', '│', ' ']).filter(|word| !word.is_empty()) {
            let known = |mark: &Mark| match word.strip_suffix('…') {
                Some(cut) => mark.name.as_str().starts_with(cut),
                None => mark.name.as_str() == word,
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
        rate: data.samples.is_some(),
        tasks: !data.tasks.is_empty(),
        backup: true,
    };
    layout::plan(area.height, wants).marks
}
