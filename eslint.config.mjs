// The linter of the scripts of pages and their tests. Its parts stand in build/tools, where `scripts/setup tools` puts them.
import { createRequire } from "node:module";

const js = createRequire(new URL("build/tools/package.json", import.meta.url))("@eslint/js");

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 10],
      eqeqeq: "error",
      "no-shadow": ["error", { builtinGlobals: false }],
      "no-undef": "off", // tsc knows what a browser has, and Node.js says it at once
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["**/waiting.js"], languageOptions: { sourceType: "script" }, rules: { "no-var": "off" } }, // for old browsers
];
