//! Where an address is, by a database of the operator's in MaxMind's format (MaxMind DB 2.0). It is held in memory whole: mapping the
//! file would be undefined if somebody writes to it.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use maxminddb::Reader;
use serde::Deserialize;
use thiserror::Error;

use crate::foundation::text::plain;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;
/// Characters of a name of a city or a country.
const LONGEST_NAME: usize = 80;

/// Why a database cannot be used.
#[derive(Debug, Error)]
#[error("{}: {why}", .file.display())]
pub struct PlacesError {
    file: PathBuf,
    why: String,
}

/// Where addresses are. Without a database, nothing is known of any.
#[derive(Default)]
pub struct Places(Option<Database>);

struct Database {
    file: PathBuf,
    held: ArcSwap<Held>,
}

struct Held {
    reader: Reader<Vec<u8>>,
    stamp: Stamp,
}

/// By which a file is known to be another one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

/// What is read of a record; the other members are passed over.
#[derive(Default, Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    city: Named<'a>,
    #[serde(borrow, default)]
    country: Named<'a>,
}

#[derive(Default, Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    names: BTreeMap<&'a str, &'a str>,
}

impl Places {
    /// Reads the database.
    ///
    /// # Errors
    /// When the file cannot be read, or is none.
    pub fn open(file: Option<&Path>) -> Result<Self, PlacesError> {
        let Some(file) = file else { return Ok(Self(None)) };
        let held = ArcSwap::from_pointee(read(file)?);
        Ok(Self(Some(Database { file: file.to_owned(), held })))
    }

    /// Reads it again if the file is another one by now; tells whether it was. What was read before holds on if that fails. It
    /// waits for the disk.
    ///
    /// # Errors
    /// When the file cannot be read, or is none.
    pub fn reload(&self) -> Result<bool, PlacesError> {
        let Some(Database { file, held }) = &self.0 else { return Ok(false) };
        if stamp(file)? == held.load().stamp {
            return Ok(false);
        }
        held.store(std::sync::Arc::new(read(file)?));
        Ok(true)
    }

    /// City and country of an address, as far as they are known, in the language with this tag or else in English.
    pub fn place(&self, address: IpAddr, language: &str) -> Option<String> {
        let held = self.0.as_ref()?.held.load();
        let record: Record<'_> = held.reader.lookup(address).ok()?.decode().ok()??;
        let names = [&record.city, &record.country].into_iter().filter_map(|named| named.name(language));
        let place = names.collect::<Vec<_>>().join(", ");
        (!place.is_empty()).then_some(place)
    }
}

impl Named<'_> {
    fn name(&self, language: &str) -> Option<String> {
        let of = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let general = of(language);
        let found = self
            .names
            .get(language)
            .or_else(|| self.names.iter().find(|(tag, _)| of(tag) == general).map(|(_, name)| name))
            .or_else(|| self.names.get("en"))?;
        Some(plain(found.trim(), LONGEST_NAME)).filter(|name| !name.is_empty())
    }
}

fn stamp(file: &Path) -> Result<Stamp, PlacesError> {
    let refused = |error: std::io::Error| PlacesError { file: file.to_owned(), why: error.to_string() };
    let found = fs::metadata(file).map_err(refused)?;
    Ok(Stamp { length: found.len(), modified: found.modified().ok() })
}

fn read(file: &Path) -> Result<Held, PlacesError> {
    let refused = |why: String| PlacesError { file: file.to_owned(), why };
    // Looked at first: what is written meanwhile is seen the next time.
    let stamp = stamp(file)?;
    if stamp.length > LARGEST {
        return Err(refused(format!("it has more than {LARGEST} bytes")));
    }
    let bytes = fs::read(file).map_err(|error| refused(error.to_string()))?;
    let reader = Reader::from_source(bytes);
    let reader = reader.map_err(|error| refused(format!("it is no database in MaxMind's format ({error})")))?;
    Ok(Held { reader, stamp })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused_with_its_name_and_without_a_database_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("places.mmdb");
        let refusal = |file: &Path| Places::open(Some(file)).err().unwrap().to_string();
        assert!(refusal(&file).contains("places.mmdb: No such file"), "{}", refusal(&file));
        fs::write(&file, b"<html>").unwrap();
        assert!(refusal(&file).contains("no database in MaxMind's format"), "{}", refusal(&file));
        let none = Places::open(None).unwrap();
        assert!(!none.reload().unwrap());
        assert_eq!(none.place("192.0.2.1".parse().unwrap(), "en"), None);
    }
}
