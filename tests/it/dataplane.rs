//! Real databases behind the simulated account. Where there is no MariaDB they say how to get it, unless
//! `AUREWIND_MARIADB_REQUIRED` is set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aurewind::sim::{Clock, DataPlane, DataPlaneError, FLEET_PASSWORD, FleetSpec, FreeSpace, Options};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, Row};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::support::{Account, api_of, until};

const SOURCE: &str = "shop-prod";

/// An account with databases, and somebody who talks to them.
pub struct Bench {
    pub account: Account,
    folder: TempDir,
    pub sql: Runtime,
}

/// An empty database takes seconds to make, so all tests begin with the same.
static TEMPLATE: Mutex<Option<TempDir>> = Mutex::new(None);

/// Gives a folder the template, if one was made.
fn give_template(folder: &Path) {
    if let Some(made) = TEMPLATE.lock().unwrap().as_ref() {
        copy_templates(made.path(), folder);
    }
}

/// Keeps the template of a folder for the others.
fn keep_template(folder: &Path) {
    let mut kept = TEMPLATE.lock().unwrap();
    if kept.is_none() {
        let made = tempfile::tempdir().unwrap();
        copy_templates(folder, made.path());
        *kept = Some(made);
    }
}

fn copy_templates(from: &Path, to: &Path) {
    for path in entries(from).iter().filter(|path| name(path).starts_with("template-")) {
        assert!(Command::new("cp").arg("-rp").args([path, to]).status().unwrap().success());
    }
}

fn plane(folder: &Path) -> DataPlane {
    DataPlane::new(folder.to_owned(), PathBuf::from(env!("CARGO_BIN_EXE_aurewind")))
}

/// Whether MariaDB is there; it must be, where that is demanded.
pub fn installed() -> bool {
    match plane(Path::new("/nowhere")).server() {
        Ok(_) => true,
        Err(error @ DataPlaneError::NotInstalled) => {
            assert!(std::env::var_os("AUREWIND_MARIADB_REQUIRED").is_none(), "{error}");
            println!("SKIPPED: {error}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

impl Bench {
    pub fn start(change: impl FnOnce(&mut DataPlane)) -> Option<Self> {
        if !installed() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        give_template(folder.path());
        let mut plane = plane(folder.path());
        change(&mut plane);
        let options = Options { fleet: FleetSpec::Demo, speed: 3_000.0, data_plane: Some(plane), ..Options::default() };
        let sql = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let account = Account::with(options);
        keep_template(folder.path());
        Some(Self { account, folder, sql })
    }

    pub fn cluster(&self, id: &str) -> Value {
        let listed = self.account.json(&["list"]).value(0);
        listed["clusters"].as_array().unwrap().iter().find(|one| one["id"] == id).cloned().unwrap_or(Value::Null)
    }

    /// A client of a cluster, by what DescribeDBClusters says.
    pub fn client(&self, id: &str) -> Client<'_> {
        let cluster = self.cluster(id);
        let at = format!("{}:{}", cluster["endpoint"].as_str().unwrap(), cluster["port"]);
        self.connect(&at, FLEET_PASSWORD).unwrap_or_else(|error| panic!("{id} at {at}: {error}"))
    }

    fn connect(&self, at: &str, password: &str) -> Result<Client<'_>, sqlx::Error> {
        let url = format!("mysql://admin:{password}@{at}/shop?ssl-mode=disabled");
        let connection = self.sql.block_on(MySqlConnection::connect(&url))?;
        Ok(Client { connection, runtime: &self.sql })
    }

    pub fn clone_of(&self, source: &str, name: &str) {
        self.account.json(&["clone", source, "--name", name, "--window", "24h", "--yes"]).value(0);
    }

    /// Rewinds a cluster; gives back where it landed and when it was taken back.
    pub fn rewind(&self, id: &str, to: Timestamp) -> (Timestamp, Timestamp) {
        let run = self.account.json(&["rewind", id, "--to", &to.to_string(), "--tolerance", "1h", "--yes"]).value(0);
        let result = &run["task"]["result"];
        let time = |name: &str| result[name].as_str().unwrap().parse().unwrap();
        (time("landed"), time("backtracked_from"))
    }

    /// The folders of the databases.
    fn homes(&self) -> Vec<PathBuf> {
        let run = entries(self.folder.path()).into_iter().find(|path| name(path).starts_with("run-")).unwrap();
        entries(&run).into_iter().filter(|path| path.is_dir()).collect()
    }
}

pub struct Client<'a> {
    connection: MySqlConnection,
    runtime: &'a Runtime,
}

impl Client<'_> {
    fn run(&mut self, statement: &str) {
        self.try_run(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    fn try_run(&mut self, statement: &str) -> Result<(), sqlx::Error> {
        self.runtime.block_on(self.connection.execute(AssertSqlSafe(statement.to_owned()))).map(|_| ())
    }

    pub fn number(&mut self, question: &str) -> i64 {
        let row = self.runtime.block_on(self.connection.fetch_one(AssertSqlSafe(question.to_owned())));
        row.unwrap_or_else(|error| panic!("{question}: {error}")).get(0)
    }

    fn texts(&mut self, question: &str) -> Vec<String> {
        let rows = self.runtime.block_on(self.connection.fetch_all(AssertSqlSafe(question.to_owned()))).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Every table of the shop with its checksum.
    fn checksums(&mut self) -> Vec<(String, i64)> {
        let mut tables = self.texts("SHOW TABLES");
        tables.sort();
        let sum = |table: &String| {
            let rows = self
                .runtime
                .block_on(self.connection.fetch_one(AssertSqlSafe(format!("CHECKSUM TABLE `{table}` EXTENDED"))));
            rows.unwrap().get::<i64, _>(1)
        };
        let sums: Vec<i64> = tables.iter().map(sum).collect();
        tables.into_iter().zip(sums).collect()
    }
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    found.map(|entry| entry.unwrap().path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Processes that work on a folder.
fn servers_in(folder: &Path) -> usize {
    let wanted = format!("--datadir={}", folder.display());
    let works = |path: &PathBuf| {
        fs::read(path.join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&wanted))
    };
    entries(Path::new("/proc")).iter().filter(|path| works(path)).count()
}

/// Real: a rewind brings a dropped table back, its undo takes it away again, and the source goes on
#[test]
fn a_dropped_table_is_back_after_a_rewind_and_gone_again_after_the_undo() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    bench.clone_of(SOURCE, "try-1");
    let rows = bench.client("try-1").number("SELECT COUNT(*) FROM orders");
    assert!(rows >= 4_000, "{rows}");
    // Later than the whole second from which on it can be rewound to.
    std::thread::sleep(Duration::from_secs(2));
    let before = now();
    // The moment asked for is a whole second, and the table is still there in it.
    std::thread::sleep(Duration::from_millis(1_100));
    bench.client("try-1").run("DROP TABLE order_lines, orders");
    let (landed, _) = bench.rewind("try-1", before);
    assert!(landed <= before, "{landed} {before}");
    assert_eq!(bench.client("try-1").number("SELECT COUNT(*) FROM orders"), rows);
    bench.account.json(&["undo", "try-1", "--yes"]).value(0);
    assert_eq!(bench.client("try-1").texts("SHOW TABLES"), ["customers", "products"]);
    // The source never noticed, and its trade went on.
    assert!(bench.client(SOURCE).number("SELECT COUNT(*) FROM orders") > rows);
    let written = bench.cluster(SOURCE)["backtrack"]["change_records"].as_i64().unwrap();
    assert!(written > 0);
}

/// Real: a clone is a server of its own with its source's rows and passwords; a new password is in force at once; deleting it frees the disk
#[test]
fn a_clone_has_the_passwords_of_its_source_and_deleting_it_frees_the_disk() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    bench.clone_of(SOURCE, "try-1");
    let cluster = bench.cluster("try-1");
    let at = format!("{}:{}", cluster["endpoint"].as_str().unwrap(), cluster["port"]);
    bench.account.api(
        "ModifyDBCluster",
        &[("DBClusterIdentifier", "try-1"), ("MasterUserPassword", "another'pass\\word"), ("ApplyImmediately", "true")],
    );
    until("the password is another", || bench.connect(&at, "another'pass%5Cword").is_ok());
    assert!(bench.connect(&at, FLEET_PASSWORD).is_err());
    bench.client(SOURCE).run("SELECT 1");
    let before = bench.homes().len();
    bench.account.json(&["delete", "try-1", "--yes"]).value(0);
    until("its folder is gone", || bench.homes().len() == before - 1);
    assert!(bench.connect(&at, "another'pass%5Cword").is_err());
}

/// Real: a stopped cluster has no server, and starts with its rows
#[test]
fn a_stopped_cluster_has_no_server_and_starts_with_its_rows() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    let cluster = [("DBClusterIdentifier", SOURCE)];
    bench.client(SOURCE).run("CREATE TABLE mine (id INT PRIMARY KEY)");
    let running = servers_in(bench.folder.path());
    bench.account.api("StopDBCluster", &cluster);
    until("it is stopped", || bench.cluster(SOURCE)["status"] == "stopped");
    until("its server ended", || servers_in(bench.folder.path()) == running - 1);
    bench.account.api("StartDBCluster", &cluster);
    until("it is available", || bench.cluster(SOURCE)["status"] == "available");
    bench.client(SOURCE).run("INSERT INTO mine VALUES (1)");
}

/// Real: a final snapshot holds the rows of a cluster that is gone
#[test]
fn a_snapshot_outlives_its_cluster() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    bench.clone_of(SOURCE, "try-1");
    bench.client("try-1").run("CREATE TABLE mine (id INT PRIMARY KEY)");
    bench.account.json(&["delete", "try-1", "--final-snapshot", "last", "--yes"]).value(0);
    let api = |action: &str, parameters: &[(&str, &str)]| bench.account.api(action, parameters);
    api(
        "RestoreDBClusterFromSnapshot",
        &[("DBClusterIdentifier", "again"), ("SnapshotIdentifier", "last"), ("Engine", "aurora-mysql")],
    );
    until("it is available", || bench.cluster("again")["status"] == "available");
    api(
        "CreateDBInstance",
        &[
            ("DBInstanceIdentifier", "again-1"),
            ("DBClusterIdentifier", "again"),
            ("DBInstanceClass", "db.r6g.large"),
            ("Engine", "aurora-mysql"),
        ],
    );
    until("its instance is available", || bench.cluster("again")["instances"][0]["status"] == "available");
    assert_eq!(bench.client("again").number("SELECT COUNT(*) FROM mine"), 0);
}

/// Real: the number of servers, their memory and their disk are limited, each by an error that says so
#[test]
fn each_limit_is_an_error_that_says_so() {
    let Some(bench) = Bench::start(|plane| plane.servers = 2) else { return };
    let run = bench.account.json(&["clone", SOURCE, "--name", "one-more", "--yes"]);
    assert!(run.out.contains("at most 2 database servers"), "{run:#?}");
    drop(bench);
    let Some(bench) = Bench::start(|plane| plane.disk = 1 << 20) else { return };
    let run = bench.account.json(&["clone", SOURCE, "--name", "one-more", "--yes"]);
    assert!(run.out.contains("StorageQuotaExceeded") && run.out.contains("they may use 1 MiB"), "{run:#?}");
    drop(bench);
    let Some(bench) = Bench::start(|plane| plane.memory = 300 << 20) else { return };
    let run = bench.account.json(&["clone", SOURCE, "--name", "one-more", "--yes"]);
    assert!(run.out.contains("may take 300 MiB of memory, 144 MiB each"), "{run:#?}");
}

/// Real: 512 MiB of disk stay free: no copy is made below, and the past gives way to the present
#[test]
fn a_full_disk_refuses_copies_and_the_present_goes_on_at_the_cost_of_the_past() {
    let full = Arc::new(AtomicBool::new(false));
    let told = full.clone();
    let Some(bench) = Bench::start(|plane| {
        let left = move || if told.load(Ordering::Relaxed) { 100 << 20 } else { 100 << 30 };
        plane.free = FreeSpace::told_by(move |_| Ok(left()));
    }) else {
        return;
    };
    let earliest = || bench.cluster(SOURCE)["backtrack"]["earliest"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let before = earliest();
    full.store(true, Ordering::Relaxed);
    let run = bench.account.json(&["clone", SOURCE, "--name", "one-more", "--yes"]);
    assert!(run.out.contains("StorageQuotaExceeded"), "{run:#?}");
    assert!(run.out.contains("has 100 MiB left; 512 MiB have to stay"), "{run:#?}");
    let mut client = bench.client(SOURCE);
    client.run("CREATE TABLE mine (id INT PRIMARY KEY)");
    until("the past gives way", || earliest() > before);
    client.run("INSERT INTO mine VALUES (1)");
    full.store(false, Ordering::Relaxed);
    bench.clone_of(SOURCE, "one-more");
    assert_eq!(bench.client("one-more").number("SELECT COUNT(*) FROM mine"), 1);
}

const MIB: f64 = 1_048_576.0;

/// The first value of an answer of GetMetricData.
fn first_value(xml: &str) -> Option<f64> {
    let (_, rest) = xml.split_once("<Values><member>")?;
    rest.split('<').next()?.parse().ok()
}

/// Real: VolumeBytesUsed of a clone is the pages that it really wrote, over CloudWatch too
#[test]
fn the_volume_of_a_clone_is_what_it_really_wrote() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    bench.clone_of(SOURCE, "try-1");
    // A point stands for five whole minutes of a cluster's life.
    bench.account.control("POST", "clock/advance", r#"{"seconds":900}"#);
    let volume = |id: &str| {
        let (end, query) = (now() + SignedDuration::from_mins(15), "MetricDataQueries.member.1");
        let mut parameters = vec![
            ("StartTime".to_owned(), (end - SignedDuration::from_mins(30)).to_string()),
            ("EndTime".to_owned(), end.to_string()),
        ];
        for (name, value) in [
            ("Id", "m"),
            ("MetricStat.Period", "300"),
            ("MetricStat.Stat", "Average"),
            ("MetricStat.Metric.Namespace", "AWS/RDS"),
            ("MetricStat.Metric.MetricName", "VolumeBytesUsed"),
            ("MetricStat.Metric.Dimensions.member.1.Name", "DBClusterIdentifier"),
            ("MetricStat.Metric.Dimensions.member.1.Value", id),
        ] {
            parameters.push((format!("{query}.{name}"), value.to_owned()));
        }
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        let answer = api_of(&bench.account.url, "2010-08-01", "GetMetricData", &parameters);
        first_value(&answer).unwrap_or_else(|| panic!("{id}: {answer}"))
    };
    let (clone, source) = (volume("try-1"), volume(SOURCE));
    assert!(clone < 0.5 * source, "{clone} {source}");
    let mut client = bench.client("try-1");
    client.run("CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, text MEDIUMTEXT)");
    for _ in 0..8 {
        client.run("INSERT INTO big (text) VALUES (REPEAT('x', 1048576))");
    }
    until("what was written is billed", || volume("try-1") >= clone + 7.0 * MIB);
    assert!(volume("try-1") < clone + 24.0 * MIB, "{}", volume("try-1"));
    assert!(volume(SOURCE) < source + 4.0 * MIB, "the source wrote nothing of it");
}

/// Real: a past that the disk has no room for shortens the actual window, with its event (RDS-EVENT-0131)
#[test]
fn a_past_that_the_disk_has_no_room_for_is_told_of() {
    let Some(bench) = Bench::start(|plane| (plane.servers, plane.disk) = (2, 64 << 20)) else { return };
    let events = || {
        let asked = [("SourceType", "db-instance"), ("Duration", "60")];
        bench.account.api("DescribeEvents", &asked)
    };
    // The past may have 16 MiB, less than two states of the shop.
    let mut client = bench.client(SOURCE);
    client.run("CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, text MEDIUMTEXT)");
    until("the past is too short", || {
        client.run("INSERT INTO big (text) VALUES (REPEAT('x', 1048576))");
        // Where room is short, copies are up to a minute apart.
        bench.account.control("POST", "clock/advance", r#"{"seconds":60}"#);
        events().contains("The actual Backtrack window is smaller than the target")
    });
    let short = bench.cluster(SOURCE);
    let actual = short["backtrack"]["actual_seconds"].as_i64().unwrap();
    assert!(actual < 86_400, "{short}");
}

/// Real: a server that is killed is started again and has lost nothing
#[test]
fn a_server_that_is_killed_is_started_again() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    bench.client(SOURCE).run("CREATE TABLE mine (id INT PRIMARY KEY); INSERT INTO mine VALUES (7)");
    for home in bench.homes() {
        let pid = fs::read_to_string(home.join("pid")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    let cluster = bench.cluster(SOURCE);
    let at = format!("{}:{}", cluster["endpoint"].as_str().unwrap(), cluster["port"]);
    until("it answers again", || bench.connect(&at, FLEET_PASSWORD).is_ok());
    assert_eq!(bench.client(SOURCE).number("SELECT id FROM mine"), 7);
}

/// Somebody who writes all the time: money moves between accounts, and each move is written down with its time.
struct Writer {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    fn start(url: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = None;
                while !told.load(Ordering::Relaxed) {
                    // A rewind cuts it off; it comes again, as any application does.
                    let Some(open) = connection.as_mut() else {
                        connection = MySqlConnection::connect(&url).await.ok();
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    };
                    let moved = "START TRANSACTION; SET @a = FLOOR(RAND() * 50), @b = FLOOR(RAND() * 50); \
                         UPDATE purse SET held = held - 1 WHERE id = @a; UPDATE purse SET held = held + 1 WHERE id = @b; \
                         INSERT INTO moves (a, b, at) VALUES (@a, @b, NOW(3)); COMMIT";
                    if open.execute(moved).await.is_err() {
                        connection = None;
                    }
                }
            });
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Money neither comes nor goes, what every purse holds is what the moves say, and no index lies.
fn check_sound(client: &mut Client<'_>) {
    assert_eq!(client.number("SELECT CAST(SUM(held) AS SIGNED) FROM purse"), 50 * 1_000);
    let wrong = client.number(
        "SELECT COUNT(*) FROM purse WHERE held <> 1000 - (SELECT COUNT(*) FROM moves WHERE a = purse.id) \
         + (SELECT COUNT(*) FROM moves WHERE b = purse.id)",
    );
    assert_eq!(wrong, 0);
    // One statement sees one state, however much is written meanwhile.
    let count = |index| format!("(SELECT COUNT(*) FROM moves FORCE INDEX ({index}))");
    assert_eq!(client.number(&format!("SELECT {} - {}", count("PRIMARY"), count("at"))), 0);
}

/// Real: a hundred random clones, rewinds and undos under load, with DDL, leave every database sound and apart from the others
#[test]
fn a_hundred_random_operations_under_load_keep_every_database_sound() {
    let Some(bench) = Bench::start(|plane| plane.disk = 32 << 30) else { return };
    bench.clone_of(SOURCE, "busy");
    bench.client("busy").run(
        "CREATE TABLE purse (id INT PRIMARY KEY, held INT NOT NULL) SELECT seq - 1 AS id, 1000 AS held FROM seq_1_to_50; \
         CREATE TABLE moves (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b INT, at DATETIME(3), KEY at (at), KEY (a), KEY (b))",
    );
    // Big copies are taken less often than once a second; by now there is one with the tables in it.
    let made = now();
    std::thread::sleep(Duration::from_secs(5));
    let begin = now();
    let cluster = bench.cluster("busy");
    let at = format!("{}:{}", cluster["endpoint"].as_str().unwrap(), cluster["port"]);
    let writer = Writer::start(format!("mysql://admin:{FLEET_PASSWORD}@{at}/shop?ssl-mode=disabled"));
    let mut rng = fastrand::Rng::with_seed(11);
    let mut clones = 0;
    for step in 0..100 {
        match rng.u8(0..10) {
            // A table comes, changes or goes; the writer does not look at it.
            0..=4 => {
                let table = format!("extra_{}", rng.u8(0..4));
                let mut client = bench.client("busy");
                client.run(&match rng.u8(0..4) {
                    0 => format!("DROP TABLE IF EXISTS {table}"),
                    1 => format!(
                        "CREATE OR REPLACE TABLE {table} (id INT PRIMARY KEY) SELECT seq AS id FROM seq_1_to_2000"
                    ),
                    2 => "ALTER TABLE purse ADD COLUMN IF NOT EXISTS note VARCHAR(20) DEFAULT 'x', FORCE".to_owned(),
                    _ => "ALTER TABLE purse DROP COLUMN IF EXISTS note".to_owned(),
                });
                check_sound(&mut client);
            }
            // Back, or forward again.
            5..=8 => {
                let present = now();
                // So much writing fills the room for the past: the window moves on while it is asked for.
                let floor: Timestamp = bench.cluster("busy")["backtrack"]["floor"].as_str().unwrap().parse().unwrap();
                let reach = present.duration_since(floor.max(begin)).as_millis() as i64;
                let asked = present - SignedDuration::from_millis(rng.i64(0..=(reach * 2 / 3).clamp(1, 60_000)) + 1);
                let (landed, taken_back) = bench.rewind("busy", asked);
                assert!(landed <= asked && taken_back > asked, "step {step}: {landed} {asked} {taken_back}");
                assert!(landed >= made, "step {step}: {landed} {made} {asked}");
                let mut client = bench.client("busy");
                check_sound(&mut client);
                // None from after the landing, but for those made since it was taken back.
                let between = format!(
                    "SELECT COUNT(*) FROM moves WHERE at > '{}' AND at < '{}'",
                    landed.strftime("%F %T%.3f"),
                    taken_back.strftime("%F %T%.3f")
                );
                assert_eq!(client.number(&between), 0, "step {step}");
            }
            _ => {
                clones += 1;
                let name = format!("copy-{clones}");
                bench.clone_of("busy", &name);
                let mut copy = bench.client(&name);
                check_sound(&mut copy);
                // Nothing that is done here or there is seen there or here.
                let sums = copy.checksums();
                bench.client("busy").run(
                    "UPDATE purse SET held = held + 1 WHERE id = 0; UPDATE purse SET held = held - 1 WHERE id = 0",
                );
                assert_eq!(copy.checksums(), sums, "step {step}");
                copy.run("DROP TABLE purse, moves");
                check_sound(&mut bench.client("busy"));
                bench.account.json(&["delete", &name, "--yes"]).value(0);
            }
        }
    }
    drop(writer);
    // Without load, the same moment is the same database each time.
    let still = now() - SignedDuration::from_secs(1);
    bench.rewind("busy", still);
    let sums = bench.client("busy").checksums();
    for _ in 0..2 {
        bench.client("busy").run("DROP TABLE moves");
        bench.rewind("busy", still);
        assert_eq!(bench.client("busy").checksums(), sums);
    }
}

/// The real program as a simulator, to be killed.
fn simulator(state: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aurewind"))
        .args(["sim", "--data-plane", "mariadb", "--speed", "3000", "--listen", "127.0.0.1:0"])
        .env("AUREWIND_STATE_DIR", state)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    (child, line.trim().rsplit(' ').next().unwrap().to_owned())
}

/// Real: a simulator that is killed at work leaves no server behind, and the next one cleans up
#[rstest::rstest]
#[case::clone("RestoreDBClusterToPointInTime", &[
    ("SourceDBClusterIdentifier", SOURCE), ("DBClusterIdentifier", "half"), ("RestoreType", "copy-on-write"),
    ("UseLatestRestorableTime", "true"),
])]
#[case::rewind("BacktrackDBCluster", &[("DBClusterIdentifier", SOURCE), ("UseEarliestTimeOnPointInTimeUnavailable", "true")])]
fn a_simulator_that_is_killed_at_work_leaves_no_server_and_the_next_one_cleans_up(
    #[case] action: &str,
    #[case] parameters: &[(&str, &str)],
) {
    if !installed() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let databases = state.path().canonicalize().unwrap().join("databases");
    fs::create_dir(&databases).unwrap();
    give_template(&databases);
    for wait in [0, 30, 120] {
        let (mut child, url) = simulator(state.path());
        let began = entries(&databases).iter().filter(|path| name(path).starts_with("run-")).count();
        assert_eq!(began, 1, "what an earlier one left is gone");
        let mut parameters = parameters.to_vec();
        let second = Timestamp::from_second(now().as_second() - 1).unwrap().to_string();
        if action == "BacktrackDBCluster" {
            parameters.push(("BacktrackTo", &second));
        }
        super::support::api(&url, action, &parameters);
        // At the beginning, in the middle or near the end of the work.
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        until("no server is left", || servers_in(&databases) == 0);
    }
    let (mut child, url) = simulator(state.path());
    super::support::api(&url, "DescribeDBClusters", &[]);
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    child.wait().unwrap();
    let left: Vec<String> = entries(&databases).iter().map(|path| name(path)).collect();
    assert!(left.iter().all(|name| name.starts_with("template-")), "{left:?}");
    assert_eq!(servers_in(&databases), 0);
}
