//! One database: its directory, its past, and its server while it has one.

use std::fs;
use std::io;
use std::net::SocketAddrV4;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::super::Clock;
use super::super::clock::{after, next_whole_second};
use super::endpoint;
use super::files::{self, FreeSpace};
use super::home::Home;
use super::kit::Kit;
use super::ring::{Moment, Ring};
use super::server::Server;
use super::snapshot::{Baseline, Label, Snapshot};
use super::sql::{Figures, Sql};
use super::volume;

/// How many endpoints are tried when others take them.
const ENDPOINTS: u32 = 8;
/// How long to wait between two attempts to connect to a starting server, and how often: half a minute of attempts.
const ATTEMPT: Duration = Duration::from_millis(5);
const ATTEMPTS: u32 = 6_000;

/// Looks are a second apart, more or less: one that comes early by so much takes the snapshot that is due, or the next would
/// come a whole second late.
const EARLY: SignedDuration = SignedDuration::from_millis(250);

/// What all databases of a run share.
#[derive(Debug)]
pub struct Shared {
    /// The programs.
    pub kit: Kit,
    /// What time it is in the account.
    pub clock: Clock,
    /// How many bytes of copies the past of one database may have.
    pub budget: u64,
    /// How the space that is left on the disk is read.
    pub free: FreeSpace,
}

/// One database.
#[derive(Debug)]
pub struct Database {
    shared: Arc<Shared>,
    home: Home,
    /// Kept for as long as it lives, so that a rewind keeps it.
    endpoint: SocketAddrV4,
    started: bool,
    running: Option<(Server, Sql)>,
    ring: Ring,
    baseline: Option<Baseline>,
    snapshots: u64,
    rows: Rows,
    /// The place in the redo log at the newest snapshot.
    lsn: Option<u64>,
    /// Whether it began as a copy of another.
    is_copy: bool,
    /// The place in the redo log when its first start was done.
    born: u64,
}

/// Whether a server goes on after a snapshot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Yes,
    No,
}

/// How a database stands.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Whether its server runs.
    pub running: bool,
    /// Where clients reach it.
    pub endpoint: Option<SocketAddrV4>,
    /// The rows written until each moment that can be gone to, and until now, oldest first.
    pub rows: Vec<(Timestamp, u64)>,
}

/// What a database takes, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// On the disk, its past included.
    pub disk: u64,
    /// Of its own pages.
    pub volume: u64,
}

/// Rows written, over restarts of the server.
#[derive(Clone, Copy, Debug, Default)]
struct Rows {
    before: u64,
    now: u64,
}

/// Where a rewind ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The moment whose state the database has now.
    pub landed: Timestamp,
    /// When it was taken back.
    pub taken_back: Timestamp,
}

impl Database {
    /// An empty database, from the template of this version. `port` is where clients look for it.
    pub fn from_template(shared: Arc<Shared>, home: Home, port: u16, template: &Path) -> io::Result<Self> {
        let database = Self::new(shared, home, port)?;
        let data = database.home.data();
        let (folders, found) = files::walk(template)?;
        for folder in folders {
            files::private_folder(&data.join(folder))?;
        }
        for file in found {
            files::copy(&template.join(&file.name), &data.join(&file.name))?;
        }
        Ok(database)
    }

    /// A database with the state of another at a moment. The other one goes on meanwhile.
    pub fn from_snapshot(shared: Arc<Shared>, home: Home, port: u16, snapshot: &Arc<Snapshot>) -> io::Result<Self> {
        let mut database = Self::new(shared, home, port)?;
        database.is_copy = true;
        database.baseline = Some(snapshot.lay_out(&database.home.data())?);
        database.copy(Last::No)?;
        Ok(database)
    }

    fn new(shared: Arc<Shared>, home: Home, port: u16) -> io::Result<Self> {
        home.make()?;
        Ok(Self {
            ring: Ring::new(shared.budget),
            shared,
            home,
            endpoint: endpoint::free(port)?,
            started: false,
            running: None,
            baseline: None,
            snapshots: 0,
            rows: Rows::default(),
            lsn: None,
            is_copy: false,
            born: 0,
        })
    }

    /// Starts the server, unless it runs.
    pub async fn start(&mut self) -> io::Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        let mut attempts = 0;
        self.running = loop {
            match self.start_on().await {
                Ok(running) => break Some(running),
                // Somebody else took it in between. Clients know it after the first start, so it is kept then.
                Err(error) if !self.started && attempts < ENDPOINTS && endpoint::is_taken(&error) => {
                    self.endpoint = endpoint::free(self.endpoint.port())?;
                    attempts += 1;
                }
                Err(error) => return Err(error),
            }
        };
        if !self.started {
            self.started = true;
            self.born = self.figures().await?.lsn;
        }
        Ok(())
    }

    /// Has clients come to another port; what is connected is cut off.
    pub async fn move_to(&mut self, port: u16) -> io::Result<()> {
        if self.endpoint.port() == port {
            return Ok(());
        }
        let was_running = self.running.is_some();
        self.stop().await;
        self.endpoint = endpoint::free(port)?;
        if was_running { self.start().await } else { Ok(()) }
    }

    async fn start_on(&self) -> io::Result<(Server, Sql)> {
        let mut server = Server::spawn(&self.shared.kit, &self.home, self.endpoint)?;
        for _ in 0..ATTEMPTS {
            if let Some(status) = server.ended() {
                return Err(io::Error::other(format!("the database server ended ({status}): {}", server.reason())));
            }
            match Sql::connect(&self.home.socket()).await {
                Ok(sql) => return Ok((server, sql)),
                Err(_) => tokio::time::sleep(ATTEMPT).await,
            }
        }
        Err(io::Error::other(format!("the database server does not answer: {}", server.reason())))
    }

    /// Stops the server, if it runs, and keeps what it wrote last.
    pub async fn stop(&mut self) {
        let Some((server, sql)) = self.running.take() else { return };
        sql.close().await;
        server.stop();
        self.forget_server();
        if let Err(error) = self.copy(Last::No) {
            tracing::warn!(%error, "the last writes of a stopped database are in no snapshot");
        }
    }

    /// The connection, if the server runs.
    pub fn sql(&mut self) -> Option<&mut Sql> {
        self.running.as_mut().map(|(_, sql)| sql)
    }

    /// The server's figures; the connection is made anew if somebody cut it.
    async fn figures(&mut self) -> io::Result<Figures> {
        let Some((_, sql)) = self.running.as_mut() else {
            return Err(io::Error::other("the database server does not run"));
        };
        let mut answer = sql.figures().await;
        if answer.is_err() {
            *sql = Sql::connect(&self.home.socket()).await.map_err(io::Error::other)?;
            answer = sql.figures().await;
        }
        let figures = answer.map_err(io::Error::other)?;
        self.rows.now = figures.rows;
        Ok(figures)
    }

    /// The regular look: starts a server again that died, takes a snapshot if something was written and it is time
    /// for one, and lets go of what is too old. `window` is how far back rewinds may ask.
    pub async fn look(&mut self, window: SignedDuration) -> io::Result<()> {
        let now = self.shared.clock.now();
        if let Some((server, _)) = self.running.as_mut()
            && let Some(status) = server.ended()
        {
            tracing::warn!(%status, reason = server.reason(), "a database server died and is started again");
            self.forget_server();
            self.start().await?;
        }
        if self.running.is_some() {
            let figures = self.figures().await?;
            let soonest = self.ring.interval() - EARLY;
            let due = self.ring.newest().is_none_or(|newest| after(newest.at, soonest) <= now);
            if self.lsn == Some(figures.lsn) {
                self.ring.unchanged(now);
            } else if self.shared.free.of(self.home.path())? < files::SPARE {
                // The past gives way to the present, as in a cluster that writes more than its records have room for.
                self.ring.shrink(self.ring.bytes() / 2);
            } else if due {
                self.copy(Last::No)?;
                self.lsn = Some(figures.lsn);
            }
        } else {
            self.ring.unchanged(now);
        }
        self.ring.thin(now, window);
        Ok(())
    }

    /// The database as it is now.
    pub async fn present(&mut self) -> io::Result<Arc<Snapshot>> {
        self.require_space()?;
        if self.running.is_some() {
            // Read before the copy: what is written in between makes the next look take another one.
            let lsn = self.figures().await?.lsn;
            self.copy(Last::No)?;
            self.lsn = Some(lsn);
        } else if self.ring.newest().is_none() {
            self.copy(Last::No)?;
        } else {
            self.ring.unchanged(self.shared.clock.now());
        }
        self.ring.newest().cloned().ok_or_else(|| io::Error::other("no snapshot could be taken"))
    }

    /// The database as it was.
    pub fn past(&self, at: Timestamp) -> Option<Moment> {
        self.ring.at(at)
    }

    /// Takes the database back, or forward again, to a moment; all its connections end. The state that it leaves can
    /// be gone back to.
    ///
    /// # Errors
    /// When there is no room for a copy or the server does not start; the database is as before then.
    pub async fn rewind(&mut self, to: Timestamp) -> io::Result<Landing> {
        self.require_space()?;
        let moment = self.ring.at(to).ok_or_else(|| io::Error::other("no moment can be gone to"))?;
        let was_running = self.running.is_some();
        self.copy(Last::Yes)?;
        let swapped = self.swap(&moment.snapshot);
        if swapped.is_ok() {
            let left = self.ring.newest().map_or(to, |snapshot| snapshot.at);
            // To undo a rewind one asks for the second before it was taken back: that must not be before this state.
            let second = next_whole_second(after(left, SignedDuration::from_millis(1)));
            let wait = second.duration_since(self.shared.clock.now());
            tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
            // The clock of the machine may be a little behind the one that was slept by.
            self.ring.unchanged(self.shared.clock.now().max(second));
        }
        let done = match swapped.and_then(|()| self.copy(Last::No)) {
            Ok(taken_back) if was_running => match self.start().await {
                Ok(()) => Ok(Landing { landed: moment.at, taken_back }),
                Err(error) => {
                    self.ring.pop();
                    self.swap_back()?;
                    Err(error)
                }
            },
            Ok(taken_back) => Ok(Landing { landed: moment.at, taken_back }),
            Err(error) => Err(error),
        };
        if done.is_err() && was_running {
            self.start().await?;
        }
        // It may not be there, and what is left of it goes away with the database.
        let _ = fs::remove_dir_all(self.home.last_data());
        done
    }

    fn swap(&mut self, snapshot: &Arc<Snapshot>) -> io::Result<()> {
        let (data, next, last) = (self.home.data(), self.home.next_data(), self.home.last_data());
        let baseline = snapshot.lay_out(&next)?;
        fs::rename(&data, &last)?;
        fs::rename(&next, &data).inspect_err(|_| {
            // The reason is worth more, and the start that follows says if this fails as well.
            let _ = fs::rename(&last, &data);
        })?;
        self.baseline = Some(baseline);
        // Whatever the place in the redo log is now, it says nothing about the newest snapshot.
        self.lsn = None;
        Ok(())
    }

    fn swap_back(&mut self) -> io::Result<()> {
        self.baseline = None;
        fs::remove_dir_all(self.home.data())?;
        fs::rename(self.home.last_data(), self.home.data())
    }

    /// Takes a snapshot: of a frozen server, or of a directory that nobody works on. With `last` the server ends
    /// without going on after it.
    fn copy(&mut self, last: Last) -> io::Result<Timestamp> {
        // Copies that cost nothing share blocks; where they do not, writing back first would only cost time.
        if self.running.is_some() && self.ring.newest().is_none_or(|newest| newest.copied == 0) {
            Snapshot::prepare(&self.home.data(), self.baseline.as_ref())?;
        }
        let frozen = self.running.as_ref().map(|(server, _)| server.freeze()).transpose()?;
        // Moments are told apart by their time, also under a clock that stands still.
        let soonest = self.ring.latest().map(|latest| after(latest, SignedDuration::from_millis(1)));
        let at = self.shared.clock.now().max(soonest.unwrap_or(Timestamp::MIN));
        let label = Label { at, rows: self.rows.before + self.rows.now };
        let folder = self.home.snapshot(self.snapshots + 1);
        let (data, half) = (self.home.data(), self.home.half_snapshot());
        let (snapshot, baseline) =
            Snapshot::take(&data, &half, folder, label, self.baseline.as_ref(), files::time_now())?;
        if let (Last::Yes, Some((server, _))) = (last, &self.running) {
            server.kill();
        }
        drop(frozen);
        if last == Last::Yes {
            self.forget_server();
        }
        self.snapshots += 1;
        // What a rewind leaves is kept for its undo.
        self.ring.push(snapshot, last == Last::Yes);
        self.baseline = Some(baseline);
        Ok(at)
    }

    fn forget_server(&mut self) {
        self.running = None;
        self.rows = Rows { before: self.rows.before + self.rows.now, now: 0 };
    }

    /// How it stands.
    pub fn state(&self) -> State {
        let now = (self.shared.clock.now(), self.rows.before + self.rows.now);
        State {
            running: self.running.is_some(),
            endpoint: Some(self.endpoint),
            rows: self.ring.snapshots().map(|snapshot| (snapshot.at, snapshot.rows)).chain([now]).collect(),
        }
    }

    /// What it takes on the disk, its past included; and what of that its own pages are: those changed since its
    /// birth, which for a database from the template are all.
    ///
    /// # Errors
    /// When its files can't be read.
    pub fn sizes(&self) -> io::Result<Sizes> {
        let data = self.home.data();
        let live: u64 = files::walk(&data)?.1.iter().map(|file| file.meta.len()).sum();
        let own = volume::written(&data, if self.is_copy { self.born } else { 0 })?;
        Ok(Sizes { disk: live + self.ring.bytes(), volume: own })
    }

    fn require_space(&self) -> io::Result<()> {
        if self.shared.free.of(self.home.path())? < files::SPARE {
            let kind = io::ErrorKind::StorageFull;
            return Err(io::Error::new(kind, format!("less than {} MiB of disk are free", files::SPARE >> 20)));
        }
        Ok(())
    }
}
