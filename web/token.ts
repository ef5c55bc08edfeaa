// The access token: in the memory of this tab, and in its session storage only if the user asked for that.

const kStored = "runledger.token";

let token: string | null = null;

/** Takes the token out of "#t=TOKEN", after which the address has it no more, or out of the session storage. */
export function takeToken(): void {
  const match = /^#t=([\w.~+/-]+=*)$/.exec(location.hash);
  if (match !== null) {
    history.replaceState(null, "", `${location.pathname}${location.search}#/`);
    token = match[1];
    return;
  }
  token = sessionStorage.getItem(kStored);
}

export function currentToken(): string | null {
  return token;
}

export function setToken(given: string, keep: boolean): void {
  token = given;
  if (keep) sessionStorage.setItem(kStored, given);
}

export function forgetToken(): void {
  token = null;
  sessionStorage.removeItem(kStored);
}
