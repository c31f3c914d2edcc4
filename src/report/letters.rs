//! Progress letters: `tests/test_a.py FF.E [ 5%]` tells in which file the k-th failure happened.

use std::sync::Arc;

use super::summary::without_progress;

/// Files kept.
const MAX_LETTERS: usize = 20_000;

/// The files of failures and of errors, in the order in which they happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Letters {
    file: Option<Arc<str>>,
    pub(super) failed: Vec<Arc<str>>,
    pub(super) errors: Vec<Arc<str>>,
    /// How many letters each file has, in the order of the files.
    pub(super) told: Vec<(Arc<str>, usize)>,
    /// Whether the last of them was told.
    pub(super) ended: bool,
    /// Whether one of them is a failure's or an error's.
    failing: bool,
}

impl Letters {
    /// Whether all tests were told and none failed: `-qq` prints nothing else.
    pub(super) fn are_all_well(&self) -> bool {
        self.ended && !self.failing
    }

    /// Takes a line of progress; false for any other line. Continuation lines have letters only.
    pub(super) fn read(&mut self, line: &str) -> bool {
        let told = without_progress(line);
        let dots = told.as_bytes().rchunks_exact(DOTS.len()).take_while(|chunk| chunk == DOTS).count() * DOTS.len();
        let before = told[..told.len() - dots].bytes().rposition(|byte| !IS_LETTER[usize::from(byte)]);
        let letters = &told[before.map_or(0, |at| at + 1)..];
        match before {
            _ if letters.is_empty() => return false,
            None => {}
            Some(at) if told.as_bytes()[at] == b' ' && is_file(&told[..at]) => {
                self.file = Some(Arc::from(told[..at].replace('\\', "/")));
            }
            Some(_) => return false,
        }
        self.ended = line.trim_ascii_end().ends_with("[100%]");
        self.failing |= letters.contains(['F', 'E', 'u']);
        let Some(file) = &self.file else { return true };
        let files = self.told.len();
        match self.told.last_mut() {
            Some((told, count)) if told == file => *count += letters.len(),
            _ if files < MAX_LETTERS => self.told.push((file.clone(), letters.len())),
            _ => {}
        }
        for &letter in letters.as_bytes().chunks(DOTS.len()).filter(|chunk| chunk != DOTS).flatten() {
            let files = match letter {
                b'F' | b'u' => &mut self.failed,
                b'E' => &mut self.errors,
                _ => continue,
            };
            if files.len() < MAX_LETTERS {
                files.push(file.clone());
            }
        }
        true
    }
}

/// Most tests pass: their letters are looked at together.
const DOTS: &[u8; 8] = b"........";

/// The letters that pytest and its plugins print for outcomes.
const IS_LETTER: [bool; 256] = {
    let (mut table, letters, mut at) = ([false; 256], b".FEsxXRu,", 0);
    while at < letters.len() {
        table[letters[at] as usize] = true;
        at += 1;
    }
    table
};

/// Whether a line is a file with its letters, without a percentage yet: `tests/test_a.py .F`.
pub(super) fn are_progress(line: &str) -> bool {
    let line = line.trim_ascii();
    line.rsplit_once(' ')
        .is_some_and(|(file, letters)| is_file(file) && letters.bytes().all(|b| IS_LETTER[usize::from(b)]))
}

fn is_file(text: &str) -> bool {
    text.rfind('.').is_some_and(|dot| dot > 0 && text.len() - dot <= 5 && !text[dot..].contains(['/', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_name_the_files() {
        let mut letters = Letters::default();
        assert!(letters.read("tests/a.py F.E                    [ 50%]"));
        assert!(letters.read("FF                                [ 70%]"));
        assert!(letters.read("tests\\b.py ..."));
        assert!(letters.read("tests/c.py EsF"));
        assert!(letters.read("tests/c.py ..                       [ 7/14]"));
        assert!(!letters.read("collected 3 items"));
        assert!(!letters.read("rootdir: /x"));
        let names = |files: &[Arc<str>]| files.iter().map(|file| file.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&letters.failed), ["tests/a.py", "tests/a.py", "tests/a.py", "tests/c.py"]);
        assert_eq!(names(&letters.errors), ["tests/a.py", "tests/c.py"]);
        let told: Vec<_> = letters.told.iter().map(|(file, count)| format!("{file} {count}")).collect();
        assert_eq!(told, ["tests/a.py 5", "tests/b.py 3", "tests/c.py 5"]);
    }
}
