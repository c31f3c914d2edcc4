//! Progress letters: `tests/test_a.py FF.E [ 5%]` tells in which file the k-th failure happened.

use std::sync::Arc;

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
}

impl Letters {
    /// Takes a line of progress; false for any other line. Continuation lines have letters only.
    pub(super) fn read(&mut self, line: &str) -> bool {
        let told = match line.strip_suffix("%]").and_then(|told| told.rsplit_once('[')) {
            Some((told, _)) => told.trim_end(),
            None => line.trim_end(),
        };
        let letters = match told.rsplit_once(' ') {
            Some((file, letters)) if are_letters(letters) && is_file(file) => {
                self.file = Some(Arc::from(file.replace('\\', "/")));
                letters
            }
            None if are_letters(told) => told,
            _ => return false,
        };
        let Some(file) = self.file.clone() else { return true };
        if self.told.last().is_none_or(|(told, _)| *told != file) && self.told.len() < MAX_LETTERS {
            self.told.push((file.clone(), 0));
        }
        if let Some((told, count)) = self.told.last_mut()
            && *told == file
        {
            *count += letters.len();
        }
        for letter in letters.bytes() {
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

fn are_letters(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b".FEsxXRu,".contains(&b))
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
        assert!(!letters.read("collected 3 items"));
        assert!(!letters.read("rootdir: /x"));
        let names = |files: &[Arc<str>]| files.iter().map(|file| file.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&letters.failed), ["tests/a.py", "tests/a.py", "tests/a.py", "tests/c.py"]);
        assert_eq!(names(&letters.errors), ["tests/a.py", "tests/c.py"]);
        let told: Vec<_> = letters.told.iter().map(|(file, count)| format!("{file} {count}")).collect();
        assert_eq!(told, ["tests/a.py 5", "tests/b.py 3", "tests/c.py 3"]);
    }
}
