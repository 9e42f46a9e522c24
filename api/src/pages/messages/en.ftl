# English. The same messages stand in hi.ftl, in the same order; a test holds the two together.

## The frame

product = Sevottam
tagline = Service quality, step by step
skip = Skip to the content
nav = Main
crumbs = You are here
nav-inbox = Tasks
nav-cases = Cases
nav-start = New case
nav-definitions = Procedures
nav-norms = Norms
nav-plan = Plan
nav-office = Office
nav-pages = Citizens’ Charter and other pages
demo = Demonstration:
demo-acting-as = acting as { $name }
demo-nobody = nobody is chosen yet.
demo-change = Act as someone else
unsigned = Nothing is being signed:
unsigned-since = an entry of { $time } still waits for its signature. Tell whoever keeps this server running.
signed-in-as = You are
sign-out = Sign out
footer-what = Every step is recorded as evidence that anyone can check.
footer-time = Page of { $time }
show = Show
more = Show more
all = All
unit = Unit
rows = { $n ->
       [0] none
       [one] { $n } shown
      *[other] { $n } shown
    }

## Inbox

inbox = Tasks
inbox-mine = My tasks
inbox-mine-none = You have no task in hand.
inbox-offered = Offered to my roles
inbox-offered-none = Nothing is waiting for your roles.
your-roles = Your roles
for-you-alone = for you alone
task = Task
process = Procedure
case = Case
since = Since
due = Due
action = Action
claim = Claim
due-none = no date
due-today = due today
due-in = { $n ->
       [one] in { $n } day
      *[other] in { $n } days
    }
overdue = { $n ->
       [one] overdue by { $n } day
      *[other] overdue by { $n } days
    }
overdue-today = overdue since today
to-inbox = To my tasks
waiting = How much is waiting
waiting-kept-from = Tasks for your roles are counted also where you are kept from them, by what you did before; the list leaves those out.
waiting-only = Below: { $process } only.
waiting-all = Show all procedures
work = Open tasks
work-link = All open tasks of the unit
work-none = No task is open.
work-first = Due first
work-units = { $n ->
       [one] Only { $n } unit is counted here.
      *[other] Only the first { $n } units are counted here.
    }

## A task

instruction = What to do
references = References
about-case = The case
offered-to = Offered to
time-source = Time allowed
unverified = unverified
verified = verified
record = Record made
form = Form
no-form = Nothing is to be filled in.
complete = Complete the task
release = Give the task back
claim-first = Claim the task to work on it. It is then yours until you complete it or give it back.
form-preview = What will be asked
yours = in your hands
taken = claimed
taken-todo = Someone else has claimed this task. If it must change hands, ask them to give it back.
case-suspended = The case is suspended
case-suspended-todo = It can be worked on once it is resumed.
next-in-case = Next in this case
data = Data of the case
data-none = No data yet.
history = History
history-all = The whole history
optional = (optional)
choose = Choose …
summary-title = There is a problem
error-prefix = Error:
value-none = not set
value-yes = Yes
value-no = No

## Cases

cases = Cases
cases-own = You see the cases that you started.
bundle = Evidence to carry away
bundle-what = a file that anyone can check, without this office.
bundle-lead = One ZIP file with what you choose, as the office has signed it. Whoever gets it can check it anywhere, without this office. That it was handed out, to whom and what for, is recorded.
bundle-clause = Clause
bundle-clause-hint = Such as SQM 3.2.1: the cases of procedures that carry it out, since they, a step or a norm of theirs, or a page such as the charter that shows this norm, names it.
bundle-cases = Cases
bundle-cases-hint = Their identifiers, as their pages tell them; left empty: all that the rest allows.
bundle-from = First day
bundle-to = Last day
bundle-purpose = What it is for
bundle-purpose-hint = Such as: surveillance audit, July 2026. It becomes part of the record.
bundle-withhold = Withhold personal values, on this ground
bundle-withhold-hint = Such as: RTI Act, s. 8(1)(j). Left empty, they are in the file.
bundle-leaves = Show the leaf of every entry from the first chosen one on, so that nothing of a chosen case can have been left out
bundle-make = Make the file
bundle-check = The file is checked with
refusal-bundle-choice = This cannot be chosen so. Look at the identifiers, the days and the clause.
refusal-bundle-purpose = Say what the file is for, in up to 2,000 characters.
refusal-bundle-empty = Nothing that is signed was chosen. Choose a longer period, or other cases or procedures.
refusal-bundle-too-large = The file would be too large. Choose a shorter period, or fewer cases.
refusal-log-unsigned = Nothing is signed of the log of this unit: a file would prove nothing.
refusal-log-differs = The log in the database is not what was signed, or cannot be read. Tell the operators.
exports = The cases as a file
exports-help = Those of the process that was chosen. Event logs tell who did what and when, by pseudonyms, and no data of the cases. Who takes a file away is recorded.
export-csv = Register (CSV)
export-xlsx = Register (Excel)
export-xes = Event log (XES)
export-ocel = Event log (OCEL 2.0)
cases-none = No case matches.
status = Status
number = Number
started = Started
ended = Ended
status-active = in progress
status-suspended = suspended
status-completed = completed
status-cancelled = cancelled
owner = Process owner
version = version { $n }
version-word = version
where-it-stands = Where it stands
mark-done = done
mark-active = in progress
mark-problem = stopped by a problem
diagram = Diagram
diagram-description = The steps of the procedure and the flows between them, from left to right. The same is told in words on this page.
diagram-scroll = The diagram is wider than the page: scroll it sideways.
open-tasks = Open tasks
role = Role
who-has-it = Who has it
unclaimed = not claimed yet
waits = What it waits for
incidents = What stopped it
retry = Try again
actions = Actions
reason = Reason
suspend = Suspend the case
suspend-help = Its tasks and timers rest until it is resumed.
resume = Resume the case
cancel = Cancel the case
cancel-help = The case ends before its time. This cannot be undone.

## Records

records = Records
retention = The records of a case are kept for { $years } full years after its end.
records-held = The records are held: nothing of them is erased
records-erased = Erased from the journal
erasure-proposed = It is proposed to erase personal values
erasure-names = What goes
erasure-ground = Why they may go
erasure-ground-hint = For example: the retention period has ended, with the item of the schedule
erasure-authority = Order or request
erasure-authority-hint = Whose it is, with number and date
erasure-by = Proposed by
erasure-approve-help = Approved, the values are gone for good. What was sealed can still be proved.
approve-erasure = Erase for good
reject-erasure = Reject the erasure
erase = Propose to erase personal values
handed-over = What was handed to other programs and cases under other names, and came from them
erase-help = The records officer decides on it. Only personal values go; the history, its times and its proofs stay.
hold = Hold the records
hold-help = Nothing of them is erased until the records officer releases them.
hold-ground = Appeal, audit, inquiry or court case that needs them
release-records = Release the records

## Controlled documents

documents = Master list of documents
documents-controlled = Documents are controlled: nothing runs that was not drafted, reviewed, approved by somebody else and issued.
documents-free = Documents are not controlled: whoever answers for one may also deploy it directly, as its next issue.
document-kind = Kind
document-process = Procedure
document-norm = Norm
document-calendar = Calendar
document-schedule = Schedule
document-page = Page
issue = Issue
issue-effective = In force from
issue-review = Review due
issue-reason = Amended because
issue-deployed = Deployed directly
issue-revision = A revision of the last issue
issue-it = Issue
issue-waiting = waits for its day
issue-in-force = in force
issue-withdrawn = withdrawn
issue-obsolete = obsolete
draft = Draft
draft-written = being written
draft-review = under review
draft-approved = approved
draft-authors = Written by
draft-returned = Returned because
draft-approved-by = Approved by
draft-own = It waits for somebody who did not write it.
draft-edit = Write a draft
draft-new = Begin a new document
draft-new-lead = Write it as JSON. It may be unfinished: it is saved as a draft that only those who answer for it can change, and is checked each time. It runs only once it was reviewed, approved by somebody else and issued.
draft-save = Save the draft
send = Send for review
approve = Approve
return = Return to its authors
discard = Give the draft up
withdraw = Withdraw
withdraw-help = It is kept, marked, and starts no case any more. An issue that waits for its day is taken back.
amendments = Amendment sheet
copies = Copies of issue { $issue }
copy-read = read and understood by { $who }, { $time }
acknowledge = I have read and understood it
received = Received from another office
received-lead = Another office issues this document. Each edition is kept as it came; it becomes a draft here, is adapted only inside the sub-processes that allow it, and runs once somebody else has approved it and it is issued.
received-issue = Its issue
received-from = From
received-entry = entry { $index } of { $log }
received-adopted = Adopted
received-acknowledged = Acknowledged
received-acknowledge = Acknowledge it to that office
received-file = Acknowledgement as a file
not-adopted = not yet
adopted = as it came, issue { $issue }
adopted-adapted = adapted, issue { $issue }
offices-below = Other offices that take it over
office-other = Office
acknowledged-entry = entry { $index } of its log
amendment-file = This issue as a file for other offices
import = Take in a file from another office
import-lead = Another office that this one recognises sends amendments of documents and withdrawals, or acknowledges those of this office. A file is checked under its key before anything of it is kept. What an amendment has becomes a draft here, which somebody else approves.
import-file = The file
import-hint = The ZIP file as it was sent, at most 16 MiB.
import-take = Check it and take it in
import-amendment = Amendment from { $from }
import-withdrawal = Withdrawal from { $from }
import-acknowledgement = Acknowledgement from { $from }
import-issue = issue { $issue }
import-known = It was there already: nothing was changed.
import-offices = Offices that are recognised
import-nobody = No other office is recognised. Whoever administers this office recognises it by office order, with its public key from paper: sevottam amendment recognise.
import-sends = What it sends
import-above = amendments and withdrawals
import-below = acknowledgements
withdrawn-there = Withdrawn there { $time }, entry { $index } of its log.
withdrawn-early = Withdrawn there { $time }, before its day, entry { $index } of its log: it was never in force.
withdrawn-by = Issue { $issue } was withdrawn by { $from }
withdrawn-todo = Nothing of it is adopted any more. If it is in force here, withdraw it here too; running cases go on by their version.
withdrawn-early-todo = Give up the draft that was made of it, or withdraw it here if it waits for its day.
recalls = Withdrawn issues, for other offices
recalls-lead = Send the file to every office that has the issue: it proves that this office has withdrawn it. Take in what they acknowledge: it stands here then.
recall-file = Withdrawal of issue { $issue } as a file
recall-known = { $office } has acknowledged it, { $time }, entry { $index } of its log.
pages-lead = What this office lays open for reading, as it is in force today.
pages-none = There is none.
page-title = Title
page-kind-charter = Charter
page-kind-manual = Manual
page-not-then = It is not in force at this time.
page-over = It was in force until { $time }
page-over-what = It is kept as it was. The times are those of its last moment.
page-unverified-what = Nobody has compared this page with the original of its source yet.
page-owner = Answers for it
page-print = Print
page-document = Issues, copies and draft
page-read = Read it as it is in force
page-preview = As it will be read
page-no-limit = No time is in force.
page-norm-sources = Where the times come from
live = Checked as you write
live-good = Checked as you write: there is no problem.
live-warnings = { $n ->
    [one] Checked as you write: { $n } warning.
   *[other] Checked as you write: { $n } warnings.
}
live-errors = { $n ->
    [one] Checked as you write: { $n } error.
   *[other] Checked as you write: { $n } errors.
}
live-long = The text is too long to be checked as you write. It is checked when you send it.
live-unable = It could not be checked just now. It is checked again as you write on, and when you send it.
live-go = Go to the line

## Two editions side by side

try-it = Try it
trial = Trial
trial-what = This is a trial
trial-kept = Nothing here is a case of the office. Nothing is written and nothing is kept: there is no receipt and no proof, and those as whom you act do not learn of it.
trial-now = In the trial it is now
trial-moves = Moves so far
trial-begin = Begin
trial-day = Day
trial-hour = Time
trial-act-as = Act as
trial-public = member of the public
trial-nobody = Nobody can do this at this time.
trial-may = Who may do it
trial-work = Show it
trial-shown = shown below
trial-else = What else can happen
trial-time-passes = Let time pass
trial-next = Due next: { $what }, { $time }
trial-next-button = To what is due next
trial-next-none = Nothing is due.
trial-due-other = what follows from a move
trial-advance = To this day and time
trial-message = The message { $name } comes
trial-message-send = Let it come
trial-key = Correlation key
trial-data = Data, as JSON
trial-job = A worker’s job ({ $topic })
trial-job-done = The worker has done it
trial-fail = The worker fails
trial-fail-message = What the worker says
trial-others = Cases that came of it
trial-undo = Undo the last move
trial-again = Begin again
trial-download = Download as a scenario
trial-download-what = A scenario is a file that the program can play again (sevottam replay), to show that a later edition still does the same.
trial-handle = Or as a member of the public, by their handle
trial-unplayed = The trial is not played
trial-unplayed-what = The moves up to here are kept in this page. Try again, or undo the last move.
trial-unplayed-again = Show where it stands
trial-earlier = { $n ->
    [one] { $n } earlier entry is not shown.
   *[other] { $n } earlier entries are not shown.
}
trial-broken = This edition has errors, so it cannot be tried.
compare = What changed
compare-draft = Compare with what is in force
compare-from = From
compare-to = To
compare-nothing = Nothing
compare-first = There is no edition before this one: all of it is new.
affected-others = and { $n } others
compare-same = Both have the same content.
compare-whole = The document
compare-where = Where
compare-before = Before
compare-after = After
compare-all = all of it
compare-order = other order
compare-value = Show
compare-more = There are more changes than are listed here. The texts below and the programming interface have all of them.
compare-text = The texts side by side
compare-no-picture = It cannot be drawn: it has errors.
changes = { $n ->
    [one] One change
   *[other] { $n } changes
}
way-added = new
way-removed = gone
way-changed = changed
line = Line
lines-more = The texts differ in more lines than are shown here.
affected = Whom it affects: { $edition }
affected-show = See whom it affects
affected-running = Running cases
affected-cases = { $n ->
    [one] one case
   *[other] { $n } cases
}
affected-more = or more
affected-pinned = They go on by the version by which they began.
affected-nobody = held by nobody through a post
affected-no-performer = No step is new or changed that somebody performs.
affected-callers = Procedures that call it
affected-clocks = Procedures that keep time by it
affected-schedules = Schedules that start it
affected-pages = Pages that show its limits
affected-moved = In running cases
affected-moves = { $n ->
    [one] one deadline or timer would move
   *[other] { $n } deadlines and timers would move
}

## History

told-started = Case started
told-claimed = Claimed: { $step }
told-released = Given back: { $step }
told-completed = Completed: { $step }
told-withdrawn = Fell away: { $step }
told-offered = Offered to { $role }: { $step }
told-offered-due = Offered to { $role }: { $step }, due { $date }
told-job-created = Work for a system: { $step }
told-job-locked = { $worker } works on: { $step }
told-job-completed = Done by a system: { $step }
told-job-failed = Failed: { $step } – { $message }
told-timer-armed = Timer set: { $step }, { $time }
told-task-moved = Now due: { $step }, { $due }
told-timer-moved = Timer moved: { $step }, { $after }, before that { $before }
told-timer-fired = Time came: { $step }
told-waits = Waits for a message: { $step }
told-thrown = Message sent: { $name }
told-message = A message came
told-call = Another case was asked for
told-call-returned = The other case ended
told-suspended = Suspended: { $reason }
told-resumed = Resumed
told-cancelled = Cancelled: { $reason }
told-erasure-proposed = Erasure of personal values proposed: { $reason }
told-erasure-rejected = Erasure rejected: { $reason }
told-erased = Erased: { $names } ({ $authority })
told-held = Records held: { $reason }
told-released-records = Records released: { $reason }
told-incident = Stopped: { $message }
told-retried = Tried again
told-ended = The case ended.
told-data = What was entered
actor-system = The system

## Receipt

receipt = Receipt
receipt-slip = Slip to print
receipt-log = Log
receipt-index = Entry
receipt-leaf = Hash of the entry
receipt-time = Recorded
slip-title = Receipt of the case
slip-what = Your case has been recorded. It cannot be removed or changed without a trace.
slip-qr = The code leads to the page on which anyone checks this receipt.
slip-proof = This code is the proof itself (C2SP tlog-proof), as text: any program for such proofs checks it against the key below, without this office.
slip-pending = The entry is signed within seconds. Load this page again, and the slip carries the proof too.
slip-keep = Keep this slip: with it anyone can check that the entry is in the log.
slip-data = What was lodged
lodged-by = Lodged by
case-id = Case identifier
print = Print the slip
to-case = To the case

## Who has read personal values

reads = Who has read personal values
reads-lead = Whenever the program shows a personal value it is first recorded, in a log of its own, who reads it. The same person reading the same values again within the same hour is one entry.
reads-none = Nobody has read any yet.
reads-all = All readings
reads-when = When
reads-who = Who
reads-what = What
reads-through = Through
through-case-page = Page of the case
through-task-page = Page of the task
through-slip = Slip
through-file = Printed file
through-case = Programming interface: case
through-history = Programming interface: history
through-task = Programming interface: task
through-entries = Programming interface: entries of the log
through-jobs = Work of a program
through-bundle = Bundle of evidence
read-unrecorded = Personal values are not shown
read-unrecorded-what = They are shown only once it is recorded who reads them, and that is not possible just now. Everything else is as it stands. Try again shortly.

## The printed file

file-title = Case file
file-print = Print it (PDF)
file-by = By
file-order = office order { $order }
file-erased = Erased: see entry { $index }.
file-withheld = withheld
file-withheld-what = Personal values are withheld: { $ground }
file-folio = Sheet { $number } of { $count }
file-entries = Entries of the log
file-entries-what = Every entry that this file tells of. Each names the hash of the one before it of the same case, so that none can be missing between them.
file-proof = Proof
file-proof-what = The office has signed the state of its log below. The last entry of this file is in it, and with it every entry before: none of them can be changed, removed or put in between without the proof failing.
file-checkpoint = The signed state of the log (a C2SP signed note):
file-proof-qr = The larger code is the proof itself (C2SP tlog-proof), as text.
file-link-qr = The smaller code leads to the page on which anyone checks this entry:
file-proof-long = The proof is too long for a code; the page below gives it.
file-check-page = By the page: read the smaller code with a telephone, or type log, entry and hash on the page “Check a receipt” of the office. Nobody need sign in.
file-check-proof = Without the office: save the text of the larger code as a file, and check it with any program for C2SP proofs against the key that the office has published on paper.
file-check-bundle = In full, with every value: ask the office for a bundle of evidence of this case, and check it with sevottam verify, on any machine without a network.
file-none = The file cannot be printed
file-too-long = The case is too long for a file to print, or the ground for withholding is. Ask for a bundle of evidence, or for the case as of an earlier instant.
file-no-fonts = Fonts are missing on the office’s machine. Tell the operators: Noto Sans and Noto Sans Devanagari are to be installed (Debian: fonts-noto-core).
file-failed = The program failed at this. Nothing was changed. Tell the operators.

## Start

start = New case
start-over = New case
start-none = There is no procedure that you may start.
start-unit = Office that takes it
start-button = Start the case
number-hint = The office’s own number, if it has one already.
about-process = About this procedure

## Definitions

definitions = Procedures
definitions-lead = Every procedure with its process owner. A running case keeps the version with which it began.
definitions-none = No procedure is deployed yet.
versions = Versions
version-old = There is a newer version:
not-verified = not verified against the original
not-verified-what = Nobody has compared this procedure with the original of its source yet. Times marked unverified are proposals.
process-id = Identifier
hash = Content hash
document = Document
document-json = Document (JSON)
sources = Sources
steps = Steps
due-by = By
not-who-holds = Not whoever holds
not-who-holds-since = or held since
not-who-did = Not whoever did
time = Time
timer = After
attached-to = Watches
adaptable = Other offices may adapt it
adaptable-keep = What stays in any case
adaptable-roles = Who may have work in it
next = Then
kind-start = start
kind-end = end
kind-catch = waiting
kind-throw = message
kind-boundary = boundary event
kind-user = a person’s task
kind-service = a system’s task
kind-expression = computed
kind-exclusive = one way
kind-parallel = all ways
kind-sub-process = sub-process
kind-call = another procedure
duration-minutes = { $n ->
       [one] { $n } minute
      *[other] { $n } minutes
    }
duration-hours = { $n ->
       [one] { $n } hour
      *[other] { $n } hours
    }
duration-days = { $n ->
       [one] { $n } day
      *[other] { $n } days
    }
duration-weeks = { $n ->
       [one] { $n } week
      *[other] { $n } weeks
    }
duration-months = { $n ->
       [one] { $n } month
      *[other] { $n } months
    }
duration-years = { $n ->
       [one] { $n } year
      *[other] { $n } years
    }

## Clocks

clocks = Time limits
clock-met = kept
clock-missed = not kept
clock-late = overdue
clock-rests = at rest
clock-runs = running
clock-limit = Limit
clock-source = By
clock-since = Running since
clock-stopped = Stopped
clock-due = Due
clock-due-rests = open while it rests
clock-due-none = no limit holds for this case
clock-provisional = provisional
clock-why = How this date was reckoned
clock-between = Between closing and reopening
clock-until-now = until now
clock-near = near its end
pressing-near = time limit ends { $date }
pressing-late = time limit over since { $date }
custody = Who had the file
custody-lead = In office time: while the office was open. Time with the applicant and time on the way are no time of the office.
custody-holder = Who
custody-side = Whose time
custody-time = Office time
custody-together = Together
custody-nobody = Nobody: it waited for a system, a message or a date
custody-waiting = Waited for: { $role }
custody-untimed = not known: the unit has no working calendar
side-office = the office
side-applicant = the applicant
side-authority = another authority
side-court = a court
side-transit = on the way
penalties = What may be due for the delay
penalties-not-imposed = computed, not imposed
payee-applicant = to the applicant
payee-state = to the State
penalty-capped = the most that may be due
penalty-or = or
penalty-lump = a lump sum of { $from } to { $to }
penalty-days = { $n ->
       [one] { $n } day of delay
      *[other] { $n } days of delay
    }
norms-lead = What the office promises today, and by what it is bound. A limit that nobody has compared with its source says so.
norms-kept = Norms that cases are held to
norms-others = Other norms
norms-others-what = Known to the office, but bound by no procedure of its own yet.
norms-none = There is none.
norms-service = Service
norms-document = Document
norms-in-force = in force
explain-title = How the date was reckoned
explain-source = Where it can be read
explain-calendar = Calendar
explain-provisional = A holiday on the way is not certain yet: an order may still move this date.
explain-uncovered = The lists of holidays are not said to be complete for all these days.
explain-caption = Day by day
explain-day = Day
explain-counted = Counted
explain-why = Why
promised-by = by { $time }
promised-done = done
promised-not-yet = no time limit runs yet; it begins once the application is complete.
promised-rests = at rest while your answer or a document is awaited.
within-immediately = at once
within-office-minutes = { $n ->
       [one] { $n } minute of office time
      *[other] { $n } minutes of office time
    }
within-office-hours = { $n ->
       [one] { $n } office hour
      *[other] { $n } office hours
    }
within-working-days = { $n ->
       [one] { $n } working day
      *[other] { $n } working days
    }
within-earliest = the first of { $several } to end
within-latest = the last of { $several } to end
party-applicant = waiting for the applicant
party-authority = waiting for another authority
party-court = before a court
party-office = held by the office
escalation-help = The time limit of this case is over. See that it moves, and note what was done. The case itself goes on as before.
escalation-note = What was done
told-reassigned = Passed to { $role }: { $step }
told-clock-started = The time limit began
told-clock-rested = The time limit rests
told-clock-resumed = The time limit runs on
told-clock-extended = The time limit was extended
told-clock-replied = An interim reply was given; the time limit runs on.
told-clock-stopped = The time limit stopped.
told-clock-moved = A calendar or a norm was changed
told-clock-moved-from = Due { $after }, before that { $before }
told-clock-same = The date of the time limit stays; a warning, a step of the ladder or a provisional holiday changed.
told-clock-limited = The case now says by what its time limit is chosen; it counts from its start
told-clock-warned = The time limit is near its end
told-clock-breached = The time limit is over
told-clock-escalated = Escalated
told-case-requested = Another case was asked for: { $process }

## Check

check = Check a procedure
check-lead = Paste a definition document. Every problem is shown with its place; nothing is stored until it is deployed.
check-hint = The whole JSON document of one process.
check-button = Check
check-good = The procedure can be deployed
check-problems = { $n ->
       [one] { $n } error stops the deployment
      *[other] { $n } errors stop the deployment
    }
check-problems-todo = Correct the document and check it again.
deploy = Deploy
deploy-who = A quality coordinator of the process owner’s unit can deploy it.
problem-what = Problem
problem-where = Place
problem-code = Code
error = error
warning = warning

## Office

office = Office
office-on = On { $date }
as-of = As of
as-of-told = As it stood on { $time }
as-of-erased = What was erased since is not shown.
as-of-now = Show it as it stands now
on-day = On the day
units = Units and posts
posts-count = { $n ->
       [one] { $n } post
      *[other] { $n } posts
    }
post = Post
roles = Roles
holder = Held by
order = Office order
vacant = vacant
from-on = from { $from }
from-to = { $from } to { $to }
people = People
who-plays = Who plays the role: { $role }
nobody = Nobody.
actor-title = Who are you today?
actor-lead = This is an office on show. Choose whom you act as; everything you do is recorded under that name.
actor-untrusted = From this address nobody can be named.
officials = Officials
public = Members of the public

## Errors

error-400 = This could not be accepted
error-400-todo = Go back, correct it and send it again.
error-401 = You are not signed in
error-401-todo = Ask your administrator for access to this office.
error-403 = You may not see or do this
error-403-todo = It needs another post or role. If you should hold it, ask the administrative office for the order.
error-404 = There is no such page
error-404-todo = Check the address, or begin with your tasks.
error-409 = Things have changed meanwhile
error-409-todo = Nothing was written. Load the page again to see how it stands now.
error-500 = Something failed on our side
error-500-todo = Nothing was written. Try again in a moment; if it happens again, tell your administrator the time shown below.
error-503 = Please try again in a moment
error-503-todo = Too much is waiting, or the program is being restarted. Nothing was written; the same form can be sent again.
refused-unsigned = The office's signer is away, and what was recorded before has waited too long for its signature. Until it is back, cases can be lodged, and nothing else is recorded.
refused-invalid = This cannot be accepted as it is
refused-forbidden = You may not do this
refused-not-found = It is not there
refused-conflict = It cannot be done as things stand now
refused-too-large = It is too large
refusal-code = Code:

## The plan and calendars

plan = Plan
plan-lead = What schedules start by themselves in the coming year: audits, reviews, sweeps, reports. Dates move with the holidays of the unit’s calendar.
plan-year = The coming twelve months
plan-feed = Calendar feed
plan-feed-hint = – this plan and your own deadlines, for a calendar program to subscribe to.
plan-none = No schedule is deployed.
plan-what = What
plan-when = When
plan-starts = Starts or makes
plan-owner = Answers for it
plan-times = { $n } times
plan-from-to = { $from } to { $to }
plan-moved = moved from { $date }
plan-not-deployed = not deployed: nothing will start
plan-next = next on { $time }
plan-ended = ended
schedules = All schedules
anchors = Counted from
anchors-awaited = Waiting for a date
anchors-lead = These schedules count from a date that the office gives. Given again, the later entry holds.
anchor-date = Date
anchor-no-date = Write a date, such as 01-04-2026.
anchor-give = Give this date
anchor-again = Give another date
anchor-awaited = date awaited
anchor-counts = By it counts:
calendars = Calendars
calendar-year = Calendar of the year { $year }
calendar-years = Other years
calendar-week = Working week
calendar-layers = Built upon
calendar-zone = Time zone
calendar-day = Day
calendar-reason = Reason
calendar-effect = Effect
calendar-none = Nothing but the week.
calendar-order = by order { $order }
calendar-working-days = { $n ->
       [one] { $n } working day
      *[other] { $n } working days
    }
calendar-not-verified = Nobody has compared this calendar with the original of its source yet.
calendar-not-covered = The list may be incomplete
calendar-not-covered-what = The list of holidays is not said to be complete for the whole of this year.
calendar-uncertain = Some days are provisional
calendar-uncertain-what = An order may still move them. Every date that rests on them is marked.
effect-closed = closed
effect-provisional = closed, provisional
effect-restricted = restricted: the office works
effect-hours = works, with hours of its own
effect-cancelled = cancelled: as its weekday

## Months

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday

## Refusals by code

refusal-task-separation = Separation of duties: whoever completed an earlier step of this case may not work this one.
refusal-task-independence = Independence: whoever holds, or held, a post that this case names may not work this task.
refusal-task-not-allowed = The task is for another role.
refusal-task-claimed = Someone else has claimed this task.
refusal-task-not-claimed = Claim the task first.
refusal-task-already-yours = You have claimed this task already.
refusal-task-not-open = The task is no longer open.
refusal-instance-over = The case has ended.
refusal-instance-suspended = The case is suspended.
refusal-instance-not-suspended = The case is not suspended.
refusal-instance-unknown = There is no such case.
refusal-instance-reason = Give a reason.
refusal-instance-number = A number has 1 to 64 characters.
refusal-instance-starts-by-message = This process starts when a message comes, not by hand.
refusal-erasure-nothing = The case has no personal values that are not erased already.
refusal-erasure-proposed = An erasure is proposed already. It is decided on first.
refusal-erasure-not-proposed = This erasure is not proposed, or was decided already.
refusal-erasure-not-apart = Somebody else must decide: who neither proposed it, nor started the case, nor worked on it.
refusal-erasure-not-over = The case still runs, and its values are needed.
refusal-erasure-held = The records are held and cannot go before they are released.
refusal-erasure-retained = The retention period of these records has not ended.
refusal-records-held = The records are held already.
refusal-records-not-held = The records of this case are not held.
refusal-incident-not-open = There is no such open incident.
refusal-actor-not-allowed = This needs an appointment to another post.
refusal-definition-already-deployed = This content is deployed already.
refusal-definition-owner = The owner’s post does not fit.
refusal-definition-invalid = The definition has errors.
refusal-amendment-malformed = This is no file that another office has made, or it did not arrive whole.
refusal-amendment-tampered = The file is not what that office has signed. Ask it for the file again.
refusal-amendment-unknown-office = No office is recognised by this key. Recognise it by office order, with its key from paper.
refusal-amendment-older = An issue that was recorded later was received already.
refusal-amendment-other-content = Another content was received as the same entry. Keep both files: their office signed both.
refusal-amendment-other-office = This document comes from another office. One document comes from one office.
refusal-amendment-too-many = No more editions of this document are received.
refusal-amendment-too-large = The file is too large. Have it sent in parts.
refusal-amendment-no-file = Choose the file that the other office sent.
refusal-amendment-out-of-bounds = The document comes from another office, and the draft goes beyond what may be adapted in it.
refusal-amendment-late = Where the document comes from it is in force earlier. Give that day or an earlier one.
refusal-amendment-acknowledged = It was acknowledged just so already.
refusal-amendment-withdrawn = The office that issued it has withdrawn this edition: nothing of it is adopted any more.
refusal-withdrawal-unknown-edition = This edition was not received. If you take it in later, take in this file again afterwards.
refusal-acknowledgement-unknown-issue = This office has not issued what is acknowledged.
refusal-acknowledgement-elsewhere = It acknowledges what another office has issued.
refusal-adaptation-outside = This may not be changed. Leave it as it was received.
refusal-adaptation-kept = This step stays as it was received: a clock, a record or a control depends on it.
refusal-adaptation-bypassed = A step that stays could be left out or interrupted.
refusal-adaptation-repeated = Paths come again to a step on which a clock depends.
refusal-adaptation-order = Two steps that stay stand in another order than they were received.
refusal-adaptation-role = This role may not have work here.
refusal-adaptation-call = No step in here called this process as received.
refusal-adaptation-variable = A value is missing that a step needs, or is written where it may not be.
refusal-adaptation-personal = What is personal stays so, and is not dropped.
refusal-draft-exists = There is a draft already: a document has one at a time.
refusal-draft-malformed = A draft is a JSON object that names its id and the post of its owner.
refusal-draft-outdated = Another version has come into force since the draft was saved. Compare them, and save it again.
refusal-draft-own-approval = Whoever wrote a draft does not approve it.
refusal-draft-stage = The draft is not at this stage.
refusal-draft-stale = The draft is another one by now. Read it again.
refusal-draft-unknown = There is no draft of it.
refusal-document-withdrawn = It was withdrawn.
refusal-document-in-use = It cannot be withdrawn while something that is in force needs it.
refusal-document-effective = An issue takes effect today or later. Give such a day.
refusal-document-review = The next review lies ahead: give a later day.
refusal-document-issue-waits = An issue of it waits for its day.
refusal-document-no-issue = There is no issue yet that could be revised.
refusal-document-distribution = The distribution list does not fit.
refusal-document-controlled = Nothing runs that was not issued. Save it as a draft.
refusal-document-external = It comes from another office: it is adopted as a draft, approved by somebody else and issued.
refusal-document-unknown = There is no such issue.
refusal-document-owner = The owner's post does not exist in this office.
refusal-edition-unknown = There is no such edition.
refusal-copy-acknowledged = You have acknowledged this issue already.
refusal-text-invalid = A text is missing, or is too long.
refusal-log-not-yet-signed = It is not signed yet. Try again in some seconds.
refusal-page-duplicate-section = Two sections have the same id.
refusal-page-unknown-norm = This norm is not in force here.
refusal-page-repeated-norm = This section names the norm already.
refusal-limit-norms = The page names too many norms.
refusal-page-withdrawn-norm = This norm was withdrawn.
refusal-page-untranslated = The Hindi text is missing.
refusal-schema-required = Something that is needed is missing.
refusal-schema-unknown-property = There is no such property.
refusal-schema-type = It is not of the expected kind.
refusal-schema-enum = Choose one of the values.
refusal-schema-pattern = It is not written in the expected way.
refusal-schema-length = It is too short or too long.
refusal-schema-range = The number is too small or too large.
refusal-schema-invalid = This value is not allowed.
refusal-body-broken = The file did not arrive whole. Send it again.
refusal-form-invalid = Some fields need attention.
refusal-values-too-large = The values are too large.
refusal-trial-moves = The moves cannot be read, or there are too many. Begin again.
refusal-trial-time = Name a day and a time that lie ahead, ten years away at most.
refusal-trial-nothing-due = Nothing is due.
refusal-trial-not-begun = No case has begun.
refusal-trial-stuck = The trial is stuck. Begin again.
refusal-trial-too-much = More follows from this than a trial may do.
refusal-person-unknown = The office has no such person.
refusal-task-unknown = No such task is open.
refusal-job-not-available = No such job waits now.
refusal-body-unfit = The data does not fit.
refusal-form-required = This is required.
refusal-form-unknown-field = This is not a field of the form.
refusal-form-type = It is not of the expected kind.
refusal-form-enum = Choose one of the values.
refusal-form-const = Another value is needed here.
refusal-form-minimum = The number is too small.
refusal-form-maximum = The number is too large.
refusal-form-min-length = The text is too short.
refusal-form-max-length = The text is too long.
refusal-form-min-items = More entries are needed.
refusal-form-max-items = There are too many entries.
refusal-form-pattern = It is not written in the expected way.
refusal-form-post = The office has no such post.
refusal-form-format = It is not written in the expected way.

## Roles of the shipped procedures

role-administrative-officer = Administrative officer
role-apex-nodal-officer = Apex nodal officer
role-applicant = Applicant
role-auditor = Internal auditor
role-deputy-commissioner = Deputy commissioner
role-director-general = Director general
role-document-controller = Document controller
role-grievance-investigator = Grievance investigator
role-grievance-redress-officer = Grievance redress officer
role-head-of-unit = Head of the unit
role-head-of-zone = Head of the zone
role-inspector = Inspector
role-nodal-appellate-authority = Nodal appellate authority
role-nodal-grievance-officer = Nodal officer (grievances)
role-nodal-officer = Nodal officer
role-office-administrator = Office administrator
role-payments-officer = Payments officer
role-pgo-cell = Public grievance cell
role-process-owner = Process owner
role-public-grievance-officer = Public grievance officer
role-quality-coordinator = Quality coordinator
role-receipt-clerk = Receipt clerk
role-records-officer = Records officer
role-refund-audit-officer = Refund audit officer
role-refund-process-owner = Process owner, refunds
role-superintendent = Superintendent
role-trainer = Trainer

## Records of the shipped procedures

record-acknowledgement = Acknowledgement
record-action-taken-report = Action taken report
record-admissibility-note = Admissibility note
record-amendment-record = Amendment record
record-amendment-sheet = Amendment sheet
record-appeal-order = Appeal order
record-assessment-note = Assessment note
record-attendance-record = Attendance record
record-audit-checklist = Audit check-list
record-audit-findings = Audit findings
record-audit-notice = Audit notice
record-audit-opening = Record of the opening meeting
record-audit-plan = Audit plan
record-audit-record = Audit record
record-audit-report = Audit report
record-audit-sheet = Audit sheet
record-audit-summary = Audit summary
record-bis-application = BIS application
record-certification-record = Certification record
record-claim-register = Claim register
record-closure-letter = Closure letter
record-compliance-report = Compliance report
record-corrective-action-plan = Corrective action plan
record-corrigendum = Corrigendum
record-deficiency-memo = Deficiency memo
record-delay-note = Delay note
record-direction = Direction
record-dispatch-entry = Dispatch entry
record-display-check = Display check
record-feedback = Feedback
record-grievance-decision = Grievance decision
record-guidance-record = Guidance record
record-guidance-request = Guidance request
record-hearing-record = Hearing record
record-independence-declaration = Declaration of independence
record-infrastructure-record = Infrastructure record
record-inquiry-report = Inquiry report
record-interim-reply = Interim reply
record-missed-run = Missed run
record-mrm-action = Action item of the management review
record-mrm-input = Input of the management review
record-mrm-minutes = Minutes of the management review
record-mrm-notice = Notice of the management review
record-mrm-report = Report of the management review
record-nonconformity-record = Nonconformity record
record-note-sheet = Note sheet
record-office-order = Office order
record-order-in-original = Order in original
record-payment-order = Payment order
record-pre-audit-sheet = Pre audit sheet
record-procedure = Procedure
record-provisional-order = Provisional order
record-records-check = Records check
record-recovery-note = Recovery note
record-reply = Reply
record-resource-record = Resource record
record-resubmission = Resubmission
record-review-note = Review note
record-root-cause-entry = Root cause entry
record-scrutiny-note = Scrutiny note
record-show-cause-notice = Show cause notice
record-supplier-check = Supplier check
record-training-plan = Training plan
record-training-record = Training record
record-transfer-note = Transfer note
record-verification-report = Verification report
record-work-instruction = Work instruction

## Events from which the shipped schedules count

event-certificate-issued = Certificate issued
event-charter-issued = Charter issued
event-retention-schedule-issued = Retention schedule issued
event-sqm-introduced = Manual introduced
event-sqm-stable = Procedures found stable

## Reports

reports = Reports
report = Report
reports-lead = How the work of a unit stands, and how its time norms were kept. Schedules have them made; each is kept in the journal as it was.
reports-now = as of now
reports-none = None has been made yet.
report-digest = Digest of open work
report-performance = Compliance with time norms
report-weeding = Weeding list: records past their retention period
weeding-lead = Cases that are over and whose personal values need not be kept any more, of procedures that say how long records are kept; of others nothing is listed. On the page of a case their erasure is proposed, or the records are held; the records officer decides.
weeding-none = Of the procedures that say how long records are kept, none has a case past that.
weeding-ended = Case ended
weeding-until = Had to be kept until
weeding-held = held
weeding-proposed = erasure proposed
weeding-open = nothing decided
report-at = As of
report-schedule = Asked for by
report-kept = Kept in the journal
report-kept-what = Made once, and never changed. Asked for by
report-not-kept = Reckoned just now, and not kept.
report-partial = Not everything was read
report-partial-what = The unit has more cases than one report reads: its numbers are too low.
report-omitted = and { $n } more
digest-load = Who has how much work
digest-load-none = No task is open.
digest-who = With
digest-post = As
digest-unclaimed = claimed by nobody
digest-open = Open
digest-overdue = Overdue
digest-soon = due by { $date }
digest-due = Overdue, or due by { $date }
digest-due-none = No task is overdue or due by then.
digest-clocks = Past a warning, or over time
digest-clocks-none = No clock has reached a warning.
digest-norm = Norm
performance-from-to = What happened from { $from } to { $to }.
performance-to = What happened until { $to }.
performance-none = No clock ran in this time.
performance-started = Started
performance-rate = Kept, in percent
performance-cancelled = Cancelled
performance-running = Still running
performance-median = Half took at most
performance-ninetieth = Nine in ten took at most
performance-how = Half and nine in ten: of those that stopped, from start to stop, rests taken away; nights and holidays are counted. A cancelled case neither keeps its norm nor misses it.

## Checking a receipt

verify-title = Check a receipt
verify-link = Check a receipt
verify-lead = Anyone who holds a receipt can see here whether its entry is in the office's log as the log is signed. You need not sign in.
verify-ask = The receipt
verify-do = Check
verify-copy = Copy it exactly as the receipt has it.
verify-malformed = This is no receipt of this office.
verify-malformed-what = Copy log, entry and hash exactly as the receipt has them.
verify-proved = The entry is in the log.
verify-other = This entry is not in the log.
verify-other-what = At this place the log has another entry. Compare each character with your receipt. If they are the same, keep the receipt and show it to the office's superior or to an auditor: one of the two was changed.
verify-pending = This entry is not signed yet.
verify-pending-what = The log is signed up to { $size } entries, usually within seconds. Try again in a minute. If it stays so, keep the receipt and complain: an entry that was acknowledged is missing.
verify-unsigned = Nothing is signed of this log.
verify-unsigned-what = This office does not sign its logs, or has no log of this name. Your receipt stays valid; keep it.
verify-broken = The log cannot be checked now.
verify-broken-what = What the database has is not what was signed, or cannot be read. Keep your receipt, and tell the office.
verify-size = Entries that are signed
verify-root = Root of the log
verify-key = Key of the log
verify-proves = What this proves
verify-proves-there = An entry with exactly this hash was recorded at this place of the log, and the office has signed for it.
verify-proves-whole = The signature covers every entry before it too. None of them can be changed, removed or put in between without this proof failing.
verify-proves-keep = The proof below can be checked later without this office, with freely available programs, even if the office has lost or changed its records.
verify-proves-not = What it does not prove
verify-not-true = It does not prove that what was recorded is true; only that it was recorded so, and not changed afterwards.
verify-not-alone = This page is the office's own check. Whoever does not trust the office keeps the proof, and compares the key above with the one that the office has published on paper.
verify-here-good = Your browser has checked it too, by itself: the path from the entry to the signed root, and the signature by the key above. This page and its program come from the office: compare the key with the one on paper.
verify-here-part = Your browser has checked it too, by itself: the path from the entry to the signed root. It cannot check the signature; a newer one can.
verify-here-bad = Your browser has checked it by itself, and the proof fails there. Keep your receipt, and show it to the office's superior or to an auditor.
verify-here-unable = Your browser could not fetch the proof to check it by itself. Try again.
verify-proof = Keep the proof
verify-checkpoint = Signed state of the log
verify-taken = The log of the whole office took in this log, up to { $size } entries, on { $time }: whoever holds its signed state from after that, a witness or a printed register, holds this entry too.
verify-restored = This log was restored from a backup after a loss, and the loss was declared.
verify-restored-see = See the declaration

## The certificate about electronic records
certificate-unverified = The wording of this form is not verified: do not sign it.
certificate-unverified-what = It was read in a secondary source. A lawyer has to hold it against the Gazette first; then the template is marked as verified, and this notice goes.
certificate-source = Source of the wording:
certificate-lead = The program has filled in what it can know. The rest is for the person who signs. Read the annexure first: by signing you state that the machine was working properly.
certificate-blank = to be filled in by hand
certificate-ticked = ticked
certificate-unticked = not ticked
certificate-hash-file = of the file produced, a ZIP file of { $bytes } bytes:
certificate-hash-log = of the log { $log }, the root of its hash tree (RFC 6962) at { $size } entries:
certificate-expert = This part is for the expert. Nothing of it is filled in here, and its wording is not reproduced.
certificate-expert-from = Take the wording from:
certificate-expert-own = The expert computes the hash value of the file on a machine of their own and writes down their own result.
certificate-report = Annexure 1: hash report
certificate-report-lead = Made by the program from the file and the public key alone. Anyone who has both can make it again: sevottam verify BUNDLE.zip --policy POLICY.
certificate-file = SHA-256 of the file
certificate-bytes = { $bytes } bytes
certificate-chosen = What was chosen
certificate-unit = Unit { $unit } of { $host }
certificate-processes = Cases of the processes { $processes }
certificate-cases = Cases chosen by their number: { $cases }
certificate-from = From { $time }
certificate-to = Before { $time }
certificate-verdict = Result of the verification
certificate-verdict-what = every entry that is shown is what the office's key has signed, nothing of what was chosen is missing, and everything was decided as the definitions, norms and calendars in force say.
certificate-replayed = Cases that are whole: { $cases }, of which { $open } may have gone on in entries that are not shown. Entries decided once more just so: { $entries }; that could not be decided again, since values are withheld or erased: { $untold }.
certificate-values = Values disclosed: { $disclosed }, withheld: { $withheld }, erased: { $erased }.
certificate-key = Public key that was relied on. Compare it with the paper
certificate-program = Program
certificate-logs = Logs from which the copy was taken
certificate-size = Entries signed
certificate-last = Last entry shown
certificate-seen = Held against a checkpoint from outside
certificate-seen-size = yes, of { $size } entries
certificate-seen-none = no: whether there was more cannot be told
certificate-files = Files in the ZIP file
certificate-files-lead = MANIFEST.sha256 lists the others; sha256sum -c checks them by it.
certificate-name = Name
certificate-working = Annexure 2: was the machine working properly?
certificate-working-lead = What the entries of this file say of it: what ran, and whatever speaks against it. Each line names log and entry, so that it can be looked up.
certificate-fault = What happened
certificate-none = None is in the entries that this file holds.
certificate-starts = Starts of the program
certificate-start = Version { $version } began to serve at { $node }. SHA-256 of its file: { $program }
certificate-start-unseen = The program began to serve; this file does not show which.
certificate-unsigned = Gaps in signing
certificate-gap = The signer was away. What was recorded from { $from } on was signed at { $to } only:
certificate-gap-log = of the log { $log }, signed up to { $before } entries before, up to { $after } then.
certificate-gap-unseen = The signer was away; this file does not show how long.
certificate-keys = Changes of the key, and new beginnings of logs
certificate-rotated = The signer's key was changed by plan at { $time }, from { $old } to { $new }. Signed by both:
certificate-rotated-log = the log { $log } at { $size } entries.
certificate-rotated-unseen = The signer's key was changed by plan; this file does not show how.
certificate-epoch-new-key = At { $time } the key was given up, because it was lost or may have been in other hands; { $key } signs from then on:
certificate-epoch-restore = At { $time } it was declared that the database had been put back to an older state; { $key } signs from then on:
certificate-epoch-log = the log { $log }, of which { $size } entries were signed, goes on as { $next }.
certificate-epoch-unseen = Logs were begun anew; this file does not show why.
certificate-steps = Steps of the wall clock
certificate-step = The wall clock was set from { $before } to { $after }. Recorded time did not go back.
certificate-step-start = When the program started, the wall clock showed { $after }, and { $before } had been recorded already. Recorded time did not go back.
certificate-step-unseen = The wall clock was set; this file does not show how far. Recorded time did not go back.
certificate-restores = Declared restores
certificate-restores-none = No log in this file was begun anew after a restore: each has the number 1 at the end of its name.
certificate-restored = { $log }: a restore from a backup was declared; it has the number { $epoch }, where the first has 1. Entries may have been lost then. The declaration is at the log's address, under restore.
certificate-incidents = Incidents: cases that were held up
certificate-incident = Case { $case }: { $code }.
certificate-incident-retried = Tried again in entry { $index }.
certificate-incident-open = That it was tried again is not in the entries that this file holds.
certificate-incident-unseen = Case { $case }: an incident was tried again; this file does not show which.
certificate-jobs = Jobs of other programs that failed
certificate-job = Case { $case }: the program that does the job reported that it could not.
certificate-missed = Work on schedule that did not happen
certificate-missed-what = The schedule { $schedule } fell due { $count } times from { $from } to { $to } and was not carried out: the program was out of operation, or could not.
certificate-refused = A case of the process { $process } was to be started and could not be: { $code }.
certificate-omitted = { $count } more are not listed. Ask for a shorter period.
certificate-unseen = What could not be looked at
certificate-whole = Entries looked at whole: { $count }
certificate-all-seen = Every entry of this log is shown.
certificate-leaves = Entries of which only kind, time and person's number are shown, and not what happened: { $count }, of the kinds
certificate-hidden = Entries that are not shown at all: { $count }, with the numbers
certificate-gaps = and { $count } more runs
certificate-unrecorded = What the journal does not record
certificate-unrecorded-what = The journal records neither when the program stopped, nor failures of power, disk or network. For the period in question, ask those who operate the machine before you sign.

move = Move running cases
move-lead = A running case goes on by the version by which it began. Here it is moved to another one: what waits goes on waiting where it corresponds.
move-to = To
move-mapping = What corresponds
move-mapping-all = Every step has one of the same name and kind in the new version.
move-mapping-help = These steps have none of the same name and kind in the new version. Where a case waits at one of them, name the step at which it goes on.
move-settled =
    { $n ->
        [one] { $n } step corresponds by its name
       *[other] { $n } steps correspond by their names
    }
move-more =
    { $n ->
        [one] { $n } more step without a counterpart is not shown; say over the programming interface what corresponds to it.
       *[other] { $n } more steps without a counterpart are not shown; say over the programming interface what corresponds to them.
    }
move-settled-more =
    { $n ->
        [one] { $n } more is not shown.
       *[other] { $n } more are not shown.
    }
and-more = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
move-nothing = nothing corresponds
move-unset = Leave the value of “{ $name }” behind: the new version does not have it
move-clock = The time limit “{ $clock }”, which the new version does not have
move-clock-open = not yet said
move-clock-keep = runs on until the case ends
move-clock-end = ends with the move
move-begin = The time limit “{ $clock }” of the new version begins with the move
move-dry-run = Dry run
move-next = Further cases
move-forecast = What would change
move-nothing-written = Nothing has been written.
move-no-cases = No running case of this unit has this version.
move-places = Where it stands
move-deadlines = Deadlines
move-same =
    { $n ->
        [one] { $n } deadline stays
       *[other] { $n } deadlines stay
    }
move-outcome = Move
move-can = can be moved
move-needs-consent = needs the applicant’s consent
move-stays = stays
move-moved = moved
move-by-itself = Move this case by itself
move-done =
    { $n ->
        [one] { $n } case was moved
       *[other] { $n } cases were moved
    }
move-order-heading = Move
move-many-help = The cases above that can be moved are moved, each by an entry of its own. Those that need consent or cannot be moved stay as they are.
move-order = Office order, with number and date
move-consent = Consent of the applicant
move-consent-help = Needed only where something changes to the applicant’s disadvantage. Write no names: they are in the record.
move-consent-by = Given by (the applicant, or in what right)
move-consent-date = On the day
move-consent-record = Record in which it is
move-one = Move the case
move-these = Move these cases
lost-deadline-later = The time limit “{ $name }” was to end: { $before }. What takes its place ends: { $after }.
lost-clock-ends = The time limit “{ $name }” ({ $before }) ends, and what it is about is not done.
lost-clock-rests = The time limit “{ $name }” rests, and nothing ahead lets it run again.
lost-norm-goes = The time limit “{ $name }” would have begun, and does not.
lost-compensation = By the time limit “{ $name }” the applicant would have a compensation for a delay.
lost-escalation = By the time limit “{ $name }” a delay would be taken to a superior.
lost-deeming = By the time limit “{ $name }” a delay would decide the case by itself.
lost-less-time = Less time for the applicant: “{ $name }”, { $after } instead of { $before }.
lost-step-added = The applicant may be asked for something new: “{ $name }”.
lost-step-goes = The step “{ $name }” was for the applicant, and does not come to them any more.
told-moved = Moved to version { $version } by { $order }: { $reason }
told-consent = With the consent of { $by } of { $date }: { $record }
told-mapped = Goes on as: { $step }
clock-ended = ended by order
told-clock-ended = The time limit ended by order.
refusal-move-consent = This changes something to the applicant’s disadvantage. Name their consent: who gave it, on which day, and the record in which it is.
refusal-move-moved-meanwhile = The case was moved meanwhile. Look at it again.
refusal-move-same-version = The case has this version already.
refusal-move-consent-date = Consent is given before the case is moved. Name a day that is not ahead.
refusal-move-impossible = The case cannot be moved so.
refusal-move-unknown-step = There is no such step in the version named.
refusal-move-other-kind = What is named for it is a step of another kind.
refusal-move-other-host = What is named for it watches another activity.
refusal-move-twice = Another event of the same activity corresponds to the same one already.
refusal-move-no-counterpart = The case waits here, and nothing in the new version corresponds.
refusal-move-other-scope = What corresponds lies in another sub-process, or nowhere.
refusal-move-other-topic = A job is under way that the new step has of another topic.
refusal-move-other-call = A case was called here that the new step has of another process.
refusal-move-no-flow = The way by which a path came to this join is not in the new version.
refusal-move-apart = The paths of the case could not have come about together in the new version.
refusal-move-stuck = From where the case stands this join could wait for ever.
refusal-move-multiplies = From where the case stands this step could multiply its paths without end.
refusal-move-not-decided = It could not be decided within the limits whether the case can go on from here.
refusal-move-value = The value is not as the new version declares it.
refusal-move-undeclared = The new version does not declare this value. Say that it is left behind.
refusal-move-no-value = The version of the case has no such value.
refusal-move-declared = The new version declares this value: it is not left behind.
refusal-move-personal = This value is personal in one version and not in the other.
refusal-move-separation = Somebody did this step, and the new version’s separation of duties would not know it any more.
refusal-move-clock = What is said of this time limit does not fit the new version.
refusal-move-clock-endless = This time limit would never end: the steps that stop it are behind. Say whether it is kept or ended.
refusal-move-clock-undecided = This time limit runs, and the new version does not have it. Say whether it is kept or ended.
refusal-move-too-long = Too much was filled in at once.
refusal-right-deadline-later = The time limit that takes its place ends later.
refusal-right-clock-ends = The time limit ends, and what it is about is not done.
refusal-right-clock-rests = The time limit rests, and nothing ahead lets it run again.
refusal-right-norm-goes = The time limit would have begun, and does not.
refusal-right-compensation-goes = A compensation for a delay goes.
refusal-right-escalation-goes = A delay is no longer taken to a superior.
refusal-right-deeming-goes = A delay no longer decides the case by itself.
refusal-right-less-time = The applicant has less time.
refusal-right-step-added = The applicant may be asked for something new.
