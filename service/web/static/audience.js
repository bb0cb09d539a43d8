// For whom a contact or a term is, exactly as service/rulebook/audience.py reads it: "fits", "unknown" or "not".

const UNKNOWN = "unknown";

// audience, perhaps: {fact, kind or organisation: [answers]}; known: the same keys with what is known of a person.
export function fit({ audience, perhaps }, known) {
  const found = Object.keys({ ...audience, ...perhaps }).map((key) =>
    of(audience[key] ?? [], perhaps[key] ?? [], known[key] ?? UNKNOWN),
  );
  return ["not", UNKNOWN].find((one) => found.includes(one)) ?? "fits";
}

const of = (audience, perhaps, value) =>
  audience.includes(value) ? "fits" : value === UNKNOWN || perhaps.includes(value) ? UNKNOWN : "not";
