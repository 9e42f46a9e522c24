//! The fonts: Noto Sans and its kin as the system has them. None is part of this program, and none is fetched.

use std::path::{Path, PathBuf};

/// Where systems keep them.
const FOLDERS: [&str; 3] = ["/usr/share/fonts/truetype/noto", "/usr/share/fonts/noto", "/usr/local/share/fonts/noto"];
/// Without these nothing is printed.
const NEEDED: [&str; 2] = ["NotoSans", "NotoSansDevanagari"];
/// Other scripts, in which names and addresses may be written; what is not there is shown as missing.
const OTHERS: [(&str, &str); 9] = [
    ("NotoSansBengali", "Noto Sans Bengali"),
    ("NotoSansGujarati", "Noto Sans Gujarati"),
    ("NotoSansGurmukhi", "Noto Sans Gurmukhi"),
    ("NotoSansKannada", "Noto Sans Kannada"),
    ("NotoSansMalayalam", "Noto Sans Malayalam"),
    ("NotoSansOriya", "Noto Sans Oriya"),
    ("NotoSansTamil", "Noto Sans Tamil"),
    ("NotoSansTelugu", "Noto Sans Telugu"),
    ("NotoSansArabic", "Noto Sans Arabic"),
];
const WEIGHTS: [&str; 2] = ["Regular", "Bold"];

/// Families in the order in which a letter is looked for.
pub(super) fn families() -> impl Iterator<Item = &'static str> {
    ["Noto Sans", "Noto Sans Devanagari"].into_iter().chain(OTHERS.iter().map(|(_, family)| *family))
}

/// Where fonts are looked for.
#[derive(Debug, Clone, Default)]
pub struct Fonts {
    /// This folder alone; none: where systems keep them.
    pub folder: Option<PathBuf>,
}

/// A font that is needed is not there.
#[derive(Debug, thiserror::Error)]
#[error(
    "The font {file} is not in {folder}. Install Noto Sans and Noto Sans Devanagari (Debian: fonts-noto-core), or name their folder with --fonts."
)]
pub struct NoFonts {
    file: String,
    folder: String,
}

impl Fonts {
    /// Reads the files.
    ///
    /// # Errors
    /// When one that is needed cannot be read.
    pub(super) fn load(&self) -> Result<Vec<Vec<u8>>, NoFonts> {
        let folder = self.folder();
        let read = |name: &str, weight: &str| {
            let file = format!("{name}-{weight}.ttf");
            let read = std::fs::read(folder.join(&file));
            read.map_err(|_| NoFonts { file, folder: folder.display().to_string() })
        };
        let all = |name: &'static str| WEIGHTS.map(|weight| read(name, weight));
        let needed: Result<Vec<Vec<u8>>, NoFonts> = NEEDED.into_iter().flat_map(all).collect();
        Ok(needed?.into_iter().chain(OTHERS.into_iter().flat_map(|(name, _)| all(name)).flatten()).collect())
    }

    fn folder(&self) -> &Path {
        let has_them = |folder: &&str| Path::new(folder).join("NotoSans-Regular.ttf").exists();
        let system = || FOLDERS.iter().find(|folder| has_them(folder)).unwrap_or(&FOLDERS[0]);
        self.folder.as_deref().unwrap_or_else(|| Path::new(system()))
    }
}
