//! From an available clone to one that can be used: who may log in, the first answer, what commands are told.

use jiff::Timestamp;
use secrecy::SecretString;

use super::book::Book;
use super::compare;
use super::leaf::Place;
use super::own::own;
use super::part::{Part, failure};
use super::phase::Phase;
use super::running::{Failed, Run, within};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::secure::{MasterPassword, SecureRequest};
use crate::aurora::span;
use crate::engine::task::StepName;
use crate::engine::{Task, TaskResult, TaskState};
use crate::recipe::database::{Database, DatabaseError, Login, new_password};
use crate::recipe::model::{Against, Master, Probe, Tls};
use crate::recipe::outcome::Verdict;
use crate::recipe::process::{Connection, write_option_file};

/// A clone that can be used.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) cluster: ClusterId,
    pub(super) resource: ResourceId,
    host: String,
    port: u16,
    /// The master user, where its password is known.
    login: Option<Login>,
    /// As that user, where SQL is spoken.
    pub(super) database: Option<Database>,
    /// What commands are told.
    pub(super) connection: Connection,
    /// When it was ready. Before that its data has the source's passwords, and its events are on.
    pub(super) since: Timestamp,
}

/// Makes the clone that `create` has made ready for the steps.
pub(super) async fn ready(run: &Run, book: &mut Book, create: &Task) -> Result<(), Failed> {
    let phase = Phase::begin(run, StepName::Ready);
    let done = tokio::select! {
        done = work(run, book, create, phase.step) => done,
        () = run.stop.work().cancelled() => Err((Verdict::Interrupted, "stopped".into())),
    };
    phase.end(book, &done, String::clone);
    done.map(|_| ())
}

async fn work(run: &Run, book: &mut Book, create: &Task, step: usize) -> Result<String, Failed> {
    let Some(TaskResult::Create { cluster, resource_id, endpoint, port, .. }) = &create.result else {
        return Err((Verdict::Aws, "what was made is not known".into()));
    };
    let password = secure(run, cluster, resource_id, step).await?;
    let read = run.outside.aws.clusters(std::slice::from_ref(cluster)).await;
    let read = read.map_err(|error| (Verdict::Aws, error.message))?;
    let found = read.into_iter().find(|found| found.resource_id == *resource_id);
    let found = found.ok_or_else(|| (Verdict::Aws, format!("`{cluster}` is gone: somebody deleted it")))?;
    let host = endpoint.clone().ok_or_else(|| (Verdict::Aws, format!("`{cluster}` has no endpoint")))?;
    let port = port.unwrap_or_else(|| found.engine.default_port());
    let mut site = site(run, &found, host, port, password);
    site.database = answers(run, &site, step).await?;
    settle(run, &mut site, step).await?;
    site.since = since(run, &site).await?;
    let path = run.option_file();
    write_option_file(&path, &site.connection)
        .map_err(|error| (Verdict::Aws, format!("{}: {error}", path.display())))?;
    let told = match run.recipe().connect.probe {
        Probe::Sql => format!("{}:{} answers SQL", site.host, site.port),
        Probe::Tcp => format!("{}:{} takes connections", site.host, site.port),
        Probe::Api => format!("AWS calls `{cluster}` available"),
    };
    compare::keep(run, book, &site, Against::Source, run.stop.work())
        .await
        .map_err(|cut| (cut.verdict(Verdict::Aws), format!("the schema of the clone cannot be read: {cut}")))?;
    book.site = Some(site);
    Ok(told)
}

/// The clone has the source's passwords: changes the master user's before anybody learns where it is. Gives the one that
/// holds, if it is known.
async fn secure(
    run: &Run,
    cluster: &ClusterId,
    resource: &ResourceId,
    step: usize,
) -> Result<Option<SecretString>, Failed> {
    let secrets = &run.recipe().secrets;
    let retention_days = run.recipe().clone.retention_days.and_then(|days| u16::try_from(days).ok());
    let (master, password) = match secrets.master {
        Master::Rotate => (MasterPassword::Rotate, Some(new_password())),
        Master::Managed => (MasterPassword::Managed, None),
        Master::Keep => {
            let kept = secrets.password_env.as_ref().and_then(|name| (run.outside.env)(name));
            (MasterPassword::Keep, kept.map(SecretString::from))
        }
    };
    if let Some(password) = &password {
        run.redact.add(password);
    }
    if master == MasterPassword::Keep && retention_days.is_none() {
        return Ok(password);
    }
    let new = password.clone().filter(|_| master == MasterPassword::Rotate);
    let request = SecureRequest { cluster: cluster.clone(), resource: resource.clone(), master, retention_days };
    let part = Part::begin(&run.engine, |id| run.engine.start_secure(run.held.id(), id, request, new));
    let part = part.map_err(|error| (Verdict::Aws, error.to_string()))?;
    let patience = run.patience(within(run.recipe().wait.ready), run.stop.work());
    match part.end(&run.engine, patience, run.telling(step)).await {
        Ok(task) if task.state == TaskState::Done => match task.result {
            Some(TaskResult::Secure { secret: Some(arn), .. }) if master == MasterPassword::Managed => {
                managed(run, &arn).await.map(Some)
            }
            _ => Ok(password),
        },
        Ok(task) => Err((Verdict::Aws, failure(&task).to_string())),
        Err(why) => {
            let limit = span::exact(run.recipe().wait.ready.0);
            Err(why.failed(|what| format!("the password was not changed within {limit} (wait.ready): {what}")))
        }
    }
}

/// The password that Secrets Manager has made.
async fn managed(run: &Run, arn: &str) -> Result<SecretString, Failed> {
    let (_, password) = run.outside.aws.master_secret(arn).await.map_err(|error| (Verdict::Aws, error.message))?;
    run.redact.add(&password);
    Ok(password)
}

fn site(run: &Run, cluster: &Cluster, host: String, port: u16, password: Option<SecretString>) -> Site {
    let connect = &run.recipe().connect;
    let tls = match &connect.tls {
        Tls::Ca(file) => {
            let file = run.base().join(file);
            Tls::Ca(std::path::absolute(&file).unwrap_or(file))
        }
        other => other.clone(),
    };
    let user = cluster.settings.master_user.clone().unwrap_or_default();
    let login = password.as_ref().map(|password| Login {
        host: host.clone(),
        port,
        user: user.clone(),
        password: password.clone(),
        database: connect.database.clone(),
        tls: tls.clone(),
    });
    let connection = Connection {
        engine: cluster.engine,
        host: host.clone(),
        port,
        reader_host: cluster.network.reader_endpoint.clone(),
        user,
        password,
        database: connect.database.clone(),
        tls,
        option_file: run.option_file(),
    };
    let (cluster, resource) = (cluster.id.clone(), cluster.resource_id.clone());
    Site { cluster, resource, host, port, login, database: None, connection, since: run.now() }
}

/// Waits until the clone answers as the recipe wants it; gives the database, where SQL is spoken.
pub(super) async fn answers(run: &Run, site: &Site, step: usize) -> Result<Option<Database>, Failed> {
    let until = within(run.recipe().wait.ready);
    let say = |text: &str| run.say(step, text);
    let done = match (run.recipe().connect.probe, &site.login) {
        (Probe::Api, _) => Ok(None),
        (Probe::Tcp, _) => Database::tcp(&site.host, site.port, until, say).await.map(|()| None),
        (Probe::Sql, Some(login)) => Database::wait(login.clone(), until, say).await.map(Some),
        (Probe::Sql, None) => {
            let message = "the password of the master user is not known: name a variable with it as `password-env`";
            return Err((Verdict::Aws, message.into()));
        }
    };
    done.map_err(|error| match error {
        DatabaseError::TooLate(why) => {
            let limit = span::exact(run.recipe().wait.ready.0);
            (Verdict::TimedOut, format!("not ready within {limit} (wait.ready): {why}"))
        }
        other => (Verdict::Aws, other.to_string()),
    })
}

/// Now, by the clock that rewinds go by.
async fn since(run: &Run, site: &Site) -> Result<Timestamp, Failed> {
    let Some(database) = &site.database else { return Ok(run.now()) };
    let now = own(run.recipe().wait.ready, run.stop.work(), database.now()).await;
    now.map_err(|cut| (cut.verdict(Verdict::Aws), format!("the clock of the clone cannot be read: {cut}")))
}

/// Switches the events off once more, unless the recipe wants them: the server has restarted.
pub(super) async fn stop_events(run: &Run, database: &Database, place: &Place<'_>) -> Result<(), Failed> {
    if run.recipe().secrets.keep_events {
        return Ok(());
    }
    let say = |text: &str| run.say(place.step, text);
    let stopped = own(run.recipe().wait.ready, place.stop, database.stop_events(&say)).await;
    stopped.map_err(|cut| (cut.verdict(Verdict::Aws), format!("the events of the clone cannot be switched off: {cut}")))
}

/// Events off, the user of commands made; commands get that one from then on.
async fn settle(run: &Run, site: &mut Site, step: usize) -> Result<(), Failed> {
    let Some(database) = &site.database else { return Ok(()) };
    let connect = &run.recipe().connect;
    let said = std::sync::Mutex::new(Vec::new());
    let say = |text: &str| {
        run.say(step, text);
        if let Ok(mut said) = said.lock() {
            said.push(text.to_owned());
        }
    };
    let work = database.settle(&run.recipe().secrets, connect.database.as_deref(), say);
    let settled = own(run.recipe().wait.ready, run.stop.work(), work).await;
    let settled = settled.map_err(|cut| (cut.verdict(Verdict::Aws), format!("the clone cannot be settled: {cut}")))?;
    if let Some((user, password)) = settled {
        run.redact.add(&password);
        site.connection.user = user;
        site.connection.password = Some(password);
    }
    for line in said.into_inner().unwrap_or_default() {
        (run.outside.line)(&line);
    }
    Ok(())
}
