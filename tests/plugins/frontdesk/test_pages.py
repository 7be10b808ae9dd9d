"""The pages: the kiosk in both languages, the visitor's phone, the display without a name, and the counter."""

import re

import pytest

from plugins.frontdesk import visits

TOPIC = "Return something | بازگرداندن کالا"


@pytest.fixture
def at_kiosk(client, account, work):
    """at_kiosk() takes a number on the page; (the slip, the address for a phone)."""

    def take(phone="", lang="fa"):
        url = f"/p/frontdesk/{account.public_key}/kiosk?lang={lang}"
        asked = client.post(url, data={"topic": TOPIC})
        assert asked.status_code == 200 and 'type="tel"' in asked.text
        answer = client.post(url, data={"topic": TOPIC, "phone": phone}, follow_redirects=True)
        work()
        link = re.search(r'data-link="[^"]*(/p/frontdesk/place/[^"]+)"', answer.text)
        return answer.text, link[1] if link else ""

    return take


def test_the_kiosk_speaks_both_languages_and_gives_a_number(client, account, at_kiosk):
    url = f"/p/frontdesk/{account.public_key}/kiosk"
    persian, english = client.get(f"{url}?lang=fa").text, client.get(f"{url}?lang=en").text
    assert "بازگرداندن کالا" in persian and 'dir="rtl"' in persian and "Return something" in english
    assert "فروشگاه" in persian and "Shop" in english
    slip, link = at_kiosk()
    assert "۱" in slip and "<svg" in slip and 'data-forgets="20"' in slip and "style=" not in slip
    page = client.get(link).text
    assert 'lang="fa"' in page and "data-again" in page and client.get(f"{link}/now").status_code == 200
    assert client.get("/p/frontdesk/place/forged").status_code == 404
    assert client.get("/p/frontdesk/nobody/kiosk").status_code == 404


def test_a_wrong_number_is_said_and_no_visit_is_made(client, account, as_):
    url = f"/p/frontdesk/{account.public_key}/kiosk?lang=en"
    answer = client.post(url, data={"topic": TOPIC, "phone": "12"})
    assert answer.status_code == 422 and "alert" in answer.text and not visits.there(as_("agent"), account.id)
    assert client.post(url, data={"topic": "Anything", "phone": ""}).status_code == 422


def test_one_visitor_cannot_fill_the_line(client, account):
    url = f"/p/frontdesk/{account.public_key}/kiosk"
    told = [client.post(url, data={"topic": "Anything"}).status_code for _each in range(13)]
    assert told == [422] * 12 + [429] and client.get(url).status_code == 200


def test_whoever_leaves_by_phone_waits_no_more(client, account, at_kiosk, as_, work):
    _slip, link = at_kiosk()
    assert client.post(f"{link}/leave", follow_redirects=True).status_code == 200
    work()
    assert not visits.there(as_("agent"), account.id) and client.post(f"{link}/leave").status_code == 302


def test_the_counter_calls_and_the_display_shows_numbers_alone(client, agent, account, at_kiosk, as_, work):
    _slip, link = at_kiosk(phone="09121234567")
    at_kiosk()
    assert "Which counter is this" in agent.get("/x/frontdesk/").text
    assert "which counter" in agent.post("/x/frontdesk/next", follow_redirects=True).text.lower()
    agent.post("/x/frontdesk/counter", {"name": "2", "account": str(account.id)})
    page = agent.post("/x/frontdesk/next", follow_redirects=True).text
    assert "Done, call next" in page and "+989121234567" in page
    wall = client.get(f"/p/frontdesk/{account.public_key}/wall?lang=en").text
    assert "Counter 2" in wall and "989121234567" not in wall and client.get(f"{link}/now").text.count("۲")
    (visit,) = visits.called(as_("agent"), account.id)
    agent.post(f"/x/frontdesk/{visit.id}/name", {"name": "Ladan Moradi"})
    assert "Ladan" in agent.post(f"/x/frontdesk/{visit.id}/phone", follow_redirects=True).text
    assert "Ladan" not in client.get(f"/p/frontdesk/{account.public_key}/wall/now").text
    agent.post(f"/x/frontdesk/{visit.id}/again")
    page = agent.post(
        f"/x/frontdesk/{visit.id}/finish", {"outcome": "goes_on", "next": "1", "note": "Later"}, follow_redirects=True
    )
    assert "Done, call next" in page.text and "+989121234567" not in page.text
    work()
    (second,) = visits.called(as_("agent"), account.id)
    agent.post(f"/x/frontdesk/{second.id}/missed")
    assert "Nobody waits" in agent.post("/x/frontdesk/next", follow_redirects=True).text
    assert agent.get("/x/frontdesk/line").status_code == 200


def test_others_see_nothing_of_it(signed_in, account):
    stranger = signed_in("stranger")
    assert (
        stranger.get("/x/frontdesk/").status_code == 404
        and signed_in("trainer").get("/x/frontdesk/").status_code == 403
    )
    assert "/x/frontdesk/" not in stranger.get("/views/all").text
