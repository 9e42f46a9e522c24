//! Checkpoints of the units' logs, taken into the site log: they rise, as the logs do. And what the signer says of itself: of its absences, of its
//! key, and of new epochs.

use super::document::require_site;
use super::rejection::Rejection;
use super::{Context, Decision};
use crate::journal::Event;
use crate::journal::change::is_noted;
use crate::journal::event::{EpochDeclared, Gap, KeyChange, KeyRotated, LogSigned, RecoveryDeclared, RecoveryStated};
use crate::model::limits::{CHECKPOINTS_TAKEN_MAX, EPOCH_REASON_MAX, GAP_LOGS_MAX, NOTE_BYTES_MAX, RECOVERY_KEYS_MAX};

/// Takes in what each log has beyond what was taken in of it before.
pub(super) fn take(context: &Context<'_>, checkpoints: &[LogSigned]) -> Result<Decision, Rejection> {
    require_site(context)?;
    let is_in_order = checkpoints.windows(2).all(|pair| pair[0].log < pair[1].log);
    if checkpoints.is_empty() || checkpoints.len() > CHECKPOINTS_TAKEN_MAX || !is_in_order {
        return Err(Rejection::invalid(
            "checkpoints.malformed",
            format!("There are 1 to {CHECKPOINTS_TAKEN_MAX} checkpoints, of different logs, in the order of their names."),
        ));
    }
    // Another node may have been before: what it took in need not be said again.
    let taken = |one: &LogSigned| context.office.taken.get(&one.log).map_or(0, |taken| taken.size);
    if let Some(old) = checkpoints.iter().find(|one| one.size <= taken(one)) {
        let message = format!("Of {} {} entries were taken in already; {} are no more.", old.log, taken(old), old.size);
        return Err(Rejection::conflict("checkpoints.known", message));
    }
    let events = vec![Event::CheckpointsTaken { checkpoints: checkpoints.to_vec() }];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}

/// Notes a gap in signing. The same gap has the same command, so it is noted once.
pub(super) fn note_gap(context: &Context<'_>, gap: &Gap) -> Result<Decision, Rejection> {
    require_site(context)?;
    let Gap { from, to, logs } = gap;
    let is_in_order = logs.windows(2).all(|pair| pair[0].log < pair[1].log);
    let has_grown = logs.iter().all(|one| one.before < one.after);
    if logs.is_empty() || logs.len() > GAP_LOGS_MAX || !is_in_order || !has_grown || to <= from {
        return Err(Rejection::invalid(
            "gap.malformed",
            format!("A gap ends after it began, and has 1 to {GAP_LOGS_MAX} logs that have grown, in the order of their names."),
        ));
    }
    let events = vec![Event::SealGap(gap.clone())];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}

/// Notes what the signer says of its key. The same note has the same command, so it is noted once; who has signed it was looked at before.
pub(super) fn note_key_change(context: &Context<'_>, change: &KeyChange) -> Result<Decision, Rejection> {
    require_site(context)?;
    let are_logs = |names: &[&str]| {
        let is_in_order = names.windows(2).all(|pair| pair[0] < pair[1]);
        is_in_order && !names.is_empty() && names.len() <= GAP_LOGS_MAX
    };
    let (is_good, event) = match change {
        KeyChange::Rotated(change) => {
            let KeyRotated { old, new, logs, note, .. } = change;
            let names: Vec<&str> = logs.iter().map(|one| one.log.as_str()).collect();
            let is_good = old != new && are_logs(&names) && note.len() <= NOTE_BYTES_MAX && is_noted(change);
            (is_good, Event::KeyRotated(change.clone()))
        }
        KeyChange::Declared(change) => {
            let EpochDeclared { reason, logs, .. } = change;
            let names: Vec<&str> = logs.iter().map(|one| one.log.as_str()).collect();
            (are_logs(&names) && reason.chars().count() <= EPOCH_REASON_MAX, Event::EpochDeclared(change.clone()))
        }
        KeyChange::Recovery(change) => {
            let RecoveryDeclared { quorum, keys, .. } = change;
            let is_quorum = usize::try_from(*quorum).is_ok_and(|quorum| (1..=keys.len()).contains(&quorum));
            (is_quorum && keys.len() <= RECOVERY_KEYS_MAX, Event::RecoveryDeclared(change.clone()))
        }
        KeyChange::Stated(change) => {
            let RecoveryStated { note } = change;
            (!note.is_empty() && note.len() <= NOTE_BYTES_MAX, Event::RecoveryStated(change.clone()))
        }
    };
    if !is_good {
        let message = format!(
            "What is said of a key has 1 to {GAP_LOGS_MAX} logs in the order of their names, no more than {RECOVERY_KEYS_MAX} recovery keys, \
             and says what its note says."
        );
        return Err(Rejection::invalid("change.malformed", message));
    }
    Ok(Decision { events: vec![event], instance: None, via: None, opened: Vec::new() })
}
