//! `aurewind sweep`.

use serde_json::{Value, json};

use super::args::{ChangeArgs, SweepArgs};
use super::change::{self, PRINTED};
use super::error::CliError;
use super::json;
use super::output::{Output, plan_text};
use super::session::{Session, read_fleet};
use crate::aurora::plan::Desk;
use crate::aurora::sweep::{Expiry, Survey};
use crate::aurora::{span, time};
use crate::engine::Request;

/// Deletes clones of ours that have expired.
pub async fn run(session: &Session, args: &SweepArgs) -> Result<(), CliError> {
    if !args.dry_run {
        session.may_change()?;
    }
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let desk = Desk {
        fleet: &fleet,
        policy: session.policy(),
        prices: &session.rules.prices,
        now: session.now(),
        known: None,
    };
    let limit = args.limit.unwrap_or(session.settings.sweep.limit).get() as usize;
    let warning = args.warn.unwrap_or(session.settings.sweep.warn);
    let survey = Survey::of(desk, limit, warning);
    if args.dry_run {
        session.output.result(plans(session, &survey), || text(session, &survey))?;
        return Ok(());
    }
    if survey.due.is_empty() {
        session.output.result(beside(session, &survey, json!({ "tasks": [] })), || text(session, &survey))?;
        return Ok(());
    }
    approve(session, args, &survey)?;
    let mut watched = Vec::new();
    for (request, _) in &survey.due {
        let events = engine.events();
        let task = engine.start(engine.new_id(), Request::Delete(request.clone()), None)?;
        watched.push((task, events));
    }
    let waiting = ChangeArgs { no_wait: args.no_wait, timeout: args.timeout, yes: args.yes, ..ChangeArgs::default() };
    let tasks = change::wait(session, &engine, &waiting, watched, true).await?;
    change::forget(session, &engine, &tasks);
    for line in rest(session, &survey) {
        session.output.say(&line);
    }
    let object = beside(session, &survey, change::object(&tasks, true));
    change::none_cancelled(change::print_whole(session, &tasks, true, object)?)?;
    Ok(())
}

/// Asks once for all of them, where there is somebody; else shows what would be done.
fn approve(session: &Session, args: &SweepArgs, survey: &Survey) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    let count = survey.due.len();
    if session.output.can_ask() {
        Output::show(&text(session, survey));
        let what = if count == 1 { "this cluster".to_owned() } else { format!("these {count} clusters") };
        let answer = Output::ask(&format!("Delete {what}? [y/N]"))?;
        let yes = matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes");
        return if yes { Ok(()) } else { Err(CliError::refused("nothing was changed")) };
    }
    let error = CliError::refused(format!("{count} to be deleted, and nobody can be asked here"));
    let error = error.next("say --yes to go on, or --dry-run to see the plan");
    let object = plans(session, survey);
    if session.output.json {
        session.output.error_with(&error, object);
    } else {
        session.output.result(object, || text(session, survey))?;
        session.output.error(&error);
    }
    Err(CliError { code: PRINTED, ..error })
}

/// What would be done, for programs.
fn plans(session: &Session, survey: &Survey) -> Value {
    let plans: Vec<_> = survey.due.iter().map(|(_, plan)| json::plan(plan)).collect();
    beside(session, survey, json!({ "plans": plans }))
}

/// `object` with what is not deleted beside it.
fn beside(session: &Session, survey: &Survey, mut object: Value) -> Value {
    let now = session.now();
    let expiry = |of: &Expiry| {
        json!({"id": of.cluster, "owner": of.owner, "expires_at": of.at,
               "expires_in_seconds": of.at.duration_since(now).as_secs()})
    };
    let spared = |(of, why): &(Expiry, String)| {
        let mut value = expiry(of);
        value["why"] = json!(why);
        value
    };
    object["soon"] = survey.soon.iter().map(expiry).collect();
    object["spared"] = survey.spared.iter().map(spared).collect();
    object["over_limit"] = survey.over_limit.iter().map(expiry).collect();
    object
}

/// What would be done, for people.
fn text(session: &Session, survey: &Survey) -> String {
    let mut blocks: Vec<_> = survey.due.iter().map(|(_, plan)| plan_text(plan)).collect();
    if blocks.is_empty() {
        blocks.push("nothing is to be swept".into());
    }
    let rest = rest(session, survey);
    if !rest.is_empty() {
        blocks.push(rest.join("\n"));
    }
    blocks.join("\n\n")
}

/// What is not deleted, a line each.
fn rest(session: &Session, survey: &Survey) -> Vec<String> {
    let now = session.zoned();
    let at = |of: &Expiry| time::date_text(of.at, now.time_zone());
    let owner = |of: &Expiry| of.owner.as_ref().map_or(String::new(), |owner| format!(", {owner}"));
    let left = |of: &Expiry| span::short(of.at.duration_since(now.timestamp()));
    let soon = |of: &Expiry| format!("expires in {}: {} ({}{})", left(of), of.cluster, at(of), owner(of));
    let later = |of: &Expiry| format!("left for the next sweep: {} (expired {}{})", of.cluster, at(of), owner(of));
    let spared = |(of, why): &(Expiry, String)| format!("left alone: {} (expired {}): {why}", of.cluster, at(of));
    let spared = survey.spared.iter().map(spared);
    spared.chain(survey.over_limit.iter().map(later)).chain(survey.soon.iter().map(soon)).collect()
}
