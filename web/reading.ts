// A value that a view reads from the daemon, with all that can be true of it: read, being read, out of date, refused.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api";

export interface Reading<T> {
  key: string | null; // What `value` was read for.
  value: T | null; // The last one that was read for this key; it stays when a later read fails.
  at: number | null; // When it was read, in milliseconds.
  isOld: boolean; // It belongs to another key, or a newer read is under way or has failed.
  problem: Problem | null; // Why the latest read failed.
  retryAt: number | null; // When it will be tried again by itself.
  again: () => void; // Reads once more, as after a click: what is shown counts as old until then.
  refresh: () => void; // Reads once more in the background.
}

let underWay = 0;

/** Says on the page that something is being read, for those who cannot see it. */
function count(by: number): void {
  underWay += by;
  document.getElementById("main")?.setAttribute("aria-busy", String(underWay > 0));
}

const kRetryFirst = 1000;
const kRetryMost = 15000;

/**
 * Reads when `key` changes and when again() is called. A read that failed for a passing reason is repeated, after the
 * time that the daemon names, or after longer and longer pauses. `key` null: reads nothing.
 */
export function useReading<T>(key: string | null, read: (signal: AbortSignal) => Promise<T>): Reading<T> {
  const [turn, setTurn] = useState({ number: 0, isQuiet: false });
  const [state, setState] = useState<{ key: string | null; value: T | null; at: number | null }>({
    key: null, value: null, at: null,
  });
  const [failure, setFailure] = useState<{ key: string; problem: Problem; retryAt: number | null } | null>(null);
  const [busy, setBusy] = useState(true);
  const failures = useRef(0);
  const again = useCallback(() => setTurn(({ number }) => ({ number: number + 1, isQuiet: false })), []);
  const refresh = useCallback(() => setTurn(({ number }) => ({ number: number + 1, isQuiet: true })), []);

  useEffect(() => {
    if (key === null) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (!turn.isQuiet) setBusy(true);
    count(1);
    let isCounted = true;
    const done = () => {
      if (isCounted) count(-1);
      isCounted = false;
    };
    read(abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return;
        failures.current = 0;
        setState({ key, value, at: Date.now() });
        setFailure(null);
        setBusy(false);
        done();
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(-1, "page", String(error), null);
        const pause = problem.retryAfter !== null
          ? Math.min(problem.retryAfter * 1000, 60000)
          : Math.min(kRetryFirst * 2 ** failures.current, kRetryMost);
        failures.current += 1;
        setFailure({ key, problem, retryAt: problem.passes ? Date.now() + pause : null });
        setBusy(false);
        done();
        if (problem.passes) timer = setTimeout(again, pause);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
      done();
    };
  }, [key, turn]);

  const failed = failure !== null && failure.key === key ? failure : null;
  return {
    key: state.key,
    value: state.value,
    at: state.at,
    isOld: state.value !== null && (state.key !== key || failed !== null || busy),
    problem: failed?.problem ?? null,
    retryAt: failed?.retryAt ?? null,
    again,
    refresh,
  };
}
