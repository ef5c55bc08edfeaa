// News of runs as they change. One tab of a browser follows the ledger and tells the others, because a browser has few
// connections to one origin.
import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { openStream, Problem } from "./api";
import { Session } from "./schema";
import { eventsOf } from "./stream";

export type LiveState = "live" | "connecting" | "paused" | "off";

type Listener = (runs: ReadonlySet<string>) => void;

/** What tabs of one browser say to each other: how the one that follows stands, who wants to know it, and the news. */
type Message = { kind: "hello" } | { kind: "state"; state: LiveState } | { kind: "news"; runs: string[] };

const kGather = 250; // Milliseconds for which news is gathered before it is told.
const kHiddenMost = 60000; // After so long in a hidden tab, nothing is followed.
const kRetryFirst = 1000;
const kRetryMost = 15000;
const kSilentMost = 40000; // The daemon gives a sign every 15 s, so after so long the connection is dead.
const kGatheredMost = 10000; // Runs; of more, everybody reads again.

/** Waits, but no longer than until the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// Ends a connection that has given no sign for too long, or when `signal` says so.
class Watch {
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #end = () => this.#abort.abort();

  constructor(readonly outer: AbortSignal) {
    outer.addEventListener("abort", this.#end);
    this.sign();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  sign = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#end, kSilentMost);
  };

  end(): void {
    clearTimeout(this.#timer);
    this.outer.removeEventListener("abort", this.#end);
  }
}

export class Live {
  #listeners = new Set<Listener>();
  #watchers = new Set<(state: LiveState) => void>();
  #channel: BroadcastChannel;
  #abort: AbortController | null = null; // Ends following, or waiting for another tab to end; null: it does neither.
  #leads = false;
  #gathered = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #name: string;
  state: LiveState = "off";

  constructor(session: Session) {
    this.#name = `runledger.live.${session.caller}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (message: MessageEvent<Message>) => this.#hear(message.data);
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.resume();
  }

  end(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    clearTimeout(this.#hidden);
    this.#stop("off");
    this.#channel.close();
  }

  pause(): void {
    this.#stop("paused");
  }

  /** Follows again. Nobody knows what was missed, so everybody reads again. */
  resume(): void {
    if (this.#abort !== null) return;
    this.#abort = new AbortController();
    this.#set("connecting");
    void this.#lead(this.#abort.signal);
    this.#say({ kind: "hello" });
    this.#tell(new Set());
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
    }
  };

  #say(message: Message): void {
    this.#channel.postMessage(message);
  }

  #hear(message: Message): void {
    if (message.kind === "hello" && this.#leads) this.#say({ kind: "state", state: this.state });
    if (this.#leads || this.#abort === null) return; // It knows better itself, or wants to know nothing.
    if (message.kind === "state") this.#set(message.state);
    if (message.kind === "news") this.#tell(new Set(message.runs));
  }

  #set(state: LiveState): void {
    if (this.#leads) this.#say({ kind: "state", state });
    if (this.state === state) return;
    this.state = state;
    this.#watchers.forEach((watcher) => watcher(state));
  }

  #stop(state: LiveState): void {
    if (this.#leads) this.#say({ kind: "state", state: "connecting" }); // Another tab is the next to follow.
    this.#leads = false;
    clearTimeout(this.#timer); // The next one to follow has everybody read again.
    this.#timer = undefined;
    this.#gathered = new Set();
    this.#abort?.abort();
    this.#abort = null;
    this.#set(state);
  }

  #tell(runs: ReadonlySet<string>): void {
    this.#listeners.forEach((listener) => listener(runs));
  }

  #tellAll(runs: ReadonlySet<string>): void {
    this.#say({ kind: "news", runs: [...runs] });
    this.#tell(runs);
  }

  #gather(run: string): void {
    if (this.#gathered.size < kGatheredMost) this.#gathered.add(run);
    this.#timer ??= setTimeout(() => {
      const runs = this.#gathered.size < kGatheredMost ? this.#gathered : new Set<string>();
      this.#gathered = new Set();
      this.#timer = undefined;
      this.#tellAll(runs);
    }, kGather);
  }

  /** Waits until no other tab follows, and then follows until this one stops. Without locks, each tab follows. */
  async #lead(signal: AbortSignal): Promise<void> {
    const follow = async () => {
      if (signal.aborted) return;
      this.#leads = true;
      this.#set("connecting");
      await this.#follow(signal);
    };
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
      const watch = new Watch(signal);
      try {
        const stream = await openStream("v1/changes", { follow: 1, after }, watch.signal);
        if (signal.aborted) return;
        this.#set("live");
        failures = 0;
        this.#tellAll(new Set()); // Whatever changed before the stream began was told to nobody.
        for await (const event of eventsOf(stream, watch.sign)) {
          if (signal.aborted || event.type === "end") break;
          if (event.id !== null) after = event.id;
          this.#gather((JSON.parse(event.data) as { run_id: string }).run_id);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Problem && error.code === "position.ahead") after = null; // It is an older copy now.
        else if (error instanceof Problem && !error.passes) return this.#stop("off");
        failures += 1;
      } finally {
        watch.end();
      }
      if (signal.aborted) return;
      this.#set("connecting");
      await pause(Math.min(kRetryFirst * 2 ** failures, kRetryMost), signal);
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
