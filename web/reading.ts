// A value that a view reads from the daemon, with all that can be true of it: read, being read, out of date, refused.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api";

export interface Reading<T> {
  value: T | null; // The last one that was read for this key; it stays when a later read fails.
  at: number | null; // When it was read, in milliseconds.
  isOld: boolean; // The user asked for a newer one, which is not here yet, or the latest read has failed.
  problem: Problem | null; // Why the latest read failed.
  retryAt: number | null; // When it will be tried again by itself.
  again: () => void; // Reads at once, as after a click: what is shown counts as old until then.
  refresh: () => void; // Reads once more in the background, after what is under way.
}

let underWay = 0;

/** Says on the page that something is being read, for those who cannot see it. */
function count(by: number): void {
  underWay += by;
  document.getElementById("main")?.setAttribute("aria-busy", String(underWay > 0));
}

const kRetryFirst = 1000;
const kRetryMost = 15000;
const kRetryAfterMost = 60000;

function pauseAfter(problem: Problem, failures: number): number {
  if (problem.retryAfter !== null) return Math.min(problem.retryAfter * 1000, kRetryAfterMost);
  return Math.min(kRetryFirst * 2 ** failures, kRetryMost);
}

interface Follow<T> {
  read: (signal: AbortSignal) => Promise<T>;
  onValue: (value: T) => void;
  onProblem: (problem: Problem, retryAt: number | null) => void;
}

/**
 * Reads one thing again and again, one read at a time. A refresh that comes while a read is under way is done after it,
 * so that a slow answer still arrives on a busy ledger; one that comes in the pause before a retry needs no other read.
 */
class Reader<T> {
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: "idle" | "reading" | "pausing" = "idle";
  #isWanted = false;
  #failures = 0;

  constructor(readonly follow: Follow<T>) {
    void this.#read();
  }

  refresh(): void {
    if (this.#state === "reading") this.#isWanted = true;
    else if (this.#state === "idle") void this.#read();
  }

  end(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    const { signal } = this.#abort;
    let problem: Problem | null = null;
    this.#state = "reading";
    this.#isWanted = false;
    count(1);
    try {
      const value = await this.follow.read(signal);
      if (!signal.aborted) this.follow.onValue(value);
    } catch (error) {
      problem = error instanceof Problem ? error : new Problem(-1, "page", String(error), null);
    } finally {
      count(-1);
    }
    if (signal.aborted) return;
    if (problem !== null && problem.passes) return this.#pause(problem);
    this.#failures = 0;
    if (problem !== null) this.follow.onProblem(problem, null);
    this.#state = "idle";
    if (this.#isWanted) void this.#read();
  }

  #pause(problem: Problem): void {
    const pause = pauseAfter(problem, this.#failures);
    this.#failures += 1;
    this.#state = "pausing";
    this.#timer = setTimeout(() => void this.#read(), pause);
    this.follow.onProblem(problem, Date.now() + pause);
  }
}

interface Read<T> {
  key: string | null;
  value: T | null;
  at: number | null;
  problem: Problem | null;
  retryAt: number | null;
  isBusy: boolean; // With a read that the user waits for.
}

function nothingRead<T>(key: string | null): Read<T> {
  return { key, value: null, at: null, problem: null, retryAt: null, isBusy: true };
}

/**
 * Reads when `key` changes and when again() is called. A read that failed for a passing reason is repeated, after the
 * time that the daemon names, or after longer and longer pauses. `key` null: reads nothing.
 */
export function useReading<T>(key: string | null, read: (signal: AbortSignal) => Promise<T>): Reading<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Read<T>>(nothingRead(key));
  const reader = useRef<Reader<T> | null>(null);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const refresh = useCallback(() => reader.current?.refresh(), []);

  useEffect(() => {
    if (key === null) return undefined;
    setState((before) => (before.key === key ? { ...before, isBusy: true } : nothingRead(key)));
    const started = new Reader<T>({
      read,
      onValue: (value) => setState({ key, value, at: Date.now(), problem: null, retryAt: null, isBusy: false }),
      onProblem: (problem, retryAt) => setState((before) => ({ ...before, problem, retryAt, isBusy: false })),
    });
    reader.current = started;
    return () => {
      started.end();
      reader.current = null;
    };
  }, [key, turn]);

  const own = state.key === key ? state : nothingRead<T>(key);
  return {
    value: own.value,
    at: own.at,
    isOld: own.value !== null && (own.problem !== null || own.isBusy),
    problem: own.problem,
    retryAt: own.retryAt,
    again,
    refresh,
  };
}
