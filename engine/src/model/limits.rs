//! A limit on everything, in one place. Each says its unit; what passes a limit is refused before it touches the journal.

/// Bytes of an authored definition document (2 MiB).
pub const DEFINITION_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a document that is checked as it is written (256 KiB); a longer one is checked when it is sent.
pub const LIVE_BYTES_MAX: usize = 256 * 1024;
/// Steps of one definition, those of nested sub-processes included.
pub const STEPS_MAX: usize = 1_000;
/// Flows of one definition.
pub const FLOWS_MAX: usize = 2_000;
/// Sub-process nesting.
pub const NESTING_MAX: usize = 8;
/// Variables of one definition, those of sub-processes included.
pub const VARIABLES_MAX: usize = 500;
/// Personal variables of one definition: each value is a payload of its own, named in the leaf.
pub const PERSONAL_MAX: usize = 40;
/// Values that were handed over and lie apart, in one entry: each is a payload, and whoever sends them decides how many there are. Those after them stay
/// in the event list, so that no message and no answer is too large to be taken in.
pub const HANDED_OVER_MAX: usize = 40;
/// Forms of one definition.
pub const FORMS_MAX: usize = 100;
/// Fields of one form.
pub const FORM_FIELDS_MAX: usize = 200;
/// Bytes of one authored JSON Schema (64 KiB).
pub const SCHEMA_BYTES_MAX: usize = 64 * 1024;
/// Nodes (objects, arrays and scalars) of one authored JSON Schema.
pub const SCHEMA_NODES_MAX: usize = 500;
/// Depth of any JSON that comes from outside.
pub const JSON_DEPTH_MAX: usize = 32;
/// Bytes of a request body other than a definition (256 KiB).
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of the values of one command, as canonical JSON (128 KiB).
pub const VALUES_BYTES_MAX: usize = 128 * 1024;
/// Bytes of all variables of one case, as canonical JSON (1 MiB).
pub const CASE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one leaf: a tlog-tiles entry length is a `uint16`, and half of it is plenty.
pub const LEAF_BYTES_MAX: usize = 16_384;
/// Automatic moves of one decision; one more is a committed incident, not a refusal.
pub const MOVES_MAX: usize = 1_000;
/// Tokens of one case; one more is an incident.
pub const TOKENS_MAX: usize = 200;
/// Levels of call activities, one inside another.
pub const CALL_DEPTH_MAX: u32 = 16;
/// Steps of the wall clock that wait to be journalled; what comes after them is found as one step later on.
pub const STEPS_WAITING_MAX: usize = 64;
/// Entries of a case after which its state is kept as a snapshot.
pub const SNAPSHOT_EVERY: u64 = 64;
/// Commands that one transaction takes from a unit's mailbox.
pub const BATCH_COMMANDS_MAX: usize = 256;
/// Commands that may wait in a unit's mailbox; one more is refused with "busy".
pub const MAILBOX_COMMANDS_MAX: usize = 4_096;
/// Case states that a unit's writer keeps in memory.
pub const CACHED_INSTANCES_MAX: usize = 20_000;
/// Due rows that the dispatcher takes at a time.
pub const DUE_BATCH_MAX: usize = 100;
/// The same while people ask for things: whatever reads the rows that a batch changes, the next look at what is due first of all, waits until
/// they are written, and people wait with it.
pub const DUE_BATCH_BUSY: usize = 25;
/// Due commands that a unit's writer decides before it looks whether somebody asks for something.
pub const DUE_TURN_MAX: usize = 16;
/// Bytes of an idempotency key, printable ASCII.
pub const KEY_BYTES_MAX: usize = 200;
/// Bytes of an identifier (unit, post, step, variable, role, topic …).
pub const ID_BYTES_MAX: usize = 64;
/// Characters of a title, reason or other short text.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Rows of a page.
pub const PAGE_ROWS_MAX: u32 = 200;
/// Early messages that one unit keeps.
pub const BUFFERED_MESSAGES_MAX: u64 = 10_000;
/// Longest life of an early message, in seconds (90 days).
pub const MESSAGE_TTL_SECONDS_MAX: i64 = 90 * 86_400;
/// Life of an early message that names none, in seconds (1 hour).
pub const MESSAGE_TTL_SECONDS_DEFAULT: i64 = 3_600;
/// Longest duration of a timer, in years.
pub const TIMER_YEARS_MAX: i64 = 10;
/// Firings of one repeating timer.
pub const TIMER_REPEATS_MAX: u32 = 1_000;
/// Longest lock of a job, in seconds (a day).
pub const LOCK_SECONDS_MAX: i64 = 86_400;
/// Attempts of a job that a definition may ask for.
pub const RETRIES_MAX: u32 = 100;
/// Calendars, one upon another: nation, state, office, service, with room for as many again.
pub const CALENDAR_LAYERS_MAX: usize = 8;
/// Dated lines of one calendar document (holidays, single days, and those of its amendments): sixty a year for sixty years.
pub const CALENDAR_LINES_MAX: usize = 3_600;
/// Amendments of one calendar document.
pub const CALENDAR_AMENDMENTS_MAX: usize = 500;
/// Shifts of one day.
pub const CALENDAR_SHIFTS_MAX: usize = 8;
/// First year of a date in a calendar document.
pub const CALENDAR_YEAR_MIN: i16 = 1900;
/// Last year of a date in a calendar document.
pub const CALENDAR_YEAR_MAX: i16 = 2200;
/// Days in a row without a working day; a longer stretch is taken for a mistake.
pub const CALENDAR_CLOSED_DAYS_MAX: i64 = 92;
/// Problems of calendars and imported lists that are reported at once.
pub const CALENDAR_PROBLEMS_MAX: usize = 100;
/// Working days that may be added at once, either way (four centuries).
pub const WORKING_DAYS_MAX: i64 = 100_000;
/// Days over which office time is sought or measured, either way (a century).
pub const OFFICE_DAYS_MAX: i64 = 36_525;
/// Bytes of an imported list of holidays (1 MiB).
pub const HOLIDAY_LIST_BYTES_MAX: usize = 1024 * 1024;
/// Days of one entry of an imported list of holidays.
pub const HOLIDAY_DAYS_MAX: i64 = 31;
/// Bytes of a cron expression.
pub const CRON_BYTES_MAX: usize = 256;
/// Alternatives that one cron expression may stand for (plain days, and each of its `L`, `W` and `#`).
pub const CRON_DAYS_MAX: usize = 32;
/// Bytes of an ISO 8601 duration.
pub const DURATION_BYTES_MAX: usize = 64;
/// Bytes of an ISO 8601 repeating interval.
pub const INTERVAL_BYTES_MAX: usize = 200;
/// Last year in which a schedule may fall, and a search for its next occurrence ends.
pub const SCHEDULE_YEAR_MAX: i16 = 2100;
/// Occurrences of one round of a schedule that names each.
pub const SCHEDULE_ROUND_MAX: usize = 24;
/// Occurrences of one schedule that counts them.
pub const SCHEDULE_TIMES_MAX: u32 = 1_000_000;
/// Days that an occurrence may move to find a working day; further, it is left out.
pub const ROLL_DAYS_MAX: i32 = 31;
/// Missed occurrences that are made up for, at most.
pub const MISSED_MAX: u32 = 1_000;
/// Missed occurrences that are made up for, where a schedule does not say.
pub const MISSED_DEFAULT: u32 = 100;
/// Occurrences of a schedule that one entry attends to; the rest of those that are made up for follows in entries of its own.
pub const FIRED_PER_ENTRY_MAX: usize = 100;
/// Bytes of the values that a schedule hands over, as JSON (8 KiB): an entry may hold them a hundred times.
pub const SCHEDULE_DATA_BYTES_MAX: usize = 8 * 1024;
/// Rows of one list of a report; the rest is counted.
pub const REPORT_ROWS_MAX: usize = 200;
/// Entries that one report looks through for cases.
pub const REPORT_ENTRIES_MAX: u64 = 1_000_000;
/// Cases that one report reads.
pub const REPORT_CASES_MAX: usize = 100_000;
/// Days to come of which a digest tells.
pub const DIGEST_DAYS: i32 = 3;
/// Days over which the occurrence before is sought, from which a report counts (three years).
pub const REPORT_PERIOD_DAYS_MAX: i64 = 1_098;
/// Events of a calendar feed.
pub const FEED_EVENTS_MAX: usize = 4_000;
/// Days of a calendar that are told at once (a leap year).
pub const CALENDAR_DAYS_MAX: i32 = 366;
/// Occurrences of a preview.
pub const PREVIEW_MAX: usize = 400;
/// Moves of one trial of a process.
pub const TRIAL_MOVES_MAX: usize = 200;
/// Due work that is carried out in one trial.
pub const TRIAL_DUE_MAX: usize = 2_000;
/// Bytes of what one trial keeps while it is played (64 MiB); it is looked at after each round of due work.
pub const TRIAL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Cases whose personal values one entry of the access log says were read; what shows more of them has several entries.
pub const READ_CASES_MAX: usize = 1_000;
/// Personal variables of one of these cases: more than any definition has, for a case may have been moved from one to another.
pub const READ_NAMES_MAX: usize = 400;
/// Posts that have a copy of one document.
pub const COPIES_MAX: usize = 500;
/// Clocks of one case; what would start one more starts none.
pub const CLOCKS_MAX: usize = 200;
/// Rests of one clock; it runs through any further time.
pub const RESTS_MAX: usize = 500;
/// Editions of one time norm.
pub const NORM_EDITIONS_MAX: usize = 100;
/// Limits of one edition.
pub const NORM_LIMITS_MAX: usize = 200;
/// Lengths of time inside one another.
pub const NORM_NESTING_MAX: usize = 4;
/// Events that stop a clock, and grounds on which it rests.
pub const NORM_EVENTS_MAX: usize = 16;
/// Warnings of one time norm, rungs of its ladder, processes that a breach starts, penalties; and members of one length of time.
pub const NORM_MEMBERS_MAX: usize = 8;
/// Problems of one time norm that are reported at once.
pub const NORM_PROBLEMS_MAX: usize = 100;
/// Combinations of attributes that are tried in search of one without a limit.
pub const NORM_COMBINATIONS_MAX: usize = 4_096;
/// Norms that one page names.
pub const PAGE_NORMS_MAX: usize = 500;
/// Lines of the explanation of one deadline.
pub const EXPLANATION_LINES_MAX: usize = 400;
/// Bytes of a signed note (64 KiB): a checkpoint with a hundred signatures has half of it.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Signatures of one note.
pub const NOTE_SIGNATURES_MAX: usize = 100;
/// Bytes of a proof that comes from outside: a note, and a path.
pub const PROOF_BYTES_MAX: usize = NOTE_BYTES_MAX + 8 * 1024;
/// Hashes of an audit path: one for each bit of a size.
pub const PROOF_HASHES_MAX: usize = 64;
/// Hashes of a consistency proof, as C2SP's tlog-witness has it.
pub const CONSISTENCY_HASHES_MAX: usize = 63;
/// Bytes of the name of a log that a witness takes.
pub const ORIGIN_BYTES_MAX: usize = 1_024;
/// Logs of one key that a witness keeps in mind: each unit of an office has one, and one more for each restore.
pub const WITNESSED_LOGS_MAX: usize = 10_000;
/// Bytes of the answer of a witness.
pub const WITNESS_ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a bundle (1 GiB): it is written in memory; it is read piece by piece.
pub const BUNDLE_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Bytes of an export of cases (512 MiB): like a bundle it is noted by its hash before it is handed out, so it is written in memory.
pub const EXPORT_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Files of a bundle.
pub const BUNDLE_FILES_MAX: usize = 10_000;
/// Bytes of one line of a bundle's entries (16 MiB): a leaf, a definition that was deployed, and what a case carries.
pub const BUNDLE_LINE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Cases, or processes, that are asked for by name.
pub const BUNDLE_CHOSEN_MAX: usize = 1_000;
/// Cases that are lived through side by side when a bundle is checked: where more of them go on at once, its log is read again for the others.
pub const BUNDLE_CASES_KEPT_MAX: usize = 16_384;
/// What is found wanting in a bundle and told one by one; the rest is counted.
pub const BUNDLE_FINDINGS_MAX: usize = 100;
/// What a bundle's entries say against the machine and a certificate lists one by one; the rest is counted.
pub const BUNDLE_SIGNS_MAX: usize = 1_000;
/// Runs of entries of a log that a bundle does not show and a certificate lists one by one; the rest is counted.
pub const BUNDLE_GAPS_MAX: usize = 100;
/// Bytes of an amendment or acknowledgement that offices send one another (16 MiB).
pub const AMENDMENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Editions of one amendment.
pub const AMENDMENT_EDITIONS_MAX: usize = 50;
/// Bytes of the texts of the editions of one amendment (3 MiB): they are one entry where they are received.
pub const AMENDMENT_TEXT_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Differences from the edition before of which an amendment tells one by one; the rest is counted.
pub const AMENDMENT_CHANGES_MAX: usize = 100;
/// Other offices that one recognises.
pub const OFFICES_MAX: usize = 2_000;
/// Bytes of the public key of another office.
pub const VKEY_BYTES_MAX: usize = 400;
/// Editions of one document that are kept as received; an office seldom amends a document more often.
pub const RECEIVED_MAX: usize = 1_000;
/// Bytes of a certificate's form (256 KiB).
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// Checkpoints of units that the site log takes in with one entry; more wait for the next.
pub const CHECKPOINTS_TAKEN_MAX: usize = 10_000;
/// Logs that one note of the signer names, and the entry that takes it in: of a gap, or a change of its key. Where there are more, there are more notes.
pub const GAP_LOGS_MAX: usize = 150;
/// Characters of the reason for a new epoch, or a new key.
pub const EPOCH_REASON_MAX: usize = 500;
/// Notes on keys of one bundle that are looked at, where a policy names recovery keys: a thousand changes of an office of 150 logs.
pub const KEY_NOTES_MAX: usize = 1_000;
/// Recovery keys of an office.
pub const RECOVERY_KEYS_MAX: usize = 20;
/// Bytes of the version of a program, and of the name of a node.
pub const NODE_BYTES_MAX: usize = 200;
/// Bytes of an anchor (16 MiB): the checkpoints of some 60,000 logs.
pub const ANCHOR_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a proof that a log was forked: two notes, and subtrees.
pub const FORK_BYTES_MAX: usize = 256 * 1024;
/// Subtrees of such a proof: as many as a tree of any size with a border inside can have.
pub const FORK_SUBTREES_MAX: usize = 192;
/// Bytes of a time stamp (64 KiB): it has some thousand, most of them certificates.
pub const STAMP_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a policy (4 MiB): each change of the key adds some 300 bytes for each log.
pub const POLICY_BYTES_MAX: usize = 4 * 1024 * 1024;
