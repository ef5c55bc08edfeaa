// News of runs as they change. One tab of a browser follows the ledger and tells the others, because a browser has few
// connections to one origin.
import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { openStream, Problem } from "./api";
import { Session } from "./schema";
import { eventsOf } from "./stream";

export type LiveState = "live" | "connecting" | "paused" | "off";

type Listener = (runs: ReadonlySet<string>) => void;

const kGather = 250; // Milliseconds for which news is gathered before it is told.
const kHiddenMost = 60000; // After so long in a hidden tab, nothing is followed.
const kRetryFirst = 1000;
const kRetryMost = 15000;
const kGatheredMost = 10000; // Runs; of more, everybody reads again.

export class Live {
  #listeners = new Set<Listener>();
  #watchers = new Set<(state: LiveState) => void>();
  #channel: BroadcastChannel;
  #abort: AbortController | null = null;
  #gathered = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #name: string;
  state: LiveState = "off";

  constructor(session: Session) {
    this.#name = `runledger.live.${session.caller}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (message: MessageEvent<string[]>) => {
      if (this.state === "paused" || this.state === "off") return;
      this.#set("live"); // Another tab follows.
      this.#tell(new Set(message.data));
    };
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.resume();
  }

  end(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#stop("off");
    this.#channel.close();
  }

  pause(): void {
    this.#stop("paused");
  }

  resume(): void {
    if (this.#abort !== null) return;
    this.#abort = new AbortController();
    this.#set("connecting");
    void this.#lead(this.#abort.signal);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  watch(watcher: (state: LiveState) => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  #onVisibility = (): void => {
    clearTimeout(this.#hidden);
    if (document.hidden) {
      this.#hidden = setTimeout(() => { if (this.state !== "paused") this.#stop("off"); }, kHiddenMost);
    } else if (this.state === "off") {
      this.resume();
      this.#tell(new Set()); // Nobody knows what was missed, so everybody reads again.
    }
  };

  #set(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    this.#watchers.forEach((watcher) => watcher(state));
  }

  #stop(state: LiveState): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#set(state);
  }

  #tell(runs: ReadonlySet<string>): void {
    this.#listeners.forEach((listener) => listener(runs));
  }

  #gather(run: string): void {
    if (this.#gathered.size < kGatheredMost) this.#gathered.add(run);
    this.#timer ??= setTimeout(() => {
      const runs = this.#gathered.size < kGatheredMost ? this.#gathered : new Set<string>();
      this.#gathered = new Set();
      this.#timer = undefined;
      this.#channel.postMessage([...runs]);
      this.#tell(runs);
    }, kGather);
  }

  /** Waits until no other tab follows, and then follows until this one stops. Without locks, each tab follows. */
  async #lead(signal: AbortSignal): Promise<void> {
    const follow = () => this.#follow(signal);
    try {
      if (navigator.locks === undefined) await follow();
      else await navigator.locks.request(this.#name, { signal }, follow);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let after: string | null = null; // At first, what comes next.
    for (let failures = 0; !signal.aborted;) {
      try {
        const stream = await openStream("v1/changes", { follow: 1, after }, signal);
        this.#set("live");
        failures = 0;
        // Whatever changed before the stream began was told to nobody.
        this.#channel.postMessage([]);
        this.#tell(new Set());
        for await (const event of eventsOf(stream)) {
          if (event.type === "end") break;
          if (event.id !== null) after = event.id;
          this.#gather((JSON.parse(event.data) as { run_id: string }).run_id);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Problem)) failures += 1;
        else if (error.code === "position.ahead") after = null; // The ledger is an older copy now.
        else if (!error.passes) return this.#stop("off");
        failures += 1;
      }
      this.#set("connecting");
      const pause = Math.min(kRetryFirst * 2 ** failures, kRetryMost);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Null while nothing can be followed. */
export const LiveContext = createContext<Live | null>(null);

export function toggle(live: Live | null): void {
  if (live === null) return;
  if (live.state === "paused" || live.state === "off") live.resume();
  else live.pause();
}

export function useLiveState(live: Live | null): LiveState {
  const [state, setState] = useState<LiveState>("off");
  useEffect(() => {
    setState(live?.state ?? "off");
    return live?.watch(setState);
  }, [live]);
  return state;
}

/**
 * Calls `act` when runs have changed, at most once in `every` milliseconds. An empty set: nobody knows which.
 */
export function useNews(every: number, act: (runs: ReadonlySet<string>) => void): void {
  const live = useContext(LiveContext);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let runs = new Set<string>();
    let all = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = live?.listen((changed) => {
      all ||= changed.size === 0;
      changed.forEach((run) => runs.add(run));
      timer ??= setTimeout(() => {
        const told = all ? new Set<string>() : runs;
        runs = new Set();
        all = false;
        timer = undefined;
        latest.current(told);
      }, every);
    });
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }, [live, every]);
}
