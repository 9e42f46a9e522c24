//! The words of an explanation, in English and Hindi. Nothing is reckoned here.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time as Wall, Weekday};

use crate::calendar::{Effect, WorkingDay};
use crate::model::norm::{Extension, Within};
use crate::model::{Language, Text};

/// The same in both languages.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    en: String,
    hi: String,
}

impl Pair {
    fn new(en: impl Into<String>, hi: impl Into<String>) -> Self {
        Self { en: en.into(), hi: hi.into() }
    }

    fn of(text: &Text) -> Self {
        Self::new(text.get(Language::English), text.get(Language::Hindi))
    }

    fn text(self) -> Text {
        Text { en: self.en, others: BTreeMap::from([("hi".to_owned(), self.hi)]) }
    }

    /// Both languages put together part by part.
    fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::new("", ""), |mut whole, part| {
            whole.en.push_str(&part.en);
            whole.hi.push_str(&part.hi);
            whole
        })
    }
}

const MONTHS: [(&str, &str); 12] = [
    ("January", "जनवरी"),
    ("February", "फ़रवरी"),
    ("March", "मार्च"),
    ("April", "अप्रैल"),
    ("May", "मई"),
    ("June", "जून"),
    ("July", "जुलाई"),
    ("August", "अगस्त"),
    ("September", "सितंबर"),
    ("October", "अक्टूबर"),
    ("November", "नवंबर"),
    ("December", "दिसंबर"),
];

fn month(date: Date) -> (&'static str, &'static str) {
    // Invariant: a month is 1 to 12.
    MONTHS[usize::from(date.month().unsigned_abs()).clamp(1, 12) - 1]
}

/// `Tuesday, 27 January 2026`.
pub(super) fn date(date: Date) -> Pair {
    let weekday = match date.weekday() {
        Weekday::Monday => ("Monday", "सोमवार"),
        Weekday::Tuesday => ("Tuesday", "मंगलवार"),
        Weekday::Wednesday => ("Wednesday", "बुधवार"),
        Weekday::Thursday => ("Thursday", "गुरुवार"),
        Weekday::Friday => ("Friday", "शुक्रवार"),
        Weekday::Saturday => ("Saturday", "शनिवार"),
        Weekday::Sunday => ("Sunday", "रविवार"),
    };
    let (day, (en, hi), year) = (date.day(), month(date), date.year());
    Pair::new(format!("{}, {day} {en} {year}", weekday.0), format!("{}, {day} {hi} {year}", weekday.1))
}

fn clock(wall: Wall) -> String {
    if wall.second() == 0 && wall.subsec_nanosecond() == 0 {
        format!("{:02}:{:02}", wall.hour(), wall.minute())
    } else {
        format!("{:02}:{:02}:{:02}", wall.hour(), wall.minute(), wall.second())
    }
}

/// An instant by the office's clock.
pub(super) fn moment(local: DateTime) -> Pair {
    let (day, clock) = (date(local.date()), clock(local.time()));
    Pair::new(format!("{} at {clock}", day.en), format!("{} को {clock} बजे", day.hi))
}

pub(super) fn at_close(day: Date, wall: Wall) -> Pair {
    let (day, clock) = (date(day), clock(wall));
    Pair::new(format!("{} at {clock}, the close of the office", day.en), format!("{} को {clock} बजे, कार्यालय बंद होने पर", day.hi))
}

pub(super) fn at_midnight(day: Date) -> Pair {
    let day = date(day);
    Pair::new(format!("{} at midnight, when the day ends", day.en), format!("{} को मध्यरात्रि में, दिन समाप्त होने पर", day.hi))
}

/// A length of time: `15 working days`.
pub(super) fn length(within: &Within) -> Pair {
    let number = |count: &u32, one: &str, many: &str, hi: &str| {
        Pair::new(format!("{count} {}", if *count == 1 { one } else { many }), format!("{count} {hi}"))
    };
    let several = |all: &[Within], en: &str, hi: &str| {
        let all: Vec<Pair> = all.iter().map(length).collect();
        let listed = |of: fn(&Pair) -> &str, or: &str| all.iter().map(of).collect::<Vec<_>>().join(or);
        Pair::new(format!("{} ({en})", listed(|pair| &pair.en, " or ")), format!("{} ({hi})", listed(|pair| &pair.hi, " या ")))
    };
    match within {
        Within::Immediately(_) => Pair::new("no time: it is due at once", "कोई समय नहीं: तुरंत देय"),
        Within::Minutes(count) => number(count, "minute", "minutes", "मिनट"),
        Within::Hours(count) => number(count, "hour", "hours", "घंटे"),
        Within::OfficeMinutes(count) => number(count, "office minute", "office minutes", "कार्यालय-मिनट"),
        Within::OfficeHours(count) => number(count, "office hour", "office hours", "कार्यालय-घंटे"),
        Within::Days(count) => number(count, "day", "days", "दिन"),
        Within::WorkingDays(count) => number(count, "working day", "working days", "कार्य दिवस"),
        Within::Weeks(count) => number(count, "week", "weeks", "सप्ताह"),
        Within::Months(count) => number(count, "month", "months", "माह"),
        Within::EarliestOf(all) => several(all, "whichever ends first", "जो पहले समाप्त हो"),
        Within::LatestOf(all) => several(all, "whichever ends last", "जो बाद में समाप्त हो"),
    }
}

pub(super) fn planned(day: Date, within: &Within, is_included: bool) -> Text {
    let (day, length) = (date(day), length(within));
    let first = if is_included {
        Pair::new("That day is counted.", "वह दिन गिना जाता है।")
    } else {
        Pair::new("That day is not counted.", "वह दिन नहीं गिना जाता।")
    };
    Pair::new(
        format!("Planned for {}. {} are counted back from it. {}", day.en, length.en, first.en),
        format!("{} के लिए नियोजित। उससे {} पीछे गिने जाते हैं। {}", day.hi, length.hi, first.hi),
    )
    .text()
}

/// The start of a clock that counts no dates.
pub(super) fn started(start: &Pair, within: &Within) -> Text {
    let length = length(within);
    Pair::new(
        format!("Started on {}, and counted from that moment. Allowed: {}.", start.en, length.en),
        format!("{} आरंभ, और उसी क्षण से गणना। अनुमत समय: {}।", start.hi, length.hi),
    )
    .text()
}

/// The start of a clock that counts dates.
pub(super) fn received(start: &Pair, moved: Option<Date>, within: &Within, is_included: bool) -> Text {
    let length = length(within);
    let moved = moved.map_or_else(
        || Pair::new("", ""),
        |day| {
            let day = date(day);
            Pair::new(
                format!(" The office was closed then, so it counts as received on {}.", day.en),
                format!(" तब कार्यालय बंद था, अतः {} को प्राप्त माना गया।", day.hi),
            )
        },
    );
    let first = if is_included {
        Pair::new(" That day is day 1.", " वह दिन पहला दिन है।")
    } else {
        Pair::new(" That day is not counted.", " वह दिन नहीं गिना जाता।")
    };
    Pair::join([
        Pair::new(format!("Started on {}.", start.en), format!("{} आरंभ।", start.hi)),
        moved,
        first,
        Pair::new(format!(" Allowed: {}.", length.en), format!(" अनुमत समय: {}।", length.hi)),
    ])
    .text()
}

pub(super) fn choice(within: &Within, end: Option<Pair>, is_latest: bool) -> Text {
    let length = length(within);
    let end = end.map_or_else(
        || Pair::new("has no end while it rests", "रुके रहने तक समाप्त नहीं होता"),
        |end| Pair::new(format!("would be over on {}", end.en), format!("{} समाप्त होता", end.hi)),
    );
    let which = if is_latest {
        Pair::new("The one that ends last decides.", "जो बाद में समाप्त हो, वही मान्य है।")
    } else {
        Pair::new("The one that ends first decides.", "जो पहले समाप्त हो, वही मान्य है।")
    };
    Pair::new(format!("{} {}. {}", length.en, end.en, which.en), format!("{}: {}। {}", length.hi, end.hi, which.hi)).text()
}

/// Why a date is closed.
pub(super) fn closing(day: &WorkingDay<'_>) -> Pair {
    let reason = match (day.reason.title, day.reason.effect) {
        (Some(title), Effect::Closed | Effect::Provisional) => Pair::of(title),
        _ => Pair::new("no office day of the week", "सप्ताह का कार्य दिवस नहीं"),
    };
    if day.reason.effect == Effect::Provisional {
        return Pair::new(format!("{}, provisional", reason.en), format!("{}, अनंतिम", reason.hi));
    }
    reason
}

pub(super) fn counted(number: i64, of: Option<i64>, closed: Option<&Pair>) -> Text {
    let number = of.map_or_else(
        || Pair::new(format!("Day {number}."), format!("दिन {number}।")),
        |of| Pair::new(format!("Day {number} of {of}."), format!("{of} में से दिन {number}।")),
    );
    let closed = closed.map_or_else(
        || Pair::new("", ""),
        |reason| {
            Pair::new(
                format!(" The office is closed ({}); the day counts all the same.", reason.en),
                format!(" कार्यालय बंद ({}); फिर भी दिन गिना जाता है।", reason.hi),
            )
        },
    );
    Pair::join([number, closed]).text()
}

pub(super) fn minutes(minutes: i64, number: i64, of: Option<i64>) -> Text {
    let of = of.unwrap_or(number);
    Pair::new(format!("{minutes} minutes; {number} of {of} so far."), format!("{minutes} मिनट; अब तक {of} में से {number}।")).text()
}

pub(super) fn closed(reason: Option<&Pair>) -> Text {
    let (en, hi) = reason.map_or(("closed", "बंद"), |reason| (&reason.en, &reason.hi));
    Pair::new(format!("The office is closed ({en}). Not counted."), format!("कार्यालय बंद ({hi})। नहीं गिना गया।")).text()
}

fn why(ground: Option<&Text>) -> Pair {
    ground.map_or_else(|| Pair::new("stopped, until it was taken up again", "समाप्त, पुनः आरंभ होने तक"), Pair::of)
}

pub(super) fn rest(ground: Option<&Text>, is_cut: bool) -> Text {
    let why = why(ground);
    let cut = if is_cut {
        Pair::new(" No more rest is allowed on this ground.", " इस आधार पर और विराम अनुमत नहीं।")
    } else {
        Pair::new("", "")
    };
    let rest = Pair::new(format!("At rest: {}. Not counted.", why.en), format!("समय रुका: {}। नहीं गिना गया।", why.hi));
    Pair::join([rest, cut]).text()
}

pub(super) fn extended(extension: Option<&Extension>) -> Text {
    let by = extension.map_or_else(|| Pair::new("", ""), |extension| length(&extension.by));
    Pair::new(
        format!("Extended by {}, counted from the last day before it gives way to an office day.", by.en),
        format!("{} की वृद्धि, कार्य दिवस पर खिसकाने से पहले के अंतिम दिन से गिनी गई।", by.hi),
    )
    .text()
}

pub(super) fn late() -> Text {
    let en = "A rest or an extension began when the time was over already. It changes nothing.";
    Pair::new(en, "समय समाप्त होने के बाद विराम या वृद्धि आरंभ हुई। इससे कुछ नहीं बदलता।").text()
}

pub(super) fn surplus() -> Text {
    let en = "A rest or an extension, more often than the norm allows. It changes nothing.";
    Pair::new(en, "मानदंड में अनुमत संख्या से अधिक विराम या वृद्धि। इससे कुछ नहीं बदलता।").text()
}

pub(super) fn rolled(from: Date, to: Date, closing: &Pair) -> Text {
    let (from, next) = (date(from), date(to));
    Pair::new(
        format!("The last day, {}, is closed ({}). {} takes its place.", from.en, closing.en, next.en),
        format!("अंतिम दिन {} को कार्यालय बंद ({})। उसके स्थान पर {}।", from.hi, closing.hi, next.hi),
    )
    .text()
}

pub(super) fn kept(from: Date, to: Date) -> Text {
    let (from, next) = (date(from), date(to));
    Pair::new(
        format!("The time would have run out on {}, while it rested or had not begun. {} takes its place.", from.en, next.en),
        format!("समय रुके रहते या आरंभ से पहले ही {} को समाप्त हो जाता। उसके स्थान पर {}।", from.hi, next.hi),
    )
    .text()
}

pub(super) fn open(since: &Pair, ground: Option<&Text>) -> Text {
    let why = why(ground);
    Pair::new(
        format!("At rest since {}: {}. As long as it rests there is no end.", since.en, why.en),
        format!("{} से समय रुका: {}। जब तक रुका है, कोई अंतिम तिथि नहीं।", since.hi, why.hi),
    )
    .text()
}

pub(super) fn end(end: &Pair) -> Text {
    Pair::new(
        format!("The time is over on {}. What is done then or later is late.", end.en),
        format!("समय {} समाप्त। तब या उसके बाद किया गया कार्य विलंबित है।", end.hi),
    )
    .text()
}

/// How many days of each kind several together are.
pub(super) struct Counts {
    pub(super) counted: usize,
    pub(super) closed: usize,
    pub(super) rested: usize,
    pub(super) extended: usize,
    pub(super) ignored: usize,
    pub(super) minutes: Option<i64>,
}

pub(super) fn several(from: Date, to: Date, counts: &Counts) -> Text {
    let (first, last) = (date(from), date(to));
    let mut parts = vec![Pair::new(
        format!("{} to {}: {} days counted", first.en, last.en, counts.counted),
        format!("{} से {}: {} दिन गिने गए", first.hi, last.hi, counts.counted),
    )];
    if let Some(minutes) = counts.minutes {
        parts.push(Pair::new(format!(" with {minutes} minutes"), format!(", {minutes} मिनट")));
    }
    let more = [
        (counts.closed, "closed", "बंद"),
        (counts.rested, "at rest", "रुके"),
        (counts.extended, "extensions", "वृद्धियाँ"),
        (counts.ignored, "rests or extensions that change nothing", "निष्प्रभावी विराम या वृद्धियाँ"),
    ];
    for (count, en, hi) in more.into_iter().filter(|(count, ..)| *count > 0) {
        parts.push(Pair::new(format!(", {count} {en}"), format!(", {count} {hi}")));
    }
    parts.push(Pair::new(".", "।"));
    Pair::join(parts).text()
}

/// What a summary tells.
pub(super) struct Whole<'a> {
    pub(super) limit: &'a Within,
    pub(super) from: Pair,
    pub(super) is_backward: bool,
    /// Days of rest.
    pub(super) rested: usize,
    pub(super) extended: Option<Within>,
    pub(super) end: Option<Pair>,
}

pub(super) fn summary(whole: &Whole<'_>) -> Text {
    let (length, from) = (length(whole.limit), &whole.from);
    let mut parts = vec![if whole.is_backward {
        Pair::new(format!("{} before {}", length.en, from.en), format!("{} से {} पहले", from.hi, length.hi))
    } else {
        Pair::new(format!("{} from {}", length.en, from.en), format!("{} से {}", from.hi, length.hi))
    }];
    if let Some(by) = whole.extended.as_ref().map(self::length) {
        parts.push(Pair::new(format!(", extended by {}", by.en), format!(", {} की वृद्धि", by.hi)));
    }
    if whole.rested > 0 {
        parts.push(Pair::new(format!(", {} days at rest", whole.rested), format!(", {} दिन रुका", whole.rested)));
    }
    parts.push(whole.end.as_ref().map_or_else(
        || Pair::new(": at rest, so there is no end yet.", ": समय रुका है, अतः अभी कोई अंतिम तिथि नहीं।"),
        |end| Pair::new(format!(": over on {}.", end.en), format!(": {} समाप्त।", end.hi)),
    ));
    Pair::join(parts).text()
}
