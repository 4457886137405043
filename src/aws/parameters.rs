//! Parameters of a cluster, as far as they decide what may be done with it.

use super::Aws;
use super::classify::classify;
use super::error::{AwsError, ErrorKind};
use super::read::pages;
use crate::aurora::cluster::{Binlog, Cluster};

/// The parameter that switches binary logging on (User Guide, Replication with Aurora MySQL).
const BINLOG_FORMAT: &str = "binlog_format";
/// Groups that come with the engine begin like this. Nobody can change them, and binary logging is off in them.
const DEFAULT_GROUP: &str = "default.";

/// Whether `format` is one that writes a binary log.
fn binlog(format: Option<&str>) -> Binlog {
    match format {
        Some(format) if !format.is_empty() && !format.eq_ignore_ascii_case("OFF") => Binlog::On,
        _ => Binlog::Off,
    }
}

impl Aws {
    /// Whether binary logging is on in the parameter group of `cluster`; unknown where that may not be read.
    ///
    /// # Errors
    /// If nothing can be read, for want of credentials or connection.
    pub async fn binlog(&self, cluster: &Cluster) -> Result<Binlog, AwsError> {
        let Some(group) = &cluster.settings.parameter_group else { return Ok(Binlog::Unknown) };
        // The parameter is static: until the restart another value may be in force than the group has (User Guide,
        // Working with parameter groups).
        if cluster.settings.parameters_pending {
            return Ok(Binlog::Unknown);
        }
        if group.starts_with(DEFAULT_GROUP) {
            return Ok(Binlog::Off);
        }
        // What nobody has set has the default of the engine, which is off.
        let set = pages(usize::MAX, |marker| async move {
            let call = self.rds.describe_db_cluster_parameters().db_cluster_parameter_group_name(group).source("user");
            self.pace.turn().await;
            let answer = call.set_marker(marker).send().await;
            let answer = answer.map_err(|error| classify("DescribeDBClusterParameters", &error))?;
            let format = |name: Option<&str>| name == Some(BINLOG_FORMAT);
            let found = answer.parameters().iter().filter(|parameter| format(parameter.parameter_name()));
            let found: Vec<_> = found.map(|parameter| binlog(parameter.parameter_value())).collect();
            Ok((found, answer.marker().map(str::to_owned)))
        });
        match set.await {
            Ok(found) => Ok(found.first().copied().unwrap_or(Binlog::Off)),
            Err(error)
                if matches!(error.kind, ErrorKind::NoCredentials | ErrorKind::Expired | ErrorKind::Unreachable) =>
            {
                Err(error)
            }
            Err(_) => Ok(Binlog::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(None, Binlog::Off)]
    #[case(Some(""), Binlog::Off)]
    #[case(Some("OFF"), Binlog::Off)]
    #[case(Some("off"), Binlog::Off)]
    #[case(Some("ROW"), Binlog::On)]
    #[case(Some("MIXED"), Binlog::On)]
    #[case(Some("STATEMENT"), Binlog::On)]
    fn every_format_but_off_writes_a_log(#[case] format: Option<&str>, #[case] want: Binlog) {
        assert_eq!(binlog(format), want);
    }
}
