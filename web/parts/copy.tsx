// A button that copies a text.
import { h } from "preact";
import { useState } from "preact/hooks";
import { announce } from "./announce";

export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    // A page without TLS beyond the loopback has no clipboard.
    if (navigator.clipboard === undefined) return announce("This browser does not let a page copy here");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return announce("This browser did not let the page copy");
    }
    setDone(true);
    announce("Copied");
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" class="quiet copy" aria-label={`Copy ${label}`} title={`Copy ${label}`} onClick={copy}>
      {done ? "copied" : "copy"}
    </button>
  );
}
