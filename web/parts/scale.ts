// A scale from time to pixels that shortens idle stretches: an hour of waiting must not squeeze a second of work.

export interface Stretch { from: number; to: number; isWork: boolean }
interface Gap { from: number; to: number } // A shortened stretch.

interface Scale {
  x: (time: number) => number;
  timeAt: (x: number) => number;
  gaps: Gap[];
}

const kGapShare = 0.3; // A shortened stretch is as wide as this share of all work.

/** `times`: every time that is drawn. `work`: when something was done. The pixels go from `left` to `right`. */
export function scaleOf(times: number[], work: Stretch[], left: number, right: number): Scale {
  const edges = [...new Set(times)].sort((a, b) => a - b);
  const pieces = edges.slice(1).map((to, i) => ({
    from: edges[i], to, isWork: work.some((each) => each.isWork && each.from < to && each.to > edges[i]),
  }));
  const worked = pieces.filter((each) => each.isWork).reduce((sum, each) => sum + each.to - each.from, 0);
  const longest = worked > 0 ? worked * kGapShare : Infinity;
  const idle = pieces.filter((each) => !each.isWork).reduce((sum, each) => sum + each.to - each.from, 0);
  const shortens = idle > worked;
  const gaps: Gap[] = [];
  const marks: { time: number; at: number }[] = [{ time: edges[0] ?? 0, at: 0 }];
  let at = 0;
  for (const { from, to, isWork } of pieces) {
    const isLong = shortens && !isWork && to - from > longest;
    at += isLong ? longest : to - from;
    marks.push({ time: to, at });
    if (isLong) gaps.push({ from, to });
  }
  const width = at === 0 ? 1 : at;
  const x = (time: number): number => {
    let i = marks.findIndex((mark) => mark.time >= time);
    if (i < 0) i = marks.length - 1;
    const end = marks[i];
    const begin = marks[Math.max(0, i - 1)];
    const share = end.time === begin.time ? 1 : (time - begin.time) / (end.time - begin.time);
    const within = begin.at + Math.max(0, Math.min(1, share)) * (end.at - begin.at);
    return left + (within / width) * (right - left);
  };
  const timeAt = (pixel: number): number => {
    const within = Math.max(0, Math.min(1, (pixel - left) / (right - left))) * width;
    const i = Math.max(1, marks.findIndex((mark) => mark.at >= within));
    const end = marks[Math.min(i, marks.length - 1)];
    const begin = marks[Math.max(0, Math.min(i, marks.length - 1) - 1)];
    const share = end.at === begin.at ? 0 : (within - begin.at) / (end.at - begin.at);
    return begin.time + share * (end.time - begin.time);
  };
  return { x, timeAt, gaps };
}
