//! DescribeDBClusters and CreateDBCluster.

use super::super::account::Account;
use super::super::account::backtrack::{Backtrack, Writing};
use super::super::account::cluster::{Cluster, Origin};
use super::super::account::intent::{Intent, Password, Seed};
use super::super::protocol::{ApiError, Filter, Page, Xml};
use super::super::rules::engine::Engine;
use super::super::rules::load::Load;
use super::super::rules::timing::Work;
use super::super::rules::{chance, identifier, password, support, tags, window};
use super::settings::{self, Inherited};
use super::{Call, refused, replicas, view};

/// What CreateDBCluster knows besides the common settings.
pub const PARAMETERS: &[&str] = &[
    "AvailabilityZones",
    "BacktrackWindow",
    "DatabaseName",
    "Engine",
    "EngineMode",
    "EngineVersion",
    "MasterUsername",
    "MasterUserPassword",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
];

const FILTERS: &[&str] = &["clone-group-id", "db-cluster-id", "db-cluster-resource-id", "domain", "engine"];

/// How many change records there is room for in a cluster that nobody described otherwise.
const RECORDS: f64 = 400_000_000.0;

/// Lists clusters, Neptune's and DocumentDB's among them (API reference, DescribeDBClusters).
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = Page::read(call.form, "clusters")?;
    let filters = Filter::read(call.form, FILTERS)?;
    call.form.boolean("IncludeShared")?;
    let account = &*call.account;
    let one = call.form.text("DBClusterIdentifier").map(|reference| account.cluster(reference)).transpose()?;
    let all = one.is_none().then(|| account.clusters(page.after()));
    let rows = one.into_iter().chain(all.into_iter().flatten());
    let rows = rows.filter(|cluster| filters.iter().all(|filter| matches(account, cluster, filter)));
    let now = call.now;
    page.write(
        xml,
        "clusters",
        "DBClusters",
        rows,
        |cluster| cluster.id.clone(),
        |xml, cluster| {
            view::cluster(xml, account, cluster, now);
        },
    );
    Ok(())
}

fn matches(account: &Account, cluster: &Cluster, filter: &Filter<'_>) -> bool {
    match filter.name {
        "clone-group-id" => cluster.clone_group.as_deref().is_some_and(|group| filter.has(group)),
        "db-cluster-id" => filter.has(&cluster.id) || filter.has(&account.surroundings.arn("cluster", &cluster.id)),
        "db-cluster-resource-id" => filter.has(&cluster.resource_id),
        "engine" => filter.has(cluster.engine.name()),
        // No simulated cluster is in a directory's domain.
        _ => false,
    }
}

/// Makes an empty cluster, without instances (API reference, CreateDBCluster).
pub fn create(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let id = identifier::stored("DBClusterIdentifier", form.required("DBClusterIdentifier")?, identifier::RESOURCE)?;
    let engine = Engine::creatable(form.required("Engine")?)?;
    let version = form.text("EngineVersion").unwrap_or(engine.default_version());
    engine.check_version(version)?;
    refused::check(form)?;
    replicas::check(call)?;
    support::check_new(form, engine, version, call.now)?;
    let target = window::target(form.text("BacktrackWindow"))?;
    window::may_enable(&call.account.surroundings.region, engine, version, target, None)?;
    let username = form.required("MasterUsername")?.to_owned();
    let password = form.required("MasterUserPassword")?;
    password::check(password)?;
    let tags = tags::read(form)?;
    let kms_key = (form.flag("StorageEncrypted")? || form.text("KmsKeyId").is_some())
        .then(|| call.account.surroundings.kms_key.clone());
    let inherited = Inherited {
        engine,
        version,
        kms_key: kms_key.as_deref(),
        backup_retention_days: 1,
        backup_window: "02:14-02:44",
        maintenance_window: form.text("PreferredMaintenanceWindow").unwrap_or("sun:03:21-sun:03:51"),
        zones: None,
    };
    let settings = settings::of_new_cluster(form, &call.account.surroundings, &inherited)?;
    call.account.check_room_for_cluster(&id)?;
    call.check_capacity()?;
    let resource_id = call.account.new_resource_id("cluster");
    let ready = call.account.end_of(Work::CreateCluster, &resource_id, call.now);
    let cluster = Cluster {
        backtrack: new_backtrack(call, &resource_id, target),
        id: id.clone(),
        resource_id,
        created: call.now,
        origin: Origin::New,
        engine,
        version: version.to_owned(),
        master_username: username,
        database: form.text("DatabaseName").map(str::to_owned),
        life: call.birth_of_cluster(ready),
        settings,
        clone_group: None,
        members: Vec::new(),
        writer: None,
        tags,
        restored: None,
        restart: None,
        secret: None,
        endpoint: None,
    };
    let seed = Seed::Nothing(Password(password.to_owned()));
    call.account.intend(Intent::Birth(cluster.resource_id.clone(), seed));
    call.account.add_cluster(cluster);
    view::cluster(xml, call.account, call.account.cluster(&id)?, call.now);
    Ok(())
}

/// The Backtrack side of a new cluster: nobody works on it yet, so it writes little.
pub fn new_backtrack(call: &Call<'_>, resource_id: &str, target: i64) -> Option<Backtrack> {
    let mut rng = chance::of(call.account.pace.seed, &[resource_id, "load"]);
    (target > 0).then(|| Backtrack {
        target,
        kept_since: call.now,
        load: Load { seed: rng.u64(..), per_second: 4.0 + 36.0 * rng.f64(), bursts: 6.0, surge: None },
        capacity: RECORDS,
        writing: Writing::default(),
        short: false,
        next_look: call.now,
        counted: None,
        rewinds: Vec::new(),
        measured: None,
    })
}
