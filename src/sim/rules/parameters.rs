//! Parameters of clusters: which there are, what they may be, and when a change takes effect (User Guide, parameter
//! groups; Aurora MySQL and Aurora PostgreSQL cluster parameters). A selection of those that people set.

use super::super::protocol::ApiError;

/// One parameter of a family.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    /// The engine's own value; absent where it decides by itself.
    pub default: Option<&'static str>,
    /// As DescribeDBClusterParameters writes it: a list, or a range of whole numbers; anything where absent.
    pub allowed: Option<&'static str>,
    /// Takes effect when the instance restarts, not at once.
    pub is_static: bool,
    pub data_type: &'static str,
    pub description: &'static str,
    pub modifiable: bool,
}

/// The families whose groups there are.
pub const FAMILIES: [&str; 8] = [
    "aurora-mysql5.7",
    "aurora-mysql8.0",
    "aurora-mysql8.4",
    "aurora-postgresql13",
    "aurora-postgresql14",
    "aurora-postgresql15",
    "aurora-postgresql16",
    "aurora-postgresql17",
];

const MYSQL: &[Parameter] = &[
    fixed("allow-suspicious-udfs", None, "0,1", "boolean", "Controls whether functions with only an xxx symbol load"),
    changed("aurora_binlog_replication_max_yield_seconds", "0", "0-36000", "Limit for yielding to foreground work"),
    restart("aurora_enhanced_binlog", "0", "0,1", "boolean", "Turns on the enhanced binary log"),
    restart("aurora_parallel_query", "OFF", "ON,OFF", "string", "Turns on parallel query"),
    restart("binlog_checksum", "CRC32", "NONE,CRC32", "string", "Checksum of the events in the binary log"),
    restart("binlog_format", "OFF", "ROW,STATEMENT,MIXED,OFF", "string", "Binary logging format for replication"),
    listed("binlog_row_image", "FULL", "FULL,MINIMAL,NOBLOB", "Which columns row-based logging writes"),
    listed("character_set_server", "utf8mb4", "latin1,utf8mb3,utf8mb4", "The server's default character set"),
    restart("enforce_gtid_consistency", "OFF", "OFF,ON,WARN", "string", "Whether statements must be safe for GTIDs"),
    changed("general_log", "0", "0,1", "Whether the general query log is enabled"),
    restart("gtid-mode", "OFF", "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON", "string", "Whether GTIDs identify transactions"),
    changed("innodb_lock_wait_timeout", "50", "1-1073741824", "Seconds that a transaction waits for a lock"),
    changed("innodb_print_all_deadlocks", "0", "0,1", "Whether all deadlocks are written to the error log"),
    restart("innodb_read_only", "{TrueIfReplica}", "", "string", "Read only on readers"),
    changed("long_query_time", "10", "0-31536000", "Seconds after which a query is slow"),
    restart("lower_case_table_names", "0", "0,1", "integer", "How table names are stored and compared"),
    free("max_allowed_packet", "1024-1073741824", "The largest packet"),
    free("max_connections", "1-16000", "How many clients may be connected"),
    listed("require_secure_transport", "OFF", "ON,OFF", "Whether connections must be encrypted"),
    changed("server_audit_logging", "0", "0,1", "Turns on the audit log"),
    changed("server_audit_logs_upload", "0", "0,1", "Whether audit logs go to CloudWatch Logs"),
    changed("slow_query_log", "0", "0,1", "Whether the slow query log is enabled"),
    listed("time_zone", "UTC", "UTC,Europe/Dublin,Europe/London,Europe/Berlin,US/Eastern,US/Pacific", "Time zone"),
    changed("wait_timeout", "28800", "1-31536000", "Seconds before an idle connection is closed"),
];

const POSTGRESQL: &[Parameter] = &[
    changed("log_min_duration_statement", "-1", "-1-2147483647", "Milliseconds after which a statement is logged"),
    restart("max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)", "6-8388607", "integer", "Connections"),
    restart("rds.force_ssl", "0", "0,1", "boolean", "Whether connections must be encrypted"),
    restart("rds.logical_replication", "0", "0,1", "boolean", "Turns on logical decoding"),
    restart("shared_preload_libraries", "pg_stat_statements", "", "list", "Libraries loaded into the server"),
    changed("statement_timeout", "0", "0-2147483647", "Milliseconds before a statement is aborted"),
    listed("timezone", "UTC", "", "Time zone of the server"),
];

const fn base(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        default: None,
        allowed: None,
        is_static: false,
        data_type: "integer",
        description,
        modifiable: true,
    }
}

const fn some(text: &'static str) -> Option<&'static str> {
    if text.is_empty() { None } else { Some(text) }
}

/// A number that takes effect at once.
const fn changed(name: &'static str, default: &'static str, allowed: &'static str, text: &'static str) -> Parameter {
    Parameter { default: Some(default), allowed: some(allowed), ..base(name, text) }
}

/// A word that takes effect at once.
const fn listed(name: &'static str, default: &'static str, allowed: &'static str, text: &'static str) -> Parameter {
    Parameter { data_type: "string", ..changed(name, default, allowed, text) }
}

/// A number that the engine chooses until somebody sets it.
const fn free(name: &'static str, allowed: &'static str, text: &'static str) -> Parameter {
    Parameter { allowed: some(allowed), ..base(name, text) }
}

/// What takes effect with the next restart.
const fn restart(
    name: &'static str,
    default: &'static str,
    allowed: &'static str,
    data_type: &'static str,
    text: &'static str,
) -> Parameter {
    Parameter { is_static: true, data_type, ..changed(name, default, allowed, text) }
}

/// What nobody can change.
const fn fixed(
    name: &'static str,
    default: Option<&'static str>,
    allowed: &'static str,
    data_type: &'static str,
    text: &'static str,
) -> Parameter {
    Parameter { default, modifiable: false, ..restart(name, "", allowed, data_type, text) }
}

/// The parameters of a family, by name.
pub fn of_family(family: &str) -> &'static [Parameter] {
    if family.starts_with("aurora-mysql") { MYSQL } else { POSTGRESQL }
}

/// The parameter of this name.
pub fn find(family: &str, name: &str) -> Result<&'static Parameter, ApiError> {
    let found = of_family(family).iter().find(|parameter| parameter.name == name);
    found.ok_or_else(|| ApiError::value(format!("Could not find parameter with name: {name}")))
}

impl Parameter {
    /// Whether it may be set to this value in this way.
    pub fn check(&self, value: &str, apply: &str) -> Result<(), ApiError> {
        if !self.modifiable {
            return Err(ApiError::value(format!("The parameter {} cannot be modified.", self.name)));
        }
        match apply {
            "immediate" if self.is_static => {
                return Err(ApiError::combination("cannot use immediate apply method for static parameter"));
            }
            "immediate" | "pending-reboot" => {}
            _ => return Err(ApiError::value(format!("Invalid apply method: {apply}"))),
        }
        if self.allows(value) {
            return Ok(());
        }
        Err(ApiError::value(format!(
            "Value: {value} is outside of range: {} for parameter: {}",
            self.allowed.unwrap_or_default(),
            self.name
        )))
    }

    fn allows(&self, value: &str) -> bool {
        let Some(allowed) = self.allowed else { return true };
        // A range may begin below zero: `-1-2147483647`.
        let range = allowed.char_indices().skip(1).find(|(_, c)| *c == '-').and_then(|(at, _)| {
            let (least, most) = allowed.split_at(at);
            Some(least.parse::<i64>().ok()?..=most.strip_prefix('-')?.parse().ok()?)
        });
        match range {
            Some(range) => value.parse().is_ok_and(|number| range.contains(&number)),
            None => allowed.split(',').any(|word| word == value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("binlog_format", "ROW", "pending-reboot", true)]
    #[case("binlog_format", "ROW", "immediate", false)]
    #[case("binlog_format", "row", "pending-reboot", false)]
    #[case("long_query_time", "0", "immediate", true)]
    #[case("long_query_time", "-1", "immediate", false)]
    #[case("allow-suspicious-udfs", "1", "pending-reboot", false)]
    #[case("max_connections", "500", "tomorrow", false)]
    fn values_and_ways_are_checked(#[case] name: &str, #[case] value: &str, #[case] apply: &str, #[case] fine: bool) {
        assert_eq!(find("aurora-mysql8.0", name).unwrap().check(value, apply).is_ok(), fine);
    }

    #[test]
    fn ranges_may_begin_below_zero() {
        let parameter = find("aurora-postgresql16", "log_min_duration_statement").unwrap();
        assert!(parameter.allows("-1") && parameter.allows("0") && !parameter.allows("-2"));
    }

    #[test]
    fn tables_are_in_order_and_defaults_are_legal() {
        for family in FAMILIES {
            let table = of_family(family);
            assert!(table.is_sorted_by_key(|parameter| parameter.name), "{family}");
            for parameter in table {
                let own = parameter.default.is_none_or(|default| default.contains('{') || parameter.allows(default));
                assert!(own || !parameter.modifiable, "{}", parameter.name);
            }
        }
    }
}
