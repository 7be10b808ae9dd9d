"""A plugin in a package of its own: installed offline beside the desk, used in a browser, switched off, uninstalled and
purged.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from helpdesk.testing.processes import ROOT, Served, free_port

PACKAGE = ROOT / "tests/outside"
INSTALL = ("install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")


class Desk:
    """A demo desk on a folder of its own, with what stands in ``site`` installed beside it."""

    def __init__(self, folder: Path, site: Path):
        self.folder, self.site = folder, site
        self.environment = {
            "HELPDESK_PLUGINS": "email,mailbox,stars",
            "PYTHONPATH": str(site),
            "HELPDESK_SMTP_PORT": str(free_port()),
            "HELPDESK_LANGUAGE": "en",
        }
        printed = self.command("init", "--demo")
        self.passwords = dict(re.findall(r"^\s+(\w+)@desk\.example\s+(\S+)", printed, re.MULTILINE))
        self.token = self.command("token", "add", "--user", "admin@desk.example").strip()
        self.served = None

    def command(self, *words: str) -> str:
        """What a command of the desk prints."""
        return self._run("-m", "helpdesk", *words)

    def python(self, code: str, *words: str) -> str:
        """What a program on the desk's data prints."""
        return self._run("-c", code, *words)

    def _run(self, *words: str) -> str:
        environment = {**os.environ, "HELPDESK_DATA_DIR": str(self.folder), **self.environment}
        command = [sys.executable, *words]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, plugins: str) -> None:
        """Run with these plugins."""
        self.stop()
        self.environment["HELPDESK_PLUGINS"] = plugins
        self.served = Served(self.folder, "run", **self.environment)

    def stop(self) -> None:
        """Run no longer."""
        if self.served:
            self.served.stop()
            self.served = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.served.port}"

    def api(self, path: str, data: dict | None = None) -> dict:
        """An answer of the REST API to the admin's token."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", data and json.dumps(data).encode(), headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    def tables(self) -> set[str]:
        """The plugin's tables in the database."""
        with sqlite3.connect(self.folder / "hamdel.db") as database:
            return {
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'stars%'"
                )
            }


def pip() -> list[str]:
    """The command of pip; an environment that uv made has none of its own and is served by that of its Python."""
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    return [str(Path(sys.base_prefix) / "bin/python3"), "-m", "pip", "--python", sys.executable]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The desk with the plugin installed from its folder, offline, into a folder of its own."""
    source, site = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("site")
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("test_*", "__pycache__"))
    subprocess.run([*pip(), *INSTALL, "--target", str(site), str(source)], check=True, timeout=120)
    desk = Desk(tmp_path_factory.mktemp("desk"), site)
    yield desk

    desk.stop()


@pytest.fixture
def page_of(desk, browser):
    """page_of("agent", "en") is a page of somebody who signed in; page_of() one of a customer. Faults of pages fail the
    test.
    """
    contexts, faults = [], []

    def open_page(name: str = "", language: str = "en"):
        context = browser.new_context(
            base_url=desk.url, viewport={"width": 1440, "height": 900}, locale={"fa": "fa-IR", "en": "en-GB"}[language]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        if name:
            page.goto("/sign-in")
            page.fill("[name=email]", f"{name}@desk.example")
            page.fill("[name=password]", desk.passwords[name])
            page.click("button[type=submit]")
            page.wait_for_selector(".nav")
            page.wait_for_load_state()
            if page.locator("html").get_attribute("lang") != language:
                page.click("[data-prefer=language]")
                page.wait_for_selector(f"html[lang={language}]")
                page.wait_for_load_state()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def test_all_of_it_is_used_then_it_is_switched_off_uninstalled_and_purged(desk, page_of, tmp_path):
    desk.start("email,mailbox,stars")
    rated = customer_rates_by_the_link_an_agent_sent(desk, page_of)
    supervisors_see_it_in_lists_pages_and_programs(desk, page_of, rated)
    a_view_finds_it_and_an_action_gives_stars(page_of, rated)
    admins_set_it_and_see_its_job(desk, page_of)
    a_customers_data_is_exported_and_erased(desk, rated)
    the_desk_goes_on_without_it(desk, page_of, rated)
    its_tables_stay_until_they_are_purged(desk, tmp_path)


def customer_rates_by_the_link_an_agent_sent(desk, page_of) -> int:
    from playwright.sync_api import expect

    agent = page_of("agent", "en")
    agent.goto("/views/all")
    agent.wait_for_selector("html[data-live=on]")
    agent.click(".tickets li[data-id] a")
    agent.wait_for_selector("#composer [data-tool='stars.link']")
    ticket = int(agent.locator("[data-ticket]").get_attribute("data-ticket"))
    agent.click("#say-reply [data-tool='stars.link']")
    expect(agent.locator("#say-reply textarea")).to_have_value(re.compile("/p/stars/rate/"), timeout=15_000)
    link = re.search(r"http\S+/p/stars/rate/\S+", agent.input_value("#say-reply textarea"))[0]
    path = link[link.index("/p/") :]
    customer = page_of(language="fa")
    customer.goto(path)
    assert customer.locator(".nav").count() == 0, "no sign-in, no frame of the desk"
    customer.check("input[name=stars][value='5']")
    customer.fill("[name=words]", "عالی بود")
    customer.click("button[type=submit]")
    customer.wait_for_selector("[role=status] .stars")
    customer.goto(path[:-3] + "xxx")
    assert customer.locator("input[name=stars]").count() == 0
    agent.wait_for_selector(f"#t-{ticket} .tag.stars")  # the column, by the change itself
    agent.wait_for_selector(".thread [data-event='stars.rated']")
    agent.reload()
    agent.wait_for_selector("[data-panel='stars.rating'] .stars")
    panel = agent.inner_text("[data-panel='stars.rating']")
    assert "عالی بود" in panel and re.search(r"Answered by \S+", panel)
    for file in agent.locator("[data-panel='stars.rating'] a[download]").all():
        assert agent.request.get(file.get_attribute("href")).headers["content-disposition"].startswith("attachment")
    assert agent.request.get("/x/stars/file/0/0").status == 404
    return ticket


def supervisors_see_it_in_lists_pages_and_programs(desk, page_of, rated: int) -> None:
    supervisor = page_of("supervisor", "fa")
    supervisor.goto("/x/stars/")
    assert supervisor.locator("html").get_attribute("dir") == "rtl"
    assert "امتیاز" in supervisor.inner_text("h1")
    assert supervisor.locator("main .stars").count() >= 1
    assert desk.api(f"/x/stars/ratings/{rated}")["stars"] == 5
    assert "/api/v1/x/stars/ratings" in desk.api("/openapi.json")["paths"]
    assert supervisor.evaluate("getComputedStyle(document.querySelector('main .stars')).color") != supervisor.evaluate(
        "getComputedStyle(document.querySelector('main h1')).color"
    )


def a_view_finds_it_and_an_action_gives_stars(page_of, rated: int) -> None:
    """A condition of the plugin makes a view, its action is in the bar of selected tickets and in the palette."""
    agent = page_of("agent", "en")
    agent.goto("/views/new?with=stars.at_least")
    agent.select_option("main [name='stars.at_least']", "4")
    agent.fill("main [name=name]", "Well rated")
    agent.click("main form[method=post] button.primary")
    agent.wait_for_selector("html[data-live=on]")
    assert agent.locator(".tickets > li[data-id]").evaluate_all(
        "rows => rows.map((row) => Number(row.dataset.id))"
    ) == [rated]
    agent.goto("/views/all")
    agent.wait_for_selector("html[data-live=on]")
    row = agent.locator(f".tickets > li[data-id]:not(#t-{rated})").first
    other = row.get_attribute("id")
    row.locator(".choose input").check(force=True)
    agent.click("#selection [data-plugin-action='stars.give']")
    agent.select_option("#sheet [name=value]", "3")
    agent.click("#sheet button.primary")
    agent.wait_for_selector(f"#{other} .tag.stars:has-text('3')")
    agent.keyboard.press("Control+k")
    agent.fill("#palette input", "Give stars")
    agent.wait_for_selector("#palette-list .option:has-text('Give stars')")


def admins_set_it_and_see_its_job(desk, page_of) -> None:
    from playwright.sync_api import expect

    admin = page_of("admin", "en")
    admin.goto("/settings/plugins/stars")
    admin.fill("[name=set-thanks]", "Thank you, you are kind.")
    admin.fill("[name=set-days]", "14")
    admin.click(".savebar .btn.primary")
    expect(admin.locator("#toasts")).to_contain_text("Saved", timeout=15_000)
    assert admin.input_value("[name=set-thanks]") == "Thank you, you are kind."
    admin.goto("/settings/jobs")
    card = admin.locator("[data-job]", has_text="stars.tally")
    card.locator("button", has_text="Run it now").click()
    admin.wait_for_selector("[data-job]:has-text('stars.tally') progress")
    admin.goto("/settings/api")
    assert admin.locator("[data-owner=stars]").count() == 1


DATA = """
import json, sys
from helpdesk.app import build_runtime
from helpdesk.api import customers, work
runtime, customer = build_runtime(), int(sys.argv[1])
with work.work(work.plugin_actor("stars")) as uow:
    print(json.dumps(customers.export(uow, customer)["plugins"]["stars"]))
    customers.erase(uow, customer)
"""


def a_customers_data_is_exported_and_erased(desk, rated: int) -> None:
    customer = desk.api(f"/tickets/{rated}")["customer"]["id"]
    exported = json.loads(desk.python(DATA, str(customer)).splitlines()[-1])
    assert [(row["ticket"], row["stars"], row["words"]) for row in exported] == [(rated, 5, "عالی بود")]
    desk.served.until(lambda: desk.api(f"/x/stars/ratings/{rated}")["words"] == "")
    assert desk.api(f"/x/stars/ratings/{rated}")["stars"] == 5


def the_desk_goes_on_without_it(desk, page_of, rated: int) -> None:
    desk.start("email,mailbox")
    agent = page_of("agent", "en")
    agent.goto(f"/tickets/{rated}")
    agent.wait_for_selector(".thread .item")
    assert agent.locator("[data-tool], .tag.stars, [data-panel]").count() == 0
    assert agent.goto("/x/stars/").status == 404
    assert desk.tables() == {"stars_rating", "stars_average", *(name for name in desk.tables() if "version" in name)}
    desk.stop()
    shutil.rmtree(desk.site)
    desk.site.mkdir()
    desk.start("email,mailbox,stars")
    assert desk.served.get("/healthz")[0] == 200
    assert "stars" in desk.command("plugins")


def its_tables_stay_until_they_are_purged(desk, tmp_path) -> None:
    desk.start("email,mailbox")
    desk.stop()
    desk.command("backup", str(tmp_path / "backup"))
    assert {"stars_rating", "stars_average"} <= desk.tables()
    desk.command("plugins", "purge", "stars", "--yes")
    assert desk.tables() == set()
    desk.start("email,mailbox")
    assert desk.served.get("/healthz")[0] == 200
