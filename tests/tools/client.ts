// A client of somebody else, on types that a generator made from our document: asks the letter's example, and asks wrongly.
import createClient from "openapi-fetch";

import type { paths } from "./schema.js";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: `${process.argv[2]}/api/v1` });

const answered = await client.POST("/referrals", {
    body: {
        situation: { reporter: "employee", concerns: ["misconduct"], misconduct_kind: "wrongdoing", privacy: "anonymous" },
        organisation: "ocw",
        on: "2019-06-20",
        language: "nl",
    },
});
if (answered.error) throw new Error(answered.error.detail);
const first = answered.data.referrals[0];
const question = answered.data.nextQuestion;

const refused = await client.GET("/rules", { params: { query: { on: "2000-01-01" } } });
const missing = await client.GET("/rules/{rule}", { params: { path: { rule: "nothing" } } });

const editions = await client.GET("/editions");
const tag = editions.response.headers.get("ETag")!;
const again = await client.GET("/editions", { params: { header: { "If-None-Match": tag } }, cache: "no-store" });

console.log(
    JSON.stringify({
        version: answered.response.headers.get("API-Version"),
        complete: answered.data.complete,
        first: first ? [first.as, first.destination, first.contact && first.contact.phone] : null,
        asks: question && [question.fact, question.answers],
        refused: [refused.error?.status, refused.error?.type, refused.error?.errors?.map((one) => one.pointer)],
        missing: [missing.error?.status, missing.error?.type],
        editions: editions.data?.map((one) => one.id),
        again: again.response.status,
    }),
);
