// The frame of a table. A table that is wider than the screen scrolls in it, also by keyboard.
import { h, ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export function TableFrame({ children }: { children: ComponentChildren }) {
  const frame = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const element = frame.current;
      if (element !== null) setScrolls(element.scrollWidth > element.clientWidth);
    });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  const label = frame.current?.querySelector("table")?.getAttribute("aria-label") ?? "Table";
  return (
    <div class="table-frame" ref={frame} tabIndex={scrolls ? 0 : undefined} role={scrolls ? "group" : undefined}
      aria-label={scrolls ? label : undefined}>
      {children}
    </div>
  );
}
