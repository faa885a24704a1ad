"""Nothing leaves the machine: the model's runtime, which would report to its maker, is told not to before it starts."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What the runtime reads of the environment it reads while it is imported.
LABEL = """
import os, sys

class Watch:
    def find_spec(self, name, *_):
        if name == "onnxruntime":
            print("the runtime starts with", os.environ.get("ORT_DISABLE_TELEMETRY"))

sys.meta_path.insert(0, Watch())
from monitor.cli import main
sys.argv[1:] = ["label"]
main()
"""


def label_in(home, **environ):
    """The output of a ``didban label`` that is at home in ``home``."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DIDBAN_", "ORT_", "XDG_", "HF_"))
    }
    child = subprocess.run(
        [sys.executable, "-c", LABEL],
        env={**inherited, "HOME": str(home), "PYTHONPATH": str(ROOT), **environ},
        input="ارسالشان عالی بود",
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
    )
    return child.stdout


def test_labelling_leaves_nothing_of_the_runtimes_in_the_home(tmp_path):
    output = label_in(tmp_path)
    assert '"label": "positive"' in output
    assert "the runtime starts with 1" in output
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_no_inherited_environment_lets_the_runtime_report(tmp_path):
    assert "the runtime starts with 1" in label_in(tmp_path, ORT_DISABLE_TELEMETRY="0")
