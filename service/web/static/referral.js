// The page of the referral: where to go and why, put together from the parts that the page brought.

import { actFor } from "./acts.js";
import { CaseCode } from "./casecode.js";
import { fillCalendar } from "./deadlines.js";
import { beside, cited, data, words } from "./page.js";
import { byId, fill, fillIn, find, listItem, make, slot, unique } from "./parts.js";
import { Ways, doubtsOf, elsewhereOf, fit, waysOf } from "./ways.js";

const STRENGTHS = ["first", "also", "later"];

const ways = new Ways(data.rulebase);
const codes = new CaseCode({ ...data.code, facts: data.rulebase.facts });

/** @type {(page: Part, progress: Progress, graph: Graph) => void} */
export function fillReferral(page, { given, situation }, graph) {
  const decision = graph.decide(situation);
  const { referrals, possible } = decision;
  const concerns = unique(referrals.map((one) => one.concern));
  const closed = graph.destinations.filter((one) => !possible.includes(one));
  const of = data.organisations[given.organisation ?? ""] ?? { notes: {} };
  const told = /** @type {Set<string>} */ (new Set());
  const person = (/** @type {string} */ concern) => {
    const known = { ...situation.answers, [graph.concerns.id]: concern, organisation: of.heldBy, kind: of.kind };
    return {
      known,
      organisation: given.organisation,
      notes: of.notes,
      told,
      calling: of.calling ?? { case: "unnamed" },
    };
  };
  const label = data.questions[graph.concerns.id].labels;
  const sections = concerns.map((concern) => {
    const mine = referrals.filter((one) => one.concern === concern);
    return section(fill(words.referral_concern, { concern: label[concern] }), mine, person(concern));
  });
  const overview = referrals
    .filter((one) => one.as === "first")
    .map((one) => make("overview", { label: label[one.concern], name: data.names[one.destination] }));
  const slots = { concerns: sections, closed: closed.map((one) => closedDoor(one, ways.to(decision, one))), overview };
  const unchecked = sections.some((one) => one.querySelector("[data-unchecked]"));
  fillIn(page, slots, { overview: concerns.length > 1, closed: closed.length, unchecked });
  const deadlines = unique(referrals.flatMap((one) => deadlinesOf(one, person(one.concern))));
  beside(find(page, '[data-part="code"] .ww-details-body'), () => fillCode(page, given, graph.concerns.id));
  beside(find(page, '[data-part="calendar"]'), () => fillCalendar(page, deadlines));
  const printing = find(page, "[data-print]");
  printing.addEventListener("click", () => beside(printing.parentElement, () => print()));
}

function section(/** @type {string} */ label, /** @type {Referral[]} */ referrals, /** @type {Person} */ person) {
  const doors = STRENGTHS.map((as) => referrals.filter((one) => one.as === as).map((one) => door(one, person)));
  const [first, also, later] = doors;
  return make(
    "concern",
    { label, first, also, later },
    { first: first.length, also: also.length, later: later.length },
  );
}

function door(/** @type {Referral} */ referral, /** @type {Person} */ person) {
  const { notes, told, known } = person;
  /** @type {RuleTexts[]} */
  const said = referral.rules.map((rule) => data.rules[rule]);
  // What to know of the facts of the organisation on which rules rest; what was told above is not told again.
  const all = unique(ways.tested(referral.rules).map((fact) => notes[fact]));
  const noted = all.filter((note) => note && !told.has(note));
  noted.forEach((note) => told.add(note));
  const doubts = [...unique(doubtsOf(said, known)), ...noted];
  const deadlines = deadlinesOf(referral, person);
  const slots = {
    why: unique(said.map((rule) => rule.why)).join(" "),
    doubts: doubts.map((one) => make("doubt", { said: one })),
    sources: unique(said.flatMap((rule) => rule.sources)).map(cited),
    terms: deadlines.map((id) => make(`term-${id}`)),
  };
  const card = make(`door-${referral.destination}.${referral.as}`, slots, { terms: deadlines.length });
  const act = actFor(data, referral, known, person.calling);
  fillAct(card, act);
  const sure = slot(card, "contacts");
  const own = byId(`own-${person.organisation}-${referral.destination}`);
  sure.prepend(...(own ? [own.content.cloneNode(true)] : []));
  for (const contact of /** @type {Part[]} */ ([...sure.children])) {
    const fits = fit(JSON.parse(contact.dataset.audience ?? ""), known);
    if (fits === "not") {
      contact.remove();
    } else if (fits === "unknown") {
      slot(card, "perhaps").append(contact);
    }
  }
  const none = !sure.children.length;
  if (none) {
    sure.remove();
  }
  const perhaps = slot(card, "perhaps").children.length;
  if (act && none && !perhaps) {
    find(card, '[data-part="contacts"]').remove(); // the act says how to get there
    return card;
  }
  return fillIn(card, {}, { perhaps, nocontact: none });
}

// What to do now; of another door that is open its first step stands outside the part that is folded.
function fillAct(/** @type {Part} */ card, /** @type {Act | null} */ act) {
  const line = card.querySelector('[data-slot="actline"]');
  if (!act) {
    line?.remove();
    find(card, '[data-part="act"]').remove();
    return;
  }
  const { steps, say, ask, otherwise, url } = act;
  line?.replaceChildren(steps[0]);
  const link = /** @type {HTMLAnchorElement} */ (card.querySelector('[data-part="acturl"] a'));
  link.href = url ?? "";
  link.prepend(url ?? "");
  const slots = { steps: steps.map(listItem), say, ask, otherwise: otherwise ?? "" };
  fillIn(card, slots, { acturl: url, otherwise });
}

function deadlinesOf(/** @type {Referral} */ referral, /** @type {Person} */ { known }) {
  const named = unique(referral.rules.flatMap((rule) => data.rules[rule].terms));
  return named.filter((id) => data.terms[id] && fit(data.terms[id], known) !== "not");
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
