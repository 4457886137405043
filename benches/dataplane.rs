//! Figures of the databases behind the simulated account, as a client of them and of the API sees them:
//! `cargo bench --bench dataplane [-- FOLDER [MEGABYTES…]]`. Give a folder on XFS or btrfs for figures with shared blocks.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on panics, prints, and looks at the clock"
)]

#[cfg(unix)]
fn main() {
    figures::main();
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod figures {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use aurewind::sim::{DataPlane, FLEET_PASSWORD, Options, Simulator};
    use jiff::Timestamp;
    use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};
    use tokio::runtime::Runtime;

    const SOURCE: &str = "shop-prod";

    pub fn main() {
        let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
        let folder = words.first().map_or_else(std::env::temp_dir, PathBuf::from);
        let sizes: Vec<u64> = words.iter().skip(1).map(|word| word.parse().unwrap()).collect();
        let sizes = if sizes.is_empty() { vec![100, 1_000] } else { sizes };
        println!("{}", server(&folder));
        println!("    MB   clone s  pause ms  extra MB   first rewind s  rewind s  idle server MB");
        for megabytes in sizes {
            let folder = tempfile::tempdir_in(&folder).unwrap();
            measure(folder.path(), megabytes);
        }
    }

    fn plane(folder: &Path) -> DataPlane {
        let mut plane = DataPlane::new(folder.to_owned(), PathBuf::from(env!("CARGO_BIN_EXE_aurewind")));
        plane.disk = 64 << 30;
        plane
    }

    fn server(folder: &Path) -> String {
        let name = plane(folder).server().unwrap_or_else(|error| panic!("{error}"));
        format!("{name} in {}", folder.display())
    }

    struct Bench {
        runtime: Runtime,
        simulator: Option<Simulator>,
        url: String,
        folder: PathBuf,
    }

    impl Drop for Bench {
        fn drop(&mut self) {
            self.runtime.block_on(self.simulator.take().unwrap().stop());
        }
    }

    impl Bench {
        fn start(folder: &Path) -> Self {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let options = Options { speed: 100_000.0, data_plane: Some(plane(folder)), ..Options::default() };
            let simulator = runtime.block_on(Simulator::start(options)).unwrap();
            let url = simulator.url();
            Self { runtime, simulator: Some(simulator), url, folder: folder.to_owned() }
        }

        fn api(&self, action: &str, parameters: &[(&str, &str)]) -> String {
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.append_pair("Action", action).append_pair("Version", "2014-10-31").extend_pairs(parameters);
            let body = body.finish();
            let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
            let length = body.len();
            let head = "POST / HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\
                        Content-Type: application/x-www-form-urlencoded\r\n";
            write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{action}: {answer}");
            answer
        }

        fn wait(&self, action: &str, parameters: &[(&str, &str)], status: &str) {
            while !self.api(action, parameters).contains(status) {
                std::thread::sleep(Duration::from_millis(2));
            }
        }

        fn connect(&self, cluster: &str) -> MySqlConnection {
            let answer = self.api("DescribeDBClusters", &[("DBClusterIdentifier", cluster)]);
            let part = |name: &str| {
                let rest = answer.split(&format!("<{name}>")).nth(1).unwrap();
                rest.split('<').next().unwrap().to_owned()
            };
            let at = format!("{}:{}", part("Endpoint"), part("Port"));
            let url = format!("mysql://admin:{FLEET_PASSWORD}@{at}/shop?ssl-mode=disabled");
            self.runtime.block_on(MySqlConnection::connect(&url)).unwrap()
        }

        fn run(&self, connection: &mut MySqlConnection, statement: &str) {
            self.runtime.block_on(connection.execute(AssertSqlSafe(statement.to_owned()))).unwrap();
        }

        /// Seconds from the request until the clone's database answers.
        fn clone_source(&self) -> f64 {
            let began = Instant::now();
            self.api(
                "RestoreDBClusterToPointInTime",
                &[
                    ("SourceDBClusterIdentifier", SOURCE),
                    ("DBClusterIdentifier", "copy"),
                    ("RestoreType", "copy-on-write"),
                    ("UseLatestRestorableTime", "true"),
                    ("BacktrackWindow", "86400"),
                ],
            );
            self.wait("DescribeDBClusters", &[("DBClusterIdentifier", "copy")], "<Status>available<");
            self.api(
                "CreateDBInstance",
                &[
                    ("DBInstanceIdentifier", "copy-1"),
                    ("DBClusterIdentifier", "copy"),
                    ("DBInstanceClass", "db.r6g.large"),
                    ("Engine", "aurora-mysql"),
                ],
            );
            self.wait("DescribeDBInstances", &[("DBInstanceIdentifier", "copy-1")], "<DBInstanceStatus>available<");
            began.elapsed().as_secs_f64()
        }

        /// Seconds from the request until the database answers again.
        fn rewind(&self, to: Timestamp) -> f64 {
            let began = Instant::now();
            let to = to.to_string();
            self.api("BacktrackDBCluster", &[("DBClusterIdentifier", "copy"), ("BacktrackTo", &to)]);
            self.wait("DescribeDBClusters", &[("DBClusterIdentifier", "copy")], "<Status>available<");
            began.elapsed().as_secs_f64()
        }

        fn used(&self) -> u64 {
            let stat = rustix::fs::statvfs(&self.folder).unwrap();
            (stat.f_blocks - stat.f_bfree) * stat.f_frsize
        }
    }

    fn measure(folder: &Path, megabytes: u64) {
        let bench = Bench::start(folder);
        let mut source = bench.connect(SOURCE);
        bench.run(&mut source, "CREATE TABLE filler (id INT PRIMARY KEY, text VARCHAR(1000) NOT NULL)");
        for part in 0..megabytes / 10 {
            let fill = format!(
                "INSERT INTO filler SELECT seq + {part} * 9000, RPAD(MD5(seq), 1000, MD5(RAND())) FROM seq_1_to_9000"
            );
            bench.run(&mut source, &fill);
        }
        std::thread::sleep(Duration::from_secs(5));

        let before = bench.used();
        let stop = Arc::new(AtomicBool::new(false));
        let (told, mut client) = (stop.clone(), bench.connect(SOURCE));
        let longest = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let mut longest = Duration::ZERO;
            while !told.load(Ordering::Relaxed) {
                let began = Instant::now();
                runtime.block_on(client.execute("SELECT 1")).unwrap();
                longest = longest.max(began.elapsed());
            }
            longest
        });
        let clone = bench.clone_source();
        stop.store(true, Ordering::Relaxed);
        let pause = longest.join().unwrap();
        let extra = bench.used().saturating_sub(before);

        std::thread::sleep(Duration::from_millis(1_500));
        let still = Timestamp::now();
        std::thread::sleep(Duration::from_millis(1_500));
        let mut copy = bench.connect("copy");
        bench.run(&mut copy, "DROP TABLE order_lines");
        let first = bench.rewind(still);
        let again = bench.rewind(still);
        println!(
            "{megabytes:6} {clone:9.2} {:9.0} {:9} {first:16.2} {again:9.2} {:15}",
            pause.as_secs_f64() * 1_000.0,
            extra >> 20,
            idle_megabytes(folder),
        );
    }

    /// What the smallest server under a folder keeps for itself.
    fn idle_megabytes(folder: &Path) -> u64 {
        let wanted = folder.to_string_lossy().into_owned();
        let mut least = u64::MAX;
        for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let read = |name: &str| std::fs::read_to_string(process.path().join(name)).unwrap_or_default();
            if !read("cmdline").contains(&wanted) {
                continue;
            }
            let rollup = read("smaps_rollup");
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
            let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
            least = least.min(kilobytes.unwrap_or(u64::MAX) / 1024);
        }
        least
    }
}
