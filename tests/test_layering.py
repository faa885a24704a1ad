"""Who may import whom, read from the code itself, and what must stay light."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("monitor", "spiders", "nlp", "web")
# The composition modules: the only ones of monitor that may see the other rooms, inside functions.
JOINERS = ("monitor/jobs.py", "monitor/cli/")
# Within monitor each layer sees only those on its right.
LAYERS = [
    {"__main__"},
    {"cli"},
    {"schedule"},
    {"jobs", "trying"},
    {"scoring", "deciding", "deliveries", "watch", "replaying", "digests", "explaining", "mailer_post"},
    {"exports"},
    {"leavers"},
    {"listings"},
    {"case_board", "mention_list", "authors", "rank_history", "rivals", "shared_topics"},
    {"pulls", "sending_files"},
    {
        "overview",
        "erasure",
        "uploads",
        "unsubscribe_files",
        "mention_files",
        "hooks",
        "inbox",
        "leaving",
        "followups",
        "exits",
    },
    {"standing", "records", "measures"},
    {"cases", "withdrawing", "links"},
    {
        "alerts",
        "gathering",
        "rules",
        "channels",
        "mentions",
        "grouping",
        "regrouping",
        "search_results",
        "unsubscribes",
        "sendings",
    },
    {"conditions"},
    {
        "facts",
        "abuse",
        "loss",
        "money",
        "brands",
        "sources",
        "robots",
        "trials",
        "messages",
        "headings",
        "digest_pages",
        "printing",
        "lateness",
        "replies",
        "senders",
        "subscribers",
        "tokens",
        "sheets",
        "providers",
        "label_history",
        "saved_views",
        "people",
        "logins",
        "invitations",
        "factors",
    },
    {"outbox", "mailers"},
    {
        "services",
        "addresses",
        "preferences",
        "stories",
        "quiet",
        "webhooks",
        "payloads",
        "reasons",
        "tables",
        "chance",
        "calendars",
        "atom",
    },
    {"documents", "refusals"},
    {"wording"},
    {"secrets", "recognise", "migrations", "backups"},
    {"db", "sealing", "audit"},
    {"shingles", "shares", "searching", "hosts", "drafts", "forgetting", "moments", "nobody"},
    {"models", "folding"},
    {"config"},
    {"types", "errors"},
]
LAYER_OF = {module: number for number, layer in enumerate(LAYERS) for module in layer}


def imports(path):
    """(imported module, inside a function or for typing only?) of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in late
        elif isinstance(node, ast.ImportFrom):
            if node.module == "monitor":
                for alias in node.names:
                    yield f"monitor.{alias.name}", id(node) in late
            else:
                yield node.module, id(node) in late


FILES = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations/versions" not in path.as_posix()
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_room_sees_only_what_it_may(path):
    name = path.relative_to(ROOT).as_posix()
    room = name.partition("/")[0]
    joins = name.startswith(JOINERS)
    for module, late in imports(path):
        other = module.partition(".")[0]
        if other not in ROOMS or other == room:
            continue
        if other == "monitor":
            continue
        assert joins and late, f"{name} imports {module}"


@pytest.mark.parametrize("path", sorted((ROOT / "monitor").rglob("*.py")), ids=lambda path: path.name)
def test_monitor_sees_only_rightward(path):
    parts = path.relative_to(ROOT / "monitor").with_suffix("").parts
    if parts == ("__init__",) or "versions" in parts:
        return
    for module, _ in imports(path):
        if not module.startswith("monitor."):
            continue
        target = module.split(".")[1]
        if target == "__version__" or target == parts[0]:
            continue
        # A command may look at everything; the others only rightward, on the same layer where no circle forms.
        assert LAYER_OF[parts[0]] <= LAYER_OF[target], f"{path.name} imports {module}"


HEAVY = ("scrapy", "twisted", "flask", "sqlalchemy", "onnxruntime", "transformers", "torch", "numpy", "apprise")
CRAWLER_AND_MODEL = {"scrapy", "twisted", "onnxruntime", "transformers", "torch", "numpy"}


def loaded_by(code):
    """Which heavy modules, and words of its output, a fresh interpreter has after running ``code``."""
    code = f"{code}\nimport sys\nprint(*sorted({set(HEAVY)!r} & sys.modules.keys()))"
    environ = {**os.environ, "DIDBAN_DATABASE_URL": "sqlite://", "DIDBAN_SECRET_KEY": "k"}
    child = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return child.stdout.split()


def test_help_loads_nothing_heavy():
    code = "import sys\nsys.argv[1:] = ['--help']\nfrom monitor.cli import main\ntry: main()\nexcept SystemExit: pass"
    words = loaded_by(code)
    assert not set(words) & set(HEAVY)
    assert "Commands:" in words


def test_the_dashboard_loads_no_crawler_and_no_model():
    assert not set(loaded_by("import web, web.wsgi")) & CRAWLER_AND_MODEL


def test_the_steps_load_no_crawler_and_no_model_until_they_need_one():
    loaded = set(loaded_by("import monitor.jobs, monitor.schedule"))
    assert not loaded & (CRAWLER_AND_MODEL | {"flask"})
