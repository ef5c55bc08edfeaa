// The standing of a run or an attempt: a shape, a word and a colour, so that no two differ by colour alone.
import { h } from "preact";
import { Standing, kStandingWords } from "../format";

// Each is drawn in a square of 16.
const kShapes: Record<Standing, string> = {
  queued: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11M8 5v3.2l2.2 1.4",
  pending: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11",
  running: "M5 3.2v9.6L13 8z",
  succeeded: "M3 8.4l3.4 3.4L13 4.8",
  partially_succeeded: "M2 9l3.2 3.2L10.4 6M13.6 3.4v5.4M13.6 12v.2",
  blocked: "M3 3h10v10H3zM3 8h10",
  failed: "M4 4l8 8M12 4l-8 8",
  cancelled: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11M4.2 11.8l7.6-7.6",
  lost: "M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.9.5-1.2 1-1.2 1.9M8 12.4v.8",
  superseded: "M3 5l4 3l-4 3M9 5l4 3l-4 3",
};

function StandingIcon({ standing }: { standing: Standing }) {
  return (
    <svg class={`icon is-${standing}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={kShapes[standing]} />
    </svg>
  );
}

export function StandingMark({ standing }: { standing: Standing }) {
  return (
    <span class={`standing is-${standing}`}>
      <StandingIcon standing={standing} />
      {kStandingWords[standing]}
    </span>
  );
}
