//! What a breach does: whether its ladder rises, and whether its penalties can be reckoned.

use super::length::{surely_as_long, surely_longer};
use super::read::Reader;
use crate::model::limits::NORM_MEMBERS_MAX;
use crate::model::norm::{Breach, Penalty, Within};
use crate::model::problem::short;

impl Reader<'_> {
    pub(super) fn breach(&mut self) {
        let Some(breach) = &self.document.breach else { return };
        if self.has_at_most("/breach/escalate", breach.escalate.len(), NORM_MEMBERS_MAX) {
            self.ladder(breach);
        }
        if let Some(role) = &breach.reassign {
            self.name("/breach/reassign", role, true);
        }
        if self.has_at_most("/breach/start", breach.start.len(), NORM_MEMBERS_MAX) {
            for (position, process) in breach.start.iter().enumerate() {
                let at = format!("/breach/start/{position}");
                self.name(&at, process, true);
                if breach.start[..position].contains(process) {
                    let message = format!("The process {:?} is started twice. Remove one.", short(process));
                    self.error("norm.start-twice", at, message);
                }
            }
        }
        if self.has_at_most("/breach/penalties", breach.penalties.len(), NORM_MEMBERS_MAX) {
            for (position, penalty) in breach.penalties.iter().enumerate() {
                self.penalty(&format!("/breach/penalties/{position}"), penalty);
            }
        }
    }

    /// Every rung is a role of its own, later than the one before.
    fn ladder(&mut self, breach: &Breach) {
        const AT_ONCE: Within = Within::Immediately(true);
        for (position, rung) in breach.escalate.iter().enumerate() {
            let at = format!("/breach/escalate/{position}");
            self.name(&format!("{at}/role"), &rung.role, true);
            let earlier = &breach.escalate[..position];
            if earlier.iter().any(|earlier| earlier.role == rung.role) {
                let message =
                    format!("The role {:?} is on the ladder already. A case rises, and does not come back.", short(&rung.role));
                self.error("norm.ladder-twice", format!("{at}/role"), message);
            }
            if let Some(after) = &rung.after {
                self.within(&format!("{at}/after"), after);
            }
            let Some(before) = earlier.last() else { continue };
            let (after, before) = (rung.after.as_ref().unwrap_or(&AT_ONCE), before.after.as_ref().unwrap_or(&AT_ONCE));
            if surely_as_long(before, after) || (*before == AT_ONCE && !surely_longer(after, before) && *after == AT_ONCE) {
                let message = "This rung is not reached later than the one before. Put them in order.";
                self.error("norm.ladder-order", at, message);
            }
        }
    }

    fn penalty(&mut self, at: &str, penalty: &Penalty) {
        self.title(&format!("{at}/title"), &penalty.title);
        self.source(&format!("{at}/source"), &penalty.source);
        let _ = self.amount(&format!("{at}/perDay"), penalty.per_day.as_deref());
        let from = self.amount(&format!("{at}/lumpFrom"), penalty.lump_from.as_deref());
        let to = self.amount(&format!("{at}/lumpTo"), penalty.lump_to.as_deref());
        let _ = self.amount(&format!("{at}/cap"), penalty.cap.as_deref());
        if penalty.per_day.is_none() && penalty.lump_to.is_none() && penalty.lump_from.is_none() {
            let message = "It has no amount. Write one for each day, or a lump sum.";
            self.error("norm.penalty-amount", at, message);
        }
        if penalty.lump_from.is_some() && penalty.lump_to.is_none() {
            let message = "A lump sum has a most. Write \"lumpTo\"; where the sum is fixed, the same.";
            self.error("norm.penalty-lump", format!("{at}/lumpFrom"), message);
        }
        if to.is_some() && from > to {
            let message = "The least is more than the most. Exchange the two.";
            self.error("norm.penalty-lump", format!("{at}/lumpFrom"), message);
        }
        if penalty.cap.is_some() && penalty.per_day.is_none() {
            let message = "Only an amount for each day can grow up to a most. Remove it, or write \"perDay\".";
            self.error("norm.penalty-cap", format!("{at}/cap"), message);
        }
    }
}
