//! The actions against an account without HTTP, on a manual clock.

mod account;
mod backtracks;
mod deletion;
mod instances;
mod invariants;
mod listing;
mod metrics;
mod modify;
mod parameters;
mod restore;
mod roles;
mod rules;
mod snapshots;
mod tags;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use super::super::account::Account;
use super::super::cloudformation;
use super::super::faults::Faults;
use super::super::fleet::{self, FleetSpec};
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::{Clock, Options};
use super::{Call, table};

/// An account and its clock.
struct Bench {
    account: Account,
    clock: Clock,
    faults: Faults,
}

impl Bench {
    fn empty() -> Self {
        Self::with(FleetSpec::Empty)
    }

    fn with(fleet: FleetSpec) -> Self {
        Self::in_region("eu-west-1", fleet)
    }

    fn in_region(region: &str, fleet: FleetSpec) -> Self {
        let clock = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
        let options = Options { fleet, clock: clock.clone(), region: Some(region.into()), ..Options::default() };
        let faults = Faults::new(Vec::new(), Rng::with_seed(1));
        Self { account: fleet::build(&options).unwrap(), clock, faults }
    }

    /// Calls an action; parameters are written `Name=value`, parted by spaces, `+` for a space.
    fn call(&mut self, action: &str, parameters: &str) -> Result<String, ApiError> {
        self.call_of("2014-10-31", action, parameters)
    }

    /// The same of the service whose API has this version.
    fn call_of(&mut self, version: &str, action: &str, parameters: &str) -> Result<String, ApiError> {
        let own = parameters.split_whitespace().collect::<Vec<_>>().join("&");
        let body = format!("Action={action}&Version={version}&{own}");
        let form = Form::parse(body.trim_end_matches('&').as_bytes())?;
        let action = table::find(&form)?;
        let now = self.clock.now();
        cloudformation::settle(&mut self.account, &mut self.faults, now);
        let twists = self.faults.judge(action.name).twists;
        let mut xml = Xml::new();
        (action.run)(&mut Call { account: &mut self.account, form: &form, now, twists: &twists }, &mut xml)?;
        Ok(String::from_utf8(xml.into_bytes()).unwrap())
    }

    /// Has this go wrong from now on.
    fn fault(&mut self, text: &str) {
        self.faults.list.push(text.parse().unwrap());
    }

    fn ok(&mut self, action: &str, parameters: &str) -> String {
        self.call(action, parameters).unwrap_or_else(|error| panic!("{action} {parameters}: {error:?}"))
    }

    fn refused(&mut self, action: &str, parameters: &str) -> (Code, String) {
        match self.call(action, parameters) {
            Err(error) => (error.code, error.message),
            Ok(answer) => panic!("{action} {parameters} answered {answer}"),
        }
    }

    fn code(&mut self, action: &str, parameters: &str) -> Code {
        self.refused(action, parameters).0
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    fn ago(&self, seconds: i64) -> Timestamp {
        self.clock.now().checked_sub(SignedDuration::from_secs(seconds)).unwrap()
    }

    fn cluster(&mut self, id: &str) -> String {
        self.ok("DescribeDBClusters", &format!("DBClusterIdentifier={id}"))
    }

    fn status(&mut self, id: &str) -> String {
        field(&self.cluster(id), "Status").unwrap()
    }

    /// An available MySQL cluster `orders`, with a window of a day and a writer.
    fn with_source() -> Self {
        let mut bench = Self::empty();
        bench.ok(
            "CreateDBCluster",
            "DBClusterIdentifier=orders Engine=aurora-mysql MasterUsername=admin MasterUserPassword=secret-enough \
             BacktrackWindow=86400 Port=3310 DeletionProtection=true EnableIAMDatabaseAuthentication=true \
             DBClusterParameterGroupName=shop-mysql8 DBSubnetGroupName=shop-private BackupRetentionPeriod=14 \
             StorageEncrypted=true VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-0a7b6c5d4e3f20119 \
             EnableCloudwatchLogsExports.member.1=error Tags.Tag.1.Key=team Tags.Tag.1.Value=checkout",
        );
        bench.pass(120);
        bench.instance("orders", "orders-1");
        bench
    }

    /// The same with a finished clone `copy` that has a window of an hour and a writer.
    fn with_clone() -> Self {
        let mut bench = Self::with_source();
        bench.clone("orders", "copy", "BacktrackWindow=3600 Tags.Tag.1.Key=a Tags.Tag.1.Value=b");
        bench.pass(400);
        bench.instance("copy", "copy-1");
        bench
    }

    fn clone(&mut self, source: &str, id: &str, more: &str) -> String {
        let base = "RestoreType=copy-on-write UseLatestRestorableTime=true";
        self.ok(RESTORE, &format!("DBClusterIdentifier={id} SourceDBClusterIdentifier={source} {base} {more}"))
    }

    fn instance(&mut self, cluster: &str, id: &str) {
        let base = "DBInstanceClass=db.r6g.large Engine=aurora-mysql";
        self.ok("CreateDBInstance", &format!("DBInstanceIdentifier={id} DBClusterIdentifier={cluster} {base}"));
        self.pass(500);
    }
}

const RESTORE: &str = "RestoreDBClusterToPointInTime";

/// The text of the first element of this name.
fn field(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned())
}

/// How many elements of this name there are.
fn count(xml: &str, name: &str) -> usize {
    xml.matches(&format!("<{name}>")).count()
}
