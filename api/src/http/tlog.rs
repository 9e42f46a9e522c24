//! `/log/…`: the logs as C2SP tlog-tiles, and proofs to carry away. Anyone may read them: they hold ids, hashes and codes only. Of the access log, which
//! tells who reads what and when, anyone may read the tree.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::evidence::{TILE_WIDTH, Tile, TileKind};
use engine::model::UnitId;
use engine::runtime::signer::{CHECKPOINT, RESTORE, ROTATION, VKEY};

use super::problem::Problem;
use crate::app::App;
use crate::app::evidence::{LogName, NoEvidence};

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// A full tile never changes; what is at the edge may be asked for again soon.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const NOT_KEPT: &str = "no-cache";

/// Whatever is below `/log/`.
pub(super) async fn get(State(app): State<App>, Path(path): Path<String>) -> Result<Response, Problem> {
    let unknown = || {
        Problem::new("log.no-such-file", "There is no such file of a log; those of C2SP tlog-tiles are here, and proof/<index>.")
    };
    let (log, rest) = LogName::read(&path).ok_or_else(unknown)?;
    let store = app.engine.store();
    match rest.split_once('/').unwrap_or((rest, "")) {
        (CHECKPOINT | VKEY | RESTORE | ROTATION, "") => Ok(answer(TEXT, NOT_KEPT, app.evidence.shown(&log, rest).await?)),
        ("tile", tile) => {
            let tile = Tile::read(tile).map_err(|_| unknown())?;
            // Who reads, and when, is nobody's business but of those who look after that: the tree alone is enough to see that nothing is taken back.
            if tile.kind == TileKind::Entries && log.unit.as_str() == UnitId::ACCESS {
                return Err(Problem::new("log.closed", "What the access log says is not shown to everybody; its tree is."));
            }
            let kept = if u64::from(tile.width) == TILE_WIDTH { FOR_EVER } else { NOT_KEPT };
            let bytes = app.evidence.tile(store, &log, tile).await?;
            debug_assert!(tile.kind == TileKind::Entries || bytes.len() == usize::from(tile.width) * 32, "a tile is whole");
            Ok(answer(BYTES, kept, bytes))
        }
        ("proof", index) => {
            let index = index.parse().ok().filter(|number: &u64| number.to_string() == index).ok_or_else(unknown)?;
            let (proof, _, _) = app.evidence.proof(store, &log, index).await?;
            let name = format!("attachment; filename=\"{}-{index}.tlog-proof\"", log.path().replace('/', "-"));
            let mut response = answer(TEXT, NOT_KEPT, proof.to_string());
            // Invariant: a unit's id is plain ASCII.
            if let Ok(name) = name.parse() {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            }
            Ok(response)
        }
        _ => Err(unknown()),
    }
}

fn answer(kind: &'static str, kept: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(kept));
    response
}

impl From<NoEvidence> for Problem {
    fn from(none: NoEvidence) -> Self {
        match none {
            NoEvidence::Unsigned => Self::new("log.unsigned", "Nothing is signed of this log, or not under this name."),
            NoEvidence::Beyond(size) => {
                Self::new("log.not-yet-signed", format!("The log is signed up to {size} entries; try again in some seconds."))
                    .header(header::RETRY_AFTER, "2")
            }
            NoEvidence::Differs => Self::new(
                "log.differs",
                "The log in the database is not what was signed. Tell the operators, and keep your receipt.",
            ),
            NoEvidence::Broken(what) => {
                tracing::error!(what, "what the signer shows cannot be read");
                Self::new("log.differs", "What is signed of this log cannot be read. Tell the operators, and keep your receipt.")
            }
            NoEvidence::Store(error) => error.into(),
        }
    }
}
