"""The report in a real browser: wide and narrow, light and dark, and on paper."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.report.page import as_html
from monitor.store import reported
from monitor.store.archive import Archive

pytestmark = pytest.mark.browser
DAYS = 30


@pytest.fixture(scope="module")
def page_file(history: Path, tmp_path_factory: pytest.TempPathFactory, until: Any) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    with Archive.open_readonly(history) as archive:
        period = reported.period(archive, until - timedelta(days=DAYS), until, made=until, release="1")  # fmt: skip
    path.write_text(as_html(period), encoding="utf-8")
    return path


@pytest.fixture
def looked_at(browser: Any, page_file: Path, request: pytest.FixtureRequest) -> Any:
    """The page, opened in the given width and colours; what it fetched and complained of is noted."""
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:  # fmt: skip
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda r: page.asked.append(r.url))
        page.on("console", lambda m: page.said.append(m.text))
        page.on("pageerror", lambda e: page.said.append(str(e)))
        page.goto(page_file.as_uri())
        yield page


VIEWS = [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]

CONTRAST = """() => {
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4 }); return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c) && c !== 'transparent') return c } return 'rgb(255, 255, 255)' };
  let least = 99;
  for (const e of document.querySelectorAll('p, th, td, h1, h2, li, caption, figcaption, svg text')) {
    const s = getComputedStyle(e), a = light(e.tagName === 'text' ? s.fill : s.color), b = light(behind(e));
    least = Math.min(least, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return least }"""


@pytest.mark.parametrize("looked_at", VIEWS, indirect=True)
def test_the_page_fits_its_width_can_be_read_and_asks_for_nothing(
    looked_at: Any, page_file: Path
) -> None:
    page = looked_at
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) >= 4.5
    assert page.asked == [page_file.as_uri()]
    assert page.said == []
    assert page.locator("svg.strip").count() == 9
    assert all(box["width"] > 40 for box in (s.bounding_box() for s in page.locator("svg.strip").all()))  # fmt: skip


@pytest.mark.parametrize("looked_at", VIEWS[:1], indirect=True)
def test_a_hostile_title_is_text_and_runs_nothing(looked_at: Any) -> None:
    assert looked_at.title().startswith("regwatch report")
    assert looked_at.locator("script, img").count() == 0
    assert "<script>" in looked_at.locator(".stories").inner_text()


@pytest.mark.parametrize("looked_at", VIEWS[:1], indirect=True)
def test_texts_of_the_plots_do_not_run_into_each_other(looked_at: Any) -> None:
    overlapping = looked_at.evaluate("""() => {
      const found = [];
      for (const svg of document.querySelectorAll('svg')) {
        const boxes = [...svg.querySelectorAll('text')].filter(t => t.getClientRects().length).map(t => t.getBoundingClientRect());
        for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
          const [a, b] = [boxes[i], boxes[j]];
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) found.push([i, j]);
        }
      }
      return found }""")
    assert overlapping == []


@pytest.mark.parametrize("looked_at", VIEWS[1:2], indirect=True)
def test_on_paper_it_is_dark_on_white_and_a_few_pages(looked_at: Any) -> None:
    looked_at.emulate_media(media="print", color_scheme="dark")
    assert looked_at.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"  # fmt: skip
    paper = looked_at.pdf(format="A4", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert 2 <= paper.count(b"/Type /Page\n") <= 9


@pytest.mark.parametrize("width", [1200, 390])
def test_an_empty_period_says_so_and_fits(browser: Any, tmp_path: Path, until: Any, width: int) -> None:  # fmt: skip
    with Archive.open(tmp_path / "empty.db") as archive:
        period = reported.period(archive, until - timedelta(days=7), until, made=until, release="1")
    file = tmp_path / "empty.html"
    file.write_text(as_html(period), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert "No source was watched in this period" in page.inner_text("body")
    page.close()
