// Shows /openapi.json. Text is only ever set as text.

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const openapi = await (await fetch("/openapi.json")).json();
const schemas = openapi.components.schemas;
const nameOf = (reference) => reference.split("/").pop();

/** One line for what a value may be. */
function type(schema) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(type).join(" or ");
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return `[${type(schema.items)}]`;
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return `{name: ${type(schema.additionalProperties)}}`;
  }
  return schema.type ?? "any";
}

/** A schema as a list of its fields; those it refers to are opened inside, once. */
function fields(schema, seen = []) {
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    return seen.includes(name) ? element("span", {}, name) : fields(schemas[name], [...seen, name]);
  }
  const list = element("ul");
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const needed = schema.required?.includes(name) ? " (always)" : "";
    const item = element("li", {}, element("code", {}, name), `: ${type(field)}${needed}`);
    if (field.description) item.append(element("span", { className: "note" }, ` ${field.description}`));
    const inner = field.type === "array" ? field.items : field;
    if (inner.$ref || inner.properties) item.append(fields(inner, seen));
    list.append(item);
  }
  if (list.childElementCount > 0) return list;
  return element("span", {}, type(schema), schema.description ? `: ${schema.description}` : "");
}

function parameters(call) {
  const table = element("table", {}, element("tr", {}, ...["parameter", "in", ""].map((text) => element("th", {}, text))));
  for (const one of call.parameters) {
    table.append(element("tr", {},
      element("td", {}, element("code", {}, one.name)),
      element("td", {}, one.in),
      element("td", {}, one.description ?? "", one.example ? ` such as ${one.example}` : "")));
  }
  return table;
}

function section(id, method, path, call) {
  const shown = element("section", { id },
    element("h2", {}, element("span", { className: "method" }, method.toUpperCase()), element("code", {}, path)),
    element("p", {}, call.summary, " ", element("span", { className: "note" }, call.description)));
  if (call.parameters.length > 0) shown.append(parameters(call));
  const body = Object.values(call.requestBody?.content ?? {})[0];
  if (body) {
    shown.append(element("h3", {}, "Body"), fields(body.schema),
      element("pre", {}, JSON.stringify(body.example, null, 2)));
  }
  for (const [status, answer] of Object.entries(call.responses)) {
    if (status === "default") continue;
    const schema = Object.values(answer.content ?? {})[0]?.schema;
    shown.append(element("h3", {}, `Answer ${status}`), schema ? fields(schema) : "No body.");
  }
  return shown;
}

const contents = document.getElementById("contents");
const calls = document.getElementById("calls");
for (const [path, methods] of Object.entries(openapi.paths)) {
  for (const [method, call] of Object.entries(methods)) {
    const id = `${method}${path}`.replace(/[^A-Za-z0-9]+/g, "-");
    contents.append(element("a", { href: `#${id}` }, element("span", { className: "method" }, method.toUpperCase()), path));
    calls.append(section(id, method, path, call));
  }
}
calls.append(element("section", {}, element("h2", {}, "Problems"), fields(schemas.Problem)));
