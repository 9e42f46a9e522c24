//! Exports: a unit's cases as an event log for process mining, or its register as a table.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::model::UnitId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer::{Moment, receipt_header};
use super::extract::{Asked, At, Who};
use super::place::{asked_or_own, require_service};
use super::problem::Problem;
use crate::app::App;
use crate::app::exports::{Chosen, Format, NoExport, noted};

/// Which cases an export holds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// The unit that keeps them; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// Of this process.
    process: Option<String>,
    /// Begun at this instant or later, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Begun before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// What it is for, up to 2,000 characters; it becomes part of the record.
    purpose: Option<String>,
}

/// The cases of a unit as a file.
///
/// `cases.xes` (IEEE 1849) and `cases.jsonocel` (OCEL 2.0) are event logs for process mining, read off the journal: people by their pseudonyms, no
/// value of a case. `cases.csv` and `cases.xlsx` are the register, instants in the office's zone, safe to open in a spreadsheet. At most
/// 20,000 cases. It needs an appointment to a post in the unit or one above it. That it was handed out, to whom and what for, is an entry of its own
/// with the hash of the file: the header `Sevottam-Receipt` names its log, index and leaf.
#[utoipa::path(get, path = "/api/v1/exports/{file}", tag = "logs", operation_id = "exportCases",
    params(("file" = String, Path, description = "`cases.xes`, `cases.jsonocel`, `cases.csv` or `cases.xlsx`"), ExportQuery),
    responses((status = 200, description = "The file", content_type = "application/octet-stream")))]
pub(super) async fn get(
    State(app): State<App>,
    Who(who): Who,
    At(file): At<String>,
    Asked(query): Asked<ExportQuery>,
) -> Result<Response, Problem> {
    let format = Format::of(&file).ok_or_else(|| {
        let known = Format::ALL.map(Format::file).join(", ");
        Problem::new("export.unknown", format!("There is no export {file}; there are {known}."))
    })?;
    let unit = asked_or_own(&app, query.unit, &who)?;
    require_service(&app, &who, &unit)?;
    let instant = |moment: Option<Moment>| moment.map(|Moment(at)| at);
    let chosen = Chosen { unit: unit.clone(), process: query.process, from: instant(query.from), to: instant(query.to) };
    let made = noted::make(&app.engine, &who, &chosen, format, query.purpose).await?;
    let name = format!("attachment; filename=\"{unit}-{}\"", format.file());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        receipt_header(&made.accepted),
    ];
    Ok((headers, made.bytes).into_response())
}

impl From<NoExport> for Problem {
    fn from(none: NoExport) -> Self {
        match none {
            NoExport::TooMany | NoExport::TooLarge => Self::new("export.too-many", none.to_string()),
            NoExport::Refused(refusal) => refusal.into(),
            NoExport::Store(error) => error.into(),
        }
    }
}
