"""What training reads and how it respells it; the whole of it, on a toy, where torch is installed."""

import gzip
import hashlib
import json
import lzma
import random
import shutil
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from monitor.errors import ModelError
from monitor.types import Kind, Text
from nlp.normalize import normalize
from nlp.training import data
from nlp.training.augment import noisy, variants
from nlp.training.card import write_card
from nlp.training.evaluate import Answers, macro_f1, measure
from nlp.training.finglish import build_tables, known_words, learn_endings, learn_spellings
from nlp.training.frames import framed
from nlp.training.mix import _weights_of_kinds
from nlp.training.patterns import SOURCE, draw, often, read_patterns
from nlp.training.rows import Row, epoch_rows, read_examples
from nlp.training.stages import ROUNDS, Round

MOODS = {"positive": "عالی و خوب بود", "negative": "بد و افتضاح بود", "neutral": "ساعت کار شعبه را بگویید"}


def write_gzip(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def data_dir(tmp_path):
    """Every part of the layout that docs/training-data.md describes, a few rows each."""
    rows = [
        {"text": f"{words} شماره {n}", "lang": "fa", "label": label, "topic": data.TOPICS[n % 2], "split": split}
        for n in range(6)
        for split in ("train", "dev")
        for label, words in MOODS.items()
    ]
    pairs = [{**row, "pair": f"p{n // 2}", "phenomenon": "verb_neg"} for n, row in enumerate(rows[:8])]
    reasons = [
        {"text": f"{code} {n}", "lang": "en", "code": code, "split": split}
        for n, code in enumerate(data.REASONS)
        for split in ("train", "dev")
    ]
    (tmp_path / "authored").mkdir()
    for name, group in (("headlines2", rows), ("posts_fa", rows), ("pairs2", pairs), ("reasons", reasons)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in group)
        (tmp_path / "authored" / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    public = "".join(json.dumps({**row, "source": "x"}, ensure_ascii=False) + "\n" for row in rows)
    for folder, parts in (("labelled", ("train", "dev")), ("evaluation_only", ("dev",))):
        for part in parts:
            write_gzip(tmp_path / folder / f"snappfood.{part}.jsonl.gz", public)
    (tmp_path / "raw").mkdir()
    for name in ("reviews", "social", "news", "wiki"):
        with lzma.open(tmp_path / "raw" / f"{name}_fa.txt.xz", "wt", encoding="utf-8") as file:
            file.write("\n".join(f"{words} و {name} {n}" for n in range(200) for words in MOODS.values()))
    write_gzip(
        tmp_path / "finglish" / "pairs.tsv.gz", "finglish\tpersian\nkhoob bood\tخوب بود\nbad\tبد بود اما نه زیاد\n"
    )
    write_gzip(tmp_path / "finglish" / "word_lexicon.tsv.gz", "finglish\tpersian\tcount\nkhoob\tخوب\t5\nbd\tبد\t1\n")
    return tmp_path


def test_the_parts_are_read_apart(data_dir):
    assert {example.source for example in data.read_labelled(data_dir, "dev", "evaluation_only")} == {"snappfood"}
    assert all(example.kinds for example in read_examples(data_dir))
    assert data.read_finglish_pairs(data_dir) == [("khoob bood", "خوب بود")]


def test_raw_text_with_a_label_of_ours_is_train_or_dev_by_its_digest(data_dir, tmp_path, monkeypatch):
    digests = {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in data.read_raw(data_dir, "news")}
    labels = tmp_path / "labels.tsv"
    labels.write_text("set\tdigest\tlabel\n" + "".join(f"news\t{digest}\tneutral\n" for digest in digests))
    monkeypatch.setattr(data, "_RAW_LABELS", labels)
    parts = {split: data.read_annotated(data_dir, split) for split in ("train", "dev")}
    dev = {text for digest, text in digests.items() if digest[0] in "01"}
    assert {example.text for example in parts["dev"]} == dev and 20 < len(dev) < 150
    assert {example.text for example in parts["train"]} == set(digests.values()) - dev
    assert all(example.label == "neutral" and example.annotated for example in parts["train"])


def test_what_is_for_evaluation_only_is_never_trained_on(data_dir):
    with pytest.raises(ModelError, match="for evaluation only"):
        data.read_labelled(data_dir, "train", "evaluation_only")


def test_missing_and_broken_data_are_one_clear_line(data_dir, tmp_path):
    with pytest.raises(ModelError, match="training data is missing"):
        data.read_authored(tmp_path / "nowhere", "train")
    (data_dir / "authored" / "latin.jsonl").write_text("{\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"not a JSON line: '.*latin.jsonl:1'"):
        data.read_authored(data_dir, "train")


@pytest.fixture
def finglish_rows(tmp_path, monkeypatch):
    rows = (
        "finglish\tpersian\nkheili khub bud, merci\tخیلی خوب بود، مرسی\nkhoob bood o garm\tخوب بود و گرم\n"
        "garm-e e\tگرمه -\nkhub nabud\tخوب نبود\n"
    )
    path = tmp_path / "rows.tsv"
    path.write_text(rows, encoding="utf-8")
    monkeypatch.setattr(data, "_FINGLISH_ROWS", path)


def test_words_are_known_as_people_turned_them_into_persian(data_dir, finglish_rows):
    known = known_words(data_dir)
    assert known["khub", "خوب"] == 2
    assert known["e", ""] == 1
    # Of the lexicon what was seen twice; of a row no word that is two.
    assert known["khoob", "خوب"] == 2 and ("bd", "بد") not in known and ("garm", "گرمه") not in known


def test_spellings_of_letters_are_learnt_from_words():
    words = (
        "khub خوب khoob خوب bud بود bood بود bad بد dud دود dood دود sut سوت soot سوت shab شب lab لب mard مرد".split()
    )
    shares = learn_spellings({pair: 1 for pair in zip(words[::2], words[1::2], strict=True)})
    assert shares["خ", "first", "kh"] > 0.5
    assert shares["ب", "last", "b"] > 0.9
    assert shares["و", "middle", "u"] > 0.3 and shares["و", "middle", "oo"] > 0.3
    assert sum(share for (letter, place, _), share in shares.items() if (letter, place) == ("ب", "first")) == (
        pytest.approx(1.0)
    )


def test_endings_are_learnt_from_known_words_that_begin_alike():
    stems = {"site": "سایت", "goshi": "گوشی", "khane": "خانه", "tormoz": "ترمز", "batri": "باتری", "kafsh": "کفش"}
    words = stems | {f"{latin}hash": f"{persian}هاش" for latin, persian in stems.items()} | {"kafshe": "کفش"}
    assert learn_endings(words) == {"hash": "هاش"}


def test_the_tables_of_finglish_are_made_from_the_data(data_dir, finglish_rows, tmp_path):
    rows = build_tables(data_dir, tmp_path / "tables")
    found = {
        name: (tmp_path / "tables" / name).read_text(encoding="utf-8").splitlines()
        for name in ("words.tsv", "persian.tsv", "spellings.tsv", "endings.tsv")
    }
    # Nothing of so little is an ending.
    assert found.pop("endings.tsv") == [""] and rows.pop("endings.tsv") == 0
    assert rows == {name: len(lines) for name, lines in found.items()}
    assert "khub\tخوب" in found["words.tsv"] and "e\t" in found["words.tsv"]
    rarity = dict(line.split("\t") for line in found["persian.tsv"])
    assert float(rarity["بود"]) < float(rarity["مرسی"])


def test_rows_are_repeated_respelled_and_sometimes_untold(data_dir):
    rows = epoch_rows(read_examples(data_dir), seed=1)
    assert rows == epoch_rows(read_examples(data_dir), seed=1)
    assert {row.kind for row in rows} >= {None, Kind.REVIEW, Kind.UNSUBSCRIBE}
    assert all(row.text == normalize(row.text) for row in rows)
    assert all(row.kind is Kind.UNSUBSCRIBE for row in rows if row.reason >= 0)


def test_the_members_of_a_pair_stand_together_and_are_told_alike(data_dir):
    rows = epoch_rows(read_examples(data_dir), seed=1)
    places = defaultdict(list)
    for place, row in enumerate(rows):
        if row.pair:
            places[row.pair].append(place)
    assert len(places) > 100
    assert all(places[-1] - places[0] == len(places) - 1 > 0 for places in places.values())
    assert all(len({rows[place].kind for place in group}) == 1 for group in places.values())


def test_a_pair_read_alike_costs_more_than_one_told_apart():
    torch = pytest.importorskip("torch")
    from nlp.training.finetune import _pair_loss

    good, bad = (0.02, 0.02, 0.96), (0.96, 0.02, 0.02)
    rows = [Row("a", None, good, pair="p"), Row("b", None, bad, pair="p"), Row("c", None, bad)]
    alike = torch.tensor([[2.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    apart = torch.tensor([[0.0, 0.0, 4.0], [4.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert _pair_loss(alike, rows) > 4
    assert _pair_loss(apart, rows) < 0.1
    assert _pair_loss(apart[1:], rows[1:]) == 0


def test_every_pattern_gives_a_pair_whose_members_differ():
    chooser = random.Random(2)
    for pattern in read_patterns():
        members = draw(pattern, "p", chooser)
        assert len(members) > 1
        assert {member.label for member in members} == set(MOODS) & set(pattern)
        assert len({member.text for member in members}) == len(members)
        assert not any(set("{}") & set(member.text) for member in members)


def test_a_pattern_is_filled_alike_but_for_what_decides():
    pattern = {
        "phenomenon": "before_after",
        "lang": "fa",
        "text": "{who}{brand} قبلا {X1} بود، الان {X2} شده {end}",
        "gaps": {"who": ["کافه ", "هتل "], "end": [""]},
        "negative": [["تمیز", "کثیف"]],
        "positive": [["کثیف", "تمیز"]],
    }
    texts = {member.label: member.text for member in draw(pattern, "p", random.Random(4))}
    start = texts["negative"].split("قبلا")[0]
    assert start.startswith(("کافه ", "هتل "))
    assert texts == {
        "negative": f"{start}قبلا تمیز بود، الان کثیف شده",
        "positive": f"{start}قبلا کثیف بود، الان تمیز شده",
    }


def test_a_form_of_sentence_is_filled_with_two_sides_of_one_firm():
    form = {
        "phenomenon": "but_clause",
        "lang": "en",
        "register": "talk",
        "text": "{brand}: {X1} but {X2}",
        "gaps": {},
        "negative": [["{good}", "{bad2}"]],
        "positive": [["{bad2}", "{good}"]],
    }
    domains = defaultdict(set)
    for clause in data.read_rows(data.OWN_TEXTS / "clauses.jsonl"):
        for mood in ("good", "bad"):
            domains[mood, clause[mood]].add(clause["domain"])
    chooser = random.Random(6)
    for _ in range(50):
        sides = {member.label: member.text.split(": ")[1].split(" but ") for member in draw(form, "p", chooser)}
        good, bad = sides["negative"]
        assert sides["positive"] == [bad, good]
        assert domains["good", good] & domains["bad", bad]


def test_a_form_of_sentence_is_drawn_more_often_than_a_pattern():
    assert often({"register": "talk"}) > often({}) == 1


def test_every_epoch_draws_other_sentences_from_the_patterns(data_dir):
    examples = read_examples(data_dir)
    epochs = [epoch_rows(examples, seed, patterns=0.4) for seed in (1, 2)]
    drawn = [[row.text for row in rows if row.pair.startswith(SOURCE)] for rows in epochs]
    assert len(drawn[0]) / len(epochs[0]) == pytest.approx(0.4, abs=0.01)
    first, second = map(set, drawn)
    assert len(first & second) < 0.1 * len(first)


def test_only_chosen_places_are_replaced():
    torch = pytest.importorskip("torch")
    from nlp.training.detect import replace_words
    from nlp.training.network import Encoder, NetworkConfig

    torch.manual_seed(0)
    generator = Encoder(NetworkConfig(vocabulary=50, hidden=32, layers=1, heads=2, inner=32)).eval()
    batch, chosen = torch.randint(20, 50, (64, 32)), torch.rand(64, 32) < 0.2
    replaced = replace_words(generator, batch, chosen, mask_id=4)
    assert (replaced == batch)[~chosen].all()
    assert (replaced != batch)[chosen].float().mean() > 0.8
    assert 0 <= replaced.min() and replaced.max() < 50


def test_a_word_is_hidden_whole():
    torch = pytest.importorskip("torch")
    from nlp.training.pretrain import hidden_words

    torch.manual_seed(0)
    starts = torch.tensor([True] * 13 + [False] * 7)
    line = torch.tensor([2, 12, 15, 16, 12, 17, 3, 12, 18, 19, 19, 3]).repeat(400, 1)
    hidden = hidden_words(line, starts, mask_id=4)
    for word in ((1, 2, 3), (4, 5), (7, 8, 9, 10)):
        assert len({tuple(hidden[:, place].tolist()) for place in word}) == 1
    assert not hidden[:, [0, 6, 11]].any()
    assert 0.1 < hidden[:, 1].float().mean() < 0.4


def test_noise_and_frames_keep_a_text():
    chooser = random.Random(5)
    assert all(noisy("غذا خیلی خوشمزه بود، ممنون", chooser) for _ in range(100))
    assert all("خوب بود" in framed("خوب بود", "fa", chooser) for _ in range(50))
    assert framed("gut", "de", chooser) == "gut"
    assert len(variants("می‌خواهم", chooser)) == 9


def test_macro_f1_is_the_mean_over_the_classes_that_occur():
    assert macro_f1(["a", "a", "b"], ["a", "b", "b"]) == pytest.approx(2 / 3)
    assert macro_f1([], []) == 0.0


def test_a_labeller_that_knows_everything_gets_full_marks_and_a_card(data_dir, tmp_path):
    def predict(texts):
        labels = [next((k for k, words in MOODS.items() if words[:4] in normalize(t.text)), "neutral") for t in texts]
        reasons = [t.text.rsplit(" ", 1)[0] for t in texts]
        return Answers(labels, [1.0] * len(texts), ["quality"] * len(texts), reasons)

    figures = measure(predict, data_dir)
    assert figures["headlines"]["f1"] == 1.0
    assert figures["public"]["snappfood"]["accuracy"] == 1.0
    assert figures["reasons"]["accuracy"] == 1.0
    assert figures["calibration"]["expected_error"] == 0.0
    card = write_card(tmp_path, figures, {"graph, bytes": 1}).read_text(encoding="utf-8")
    assert "| snappfood | 1.0 | 1.0 |" in card
    assert "forbid commercial use" in card


def test_each_kind_leans_on_the_half_that_is_right_about_it():
    chooser = np.random.default_rng(3)
    truth = chooser.integers(0, 3, 600)
    right, guess = 3.0 * np.eye(3)[truth], 3.0 * np.eye(3)[chooser.integers(0, 3, 600)]
    news = np.arange(600) < 300
    network, linear = np.where(news[:, None], guess, right), np.where(news[:, None], right, guess)
    kinds = [Kind.ARTICLE if article else Kind.REVIEW for article in news]
    found = _weights_of_kinds(network, linear, truth, kinds)
    assert set(found) == {"search_result", "article", "review"}
    assert found["article"]["linear"] > 4 * found["article"]["network"]
    assert found["review"]["network"] > 3 * found["review"]["linear"]


@pytest.fixture
def graph_and_network(tmp_path):
    """A session with a random network's graph, and the network."""
    torch = pytest.importorskip("torch")
    onnx = pytest.importorskip("onnx")
    from nlp.model import runtime
    from nlp.training.graph import build
    from nlp.training.network import Network, NetworkConfig

    torch.manual_seed(3)
    network = Network(NetworkConfig(vocabulary=50, hidden=64, layers=2, heads=4, inner=96, max_length=40)).eval()
    for weights in network.parameters():
        torch.nn.init.normal_(weights, std=0.2)
    ranges = {name: (-4.0, 4.0) for name, layer in network.named_modules() if isinstance(layer, torch.nn.Linear)}
    onnx.save(build(network, ranges), tmp_path / "model.onnx")
    return runtime().InferenceSession(tmp_path / "model.onnx"), network


def test_the_graph_says_what_the_network_says(graph_and_network):
    import torch

    session, network = graph_and_network
    ids, mask = torch.randint(5, 50, (3, 40)), torch.ones((3, 40), dtype=torch.long)
    mask[1, 7:] = 0
    with torch.no_grad():
        wanted = network(ids, mask)
    outputs = ["logits", "topic_logits", "reason_logits"]
    found = session.run(outputs, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    for logits, other in zip(wanted, found, strict=True):
        assert np.corrcoef(logits.numpy().ravel(), other.ravel())[0, 1] > 0.99
    alone = session.run(outputs, {"input_ids": ids[1:2, :7].numpy(), "attention_mask": mask[1:2, :7].numpy()})
    assert np.abs(alone[0] - found[0][1]).max() < 1e-4


def test_a_round_ends_with_the_mean_of_what_it_began_with_and_its_stages(monkeypatch, tmp_path):
    torch = pytest.importorskip("torch")
    from nlp.training import finetune
    from nlp.training.network import Network, NetworkConfig

    def filled(network, value):
        network.load_state_dict({name: torch.full_like(w, value) for name, w in network.state_dict().items()})

    network = Network(NetworkConfig(vocabulary=50, hidden=32, layers=1, heads=2, inner=32))
    filled(network, 12.0)
    monkeypatch.setattr(
        finetune, "_train", lambda network, data_dir, work_dir, stage, seed: filled(network, stage.rate)
    )
    first, second = ROUNDS[0].stages[:2]
    stages = [replace(first, rate=4.0, share=0.5), replace(second, rate=16.0, share=0.25)]
    finetune._round(network, tmp_path, tmp_path, stages, seed=0)
    assert {float(value) for w in network.state_dict().values() for value in w.flatten()} == {9.0}
    stages[1] = replace(stages[1], share=0.5)
    finetune._round(network, tmp_path, tmp_path, stages, seed=0)
    assert {float(value) for w in network.state_dict().values() for value in w.flatten()} == {10.0}


def test_a_network_grows_without_another_answer_and_learns_in_all_its_layers():
    torch = pytest.importorskip("torch")
    from nlp.training.network import Network, NetworkConfig, grown

    torch.manual_seed(0)
    network = Network(NetworkConfig(vocabulary=50, hidden=32, layers=4, heads=2, inner=32)).eval()
    deeper = grown(network, 6).eval()
    assert (deeper.config.layers, len(deeper.encoder.blocks)) == (6, 6) and grown(deeper, 6) is deeper
    ids = torch.randint(1, 50, (3, 9))
    for before, after in zip(network(ids, torch.ones_like(ids)), deeper(ids, torch.ones_like(ids)), strict=True):
        assert torch.allclose(before, after, atol=1e-6)
    deeper(ids, torch.ones_like(ids))[0].sum().backward()
    silent = [block for block in deeper.encoder.blocks if not block.down.weight.any()]
    assert len(silent) == 2 and all(block.down.weight.grad.any() and block.out.weight.grad.any() for block in silent)


@pytest.fixture
def few_texts(tmp_path, monkeypatch):
    """The project's own texts without most of them."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("clauses.jsonl", "frames.json", "own_short.jsonl"):
        shutil.copy(data.OWN_TEXTS / name, folder)
    lines = (data.OWN_TEXTS / "patterns.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "patterns.jsonl").write_text("".join(lines[:40]), encoding="utf-8")
    monkeypatch.setattr(data, "OWN_TEXTS", folder)
    read_patterns.cache_clear()
    yield
    read_patterns.cache_clear()


@pytest.fixture
def toy(data_dir, few_texts, monkeypatch):
    """Keyword arguments of a training that takes seconds."""
    pytest.importorskip("torch", reason="torch is not installed (pip install 'didban[train]')")
    from nlp.training import export
    from nlp.training.network import NetworkConfig

    monkeypatch.setattr(export, "LEAST_PARITY", 0.5)
    return {
        "data_dir": data_dir,
        "pretrain_tokens": 40_000,
        "detect_tokens": 40_000,
        "rounds": [Round(tuple(replace(stage, steps=10) for stage in one.stages), one.layers and 2) for one in ROUNDS],
        "config": NetworkConfig(vocabulary=400, hidden=32, layers=1, heads=2, inner=32),
    }


def test_one_call_makes_a_model_from_the_data_and_another_goes_on_from_it(toy, tmp_path, monkeypatch):
    from nlp.model import read_config
    from nlp.sentiment import load_classifier
    from nlp.training import shipped
    from nlp.training.finetune import load_network
    from nlp.training.train import train

    figures = train(work_dir=tmp_path / "work", out_dir=tmp_path / "out", **toy)
    assert figures["headlines"]["rows"] == 18
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "linear.npz", "README.md"}
    assert load_classifier(tmp_path / "out").classify([Text("عالی و خوب بود", Kind.REVIEW)])[0].score > 0
    made = read_config(tmp_path / "out")["made"]
    assert {made[f"{stage.name}: steps"] for one in ROUNDS for stage in one.stages} == {10}

    trained = load_network(tmp_path / "work").state_dict()
    read = shipped.read_network(tmp_path / "out").state_dict()
    for name, weights in trained.items():
        if ".guess" not in name:
            assert (read[name] - weights).abs().max() <= weights.abs().max() / 100, name

    stage = replace(ROUNDS[-1].stages[-1], steps=5)
    toy["rounds"] = [Round((stage,), ROUNDS[-1].layers and 2)]
    train(work_dir=tmp_path / "more", out_dir=tmp_path / "on", begin=tmp_path / "out", **toy)
    assert read_config(tmp_path / "on")["made"] == {**made, f"{stage.name}: steps": 5}

    monkeypatch.setattr(shipped, "_GUESS", "nothing")
    with pytest.raises(ModelError, match="the graph lacks encoder"):
        shipped.read_network(tmp_path / "out")
