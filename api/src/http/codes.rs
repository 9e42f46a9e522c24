//! All stable codes of refusals: status, meaning, what to do. A test holds the code to this table.

use axum::http::StatusCode;

/// A stable code.
#[derive(Debug)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    status: u16,
    /// What it means, in a few words.
    pub title: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl Code {
    /// The HTTP status it is sent with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A code of the table.
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code == code)
}

const fn code(status: u16, code: &'static str, title: &'static str, remedy: &'static str) -> Code {
    Code { code, status, title, remedy }
}

/// All codes, by subject. `unit.unknown` is 404 in a path or query and 422 in a body about the office.
pub const CODES: &[Code] = &[
    code(401, "actor.missing", "No actor named", "Name who asks in the header `Sevottam-Actor`: a handle or a pseudonym."),
    code(401, "actor.unknown", "Unknown actor", "Use the handle or pseudonym of a person whom the office has registered."),
    code(403, "actor.untrusted", "Actor not believed", "Ask from a network that the operators trust."),
    code(403, "actor.not-a-person", "Not a person", "Only a person can do this: name one as the actor."),
    code(403, "actor.not-allowed", "Not allowed", "It needs an appointment to a post with the role named in the detail."),
    code(400, "body.broken", "Body broken off", "Send the whole body that the headers announce."),
    code(413, "body.too-large", "Body too large", "Send at most 256 KiB; a definition may have 2 MiB."),
    code(415, "body.type", "Wrong content type", "Send the body as `Content-Type: application/json`."),
    code(422, "body.unfit", "Body does not fit", "Send exactly the members that the operation names, each of its type."),
    code(408, "body.timeout", "Body too slow", "Send the body within ten seconds."),
    code(400, "json.syntax", "Not JSON", "Correct the text at the line and column named."),
    code(400, "json.encoding", "Not UTF-8", "Save the text as UTF-8 without a byte order mark, characters whole."),
    code(400, "json.duplicate-name", "Member twice", "Keep one of the two members of the same name."),
    code(400, "json.too-deep", "Nested too deep", "Make the structure flatter: 32 levels at most."),
    code(413, "json.too-big", "Too much JSON", "Shorten or split the document."),
    code(400, "json.number", "Not a plain integer", "Write amounts and fractions as decimal strings, such as \"12.50\"."),
    code(400, "json.nul", "NUL character", "Leave out the character U+0000."),
    code(404, "request.no-route", "No such address", "See /api for all addresses."),
    code(405, "request.method", "Wrong method", "Use a method that the header `Allow` names."),
    code(400, "path.malformed", "Malformed address", "Copy ids exactly as an answer gave them."),
    code(400, "query.malformed", "Malformed query", "Use the query parameters that the operation names, each once."),
    code(400, "query.limit", "Limit out of range", "Ask for 1 to 200 items; follow `next` for more."),
    code(400, "query.count", "Count out of range", "Ask for 1 to 400 occurrences."),
    code(400, "query.days", "Days out of range", "Ask for 1 to 366 days, the first before the last."),
    code(400, "query.cursor", "Malformed cursor", "Send `next` of the page before as it was given, to the same list."),
    code(403, "request.cross-site", "Cross-site request", "Send changes from this office's own pages, or without a browser."),
    code(504, "request.timeout", "Took too long", "Look whether it was done, or send it again with the same key."),
    code(400, "idempotency.malformed", "Malformed key", "Send one `Idempotency-Key` of 1 to 200 printable ASCII characters."),
    code(409, "idempotency.conflict", "Key used already", "Use a new key for a new command."),
    code(503, "server.busy", "Too busy", "Try again in a moment with the same key."),
    code(503, "server.stopping", "Stopping", "Try again shortly with the same key."),
    code(
        500,
        "server.panic",
        "Fault of the program",
        "Report it to the operators with the request's id. Others are not affected.",
    ),
    code(503, "store.unavailable", "Store unavailable", "Try again shortly with the same key. Nothing was written."),
    code(507, "store.full", "Disk full", "The operators must make room. Nothing was written."),
    code(422, "values.malformed", "Malformed value", "Write the value in the form that the detail names."),
    code(422, "values.too-deep", "Values too deep", "Nest values 32 levels deep at most."),
    code(413, "values.too-large", "Values too large", "Send fewer or shorter values: 128 KiB for one command."),
    code(
        413,
        "entry.too-large",
        "Entry too large",
        "The command carries more personal values than one entry can seal. Divide the form.",
    ),
    code(422, "command.unknown", "Unknown command", "This is a fault of the program: report it."),
    code(422, "definition.invalid", "Definition has errors", "Correct every place listed; `check` shows them without deploying."),
    code(409, "definition.already-deployed", "Deployed already", "Nothing needs to be done: this content is in force."),
    code(
        403,
        "definition.other-unit",
        "Process of another unit",
        "Choose another process id, or deploy in the unit that owns it.",
    ),
    code(422, "definition.owner", "Owner's post", "Create the post, or deploy in the unit of the owner's post."),
    code(409, "definition.malformed", "Definition unusable", "Deploy a corrected version."),
    code(404, "definition.unknown", "Unknown definition", "Look at /api/v1/definitions for what is deployed."),
    code(404, "instance.unknown", "Unknown case", "Check the case's id."),
    code(422, "instance.number", "Case number", "Give a number of 1 to 64 characters, or none."),
    code(422, "instance.reason", "Reason", "Give a reason of 1 to 2,000 characters."),
    code(409, "instance.over", "Case ended", "Nothing can be changed in a case that has ended."),
    code(409, "instance.suspended", "Case suspended", "Resume the case first."),
    code(409, "instance.not-suspended", "Case not suspended", "Nothing needs to be done."),
    code(409, "instance.starts-by-message", "Starts by message", "Publish the message that starts the process."),
    code(404, "task.unknown", "Unknown task", "Check the task's id."),
    code(409, "task.not-open", "Task not open", "It was completed or fell away: look at the case."),
    code(409, "task.claimed", "Task taken", "Someone else has it; they can release it."),
    code(409, "task.already-yours", "Yours already", "Nothing needs to be done: complete it."),
    code(409, "task.not-claimed", "Task not claimed", "Claim the task first."),
    code(403, "task.not-allowed", "Not your task", "It is for people who hold a post with its role, or for the applicant."),
    code(403, "task.separation", "Separation of duties", "Another person must do it: you did a step that bars you."),
    code(422, "form.invalid", "Form has errors", "Correct every place listed."),
    code(422, "form.none", "No form", "The step has no form: send no data."),
    code(404, "job.unknown", "Unknown job", "Check the job's id."),
    code(409, "job.not-open", "Job not open", "It was completed or fell away: fetch another."),
    code(409, "job.not-available", "Job not available", "It is locked, backing off or out of attempts: fetch another."),
    code(409, "job.not-locked", "Job not yours", "Lock it first, and report before the lock ends."),
    code(422, "job.lock-time", "Lock time", "Lock for 1 second to a day."),
    code(422, "job.backoff-time", "Back-off time", "Back off for 0 seconds to a day."),
    code(422, "job.topics", "Topics", "Name 1 to 50 topics."),
    code(422, "job.worker", "Worker's name", "Name the worker in 1 to 64 characters."),
    code(404, "incident.unknown", "Unknown incident", "Check the incident's id."),
    code(409, "incident.not-open", "Incident not open", "Nothing needs to be done: it was resolved."),
    code(409, "timer.not-armed", "Timer not set", "Nothing needs to be done."),
    code(409, "timer.early", "Timer not due", "Nothing needs to be done: it fires when it is due."),
    code(409, "message.gone", "Message received", "Nothing needs to be done: it was received before it expired."),
    code(422, "message.name", "Message name", "Name 1 to 64 bytes, key at most 512."),
    code(422, "message.ttl", "Time to live", "Let it live 0 seconds to 90 days."),
    code(409, "message.too-many", "Too many early messages", "Wait until some are received or expire."),
    code(409, "message.no-longer-awaited", "No longer awaited", "Send it again: it will be kept or find another case."),
    code(422, "document.invalid", "Document has errors", "Correct every place listed."),
    code(409, "document.already-deployed", "Deployed already", "Nothing needs to be done: this content is deployed."),
    code(422, "document.owner", "Unknown owner", "Create the post, or name an existing one as the owner."),
    code(404, "document.unknown", "Unknown document", "Look at /api/v1/documents/norm, calendar or schedule."),
    code(422, "document.wrong-log", "Wrong log", "This is a fault of the program: report it."),
    code(422, "anchor.name", "Malformed name", "Name the event in lower-case letters, digits and hyphens."),
    code(422, "anchor.date", "Date out of range", "Give a date between 1970 and 2100."),
    code(409, "schedule.early", "Not yet", "Nothing needs to be done: it fires when it is due."),
    code(409, "schedule.not-armed", "No longer awaited", "Nothing needs to be done: it falls at another time now."),
    code(404, "unit.unknown", "Unknown unit", "Look at /api/v1/office/units."),
    code(422, "unit.reserved", "Reserved name", "`site` is the log of the whole office: name another unit."),
    code(422, "unit.circle", "Units in a circle", "Name a unit above it that does not lie below it."),
    code(400, "unit.needed", "Unit needed", "Name one unit in the query parameter `unit`."),
    code(404, "post.unknown", "Unknown post", "Look at /api/v1/office/posts."),
    code(422, "post.role", "Malformed role", "Use lower-case letters, digits, `-` and `.`."),
    code(404, "person.unknown", "Unknown person", "Look at /api/v1/office/people."),
    code(422, "person.handle", "Malformed handle", "Use 1 to 64 lower-case letters, digits, `.`, `-` or `_`."),
    code(409, "person.handle-taken", "Handle taken", "Choose another handle."),
    code(404, "appointment.unknown", "Unknown appointment", "Look at /api/v1/office/appointments."),
    code(422, "appointment.dates", "Dates in the wrong order", "Let it end after it begins."),
    code(409, "appointment.ended", "Ended already", "Nothing needs to be done."),
    code(422, "text.invalid", "Text", "Write 1 to the named number of characters, and no control characters."),
    code(422, "office.wrong-log", "Wrong log", "This is a fault of the program: report it."),
    code(404, "problem.unknown", "Unknown code", "See /problems for all codes."),
    // What stops a token within a case; as a refusal only where the sender's own values are the cause.
    code(422, "boundary.malformed", "Boundary event", "Deploy a corrected version."),
    code(422, "call.not-completed", "Called case not completed", "Look at the called case, then retry the incident."),
    code(422, "call.too-deep", "Calls too deep", "A process calls itself without an end: correct the definition."),
    code(422, "call.unknown-process", "Unknown called process", "Deploy the called process, then retry the incident."),
    code(422, "gateway.no-flow", "No way out", "No condition holds and there is no default: correct data or definition."),
    code(422, "gateway.not-boolean", "Condition not boolean", "A condition must be true or false: correct the definition."),
    code(422, "job.failed", "Job failed", "Help the worker, then retry the incident."),
    code(422, "loop.too-many-moves", "Endless loop", "The case moves in a circle: correct data or definition."),
    code(422, "message.long-key", "Key too long", "A correlation key has at most 512 bytes."),
    code(422, "message.no-key", "No key", "Set the variable of the correlation key first."),
    code(422, "scope.no-start", "No start", "The sub-process has no start event: correct the definition."),
    code(422, "task.no-applicant", "No applicant", "No person started this case: correct the definition."),
    code(422, "timer.not-a-duration", "Not a duration", "The timer's expression must yield a duration."),
    code(422, "timer.not-an-instant", "Not an instant", "The timer's expression must yield a date and time."),
    code(422, "timer.out-of-range", "Timer out of range", "A timer runs ten years at most."),
    code(422, "token.too-many", "Too many tokens", "The case forks without an end: correct the definition."),
    code(422, "variable.invalid", "Value does not fit", "Send a value that fits the variable's declaration."),
    code(422, "variable.undeclared", "Variable not declared", "Declare the variable, or leave the value out."),
    code(422, "variables.too-large", "Variables too large", "A case keeps 1 MiB of variables."),
    code(422, "expression.builtin", "Function refused", "Correct the data that the function is given, or the definition."),
    code(422, "expression.depth", "Expression too deep", "Simplify the expression."),
    code(422, "expression.division-by-zero", "Division by zero", "Correct the data, or let the expression ask first."),
    code(422, "expression.fuel", "Expression too long", "Simplify the expression: it takes too many steps."),
    code(422, "expression.overflow", "Value too large", "Correct the data: the result is too large."),
    code(422, "expression.type", "Wrong type", "Correct the data that the expression reads, or the definition."),
];
