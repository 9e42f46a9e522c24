//! The search for an order finds one wherever there is one, and none where a clerk was told what cannot be.

use tests::nemesis::register::Told::{Anothers, Claimed, Completed, Released};
use tests::nemesis::register::{Stands, Step, Told, explain};

const FREE: Told = Told::Stands(Stands::Free);
const OVER: Told = Told::Stands(Stands::Over);

const fn held(by: usize) -> Told {
    Told::Stands(Stands::Held(by))
}

/// Steps as (clerk, asked, told, what); the last that is told is the one that cannot be, where there is one.
#[track_caller]
fn check(has_order: bool, steps: &[(usize, u128, u128, Told)]) {
    let history: Vec<Step> = steps.iter().map(|&(who, asked, told, what)| Step { who, asked, told, what }).collect();
    let found = explain(&history);
    assert_eq!(found.is_ok(), has_order, "{steps:?}: {found:?}");
    if let Err(step) = found {
        assert_eq!(Some(step.told), history.iter().map(|step| step.told).max(), "{steps:?}: {step:?}");
    }
}

#[test]
fn what_can_have_happened_has_an_order() {
    for steps in [
        &[][..],
        &[
            (0, 0, 1, FREE),
            (0, 2, 3, Claimed),
            (1, 4, 5, Anothers),
            (0, 6, 7, Released),
            (1, 8, 9, Claimed),
            (1, 10, 11, Completed),
        ],
        // At the same time, either came first.
        &[(0, 0, 9, Claimed), (1, 1, 2, FREE), (1, 3, 4, held(0)), (1, 5, 6, Anothers)],
        &[(0, 0, 3, Claimed), (0, 4, 20, Released), (1, 5, 21, Claimed), (2, 6, 32, Claimed), (1, 22, 30, Released)],
        // A completion that was long unanswered had taken effect early.
        &[(0, 0, 1, Claimed), (0, 2, 90, Completed), (1, 3, 4, OVER), (2, 5, 6, OVER)],
        // An answer and a request of one instant count as at the same time.
        &[(0, 0, 1, Claimed), (1, 1, 2, FREE)],
    ] {
        check(true, steps);
    }
}

#[test]
fn what_cannot_have_happened_has_none() {
    for steps in [
        // Never claimed.
        &[(0, 0, 1, Released)][..],
        &[(0, 0, 1, Completed)],
        &[(0, 0, 1, Anothers)],
        &[(0, 0, 1, held(0))],
        &[(0, 0, 1, OVER)],
        // Two hold it, one after the other or at the same time.
        &[(0, 0, 1, Claimed), (1, 2, 3, Claimed)],
        &[(0, 0, 9, Claimed), (1, 1, 8, Claimed)],
        &[(0, 0, 1, Claimed), (0, 2, 3, Claimed)],
        // It is another's, who gave it back or completed it.
        &[(0, 0, 1, Claimed), (0, 2, 3, Released), (1, 4, 5, Anothers)],
        &[(0, 0, 1, Claimed), (0, 2, 3, Completed), (1, 4, 5, Anothers)],
        // Mine, and called another's.
        &[(0, 0, 1, Claimed), (0, 2, 3, Anothers)],
        // Stale: free after a claim was told, held after it was given back, open after it was completed.
        &[(0, 0, 1, Claimed), (1, 2, 3, FREE)],
        &[(0, 0, 1, Claimed), (0, 2, 3, Released), (1, 4, 5, held(0))],
        &[(0, 0, 1, Claimed), (0, 2, 3, Completed), (1, 4, 5, FREE)],
        &[(0, 0, 1, Claimed), (0, 2, 3, Completed), (1, 4, 5, Claimed)],
        // Held by one who never had it.
        &[(0, 0, 1, Claimed), (1, 2, 3, held(2))],
        // Given back twice, completed twice, completed by another.
        &[(0, 0, 1, Claimed), (0, 2, 3, Released), (0, 4, 5, Released)],
        &[(0, 0, 1, Claimed), (0, 2, 3, Completed), (0, 4, 5, Completed)],
        &[(0, 0, 1, Claimed), (1, 2, 3, Completed)],
        // One saw it, and then another does not, while the claim is still unanswered.
        &[(0, 0, 1, FREE), (0, 2, 3, Claimed), (0, 4, 90, Released), (1, 5, 6, FREE), (2, 7, 91, held(0))],
    ] {
        check(false, steps);
    }
}
