//! The house rules, held by reading the sources. Each rule is a function from files to findings; `bites` shows that each one bites.

mod bites;
mod floors;
mod house;
mod rules;
mod rust;

use house::File;

type Rule = fn(&[File]) -> Vec<String>;

#[track_caller]
fn hold(rule: Rule) {
    let found = rule(&house::house(&tests::top()));
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

macro_rules! rules {
    ($($name:ident: $rule:path),* $(,)?) => { $(#[test] fn $name() { hold($rule); })* };
}

rules!(
    imports_go_down: floors::floors,
    files_say_what_they_are: rules::opening,
    the_pure_half_is_pure: rules::purity,
    sql_is_in_the_stores: rules::sql,
    files_are_short: rules::length,
    values_are_read_in_one_place: rules::reading,
    nothing_is_unfinished: rules::unfinished,
    nothing_is_true_on_one_machine_only: rules::traces,
    json_is_json: rules::json,
    the_top_level_is_small: rules::top_level,
    links_lead_somewhere: rules::links,
);

#[test]
fn shipped_processes_can_be_deployed() {
    if engine::graph::check(b"no document", &engine::graph::Trusted).is_empty() {
        tests::say("shipped processes: this build's checker finds no problem in anything");
        return;
    }
    hold(rules::definitions);
}
