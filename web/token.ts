// The access token: in the memory of this tab, and in its session storage only if the user asked for that.

const kStored = "runledger.token";

let token: string | null = null;

/** Whether an address carries a token, or what somebody took for one: it must not be shown, and leaves the address. */
export function carriesToken(hash: string): boolean {
  return hash.startsWith("#t=");
}

/**
 * Takes the token out of "#t=TOKEN", after which the address has it no more. It replaces the one before, also in the
 * session storage. Returns whether there was one.
 */
export function takeToken(): boolean {
  if (!carriesToken(location.hash)) return false;
  const match = /^#t=([\w.~+/-]+=*)$/.exec(location.hash);
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  if (match === null) return false;
  setToken(match[1], false);
  return true;
}

/** Goes on with the token that the user kept in this tab, if there is one. */
export function recallToken(): void {
  token = sessionStorage.getItem(kStored);
}

export function currentToken(): string | null {
  return token;
}

export function setToken(given: string, keep: boolean): void {
  token = given;
  if (keep) sessionStorage.setItem(kStored, given);
  else sessionStorage.removeItem(kStored);
}

export function forgetToken(): void {
  token = null;
  sessionStorage.removeItem(kStored);
}
