//! What mark, keep and extend share: one tag that is set or taken off.

use jiff::Timestamp;

use super::{Decision, Pace, Rules};
use crate::engine::task::{FailureKind, Task, TaskError};

/// What follows while the tag is `found` to be other than asked for; nothing as long as no call was answered.
///
/// A listing may lag behind the call. Setting the same tag twice does no harm, but once is enough. A tag that is another
/// one after that has been changed by somebody else, and a second call would only take turns with them.
pub(super) fn answered(task: &Task, found: Option<&str>, rules: &Rules, now: Timestamp) -> Option<Decision> {
    let at = task.answered_at?;
    if now.duration_since(at) <= rules.settles {
        return Some(Decision::Wait("the tags are not listed yet".into(), Pace::Fast));
    }
    let is = found.map_or("gone".to_owned(), |value| format!("`{value}`"));
    let message = format!("AWS took the change, and the tag was changed meanwhile: it is {is} now");
    let error = TaskError::new(FailureKind::Conflict, message);
    Some(Decision::Fail(error.next("ask for it again, if it is still to be so")))
}
