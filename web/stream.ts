// Server-sent events, read with fetch: the browser's own reader of them cannot send a token.

interface StreamEvent {
  type: string; // "message" unless the stream says otherwise.
  id: string | null; // The position after it; null if it has none.
  data: string;
}

/**
 * Reads a response as events until it ends, or until the caller wants no more of them, which ends the response. Calls
 * `onSign` at anything that arrives, also at the comments by which the daemon shows that it is there.
 */
export async function* eventsOf(response: Response, onSign: () => void): AsyncGenerator<StreamEvent> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onSign();
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parse(block);
        if (event !== null) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined); // It may be over already.
  }
}

function parse(block: string): StreamEvent | null {
  const event: StreamEvent = { type: "message", id: null, data: "" };
  let hasData = false;
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    switch (line.slice(0, colon)) {
      case "event": event.type = value; break;
      case "id": event.id = value; break;
      case "data": event.data = hasData ? `${event.data}\n${value}` : value; hasData = true; break;
    }
  }
  return hasData ? event : null;
}
