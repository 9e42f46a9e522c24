//! The contract suite of the stores: one law a function, every law on every store.

mod difference;
mod law;
mod make;
mod postgres;
mod sqlite;

use engine::store::memory::MemoryStore;
use engine::store::postgres::{self as pg, PostgresStore};
use engine::store::sqlite::{Options, SqliteStore};

/// Runs every law on a store of its own. A new store is one more module here.
macro_rules! laws {
    ($($law:ident),* $(,)?) => {
        mod on_memory {
            $(#[tokio::test]
            async fn $law() {
                super::law::$law(&super::MemoryStore::default()).await;
            })*
        }
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let dir = tempfile::tempdir().unwrap();
                let store = super::SqliteStore::open(&dir.path().join("db"), super::Options::default()).await.unwrap();
                super::law::$law(&store).await;
                store.close().await.unwrap();
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let Some(url) = tests::postgres::database() else { return };
                let store = super::PostgresStore::open(&url, super::pg::Options::new("a")).await.unwrap();
                super::law::$law(&store).await;
                store.close().await;
            })*
        }
    };
}

laws!(
    nothing_is_there_at_first,
    append_is_read_back,
    append_is_all_or_nothing,
    append_is_fenced,
    append_is_gapless,
    a_command_occurs_once,
    a_batch_without_entries_keeps_states,
    commands_are_found,
    case_entries_are_found,
    a_dump_has_every_row,
    a_snapshot_is_replaced,
    entries_have_their_marks,
    kept_states_come_one_after_another,
    erased_values_are_gone,
    tasks_are_paged,
    counts_are_those_of_the_lists,
    instances_are_paged,
    instances_are_found_by_name,
    jobs_are_fetched_in_order,
    due_rows_come_in_order_across_units,
    clocks_go_first_and_take_along_their_case,
    messages_meet_their_subscribers,
    incidents_and_definitions_are_listed,
    reports_are_paged,
    readings_are_paged,
    halting_holds_and_going_on_frees,
    rows_are_replaced,
    units_are_written_in_parallel,
    batches_on_their_way_are_written_in_order,
    what_follows_a_refused_batch_is_refused,
    writers_of_one_unit_are_fenced,
    a_caller_that_leaves_leaves_no_half,
);
