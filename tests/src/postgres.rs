//! A PostgreSQL server to throw away: one for the test binary, in a folder of its own, reached by a Unix socket alone; a database a test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server that runs.
struct Server {
    /// The folder of the socket.
    dir: PathBuf,
    _postgres: Child,
    /// Its input stays open for as long as this process lives.
    _watch: Child,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

/// The address of a new, empty database; none where PostgreSQL is missing, which is said aloud.
///
/// # Panics
/// When PostgreSQL is there and does not start.
pub fn database() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = SERVER.get_or_init(start) else {
        crate::skip("PostgreSQL: no initdb on PATH or in /usr/lib/postgresql");
        return None;
    };
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.psql(&format!("CREATE DATABASE {name}"));
    Some(server.url(&name))
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.dir.display())
    }

    /// Runs a statement in the database that every server has.
    fn psql(&self, sql: &str) {
        let mut psql = Command::new(binaries().expect("it was found before").join("psql"));
        psql.arg("--host").arg(&self.dir).args(["--username=postgres", "--dbname=postgres", "--no-psqlrc", "--quiet"]);
        let done = psql.args(["--set=ON_ERROR_STOP=1", "--command", sql]).output().expect("psql runs");
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
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

fn start() -> Option<Server> {
    let binaries = binaries()?;
    let dir = tempfile::Builder::new().prefix("sevottam-postgres-").tempdir().expect("a folder for the server").keep();
    let data = dir.join("data");
    let root = std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    if root {
        // PostgreSQL refuses to run as root.
        let chown = Command::new("chown").arg("postgres").arg(&dir).status().expect("chown runs");
        assert!(chown.success(), "there is no user `postgres`");
    }
    let program = |name: &str| {
        let path = binaries.join(name);
        let mut command = if root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    };
    let mut initdb = program("initdb");
    initdb.arg("--pgdata").arg(&data).args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    let made = initdb.output().expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

    let log = std::fs::File::create(dir.join("log")).expect("a log for the server");
    let mut postgres = program("postgres");
    postgres.arg("-D").arg(&data).arg("-k").arg(&dir).args(["-c", "listen_addresses=", "-c", "max_connections=300"]);
    let postgres = postgres.stdout(Stdio::null()).stderr(log).spawn().expect("postgres runs");
    let watch = watch(&postgres, &dir);
    let server = Server { dir, _postgres: postgres, _watch: watch };
    let began = Instant::now();
    let ready = || {
        let mut ready = Command::new(binaries.join("pg_isready"));
        ready.arg("--quiet").arg("--host").arg(&server.dir).status().is_ok_and(|status| status.success())
    };
    while !ready() {
        let said = || std::fs::read_to_string(server.dir.join("log")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_secs(60), "postgres does not start: {}", said());
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(server)
}

/// Stops the server and removes its folder when this process has ended, however it ends: nothing runs at the end of a test binary, so a
/// shell waits for the end of its input, which is ours for as long as we live.
fn watch(server: &Child, dir: &Path) -> Child {
    let wait = "trap '' INT TERM HUP; cat >/dev/null; kill -INT \"$1\"
        for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e \"$2/data/postmaster.pid\" ] || break; sleep 0.5; done
        rm -rf \"$2\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", wait, "sh"]).arg(server.id().to_string()).arg(dir).current_dir("/");
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh runs")
}
