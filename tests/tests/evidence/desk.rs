//! A desk at which the pages for operators are tried: their commands by a shell, as they stand, on an office that is served and signed.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use crate::program::binary;

/// In the place of the machine's own: the service, which serves and signs.
const SYSTEMCTL: &str = r#"#!/bin/sh
case "$1" in
start)
    : > "$PLACE/log"
    sevottam serve --demo --database "$SEVOTTAM_DATABASE" --sign "$SEVOTTAM_SIGNER" --listen 127.0.0.1:0 > "$PLACE/log" 2>&1 &
    echo $! > "$PLACE/pid"
    until grep -q 'http://' "$PLACE/log"; do kill -0 "$(cat "$PLACE/pid")" || { cat "$PLACE/log"; exit 1; }; sleep 0.1; done
    for log in site unit/demo-commissionerate; do
        until ls "$SEVOTTAM_SIGNER/log/$log"/*/checkpoint > /dev/null 2>&1; do sleep 0.1; done
    done
    ;;
stop)
    [ ! -f "$PLACE/pid" ] || { kill "$(cat "$PLACE/pid")"; while kill -0 "$(cat "$PLACE/pid")" 2> /dev/null; do sleep 0.1; done; rm "$PLACE/pid"; }
    ;;
esac
"#;

/// The program, which is told where the service is.
const SEVOTTAM: &str = r#"#!/bin/sh
SEVOTTAM_SERVER=$(grep -o -m 1 'http://[0-9.:]*' "$PLACE/log" 2> /dev/null) || SEVOTTAM_SERVER=http://127.0.0.1:1
export SEVOTTAM_SERVER
exec "$BINARY" "$@"
"#;

/// The block of commands of each part of the page, by its heading; that before the first has none.
pub(super) fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts = page
        .split("\n## ")
        .enumerate()
        .map(|(n, part)| if n == 0 { ("", part) } else { part.split_once('\n').expect("a heading") });
    parts
        .flat_map(|(heading, part)| {
            let blocks = part.split("```sh\n").skip(1);
            blocks.map(move |rest| (heading, &rest[..=rest.find("\n```").expect("its end")]))
        })
        .collect()
}

pub(super) struct Desk {
    place: tempfile::TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in [("systemctl", SYSTEMCTL), ("sevottam", SEVOTTAM)] {
            let path = place.path().join("bin").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { place }
    }

    pub(super) fn at(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }

    /// Runs commands by `sh -e`, with what the page sets first; each is a shell of its own, so it is told which folder is in use.
    pub(super) fn run(&self, signer: &str, commands: &str) -> Output {
        let path = format!("{}:{}", self.at("bin"), std::env::var("PATH").unwrap_or_default());
        let place = self.place.path();
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", commands]).current_dir(place).env("PATH", path).env("PLACE", place).env("BINARY", binary());
        shell
            .env("SEVOTTAM_DATABASE", self.at("office.db"))
            .env("SEVOTTAM_SIGNER", self.at(signer))
            .env("UNIT", "demo-commissionerate");
        shell.env("SEVOTTAM_ACTOR", "m-desai").env("SEVOTTAM_RESERVE", "8").env("SEVOTTAM_LOG", "warn").output().unwrap()
    }

    pub(super) fn done(&self, signer: &str, commands: &str) -> String {
        let output = self.run(signer, commands);
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{commands}\n{told}");
        told
    }
}

/// Whatever happens, the service is stopped.
impl Drop for Desk {
    fn drop(&mut self) {
        self.run("", "systemctl stop");
    }
}
