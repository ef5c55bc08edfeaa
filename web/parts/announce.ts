// Says to readers of the screen what changed: summaries only, so that nobody has to listen to a table.

let region: HTMLElement | null = null;

export function announceIn(element: HTMLElement | null): void {
  region = element;
}

export function announce(text: string): void {
  if (region !== null) region.textContent = text;
}
