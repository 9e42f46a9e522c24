//! Deployed definitions: every process with its versions and its owner.

use axum::response::Response;
use maud::html;

use super::frame::Frame;
use super::parts::{self, Tone};
use super::visit::{Visit, page};

/// The page.
pub(super) async fn show(visit: Visit) -> Response {
    let answer = async {
        visit.identity()?;
        let w = &visit.w;
        let body = html! {
            p class="lead" { (w.say("definitions-lead")) }
            @if visit.serves() { p class="screen-only" { a href="/documents" { (w.say("documents")) } } }
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("process")) }
                        th scope="col" { (w.say("owner")) }
                        th scope="col" { (w.say("references")) }
                        th scope="col" { (w.say("versions")) }
                    }
                }
                tbody {
                    @for deployed in visit.library.all_newest() {
                        @let process = &deployed.graph.process;
                        tr {
                            th scope="row" {
                                a href={ "/definitions/" (process.id) "/" (deployed.version) } { (w.text(&process.title)) }
                                br; code { (process.id) }
                                @if !process.verified { br; (parts::tag(Tone::Warning, &w.say("not-verified"))) }
                            }
                            td data-label=(w.say("owner")) { (visit.post_title(&process.owner.post)) }
                            td data-label=(w.say("references")) { (process.reference.join(" · ")) }
                            td data-label=(w.say("versions")) {
                                ul class="inline" {
                                    @for version in visit.library.versions(&process.id).iter().rev() {
                                        li { a class="chip" href={ "/definitions/" (process.id) "/" (version.version) } {
                                            span class="hidden" { (w.say("version-word")) " " } (version.version)
                                        } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if visit.library.all_newest().next().is_none() { p class="none" { (w.say("definitions-none")) } }
            p { a class="button plain" href="/definitions/check" { (w.say("check")) } }
        };
        page(Frame::new(&visit, &w.say("definitions")).wide().show(&body))
    };
    visit.answer(answer.await)
}
