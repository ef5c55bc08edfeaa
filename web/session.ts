// Who the token makes of the user: read once, and needed by every view.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Session } from "./schema";

interface Signed {
  session: Session | null;
  signOut: () => void;
}

export const SessionContext = createContext<Signed>({ session: null, signOut: () => undefined });

export function useSession(): Signed {
  return useContext(SessionContext);
}

export function has(session: Session | null, right: string): boolean {
  return session !== null && (session.rights as string[]).includes(right);
}
