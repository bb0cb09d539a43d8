// Builds ../static, or the folder that is named, from the pinned packages and our own sources: the same bytes each time.
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const out = process.argv[2] ?? "../static";
const fonts = "node_modules/@fontsource/fira-sans";

await build({
  entryPoints: ["style.css"],
  bundle: true,
  minify: true,
  legalComments: "eof",
  external: ["*.woff2"],
  conditions: ["style"],
  mainFields: ["style", "main"],
  // What a phone of 2020 can read; newer notation is written out.
  target: ["chrome87", "firefox78", "safari14"],
  outfile: `${out}/style.css`,
});

for (const weight of [400, 700]) {
  copyFileSync(`${fonts}/files/fira-sans-latin-${weight}-normal.woff2`, `${out}/fira-sans-${weight}.woff2`);
}

const packages = ["@nl-design-system-candidate", "@utrecht"].flatMap((scope) =>
  readdirSync(`node_modules/${scope}`).sort().map((name) => `node_modules/${scope}/${name}`),
);
const named = packages.map((folder) => JSON.parse(readFileSync(`${folder}/package.json`, "utf8")));
writeFileSync(
  `${out}/LICENSES.txt`,
  [
    "style.css holds components of NL Design System, under the EUPL-1.2:",
    ...named.map(({ name, version, author }) => `  ${name} ${version}${author ? `, ${author.name ?? author}` : ""}`),
    "",
    readFileSync(`${packages.find((folder) => folder.endsWith("button-css"))}/LICENSE.md`, "utf8").trim(),
    "",
    "fira-sans-400.woff2 and fira-sans-700.woff2 are Fira Sans, under the SIL Open Font License 1.1:",
    "",
    readFileSync(`${fonts}/LICENSE`, "utf8").trim(),
    "",
  ].join("\n"),
);
