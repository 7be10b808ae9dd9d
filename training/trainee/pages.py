"""The trainee's pages: the list, a scenario, and the notebook of a run. All of it is one's own."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from helpdesk.api.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.api.web import DeskPages
from helpdesk.api.work import UnitOfWork

from .. import practice
from ..console import play
from ..notebook import write_run
from ..permissions import PRACTISE
from ..releases import SCENARIO, newest
from . import lists, words, workshops
from .card import card_of
from .comparing import compared
from .sheet import curve, sheet_of

pages = DeskPages("training", __name__, permission=PRACTISE)
TOLD = (Conflict, Invalid)  # refusals that are said beside what was typed


@pages.get("/")
def home(uow):
    """What to practise, what is begun, what is done."""
    return render_template("training/home.html", home=lists.home(uow))


@pages.get("/scenarios/<name>")
def scenario(uow, name: str):
    """What a scenario is about, and one's own runs of it."""
    row = newest(uow, SCENARIO, name)
    runs = lists.told(run for run in practice.mine(uow, lists.SHOWN) if run.scenario == name)
    shown = {"topic": lists.topic(row, runs), "dims": [words.dimension(dim) for dim in row.about.get("dims", [])]}
    past = [lists.past(run, {}) for run in runs]
    return render_template("training/scenario.html", **shown, past=past, brief=_brief(uow, row.hash))


def _brief(uow: UnitOfWork, hash_: str) -> dict[str, str]:
    found = practice.scenario_of(uow, hash_)
    return {"brief": words.in_words(found.brief), "policy": words.in_words(found.policy)}


@pages.post("/scenarios/<name>/begin")
def begin(uow, name: str):
    """A new run of the newest version, in the language that was chosen."""
    row = newest(uow, SCENARIO, name)
    run = practice.begin(uow, row.hash, request.form.get("lang", ""))
    return redirect(url_for("training.run", run_id=run.id))


@pages.post("/scenarios/<name>/console")
def in_console(uow, name: str):
    """The same as a practice ticket; the list of those shows it as soon as it is there."""
    play.begin(uow, newest(uow, SCENARIO, name).hash, request.form.get("lang", ""))
    return redirect("/views/simulated")


@pages.get("/workshops/<name>")
def workshop(uow, name: str):
    """A workshop from its first lesson to its last question."""
    return _workshop(uow, name)


@pages.post("/workshops/<name>/<cell>")
def answer(uow, name: str, cell: str):
    """What was answered or written in a cell."""
    try:
        workshops.answer(uow, name, cell, request.form)
    except Invalid as problem:
        return _workshop(uow, name, problem, cell), problem.status
    return redirect(url_for("training.workshop", name=name, _anchor=f"c-{cell}"))


@pages.post("/workshops/<name>/<cell>/begin")
def converse(uow, name: str, cell: str):
    """The conversation of a cell."""
    return redirect(url_for("training.run", run_id=workshops.begin(uow, name, cell, request.form.get("lang", ""))))


def _workshop(uow: UnitOfWork, name: str, problem: HelpdeskError | None = None, at: str = "") -> str:
    row, parts = workshops.shown(uow, name)
    told = {"problem": problem, "problem_at": at}
    return render_template("training/workshop.html", name=name, title=words.in_words(row.title), parts=parts, **told)


@pages.get("/runs/<int:run_id>")
def run(uow, run_id: int):
    """The notebook of a run."""
    return _notebook(uow, practice.own(uow, run_id))


@pages.post("/runs/<int:run_id>/reply")
def reply(uow, run_id: int):
    """One turn: what was written, or the button that was pressed."""
    form = request.form
    choice = _number(form.get("choice"))
    try:
        text = "" if choice else form.get("text", "")
        done = practice.reply(uow, run_id, _number(form.get("version")), text, choice=choice)
    except TOLD as problem:
        return _notebook(uow, practice.own(uow, run_id), problem, form.get("text", "")), problem.status
    return _after(uow, done)


@pages.post("/runs/<int:run_id>/wait")
def wait(uow, run_id: int):
    """Time passed on the page; nothing comes back unless the customer said or felt something about it."""
    done = practice.wait(uow, run_id)
    if done.version == _number(request.form.get("version")):
        return "", 204
    return _after(uow, done)


@pages.post("/runs/<int:run_id>/fork")
def fork(uow, run_id: int):
    """Try another sentence at a turn: a run of its own, which stands where this one stood before it."""
    practice.own(uow, run_id)
    made = practice.fork(uow, run_id, _number(request.form.get("turn")))
    return redirect(url_for("training.run", run_id=made.id))


@pages.get("/runs/<int:run_id>/compare/<int:other_id>")
def compare(uow, run_id: int, other_id: int):
    """Two of one's own runs of the same release in the same language, side by side."""
    one, other = practice.own(uow, run_id), practice.own(uow, other_id)
    if (one.row.hash, one.row.lang) != (other.row.hash, other.row.lang) or one.id == other.id:
        raise NotFound()
    return render_template("training/compare.html", both=compared(one, other))


@pages.get("/runs/<int:run_id>/run.ipynb")
def file(uow, run_id: int) -> Response:
    """The run as a Jupyter notebook, as far as its trainee may see it."""
    found = practice.own(uow, run_id)
    if not found.run.end:
        raise NotFound()
    response = make_response(write_run(found.run, for_trainee=True, attempt=found.row.attempt))
    response.headers["Content-Type"] = "application/x-ipynb+json"
    name = f"{found.row.scenario}-{found.row.attempt}.ipynb"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _after(uow: UnitOfWork, done: practice.Practice):
    """The notebook anew for the script of the page, a way back to it for a browser without."""
    if request.headers.get("HX-Request") and not done.run.end:
        return _notebook(uow, done)
    there = url_for("training.run", run_id=done.id)
    return ("", 204, {"HX-Redirect": there}) if request.headers.get("HX-Request") else redirect(there)


def _notebook(uow: UnitOfWork, found: practice.Practice, problem: HelpdeskError | None = None, typed: str = "") -> str:
    sheet = sheet_of(found.run)
    shown = {"row": found.row, "version": found.version, "sheet": sheet, "problem": problem, "typed": typed}
    shown["charts"] = {gauge.name: curve(sheet, gauge.name) for gauge in sheet.cells[0].gauges}
    if request.headers.get("HX-Request"):
        return render_template("training/turn.html", **shown, partial=True)
    shown["card"] = card_of(found.run) if sheet.end and found.run.turns else None
    runs = (run for run in practice.mine(uow, lists.SHOWN) if run.scenario == found.row.scenario)
    return render_template("training/run.html", **shown, runs=lists.told(runs, found.id))
