// One clock for all that shows how long ago something was: it ticks once a second, and not in a hidden tab.
import { useEffect, useState } from "preact/hooks";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function wind(): void {
  const runs = listeners.size > 0 && !document.hidden;
  if (runs && timer === undefined) {
    timer = setInterval(() => listeners.forEach((each) => each()), 1000);
  } else if (!runs && timer !== undefined) {
    clearInterval(timer);
    timer = undefined;
  }
}

document.addEventListener("visibilitychange", () => {
  wind();
  if (!document.hidden) listeners.forEach((each) => each());
});

/** The time now, in milliseconds; the component is drawn again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = () => setNow(Date.now());
    listeners.add(tick);
    wind();
    return () => {
      listeners.delete(tick);
      wind();
    };
  }, []);
  return now;
}
