"""Small functions on text."""


def slug(title):
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    return "-".join(words)


def wrap(text, width):
    if width < 1:
        raise ValueError("width must be at least 1")
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        lines.append(line)
    return lines


def count_words(text):
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def most_common(text):
    counts = count_words(text)
    return min(counts, key=lambda word: (-counts[word], word)) if counts else None


def is_palindrome(text):
    letters = [c for c in text.lower() if c.isalpha()]
    return letters == letters[::-1]


def shorten(text, limit, mark="..."):
    if len(text) <= limit:
        return text
    return text[: limit - len(mark)] + mark
