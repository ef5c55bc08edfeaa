// A client that is typed by the OpenAPI document, and that holds each answer of the daemon against the document.
//
// The compiler checks what a caller sends and reads, but not what the daemon really answers. So every body is validated
// as well: it has what the document requires, and no member that the document lacks.
import { type AnySchemaObject, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import assert from "node:assert/strict";
import createClient, { type Client, type Middleware } from "openapi-fetch";

import type { components, paths } from "./api.js";

export type Schemas = components["schemas"];
export type RunledgerClient = Client<paths>;

interface Answer {
  $ref?: string;
  content?: Record<string, { schema: AnySchemaObject }>;
}

// The members of the document that the checks read.
export interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Answer> }>>;
  components: { responses: Record<string, Answer>; schemas: Record<string, AnySchemaObject> };
}

const kDocumentId = "openapi.json";

// Returns a copy of a schema that refuses members which it does not name, and whose references lead into the document.
// An open one takes other members: the parts of an allOf are open, because each names only some of the members.
function closed(value: unknown, isOpen = false): unknown {
  if (Array.isArray(value)) return value.map((each) => closed(each, isOpen));
  if (value === null || typeof value !== "object") return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each, key === "allOf")]));
  const reference = copy["$ref"];
  if (typeof reference === "string") copy["$ref"] = kDocumentId + reference;
  const hasMembers = reference !== undefined || ("properties" in copy && !("additionalProperties" in copy));
  return hasMembers && !isOpen ? { ...copy, unevaluatedProperties: false } : copy;
}

class AnswerCheck {
  private readonly ajv = new Ajv2020({ strict: false });
  private readonly validators = new Map<AnySchemaObject, ValidateFunction>();

  constructor(private readonly document: Document) {
    addFormats.default(this.ajv);
    // The named schemas are open, and closed where a reference leads to them.
    const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(schema, true)]);
    this.ajv.addSchema({ components: { schemas: Object.fromEntries(schemas) } }, kDocumentId);
  }

  async check(method: string, path: string, answer: Response): Promise<void> {
    const what = `${method} ${path}: ${answer.status}`;
    const documented = this.answerOf(method, path, answer.status);
    assert(documented, `expected ${what} to be documented`);
    const type = answer.headers.get("content-type")?.split(";")[0];
    assert.equal(type !== undefined, documented.content !== undefined, `expected ${what} to have a documented body`);
    if (type === undefined) return;
    const schema = documented.content?.[type]?.schema;
    assert(schema, `expected ${what} to have a documented type, found ${type}`);
    if (!/[/+]json$/.test(type)) return;
    const validate = this.validatorOf(schema);
    const body: unknown = await answer.json();
    assert(validate(body), `${what}: ${this.ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
  }

  private answerOf(method: string, path: string, status: number): Answer | undefined {
    const answers = this.document.paths[path]?.[method.toLowerCase()]?.responses;
    const answer = answers?.[status] ?? answers?.[`${Math.floor(status / 100)}XX`];
    const name = answer?.$ref?.split("/").at(-1);
    return name === undefined ? answer : this.document.components.responses[name];
  }

  private validatorOf(schema: AnySchemaObject): ValidateFunction {
    const known = this.validators.get(schema);
    if (known) return known;
    const made = this.ajv.compile(closed(schema) as AnySchemaObject);
    this.validators.set(schema, made);
    return made;
  }
}

// The token may be absent: some routes need none.
export function checkedClient(url: string, document: Document, token?: string): RunledgerClient {
  const client = createClient<paths>({ baseUrl: url });
  const check = new AnswerCheck(document);
  const middleware: Middleware = {
    onRequest({ request }) {
      if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
    async onResponse({ request, response, schemaPath }) {
      const isStream = response.headers.get("content-type") === "text/event-stream";
      if (!isStream) await check.check(request.method, schemaPath, response.clone());
      return undefined;
    },
  };
  client.use(middleware);
  return client;
}
