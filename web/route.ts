// The address of a view: everything after "#", so that the daemon serves one document under any prefix.
import { useEffect, useState } from "preact/hooks";
import { carriesToken } from "./token";

export interface Route {
  path: string[]; // "#/runs/ID" is ["runs", "ID"]; "#/" is [].
  query: URLSearchParams;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // Somebody typed a percent sign.
  }
}

function parseRoute(hash: string): Route {
  if (carriesToken(hash)) return { path: [], query: new URLSearchParams() };
  const [path, query] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter((each) => each !== "").map(decoded), query: new URLSearchParams(query ?? "") };
}

export type Query = Record<string, string | number | null | undefined> | URLSearchParams;

export function queryText(query: Query): string {
  if (query instanceof URLSearchParams) return query.toString();
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") params.append(name, String(value));
  }
  return params.toString();
}

export function link(path: string[], query: Query = {}): string {
  const text = queryText(query);
  return `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

/** Goes to another view, or, with `replace`, changes the address of this one without a step in the history. */
export function go(to: string, replace = false): void {
  if (!replace) {
    location.hash = to;
    return;
  }
  history.replaceState(null, "", to);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return parseRoute(hash);
}
