//! Bytes of a graveyard to text: UTF-8 with or without byte order mark; stray bytes are read as Windows-1252.

use std::borrow::Cow;

/// Why bytes are no graveyard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Two bytes a character.
    #[error("the file is UTF-16; save it as UTF-8 (in PowerShell: `-Encoding utf8`)")]
    Utf16,
    /// No text at all.
    #[error("the file holds NUL bytes; it is no markdown file, restore it from git or remove it")]
    Binary,
}

/// The text of `bytes`. Borrowed where they are UTF-8, so offsets in both are the same; a byte order mark stays.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(NotText::Utf16);
    }
    if memchr::memchr(0, bytes).is_some() {
        let zeros = memchr::memchr_iter(0, bytes).count();
        return Err(if zeros * 3 > bytes.len() { NotText::Utf16 } else { NotText::Binary });
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|&byte| windows_1252(byte)));
    }
    Ok(Cow::Owned(text))
}

/// The bytes of `new` where `old` was decoded from `before`: bytes that were not UTF-8 stay as they were.
///
/// A graveyard only grows: `new` is `old` with one piece put in, so all bytes around the piece are those of the file.
pub fn encode_like(before: &[u8], old: &str, new: &str) -> Vec<u8> {
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let start = (0..=same).rev().find(|&at| old.is_char_boundary(at) && new.is_char_boundary(at)).unwrap_or(0);
    let added = new.len().checked_sub(old.len());
    let Some(added) = added.filter(|added| new.get(start + added..) == Some(&old[start..])) else {
        return new.as_bytes().to_vec();
    };
    let at = byte_offset(before, start);
    [&before[..at], &new.as_bytes()[start..start + added], &before[at..]].concat()
}

/// Where the offset `wanted` of the decoded text lies in the bytes.
fn byte_offset(bytes: &[u8], wanted: usize) -> usize {
    let (mut decoded, mut at) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        if wanted <= decoded + chunk.valid().len() {
            return at + (wanted - decoded);
        }
        decoded += chunk.valid().len();
        at += chunk.valid().len();
        for &byte in chunk.invalid() {
            if wanted <= decoded {
                return at;
            }
            decoded += windows_1252(byte).len_utf8();
            at += 1;
        }
    }
    at
}

/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>: 0x80 to 0x9f differ from Latin-1.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bytes_are_read_and_kept() {
        let before = b"a \x93b\x94 caf\xe9\nend\n";
        let old = decode(before).unwrap();
        assert_eq!(old, "a “b” café\nend\n");
        let appended = format!("{old}more é\n");
        assert_eq!(encode_like(before, &old, &appended), [&before[..], "more é\n".as_bytes()].concat());
        let inserted = old.replacen("end", "the end", 1);
        assert_eq!(encode_like(before, &old, &inserted), b"a \x93b\x94 caf\xe9\nthe end\n");
    }

    #[test]
    fn utf16_is_refused_by_name() {
        let utf16: Vec<u8> = "# GRAVEYARD".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), Err(NotText::Utf16));
        assert_eq!(decode(&[b"\xff\xfe".to_vec(), utf16].concat()), Err(NotText::Utf16));
        assert_eq!(decode(b"# GRAVEYARD\n\0\n"), Err(NotText::Binary));
    }
}
