//! Exports: the cases of a unit for other tools. An event log for process mining, or the register as a table.

pub mod noted;
mod table;

use std::sync::Arc;

use engine::journal::Entry;
use engine::machine::Instance;
use engine::model::limits::EXPORT_BYTES_MAX;
use engine::model::{CommandId, InstanceId, Time, UnitId};
use engine::projection::mining::{Ocel, Trace, trace, xes_begin, xes_case, xes_end};
use engine::projection::row::InstanceRow;
use engine::runtime::Refusal;
use engine::store::{InstanceQuery, Store, StoreError};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::{Engine, reading};

/// Cases of one export: what is gathered of each stays in memory to the end.
pub const CASES_MAX: usize = 20_000;
/// Rows read at a time.
const PAGE: u32 = 500;

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An event log in XES (IEEE 1849).
    Xes,
    /// An event log in OCEL 2.0, as JSON.
    Ocel,
    /// The register as CSV (RFC 4180).
    Csv,
    /// The register as a workbook.
    Xlsx,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Xes, Self::Ocel, Self::Csv, Self::Xlsx];

    /// What a file of it is called.
    pub fn file(self) -> &'static str {
        match self {
            Self::Xes => "cases.xes",
            Self::Ocel => "cases.jsonocel",
            Self::Csv => "cases.csv",
            Self::Xlsx => "cases.xlsx",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xes => "application/xml; charset=utf-8",
            Self::Ocel => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The format of a file of this name.
    pub fn of(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.file() == file)
    }
}

/// Which cases.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The unit.
    pub unit: UnitId,
    /// Of this process.
    pub process: Option<String>,
    /// Begun then or later.
    pub from: Option<Time>,
    /// Begun before.
    pub to: Option<Time>,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum NoExport {
    /// Too many cases.
    #[error("There are more than {CASES_MAX} such cases: choose a process, or a shorter period.")]
    TooMany,
    /// Too much to be handed out as one file.
    #[error("The file would have more than {EXPORT_BYTES_MAX} bytes: choose a process, or a shorter period.")]
    TooLarge,
    /// It must not be handed out.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A piece of an export, or why it breaks off.
pub type Piece = Result<Vec<u8>, StoreError>;

/// Begins an export: its pieces come as they are read. Whoever lets go of them ends it.
///
/// # Errors
/// When there are too many cases, or the store cannot be read.
pub async fn export(engine: &Engine, chosen: &Chosen, format: Format) -> Result<mpsc::Receiver<Piece>, NoExport> {
    let rows = cases(engine, chosen).await?;
    let (out, pieces) = mpsc::channel(4);
    let (engine, unit) = (engine.clone(), chosen.unit.clone());
    tokio::spawn(async move {
        let writing = Writing { engine, unit, out: out.clone() };
        let written = match format {
            Format::Xes => writing.xes(&rows).await,
            Format::Ocel => writing.ocel(&rows).await,
            Format::Csv | Format::Xlsx => writing.register(rows, format).await,
        };
        if let Err(error) = written {
            tracing::warn!(%error, "an export breaks off");
            // Whoever has gone misses nothing.
            let _ = out.send(Err(error)).await;
        }
    });
    Ok(pieces)
}

/// The cases that were chosen, the oldest first.
async fn cases(engine: &Engine, chosen: &Chosen) -> Result<Vec<InstanceRow>, NoExport> {
    // Newest first: what began at the end of the period or later is passed over by the index.
    let after = chosen.to.map(|to| (to, CommandId([u8::MAX; 16])));
    let mut query = InstanceQuery { process: chosen.process.clone(), after, limit: PAGE, ..InstanceQuery::default() };
    let mut rows: Vec<InstanceRow> = Vec::new();
    loop {
        let page = engine.store().instances(&chosen.unit, &query).await?;
        let Some(last) = page.last() else { break };
        query.after = Some((last.started, last.id));
        let is_over = chosen.from.is_some_and(|from| last.started < from);
        rows.extend(page.into_iter().filter(|row| chosen.from.is_none_or(|from| row.started >= from)));
        if rows.len() > CASES_MAX {
            return Err(NoExport::TooMany);
        }
        if is_over {
            break;
        }
    }
    rows.reverse();
    Ok(rows)
}

struct Writing {
    engine: Engine,
    unit: UnitId,
    out: mpsc::Sender<Piece>,
}

impl Writing {
    /// Hands a piece over; false once nobody takes it any more.
    async fn put(&self, text: impl Into<Vec<u8>>) -> bool {
        self.out.send(Ok(text.into())).await.is_ok()
    }

    fn case(&self, row: &InstanceRow) -> InstanceId {
        InstanceId { unit: self.unit.clone(), command: row.id }
    }

    async fn trace(&self, row: &InstanceRow) -> Result<Option<Trace>, StoreError> {
        let history: Vec<Entry> = reading::history(&self.engine, &self.case(row)).await?;
        let library = self.engine.library();
        let deployed = library.get(&row.definition);
        let graph = deployed.map(|deployed| Arc::clone(&deployed.graph));
        Ok(trace(&self.unit, &history, graph.as_deref(), deployed.map(|deployed| deployed.version)))
    }

    async fn xes(&self, rows: &[InstanceRow]) -> Result<(), StoreError> {
        self.put(xes_begin()).await;
        for row in rows {
            let text = self.trace(row).await?.map(|trace| xes_case(&trace)).unwrap_or_default();
            if !self.put(text).await {
                return Ok(());
            }
        }
        self.put(xes_end()).await;
        Ok(())
    }

    async fn ocel(&self, rows: &[InstanceRow]) -> Result<(), StoreError> {
        let mut ocel = Ocel::default();
        self.put(Ocel::begin()).await;
        for row in rows {
            let text = self.trace(row).await?.map(|trace| ocel.case(&trace)).unwrap_or_default();
            if !self.put(text).await {
                return Ok(());
            }
        }
        self.put(ocel.end()).await;
        Ok(())
    }

    async fn register(&self, rows: Vec<InstanceRow>, format: Format) -> Result<(), StoreError> {
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let case = reading::instance(&self.engine, &self.case(&row)).await?;
            lines.push(self.line(&row, case.as_ref()));
            if self.out.is_closed() {
                return Ok(());
            }
        }
        let zone: TimeZone = self.engine.options().zone.clone();
        let written = tokio::task::spawn_blocking(move || match format {
            Format::Xlsx => table::xlsx(&lines, &zone),
            _ => table::csv(&lines, &zone),
        });
        let written = written.await.map_err(|error| StoreError::Broken(error.to_string()))?;
        self.put(written.map_err(StoreError::Broken)?).await;
        Ok(())
    }

    fn line(&self, row: &InstanceRow, case: Option<&Instance>) -> table::Line {
        let library = self.engine.library();
        let deployed = library.get(&row.definition);
        let running = case.into_iter().flat_map(|case| case.clocks.values()).filter(|clock| clock.stopped.is_none());
        let holders = case.into_iter().flat_map(|case| case.tasks.values()).map(|task| {
            let claimed = task.claim.as_ref().and_then(|claim| claim.post.as_ref());
            claimed.map_or_else(|| task.role.clone(), ToString::to_string)
        });
        let holders: std::collections::BTreeSet<String> = holders.collect();
        let now = self.engine.now();
        table::Line {
            case: self.case(row).to_string(),
            number: row.number.clone().unwrap_or_default(),
            process: row.process.clone(),
            title: deployed.map(|deployed| deployed.graph.process.title.en.clone()).unwrap_or_default(),
            version: deployed.map(|deployed| deployed.version),
            status: row.status.word(),
            started: row.started,
            ended: row.ended,
            due: running.clone().filter_map(|clock| clock.reckoning.due).min(),
            overdue: running.clone().any(|clock| clock.is_late(now)),
            holders: holders.into_iter().collect::<Vec<_>>().join("; "),
        }
    }
}
