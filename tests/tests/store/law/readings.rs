//! The law of readings: by case, by person, latest first.

use engine::model::InstanceId;
use engine::projection::RowChange::ReadingPut;
use engine::projection::row::ReadingRow;
use engine::store::{ReadingQuery, Store};

use super::super::make::*;

pub(in crate::store) async fn readings_are_paged(store: &impl Store) {
    let mut log = Log::new("access");
    let mut rows: Vec<_> = (0..60).map(reading).collect();
    // The same command in another unit is another case.
    rows[7].case.unit = unit("pune-1");
    store.append(log.commands([1], rows.iter().rev().cloned().map(ReadingPut).collect())).await.unwrap();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.at), row.id));
    let found = async |query: ReadingQuery| store.readings(&log.unit, &query).await.unwrap();
    let case = InstanceId { unit: unit("mumbai-3"), command: command(2) };
    for query in [
        ReadingQuery::default(),
        ReadingQuery { case: Some(case.clone()), ..ReadingQuery::default() },
        ReadingQuery { person: Some(person(1)), ..ReadingQuery::default() },
        ReadingQuery { case: Some(case), person: Some(person(1)), ..ReadingQuery::default() },
    ] {
        let is_wanted = |row: &&ReadingRow| {
            query.case.as_ref().is_none_or(|case| row.case == *case)
                && query.person.as_ref().is_none_or(|person| row.person == *person)
        };
        let wanted: Vec<ReadingRow> = rows.iter().filter(is_wanted).cloned().collect();
        assert!(wanted.len() > 2, "{query:?}");
        assert_eq!(found(ReadingQuery { limit: 100, ..query.clone() }).await, wanted);
        let mut paged: Vec<ReadingRow> = Vec::new();
        loop {
            let after = paged.last().map(|row| (row.at, row.id));
            let page = found(ReadingQuery { after, limit: 3, ..query.clone() }).await;
            assert!(page.len() <= 3);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, wanted, "{query:?}");
        assert!(store.readings(&unit("pune-1"), &ReadingQuery { limit: 9, ..query }).await.unwrap().is_empty());
    }
}
