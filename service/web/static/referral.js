// The outcome: the first step, what to do, other places a line each; put together from the parts that the page brought.

import { CaseCode } from "./casecode.js";
import { fillCalendar } from "./deadlines.js";
import { beside, cited, data, words } from "./page.js";
import { all, byId, fill, fillIn, find, listItem, make, slot, unique } from "./parts.js";
import { placesOf } from "./places.js";
import { Ways, elsewhereOf, fit, waysOf } from "./ways.js";

const ways = new Ways(data.rulebase);
const IN_SIGHT = 5; // other places, as service/answers/outcome.py has it
const organisations = Object.keys(data.organisations).sort();
const codes = new CaseCode({ ...data.code, facts: data.rulebase.facts, organisations });

// Fills the first step, and takes all that stands below it out of the page: what is returned fills that and brings it back.
/** @type {(page: Part, progress: Progress, graph: Graph) => () => void} */
export function fillReferral(page, progress, graph) {
  const { given, situation } = progress;
  const decision = graph.decide(situation);
  const { first, also, later } = placesOf(decision.referrals, progress, graph, (rules) => ways.tested(rules));
  const count = situation.concerns.length;
  const [{ heading, calm }] = first.map((one) => one.short);
  fillIn(page, {
    kicker: count > 1 ? fill(words.outcome_first_several, { count }) : words.as_first,
    heading,
    calm,
    first: first.map((one, number) => (number ? nextStep : firstStep)(one, given, count > 1)),
  });
  const top = slot(page, "first");
  const below = /** @type {Part} */ (/** @type {unknown} */ (document.createDocumentFragment()));
  while (top.nextSibling) {
    below.append(top.nextSibling);
  }
  return () => {
    fillBelow(below, { first, also, later }, top, progress, decision, graph);
    top.after(below);
  };
}

/** @type {(below: Part, places: Record<Referral["as"], Place[]>, top: Part, progress: Progress, decision: Decision, graph: Graph) => void} */
function fillBelow(below, { first, also, later }, top, progress, decision, graph) {
  const { given, situation } = progress;
  const more = progress.next ? progress.most - progress.path.length : 0;
  const closed = more ? [] : graph.destinations.filter((one) => !decision.possible.includes(one));
  const rest = also.slice(IN_SIGHT);
  const doubts = unique(first.flatMap((one) => one.doubts));
  const other = (/** @type {Place} */ one) => otherPlace(one, given, situation.concerns.length > 1);
  fillIn(below, {
    more: fill(words.more, { count: more }),
    also: also.slice(0, IN_SIGHT).map(other),
    rest: rest.map(other),
    restcount: `(${rest.length})`,
    later: later.map(other),
    latercount: `(${later.length})`,
    choices: [...first, ...also].map(choice),
    reasons: first.map(reason),
    unsure: doubts.map(doubtful),
    closed: closed.map((one) => closedDoor(one, ways.to(decision, one))),
  });
  const unchecked = [top, below].some((one) => one.querySelector("[data-unchecked]"));
  const choose = first.length + also.length > 1;
  // The part of what is unsure goes last: without it there is no place left for one of its own.
  const holds = {
    more,
    rest: rest.length,
    also: also.length,
    later: later.length,
    choose,
    closed: closed.length,
    unchecked,
  };
  fillIn(below, {}, { ...holds, unsure: unchecked || doubts.length });
  const deadlines = unique([...first, ...also, ...later].flatMap((one) => [...one.sure, ...one.perhaps]));
  beside(find(below, '[data-part="code"]'), () => fillCode(below, given, graph.concerns.id));
  beside(find(below, '[data-part="calendar"] .ww-details-body'), () => fillCalendar(below, deadlines));
  const printing = find(below, "[data-print]");
  printing.addEventListener("click", () => beside(printing.parentElement, () => print()));
}

// What the first step is called, where it is certain before all is asked.
/** @type {(progress: Progress, graph: Graph) => string} */
export function firstHeading(progress, graph) {
  const { referrals } = graph.decide(progress.situation);
  return placesOf(referrals, progress, graph, (rules) => ways.tested(rules)).first[0].short.heading;
}

/** @type {(place: Place) => Part} */
const reason = ({ name, why, sources, sure }) =>
  make("reason", { name, why, sources: sources.map(cited), terms: sure.map((id) => make(`term-${id}`)) });

const doubtful = (/** @type {string} */ said) => make("doubt", { said });

// ---- places

/** @type {(place: Place, given: Given, several: boolean) => Part} */
const firstStep = (place, given, several) => filled(atAGlance(make("first"), place), place, given, several);

/** @type {(place: Place, given: Given, several: boolean) => Part} */
function nextStep(place, given, several) {
  const { heading } = place.short;
  const next = fill(words.outcome_then, { heading: heading.charAt(0).toLowerCase() + heading.slice(1) });
  return filled(atAGlance(make("next", { next }), place), place, given, several);
}

/** @type {(card: Part, place: Place) => Part} */
function atAGlance(card, { name, short: { yourName, hear, doesNot } }) {
  return fillIn(card, { of: name, name: yourName, hear, not: doesNot }, { not: doesNot });
}

/** @type {(place: Place, given: Given, several: boolean) => Part} */
function otherPlace(place, given, several) {
  const { line, price } = place.short;
  const slots = {
    name: place.name,
    line: several || !price ? line : `${line} ${price}`,
    why: place.why,
    doubts: place.doubts.map(doubtful),
    sources: place.sources.map(cited),
  };
  return filled(make("place", slots), place, given, several);
}

// What a first step and another place have in common.
/** @type {(card: Part, place: Place, given: Given, several: boolean) => Part} */
function filled(card, place, given, several) {
  card.dataset.destination = place.destination;
  const { expect, limits, yourName, whenSilent } = data.doors[place.destination];
  const items = (/** @type {string[]} */ list) => list.map(listItem);
  const about = { yourname: yourName, expect: items(expect), limits: items(limits), silent: whenSilent };
  const terms = (/** @type {string[]} */ ids) => ids.map((id) => make(`term-${id}`));
  const { sure, perhaps, subjects } = place;
  const told = card.matches(".ww-do") ? inSight(sure) : terms(sure);
  const slots = { ...about, tags: subjects.join("; "), sure: told, maybe: terms(perhaps) };
  fillIn(card, slots, { tags: several, sure: told.length, maybe: perhaps.length });
  fillAct(card, place.act);
  fillContacts(card, place, given);
  return card;
}

// Of deadlines at a first step: those that somebody must keep, in short. The rest stands with the reasons.
const inSight = (/** @type {string[]} */ ids) =>
  ids
    .map((id) => data.terms[id].inShort)
    .filter(Boolean)
    .map(listItem);

function fillAct(/** @type {Part} */ card, /** @type {Act | null} */ act) {
  if (!act) {
    find(card, '[data-part="act"]').remove();
    return;
  }
  const { steps, say, ask, otherwise, url } = act;
  const link = /** @type {HTMLAnchorElement} */ (card.querySelector('[data-part="acturl"] a'));
  link.href = url ?? "";
  link.prepend(url ?? "");
  const slots = { steps: steps.map(listItem), say, ask, otherwise: otherwise ?? "" };
  fillIn(card, slots, { acturl: url, otherwise });
}

// Contacts of the place, of the organisation first.
/** @type {(card: Part, place: Place, given: Given) => void} */
function fillContacts(card, place, given) {
  const { sure, perhaps } = contactsOf(place, given);
  const phones = sure.map((one) => one.querySelector(".ww-phone")?.textContent);
  const handle = slot(card, "handle");
  fillCall(card, place.act?.phone ?? (handle ? null : phones.find(Boolean)));
  if (handle && fillHandle(card, handle, sure, place.act)) {
    const whole = sure[0].querySelector("[data-more]") ? sure : sure.slice(1);
    otherContacts(card, whole, perhaps, { reached: true, told: true });
  } else {
    otherContacts(card, sure, perhaps, { reached: place.act !== null, told: false });
  }
}

// Whether the first contact stands with what to do: where each has a subject of its own, all are there to choose from.
function fillHandle(
  /** @type {Part} */ card,
  /** @type {Part} */ handle,
  /** @type {Element[]} */ [first],
  /** @type {Act | null} */ act,
) {
  if (first?.querySelector(".ww-subject-of")) {
    slot(card, "subjects").append(find(card, '[data-part="contacts"]'));
    handle.remove();
    return false;
  }
  find(card, ".ww-subjects").remove();
  if (!first) {
    handle.remove();
    return false;
  }
  const [called, rest] = [
    first.querySelector(".ww-phone")?.textContent,
    /** @type {Element} */ (first.cloneNode(true)),
  ];
  handle.append(lessTold(rest, act));
  if (called && called === act?.phone) {
    handle.before(find(card, '[data-part="call"]'));
  } else if (!rest.querySelector("p:not(.ww-contact-name)")) {
    Object.assign(card.dataset, /** @type {Part} */ (rest).dataset); // a name alone; whether somebody checked it still counts
    handle.remove();
  }
  return true;
}

// A contact, less the number and the address that stand with what to do, and less what is not needed in sight.
/** @type {(contact: Element, act: Act | null) => Element} */
function lessTold(contact, act) {
  const told = [act?.phone, act?.url].filter(Boolean);
  const said = all(contact, ".ww-phone, a").filter((one) => told.includes(one.getAttribute("href") ?? one.textContent));
  [...said.map((one) => one.closest("p")), ...all(contact, "[data-more]")].forEach((one) => one?.remove());
  return contact;
}

// None that is not for this person, and apart those that may be.
/** @type {(place: Place, given: Given) => { sure: Element[], perhaps: Element[] }} */
function contactsOf({ destination, known }, given) {
  const brought = [byId(`own-${given.organisation}-${destination}`), byId(`contacts-${destination}`)].filter(Boolean);
  const found = brought.flatMap(({ content }) => [.../** @type {Part} */ (content.cloneNode(true)).children]);
  const fits = found.map((one) => fit(JSON.parse(/** @type {Part} */ (one).dataset.audience ?? ""), known));
  const of = (/** @type {string} */ how) => found.filter((_, number) => fits[number] === how);
  return { sure: of("fits"), perhaps: of("unknown") };
}

/** @type {(card: Part, sure: Element[], perhaps: Element[], said: { reached: boolean, told: boolean }) => void} */
function otherContacts(card, sure, perhaps, { reached, told }) {
  if (reached && !sure.length && !perhaps.length) {
    find(card, '[data-part="contacts"]').remove(); // it is said already how to get there
    return;
  }
  slot(card, "contacts").append(...sure);
  slot(card, "perhaps").append(...perhaps);
  if (!sure.length) {
    slot(card, "contacts").remove();
  }
  fillIn(card, {}, { perhaps: perhaps.length, nocontact: !sure.length && !told });
}

function fillCall(/** @type {Part} */ card, /** @type {string | null | undefined} */ phone) {
  const line = find(card, '[data-part="call"]');
  if (!phone) {
    line.remove();
    return;
  }
  const [link, read] = /** @type {HTMLAnchorElement[]} */ ([...line.children]);
  link.href = `tel:${phone.replaceAll(/[ -]/g, "")}`;
  link.textContent = read.textContent = fill(words.act_call, { phone });
}

function choice(/** @type {Place} */ { name, short: { line, yourName, price } }) {
  return make("choice", { name, line, yourname: yourName, price }, { price });
}

function closedDoor(/** @type {string} */ destination, /** @type {Way[]} */ opening) {
  const leads = ways.leading(destination).length > 0;
  const [here, elsewhere] = [waysOf(opening, data), elsewhereOf(opening, data)];
  const holds = { ways: here.length, here: elsewhere && !here.length, elsewhere };
  const slots = { name: data.names[destination], ways: here.map(listItem), elsewhere };
  return make("closed", slots, { ...holds, barred: leads && !opening.length, never: !leads });
}

// The code, to read out over the telephone.
function fillCode(/** @type {Part} */ page, /** @type {Given} */ given, /** @type {string} */ concernsFact) {
  const { concerns, answers, organisation } = given;
  const pairs = [...concerns.map((one) => [concernsFact, one]), ...Object.entries(answers)];
  const said = pairs.map(([fact, one]) => `${data.questions[fact].text} ${data.questions[fact].labels[one]}`);
  const few = pairs.some(([fact, answer]) => data.few[fact].includes(answer));
  const named = codes.write(given, organisation);
  fillIn(page, { reveals: said.map(listItem), code: codes.write(given), named }, { few, named: organisation });
}

// On paper every place is open, whatever is folded on the screen.
addEventListener("beforeprint", () => {
  for (const one of all(document, ":is(.ww-place-more, .ww-later, .ww-subjects, .ww-do--next > details):not([open])")) {
    one.open = true;
    one.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const one of all(document, "[data-printed]")) {
    one.open = false;
    delete one.dataset.printed;
  }
});
