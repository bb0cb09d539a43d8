// How every place stands in a situation, as service/answers/workbench.py has it, and what the workbench shows of it.

import { explain, required } from "./explaining.js";
import { cited, data, words } from "./page.js";
import { all, byId, element, fill, fillIn, find, listItem, make, unique } from "./parts.js";
import { placesOf } from "./places.js";
import { asks, fit, leftOut, wayOf } from "./ways.js";

const NEAREST = 3; // rules shown that do not refer
const SHOWN = 1; // ways in a line
const UNKNOWN = "unknown";
const GROUPS = ["first", "also", "later", "possible", "closed", "barred"];

// ---- words

// A question with its answer; the subject speaks for itself.
/** @type {(fact: string, answer: string) => string} */
export function told(fact, answer) {
  const { ask, several } = data.asked[fact];
  return several ? answer : `${labelled(ask)} ${answer}`;
}

export const labelled = (/** @type {string} */ ask) => (ask.endsWith("?") ? ask : `${ask}:`);

// For whom a place is, of what this person is not; empty where that takes more than one condition.
/** @type {(side: Situated, id: string) => string} */
function onlyFor({ ways, decision }, id) {
  const unmet = required(ways, id).filter((one) => refuted(one, decision.answers));
  return unmet.length ? [words.way_now, ...asks(unmet, data)].join(" ") : "";
}

// ---- how places stand

/** @type {(of: Record<string, any>, on: string) => Record<string, any>} */
const inForce = (of, on) => Object.fromEntries(Object.entries(of).map(([id, every]) => [id, every.filter(holds(on))]));
/** @type {(on: string) => (one: Lasting) => boolean} */
const holds = (on) => (one) => (!one.from || one.from <= on) && (!one.until || on < one.until);

/** @type {(side: Situated) => Door[]} */
export function doorsOf(side) {
  const { on, organisation = "", body, ways, graph, decision } = side;
  const texts = {
    ...data,
    acts: inForce(data.acts, on),
    shorts: inForce(data.shorts, on),
    terms: Object.fromEntries(Object.entries(data.terms).filter(([, one]) => holds(on)(one))),
    organisations: body ? { [organisation]: body } : {},
  };
  const progress = { given: { ...decision, organisation }, situation: decision };
  const of = placesOf(decision.referrals, progress, graph, (rules) => ways.tested(rules), texts);
  const places = Object.values(of).flat();
  return graph.destinations.map((id) =>
    doorOf(
      side,
      id,
      places.find((one) => one.destination === id),
    ),
  );
}

/** @type {(side: Situated, id: string, place?: Place) => Door} */
function doorOf(side, id, place) {
  const { concerns, decision, ways } = side;
  const mine = decision.referrals.filter((one) => one.destination === id);
  const opening = place ? [] : openings(side, id);
  const anyhow = opening.some((one) => !one.conditions.length);
  const state = place?.as ?? unsaid(side, id);
  const barred = !mine.length && !opening.length;
  return {
    id,
    name: data.names[id],
    state,
    subjects: mine.filter(({ as }) => as === state && concerns.length > 1).map((one) => data.tags[one.concern]),
    by: unique(mine.flatMap((one) => one.rules)),
    place: place ? { ...place, contacts: contactsOf(side, place) } : null,
    ways: anyhow || !concerns.length ? [] : opening.map((one) => openingOf(side, one)),
    only: barred ? onlyFor(side, id) : "",
    anyhow,
    told: concerns.length > 0 && ways.leading(id).length > 0,
  };
}

/** @type {(side: Situated, id: string) => string} */
const unsaid = ({ decision }, id) => (decision.possible.includes(id) ? "possible" : "closed");

// What is still possible needs no other subject, and no other answer than those that were not given.
/** @type {(side: Situated, id: string) => Way[]} */
const openings = (side, id) =>
  side.ways.to(side.decision, id).filter((one) => unsaid(side, id) === "closed" || !(one.elsewhere || one.changes));

/** @type {(one: Condition, answers: Answers) => boolean} */
const refuted = ({ fact, answers: met }, answers) => ![undefined, UNKNOWN, ...met].includes(answers[fact]);

// A way as an advisor can try it: every condition by the first answer that says something.
/** @type {(side: Situated, way: Way) => Opening} */
function openingOf({ concerns, told: given, organisation, on, codes, graph }, opening) {
  const chosen = opening.conditions.map(({ fact, answers }) => [
    fact,
    answers.find((one) => one !== UNKNOWN) ?? UNKNOWN,
  ]);
  const { [graph.concerns.id]: added, ...answers } = Object.fromEntries(chosen);
  const tells = !organisation || !Object.keys(answers).some((fact) => fact in graph.unknown);
  const situation = { concerns: added ? [...concerns, added] : concerns, answers: { ...given, ...answers } };
  return {
    said: wayOf(opening, data),
    brief: opening.conditions.map(brief).join(" + "),
    later: opening.later,
    code: tells ? codes.write(situation, organisation, on) : "",
  };
}

// A condition by its question and the answers that meet it, or the few that do not; another subject is said to be one.
function brief(/** @type {Condition} */ { fact, answers: met }) {
  const { ask, answers, several } = data.asked[fact];
  const left = leftOut({ fact, answers: met }, data);
  const said = (left.length ? left : met).map((one) => answers[one]).join(" / ");
  return `${several ? words.advisor_elsewhere : labelled(ask)} ${left.length ? fill(words.page_not, { answers: said }) : said}`;
}

// Who is reached there: of the organisation and those above it first; none that is not for this person.
/** @type {(side: Situated, place: Place) => Contact[]} */
function contactsOf({ body, on }, { destination, known }) {
  const own = (body?.own ?? []).flatMap((id) => data.own[id]?.[destination] ?? []);
  return [...own, ...data.shared[destination]]
    .filter(holds(on))
    .map((one) => ({ ...one, fit: fit(one, known) }))
    .filter((one) => one.fit !== "not");
}

// ---- what is shown

/** @type {Map<string, { said: string, node: Part }>} */
const made = new Map();

// Every place in its group. What says the same stays as it is, and what was opened in it stays open.
export function fillDoors(/** @type {Situated & { doors: Door[] }} */ side) {
  const groups = Object.fromEntries(GROUPS.map((one) => [one, /** @type {Part[]} */ ([])]));
  for (const door of side.doors) {
    const group = door.state === "closed" && !door.ways.length ? "barred" : door.state;
    groups[group].push(nodeOf(door, group));
  }
  for (const [group, nodes] of Object.entries(groups)) {
    const box = find(byId("doors"), `[data-group="${group}"]`);
    if (nodes.length !== box.children.length || nodes.some((one, place) => box.children[place] !== one)) {
      box.replaceChildren(...nodes);
    }
    const holder = box.closest("[data-holder]");
    if (holder) {
      holder.hidden = !nodes.length;
    }
  }
  for (const details of all(byId("doors"), '[data-part="rules"]')) {
    details.ontoggle = () => fillRules(details, side);
    fillRules(details, side);
  }
}

/** @type {(door: Door, group: string) => Part} */
function nodeOf(door, group) {
  const said = JSON.stringify(door);
  const before = made.get(door.id);
  const node = before?.said === said ? before.node : MAKERS[group](door);
  node.dataset.door = door.id;
  node.dataset.state = door.state;
  made.set(door.id, { said, node });
  return node;
}

/** @type {Record<string, (door: Door) => Part>} */
const MAKERS = {
  first: (door) => placed(make("card"), door),
  also: lineOf,
  later: lineOf,
  possible: shutOf,
  closed: shutOf,
  barred: ({ name, only }) => /** @type {Part} */ (listItem(only ? `${name} (${only})` : name)),
};

function lineOf(/** @type {Door} */ door) {
  const place = /** @type {NonNullable<Door["place"]>} */ (door.place);
  return placed(make("line", { line: place.short.line, reach: reach(place) }), door);
}

// How to get to a place, in a line: the contact that is surely for this person, or else the first step.
function reach(/** @type {NonNullable<Door["place"]>} */ { contacts, act }) {
  const sure = contacts.find((one) => one.fit === "fits");
  const said = sure ? [sure.name, sure.url, sure.email].filter(Boolean).join(", ") : act?.steps[0];
  return said ?? "";
}

/** @type {(node: Part, door: Door) => Part} */
function placed(node, door) {
  const place = /** @type {NonNullable<Door["place"]>} */ (door.place);
  const { act, short, sure, perhaps, contacts } = place;
  const terms = (/** @type {string[]} */ ids) => ids.map((id) => listItem(data.terms[id].text));
  const of = (/** @type {string} */ how) => contacts.filter((one) => one.fit === how).map(contact);
  fillCall(node, act?.phone ?? contacts.find((one) => one.fit === "fits" && one.phone)?.phone);
  fillAct(node, act);
  const slots = {
    name: door.name,
    subjects: door.subjects.join("; "),
    contacts: of("fits"),
    perhaps: of(UNKNOWN),
    aloud: `${short.heading}. ${short.calm}`,
    not: short.doesNot,
    name_: short.yourName,
    hear: short.hear,
    sure: terms(sure),
    maybe: terms(perhaps),
    why: place.why,
    by: door.by.join(", "),
    doubts: place.doubts.map((said) => make("doubt", { said })),
  };
  return fillIn(node, slots, {
    perhaps: contacts.some((one) => one.fit === UNKNOWN),
    not: short.doesNot,
    sure: sure.length,
    maybe: perhaps.length,
  });
}

/** @type {(node: Part, act: Act | null) => void} */
function fillAct(node, act) {
  const { steps, say, ask, otherwise, url } = act ?? { steps: [], say: "", ask: "", otherwise: null, url: null };
  link(find(node, '[data-part="acturl"]'), url);
  const slots = { steps: steps.map(listItem), say, ask, otherwise: otherwise ?? "" };
  fillIn(node, slots, { steps: act, say: act, ask: act, acturl: url, otherwise });
}

/** @type {(part: Part, url: string | null | undefined) => void} */
function link(part, url) {
  const one = /** @type {HTMLAnchorElement} */ (part.querySelector("a"));
  one.href = url ?? "";
  one.prepend(url ?? "");
}

/** @type {(node: Part, phone: string | null | undefined) => void} */
function fillCall(node, phone) {
  const line = find(node, '[data-part="call"]');
  if (!phone) {
    line.remove();
    return;
  }
  node.querySelector('[data-part="no-phone"]')?.remove();
  const [pressed, read] = /** @type {HTMLAnchorElement[]} */ ([...line.children]);
  pressed.href = `tel:${phone.replaceAll(/[ -]/g, "")}`;
  pressed.textContent = read.textContent = fill(words.act_call, { phone });
}

function contact(/** @type {Contact} */ { name = "", phone = "", hours = "", email = "", url, checked }) {
  const said = checked ? fill(words.advisor_checked, { date: checked }) : words.advisor_unchecked;
  const node = make("contact");
  link(find(node, '[data-part="url"]'), url);
  return fillIn(node, { name, phone, hours, email, checked: said }, { url });
}

function shutOf(/** @type {Door} */ door) {
  const { id, name, anyhow } = door;
  const ways = door.ways.map((one) => way(one, id));
  const more = ways.slice(SHOWN);
  const folded = element("details", "", { className: "ww-more-ways" });
  folded.append(element("summary", fill(words.advisor_more, { count: more.length })), ...more);
  const node = make("shut", {
    name,
    ways: [...ways.slice(0, SHOWN), ...(more.length ? [folded] : []), anyhow ? words.advisor_anyhow : ""],
  });
  if (!door.told) {
    find(node, "details").replaceWith(element("span", name, { className: "ww-shut-name" }));
  }
  return node;
}

/** @type {(opening: Opening, door: string) => HTMLElement} */
function way({ said, brief: text, later, code }, door) {
  const node = element("span", "", { className: "ww-way" });
  const pressed = { className: "ww-link-button", type: "submit", name: "way", value: `${code}/${door}` };
  const shown = code ? element("button", text, { ...pressed, title: said }) : element("span", text, { title: said });
  node.append(shown, ...(later ? [" ", element("small", words.advisor_later)] : []));
  return node;
}

// Only what is looked at is made.
/** @type {(details: Part, side: Situated) => void} */
function fillRules(details, side) {
  const id = details.closest("[data-door]")?.dataset.door ?? "";
  const list = find(details, '[data-slot="rules"], [data-slot="shown"]');
  list.replaceChildren(...(details.open ? rulesOf(side, id) : []));
}

/** @type {(side: Situated, destination: string) => Part[]} */
function rulesOf({ ways, decision }, destination) {
  const explained = explain(ways, decision, destination);
  const shown = explained.filter(({ kind }, number) => kind === "fires" || number < NEAREST);
  return shown.map(({ rule, kind, needed }) => {
    /** @type {RuleTexts} */
    const { doubts, sources } = data.rules[rule];
    const doubt = doubts.map(({ says }) => says).join(" ");
    const slots = {
      id: rule,
      kind: words[`rule_${kind}`],
      needed: asks(needed, data).map(listItem),
      doubt,
      sources: sources.map(cited),
    };
    return make("rule", slots, { needed: needed.length, doubt });
  });
}

// How a place stands, in a list of what changes.
/** @type {(door: Door) => (string | Node)[]} */
export function standing({ state, subjects, by, anyhow }) {
  const label = element("span", words[`state_${state}`], { className: `ww-state ww-state--${state}` });
  return [
    label,
    " ",
    element("small", anyhow ? words.advisor_anyhow : subjects.join("; ")),
    " ",
    element("code", by.join(", ")),
  ];
}
