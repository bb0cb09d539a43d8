"""Walks the questionnaire in a real browser, as a person does: by what stands on the page."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, time

from conftest import TODAY

QUESTIONS = {"nl": "/vragen", "en": "/en/questions"}
MAIN = "main"


@contextmanager
def tab(chromium, **settings):
    """A page of its own in a context of its own, that notes what goes wrong and what is asked for.

    Its clock starts today, as the service has it, and can be made to run faster.
    """
    context = chromium.new_context(**settings)
    context.clock.install(time=datetime.combine(TODAY, time(12)))
    page = context.new_page()
    page.wrong, page.requests, page.scripted = [], [], True
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: page.wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda request: page.requests.append(request.url))
    try:
        yield page
    finally:
        context.close()


def arrive(page, site, language="nl", javascript=True):
    """The page before the first question, ready."""
    page.goto(site.address + QUESTIONS[language])
    page.scripted = javascript
    if javascript:
        page.wait_for_selector('#mode[data-mode="device"]')


def loaded(page, address):
    """Go to a page until it has loaded, and has found out whether the browser decides by itself where it must know."""
    page.goto(address)
    page.wait_for_function("document.querySelector('#mode')?.dataset.mode !== 'wait'")


def settled(page):
    """The page, as soon as it takes presses: a page that has just come takes none. Its clock is run, nobody waits."""
    while page.evaluate("document.documentElement.dataset.settling") == "yes":
        getattr(page, "page", page).clock.run_for(550)
    return page


def press(page, to="next"):
    settled(page)
    if to.startswith("change:"):
        unfold(page)  # the answers stand folded under the outcome
    button = page.locator(f'{MAIN} button[value="{to}"]')
    if page.scripted:
        button.click()
        return
    with page.expect_navigation():
        button.click()


def unfold(page):
    """Open every part of the page that is folded, when all of it is there."""
    settled(page)
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


def step_of(page):
    """The step that is asked, or None on a page without a question."""
    control = page.locator(f"{MAIN} .ww-control")
    return control.first.get_attribute("name") if control.count() else None


def choose(page, step, answers):
    settled(page)
    page.evaluate("document.querySelectorAll('main .ww-more').forEach((one) => { one.open = true })")
    for one in answers:
        controls = page.locator(f'{MAIN} .ww-control[name="{step}"]')
        values = controls.evaluate_all("(all) => all.map((control) => control.value.trim())")
        if one not in values:  # an organisation that only a search shows
            page.locator("#q").fill(page.evaluate(NAME_OF, one))
            values = controls.evaluate_all("(all) => all.map((control) => control.value.trim())")
        controls.nth(values.index(one)).check()


NAME_OF = "(id) => JSON.parse(document.querySelector('#data').textContent).organisations[id].name"


def answer_all(page, answers, seen=None):
    """From the page before the first question to the referral, as a person; other steps get their last option."""
    press(page)
    while step := step_of(page):
        if seen:
            seen(step)
        wanted = answers.get(step)
        if wanted is None:
            wanted = page.locator(f"{MAIN} .ww-control").last.get_attribute("value").strip()
        choose(page, step, wanted if isinstance(wanted, (list, tuple)) else [wanted])
        press(page)
    settled(page)  # what stands below the first step comes after that was seen


def hurry(page, to):
    """From any page of the questionnaire to the referral, without looking at the pages on the way.

    It takes a fraction of the time of a person. In a frame it goes from the page before the first question alone.

    Args:
        page: the page that is shown, or a frame.
        to: a journey, or answers; other steps get their last option.

    """
    answers = to if isinstance(to, dict) else answers_of(to)
    if page.scripted:
        page.evaluate(BY_SCRIPT, answers)
        settled(page)
        return
    with page.expect_navigation():
        page.evaluate(BY_FORM, answers)


BY_SCRIPT = """async (answers) => {
    const press = (to) => document.querySelector(`main button[value="${to}"]`).click();
    if (!document.querySelector("#mode")) {
        const back = new Promise((done) => addEventListener("popstate", done, { once: true }));
        press("again");
        await back;
    }
    // What a question does to be seen makes the browser lay it out; nobody sees it here.
    const asked = () => document.querySelector("main .ww-control");
    const own = { focus: HTMLElement.prototype.focus, scrollTo: window.scrollTo };
    HTMLElement.prototype.focus = function (how) { asked() || own.focus.call(this, how); };
    window.scrollTo = (...to) => asked() || own.scrollTo.apply(window, to);
    press("next");
    for (let control, step; (control = asked()); press("next")) {
        if (control.name === step) {
            throw new Error(`${step} cannot be answered so`);
        }
        step = control.name;
        const controls = [...document.querySelectorAll("main .ww-control")];
        const wanted = [answers[step] ?? controls.at(-1).value].flat();
        if (step === "organisation" && !controls.some((one) => wanted.includes(one.value))) {
            control.value = wanted[0]; // one that a search would have shown
        }
        controls.forEach((one) => {
            one.checked = wanted.includes(one.value);
        });
    }
    HTMLElement.prototype.focus = own.focus;
    window.scrollTo = own.scrollTo;
}"""
BY_FORM = """(answers) => {
    const form = document.querySelector("main form[method=post]");
    form.querySelectorAll("input").forEach((one) => one.remove());
    for (const [name, value] of [...Object.entries(answers), ["to", "next"]]) {
        [value].flat().forEach((one) => form.append(Object.assign(document.createElement("input"), {
            type: "hidden", name, value: one,
        })));
    }
    form.submit();
}"""


def answers_of(stand):
    return {**stand.given.answers, "concerns": stand.given.concerns, "organisation": stand.given.organisation}


def text_of(page, part=MAIN, html=None):
    """What stands on the page, every tag with its attributes, without what only one of the two ways needs.

    Args:
        page: the page that is shown.
        part: a selector.
        html: what to read instead, as this browser does; it is not shown. Our own pages let nobody read so.

    """
    return page.evaluate(
        """([part, html]) => {
            const read = html ? new DOMParser().parseFromString(html, "text/html") : document;
            const copy = read.querySelector(part).cloneNode(true);
            const needless = "input[type=hidden], [data-part=calendar], .ww-print, [data-server]";
            // What a hurried walk answered needlessly is told on the page of the browser alone.
            if (copy.querySelector(".ww-do")) copy.querySelector("[data-slot=dropped]")?.remove();
            copy.querySelectorAll(needless).forEach((one) => one.remove());
            const lines = [];
            const walk = (node) => {
                if (node.nodeType === 3 && node.data.trim()) lines.push(node.data.trim().replace(/\\s+/g, " "));
                if (node.nodeType === 1) {
                    const said = [...node.attributes]
                        .filter(({ name }) => !name.startsWith("data-") && !["autofocus", "checked"].includes(name))
                        .map(({ name, value }) => `${name}=${value.trim()}`)
                        .sort();
                    lines.push(`<${[node.tagName, ...said, node.checked ? "checked" : ""].join(" ")}>`);
                    node.childNodes.forEach(walk);
                }
            };
            walk(copy);
            return lines.join("\\n"); // a list of strings takes long to come over
        }""",
        [part, html],
    ).split("\n")
