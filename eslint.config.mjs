import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["node_modules/", "run/", "build/", ".venv/", ".venvs/", "frontend/vendor/"] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-implied-eval": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["scripts/browser/**/*.js"],
    languageOptions: { sourceType: "script", globals: { ...globals.browser, WALLETS: "readonly" } },
  },
  { files: ["frontend/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs", globals: globals.node } },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
];
