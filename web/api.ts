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
    const isOfProxy = this.code === kNotOurs && (this.status >= 500 || this.status === 429);
    return this.status === 0 || this.status === 503 || isOfProxy;
  }
}

/** The code of an answer that the daemon did not write: a proxy before it did. */
export const kNotOurs = "http";

// The page is served under /ui/, and the interface beside it, under whatever prefix a proxy adds.
const kBase = new URL("..", location.href.replace(/[#?].*$/, ""));

/** Calls, and takes what it needs from the answer: one that is lost half-way is as good as none. */
async function call<T>(path: string, init: RequestInit, take: (response: Response) => Promise<T> | T): Promise<T> {
  const headers = new Headers(init.headers);
  const token = currentToken();
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  try {
    const response = await fetch(new URL(path, kBase), { ...init, headers, cache: "no-store", redirect: "error" });
    if (response.ok) return await take(response);
    // An answer to a token that the user has replaced meanwhile says nothing of the new one.
    if (response.status === 401 && token === currentToken()) dispatchEvent(new Event(kTokenEnded));
    throw await problemOf(response);
  } catch (error) {
    if (error instanceof Problem || init.signal?.aborted) throw error;
    throw new Problem(0, "away", "the daemon does not answer", null);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After") ?? NaN);
  const after = Number.isFinite(wait) ? wait : null;
  const document: Partial<ProblemDocument> | null = await response.json().catch(() => null);
  if (typeof document?.code === "string" && typeof document.detail === "string") {
    return new Problem(response.status, document.code, document.detail, after);
  }
  return new Problem(response.status, kNotOurs, `${response.status} ${response.statusText}`.trim(), after);
}

// Numbers in inputs need no care: the ledger takes those alone that a 64-bit float keeps exactly.
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const text = queryText(query);
  return call<T>(text === "" ? path : `${path}?${text}`, { signal }, (response) => response.json());
}

/** Reads a page of lines of JSON, and where the next one begins. */
export function getLines<T>(path: string, query: Query, signal?: AbortSignal): Promise<[T[], string | null]> {
  return call(`${path}?${queryText(query)}`, { signal }, async (response): Promise<[T[], string | null]> => {
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    return [lines.map((line) => JSON.parse(line)), response.headers.get("Runledger-Next-After")];
  });
}

/** Opens a stream of server-sent events. */
export function openStream(path: string, query: Query, signal: AbortSignal): Promise<Response> {
  const headers = { Accept: "text/event-stream" };
  return call(`${path}?${queryText(query)}`, { signal, headers }, (response) => response);
}

/** Asks something that has a body; it changes nothing, so it needs no key. */
export function ask<T>(path: string, body: unknown): Promise<T> {
  return post(path, body, {});
}

/** Sends a command. `key` makes it happen once, however often it is sent. */
export function send(path: string, body: unknown, key: string): Promise<Answer> {
  return post(path, body, { "Idempotency-Key": key });
}

function post<T>(path: string, body: unknown, more: Record<string, string>): Promise<T> {
  const headers = { "Content-Type": "application/json", ...more };
  return call<T>(path, { method: "POST", headers, body: JSON.stringify(body) }, (response) => response.json());
}
