//! UTF-16 little endian, which PowerShell writes for `pytest > test_run.log`.

/// The byte order mark that such a file begins with.
pub(super) const MARK: &[u8] = b"\xff\xfe";

/// Turns it into UTF-8, chunk by chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoder {
    /// Half a unit, or a unit that waits for its other half.
    odd: Option<u8>,
    high: Option<u16>,
}

impl Decoder {
    /// The text that `bytes` complete.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len() / 2 + 4);
        let mut units = Vec::with_capacity(bytes.len() / 2 + 2);
        units.extend(self.high.take());
        for &byte in bytes {
            match self.odd.take() {
                Some(low) => units.push(u16::from_le_bytes([low, byte])),
                None => self.odd = Some(byte),
            }
        }
        if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.high = units.pop();
        }
        text.extend(char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_do_not_matter() {
        let bytes: Vec<u8> = "E   x 😀 é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for cut in 0..bytes.len() {
            let mut decoder = Decoder::default();
            let text = decoder.decode(&bytes[..cut]) + &decoder.decode(&bytes[cut..]);
            assert_eq!(text, "E   x 😀 é\n");
        }
    }
}
