// A histogram over time, stacked by outcome or another division. Arrows move over the intervals, and Enter opens one.
import { h } from "preact";
import { useState } from "preact/hooks";
import { dayTime, number } from "../format";
import { go } from "../route";
import { Series } from "../schema";
import { useWidth } from "./width";

const kHeight = 150;
const kAxis = 22;
const kLeft = 44;
const kRight = 8;

/** A round number of a few steps at most, at or above `most`. */
function roundUp(most: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * size).find((step) => step >= most) ?? most;
}

/** `hrefOf` and `hrefName`: what the chosen interval leads to, and what that is. */
export function Histogram({ series, order, wordOf, label, hrefOf, hrefName }: {
  series: Series; order: readonly string[]; wordOf: (name: string) => string; label: string;
  hrefOf: (since: string, until: string) => string; hrefName: string;
}) {
  const [frame, width] = useWidth();
  const [chosen, setChosen] = useState(series.points - 1);
  const lines = [...series.series].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const totals = Array.from({ length: series.points }, (_, i) => lines.reduce((sum, line) => sum + line.points[i], 0));
  const top = roundUp(Math.max(...totals, 1));
  const start = Date.parse(series.since);
  const timeOf = (i: number) => new Date(start + i * series.step_seconds * 1000).toISOString();
  const step = Math.max(0, width - kLeft - kRight) / series.points;
  const y = (value: number) => kHeight - (value / top) * (kHeight - 10);
  const textOf = (i: number) => {
    const parts = lines.filter((line) => line.points[i] > 0)
      .map((line) => `${number(line.points[i])} ${wordOf(line.name)}`);
    const range = `${dayTime(timeOf(i))} to ${dayTime(timeOf(i + 1)).slice(11)}`;
    return `${range}: ${parts.length === 0 ? "none" : parts.join(", ")}`;
  };
  const at = Math.min(chosen, series.points - 1);
  const href = hrefOf(timeOf(at), timeOf(at + 1));
  const open = () => go(href);
  const pointed = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.max(0, Math.min(series.points - 1, Math.floor((event.clientX - box.left - kLeft) / step)));
  };
  const labels = Math.max(1, Math.floor(width / 150));
  return (
    <div class="histogram" ref={frame}>
      {width > 0 && (
        <svg width={width} height={kHeight + kAxis} aria-hidden="true" onClick={open}
          onMouseMove={(event) => setChosen(pointed(event))}>
          {[0, 0.5, 1].map((share) => (
            <g key={share}>
              <line x1={kLeft} y1={y(top * share)} x2={width - kRight} y2={y(top * share)} class="grid" />
              <text x={kLeft - 8} y={y(top * share) + 4} class="lane-name">{number(top * share)}</text>
            </g>
          ))}
          <rect x={kLeft + at * step} y={0} width={step} height={kHeight} class="chosen" />
          {totals.map((_, i) => {
            let base = 0;
            return lines.map((line) => {
              const value = line.points[i];
              if (value === 0) return null;
              base += value;
              const height = Math.max(1, y(base - value) - y(base));
              return <rect key={`${i} ${line.name}`} x={kLeft + i * step + (step > 4 ? 1 : 0)} y={y(base)}
                height={height} width={Math.max(1, step - (step > 4 ? 2 : 0))} class={`bar is-${line.name}`} />;
            });
          })}
          {Array.from({ length: labels }, (_, i) => {
            const point = Math.round(((i + 0.5) * series.points) / labels);
            return (
              <text key={i} x={kLeft + point * step} y={kHeight + 16} class="tick">
                {dayTime(timeOf(point)).slice(5, 16)}
              </text>
            );
          })}
        </svg>
      )}
      <input type="range" class="over" min={0} max={series.points - 1} value={at} aria-label={label}
        aria-valuetext={textOf(at)} onInput={(event) => setChosen(Number(event.currentTarget.value))}
        onKeyDown={(event) => { if (event.key === "Enter") open(); }} />
      <p class="readout">{textOf(at)}. <a href={href}>{hrefName}</a></p>
    </div>
  );
}
