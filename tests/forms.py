"""Walks the pages as a browser without JavaScript does: reads the form of a page, fills it in, sends it."""

from __future__ import annotations

from html.parser import HTMLParser

ADDRESS = {"nl": "/vragen", "en": "/en/questions"}


class Page(HTMLParser):
    """What stands in the form of a page, its title and its words."""

    def __init__(self, response):
        super().__init__()
        self.status, self.html, self.address = response.status_code, response.text, response.request.path
        self.forms, self.options, self.chosen, self.buttons = [], {}, {}, []
        self.title, self.words = "", ""
        self._in = []
        self.feed(self.html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self._in.append(tag)
        if tag == "form":
            self.forms.append({"hidden": [], "buttons": []})
        elif tag == "input" and found["type"] == "hidden":
            if found["name"] != "filler":
                self.forms[-1]["hidden"].append((found["name"], found["value"]))
        elif tag == "input" and found["type"] in ("radio", "checkbox"):
            self.options.setdefault(found["name"], []).append(found["value"].rstrip())
            if "checked" in found:
                self.chosen.setdefault(found["name"], []).append(found["value"].rstrip())
        elif tag == "button":
            self.buttons.append(found.get("value"))
            if self.forms:
                self.forms[-1]["buttons"].append(found.get("value"))

    def handle_data(self, data):
        if self._in and self._in[-1] == "title":
            self.title = data if not self.title else self.title
        self.words += data

    @property
    def step(self):
        return next(iter(self.options), None)

    @property
    def hidden(self):
        """Of the form that goes on or back; a small one beside it may lead elsewhere."""
        return self.forms[-1]["hidden"] if self.forms else []

    def hidden_of(self, button):
        """Of the form with this button; of the last where none has it."""
        return next((one["hidden"] for one in self.forms[::-1] if button in one["buttons"]), self.hidden)

    @property
    def main(self):
        return self.html[self.html.index("<main") : self.html.index("</main>")]

    def given(self):
        found = {}
        for name, value in self.hidden:
            found.setdefault(name, []).append(value)
        found.pop("at", None)
        return found


def send(client, page, to="next", answers=(), **more):
    """Press a button of a page, with these answers chosen."""
    form = {}
    for name, value in page.hidden_of(to):
        form.setdefault(name, []).append(value)
    if answers:
        offered = page.options[page.step]
        form[page.step] = sorted(answers, key=lambda one: offered.index(one) if one in offered else len(offered))
    return Page(client.post(page.address, data={**form, "to": to, **more}))


def begin(client, language="nl"):
    """The first question."""
    return Page(client.post(ADDRESS[language], data={"to": "next"}))


def walk(client, answers, language="nl"):
    """Answer until the referral; a step that is not in `answers` gets its last option."""
    page = begin(client, language)
    while page.step:
        wanted = answers.get(page.step, page.options[page.step][-1])
        page = send(client, page, answers=wanted if isinstance(wanted, (list, tuple)) else [wanted])
        assert page.status == 200
    return page


def outcome(client, answers, language="nl"):
    """The page with the referral to answers that are all known: sent at once, as the last page before it does."""
    form = {step: one if isinstance(one, str) else list(one) for step, one in answers.items()}
    return Page(client.post(ADDRESS[language], data={**form, "to": "next"}))
