//! Random inputs that are made of others. Blind: it does not see what an input reaches, as libFuzzer does.

/// What has a meaning to one parser or another.
const PIECES: [&str; 40] = [
    "\n",
    "\r\n",
    "\t",
    " ",
    "\0",
    "&",
    "=",
    "%",
    "%00",
    "%2e",
    "+",
    "?",
    "#",
    "/",
    "//",
    "\\",
    "@",
    ":",
    ";",
    ",",
    ".",
    "..",
    "*",
    "\"",
    "'",
    "<Q7-uil",
    "{",
    "}",
    "[",
    "]",
    "null",
    "true",
    "-1",
    "1e400",
    "https://",
    "localhost",
    "\u{e9}",
    "\u{ff20}",
    "\u{202e}",
    "\u{130}",
];

/// A source of inputs, the same for the same seed and inputs to begin with.
pub struct Mutation<'a> {
    state: u64,
    kept: &'a [Vec<u8>],
    longest: usize,
}

impl<'a> Mutation<'a> {
    pub fn new(seed: u64, kept: &'a [Vec<u8>], longest: usize) -> Self {
        Self { state: seed, kept, longest }
    }

    /// The next input.
    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.one().clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input);
        }
        input.truncate(self.longest);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(16)).min(input.len());
        match self.below(7) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.below(256).to_le_bytes()[0],
            2 if at < end => drop(input.drain(at..end)),
            3 if at < end => {
                let piece = input[at..end].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            4 => {
                let other = self.one();
                let from = self.below(other.len() + 1);
                let to = (from + self.below(64)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            5 => {
                // The beginning of the one, and the end of the other.
                let other = self.one();
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend(&other[from..]);
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                input.splice(at..at, piece.bytes());
            }
        }
    }

    fn one(&mut self) -> &'a Vec<u8> {
        let index = self.below(self.kept.len());
        &self.kept[index]
    }

    /// A number below `most`, which is not zero (SplitMix64).
    fn below(&mut self, most: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).expect("a small number")
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs_and_none_is_too_long() {
    let kept = [b"one".to_vec(), b"another".to_vec()];
    let made = |seed| {
        let mut mutation = Mutation::new(seed, &kept, 10);
        (0..200).map(|_| mutation.next()).collect::<Vec<_>>()
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
    assert!(made(3).iter().all(|input| input.len() <= 10));
}
