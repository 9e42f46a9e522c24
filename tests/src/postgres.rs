//! PostgreSQL servers to throw away, each in a folder of its own, reached by a Unix socket alone: one for the whole test binary, with a
//! database a test, and more for tests that crash theirs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server that runs.
pub struct Server {
    /// The folder of the data and the socket.
    dir: PathBuf,
    postgres: Child,
    /// Its input stays open for as long as this process holds the server.
    _watch: Child,
    /// Numbers the databases.
    next: AtomicU32,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

/// The address of a new, empty database; none where PostgreSQL is missing, which is said aloud.
///
/// # Panics
/// When PostgreSQL is there and does not start.
pub fn database() -> Option<String> {
    SERVER.get_or_init(Server::start).as_ref().map(Server::database)
}

/// How many databases of the one server have a name that begins so.
///
/// # Panics
/// When it does not answer.
pub fn databases(begin: &str) -> usize {
    let sql = format!("SELECT datname FROM pg_database WHERE starts_with(datname, '{begin}')");
    SERVER.get().and_then(Option::as_ref).map_or(0, |server| server.psql(&sql).lines().count())
}

impl Server {
    /// A server for one test alone, which may crash it; none where PostgreSQL is missing, which is said aloud.
    ///
    /// # Panics
    /// When PostgreSQL is there and does not start.
    pub fn start() -> Option<Self> {
        let Some(binaries) = binaries() else {
            crate::skip("PostgreSQL: no initdb on PATH or in /usr/lib/postgresql");
            return None;
        };
        Some(start(&binaries))
    }

    /// The address of a new, empty database.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.next.fetch_add(1, Ordering::Relaxed));
        self.psql(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// Kills the server and all that belongs to it as a crash would, and starts it again on what it left.
    ///
    /// # Panics
    /// When it does not start again.
    pub fn crash(&mut self) {
        self.die();
        self.revive();
    }

    /// Kills the server and all that belongs to it as a crash would.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn die(&mut self) {
        // Immediate shutdown: no process finishes anything, and the next start recovers from the log.
        let sent = Command::new("kill").args(["-QUIT", &self.postgres.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        self.postgres.wait().expect("it ends");
    }

    /// Starts a dead server on what it left.
    ///
    /// # Panics
    /// When it does not start again.
    pub fn revive(&mut self) {
        let binaries = binaries().expect("it was found before");
        self.postgres = serve(&binaries, &self.dir);
        ready(&binaries, &self.dir);
    }

    /// A standby, for which this server waits from now on before it says that something is written.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn standby(&self) -> Self {
        let (binaries, dir) = (binaries().expect("it was found before"), folder());
        let mut copy = program(&binaries, "pg_basebackup");
        copy.args(["--username=postgres", "--checkpoint=fast", "--no-sync", "--write-recovery-conf"]);
        let copied =
            copy.arg("--host").arg(&self.dir).arg("--pgdata").arg(dir.join("data")).output().expect("pg_basebackup runs");
        assert!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        let standby = begin(&binaries, dir);
        self.psql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.psql("SELECT pg_reload_conf()");
        let began = Instant::now();
        while self.psql("SELECT sync_state FROM pg_stat_replication") != "sync" {
            assert!(began.elapsed() < Duration::from_secs(60), "the standby does not follow");
            std::thread::sleep(Duration::from_millis(50));
        }
        standby
    }

    /// Makes a standby a server of its own.
    ///
    /// # Panics
    /// When it refuses.
    pub fn promote(&self) {
        assert_eq!(self.psql("SELECT pg_promote()"), "t", "it stays a standby");
    }

    /// Where its data and its socket lie.
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// Listens on these addresses too, with this certificate and its key; who comes there without TLS is turned away.
    ///
    /// # Panics
    /// When it does not start so.
    pub fn listen(&mut self, addresses: &[&str], certificate: &Path, key: &Path) {
        let data = self.dir.join("data");
        set(&data, &format!("listen_addresses = '{}'\nssl = on\n", addresses.join(",")));
        std::fs::write(data.join("pg_hba.conf"), "local all all trust\nhostssl all all 127.0.0.0/8 trust\n").expect("it is ours");
        for (from, name) in [(certificate, "server.crt"), (key, "server.key")] {
            let owner = std::fs::metadata(&data).expect("the folder is there");
            let (uid, gid) = (std::os::unix::fs::MetadataExt::uid(&owner), std::os::unix::fs::MetadataExt::gid(&owner));
            std::fs::copy(from, data.join(name)).expect("it can be copied");
            std::os::unix::fs::chown(data.join(name), Some(uid), Some(gid)).expect("it can be given away");
        }
        self.crash();
    }

    /// Listens on these addresses too, and lets in whoever comes there.
    ///
    /// # Panics
    /// When it does not start so.
    pub fn open_to(&mut self, addresses: &[std::net::Ipv4Addr]) {
        let data = self.dir.join("data");
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        set(&data, &format!("listen_addresses = '{}'\n", addresses.join(",")));
        std::fs::write(data.join("pg_hba.conf"), "local all all trust\nhost all all samenet trust\n").expect("it is ours");
        self.crash();
    }

    /// The address of a new database with what another one holds now, copied by PostgreSQL's own tools while it is served.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn copy(&self, address: &str) -> String {
        let (binaries, copy) = (binaries().expect("it was found before"), self.database());
        let mut dump = Command::new(binaries.join("pg_dump"));
        let mut dump = dump.args(["--format=custom", "--dbname", address]).stdout(Stdio::piped()).spawn().expect("pg_dump runs");
        let dumped = dump.stdout.take().expect("its output is a pipe");
        let mut restore = Command::new(binaries.join("pg_restore"));
        let restored = restore.args(["--exit-on-error", "--dbname", &copy]).stdin(dumped).status().expect("pg_restore runs");
        assert!(dump.wait().is_ok_and(|status| status.success()) && restored.success(), "{address} was not copied");
        copy
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.dir.display())
    }

    /// Runs a statement in the database that every server has; its rows, a line each.
    ///
    /// # Panics
    /// When it is refused.
    pub fn psql(&self, sql: &str) -> String {
        let mut psql = Command::new(binaries().expect("it was found before").join("psql"));
        psql.arg("--host").arg(&self.dir).args([
            "--username=postgres",
            "--dbname=postgres",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
        ]);
        let done = psql.args(["--set=ON_ERROR_STOP=1", "--command", sql]).output().expect("psql runs");
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}

/// The folder of the programs: that of the `initdb` on PATH, followed to where it really lies, or Debian's newest.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort_by_key(|dir| dir.parent().and_then(|dir| dir.file_name()?.to_str()?.parse::<u32>().ok()));
    let places = std::env::split_paths(&path).chain(debian.into_iter().rev());
    let mut programs = places.filter_map(|dir| std::fs::canonicalize(dir.join("initdb")).ok());
    programs.find_map(|program| program.parent().filter(|dir| dir.join("postgres").exists()).map(Path::to_path_buf))
}

/// A command for one of the programs, as a user whom PostgreSQL accepts.
fn program(binaries: &Path, name: &str) -> Command {
    let path = binaries.join(name);
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// A folder for a server.
fn folder() -> PathBuf {
    let dir = tempfile::Builder::new().prefix("sevottam-postgres-").tempdir().expect("a folder for the server").keep();
    if is_root() {
        // PostgreSQL refuses to run as root.
        let chown = Command::new("chown").arg("postgres").arg(&dir).status().expect("chown runs");
        assert!(chown.success(), "there is no user `postgres`");
    }
    dir
}

fn start(binaries: &Path) -> Server {
    let dir = folder();
    let mut initdb = program(binaries, "initdb");
    initdb.arg("--pgdata").arg(dir.join("data")).args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    let made = initdb.output().expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    set(&dir.join("data"), "listen_addresses = ''\nmax_connections = 300\n");
    begin(binaries, dir)
}

/// A server on the data in its folder.
fn begin(binaries: &Path, dir: PathBuf) -> Server {
    let postgres = serve(binaries, &dir);
    let watch = watch(&dir);
    ready(binaries, &dir);
    Server { dir, postgres, _watch: watch, next: AtomicU32::new(0) }
}

/// Adds to the settings of a server that does not run; what is said last holds.
fn set(data: &Path, settings: &str) {
    let mut file = std::fs::File::options().append(true).open(data.join("postgresql.conf")).expect("initdb made it");
    std::io::Write::write_all(&mut file, settings.as_bytes()).expect("it can be written");
}

fn serve(binaries: &Path, dir: &Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(dir.join("log")).expect("a log for the server");
    let mut postgres = program(binaries, "postgres");
    postgres.arg("-D").arg(dir.join("data")).arg("-k").arg(dir);
    postgres.stdout(Stdio::null()).stderr(log).spawn().expect("postgres runs")
}

/// Waits until the server answers.
fn ready(binaries: &Path, dir: &Path) {
    let began = Instant::now();
    let is_ready = || {
        let mut ready = Command::new(binaries.join("pg_isready"));
        ready.arg("--quiet").arg("--host").arg(dir).status().is_ok_and(|status| status.success())
    };
    while !is_ready() {
        let said = || std::fs::read_to_string(dir.join("log")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_secs(60), "postgres does not start: {}", said());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Stops the server and removes its folder when this process has ended, however it ends: nothing runs at the end of a test binary, so a
/// shell waits for the end of its input, which is ours for as long as we live.
fn watch(dir: &Path) -> Child {
    let wait = "trap '' INT TERM HUP; cat >/dev/null; kill -INT \"$(head -n 1 \"$1/data/postmaster.pid\")\"
        for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e \"$1/data/postmaster.pid\" ] || break; sleep 0.5; done
        rm -rf \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", wait, "sh"]).arg(dir).current_dir("/");
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh runs")
}
