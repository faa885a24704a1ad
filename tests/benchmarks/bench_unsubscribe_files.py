"""An export of 100,000 people who left: in and classified under 60 s on one core, at flat memory, twice and cut short
alike. Every fourth of them wrote a sentence of their own.
"""

import os
import subprocess
import sys
import time

import pytest

from monitor.config import load_settings
from monitor.db import open_database
from monitor.models import UnsubscribeEvent

ROWS = int(os.environ.get("ROWS", "100000"))
MOST_SECONDS = 60
MOST_GROWTH = 60 * 2**20

# One process for each file size, since memory that was used once is not given back.
IMPORT = """
import resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from monitor.brands import add_brand, find_brands
from monitor.config import load_settings
from monitor.db import open_database
from monitor.scoring import score_waiting
from monitor.sealing import Seal
from monitor.unsubscribe_files import import_file
from nlp.labeller import load_labeller
settings = load_settings(environ={}, data_dir=sys.argv[1], secret_key="bench")
database = open_database(settings)
now = datetime(2026, 11, 22, tzinfo=UTC)
with database.write() as session:
    brands = find_brands(session)
    brand_id = brands[0].id if brands else add_brand(session, "Bench", now).id
begun = time.process_time(), time.perf_counter()
result = import_file(database, brand_id, Path(sys.argv[2]), Seal("bench"), now)
imported = time.process_time() - begun[0]
read = sum(score_waiting(database, load_labeller(), now))
print(result.new, result.known, result.left_out, time.perf_counter() - begun[1], time.process_time() - begun[0],
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, imported, read)
"""


def write_csv(path, rows):
    with path.open("w", encoding="utf-8") as file:
        file.write("Email Address,First Name,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,UNSUB_REASON_OTHER\n")
        for row in range(rows):
            reason = ("", "No longer interested", "Other", "Spammy content")[row % 4]
            words = f"خیلی زیاد می‌فرستید؛ این هفته {row} بار" if reason == "Other" else ""
            when = f"2026-{row % 9 + 1:02}-{row % 28 + 1:02} 10:{row % 60:02}:00"
            address = "not an address" if row % 1000 == 999 else f"person{row}@example.org"
            file.write(f"{address},,{when},Campaign {row % 40},{reason},{words}\n")


def write_xlsx(path, rows):
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["email", "date", "reason"])
    for row in range(rows):
        sheet.append([f"person{row}@example.org", f"2026-{row % 9 + 1:02}-{row % 28 + 1:02}", "Spam"])
    book.save(path)


def run_import(folder, path):
    found = subprocess.run(
        ["taskset", "-c", "0", sys.executable, "-c", IMPORT, str(folder), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    new, known, left_out, seconds, cpu, memory, imported, read = found.stdout.split()
    return int(new), int(known), int(left_out), float(seconds), float(cpu), int(memory), float(imported), int(read)


def count(folder):
    database = open_database(load_settings(environ={}, data_dir=folder, secret_key="bench"))
    with database.read() as session:
        found = session.query(UnsubscribeEvent).count()
    database.close()
    return found


@pytest.mark.parametrize(("name", "write"), [("export.csv", write_csv), ("export.xlsx", write_xlsx)])
def test_a_hundred_thousand_rows(tmp_path, name, write):
    small, large = tmp_path / f"small-{name}", tmp_path / name
    write(small, ROWS // 20)
    write(large, ROWS)
    little = run_import(tmp_path / "small", small)[5]
    new, known, left_out, seconds, cpu, memory, imported, read = run_import(tmp_path / "large", large)
    print(
        f"\n{name}: {new} new, {left_out} left out, {read} comments read in {seconds:.1f} s ({cpu:.1f} s of one core, "
        f"{imported:.1f} s of them without the model), load {os.getloadavg()[0]:.1f}; "
        f"{memory / 2**20:.0f} MiB at most, {little / 2**20:.0f} MiB for a twentieth"
    )
    assert new + left_out == ROWS and known == 0
    assert memory - little < MOST_GROWTH
    again = run_import(tmp_path / "large", large)
    assert again[:3] == (0, new, left_out)
    assert count(tmp_path / "large") == new
    assert cpu < MOST_SECONDS


def test_killed_half_way_and_repeated(tmp_path):
    path, folder = tmp_path / "export.csv", tmp_path / "data"
    write_csv(path, ROWS // 10)
    open_database(load_settings(environ={}, data_dir=folder, secret_key="bench")).close()
    child = subprocess.Popen([sys.executable, "-c", IMPORT, str(folder), str(path)], stdout=subprocess.DEVNULL)
    while child.poll() is None and count(folder) < ROWS // 50:
        time.sleep(0.02)
    child.kill()
    child.wait()
    begun = count(folder)
    assert 0 < begun < ROWS // 10
    run_import(folder, path)
    run_import(tmp_path / "whole", path)
    assert count(folder) == count(tmp_path / "whole")
    print(f"\nkilled after {begun} rows, repeated: {count(folder)}")
