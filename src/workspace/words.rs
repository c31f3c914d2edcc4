//! Which words a text may hold, in a few hundred bytes: a Bloom filter over its identifiers.
//!
//! A search of the bytes of 10,000 files takes a tenth of a second; asking their filters takes a tenth
//! of a millisecond, and only files that answer "maybe" are read again.

/// The identifiers of one text, with false positives (a few in a hundred) and no false negatives.
#[derive(Clone, Debug)]
pub(super) struct Words {
    bits: Box<[u64]>,
}

const PROBES: u32 = 3;

impl Words {
    /// Reads the identifiers of `text`. Strings and comments count: they are evidence too.
    pub(super) fn of(text: &str) -> Self {
        // Source has about one new identifier in thirty bytes; ten bits for each.
        let blocks = (text.len() / 3 / 64).clamp(2, 1 << 16).next_power_of_two();
        let mut words = Self { bits: vec![0; blocks].into_boxed_slice() };
        let mut hash = START;
        let mut inside = false;
        for &byte in text.as_bytes() {
            if is_word_byte(byte) {
                hash = step(hash, byte);
                inside = true;
            } else if inside {
                words.add(hash);
                (hash, inside) = (START, false);
            }
        }
        if inside {
            words.add(hash);
        }
        words
    }

    /// Whether the text may hold every identifier of `query`.
    pub(super) fn may_hold(&self, query: &str) -> bool {
        query
            .as_bytes()
            .split(|&byte| !is_word_byte(byte))
            .filter(|word| !word.is_empty())
            .all(|word| self.has(word.iter().fold(START, |hash, &byte| step(hash, byte))))
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        self.bits.len() * 8
    }

    fn places(&self, hash: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let mask = self.bits.len() * 64 - 1;
        let hash = hash ^ (hash >> 29);
        (0..PROBES).map(move |probe| {
            let bit = (hash >> (probe * 21)) as usize & mask;
            (bit / 64, 1 << (bit % 64))
        })
    }

    fn add(&mut self, hash: u64) {
        for (block, bit) in self.places(hash) {
            self.bits[block] |= bit;
        }
    }

    fn has(&self, hash: u64) -> bool {
        self.places(hash).all(|(block, bit)| self.bits[block] & bit != 0)
    }
}

const START: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}

/// Letters, digits, `_` and everything beyond ASCII.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The offsets at which `word` stands in `text` with no identifier running into it.
pub(crate) fn occurrences<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, word).filter(move |&at| {
        let touches = |at: Option<&u8>| at.is_some_and(|&byte| is_word_byte(byte));
        let end = at + word.len();
        let opens = word.bytes().next().is_some_and(is_word_byte);
        let closes = word.bytes().last().is_some_and(is_word_byte);
        !(opens && at > 0 && touches(bytes.get(at - 1)) || closes && touches(bytes.get(end)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_text_is_found_and_few_others() {
        let text: String = (0..500).map(|n| format!("word_{n} = value{n}(\"é{n}\")\n")).collect();
        let words = Words::of(&text);
        assert!((0..500).all(|n| words.may_hold(&format!("word_{n}")) && words.may_hold(&format!("value{n}.é{n}"))));
        let wrong = (0..10_000).filter(|n| words.may_hold(&format!("absent_{n}"))).count();
        assert!(wrong < 1_000, "{wrong} of 10,000 absent words pass");
    }

    #[test]
    fn an_occurrence_is_a_whole_word() {
        assert_eq!(occurrences("total subtotal totals total", "total").collect::<Vec<_>>(), [0, 22]);
        assert_eq!(occurrences("a.b c.a.b", "a.b").collect::<Vec<_>>(), [0, 6]);
    }
}
