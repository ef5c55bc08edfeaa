// Calls of the daemon's HTTP interface. Every answer that is not a success becomes a Problem.
import { currentToken } from "./token";
import { Query, queryText } from "./route";
import { Answer, Problem as ProblemDocument } from "./schema";

/** Sent to the window when the daemon does not take the token (any more). */
export const kTokenEnded = "runledger:token-ended";

/** Why a call failed: the daemon's own code, or "away" if no daemon answered. */
export class Problem extends Error {
  constructor(readonly status: number, readonly code: string, detail: string, readonly retryAfter: number | null) {
    super(detail);
  }
  /** Whether the same call may succeed later, without anybody's doing. */
  get passes(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

// The page is served under /ui/, and the interface beside it, under whatever prefix a proxy adds.
const kBase = new URL("..", location.href.replace(/[#?].*$/, ""));

async function call(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = currentToken();
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  let response: Response;
  try {
    response = await fetch(new URL(path, kBase), { ...init, headers, cache: "no-store", redirect: "error" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "away", "the daemon does not answer", null);
  }
  if (response.ok) return response;
  if (response.status === 401) dispatchEvent(new Event(kTokenEnded));
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After") ?? NaN);
  const after = Number.isFinite(wait) ? wait : null;
  try {
    const document: ProblemDocument = await response.json();
    return new Problem(response.status, document.code, document.detail, after);
  } catch {
    // A proxy between the page and the daemon answered.
    return new Problem(response.status, "http", `${response.status} ${response.statusText}`, after);
  }
}

// Numbers in inputs need no care: the ledger takes those alone that a 64-bit float keeps exactly.
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const text = queryText(query);
  return (await call(text === "" ? path : `${path}?${text}`, { signal })).json();
}

/** Reads a page of lines of JSON, and where the next one begins. */
export async function getLines<T>(path: string, query: Query, signal?: AbortSignal): Promise<[T[], string | null]> {
  const response = await call(`${path}?${queryText(query)}`, { signal });
  const lines = (await response.text()).split("\n").filter((line) => line !== "");
  return [lines.map((line) => JSON.parse(line)), response.headers.get("Runledger-Next-After")];
}

/** Opens a stream of server-sent events. */
export function openStream(path: string, query: Query, signal: AbortSignal): Promise<Response> {
  return call(`${path}?${queryText(query)}`, { signal, headers: { Accept: "text/event-stream" } });
}

/** Asks something that has a body; it changes nothing, so it needs no key. */
export async function ask<T>(path: string, body: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return (await call(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** Sends a command. `key` makes it happen once, however often it is sent. */
export async function send(path: string, body: unknown, key: string): Promise<Answer> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return (await call(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}
