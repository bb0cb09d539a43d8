// What somebody does now at a door, chosen and filled in as service/answers/acts.py has it.

import { fill } from "./parts.js";
import { fit } from "./ways.js";

// The first act of a door that is for somebody; null where too little is known of them.
/** @type {(known: Acts, door: Pick<Referral, "destination" | "as">, person: Record<string, string | undefined>, number: Calling) => Act | null} */
export function actFor({ acts, handles }, { destination, as }, person, number) {
  const found = (acts[destination] ?? []).find((one) => one.as.includes(as) && fit(one, person) === "fits");
  return found
    ? Object.entries(handles).reduce((said, [id, handle]) => filled(said, id, handle, number), found.said)
    : null;
}

// An act with the number of an organisation where it names a handle that takes one.
/** @type {(said: Act, id: string, handle: Handle, number: Calling) => Act} */
function filled(said, id, handle, number) {
  const text = handle[number.case];
  const known = { ...handle, ...number };
  const put = (/** @type {string} */ one) => one.replaceAll(`{${id}}`, () => fill(text, known));
  const named = [...said.steps, said.otherwise ?? ""].some((one) => one.includes(`{${id}}`));
  const called = named && text.includes("{number}") ? known.number : null;
  return {
    ...said,
    steps: said.steps.map(put),
    otherwise: said.otherwise && put(said.otherwise),
    phone: said.phone ?? called,
  };
}
