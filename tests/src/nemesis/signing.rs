//! The signer is killed, with the program or beside it, while clerks work. What it shows is read all the while, and what it remembers after each
//! kill: never two roots of one size, never a smaller size than before, and in the end nothing that is not in the exported journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::digest::{Frontier, Hash};
use engine::evidence::{Checkpoint, Key, Note};
use serde_json::Value;

use super::clerk::Clerk;
use super::export::read_of;
use super::faults::{Ground, enough, home, work};
use super::office::UNIT;
use crate::program::{Program, binary, run};

/// The clerks rest, so that hundreds of kills do not make a journal that takes minutes to read.
const PACE: Duration = Duration::from_millis(40);
/// It signs every second: so long a signature is waited for at most.
const SIGNS: Duration = Duration::from_secs(3);

/// Kills, and what came of it.
pub(super) async fn kills(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let mut signer = Signer::new(&ground.dir.join("signer"), &ground.database, ground.server.is_some());
    clerks.iter_mut().for_each(|clerk| clerk.pace = PACE);
    let (mut round, mut as_it_signed, mut alone) = (0, 0, 0);
    while !enough(round, ground, clerks) {
        round += 1;
        let way = ground.lots.draw(4);
        let nodes: Vec<Program> = (0..ground.nodes()).map(|_| signer.serve()).collect();
        let beside = signer.beside();
        let working = work(clerks, &nodes);
        if way < 2 {
            // As it signs, or in the moment after.
            as_it_signed += u64::from(signer.signs().await);
            ground.pause(0, 30).await;
        } else {
            ground.pause(50, 351).await;
        }
        if let Some(beside) = beside {
            beside.kill();
        }
        for node in nodes {
            node.kill();
        }
        home(clerks, working).await;
        if way == 3 {
            // While it does nothing but sign what was left.
            let once = Signing::start(&["sign", "--once", "--folder", &signer.folder(), "--database", &ground.database]);
            ground.pause(1, 25).await;
            once.kill();
            alone += 1;
        }
        signer.hold_to_laws();
        signer.goes_on(&ground.database);
    }
    let (signed, looks) = signer.hold_to_journal(&ground.database);
    assert!(as_it_signed > 0 && signed as u64 > round, "it signed too little to prove anything: {signed} in {round} rounds");
    format!(
        "; 0 sizes with two roots, 0 smaller than before and 0 not committed of {signed} checkpoints, looked at {looks} times; {round} kills of \
         program and signer, {as_it_signed} of them as it signed, and {alone} of the signer alone"
    )
}

/// A process that signs.
struct Signing(Child);

impl Signing {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("the program can be run"))
    }

    fn kill(mut self) {
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it ends");
    }
}

/// One that a failed law leaves behind ends with it.
impl Drop for Signing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The signer's folder, and whatever was seen of it.
struct Signer {
    place: PathBuf,
    database: String,
    /// Whether it is a process of its own.
    is_beside: bool,
    key: Key,
    seen: Arc<Mutex<Seen>>,
    over: Arc<AtomicBool>,
    /// Each size's root, and the last size of each log, of what was held to the laws.
    roots: BTreeMap<(String, u64), Hash>,
    last: BTreeMap<String, u64>,
}

/// Checkpoints in the order in which they were seen, and how often somebody looked.
#[derive(Default)]
struct Seen {
    new: Vec<Checkpoint>,
    shown: BTreeMap<&'static str, Vec<u8>>,
    looks: u64,
}

/// The logs, as their folders are called.
const LOGS: [&str; 2] = ["site/1", "unit/killed/1"];

impl Signer {
    /// A new key, and somebody who looks at what is shown every other millisecond.
    fn new(place: &Path, database: &str, is_beside: bool) -> Self {
        let made = run(&["sign", "--init", "--folder", place.to_str().expect("a path")]);
        assert!(made.status.success(), "{made:?}");
        let printed = String::from_utf8(made.stdout).expect("UTF-8");
        let key = Key::read(printed.lines().last().expect("the key")).expect("a key");
        let (seen, over) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let signer = Self {
            place: place.to_owned(),
            database: database.to_owned(),
            is_beside,
            key,
            seen: Arc::clone(&seen),
            over: Arc::clone(&over),
            roots: BTreeMap::new(),
            last: BTreeMap::new(),
        };
        let (place, key) = (signer.place.join("log"), signer.key.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                for log in LOGS {
                    let Ok(text) = std::fs::read(place.join(log).join("checkpoint")) else { continue };
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.looks += 1;
                    if seen.shown.get(log) != Some(&text) {
                        seen.new.push(opened(&text, &key));
                        seen.shown.insert(log, text);
                    }
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        signer
    }

    fn folder(&self) -> String {
        self.place.to_str().expect("a path").to_owned()
    }

    fn serve(&self) -> Program {
        let (option, folder) =
            if self.is_beside { ("--checkpoints", self.place.join("log")) } else { ("--sign", self.place.clone()) };
        Program::serve(&self.database, &[option, folder.to_str().expect("a path")])
    }

    /// The signer as a process of its own, where nodes hold no key.
    fn beside(&self) -> Option<Signing> {
        self.is_beside.then(|| Signing::start(&["sign", "--folder", &self.folder(), "--database", &self.database]))
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something new of the unit is signed; whether anything was.
    async fn signs(&self) -> bool {
        let (begun, before) = (Instant::now(), self.seen().new.len());
        while begun.elapsed() < SIGNS {
            if self.seen().new[before..].iter().any(|checkpoint| checkpoint.origin.contains(UNIT)) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        false
    }

    /// What was seen since the last time, and what the signer remembers: a signature that was made counts, shown or not.
    fn hold_to_laws(&mut self) {
        let mut new = std::mem::take(&mut self.seen().new);
        let state = std::fs::read(self.place.join("state.json")).expect("the signer's state");
        let state: Value = serde_json::from_slice(&state).expect("a state that is whole, whenever it was killed");
        for log in state["logs"].as_object().expect("logs").values() {
            new.push(opened(log["note"].as_str().expect("a note").as_bytes(), &self.key));
        }
        for Checkpoint { origin, size, root, .. } in new {
            let last = self.last.entry(origin.clone()).or_default();
            assert!(*last <= size, "{origin}: {size} entries were signed after {last}");
            *last = size;
            let known = *self.roots.entry((origin.clone(), size)).or_insert(root);
            assert!(known == root, "{origin}: {size} entries were signed under two roots, {known} and {root}");
        }
    }

    /// After a kill it signs what is there, unless the database lacks what it has signed.
    fn goes_on(&mut self, database: &str) {
        let once = run(&["sign", "--once", "--folder", &self.folder(), "--database", database]);
        assert!(once.status.success(), "what was signed is not in the database: {}", String::from_utf8_lossy(&once.stderr));
        self.hold_to_laws();
    }

    /// Every root that was ever signed is that of so many entries of the exported journal: how many there were, and how many looks.
    fn hold_to_journal(&mut self, database: &str) -> (usize, u64) {
        for (log, unit) in LOGS.into_iter().zip(["site", UNIT]) {
            let origin = format!("{}/{log}", self.key.name());
            let mut tree = Frontier::new();
            let mut reckoned = vec![tree.root()];
            for entry in read_of(database, unit) {
                tree.push(entry.hash);
                reckoned.push(tree.root());
            }
            for ((_, size), root) in self.roots.iter().filter(|((of, _), _)| *of == origin) {
                let found = usize::try_from(*size).ok().and_then(|size| reckoned.get(size));
                assert!(found == Some(root), "{origin}: {size} entries were signed, and the journal has others");
            }
        }
        (self.roots.len(), self.seen().looks)
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// A checkpoint, which the signer's key has signed under the name of its log.
fn opened(text: &[u8], key: &Key) -> Checkpoint {
    let note = Note::read(text).expect("a note that is whole");
    let origin = note.text.lines().next().unwrap_or_default().to_owned();
    Checkpoint::open(&note, &key.named(&origin)).expect("a checkpoint by the signer's key")
}
