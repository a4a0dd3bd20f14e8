// What may stand at the cursor of the request editor, from the OpenAPI document.

/** Where the cursor is: {path, prefix, from, names, inName}, or null outside of any object. */
function context(text, cursor) {
  const frames = [];
  let at = 0;
  let open = null;
  while (at < cursor) {
    const frame = frames.at(-1);
    const unit = text[at];
    if (unit === '"') {
      const end = stringEnd(text, at, cursor);
      if (end === null) {
        open = at + 1;
        break;
      }
      const content = text.slice(at + 1, end);
      if (frame && !frame.isList && frame.name === null) {
        frame.name = content;
        frame.names.push(content);
      }
      at = end;
    } else if (unit === "{" || unit === "[") frames.push({ isList: unit === "[", name: null, names: [], inValue: false });
    else if (unit === "}" || unit === "]") frames.pop();
    else if (unit === ":" && frame) frame.inValue = true;
    else if (unit === "," && frame) Object.assign(frame, { name: null, inValue: false });
    at++;
  }
  const frame = frames.at(-1);
  if (!frame) return null;
  const inName = !frame.isList && !frame.inValue;
  // A name that is complete takes a colon, and no other name.
  if (inName && open === null && frame.name !== null) return null;
  const steps = frames.map((each) => (each.isList ? 0 : each.name)).slice(0, inName ? -1 : undefined);
  const from = open ?? cursor;
  return { path: steps, prefix: text.slice(from, cursor), from, quoted: open !== null, names: frame.names, inName };
}

function stringEnd(text, start, limit) {
  for (let at = start + 1; at < limit; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return null;
}

function plain(schema, document, seen = new Set()) {
  if (!schema || typeof schema !== "object" || seen.has(schema)) return [];
  seen.add(schema);
  if (schema.$ref) {
    const found = schema.$ref.slice(2).split("/").reduce((within, step) => within?.[step], document);
    return plain(found, document, seen);
  }
  const alternatives = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...alternatives.flatMap((each) => plain(each, document, seen))];
}

const own = (members, name) => (members && Object.hasOwn(members, name) ? members[name] : undefined);

function step(schemas, name, document) {
  const inner = schemas.map((schema) => (name === 0 ? schema.items : (own(schema.properties, name) ?? schema.additionalProperties)));
  return inner.flatMap((schema) => plain(schema, document));
}

/** Returns {from, choices: [{label, insert, note}]}; the inserted text begins at `from`. */
export function complete(text, cursor, document, tables) {
  const place = context(text, cursor);
  if (!place) return { from: cursor, choices: [] };
  const { path, prefix, inName } = place;
  const from = place.from - Number(place.quoted);
  if (!inName && /^tablename$/i.test(path.at(-1))) return { from, choices: valueChoices(tables, prefix) };
  const schemas = path.reduce((found, name) => step(found, name, document), calls(text, path, document));
  return { from, choices: inName ? nameChoices(schemas, place, document) : valueChoices(valuesOf(schemas), prefix) };
}

function calls(text, path, document) {
  const body = document.paths["/DynamoDBManager"].post.requestBody.content["application/json"].schema;
  let found = plain(body, document).filter((schema) => schema.properties?.operation);
  const said = { operation: /"operation"\s*:\s*"(\w+)"/.exec(text)?.[1], format: /"format"\s*:\s*"([\w-]+)"/.exec(text)?.[1] ?? "json" };
  for (const [name, value] of Object.entries(said)) {
    // While a value is being written, every other one may stand there.
    if (path.length === 1 && path[0] === name) continue;
    const fitting = found.filter((schema) => valuesOf(plain(schema.properties[name], document)).includes(value));
    if (fitting.length) found = fitting;
  }
  return found;
}

function valuesOf(schemas) {
  return [...new Set(schemas.flatMap((schema) => (schema.const === undefined ? (schema.enum ?? []) : [schema.const])))].filter(
    (value) => typeof value === "string",
  );
}

function nameChoices(schemas, { prefix, names: present }, document) {
  const found = new Map();
  for (const schema of schemas)
    for (const [name, member] of Object.entries(schema.properties ?? {}))
      if (name.toLowerCase().startsWith(prefix.toLowerCase()) && (!present.includes(name) || name === prefix))
        found.set(name, plain(member, document));
  const isDeprecated = ([, members]) => Number(members.some((member) => member.deprecated));
  return [...found]
    .sort((a, b) => isDeprecated(a) - isDeprecated(b))
    .map(([name, members]) => ({ label: name, insert: `"${name}": `, note: note(members) }));
}

const valueChoices = (values, prefix) =>
  values.filter((value) => value.startsWith(prefix)).map((value) => ({ label: value, insert: JSON.stringify(value), note: "" }));

const note = (schemas) => (schemas.find((schema) => schema.description)?.description ?? "").split(/(?<=\.)\s/)[0];
