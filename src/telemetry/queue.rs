//! The lines that wait to be written, and the thread that writes them. A reader that stalls (a terminal that is
//! scrolled back, a log collector that hangs, a full disk) blocks that thread alone. The queue is bounded: what does
//! not fit is dropped, and the number of dropped lines is logged as soon as writing works again.

use std::io::{self, ErrorKind, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How much may wait. A burst at full speed fits. The batch that is being written counts apart, so the log takes at most
/// twice as much memory.
pub const ROOM: Room = Room { lines: 8192, bytes: 1024 * 1024 };

/// How often a log that cannot be written is tried again while nothing new is logged.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// The pause between two tries on a pipe that somebody has made non-blocking.
const BUSY: Duration = Duration::from_millis(10);
/// The most memory that a buffer keeps for the next lines.
const KEPT: usize = 64 * 1024;

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Lines.
    pub lines: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// The lines that wait. Adding one never waits for the writing.
#[derive(Clone)]
pub struct Queue(Arc<Shared>);

struct Shared {
    room: Room,
    waiting: Mutex<Waiting>,
    /// There is something to write.
    filled: Condvar,
    /// Everything is written.
    emptied: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    lines: usize,
    dropped: u64,
    is_writing: bool,
}

impl Queue {
    /// Starts the thread that writes to `out`. `notice` makes the line that tells how many were dropped.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(
        room: Room,
        out: impl Write + Send + 'static,
        notice: impl Fn(u64) -> String + Send + 'static,
    ) -> io::Result<Self> {
        let (waiting, filled, emptied) = (Mutex::default(), Condvar::new(), Condvar::new());
        let queue = Self(Arc::new(Shared { room, waiting, filled, emptied }));
        let shared = Arc::clone(&queue.0);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || shared.write(Writer { out, is_torn: false }, notice))?;
        Ok(queue)
    }

    /// Waits until everything is written, at most for `limit`.
    pub fn flush(&self, limit: Duration) {
        let waiting = self.0.lock();
        let _or_too_late = self.0.emptied.wait_timeout_while(waiting, limit, |waiting| {
            waiting.is_writing || waiting.lines > 0 || waiting.dropped > 0
        });
    }
}

impl Write for Queue {
    /// Takes one line, whole or not at all.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let room = self.0.room;
        let mut waiting = self.0.lock();
        match waiting.lines < room.lines && waiting.bytes.len().saturating_add(line.len()) <= room.bytes {
            true => {
                waiting.bytes.extend_from_slice(line);
                waiting.lines += 1;
            }
            false => waiting.dropped += 1,
        }
        drop(waiting);
        self.0.filled.notify_one();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the thread does, for as long as the process lives.
    fn write(&self, mut writer: Writer<impl Write>, notice: impl Fn(u64) -> String) {
        let (mut batch, mut untold) = (vec![], 0);
        loop {
            untold += self.next(&mut batch, untold > 0);
            // The dropped lines would have come after these, so the notice does.
            untold += writer.write(&batch);
            if untold > 0 && writer.write(notice(untold).as_bytes()) == 0 {
                untold = 0;
            }
        }
    }

    /// Waits for the first line, then moves all into `batch`; returns how many were dropped after them. With `has_news`
    /// it waits no longer than [`TRY_AGAIN`]: the thread has a notice to write.
    fn next(&self, batch: &mut Vec<u8>, has_news: bool) -> u64 {
        batch.clear();
        batch.shrink_to(KEPT);
        let mut waiting = self.lock();
        waiting.is_writing = has_news;
        while waiting.lines == 0 && waiting.dropped == 0 {
            if has_news {
                waiting = self.filled.wait_timeout(waiting, TRY_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
                break;
            }
            self.emptied.notify_all();
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        mem::swap(batch, &mut waiting.bytes);
        waiting.lines = 0;
        waiting.is_writing = true;
        mem::take(&mut waiting.dropped)
    }
}

/// Writes whole lines, and counts those that it could not write.
struct Writer<O> {
    out: O,
    /// The last line was not written to its end.
    is_torn: bool,
}

impl<O: Write> Writer<O> {
    /// Returns how many lines were lost.
    fn write(&mut self, lines: &[u8]) -> u64 {
        let mut rest = lines;
        while !rest.is_empty() {
            // A line that was cut is ended first, so that the next one does not continue it.
            let next = if self.is_torn { b"\n" } else { rest };
            match self.out.write(next) {
                Ok(0) => return count(rest),
                Ok(_) if self.is_torn => self.is_torn = false,
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(BUSY),
                Err(_) => {
                    let written = lines.len() - rest.len();
                    self.is_torn |= written > 0 && lines.get(written - 1) != Some(&b'\n');
                    return count(rest);
                }
            }
        }
        0
    }
}

fn count(lines: &[u8]) -> u64 {
    lines.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn notice(dropped: u64) -> String {
        format!("dropped {dropped}\n")
    }

    #[test]
    fn a_reader_that_stalls_holds_up_nobody_and_learns_what_it_missed() {
        let (reader, writer) = io::pipe().unwrap();
        let mut queue = Queue::start(Room { lines: 1000, bytes: 100_000 }, writer, notice).unwrap();
        // More than the pipe and the queue take together. Were this to wait for the reader, it would wait for ever.
        for number in 0..20_000 {
            queue.write_all(format!("line {number:05} {}\n", "x".repeat(80)).as_bytes()).unwrap();
        }
        let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
        let (mut read, mut dropped) = (0, 0);
        while read + dropped < 20_000 {
            let line = lines.next().unwrap();
            match line.strip_prefix("dropped ") {
                Some(count) => dropped += count.parse::<u64>().unwrap(),
                None => {
                    assert_eq!(line[5..10].parse::<u64>().unwrap(), read + dropped, "in order, and told in its place");
                    read += 1;
                }
            }
        }
        assert!(dropped > 10_000 && read > 500, "{read} read, {dropped} dropped");
        queue.write_all(b"again\n").unwrap();
        assert_eq!(lines.next().unwrap(), "again");
    }

    #[test]
    fn the_queue_is_bounded_in_lines_and_in_bytes() {
        for room in [Room { lines: 3, bytes: 1000 }, Room { lines: 1000, bytes: 12 }] {
            let (reader, mut writer) = io::pipe().unwrap();
            writer.write_all(&[b'.'; 65_536]).unwrap();
            let mut queue = Queue::start(room, writer, notice).unwrap();
            // The thread takes the first one away, and is stuck with it.
            queue.write_all(b"000\n").unwrap();
            while queue.0.lock().lines > 0 {
                thread::yield_now();
            }
            for _ in 0..5 {
                queue.write_all(b"one\n").unwrap();
            }
            let waiting = queue.0.lock();
            assert_eq!((waiting.lines, waiting.bytes.len(), waiting.dropped), (3, 12, 2), "{room:?}");
            drop((waiting, reader));
        }
    }

    #[test]
    fn flushing_waits_for_the_last_line_but_not_for_ever() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut queue = Queue::start(ROOM, writer, notice).unwrap();
        queue.write_all(b"last\n").unwrap();
        Queue::flush(&queue, SOON);
        let waiting = queue.0.lock();
        assert!(waiting.lines == 0 && !waiting.is_writing);
        drop(waiting);
        let mut bytes = [0; 5];
        io::Read::read_exact(&mut reader, &mut bytes).unwrap();
        assert_eq!(&bytes, b"last\n");

        queue.write_all(&vec![b'x'; 200_000]).unwrap();
        Queue::flush(&queue, Duration::from_millis(10));
        assert!(queue.0.lock().is_writing, "it gave up");
    }

    /// Takes some bytes, then fails a few times, then takes all.
    struct Disk(Sender<Vec<u8>>, Vec<io::Result<usize>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = self.1.pop().unwrap_or(Ok(bytes.len()))?.min(bytes.len());
            self.0.send(bytes[..taken].to_vec()).unwrap();
            Ok(taken)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_full_disk_swallowed_is_told_when_there_is_room_and_no_line_continues_a_torn_one() {
        let full = || Err(io::Error::from(ErrorKind::StorageFull));
        let (sender, receiver) = channel();
        let (busy, again) = (Err(ErrorKind::WouldBlock.into()), Err(ErrorKind::Interrupted.into()));
        // The last one comes first.
        let disk = Disk(sender, vec![full(), full(), Ok(5), busy, again]);
        let mut queue = Queue::start(ROOM, disk, notice).unwrap();
        queue.write_all(b"one two\n").unwrap();
        let mut written = vec![];
        while !written.ends_with(b"dropped 1\n") {
            // Nothing more is logged: it tries again by itself.
            written.extend(receiver.recv_timeout(SOON).unwrap());
        }
        assert_eq!(String::from_utf8(written).unwrap(), "one t\ndropped 1\n");
    }
}
