//! Which lanes are shown in how many rows, and which seam goes into which lane.

use std::ops::Range;

/// What there is to show besides the band.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wants {
    /// The band may have two rows.
    pub thick: bool,
    /// Lanes that the seams would fill.
    pub seam_lanes: u16,
    pub marks: bool,
    pub events: bool,
    pub rate: bool,
    pub tasks: bool,
    pub backup: bool,
}

/// The row of every lane, from the top down in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    pub readout: Option<u16>,
    pub marks: Option<u16>,
    /// The last one is the nearest to the band.
    pub seams: Range<u16>,
    pub band: Range<u16>,
    pub rate: Option<u16>,
    pub edges: Option<u16>,
    pub tasks: Option<u16>,
    pub events: Option<u16>,
    pub backup: Option<u16>,
    pub ticks: Option<u16>,
}

const MOST_SEAM_LANES: u16 = 3;

/// Lanes that are looked through for a free one; only the first few are ever shown.
const LANES: u16 = 16;

/// Gives the rows to the lanes, the most telling first.
pub(super) fn plan(height: u16, wants: Wants) -> Rows {
    let mut left = height;
    let mut take = |wanted: bool| {
        let given = wanted && left > 0;
        left -= u16::from(given);
        u16::from(given)
    };
    let mut band = take(true);
    let ticks = take(true);
    let readout = take(true);
    let edges = take(true);
    let mut seams = take(wants.seam_lanes > 0);
    let marks = take(wants.marks);
    let events = take(wants.events);
    let rate = take(wants.rate);
    let tasks = take(wants.tasks);
    seams += take(wants.seam_lanes > 1);
    band += take(wants.thick);
    let backup = take(wants.backup);
    for lane in 2..MOST_SEAM_LANES {
        seams += take(wants.seam_lanes > lane);
    }
    band += take(wants.thick);

    let mut next = 0;
    let mut rows = |count: u16| {
        next += count;
        next - count..next
    };
    let one = |range: Range<u16>| (!range.is_empty()).then_some(range.start);
    Rows {
        readout: one(rows(readout)),
        marks: one(rows(marks)),
        seams: rows(seams),
        band: rows(band),
        rate: one(rows(rate)),
        edges: one(rows(edges)),
        tasks: one(rows(tasks)),
        events: one(rows(events)),
        backup: one(rows(backup)),
        ticks: one(rows(ticks)),
    }
}

/// The lane of every arc from `.0` to `.1`, the lowest one nearest to the band: short arcs below, long ones over them.
pub(super) fn lanes(arcs: &[(u16, u16)]) -> Vec<u16> {
    let mut order: Vec<usize> = (0..arcs.len()).collect();
    order.sort_by_key(|index| arcs[*index].1 - arcs[*index].0);
    let mut lanes = vec![0; arcs.len()];
    let mut placed: Vec<usize> = Vec::new();
    for index in order {
        let touches = |other: &usize, lane: u16| lanes[*other] == lane && overlap(arcs[*other], arcs[index]);
        let lane = (0..LANES).find(|lane| !placed.iter().any(|other| touches(other, *lane))).unwrap_or(LANES);
        lanes[index] = lane;
        placed.push(index);
    }
    lanes
}

/// Whether two arcs share a column or touch.
pub(super) fn overlap(a: (u16, u16), b: (u16, u16)) -> bool {
    a.0 <= b.1.saturating_add(1) && b.0 <= a.1.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Wants =
        Wants { thick: true, seam_lanes: 2, marks: true, events: true, rate: true, tasks: true, backup: true };

    #[rstest::rstest]
    #[case(1, Rows { band: 0..1, ..Rows::default() })]
    #[case(3, Rows { readout: Some(0), seams: 1..1, band: 1..2, ticks: Some(2), ..Rows::default() })]
    #[case(5, Rows {
        readout: Some(0), seams: 1..2, band: 2..3, edges: Some(3), ticks: Some(4), ..Rows::default()
    })]
    #[case(7, Rows {
        readout: Some(0), marks: Some(1), seams: 2..3, band: 3..4, edges: Some(4), events: Some(5), ticks: Some(6),
        ..Rows::default()
    })]
    #[case(9, Rows {
        readout: Some(0), marks: Some(1), seams: 2..3, band: 3..4, rate: Some(4), edges: Some(5), tasks: Some(6),
        events: Some(7), ticks: Some(8), ..Rows::default()
    })]
    #[case(12, Rows {
        readout: Some(0), marks: Some(1), seams: 2..4, band: 4..6, rate: Some(6), edges: Some(7), tasks: Some(8),
        events: Some(9), backup: Some(10), ticks: Some(11),
    })]
    fn the_most_telling_lanes_come_first(#[case] height: u16, #[case] want: Rows) {
        assert_eq!(plan(height, ALL), want);
    }

    #[test]
    fn lanes_without_content_leave_their_rows_to_others() {
        let rows = plan(5, Wants { thick: true, ..Wants::default() });
        assert_eq!((rows.seams.len(), rows.marks, rows.band.len()), (0, None, 2));
    }

    #[test]
    fn arcs_in_one_lane_do_not_touch() {
        let arcs = [(0, 30), (5, 10), (12, 20), (40, 50), (20, 45)];
        assert_eq!(lanes(&arcs), [2, 0, 0, 0, 1]);
    }
}
