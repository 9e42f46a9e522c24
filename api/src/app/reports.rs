//! Reports as of now, for pages and programs alike.

use engine::model::report::{Report, ReportKind};
use engine::model::{Time, UnitId};
use engine::store::{ReportQuery, Store, StoreError};
use tokio::sync::Semaphore;

use super::Engine;

/// One may read many cases, so no more than two are made at once.
static NOW: Semaphore = Semaphore::const_new(2);

/// A report as of now; on how norms were kept after `from`, or since the last report on that.
pub async fn now(engine: &Engine, unit: &UnitId, kind: ReportKind, from: Option<Time>) -> Result<Report, StoreError> {
    let _permit = NOW.acquire().await;
    let from = match from {
        None if kind == ReportKind::Performance => {
            let query = ReportQuery { kind: Some(kind), after: None, limit: 1 };
            engine.store().reports(unit, &query).await?.first().map(|last| last.at)
        }
        from => from,
    };
    engine.report(unit, kind, from, engine.now()).await
}
