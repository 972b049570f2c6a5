//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::rows::Row;

pub const USAGE: &str =
    "usage: cargo bench --bench load -- [--database postgres://USER@HOST/DATABASE] [--rows NAME,NAME…]
    [--seconds S] [--rounds N] [--connections N] [--cores LIST] [--before PROGRAM]
--database     a PostgreSQL server whose role may create a database; without it, SQLite in a temporary folder
--rows         only these rows; each name is in the first column of the table
--seconds      of load for each side in each round (default 2)
--rounds       baseline and Latchkey take turns this often; medians are shown (default 5)
--connections  that are kept busy (default 64)
--cores        the servers run on these cores only (as taskset -c has them), the load on all others
--before       another build of latchkey, measured in turns with this one";

/// What to measure, and how long.
pub struct Options {
    pub server: Option<String>,
    pub rows: Vec<Row>,
    pub time: Duration,
    pub rounds: usize,
    pub connections: usize,
    pub cores: Option<String>,
    pub before: Option<PathBuf>,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self {
            server: None,
            rows: Row::ALL.to_vec(),
            time: Duration::from_secs(2),
            rounds: 5,
            connections: 64,
            cores: None,
            before: None,
        };
        // cargo adds `--bench`.
        let mut arguments = arguments.iter().filter(|argument| *argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            let malformed = || format!("{name} cannot be {value}");
            match name.as_str() {
                "--database" => options.server = Some(value.clone()),
                "--rows" => options.rows = rows(value)?,
                "--seconds" => {
                    let seconds = value.parse().map_err(|_| malformed())?;
                    options.time = Duration::try_from_secs_f64(seconds).map_err(|_| malformed())?;
                }
                "--rounds" => options.rounds = positive(value).ok_or_else(malformed)?,
                "--cores" => options.cores = Some(value.clone()),
                "--before" => options.before = Some(value.into()),
                "--connections" => options.connections = positive(value).ok_or_else(malformed)?,
                _ => return Err(format!("unknown option {name}")),
            }
        }
        Ok(options)
    }
}

fn rows(names: &str) -> Result<Vec<Row>, String> {
    let all = || Row::ALL.map(|row| row.name()).join(", ");
    let row = |name: &str| Row::ALL.into_iter().find(|row| row.name() == name);
    names.split(',').map(|name| row(name).ok_or_else(|| format!("no row {name}; there are {}", all()))).collect()
}

fn positive(text: &str) -> Option<usize> {
    text.parse().ok().filter(|number| *number > 0)
}
