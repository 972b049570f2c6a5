//! Compiles in two folders, so that adding a file to one of them is enough: the migrations, and the languages.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=locales");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("locales");
    let mut files: Vec<_> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Box<dyn Error>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "ftl"));
    let tag = |file: &Path| file.file_stem().map(|tag| tag.to_string_lossy().into_owned()).unwrap_or_default();
    // English first: it is what is said where another language has no words.
    files.sort_by_key(|file| (tag(file) != "en", tag(file)));
    if files.first().map(|file| tag(file)).as_deref() != Some("en") {
        return Err("locales/en.ftl is missing".into());
    }
    let list: Vec<_> = files.iter().map(|file| format!("({:?}, include_str!({:?}))", tag(file), file)).collect();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("locales.rs"), format!("&[{}]", list.join(", ")))?;
    Ok(())
}
