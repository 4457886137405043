//! What a person can do, and where.

/// What a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Move in whatever list or text has the keys.
    Move(Move),
    /// Things that hold everywhere.
    App(App),
    /// Things done with the cluster under the cursor.
    Cluster(OnCluster),
    /// Things done with the task that is open, or under the cursor.
    Task(OnTask),
    /// The filter line.
    Filter(OnFilter),
    /// Moving in time.
    Time(InTime),
    /// Things done with a row of a list over everything.
    Pick(OnPick),
    /// Things done with recipes.
    Recipe(OnRecipe),
    /// Things done in a dialog.
    Dialog(InDialog),
}

/// Moves in a list or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

/// Things that hold everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum App {
    /// Show all keys.
    Help,
    /// Show all messages.
    Messages,
    /// Read the fleet again.
    Refresh,
    /// Show times in UTC or in the own zone.
    Zone,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// Back: close what is on top, leave a pane, drop a message or the filter.
    Back,
    /// Hand the terminal to the shell.
    Suspend,
    /// Leave.
    Quit,
    /// Leave although tasks run.
    QuitNow,
    /// Leave as soon as they are over.
    QuitLater,
    /// End test runs, tear down what they made, then leave.
    QuitTearingDown,
    /// Open the task under the cursor.
    OpenTask,
    /// Open the output of the step under the cursor.
    OpenLog,
    /// The output of the round before, or of the next one.
    TurnLog(bool),
}

/// Things done with the cluster under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnCluster {
    /// Show what is known about it.
    Details,
    /// Go to its timeline.
    Timeline,
    /// List its past rewinds.
    Rewinds,
    /// Give the moment under the timeline's cursor a name.
    Mark,
    /// List its marks.
    Marks,
    /// Clone it.
    Clone,
    /// Make a full copy of a past moment of it.
    Copy,
    /// Take it back in time.
    Rewind,
    /// Take back its last rewind.
    Undo,
    /// Protect it for a while, or no longer.
    Keep,
    /// Let it live longer.
    Extend,
    /// Delete it.
    Delete,
    /// Copy its identifier.
    CopyId,
    /// Copy its endpoint.
    CopyEndpoint,
}

/// Things done with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnTask {
    /// End it before its time.
    Cancel,
    /// Take it up where it was left.
    CarryOn,
    /// Take back the rewind that it made.
    Undo,
    /// Show or hide its parts.
    Fold,
}

/// The filter line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnFilter {
    /// Type a filter.
    Edit,
    /// Keep it.
    Keep,
    /// Drop it.
    Clear,
}

/// Moving in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InTime {
    /// By this many seconds.
    By(i64),
    /// To the moment before.
    Previous,
    /// To the next moment.
    Next,
    /// To the mark before.
    PreviousMark,
    /// To the next mark.
    NextMark,
    /// To the earliest reachable moment.
    Floor,
    /// To now.
    Now,
    /// Show less, more finely.
    ZoomIn,
    /// Show more.
    ZoomOut,
    /// Type a time.
    Type,
    /// Take the typed time.
    Take,
    /// Drop the typed time.
    Drop,
}

/// Things done with a past rewind or a mark in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnPick {
    /// Take the timeline's cursor there.
    Go,
    /// Rewind there.
    Rewind,
    /// Take the mark off.
    TakeOff,
}

/// Things done with test recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnRecipe {
    /// Choose one to run.
    Choose,
    /// Put the path of the one under the cursor into the line.
    Complete,
    /// Read and check it again.
    Again,
}

/// Things done in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InDialog {
    /// Press what has the keys.
    Press,
    /// The next field or button.
    Next,
    /// The field or button before.
    Previous,
    /// Go on although binary logging is on, or not.
    Force,
    /// List the calls to AWS.
    Calls,
    /// Close it; nothing happens.
    Cancel,
}

/// Where keys hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere outside of overlays and lines of text.
    Everywhere,
    /// In every pane that shows one cluster.
    Cluster,
    /// In the table of clusters.
    Fleet,
    /// In the details.
    Details,
    /// In the timeline.
    Timeline,
    /// In the task pane.
    Tasks,
    /// While a filter is typed.
    FilterLine,
    /// While a time is typed.
    TimeLine,
    /// In the plan of a rewind, outside of its lines of text.
    Card,
    /// In a list of past rewinds or marks.
    Picker,
    /// While a recipe is chosen.
    Recipes,
    /// In the plan of a test run.
    Recipe,
    /// In a dialog.
    Dialog,
    /// In a question with a few answers.
    Choice,
    /// In a task that is open.
    OpenTask,
    /// In a test run that is open.
    OpenRun,
    /// In the output of a step.
    Log,
    /// In a text to read: help, messages, a task.
    Reader,
    /// In the question whether to leave.
    Leaving,
}

impl Context {
    /// The heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Cluster => "The cluster under the cursor",
            Self::Fleet => "Fleet",
            Self::Details => "Details",
            Self::Timeline => "Timeline",
            Self::Tasks => "Tasks",
            Self::FilterLine => "Typing a filter",
            Self::TimeLine => "Typing a time",
            Self::Card => "The plan of a rewind",
            Self::Picker => "Past rewinds and marks",
            Self::Recipes => "Choosing a recipe",
            Self::Recipe => "The plan of a test run",
            Self::Dialog => "Dialogs",
            Self::Choice => "Questions about tasks",
            Self::OpenTask => "An open task",
            Self::OpenRun => "An open test run",
            Self::Log => "The output of a step",
            Self::Reader => "Help, messages, task",
            Self::Leaving => "Leaving",
        }
    }

    /// All of them, in the order of the help.
    pub const ALL: [Self; 19] = [
        Self::Cluster,
        Self::Fleet,
        Self::Timeline,
        Self::Tasks,
        Self::Details,
        Self::Everywhere,
        Self::FilterLine,
        Self::TimeLine,
        Self::Picker,
        Self::Card,
        Self::Recipes,
        Self::Recipe,
        Self::Dialog,
        Self::Choice,
        Self::OpenTask,
        Self::OpenRun,
        Self::Log,
        Self::Reader,
        Self::Leaving,
    ];
}
