//! Reading and writing: odd files, exact entries, notes instead of copies.

use super::*;

const ENTRY: &str = "## Entry: totl is called total

**Category**: AttributeError
**Date**: 2026-05-04
**Test**: tests/test_cart.py::test_total

### What Went Wrong
The name was misspelt.

### Wrong Code
```python
cart.totl()
```

### Correct Code
```python
cart.total()
```

### Lesson Learned
`Cart` defines `total`.

### How to Avoid
Write `total`, not `totl`.

---
";

fn read(text: &str) -> Graveyard {
    Graveyard::parse(None, text)
}

fn file() -> String {
    format!("{}\n{ENTRY}", write::HEADER)
}

fn codes(graveyard: &Graveyard) -> Vec<&str> {
    graveyard.problems.iter().map(Problem::code).collect()
}

#[test]
fn an_entry_of_the_format_has_no_problem_and_every_place() {
    let text = file();
    let graveyard = read(&text);
    assert_eq!(graveyard.problems, vec![]);
    let [lesson] = &graveyard.lessons[..] else { panic!("{graveyard:?}") };
    assert_eq!(lesson.slug(), "totl-is-called-total");
    assert_eq!((lesson.wrong_code.as_str(), lesson.correct_code.as_str()), ("cart.totl()", "cart.total()"));
    assert_eq!(lesson.how_to_avoid, "Write `total`, not `totl`.");
    assert_eq!(&text[lesson.places.title.clone()], "totl is called total");
    assert_eq!(&text[lesson.places.test.clone().unwrap()], "tests/test_cart.py::test_total");
    let wrong = lesson.places.section(Section::WrongCode).unwrap();
    assert_eq!(&text[wrong.body.clone()], "```python\ncart.totl()\n```");
    assert_eq!(&text[wrong.code[0].clone()], "cart.totl()\n");
    assert_eq!(&text[lesson.places.entry.clone()], ENTRY);
    assert_eq!(text.lines().nth(lesson.line as usize - 1), Some("## Entry: totl is called total"));
}

#[test]
fn windows_files_and_byte_order_marks_read_the_same() {
    let plain = &read(ENTRY).lessons[0];
    for text in [ENTRY.replace('\n', "\r\n"), format!("\u{feff}{ENTRY}"), ENTRY.replace("```", "~~~~")] {
        let graveyard = read(&text);
        let lesson = Lesson { places: Places::default(), ..graveyard.lessons[0].clone() };
        assert_eq!(lesson, Lesson { places: Places::default(), ..plain.clone() }, "{text:?}");
        assert_eq!(graveyard.problems, vec![], "{text:?}");
    }
}

#[test]
fn headings_are_read_in_any_spelling_and_told_about() {
    let odd = ENTRY
        .replace("## Entry: ", "## ENTRY - ")
        .replace("### Wrong Code", "### ❌ Wrong code:")
        .replace("### Correct Code", "**Correct Code**");
    let graveyard = read(&odd);
    assert_eq!(graveyard.lessons[0].title, "totl is called total");
    assert_eq!(graveyard.lessons[0].wrong_code, "cart.totl()");
    assert_eq!(graveyard.lessons[0].correct_code, "cart.total()");
    assert_eq!(codes(&graveyard), ["heading-spelling"; 3]);
    let mended = mend_all(&odd);
    assert_eq!(mended, ENTRY);
}

fn mend_all(text: &str) -> String {
    let mut text = text.to_string();
    while let Some(mend) = read(&text).problems.iter().rev().find_map(Problem::mend) {
        text.replace_range(mend.range, &mend.text);
    }
    text
}

#[test]
fn headings_inside_of_code_are_code() {
    let text = ENTRY.replace("cart.totl()\n", "# no\n## Entry: fake\n### Wrong Code\ncart.totl()\n---\n");
    let graveyard = read(&text);
    assert_eq!(graveyard.lessons.len(), 1);
    assert_eq!(graveyard.lessons[0].wrong_code, "# no\n## Entry: fake\n### Wrong Code\ncart.totl()\n---");
    let nested = ENTRY.replace("The name", "````text\n```python\n## Entry: fake\n```\n````\nThe name");
    assert_eq!(read(&nested).lessons.len(), 1);
}

#[test]
fn an_unclosed_fence_ends_at_the_next_heading() {
    for torn in [
        ENTRY.replace("cart.totl()\n```", "cart.totl()"),
        ENTRY.replace("```python\ncart.totl()\n```", "```\ncart.totl()"),
    ] {
        let graveyard = read(&format!("{torn}\n{}", ENTRY.replace("totl", "sum")));
        assert_eq!(graveyard.lessons.len(), 2, "{torn}");
        assert_eq!(graveyard.lessons[0].wrong_code, "cart.totl()");
        assert_eq!(graveyard.lessons[0].correct_code, "cart.total()");
        assert_eq!(codes(&graveyard), ["unclosed-fence"]);
        assert_eq!(codes(&read(&mend_all(&torn))), [""; 0]);
    }
}

#[test]
fn missing_parts_are_problems_with_a_fix() {
    let text = ENTRY
        .replace("**Date**: 2026-05-04\n", "")
        .replace("AttributeError", "KeyError")
        .replace("### Lesson Learned\n`Cart` defines `total`.\n\n", "")
        .replace("---\n", "");
    let graveyard = read(&text);
    assert_eq!(graveyard.lessons.len(), 1);
    let mut found = codes(&graveyard);
    found.sort_unstable();
    assert_eq!(found, ["missing-key", "missing-section", "missing-separator", "unknown-category"]);
    let mut left = codes(&read(&mend_all(&text))).join(" ");
    left.retain(|c| c != '"');
    assert_eq!(left, "bad-date empty-section");
}

#[test]
fn rules_that_say_nothing_are_vague() {
    for (rule, vague) in [
        ("Be careful.", true),
        ("Think twice before merging.", true),
        ("Always.", true),
        ("Write `total`.", false),
        ("Request the factory fixture in wider scopes.", false),
    ] {
        let text = ENTRY.replace("Write `total`, not `totl`.", rule);
        assert_eq!(codes(&read(&text)).contains(&"vague-rule"), vague, "{rule}");
    }
}

#[test]
fn a_first_lesson_brings_the_header() {
    let lesson = read(ENTRY).lessons.remove(0);
    assert_eq!(append("", &lesson), file());
}

#[test]
fn a_new_mistake_is_appended_and_no_byte_before_it_changes() {
    let other = read(&ENTRY.replace("totl", "sum")).lessons.remove(0);
    for existing in [file(), file().trim_end().to_string(), file().replace('\n', "\r\n"), "# Notes".to_string()] {
        let text = append(&existing, &other);
        assert!(text.starts_with(&existing), "{text}");
        let lessons = read(&text).lessons;
        assert_eq!(lessons.last().unwrap().wrong_code, "cart.sum()");
        assert_eq!(text.contains("\r\n"), existing.contains("\r\n"));
        assert!(!text.contains("\n\n\n"), "{text}");
    }
}

#[test]
fn the_same_mistake_becomes_a_note_once() {
    let mut again = read(ENTRY).lessons.remove(0);
    assert_eq!(append(&file(), &again), file(), "the very same lesson adds nothing");
    (again.date, again.test) = ("2026-06-01".into(), "tests/test_b.py::test_c".into());
    again.wrong_code = "cart . totl()".into();
    let noted = append(&file(), &again);
    let note = "\n\n**Note** (2026-06-01): seen again in tests/test_b.py::test_c\n\n---\n";
    assert!(noted.ends_with(note), "{noted}");
    assert_eq!(noted.replace(note, "\n\n---\n"), file());
    assert_eq!(append(&noted, &again), noted);
    again.category = "TypeError".into();
    assert_eq!(read(&append(&noted, &again)).lessons.len(), 2, "another category is another lesson");
}

#[test]
fn a_torn_block_at_the_end_does_not_swallow_the_new_entry() {
    let torn = ENTRY.split("\n```\n\n### Correct").next().unwrap();
    let other = read(&ENTRY.replace("totl", "sum")).lessons.remove(0);
    let text = append(torn, &other);
    assert!(text.starts_with(torn));
    assert_eq!(read(&text).lessons.len(), 2, "{text}");
}

#[test]
fn hostile_words_stay_inside_of_their_section() {
    let mut lesson = read(ENTRY).lessons.remove(0);
    lesson.title = "a\n## Entry: b".into();
    lesson.what_went_wrong = "x\n## Entry: c\n---\n```python\n### Wrong Code".into();
    lesson.wrong_code = "text = '''\n```\n## Entry: d\n'''".into();
    let graveyard = read(&append("", &lesson));
    assert_eq!(graveyard.lessons.len(), 1, "{graveyard:#?}");
    assert_eq!(graveyard.lessons[0].wrong_code, lesson.wrong_code);
    assert_eq!(graveyard.problems, vec![]);
}

#[test]
fn every_exception_finds_one_of_the_eight_categories() {
    for (name, category) in [
        ("ModuleNotFoundError", "ImportError"),
        ("KeyError", "LogicError"),
        ("NameError", "LogicError"),
        ("SyntaxError", "LogicError"),
        ("requests.exceptions.ReadTimeout", "TimeoutError"),
        ("timeout_sampler.TimeoutExpiredError", "TimeoutError"),
        ("kubernetes.dynamic.exceptions.NotFoundError", "ResourceError"),
        ("pydantic.ValidationError", "TypeError"),
        ("ScopeMismatch", "FixtureError"),
        ("Failed", "AssertionError"),
        ("Flaky", "TimeoutError"),
        ("EnvironmentError", "ResourceError"),
        ("DependencyError", "ImportError"),
        ("Unknown", "LogicError"),
    ] {
        assert_eq!(category_of(name), category, "{name}");
    }
}

#[test]
fn a_mended_mistake_fills_every_section() {
    let lesson = Lesson::of(&Mistake {
        category: "AttributeError",
        date: "2026-05-04",
        test: "tests/test_cart.py::test_total",
        message: "'Cart' object has no attribute 'totl'",
        reason: "",
        wrong_code: "assert cart.totl() == 3",
        correct_code: "assert cart.total() == 3",
        fix: "Rename `totl` to `total`",
        evidence: &["`Cart` defines `total` (shop.py:2)".to_string()],
    });
    assert_eq!(lesson.lacks(), [""; 0]);
    assert_eq!(lesson.title, "'Cart' object has no attribute 'totl'");
    assert_eq!(lesson.how_to_avoid, "Write `total`, not `totl`.");
    let graveyard = read(&append("", &lesson));
    assert_eq!(graveyard.problems, vec![]);
    assert_eq!(Lesson { line: 0, places: Places::default(), ..graveyard.lessons[0].clone() }, lesson);
}

#[test]
fn the_rule_is_about_the_line_that_was_wrong_and_not_about_an_import_that_came_with_it() {
    let lesson = Lesson::of(&Mistake {
        category: "LogicError",
        date: "2026-05-04",
        test: "tests/test_cart.py::test_total",
        message: "not an executable object",
        reason: "",
        wrong_code: "db.execute(\"select 1\")\n",
        correct_code: "from sqlalchemy import text\n\ndb.execute(text(\"select 1\"))\n",
        fix: "Write it with `text`",
        evidence: &[],
    });
    assert_eq!(lesson.how_to_avoid, "Write `db.execute(text(\"select 1\"))`, not `db.execute(\"select 1\")`.");
}

#[test]
fn the_same_change_under_other_names_is_the_same_mistake() {
    let mut other = read(ENTRY).lessons.remove(0);
    other.test = "tests/test_b.py::test_b".into();
    other.wrong_code = other.wrong_code.replace("cart", "basket");
    other.correct_code = other.correct_code.replace("cart", "basket");
    let noted = append(&file(), &other);
    assert_eq!(read(&noted).lessons.len(), 1, "{noted}");
    assert!(noted.contains("seen again in tests/test_b.py::test_b"), "{noted}");
    other.correct_code = "basket.sum()".into();
    assert_eq!(read(&append(&file(), &other)).lessons.len(), 2, "another correction is another lesson");
}
