// Times: how long ago, with the whole time as the title, and lengths of time that may still grow.
import { h, Fragment } from "preact";
import { useNow } from "../clock";
import { ago, between, dayTime, duration, wholeTime } from "../format";

export function Ago({ time }: { time: string }) {
  const now = useNow();
  return <time dateTime={time} title={wholeTime(time)}>{ago(now - Date.parse(time))}</time>;
}

export function At({ time }: { time: string | null }) {
  if (time === null) return <span class="none">–</span>;
  return <time dateTime={time} title={wholeTime(time)}>{dayTime(time)}</time>;
}

/** From `from` to `to`; while `to` is missing and `grows`, to now, or to `until` in a view of the past. */
export function Span({ from, to, grows = false, until = null }: {
  from: string | null; to: string | null; grows?: boolean; until?: string | null;
}) {
  const length = between(from, grows ? to ?? until : to);
  if (length !== null) return <Fragment>{duration(length)}</Fragment>;
  if (from === null || !grows) return <span class="none">–</span>;
  return <Growing from={from} />;
}

function Growing({ from }: { from: string }) {
  const now = useNow();
  return <span class="growing">{duration(now - Date.parse(from))}</span>;
}
