//! The thread of one database: carries out what the account orders, in order, and looks after it in between.
//!
//! It has to be a thread, and to live as long as the database: the system kills a server when the thread that started
//! it ends.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::database::{Database, Landing, Shared, Sizes, State};
use super::home::Home;
use super::shop;
use super::snapshot::Snapshot;
use super::sql::Master;

/// The time between two looks after a database: also the shortest between two snapshots.
const LOOK: Duration = Duration::from_secs(1);

/// The sizes are counted at each so many looks.
const SIZES: u32 = 10;

/// What a database begins with.
#[derive(Debug)]
pub enum Birth {
    /// Nothing, but for a master user and, if wished, a database.
    Empty {
        /// The data directory to begin with.
        template: PathBuf,
        /// The master user.
        master: Master,
        /// The name of a database.
        database: Option<String>,
        /// Whether the rows of the demo's shop are in it, and more come all the time.
        shop: bool,
    },
    /// What another database has, or had.
    Copy(oneshot::Receiver<Result<Arc<Snapshot>, String>>),
}

/// What the account orders.
#[derive(Debug)]
pub enum Order {
    /// The server shall run, or not.
    Run(bool),
    /// Take the database to a moment, for the rewind of this id.
    Rewind(String, Timestamp),
    /// How far back rewinds may ask.
    Window(SignedDuration),
    /// Clients come to another port.
    Port(u16),
    /// The master user has another password.
    Master(Master),
    /// Give away the state at a moment, or the present one.
    Hand(Option<Timestamp>, oneshot::Sender<Result<Arc<Snapshot>, String>>),
}

/// How a database stands, as its thread last said.
#[derive(Debug, Default)]
pub struct Standing {
    /// Orders carried out, its birth among them.
    pub done: u64,
    /// Its server and its past.
    pub state: State,
    /// What it takes on the disk.
    pub sizes: Sizes,
    /// Rewinds that ended since somebody asked.
    pub rewinds: Vec<(String, Result<Landing, String>)>,
    /// Why it could not be made.
    pub stillborn: Option<String>,
}

/// A database, as the account sees it. When it is dropped, the server ends and the files go away.
#[derive(Debug)]
pub struct Actor {
    orders: UnboundedSender<Order>,
    sent: u64,
    standing: Arc<Mutex<Standing>>,
    thread: JoinHandle<()>,
}

impl Actor {
    /// Makes a database in `home`. That takes its time; orders wait for it.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn spawn(shared: Arc<Shared>, home: Home, birth: Birth, port: u16, window: SignedDuration) -> io::Result<Self> {
        let (orders, inbox) = unbounded_channel();
        let standing = Arc::new(Mutex::new(Standing::default()));
        let said = standing.clone();
        let shop = matches!(birth, Birth::Empty { shop: true, .. });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("database".to_owned()).spawn(move || {
            let path = home.path().to_owned();
            let newborn = give_birth(shared, home, port, birth);
            runtime.block_on(live(newborn, shop, window, inbox, &said));
            if let Err(error) = fs::remove_dir_all(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "a database could not be deleted");
            }
        })?;
        Ok(Self { orders, sent: 1, standing, thread })
    }

    /// Gives an order.
    pub fn order(&mut self, order: Order) {
        self.sent += 1;
        // A thread that ended has said why, and is asked for nothing more.
        let _ = self.orders.send(order);
    }

    /// Whether all orders were carried out.
    pub fn is_done(&self) -> bool {
        self.standing().done >= self.sent || self.thread.is_finished()
    }

    /// How it stands.
    pub fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it; gives back what to wait for.
    pub fn end(self) -> JoinHandle<()> {
        self.thread
    }
}

/// A living database.
struct Living {
    database: Database,
    window: SignedDuration,
    /// Whether its server should run, whatever became of it.
    wanted: bool,
    shop: bool,
    looks: u32,
}

async fn live(
    newborn: impl Future<Output = io::Result<Database>>,
    shop: bool,
    window: SignedDuration,
    mut inbox: UnboundedReceiver<Order>,
    standing: &Mutex<Standing>,
) {
    let say = || standing.lock().unwrap_or_else(PoisonError::into_inner);
    let database = match newborn.await {
        Ok(database) => database,
        Err(error) => {
            tracing::warn!(%error, "a database could not be made");
            say().stillborn = Some(error.to_string());
            return;
        }
    };
    let mut living = Living { database, window, wanted: false, shop, looks: 0 };
    living.tell(&mut say(), true);
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            order = inbox.recv() => {
                let Some(order) = order else { break };
                let rewound = living.carry_out(order).await;
                let mut standing = say();
                standing.rewinds.extend(rewound);
                living.tell(&mut standing, true);
            }
            _ = ticks.tick() => {
                living.look().await;
                living.tell(&mut say(), false);
            }
        }
    }
}

async fn give_birth(shared: Arc<Shared>, home: Home, port: u16, birth: Birth) -> io::Result<Database> {
    match birth {
        Birth::Empty { template, master, database: name, shop } => {
            let mut database = Database::from_template(shared, home, port, &template)?;
            // Its past begins with the user in it.
            database.start().await?;
            if let Some(sql) = database.sql() {
                sql.set_master(&master).await.map_err(io::Error::other)?;
                if let Some(name) = name {
                    sql.create_database(&name).await.map_err(io::Error::other)?;
                }
                if shop {
                    shop::open(sql).await.map_err(io::Error::other)?;
                }
            }
            database.present().await?;
            Ok(database)
        }
        Birth::Copy(snapshot) => {
            let gone = |_| Err("the source is gone".to_owned());
            let snapshot = snapshot.await.unwrap_or_else(gone).map_err(io::Error::other)?;
            Database::from_snapshot(shared, home, port, &snapshot)
        }
    }
}

impl Living {
    /// Carries out an order; gives back how a rewind went.
    async fn carry_out(&mut self, order: Order) -> Option<(String, Result<Landing, String>)> {
        match order {
            Order::Run(wanted) => {
                self.wanted = wanted;
                self.obey().await;
            }
            Order::Rewind(id, to) => {
                let landing = self.database.rewind(to).await.map_err(|error| error.to_string());
                if let Err(error) = &landing {
                    tracing::warn!(error, "a database could not be rewound");
                }
                return Some((id, landing));
            }
            Order::Window(window) => self.window = window,
            Order::Port(port) => {
                if let Err(error) = self.database.move_to(port).await {
                    tracing::warn!(%error, "a database could not move to another port");
                }
            }
            Order::Master(master) => self.set_master(&master).await,
            Order::Hand(at, to) => {
                let snapshot = match at {
                    Some(at) => self.database.past(at).map(|moment| moment.snapshot).ok_or_else(no_past),
                    None => self.database.present().await,
                };
                // Whoever asked may be gone already.
                let _ = to.send(snapshot.map_err(|error| error.to_string()));
            }
        }
        None
    }

    /// Starts or stops the server as was wished; what fails is tried again with the next look.
    async fn obey(&mut self) {
        if !self.wanted {
            self.database.stop().await;
        } else if let Err(error) = self.database.start().await {
            tracing::warn!(%error, "a database server does not start");
        }
    }

    /// A stopped cluster can't be modified, so the server runs; if it just died, the look that follows starts it and
    /// the password is as before, which is said.
    async fn set_master(&mut self, master: &Master) {
        self.obey().await;
        let done = match self.database.sql() {
            Some(sql) => sql.set_master(master).await.map_err(io::Error::other),
            None => Err(io::Error::other("the database server does not run")),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the password of a master user could not be changed");
        }
    }

    async fn look(&mut self) {
        self.obey().await;
        if let (true, Some(sql)) = (self.shop, self.database.sql())
            && let Err(error) = shop::trade(sql).await
        {
            // Somebody may have dropped a table; that is what this is for.
            tracing::debug!(%error, "the shop could not trade");
        }
        if let Err(error) = self.database.look(self.window).await {
            tracing::warn!(%error, "a database could not be looked after");
        }
    }

    fn tell(&mut self, standing: &mut Standing, done: bool) {
        standing.state = self.database.state();
        standing.done += u64::from(done);
        if self.looks.is_multiple_of(SIZES) || done {
            match self.database.sizes() {
                Ok(sizes) => standing.sizes = sizes,
                Err(error) => tracing::warn!(%error, "the size of a database could not be read"),
            }
        }
        self.looks = self.looks.wrapping_add(u32::from(!done));
    }
}

fn no_past() -> io::Error {
    io::Error::other("the database has no past")
}
