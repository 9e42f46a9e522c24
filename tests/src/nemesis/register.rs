//! A task as its clerks see it: free, held by one of them, or over. Says whether what they were told can have happened in one order that
//! agrees with the clock on the wall: each step took effect at one instant between its request and its answer.

use std::collections::BTreeSet;

/// How a task stands. Clerks are numbers below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// Nobody's.
    Free,
    /// This clerk's.
    Held(usize),
    /// Completed.
    Over,
}

/// What a clerk was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is yours.
    Claimed,
    /// You gave it back.
    Released,
    /// You completed it.
    Completed,
    /// It stands so.
    Stands(Stands),
    /// It is another's.
    Anothers,
}

/// A request and its answer. A clerk has one on its way at a time.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Which clerk.
    pub who: usize,
    /// When it was asked, on any one clock.
    pub asked: u128,
    /// When it was told.
    pub told: u128,
    /// What.
    pub what: Told,
}

impl Step {
    /// How the task stands afterwards; none where it cannot have stood so before.
    fn after(&self, before: Stands) -> Option<Stands> {
        let mine = Stands::Held(self.who);
        match self.what {
            Told::Claimed => (before == Stands::Free).then_some(mine),
            Told::Released => (before == mine).then_some(Stands::Free),
            Told::Completed => (before == mine).then_some(Stands::Over),
            Told::Stands(so) => (before == so).then_some(before),
            Told::Anothers => (matches!(before, Stands::Held(_)) && before != mine).then_some(before),
        }
    }
}

/// Looks for such an order, from a free task. All that may have happened by an instant is kept: how the task stands, and which of the
/// steps that are still unanswered took effect already.
///
/// # Errors
/// The first step whose answer cannot be explained.
pub fn explain(history: &[Step]) -> Result<(), Step> {
    let asked = history.iter().map(|step| (step.asked, false, step));
    let mut moments: Vec<_> = asked.chain(history.iter().map(|step| (step.told, true, step))).collect();
    moments.sort_by_key(|(time, is_answer, _)| (*time, *is_answer));
    let mut open: [Option<&Step>; 64] = [None; 64];
    let mut possible = BTreeSet::from([(Stands::Free, 0_u64)]);
    for (_, is_answer, step) in moments {
        if !is_answer {
            open[step.who] = Some(step);
            continue;
        }
        let mut rest: Vec<_> = possible.iter().copied().collect();
        while let Some((stands, done)) = rest.pop() {
            for other in open.iter().flatten().filter(|other| done & (1 << other.who) == 0) {
                if let Some(after) = other.after(stands)
                    && possible.insert((after, done | 1 << other.who))
                {
                    rest.push((after, done | 1 << other.who));
                }
            }
        }
        let took = possible.into_iter().filter(|(_, done)| done & (1 << step.who) != 0);
        possible = took.map(|(stands, done)| (stands, done & !(1 << step.who))).collect();
        if possible.is_empty() {
            return Err(*step);
        }
        open[step.who] = None;
    }
    Ok(())
}
