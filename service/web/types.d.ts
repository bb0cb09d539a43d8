// What the scripts of pages take and give; for `tsc` alone, nothing of it ships.

type Answers = Record<string, string>;

// What the server gives: made from its schemas by `make javascript`.
type Views = import("../../build/api").components["schemas"];
type Fact = Views["TableFact"];
/** `when`: per fact the places of the answers that are wanted. */
type Rule = Views["TableRule"];
/** A node is [fact, child per answer] or a leaf [-1, ...rules], all by their places; a child has a lower number. */
type DecisionGraph = Views["Graph"];
/** Per fact the places of the answers that would do. */
type Cube = Record<string, number[]>;
/** An edition on the device. */
type Rulebase = Views["Rulebase"];
type Condition = Views["Condition"];

interface Situation {
  concerns: string[];
  answers: Answers;
}

/** What is left of a root: the rules that stand somewhere (`some`) and everywhere (`every`), the facts that matter, as bits. */
interface Reduced {
  id: number;
  some: bigint;
  every: bigint;
  facts: bigint;
}

interface Left extends Reduced {
  concern: string;
  destination: string;
  some: bigint;
  every: bigint;
  facts: bigint;
}

interface Referral {
  destination: string;
  as: Rule["as"];
  concern: string;
  rules: string[];
}

/** A person's answers; `organisation` is absent when not asked yet, "" when declined. */
interface Given extends Situation {
  organisation?: string;
}

/** Where a person stands: the answers that still count, the steps that were answered, the one that is next. */
interface Progress {
  given: Given;
  situation: Situation;
  path: string[];
  dropped: string[];
  next: string | null;
  most: number;
  certain: boolean;
}

/** One minimal way to a destination; `changes`: how many answers; `elsewhere` where it takes a concern that was not named. */
interface Way {
  conditions: Condition[];
  changes: number;
  later: boolean;
  elsewhere: boolean;
}

// ---- explaining

interface Explained {
  rule: string;
  kind: string;
  needed: Condition[];
}

interface Weight {
  decided: string[];
  settles: string | null;
  left: number | null;
  now: number;
}

interface Texts {
  about: string;
  words: Record<string, string>;
  clauses: Record<string, Record<string, string>>;
  denials: Record<string, Record<string, string>>;
}

interface RuleTexts {
  why: string;
  doubts: { says: string; whom: Record<string, string[]>[] }[];
  sources: number[];
  terms: string[];
}

// ---- pages

/** A node of a page of ours: its template says what it has. */
interface Part extends HTMLElement {
  name: string;
  type: string;
  value: string;
  checked: boolean;
  open: boolean;
  htmlFor: string;
  min: string;
  max: string;
  validity: ValidityState;
  content: DocumentFragment;
  closest(selector: string): Part | null;
}

type Slots = Record<string, string | Node | (string | Node)[]>;

interface Codes {
  organisations: string[];
  version: string;
  length: number;
  first: string;
}

interface Span {
  days?: number | null;
  weeks?: number | null;
  months?: number | null;
}

type Audience = Pick<Views["Term"], "audience" | "perhaps">;

interface Deadline extends Span, Audience {
  text: string;
  starts: string;
  from?: string | null;
  until?: string | null;
  mayCome?: boolean;
  past?: string;
}

type Act = Views["Act"];

/** How an act is said where it takes a number of an organisation; `number` is what is called where that has none. */
type Handle = Record<"number" | Calling["case"], string>;

/** Who puts somebody through to an organisation. */
interface Calling {
  case: "text" | "through" | "public" | "without" | "unnamed" | "elsewhere";
  body?: string;
  number?: string;
  through?: string;
}

interface Acts {
  acts: Record<string, (Audience & { as: string[]; said: Act })[]>;
  handles: Record<string, Handle>;
}

type Short = Views["Short"];

/** What is said of a referral to somebody of whom this is known; sources by their number, terms by their id. */
interface Said {
  known: Record<string, string | undefined>;
  why: string;
  doubts: string[];
  sources: number[];
  sure: string[];
  perhaps: string[];
  act: Act | null;
  short: Short;
}

/** A place once, whatever the number of subjects. */
interface Place extends Said {
  destination: string;
  as: Referral["as"];
  name: string;
  subjects: string[];
}

/** What an organisation is on a day. */
interface Organisation {
  name: string;
  short?: string;
  facts: Answers;
  notes: Record<string, string>;
  kind?: string;
  heldBy?: string;
  calling?: Calling;
  own?: string[];
}

/** On a day: which profile each organisation has, and what it is called; a row holds what is new since the one before. */
interface Day {
  from: string;
  edition: string;
  of: Record<string, number>;
  named: Record<string, Organisation>;
}

/** What a search goes through, as service/web/pages/client_data.py makes it. */
interface Findable {
  entries: { id: string; names: string; gone?: boolean; why?: string }[];
  light: string[];
  alike: Record<string, string>;
  other: string | null;
}

/** A name, folded, and whose it is. */
interface FoldedName {
  number: number;
  weight: number;
  whole: string;
  spaced: string;
  words: string[];
  length: number;
}

interface Lasting {
  from?: string | null;
  until?: string | null;
}

/** What an advisor was told, and the day whose rules are followed. */
interface Told {
  on: string;
  organisation?: string;
  concerns: string[];
  told: Answers;
}

/** The same, decided. */
interface Situated extends Told {
  body?: Organisation;
  graph: Graph;
  ways: Ways;
  decision: Decision;
  codes: import("./static/casecode.js").CaseCode;
}

interface Looked extends Situated {
  doors: Door[];
  counting: string[];
}

/** A way to a place, and the code of the situation in which it is so; none where nothing can be told otherwise. */
interface Opening {
  said: string;
  brief: string;
  later: boolean;
  code: string;
}

interface Contact extends Audience, Lasting {
  fit: string;
  name?: string;
  phone?: string;
  hours?: string;
  email?: string;
  url?: string;
  checked?: string;
}

/** How a destination stands in a situation. `told`: whether there are rules to look at. */
interface Door {
  id: string;
  name: string;
  state: string;
  subjects: string[];
  by: string[];
  place: (Place & { contacts: Contact[] }) | null;
  ways: Opening[];
  only: string;
  anyhow: boolean;
  told: boolean;
}

type Decision = ReturnType<Graph["decide"]>;
type Graph = import("./static/graph.js").Graph;
type Ways = import("./static/ways.js").Ways;
