//! What runs leave on this machine for clones that they keep.

use std::fs;
use std::path::Path;

use super::running::OPTION_FILE;
use crate::aurora::ids::ClusterId;
use crate::engine::{Engine, Request, TaskId};

/// Removes the passwords of clones that are kept no more: of runs in the folder `runs` that are over and whose clone `is_there`
/// no longer. Runs of other accounts and regions are left alone.
pub fn forget_passwords(engine: &Engine, runs: &Path, is_there: impl Fn(&ClusterId) -> bool) {
    let here = engine.scope();
    for entry in fs::read_dir(runs).into_iter().flatten().flatten() {
        let file = entry.path().join(OPTION_FILE);
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<TaskId>().ok()) else { continue };
        if !file.exists() {
            continue;
        }
        let Ok(task) = engine.task(&id) else { continue };
        let Request::Test(request) = &task.request else { continue };
        if task.state.is_final() && task.scope.is(&here) && !is_there(&request.clone) {
            // It is tried again by whoever comes next.
            let _ = fs::remove_file(&file);
        }
    }
}
