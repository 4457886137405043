//! Which columns fit.

/// A column besides the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Status,
    Engine,
    Bar,
    Window,
    Age,
    Owner,
    Expires,
    Instances,
}

impl Column {
    /// In the order on screen.
    const ALL: [Self; 8] =
        [Self::Status, Self::Engine, Self::Bar, Self::Window, Self::Age, Self::Owner, Self::Expires, Self::Instances];
    /// In the order in which they are given room.
    const BY_WORTH: [Self; 8] =
        [Self::Status, Self::Window, Self::Age, Self::Expires, Self::Bar, Self::Engine, Self::Owner, Self::Instances];

    /// Columns that it needs; the bar may get more.
    fn least(self) -> usize {
        match self {
            Self::Status | Self::Owner => 16,
            Self::Engine => 15,
            Self::Bar | Self::Expires => 11,
            Self::Window => 7,
            Self::Age => 4,
            Self::Instances => 17,
        }
    }

    pub fn head(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Engine => "ENGINE",
            Self::Bar => "BACKTRACK",
            Self::Window => "WINDOW",
            Self::Age => "AGE",
            Self::Owner => "OWNER",
            Self::Expires => "EXPIRES",
            Self::Instances => "INSTANCES",
        }
    }

    pub fn at_right(self) -> bool {
        matches!(self, Self::Window | Self::Age)
    }
}

/// The columns of a table of some width.
pub(super) struct Columns {
    pub name: usize,
    pub rest: Vec<Column>,
    bar: usize,
}

/// The mark of the cursor in front of every row.
pub(super) const POINTER: usize = 2;
pub(super) const GAP: usize = 2;
/// The sign behind the name of a protected cluster.
pub(super) const LOCK: usize = 2;
const LONGEST_NAME: usize = 46;
/// A longer bar tells no more.
const LONGEST_BAR: usize = 33;

impl Columns {
    pub fn fit(width: usize, longest_name: usize) -> Self {
        let wanted = (longest_name + LOCK).clamp(20, LONGEST_NAME);
        let least = wanted.min(28);
        let mut left = width.saturating_sub(POINTER + 1 + least);
        let mut chosen = Vec::new();
        for column in Column::BY_WORTH {
            let cost = column.least() + GAP;
            if cost > left {
                break;
            }
            left -= cost;
            chosen.push(column);
        }
        let rest = Column::ALL.into_iter().filter(|column| chosen.contains(column)).collect();
        let name = (least + left).min(wanted);
        // What names do not need makes the bar finer.
        let bar = (Column::Bar.least() + least + left - name).min(LONGEST_BAR);
        Self { name, rest, bar }
    }

    /// Columns of this column.
    pub fn width(&self, column: Column) -> usize {
        if column == Column::Bar { self.bar } else { column.least() }
    }
}
