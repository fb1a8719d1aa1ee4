import re
import shutil
import subprocess

import pytest
import vl_convert

from reports.figures.pdf import ENTRY, in_order

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">{}</svg>'
TWO_FONTS = SVG.format(
    '<text y="12" font-family="sans-serif">word</text><text y="28" font-weight="bold" font-family="monospace">漢 b</text>'
)


def test_the_order_no_longer_depends_on_chance():
    assert len({in_order(vl_convert.svg_to_pdf(TWO_FONTS)) for _ in range(8)}) == 1


def test_the_table_of_places_points_at_the_objects():
    pdf = in_order(vl_convert.svg_to_pdf(TWO_FONTS))
    start = int(re.search(rb"startxref\n(\d+)", pdf)[1])
    assert pdf[start:].startswith(b"xref\n")
    places = [int(found[1]) for found in ENTRY.finditer(pdf[start:])]
    assert all(pdf[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, start=1))


def test_nothing_is_lost():
    before = vl_convert.svg_to_pdf(TWO_FONTS)
    after = in_order(before)
    kept = rb"/(?:BaseFont|Type|Length|MediaBox)\b.*"
    assert sorted(re.findall(kept, before)) == sorted(re.findall(kept, after))
    assert before.count(b"endobj") == after.count(b"endobj")
    assert in_order(after) == after


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext of poppler")
def test_another_program_reads_the_words(tmp_path):
    (tmp_path / "a.pdf").write_bytes(in_order(vl_convert.svg_to_pdf(TWO_FONTS)))
    read = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True)
    assert {"word", "b"} <= set(read.stdout.split())
    assert read.stderr == ""
