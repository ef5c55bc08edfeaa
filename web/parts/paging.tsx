// Below a list: on to older entries, and an honest word when the search stopped before the end.
import { h } from "preact";
import { useEffect } from "preact/hooks";
import { number } from "../format";
import { link } from "../route";
import { Note } from "./notes";
import { At } from "./time";

interface Search { next_cursor: string | null; scanned: number; reached: string | null }

// The page before each that the user could go on to from it, by address: the daemon's cursors lead to older ones only.
const newerThan = new Map<string, string>();
const kRememberedMost = 1000;

function remember(page: string, newer: string): void {
  if (newerThan.size >= kRememberedMost) newerThan.clear();
  newerThan.set(page, newer);
}

export function Paging({ search, count, limit, cursor, path, filters }: {
  search: Search; count: number; limit: number; cursor: string | null; path: string[]; filters: [string, string][];
}) {
  const to = (at: string | null) =>
    link(path, new URLSearchParams(at === null ? filters : [...filters, ["cursor", at]]));
  const older = search.next_cursor;
  const newer = newerThan.get(to(cursor));
  useEffect(() => {
    if (older !== null) remember(to(older), to(cursor));
  }, [older, cursor]);
  const isShort = older !== null && count < limit;
  return (
    <div>
      {isShort && (
        <Note title={count === 0 ? "No match so far" : "More were passed over"}>
          <p>
            {number(search.scanned)} entries were looked at
            {search.reached !== null && <span>, back to <At time={search.reached} /></span>}. The daemon looks at a
            limited number at a time, so that a rare match slows down nobody. <a href={to(older)}>Go on from here</a>
          </p>
        </Note>
      )}
      {(cursor !== null || older !== null) && (
        <nav class="pages" aria-label="Pages">
          {cursor !== null && <a href={to(null)}>Newest</a>}
          {newer !== undefined && <a href={newer}>Newer</a>}
          {older !== null && <a href={to(older)}>Older</a>}
        </nav>
      )}
    </div>
  );
}
