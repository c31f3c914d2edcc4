//! What a commit says that it did: its first line, and the documents that it changed.

use crate::diagnosis::product::{self, Hunk};

use super::super::{Context, told};

/// The words of a sentence, in small letters.
pub(super) struct Words {
    text: String,
}

/// Words by which something goes.
const AWAY: [&str; 16] = [
    "no", "not", "don", "doesn", "never", "without", "unsort", "remov", "drop", "stop", "avoid", "disabl", "omit",
    "skip", "delet", "unorder",
];

impl Words {
    pub(super) fn of(sentence: &str) -> Self {
        Self { text: sentence.to_lowercase() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether one of the words begins so.
    pub(super) fn has(&self, stems: &[&str]) -> bool {
        self.all().any(|word| stems.iter().any(|stem| word.starts_with(stem)))
    }

    /// Whether it tells that something goes, and not that it comes.
    pub(super) fn take_away(&self) -> bool {
        // `no` is a beginning of `normal`.
        self.all().any(|word| AWAY.iter().any(|stem| word == *stem || stem.len() > 3 && word.starts_with(stem)))
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
    }
}

/// Whether the first line of the commit of a hunk tells of its change, or what its documents say of the code there: a
/// changelog speaks of much.
pub(super) fn is_said(ctx: &Context<'_>, hunk: &Hunk, tells: impl Fn(&str) -> bool) -> bool {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let documents = hunks.iter().filter(|other| other.commit == hunk.commit && !other.is_python());
    let subject = ctx.snapshot.history().subject(&hunk.commit);
    let names = told::names_around(ctx, hunk);
    let parts: Vec<&str> = names.iter().flat_map(|name| name.split('_')).filter(|part| part.len() > 2).collect();
    subject.is_some_and(|subject| tells(&subject))
        || documents
            .flat_map(|document| told::paragraphs(ctx, document))
            .any(|paragraph| tells(&paragraph) && Words::of(&paragraph).has(&parts))
}
