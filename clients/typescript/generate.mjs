// Writes src/schema.ts: the types of every payload and result, from the API's own document.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const HEAD = `// Generated from docs/openapi.json by generate.mjs.
import type { Value } from "./client.js";

`;

const { components, ...document } = JSON.parse(
  await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8"),
);
const schema = await openapiTS(
  // One resource needs no types of its paths.
  { ...document, paths: {}, components: { schemas: components.schemas } },
  {
    // The client turns an attribute value of plain JSON into one of JavaScript.
    transform: (_, { path }) =>
      path === "#/components/schemas/Value" ? ts.factory.createTypeReferenceNode("Value") : undefined,
  },
);
await writeFile(process.argv[2] ?? new URL("src/schema.ts", import.meta.url), HEAD + astToString(schema));
