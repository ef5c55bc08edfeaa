// The time slider of a run: it steps through the versions, and says what the next event changes.
import { h } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Change, changesBetween, Story } from "../fold";
import { dayTime } from "../format";
import { Event } from "../schema";
import { whenKey } from "../keys";
import { sentenceOf } from "./events";

function Changes({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return <p class="soft">Nothing but its position.</p>;
  return (
    <dl class="changes">
      {changes.map((change) => (
        <div key={change.field}>
          <dt class="mono">{change.field}</dt>
          <dd><del>{change.before}</del><span aria-hidden="true" class="soft"> → </span><ins>{change.after}</ins></dd>
        </div>
      ))}
    </dl>
  );
}

export function TimeSlider({ at, newest, event, next, story, after, onMove }: {
  at: number; newest: number; event: Event | null; next: Event | null; story: Story; after: Story | null;
  onMove: (version: number) => void;
}) {
  // Keys come faster than the page is drawn, so each step goes on from the one before and not from what is on screen.
  const latest = useRef(at);
  useLayoutEffect(() => { latest.current = at; }, [at]);
  useEffect(() => {
    const step = (by: number) => () => {
      latest.current = Math.max(1, Math.min(newest, latest.current + by));
      onMove(latest.current);
    };
    return whenKey({ "[": step(-1), "]": step(1) });
  }, [newest]);
  const what = event === null ? "" : `${sentenceOf(event)}, ${dayTime(event.occurred_at ?? event.recorded_at)}`;
  return (
    <div class="slider">
      <div class="slider-line">
        <button type="button" disabled={at === 1} aria-label="One event back" title="One event back  ["
          onClick={() => onMove(at - 1)}>‹</button>
        <input type="range" min={1} max={newest} value={at} aria-label="Version of the run"
          aria-valuetext={`version ${at} of ${newest}: ${what}`}
          onInput={(input) => onMove(Number(input.currentTarget.value))} />
        <button type="button" disabled={at === newest} aria-label="One event on" title="One event on  ]"
          onClick={() => onMove(at + 1)}>›</button>
        <span class="slider-at"><strong>{at}</strong><span class="soft"> of {newest}</span></span>
        <button type="button" disabled={at === newest} onClick={() => onMove(newest)}>Latest</button>
      </div>
      <p class="slider-what">{what}</p>
      {next !== null && after !== null && (
        <div class="slider-next">
          <p class="soft">Event {next.run_version} is next: {sentenceOf(next)}. It changes</p>
          <Changes changes={changesBetween(story, after)} />
        </div>
      )}
    </div>
  );
}
