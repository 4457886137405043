//! The files that a recipe names.

use std::fs;
use std::path::Path;

use super::{Notes, way};
use crate::aurora::stack::MAX_TEMPLATE;
use crate::recipe::model::{Action, Part, Recipe, Tls};

pub fn all(recipe: &Recipe, directory: &Path, notes: &mut Notes) {
    let leaves = recipe.always.iter().enumerate().map(|(index, leaf)| (way!["always", index], &leaf.action));
    for (way, action) in super::steps::every(recipe).into_iter().chain(leaves) {
        let key = |part: Part| way.iter().cloned().chain([part]).collect::<Vec<_>>();
        match action {
            Action::Sql(sql) => {
                for (index, path) in sql.files.iter().enumerate() {
                    // One file may stand there by itself or in an array: then the second way leads further.
                    let way = key("sql".into()).into_iter().chain([index.into()]).collect();
                    file(directory, path, way, "name an SQL file, seen from the recipe", notes);
                }
            }
            Action::Diff(diff) => {
                if let Some(path) = &diff.expect {
                    let mend = "name a file; a run without `expect` reports the differences to put into it";
                    file(directory, path, [key("diff".into()), way!["expect"]].concat(), mend, notes);
                }
            }
            _ => {}
        }
    }
    if let Tls::Ca(path) = &recipe.connect.tls {
        let mend = "download Amazon's bundle: https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";
        file(directory, path, way!["connect", "tls", "ca"], mend, notes);
    }
    if let Some(environment) = &recipe.environment {
        let way = way!["environment", "template"];
        let there = file(directory, &environment.template, way.clone(), "name a template, seen from the recipe", notes);
        if there.is_some_and(|size| size > MAX_TEMPLATE as u64) {
            let what = format!("CloudFormation takes templates of up to {MAX_TEMPLATE} bytes");
            notes.wrong(way, what, "make it smaller");
        }
    }
    if let Some(path) = &recipe.commands.directory
        && !directory.join(path).is_dir()
    {
        notes.wrong(way!["commands", "directory"], "there is no such folder", "name a folder, seen from the recipe");
    }
    let report = &recipe.report;
    for (key, path) in [("json", &report.json), ("junit", &report.junit), ("markdown", &report.markdown)] {
        if path.as_ref().is_some_and(|path| directory.join(path).is_dir()) {
            notes.wrong(way!["report", key], "this is a folder", "name a file");
        }
    }
}

/// Looks whether a file is there; gives its size, in bytes.
fn file(directory: &Path, path: &Path, way: Vec<Part>, mend: &str, notes: &mut Notes) -> Option<u64> {
    let what = match fs::metadata(directory.join(path)) {
        Ok(found) if found.is_file() => return Some(found.len()),
        Ok(_) => "this is no file".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        Err(error) => format!("it cannot be looked at: {error}"),
    };
    notes.wrong(way, what, mend);
    None
}
