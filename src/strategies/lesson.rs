//! A lesson of GRAVEYARD.md that tells exactly the failing code: what the team wrote down is applied again.

use std::sync::Arc;

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::graveyard::{Graveyard, Lesson, Lessons, category_of};

use super::confidence::Odds;
use super::two_things::were_two_things;
use super::{Context, Strategy, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "lesson",
    categories: &[
        Category::ImportError,
        Category::AttributeError,
        Category::NameError,
        Category::TypeError,
        Category::AssertionError,
        Category::TimeoutError,
        Category::FixtureError,
        Category::ResourceError,
        Category::KeyError,
        Category::LogicError,
        Category::Unknown,
    ],
    summary: "Follows a lesson of GRAVEYARD.md whose wrong code stands at the failing line.",
    example: r#"
#- GRAVEYARD.md
## Entry: Stopping a machine needs a reason

**Category**: TypeError
**Date**: 2026-11-20
**Test**: tests/test_stop.py::test_stop

### What Went Wrong
`stop()` was called without `reason`.

### Wrong Code
```python
vm.power_off()
```

### Correct Code
```python
vm.power_off(reason="test")
```

### Lesson Learned
Every stop is recorded with its reason.

### How to Avoid
Pass `reason` to `power_off()`.

---
#- tests/test_vm.py
def test_off(box):
    box.power_off()
    assert box.is_off
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_off ___________________________________

    def test_off(box):
>       box.power_off()
E       TypeError: power_off() missing 1 required keyword-only argument: 'reason'

tests/test_vm.py:2: TypeError
#- healed
-    box.power_off()
+    box.power_off(reason="test")
"#,
    propose: lesson,
};

fn lesson(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let graveyards: Vec<Arc<Graveyard>> = ctx.snapshot.lessons().iter().filter_map(|read| akin(ctx, read)).collect();
    let lessons = Lessons::new(&graveyards);
    let statement = &ctx.site.statement;
    for sighting in lessons.find(&ctx.site.path, ctx.source).iter() {
        let range = sighting.range();
        let is_here = range.start < statement.end && statement.start < range.end;
        let Some(edits) = sighting.edits(&ctx.site.path).filter(|_| is_here) else { continue };
        let lesson = sighting.lesson();
        let told = format!("the lesson `{}` tells this mistake", lesson.title);
        let evidence = vec![match &sighting.graveyard.path {
            Some(path) => Evidence::at(EvidenceKind::Lesson, path, lesson.line, told),
            None => Evidence { kind: EvidenceKind::Lesson, ..Evidence::hint(told) },
        }];
        // A message that names what the lesson names is a second sign that it is the same mistake.
        let doubt = if says_the_same(ctx.message(), lesson) { 0.0 } else { 0.6 };
        fixes.push(Fix {
            title: format!("Follow the lesson: {}", lesson.title),
            strategy: STRATEGY.id,
            edits: imports::placed(ctx, edits),
            confidence: Odds::of(&evidence).doubt(doubt).confidence(),
            evidence,
            tier: if changes_expectation(lesson) || is_of_another(ctx, lesson) { Tier::Review } else { Tier::Safe },
        });
    }
    Some(())
}

/// The lessons of a graveyard that may tell this failure: of its category, or about a name of its message, and with a
/// word of the failing statement in their wrong code.
fn akin(ctx: &Context<'_>, graveyard: &Graveyard) -> Option<Arc<Graveyard>> {
    let category = category_of(&format!("{:?}", ctx.diagnosis.category));
    let failing = &ctx.source.text()[ctx.site.statement.clone()];
    let lessons: Vec<Lesson> = graveyard
        .lessons
        .iter()
        .filter(|lesson| category_of(&lesson.category) == category || says_the_same(ctx.message(), lesson))
        .filter(|lesson| words(&lesson.wrong_code).any(|word| failing.contains(word)))
        .cloned()
        .collect();
    let kept = || Graveyard { lessons: lessons.clone(), problems: Vec::new(), ..graveyard.clone() };
    (!lessons.is_empty()).then(|| Arc::new(kept()))
}

/// Whether a message names something that the lesson's code or its story names.
fn says_the_same(message: &str, lesson: &Lesson) -> bool {
    let quoted = message.split(['\'', '`', '"']).skip(1).step_by(2).filter(|name| name.len() > 2);
    let told = [&lesson.what_went_wrong, &lesson.wrong_code, &lesson.correct_code];
    let mut names = quoted.flat_map(|name| name.split(|c: char| !(c.is_alphanumeric() || c == '_')));
    names.any(|name| name.len() > 2 && told.iter().any(|text| words(text).any(|word| word == name)))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| word.len() > 2)
}

/// Whether the lesson tells of another class than the one that failed, or gives a name that was another thing.
fn is_of_another(ctx: &Context<'_>, lesson: &Lesson) -> bool {
    let owner = |text: &str| {
        let before = text.split("' object has no attribute").next().filter(|before| before.len() < text.len())?;
        before.rsplit('\'').next().map(str::to_string)
    };
    let owners = owner(ctx.message()).zip(owner(&lesson.what_went_wrong));
    let only_in = |text: &str, other: &str| -> Vec<String> {
        words(text).filter(|word| words(other).all(|known| known != *word)).map(str::to_string).collect()
    };
    let gone = only_in(&lesson.wrong_code, &lesson.correct_code);
    let came = only_in(&lesson.correct_code, &lesson.wrong_code);
    let are_two = || matches!((gone.as_slice(), came.as_slice()), ([old], [new]) if were_two_things(ctx, old, new));
    owners.is_some_and(|(here, told)| here != told) || are_two()
}

/// Whether what the lesson changes is what a test expects: that a person takes.
fn changes_expectation(lesson: &Lesson) -> bool {
    let expects = |code: &str| -> Vec<String> {
        let lines = code.lines().map(str::trim);
        lines.filter(|line| line.starts_with("assert ") || line.contains("raises(")).map(str::to_string).collect()
    };
    let (wrong, right) = (expects(&lesson.wrong_code), expects(&lesson.correct_code));
    !wrong.is_empty() && wrong != right
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    const LESSON: &str = "#- GRAVEYARD.md
## Entry: Stopping a machine needs a reason

**Category**: TypeError
**Date**: 2026-11-20
**Test**: tests/test_stop.py::test_stop

### What Went Wrong
`power_off()` was called without `reason`.

### Wrong Code
```python
vm.power_off()
```

### Correct Code
```python
vm.power_off(reason=\"test\")
```

### Lesson Learned
Every stop is recorded with its reason.

### How to Avoid
Pass `reason` to `power_off()`.

---
";

    fn scene(test: &str, error: &str) -> String {
        let log = format!(
            "=================================== FAILURES ===================================\n\
             ___________________________________ test_off ___________________________________\n\n\
             >       failing()\nE       {error}\n\ntests/test_vm.py:2: {}\n",
            error.split(':').next().unwrap_or_default()
        );
        format!("{LESSON}#- tests/test_vm.py\n{test}#- test_run.log\n{log}#- healed\nno fix\n")
    }

    #[test]
    fn a_lesson_of_another_category_is_no_fix() {
        check(&scene("def test_off(box):\n    box.power_off()\n", "AssertionError: assert 1 == 2"));
    }

    #[test]
    fn a_lesson_about_another_line_is_no_fix() {
        let test = "def test_off(box):\n    box.start_now(1)\n    box.power_off()\n";
        check(&scene(test, "TypeError: start_now() takes 1 positional argument but 2 were given"));
    }

    #[test]
    fn a_silenced_lesson_is_no_fix() {
        let test = "def test_off(box):\n    box.power_off()  # graveyard: ignore[stopping-a-machine-needs-a-reason]\n";
        check(&scene(test, "TypeError: power_off() missing 1 required keyword-only argument: 'reason'"));
    }
}
