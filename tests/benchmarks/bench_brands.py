"""500 brands of six names over 100,000 texts, against one compiled regular expression a name."""

import random
import re
import tracemalloc
from time import perf_counter

from monitor.brands import BrandIndex, BrandMatcher, _name_pattern
from monitor.folding import fold

BRANDS, NAMES, TEXTS = 500, 6, 100_000
# What one expression a name takes is measured on so many texts and counts for all by the rule of three.
SAMPLE = 30
_PERSIAN, _LATIN = "ابپتجچحخدرزسشعغفقکگلمنوهی", "abcdefghiklmnoprstuvz"


def _word(chance, letters):
    return "".join(chance.choices(letters, k=chance.randint(3, 8)))


def test_many_brands_cost_less_than_a_twentieth_of_an_expression_a_name():
    chance = random.Random(7)
    words = [_word(chance, _PERSIAN) for _ in range(5000)]
    matchers = {}
    for brand in range(BRANDS):
        # Half of the names begin with a word that texts use too, as shops' names do.
        names = [f"{chance.choice(words)} {_word(chance, _PERSIAN)}" for _ in range(NAMES // 2)]
        names += [_word(chance, _LATIN) for _ in range(NAMES - len(names))]
        matchers[brand] = BrandMatcher(names[0], names[1:])
    some = [name for matcher in matchers.values() for name in matcher.names]
    texts = [
        " ".join(
            [*chance.choices(words, k=25), *chance.choices(some, k=chance.randint(0, 2)), *chance.choices(words, k=10)]
        )
        for _ in range(TEXTS)
    ]
    patterns = {id: [re.compile(_name_pattern(name)) for name in matcher.names] for id, matcher in matchers.items()}

    begun = perf_counter()
    expected = [
        [id for id, names in patterns.items() if any([pattern.search(folded) for pattern in names])]
        for folded in map(fold, texts[:SAMPLE])
    ]
    each = (perf_counter() - begun) * TEXTS / SAMPLE

    begun = perf_counter()
    index = BrandIndex(matchers)
    found = sum(len(index.find(text)) for text in texts)
    ours = perf_counter() - begun
    assert [index.find(text) for text in texts[:SAMPLE]] == expected

    tracemalloc.start()
    for text in texts[:1000]:
        index.find(text)
    before = tracemalloc.get_traced_memory()[0]
    for text in texts[1000:6000]:
        index.find(text)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    print(f"\n{TEXTS} texts, {BRANDS} × {NAMES} names: {ours:.1f} s, {found} found; an expression a name {each:.0f} s")
    print(f"ratio 1/{each / ours:.0f} (at most 1/20); memory grown by {grown / 1000:.0f} kB over 5,000 texts")
    assert ours * 20 < each
    assert grown < 1_000_000
