// Saved views: names for addresses, in this browser alone. What a view shows is its address, so it can be sent as well.
import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { whenKey } from "../keys";
import { Modal } from "./dialog";

interface SavedView { name: string; hash: string }

const kStored = "runledger.views";
const kMost = 30;

function stored(): SavedView[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(kStored) ?? "[]");
    if (!Array.isArray(read)) return [];
    return read.filter((each) => typeof each?.name === "string" && /^#\//.test(each?.hash)).slice(0, kMost);
  } catch {
    return []; // Somebody else wrote it.
  }
}

export function SavedViews() {
  const [views, setViews] = useState(stored);
  const [name, setName] = useState<string | null>(null);
  const hash = location.hash;
  const current = views.find((view) => view.hash === hash);
  useEffect(() => whenKey({ s: () => setName("") }), []);
  const keep = (to: SavedView[]) => {
    localStorage.setItem(kStored, JSON.stringify(to));
    setViews(to);
  };
  const save = (event: Event) => {
    event.preventDefault();
    const trimmed = name?.trim() ?? "";
    if (trimmed !== "") {
      keep([...views.filter((view) => view.name !== trimmed), { name: trimmed, hash }].slice(-kMost));
    }
    setName(null);
  };
  return (
    <div class="saved">
      {views.map((view) => (
        <a key={view.name} class="facet" href={view.hash} aria-current={view === current ? "true" : undefined}>
          {view.name}
        </a>
      ))}
      {current === undefined ? (
        <button type="button" class="quiet" title="Save this view in this browser  s" onClick={() => setName("")}>
          Save view
        </button>
      ) : (
        <button type="button" class="quiet" onClick={() => keep(views.filter((view) => view !== current))}>
          Forget view
        </button>
      )}
      {name !== null && (
        <Modal title="Save this view" onClose={() => setName(null)}>
          <form onSubmit={save}>
            <label>Name <input autofocus maxLength={40} value={name}
              onInput={(event) => setName(event.currentTarget.value)} /></label>
            <div class="buttons">
              <button type="button" onClick={() => setName(null)}>Back</button>
              <button type="submit" class="primary">Save</button>
            </div>
          </form>
        </Modal>
      )}
    </div>
  );
}
