"""Pages as axe reads them (WCAG 2.2 AA), in both languages, light and dark."""

from pathlib import Path

import pytest

from helpdesk.core.waiting import line

from .conftest import live

pytestmark = pytest.mark.e2e

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}"""


def violations(page) -> list[str]:
    """What axe finds on a page, a line for each rule. Evaluated, since the page's own policy lets no other script in."""
    page.evaluate(AXE.read_text("utf-8"))
    return page.evaluate(RUN)


@pytest.fixture
def ticket(running):
    ticket = running.arrives(
        "Where is my order?", html="<p>It has <b>not</b> come. <a href='https://x.example'>Look</a></p>"
    )
    with running.runtime.uow() as uow:
        line.join(uow, "ticket", ticket, label="Mina Rastegar")  # it rings, too
    running.arrives("سفارش من کجاست؟", text="هنوز نرسیده است.", name="مینا رستگار", address="mina.r@customer.example")
    return ticket


@pytest.mark.parametrize("who", ["sara", "nima"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(running, as_, ticket, who, scheme):
    page = live(as_(who))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in ("/", f"/tickets/{ticket}?in=all", "/customers/1", "/me", "/line"):
        page.goto(running.url + path)
        assert violations(page) == [], path


def test_signing_in(running, browser):
    page = browser.new_page()
    page.goto(running.url + "/sign-in")
    assert violations(page) == []
    page.close()


def test_what_keeps_somebody_out_is_seen(running, browser):
    page = browser.new_page()
    page.goto(running.url + "/sign-in")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [found.split(":")[0] for found in violations(page)] == ["button-name"]
    page.close()
