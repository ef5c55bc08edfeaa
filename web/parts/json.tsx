// A JSON value that can be folded: texts stay texts, whatever they contain.
import { h } from "preact";
import { useState } from "preact/hooks";

const kOpenAtMost = 40; // Members that a level shows before it is asked for the rest.

function Scalar({ value }: { value: unknown }) {
  const kind = value === null ? "null" : typeof value;
  return <span class={`json-${kind}`}>{JSON.stringify(value)}</span>;
}

function Level({ value, depth, open }: { value: object; depth: number; open: number }) {
  const [isOpen, setOpen] = useState(depth < open);
  const [all, setAll] = useState(false);
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [left, right] = isList ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return <span>{left}{right}</span>;
  const shown = all ? entries : entries.slice(0, kOpenAtMost);
  return (
    <span>
      <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {left}{isOpen ? "" : ` ${entries.length} ${right}`}
      </button>
      {isOpen && (
        <ul class="json-level">
          {shown.map(([name, each]) => (
            <li key={name}>
              {!isList && <span class="json-name">{JSON.stringify(name)}: </span>}
              <Value value={each} depth={depth + 1} open={open} />
            </li>
          ))}
          {shown.length < entries.length && (
            <li><button type="button" onClick={() => setAll(true)}>{entries.length - shown.length} more</button></li>
          )}
        </ul>
      )}
      {isOpen && right}
    </span>
  );
}

function Value({ value, depth, open }: { value: unknown; depth: number; open: number }) {
  if (typeof value === "object" && value !== null) return <Level value={value} depth={depth} open={open} />;
  return <Scalar value={value} />;
}

/** `open`: how many levels are open at first. */
export function JsonView({ value, open = 2 }: { value: unknown; open?: number }) {
  return <div class="json"><Value value={value} depth={0} open={open} /></div>;
}
