//! `aurewind clone`.

use super::args::{CloneArgs, Life};
use super::change::{self, Change};
use super::error::CliError;
use super::session::{Session, environment, read_fleet};
use crate::aurora::plan::{self, Desk};
use crate::aurora::request::CloneRequest;
use crate::aurora::time;
use crate::engine::{Request, TaskId};

/// Clones a cluster.
pub async fn run(session: &Session, args: &CloneArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let id = engine.new_id();
    let request = request(session, args, &id)?;
    let fleet = read_fleet(&aws).await?;
    let desk = Desk {
        fleet: &fleet,
        policy: session.policy(),
        prices: &session.rules.prices,
        now: session.now(),
        known: None,
    };
    let (plan, _) = plan::clone(&request, id.as_str(), desk);
    let mut bound = request.clone();
    bound.source_resource = fleet.named(&request.source).map(|source| source.resource_id.clone());
    let change = Change { id, request: Request::Create(bound), plan };
    change::run(session, &engine, &args.change, vec![change], false).await?;
    Ok(())
}

fn request(session: &Session, args: &CloneArgs, id: &TaskId) -> Result<CloneRequest, CliError> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => plan::default_name(&args.source, id.suffix(), session.policy()).ok_or_else(|| {
            CliError::usage("every name for the clone matches a protected pattern; give one with --name")
        })?,
    };
    let mut request = CloneRequest::new(args.source.clone(), name, owner());
    request.class.clone_from(&args.class);
    request.ttl = match args.ttl {
        Some(Life::Never) => None,
        Some(Life::For(span)) => Some(span),
        None => Some(session.settings.clone.ttl),
    };
    request.window = args.window;
    request.subnet_group.clone_from(&args.subnet_group);
    request.security_groups.clone_from(&args.security_group);
    request.parameter_group.clone_from(&args.parameter_group);
    request.instance = !args.no_instance;
    if let Some(at) = &args.at {
        let at = time::parse(at, &session.zoned()).map_err(|error| CliError::usage(format!("--at: {error}")))?;
        request.full_copy_at = Some(at);
    }
    Ok(request)
}

/// `user@host`, for the tag that says whom to ask.
pub fn owner() -> String {
    let user = environment("USER").or_else(|| environment("USERNAME")).unwrap_or_else(|| "unknown".into());
    let host = environment("HOSTNAME").or_else(|| environment("COMPUTERNAME")).or_else(host_name);
    format!("{user}@{}", host.unwrap_or_else(|| "unknown".into()))
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    Some(rustix::system::uname().nodename().to_string_lossy().into_owned()).filter(|name| !name.is_empty())
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    None
}
