"""The demo's shop, as its customers see it: in both languages, with the ways to the desk that are open, and no other."""

import threading

import pytest
from werkzeug.serving import make_server

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams
from helpdesk.core.settings import demo
from helpdesk.testing.databases import upgrade
from plugins.shop import goods

LINE = {"number": "+982188776655", "secret": "of the calls"}


@pytest.fixture
def runtime(tmp_path):
    url = f"sqlite:///{tmp_path / 'hamdel.db'}"
    runtime = build_runtime(Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40, plugins=("phone", "shop")))
    upgrade(runtime)
    demo.mark(tmp_path)
    yield runtime
    runtime.parser.close()
    runtime.engine.dispose()


@pytest.fixture
def app(runtime):
    return create_app(runtime.config, runtime)


@pytest.fixture
def line(runtime):
    """The line that call-backs are promised on."""
    with runtime.uow() as uow:
        queue = teams.add_queue(uow, "Orders", [teams.add_team(uow, "Orders").id])
        return accounts.create(uow, "phone", "line", LINE, queue.id)


@pytest.mark.parametrize(("language", "words"), [("en", "Reading lamp"), ("fa", "چراغ مطالعه")])
def test_it_speaks_the_browsers_language_or_the_one_that_is_chosen(app, language, words):
    other = "fa" if language == "en" else "en"
    for address, browser in (("/p/shop/", language), (f"/p/shop/?language={language}", other)):
        page = app.test_client().get(address, headers={"Accept-Language": browser}).text
        assert f'<html lang="{language}"' in page and words in page


def test_a_way_is_shown_while_its_account_is_on(app, runtime, line):
    client, address = app.test_client(), f"/p/phone/{line.public_key}/"
    assert address in client.get("/p/shop/").text and client.get(address).status_code == 200
    assert "/chat/" not in client.get("/p/shop/").text  # that plugin is not there
    with runtime.uow() as uow:
        accounts.update(uow, line.id, enabled=False)
    assert address not in client.get("/p/shop/").text


@pytest.mark.parametrize("asked", ["48213", "۴۸۲۱۳", " 48213 "])
def test_an_order_is_somewhere_on_its_way(app, asked):
    page = app.test_client().get("/p/shop/", query_string={"order": asked, "language": "en"}).text
    assert page.count('class="done"') == goods.step_of("48213") and "We know no order" not in page


@pytest.mark.parametrize("asked", ["4821", "<b>48213", "abcde", "4" * 500])
def test_what_is_no_order_is_said_to_be_none(app, asked):
    page = app.test_client().get("/p/shop/", query_string={"order": asked, "language": "en"}).text
    assert "We know no order" in page and "<b>48213" not in page


def test_a_desk_that_is_no_demo_has_no_shop(app, tmp_path):
    (tmp_path / demo.NAME).unlink()
    assert app.test_client().get("/p/shop/").status_code == 404


@pytest.mark.e2e
def test_it_fits_a_phone_in_both_languages_and_breaks_no_rule_of_its_page(app, line, browser):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = browser.new_context(viewport={"width": 390, "height": 844}, locale="fa").new_page()
        broken = []
        page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
        page.goto(f"http://127.0.0.1:{server.server_port}/p/shop/")
        page.fill("[name=order]", "۴۸۲۱۳")
        page.press("[name=order]", "Enter")
        page.wait_for_selector(".shop-steps [aria-current=step]")
        for language, direction in (("en", "ltr"), ("fa", "rtl")):
            page.click(f".shop-languages a[lang={language}]")
            page.wait_for_selector(f"html[lang={language}][dir={direction}]")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.click(".shop-ways a[href^='/p/phone/']")
        page.wait_for_selector("[name=phone]")
        assert broken == []
    finally:
        server.shutdown()
