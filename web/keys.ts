// Letter keys. They do nothing while somebody types, or with a modifier, which belongs to the browser.

type Keys = Record<string, () => void>;

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (element === null || element.closest === undefined) return false;
  if (element instanceof HTMLInputElement && element.type === "range") return false;
  return element.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

const tables: Keys[] = [];
let prefix = "";

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const key = prefix + event.key;
  prefix = "";
  for (let i = tables.length - 1; i >= 0; --i) {
    const act = tables[i][key];
    if (act === undefined) continue;
    event.preventDefault();
    act();
    return;
  }
  if (event.key === "g") prefix = "g ";
});

/** Listens to these keys until the returned function is called. "g r" is g and then r. */
export function whenKey(keys: Keys): () => void {
  tables.push(keys);
  return () => {
    tables.splice(tables.indexOf(keys), 1);
  };
}
