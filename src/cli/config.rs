//! `aurewind config`.

use serde_json::json;

use super::args::{ConfigArgs, Global};
use super::error::CliError;
use super::session::{Session, environment};
use crate::config::{Origin, Setting, Settings};

/// Prints paths and effective settings. Whoever gets here has settings that can be used: others end with exit 2 before.
pub fn run(session: &Session, global: &Global, args: &ConfigArgs) -> Result<(), CliError> {
    let file = global.config.as_ref().unwrap_or(&session.paths.config_file);
    let exists = file.exists();
    if args.check {
        let (place, state) = (file.display(), if exists { "is fine" } else { "is not there; the defaults hold" });
        let object = json!({"config_file": file, "exists": exists, "usable": true});
        session.output.result(object, || format!("{place} {state}"))?;
        return Ok(());
    }
    let settings = Settings::explain(global.config.as_deref(), &environment);
    let settings = settings.map_err(|error| CliError::usage(error.to_string()))?;
    let values: Vec<_> = settings.iter().map(value).collect();
    let object = json!({
        "config_file": file, "exists": exists, "state_dir": session.paths.state_dir,
        "journal": session.paths.state_dir.join("journal.db"), "settings": values,
    });
    session.output.result(object, || text(session, file, exists, &settings))?;
    Ok(())
}

fn value(setting: &Setting) -> serde_json::Value {
    let (origin, line) = match setting.origin {
        Origin::Default => ("default", None),
        Origin::File(line) => ("file", Some(line)),
    };
    json!({"key": setting.key, "value": setting.value, "origin": origin, "line": line})
}

fn text(session: &Session, file: &std::path::Path, exists: bool, settings: &[Setting]) -> String {
    let missing = if exists { "" } else { " (not there)" };
    let mut lines = vec![
        format!("settings  {}{missing}", file.display()),
        format!("state     {}", session.paths.state_dir.display()),
        String::new(),
    ];
    let shown: Vec<_> = settings.iter().map(|setting| format!("{} = {}", setting.key, setting.value)).collect();
    let width = shown.iter().map(|line| line.chars().count()).max().unwrap_or_default().min(60);
    lines.extend(shown.iter().zip(settings).map(|(line, setting)| match setting.origin {
        Origin::Default => line.clone(),
        Origin::File(number) => format!("{line:<width$}  # line {number}"),
    }));
    lines.join("\n")
}
