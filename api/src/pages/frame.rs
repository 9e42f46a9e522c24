//! The frame of every page: head, banner, header with the ways to go, the page itself, footer.

use engine::model::Language;
use maud::{DOCTYPE, Markup, Render, html};

use super::assets;
use super::parts::{self, encode};
use super::visit::Visit;

/// A page about to be shown.
pub(super) struct Frame<'a> {
    visit: &'a Visit,
    title: &'a str,
    /// What stands before the title in the tab.
    before: Option<String>,
    /// The way here, from the top: title and address.
    crumbs: Vec<(String, String)>,
    /// A line above the title.
    over: Option<Markup>,
    /// The language of the title, where it is another.
    title_language: Option<&'static str>,
    /// Beside the title: tags.
    beside: Option<Markup>,
    wide: bool,
    recorded: bool,
}

impl<'a> Frame<'a> {
    /// A page with a title.
    pub(super) fn new(visit: &'a Visit, title: &'a str) -> Self {
        Self {
            visit,
            title,
            title_language: None,
            before: None,
            crumbs: Vec::new(),
            over: None,
            beside: None,
            wide: false,
            recorded: true,
        }
    }

    /// With a page above it.
    #[must_use]
    pub(super) fn under(mut self, title: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push((title.into(), href.into()));
        self
    }

    /// With a title in this language, where it is not that of the page.
    #[must_use]
    pub(super) fn titled_in(mut self, language: Option<&'static str>) -> Self {
        self.title_language = language;
        self
    }

    /// With a line above the title.
    #[must_use]
    pub(super) fn over(mut self, text: impl Render) -> Self {
        self.over = Some(text.render());
        self
    }

    /// With something beside the title.
    #[must_use]
    pub(super) fn beside(mut self, markup: Markup) -> Self {
        self.beside = Some(markup);
        self
    }

    /// With "Error:" in the tab's title, so that it is read out first.
    #[must_use]
    pub(super) fn failed(mut self, failed: bool) -> Self {
        self.before = failed.then(|| self.visit.w.say("error-prefix"));
        self
    }

    /// With room for tables and two columns.
    #[must_use]
    pub(super) fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Of what is not recorded, so that the footer does not say that it were.
    #[must_use]
    pub(super) fn unrecorded(mut self) -> Self {
        self.recorded = false;
        self
    }

    /// The page.
    pub(super) fn show(self, body: &Markup) -> Markup {
        let w = &self.visit.w;
        html! {
            (DOCTYPE)
            html lang=(w.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { @if let Some(before) = &self.before { (before) " " } (self.title) " – " (w.say("product")) }
                    link rel="icon" type="image/svg+xml" href=(assets::href("icon.svg"));
                    link rel="stylesheet" href=(assets::href("style.css"));
                    script src=(assets::href("enhance.js")) defer {}
                }
                body {
                    a class="skip" href="#main" { (w.say("skip")) }
                    (self.demo())
                    (self.unsigned())
                    (self.header())
                    main id="main" tabindex="-1" class=(if self.wide { "page wide" } else { "page" }) {
                        @if !self.crumbs.is_empty() {
                            nav class="crumbs" aria-label=(w.say("crumbs")) {
                                ol {
                                    @for (title, href) in &self.crumbs { li { a href=(href) { (title) } } }
                                    li aria-current="page" lang=[self.title_language] { (self.title) }
                                }
                            }
                        }
                        div class="title" {
                            @if let Some(over) = &self.over { p class="over" { (over) } }
                            h1 lang=[self.title_language] { (self.title) }
                            @if let Some(beside) = &self.beside { div class="beside" { (beside) } }
                        }
                        (body)
                    }
                    (self.footer())
                }
            }
        }
    }

    fn demo(&self) -> Markup {
        let w = &self.visit.w;
        if !self.visit.app.demo {
            return html! {};
        }
        html! {
            div class="banner" role="note" {
                div class="bar" {
                    p {
                        strong { (w.say("demo")) }
                        @if let Some(person) = self.visit.person() {
                            " " (w.with("demo-acting-as", &[("name", &person.name)]))
                        } @else {
                            " " (w.say("demo-nobody"))
                        }
                    }
                    a href="/actor" { (w.say("demo-change")) }
                }
            }
        }
    }

    /// A signer that does not sign is no use, and nobody sees it from the outside.
    fn unsigned(&self) -> Markup {
        let w = &self.visit.w;
        let Some(since) = self.visit.unsigned else { return html! {} };
        html! {
            div class="banner" role="note" {
                div class="bar" {
                    p { strong { (w.say("unsigned")) } " " (w.with("unsigned-since", &[("time", &w.time(since))])) }
                }
            }
        }
    }

    fn header(&self) -> Markup {
        let w = &self.visit.w;
        let person = self.visit.person();
        let here = self.visit.path.split('?').next().unwrap_or("/");
        let at = |prefix: &str| {
            let is_here = if prefix == "/" { here == "/" || here.starts_with("/tasks") } else { here.starts_with(prefix) };
            is_here.then_some("page")
        };
        let other = if w.language == Language::English {
            (Language::Hindi, "हिन्दी")
        } else {
            (Language::English, "English")
        };
        let to = format!("/language/{}?to={}", other.0.tag(), encode(&self.visit.path));
        html! {
            header class="top" {
                div class="bar" {
                    a class="brand" href="/" {
                        (parts::brand())
                        span { strong { (w.say("product")) } span class="tagline" { (w.say("tagline")) } }
                    }
                    @if person.is_some() {
                        nav class="main" aria-label=(w.say("nav")) {
                            ul {
                                li { a href="/" aria-current=[at("/")] { (w.say("nav-inbox")) } }
                                li { a href="/cases" aria-current=[at("/cases")] { (w.say("nav-cases")) } }
                                li { a href="/start" aria-current=[at("/start")] { (w.say("nav-start")) } }
                                li { a href="/definitions" aria-current=[at("/definitions").or_else(|| at("/documents"))] { (w.say("nav-definitions")) } }
                                li { a href="/plan" aria-current=[at("/plan").or_else(|| at("/calendars"))] { (w.say("nav-plan")) } }
                                li { a href="/norms" aria-current=[at("/norms")] { (w.say("nav-norms")) } }
                                @if self.visit.serves() {
                                    li { a href="/reports" aria-current=[at("/reports")] { (w.say("reports")) } }
                                }
                                li { a href="/office" aria-current=[at("/office")] { (w.say("nav-office")) } }
                            }
                        }
                    }
                    div class="who" {
                        a class="language" href=(to) lang=(other.0.tag()) hreflang=(other.0.tag()) { (other.1) }
                        @if let Some(person) = person {
                            span class="me" { span class="hidden" { (w.say("signed-in-as")) " " } (person.name) }
                            @if self.visit.app.demo {
                                form method="post" action="/actor/leave" { button class="link" { (w.say("sign-out")) } }
                            }
                        }
                    }
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        let w = &self.visit.w;
        html! {
            footer class="bottom" {
                div class="bar" {
                    @if self.recorded { p { (w.say("footer-what")) " " a href="/receipt" { (w.say("verify-link")) } " · " a href="/pages" { (w.say("nav-pages")) } } }
                    p { (w.with("footer-time", &[("time", &w.time(self.visit.now))])) }
                }
            }
        }
    }
}
