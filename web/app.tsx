// The page that people look at: its frame, the token, and the view that the address names.
import { h, render, ComponentChildren } from "preact";
import { useCallback, useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { get, kTokenEnded } from "./api";
import { setZone } from "./format";
import { whenKey } from "./keys";
import { Live, LiveContext, LiveState, toggle, useLiveState } from "./live";
import { useReading } from "./reading";
import { go, link, Route, useRoute } from "./route";
import { Session } from "./schema";
import { SessionContext } from "./session";
import { currentToken, forgetToken, recallToken, setToken, takeToken } from "./token";
import { announceIn } from "./parts/announce";
import { forgetInitiator, Modal } from "./parts/dialog";
import { Note, ProblemNote } from "./parts/notes";
import { Ago } from "./parts/time";
import { DuplicatesView } from "./views/duplicates";
import { FailuresView } from "./views/failures";
import { HealthView } from "./views/health";
import { IdentityView } from "./views/identity";
import { OverviewView } from "./views/overview";
import { RunView } from "./views/run";
import { RunsView } from "./views/runs";
import { TimelineView } from "./views/timeline";
import { TypesView } from "./views/types";
import { WorkersView } from "./views/workers";

interface View { name: string; path: string; key: string; draw: (route: Route) => ComponentChildren }

const kViews: readonly View[] = [
  { name: "Overview", path: "", key: "o", draw: (route) => <OverviewView route={route} /> },
  { name: "Runs", path: "runs", key: "r", draw: (route) => <RunsView route={route} /> },
  { name: "Failures", path: "failures", key: "f", draw: (route) => <FailuresView route={route} /> },
  { name: "Duplicates", path: "duplicates", key: "d", draw: (route) => <DuplicatesView route={route} /> },
  { name: "Timeline", path: "timeline", key: "t", draw: (route) => <TimelineView route={route} /> },
  { name: "Workers", path: "workers", key: "w", draw: () => <WorkersView /> },
  { name: "Types", path: "types", key: "y", draw: () => <TypesView /> },
  { name: "Health", path: "health", key: "h", draw: () => <HealthView /> },
];

function hrefOf(view: View): string {
  return link(view.path === "" ? [] : [view.path]);
}

function draw(route: Route): ComponentChildren {
  const [first, second] = route.path;
  // A key each, so that nothing of one run or identity stays on screen under the name of another.
  const id = second?.toLowerCase();
  if (first === "runs" && id !== undefined) return <RunView key={id} id={id} route={route} />;
  if (first === "identity" && id !== undefined) return <IdentityView key={id} identity={id} />;
  const view = kViews.find((each) => each.path === (first ?? ""));
  if (view !== undefined) return view.draw(route);
  return (
    <section>
      <h1 tabIndex={-1}>No such view</h1>
      <p>The address ends in <code>{link(route.path, route.query)}</code>. <a href={link(["runs"])}>All runs</a></p>
    </section>
  );
}

type Theme = "system" | "light" | "dark";
const kThemes: readonly Theme[] = ["system", "light", "dark"];

function useSetting<T extends string>(name: string, values: readonly T[], apply: (value: T) => void): [T, () => void] {
  const stored = localStorage.getItem(name) as T | null;
  const [value, setValue] = useState<T>(stored !== null && values.includes(stored) ? stored : values[0]);
  apply(value);
  const next = () => {
    const to = values[(values.indexOf(value) + 1) % values.length];
    localStorage.setItem(name, to);
    setValue(to);
  };
  return [value, next];
}

function TokenForm({ ended, onToken }: { ended: boolean; onToken: () => void }) {
  const [text, setText] = useState("");
  const [keep, setKeep] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    setToken(text.trim(), keep);
    onToken();
  };
  return (
    <main id="main" class="token">
      <h1 tabIndex={-1}>runledger</h1>
      {ended && <Note kind="warn" title="The daemon does not take this token (any more)" />}
      <p>
        This page reads with an access token. <code>runledger ui</code> on the daemon’s machine makes one for eight
        hours and prints the address of the page with it.
      </p>
      <form onSubmit={submit}>
        <label>
          Access token
          <input class="mono" type="password" autocomplete="off" spellcheck={false} autofocus value={text}
            onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
          Keep it until this tab is closed
        </label>
        <button type="submit" class="primary">Open</button>
      </form>
    </main>
  );
}

const kHelp: readonly (readonly [string, string])[] = [
  ["/", "filter"], ["j  k", "next and previous row"], ["Enter", "open the row"], ["[  ]", "step a run back and on"],
  ["s", "save the list of runs as a view"],
  ["r", "pause, and follow again"], ["e", "events of the run"], ["i", "input of the run"],
  ["d", "identity of the run"], ["f", "failures of the overview’s time"],
  ...kViews.map((view): [string, string] => [`g ${view.key}`, view.name.toLowerCase()]), ["?", "this help"],
];

function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl class="keys">
        {kHelp.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}
      </dl>
      <div class="buttons"><button type="button" onClick={onClose}>Close</button></div>
    </Modal>
  );
}

function stepRows(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("a.row-link")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  rows[to]?.focus();
}

function WhoAmI({ session, signOut, children }: {
  session: Session; signOut: () => void; children: ComponentChildren;
}) {
  const scope = session.workspace_id === null ? "whole ledger"
    : session.tenant_id === null ? session.workspace_id : `${session.workspace_id} / ${session.tenant_id}`;
  const rights = session.rights.length === 0 ? "reads only" : session.rights.join(", ");
  return (
    <details class="who-am-i">
      <summary><span class="scope">{scope}</span> <span class="soft">{rights}</span></summary>
      <div class="menu">
        {children}
        <p>
          Token <span class="mono">{session.caller.slice(0, 8)}</span>
          {session.expires_at !== null && <span>, ends <Ago time={session.expires_at} /></span>}
        </p>
        <button type="button" onClick={signOut}>Forget the token</button>
        <p class="soft">runledger {session.version}</p>
      </div>
    </details>
  );
}

const kLiveWords: Record<LiveState, string> = {
  live: "live", connecting: "connecting", paused: "paused", off: "not live",
};

function LiveMark({ live }: { live: Live | null }) {
  const state = useLiveState(live);
  return (
    <button type="button" class={`quiet live is-${state}`} onClick={() => toggle(live)} disabled={live === null}
      title={state === "paused" ? "Follow again  r" : "Pause  r"}>
      {kLiveWords[state]}
    </button>
  );
}

function Frame({ session, signOut, children }: {
  session: Session | null; signOut: () => void; children: ComponentChildren;
}) {
  const route = useRoute();
  const [help, setHelp] = useState(false);
  const [theme, nextTheme] = useSetting<Theme>("runledger.theme", kThemes, (value) => {
    if (value === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", value);
  });
  const [zone, nextZone] = useSetting<"local" | "utc">("runledger.zone", ["local", "utc"], setZone);
  const main = useRef<HTMLElement>(null);
  const live = useContext(LiveContext);
  const latestLive = useRef(live);
  latestLive.current = live;
  const path = route.path.join("/");
  const isFirst = useRef(true);

  useEffect(() => whenKey({
    "/": () => document.getElementById("filter")?.focus(),
    j: () => stepRows(1),
    k: () => stepRows(-1),
    "?": () => setHelp(true),
    r: () => toggle(latestLive.current),
    ...Object.fromEntries(kViews.map((view) => [`g ${view.key}`, () => go(hrefOf(view))])),
  }), []);
  // Whoever navigates with a keyboard or a screen reader starts at the head of the new view.
  useEffect(() => {
    document.title = `${path === "" ? "overview" : path} · runledger`;
    if (!isFirst.current) main.current?.querySelector("h1")?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
    document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);

  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        main.current?.querySelector("h1")?.focus();
      }}>Skip to the content</a>
      <header class="top">
        <a class="brand" href={link([])}>runledger</a>
        <nav aria-label="Views">
          {kViews.map((view) => (
            <a key={view.path} href={hrefOf(view)}
              aria-current={(route.path[0] ?? "") === view.path ? "page" : undefined}>{view.name}</a>
          ))}
        </nav>
        <div class="top-end">
          {session !== null && <LiveMark live={live} />}
          {session !== null && (
            <WhoAmI session={session} signOut={signOut}>
              <button type="button" onClick={nextTheme}>Theme: {theme}</button>
              <button type="button" onClick={nextZone}>Times: {zone === "utc" ? "UTC" : "local"}</button>
            </WhoAmI>
          )}
          <button type="button" class="quiet" aria-label="Keys" title="Keys  ?" onClick={() => setHelp(true)}>?</button>
        </div>
      </header>
      <main id="main" ref={main} key={zone}>{children}</main>
      <div class="unseen" role="status" aria-live="polite" ref={announceIn} />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

function Signed({ onEnd }: { onEnd: (ended: boolean) => void }) {
  const route = useRoute();
  const reading = useReading("session", (signal) => get<Session>("v1/session", {}, signal));
  const signOut = useCallback(() => {
    forgetToken();
    forgetInitiator();
    onEnd(false);
  }, []);
  useEffect(() => {
    const ended = () => {
      forgetToken();
      forgetInitiator();
      onEnd(true);
    };
    addEventListener(kTokenEnded, ended);
    return () => removeEventListener(kTokenEnded, ended);
  }, []);
  const session = reading.value;
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    if (session === null) return undefined;
    const started = new Live(session);
    setLive(started);
    return () => {
      started.end();
      setLive(null);
    };
  }, [session]);
  return (
    <SessionContext.Provider value={{ session, signOut }}>
      <LiveContext.Provider value={live}>
        <Frame session={session} signOut={signOut}>
          {session === null ? <ProblemNote reading={reading} /> : draw(route)}
        </Frame>
      </LiveContext.Provider>
    </SessionContext.Provider>
  );
}

function App() {
  const [state, setState] = useState<"signed" | "none" | "ended">(currentToken() === null ? "none" : "signed");
  const [session, setSession] = useState(0); // Counts them, since each begins with nothing of the one before.
  // An address with a token that is pasted into an open tab loads nothing. This listener comes before the router's,
  // which is added later, so the router never sees the token.
  useLayoutEffect(() => {
    const changed = () => {
      if (!takeToken()) return;
      forgetInitiator();
      setSession((before) => before + 1);
      setState("signed");
    };
    addEventListener("hashchange", changed, { capture: true });
    return () => removeEventListener("hashchange", changed, { capture: true });
  }, []);
  if (state === "signed") return <Signed key={session} onEnd={(ended) => setState(ended ? "ended" : "none")} />;
  return <TokenForm ended={state === "ended"} onToken={() => setState("signed")} />;
}

if (!takeToken()) recallToken();
document.getElementById("app")!.textContent = "";
render(<App />, document.getElementById("app")!);
