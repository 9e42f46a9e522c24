//! The office: units, posts, and who plays a role.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::journal::Command;
use engine::machine::office::Holder;
use engine::model::office::{Post, Unit};
use engine::model::{PostId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Done, Moment, Page, Receipted, after, limit, receipted, text, words};
use super::extract::{Asked, At, Key, Sent, Who};
use super::place::known;
use super::problem::Problem;
use crate::app::{App, Identity};

/// Which part of a list is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// At most so many, 1 to 200 (50).
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of what the office knows, in the order of ids.
pub(super) fn page<T, R: Clone, K: Ord + std::str::FromStr + ToString>(
    query: &PageQuery,
    all: &BTreeMap<K, R>,
    item: impl Fn(R) -> T,
) -> Result<Json<Page<T>>, Problem> {
    let (limit, after) = (limit(query.limit)?, after(query.cursor.as_deref(), |place| place.parse::<K>().ok())?);
    let rows = all.iter().filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after)).take(limit as usize + 1);
    let rows = rows.map(|(id, row)| (id.to_string(), row.clone())).collect();
    Ok(Json(Page::new(rows, limit, |(id, _): &(String, R)| id.clone(), |(_, row)| item(row))))
}

/// A unit of the office.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "mumbai-3", "title": { "en": "Mumbai III", "hi": "मुंबई III" }, "parent": "mumbai-zone" }))]
pub(super) struct UnitBody {
    /// Id: lower-case letters, digits and `-`.
    #[schema(value_type = String)]
    id: UnitId,
    /// Name by language; `en` is required.
    title: BTreeMap<String, String>,
    /// The unit above it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    parent: Option<UnitId>,
    /// Id of the calendar by which it works; left out: that of the unit above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calendar: Option<String>,
}

/// Units of the office.
#[utoipa::path(get, path = "/api/v1/office/units", tag = "office", operation_id = "listUnits", params(PageQuery),
    responses((status = 200, description = "Units", body = Page<UnitBody>)))]
pub(super) async fn units(
    State(app): State<App>,
    _: Who,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<UnitBody>>, Problem> {
    let item = |unit: Unit| UnitBody { id: unit.id, title: words(&unit.title), parent: unit.parent, calendar: unit.calendar };
    page(&query, &app.engine.office().units, item)
}

/// Adds a unit, or changes the one of this id.
///
/// It needs the role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/office/units", tag = "office", operation_id = "putUnit", request_body = UnitBody,
    responses((status = 200, description = "Done", body = Receipted)))]
pub(super) async fn put_unit(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(body): Sent<UnitBody>,
) -> Result<Done<Receipted>, Problem> {
    let unit = Unit { id: body.id, title: text(body.title)?, parent: body.parent, calendar: body.calendar };
    receipted(&app, &who, key, &UnitId::site(), Command::PutUnit { unit }).await
}

/// A post of the office.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "refund-inspector", "unit": "mumbai-3", "title": { "en": "Inspector, refunds" }, "roles": ["inspector"] }))]
pub(super) struct PostBody {
    /// Id, unique in the office.
    #[schema(value_type = String)]
    id: PostId,
    /// The unit that it belongs to.
    #[schema(value_type = String)]
    unit: UnitId,
    /// Name by language; `en` is required.
    title: BTreeMap<String, String>,
    /// Roles that whoever holds it plays, at most 50.
    roles: Vec<String>,
}

/// Posts of the office.
#[utoipa::path(get, path = "/api/v1/office/posts", tag = "office", operation_id = "listPosts", params(PageQuery),
    responses((status = 200, description = "Posts", body = Page<PostBody>)))]
pub(super) async fn posts(
    State(app): State<App>,
    _: Who,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<PostBody>>, Problem> {
    let item = |post: Post| PostBody { id: post.id, unit: post.unit, title: words(&post.title), roles: post.roles };
    page(&query, &app.engine.office().posts, item)
}

/// Adds a post, or changes the one of this id.
///
/// It needs the role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/office/posts", tag = "office", operation_id = "putPost", request_body = PostBody,
    responses((status = 200, description = "Done", body = Receipted)))]
pub(super) async fn put_post(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(body): Sent<PostBody>,
) -> Result<Done<Receipted>, Problem> {
    if body.roles.len() > 50 {
        return Err(Problem::new("post.role", "A post has at most 50 roles."));
    }
    let post = Post { id: body.id, unit: body.unit, title: text(body.title)?, roles: body.roles };
    receipted(&app, &who, key, &UnitId::site(), Command::PutPost { post }).await
}

/// For which unit and when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HoldersQuery {
    /// The unit for which the role is played.
    #[param(value_type = String)]
    unit: UnitId,
    /// At which instant, RFC 3339; left out: now.
    #[param(value_type = Option<String>)]
    at: Option<Moment>,
}

/// Who plays a role.
#[derive(Serialize, ToSchema)]
pub(super) struct Holders {
    /// The people.
    items: Vec<HolderItem>,
}

/// Someone who holds a post.
#[derive(Serialize, ToSchema)]
pub(super) struct HolderItem {
    /// Pseudonym.
    person: String,
    /// Short name.
    handle: String,
    /// Full name.
    name: String,
    /// The post.
    post: String,
    /// The post's unit.
    unit: String,
    /// The appointment.
    appointment: String,
    /// Number of the office order.
    order: String,
    /// Since when.
    #[schema(format = DateTime)]
    from: String,
    /// Until when (not included).
    #[schema(format = DateTime)]
    to: Option<String>,
}

impl From<Holder<'_>> for HolderItem {
    fn from(holder: Holder<'_>) -> Self {
        let Holder { person, post, appointment } = holder;
        Self {
            person: person.id.to_string(),
            handle: person.handle.clone(),
            name: person.name.clone(),
            post: post.id.to_string(),
            unit: post.unit.to_string(),
            appointment: appointment.id.to_string(),
            order: appointment.order.clone(),
            from: appointment.from.to_string(),
            to: appointment.to.map(|to| to.to_string()),
        }
    }
}

/// Who plays a role for a unit.
///
/// Everyone who at that instant holds a post with the role, in the unit or one above it.
#[utoipa::path(get, path = "/api/v1/office/roles/{role}/holders", tag = "office", operation_id = "listHolders",
    params(("role" = String, Path, description = "Role", example = "inspector"), HoldersQuery),
    responses((status = 200, description = "Holders", body = Holders)))]
pub(super) async fn holders(
    State(app): State<App>,
    _: Who,
    At(role): At<String>,
    Asked(query): Asked<HoldersQuery>,
) -> Result<Json<Holders>, Problem> {
    let unit = known(&app, query.unit)?;
    let at = query.at.map_or_else(|| app.engine.now(), |Moment(at)| at);
    let items = app.engine.office().holders(&role, &unit, at).into_iter().map(HolderItem::from).collect();
    Ok(Json(Holders { items }))
}

/// Who asks, as the office knows them.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// Pseudonym.
    person: String,
    /// Short name.
    handle: String,
    /// Full name.
    name: String,
    /// Posts held now.
    posts: Vec<HolderItem>,
    /// Roles played now, by unit; those of a unit count in the units below it too.
    roles: BTreeMap<String, Vec<String>>,
}

/// Who asks: posts and roles now.
#[utoipa::path(get, path = "/api/v1/me", tag = "office", operation_id = "getMe",
    responses((status = 200, description = "The person", body = Me)))]
pub(super) async fn me(State(app): State<App>, Who(Identity(person)): Who) -> Json<Me> {
    let (office, now) = (app.engine.office(), app.engine.now());
    let posts = office.current_of(&person.id, now).map(HolderItem::from).collect();
    let roles = office.units.keys().map(|unit| (unit.to_string(), office.roles(&person.id, unit, now)));
    let roles = roles.filter(|(_, roles)| !roles.is_empty()).collect();
    Json(Me { person: person.id.to_string(), handle: person.handle, name: person.name, posts, roles })
}
