//! The way to PostgreSQL over a network: encrypted, and to nobody but the server that the address means.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::postgres::Server;
use tests::program::{Program, run};

/// Files of an authority and of servers that it vouches for.
struct Authority {
    dir: tempfile::TempDir,
}

impl Authority {
    /// A new one; none where openssl is missing, which is said aloud.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            tests::skip("openssl is missing");
            return None;
        }
        let authority = Self { dir: tempfile::tempdir().unwrap() };
        authority.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        );
        Some(authority)
    }

    /// The certificate of a server at this address, and its key.
    fn certificate(&self, address: &str) -> (PathBuf, PathBuf) {
        std::fs::write(self.path("extensions"), format!("subjectAltName = IP:{address}\n")).unwrap();
        self.openssl(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=database -keyout server.key -out server.csr",
        );
        self.openssl(
            "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile extensions -out server.pem",
        );
        (self.path("server.pem"), self.path("server.key"))
    }

    fn root(&self) -> PathBuf {
        self.path("ca.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn openssl(&self, arguments: &str) {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(&self.dir).output().unwrap();
        assert!(done.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Whether the program can use the database at this address, and what it says to that.
fn tried(address: &str, how: &str) -> (Option<i32>, String) {
    let output = run(&["migrate", "--database", &format!("postgres://postgres@{address}/postgres?{how}")]);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_server_is_talked_to_in_secret_and_only_if_it_is_the_right_one() {
    let Some(mut server) = Server::start() else { return };
    let (Some(ours), Some(another)) = (Authority::new(), Authority::new()) else { return };
    // Of this process alone: all of 127/8 is this machine.
    let [high, low, ..] = std::process::id().to_le_bytes();
    let [meant, wrong] = [81, 82].map(|net| format!("127.{net}.{high}.{low}"));
    let (certificate, key) = ours.certificate(&meant);
    server.listen(&[&meant, &wrong], &certificate, &key);
    let full = |root: &Path| format!("sslmode=verify-full&sslrootcert={}", root.display());

    assert_eq!(tried(&meant, &full(&ours.root())), (Some(0), String::new()));
    assert_eq!(tried(&wrong, &full(&ours.root()).replace("full", "ca")).0, Some(0));
    assert_eq!(tried(&meant, "sslmode=require").0, Some(0));
    for (address, how, complaint) in [
        // Signed by somebody else, by nobody that the machine knows, made out to another host.
        (&meant, full(&another.root()), "sslrootcert in its address names the authority"),
        (&meant, "sslmode=verify-full".to_owned(), "UnknownIssuer"),
        (&wrong, full(&ours.root()), "made out to the host of the address"),
        (&meant, full(Path::new("/nowhere.pem")), "No such file"),
        // The server turns away who comes in the open.
        (&meant, "sslmode=disable".to_owned(), "no encryption"),
        (&meant, format!("sslmode=require&sslrootcert={}", ours.root().display()), "add that"),
    ] {
        let (code, said) = tried(address, &how);
        assert_eq!(code, Some(3), "{how}: {said}");
        assert!(said.contains(complaint), "{how}: {said}");
    }

    // What the server itself says of those who are connected.
    let address = format!("postgres://postgres@{meant}/postgres?{}", full(&ours.root()));
    let program = Program::serve(&address, &[]);
    let talks =
        "SELECT DISTINCT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'sevottam'";
    assert_eq!(server.psql(talks), "t   | TLSv1.3");
    assert_eq!(program.terminate().and_then(|(status, _)| status.code()), Some(0));
}
