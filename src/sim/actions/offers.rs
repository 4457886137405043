//! What can be ordered and how much of it: DescribeOrderableDBInstanceOptions, DescribeDBEngineVersions and
//! DescribeAccountAttributes.

use super::super::account::parameters::GroupKind;
use super::super::account::snapshots::MOST_SNAPSHOTS;
use super::super::protocol::{ApiError, Filter, Form, Page, Xml};
use super::super::rules::catalogue::{self, ENGINES};
use super::super::rules::engine::Engine;
use super::super::rules::roles;
use super::{Call, parameters, subnet_groups};

/// What DescribeOrderableDBInstanceOptions knows besides paging.
pub const ORDERABLE: &[&str] =
    &["AvailabilityZoneGroup", "DBInstanceClass", "Engine", "EngineVersion", "LicenseModel", "Vpc"];

/// What DescribeDBEngineVersions knows besides paging.
pub const VERSIONS: &[&str] = &[
    "DBParameterGroupFamily",
    "DefaultOnly",
    "Engine",
    "EngineVersion",
    "IncludeAll",
    "ListSupportedCharacterSets",
    "ListSupportedTimezones",
];

/// The engine of a request, when the simulator has it; others have nothing to order.
fn engine(form: &Form) -> Option<Engine> {
    ENGINES.into_iter().find(|engine| form.text("Engine") == Some(engine.name()))
}

/// A version is named whole or by its beginning, such as `16` or `8.0`.
fn named(form: &Form, version: &str) -> bool {
    form.text("EngineVersion")
        .is_none_or(|wanted| version.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// Lists the classes that each version runs on (API reference, DescribeOrderableDBInstanceOptions).
pub fn orderable(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let page = Page::read_up_to(form, "orderable", 10_000)?;
    Filter::read(form, &[])?;
    form.required("Engine")?;
    form.boolean("Vpc")?;
    let license = form.text("LicenseModel");
    let zones = &call.account.surroundings.zones;
    let start: usize = page.after().and_then(|last| last.parse::<usize>().ok()).map_or(0, |last| last + 1);
    let rows = engine(form).into_iter().flat_map(|engine| {
        let versions = catalogue::versions(engine).iter().filter(|version| named(form, version));
        versions.flat_map(move |version| catalogue::classes(version).map(move |class| (engine, *version, class)))
    });
    let rows = rows.filter(|(engine, _, class)| {
        form.text("DBInstanceClass").is_none_or(|wanted| wanted == *class)
            && license.is_none_or(|wanted| wanted == engine.license())
            && form.text("Vpc") != Some("false")
    });
    page.write(
        xml,
        "orderable",
        "OrderableDBInstanceOptions",
        rows.enumerate().skip(start),
        |(number, _)| number.to_string(),
        |xml, (_, (engine, version, class))| option(xml, *engine, version, class, zones),
    );
    Ok(())
}

fn option(xml: &mut Xml, engine: Engine, version: &str, class: &str, zones: &[String]) {
    xml.element("OrderableDBInstanceOption", |xml| {
        xml.text("Engine", engine.name());
        xml.text("EngineVersion", version);
        xml.text("DBInstanceClass", class);
        xml.text("LicenseModel", engine.license());
        xml.element("AvailabilityZones", |xml| {
            for zone in zones {
                xml.element("AvailabilityZone", |xml| xml.text("Name", zone));
            }
        });
        xml.text("StorageType", "aurora");
        for yes in [
            "ReadReplicaCapable",
            "SupportsClusters",
            "SupportsEnhancedMonitoring",
            "SupportsIAMDatabaseAuthentication",
            "SupportsPerformanceInsights",
            "SupportsStorageEncryption",
            "Vpc",
        ] {
            xml.value(yes, true);
        }
        for no in ["MultiAZCapable", "OutpostCapable", "SupportsIops", "SupportsStorageAutoscaling"] {
            xml.value(no, false);
        }
        xml.texts("SupportedEngineModes", "member", ["provisioned"]);
        xml.texts("SupportedNetworkTypes", "member", ["IPV4", "DUAL"]);
    });
}

/// Lists the versions of the engines (API reference, DescribeDBEngineVersions).
pub fn versions(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let page = Page::read(form, "versions")?;
    let filters =
        Filter::read(form, &["db-parameter-group-family", "engine", "engine-mode", "engine-version", "status"])?;
    let default_only = form.flag("DefaultOnly")?;
    for switch in ["IncludeAll", "ListSupportedCharacterSets", "ListSupportedTimezones"] {
        form.boolean(switch)?;
    }
    let start: usize = page.after().and_then(|last| last.parse::<usize>().ok()).map_or(0, |last| last + 1);
    let engines = ENGINES.into_iter().filter(|engine| form.text("Engine").is_none_or(|name| name == engine.name()));
    let all = engines.flat_map(|engine| catalogue::versions(engine).iter().map(move |version| (engine, *version)));
    let rows = all.filter(|(engine, version)| {
        let family = engine.family(version);
        named(form, version)
            && (!default_only || *version == engine.default_version())
            && form.text("DBParameterGroupFamily").is_none_or(|wanted| wanted == family)
            && filters.iter().all(|filter| match filter.name {
                "db-parameter-group-family" => filter.has(&family),
                "engine" => filter.has(engine.name()),
                "engine-mode" => filter.has("provisioned"),
                "engine-version" => filter.has(version),
                _ => filter.has("available"),
            })
    });
    page.write(
        xml,
        "versions",
        "DBEngineVersions",
        rows.enumerate().skip(start),
        |(number, _)| number.to_string(),
        |xml, (_, (engine, version))| version_element(xml, *engine, version),
    );
    Ok(())
}

fn version_element(xml: &mut Xml, engine: Engine, version: &str) {
    let title = if engine == Engine::AuroraMysql { "Aurora MySQL" } else { "Aurora PostgreSQL" };
    xml.element("DBEngineVersion", |xml| {
        xml.text("Engine", engine.name());
        xml.text("EngineVersion", version);
        xml.text("MajorEngineVersion", &catalogue::major(engine, version));
        xml.text("DBParameterGroupFamily", &engine.family(version));
        xml.text("DBEngineDescription", title);
        xml.text("DBEngineVersionDescription", &format!("{title} {version}"));
        xml.texts("ExportableLogTypes", "member", engine.log_types().iter().copied());
        xml.texts("SupportedEngineModes", "member", ["provisioned"]);
        xml.text("Status", "available");
        xml.value("SupportsLogExportsToCloudwatchLogs", true);
        xml.value("SupportsReadReplica", false);
        xml.value("SupportsParallelQuery", engine == Engine::AuroraMysql);
        xml.value("SupportsGlobalDatabases", true);
    });
}

/// Lists the quotas and how much of them is used up (API reference, DescribeAccountAttributes).
#[expect(clippy::unnecessary_wraps, reason = "every action may refuse; this one has no reason to")]
pub fn account_attributes(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let account = &*call.account;
    let around = &account.surroundings;
    let (clusters, instances) = account.quotas();
    let quotas = [
        ("DBClusterParameterGroups", around.own_group_count(GroupKind::Cluster), parameters::MOST_GROUPS),
        (
            "DBClusterRoles",
            account.clusters(None).map(|cluster| cluster.settings.roles.len()).max().unwrap_or(0),
            roles::MOST,
        ),
        ("DBClusters", account.clusters(None).count(), clusters),
        ("DBInstances", account.instances(None).count(), instances),
        ("DBParameterGroups", around.own_group_count(GroupKind::Instance), parameters::MOST_GROUPS),
        ("DBSubnetGroups", around.subnet_groups.len(), subnet_groups::MOST_GROUPS),
        ("ManualClusterSnapshots", account.snapshots(None).count(), MOST_SNAPSHOTS),
        (
            "SubnetsPerDBSubnetGroup",
            around.subnet_groups.iter().map(|group| group.subnets.len()).max().unwrap_or(0),
            subnet_groups::MOST_SUBNETS,
        ),
    ];
    xml.element("AccountQuotas", |xml| {
        for (name, used, most) in quotas {
            xml.element("AccountQuota", |xml| {
                xml.text("AccountQuotaName", name);
                xml.value("Used", used);
                xml.value("Max", most);
            });
        }
    });
    Ok(())
}
