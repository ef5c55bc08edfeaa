// Dialogs that change something. The key of the command is made when the dialog opens, so a double click acts once.
import { h, ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, send } from "../api";
import { Answer, Run } from "../schema";
import { link } from "../route";
import { kRuleWords, shortId } from "../format";
import { announce } from "./announce";

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function Modal({ title, onClose, children }: {
  title: string; onClose: () => void; children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose} onCancel={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** A form that sends one command: its fields are `children`, and `body` makes the command when it is confirmed. */
function Command({ title, verb, isGrave = false, path, body, onClose, onDone, children }: {
  title: string; verb: string; isGrave?: boolean; path: string; body: () => unknown;
  onClose: () => void; onDone: (answer: Answer) => void; children: ComponentChildren;
}) {
  const [key] = useState(newKey);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const given = await send(path, body(), key);
      onDone(given);
      if (given.decision === "deduped") setAnswer(given);
      else onClose();
      announce(`${verb}: ${given.decision}`);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(-1, "page", String(error), null));
    }
    setBusy(false);
  };
  return (
    <Modal title={title} onClose={onClose}>
      {answer === null ? (
        <form onSubmit={submit}>
          {children}
          {problem !== null && <p class="problem" role="alert">{problem.message} <code>{problem.code}</code></p>}
          <div class="buttons">
            <button type="button" onClick={onClose}>Back</button>
            <button type="submit" class={isGrave ? "grave" : "primary"} disabled={busy}>{verb}</button>
          </div>
        </form>
      ) : (
        <div>
          <p>
            Nothing was started: {answer.rule === null ? "it was there already" : kRuleWords[answer.rule]}.
            {answer.retry_after !== null && ` Ask again in ${answer.retry_after} s, or skip the cooldown.`}
          </p>
          <p><a href={link(["runs", answer.run_id])}>The run that answers it, {shortId(answer.run_id)}</a></p>
          <div class="buttons"><button type="button" onClick={onClose}>Close</button></div>
        </div>
      )}
    </Modal>
  );
}

function useField(first = ""): [string, (event: { currentTarget: { value: string } }) => void] {
  const [value, setValue] = useState(first);
  return [value, (event) => setValue(event.currentTarget.value)];
}

interface ActionProps { run: Run; onClose: () => void; onDone: (answer: Answer) => void }

const kInitiator = "runledger.initiator"; // Who used the page last in this tab, for the next command.

/** Forgets who used the page: with the token goes the name. */
export function forgetInitiator(): void {
  sessionStorage.removeItem(kInitiator);
}

function useInitiator(): [string, (event: { currentTarget: { value: string } }) => void, () => { initiator?: string }] {
  const [who, setWho] = useField(sessionStorage.getItem(kInitiator) ?? "");
  return [who, setWho, () => {
    sessionStorage.setItem(kInitiator, who);
    return who === "" ? {} : { initiator: who };
  }];
}

export function CancelDialog({ run, onClose, onDone }: ActionProps) {
  const [message, setMessage] = useField();
  const [who, setWho, said] = useInitiator();
  const body = () => ({ ...(message === "" ? {} : { message }), ...said() });
  return (
    <Command title="Cancel this run?" verb="Cancel the run" isGrave path={`v1/runs/${run.run_id}/cancel`} body={body}
      onClose={onClose} onDone={onDone}>
      <p>
        {run.type} {shortId(run.run_id)} ends as cancelled.{" "}
        {run.status === "running" && "The attempt under way is superseded: what it reports later changes nothing."}
      </p>
      <label>Why (kept in the ledger) <input value={message} onInput={setMessage} /></label>
      <label>Your name (kept in the ledger) <input value={who} onInput={setWho} /></label>
    </Command>
  );
}

export function FailDialog({ run, onClose, onDone }: ActionProps) {
  const [code, setCode] = useField("operator.gave_up");
  const [message, setMessage] = useField();
  const [who, setWho, said] = useInitiator();
  const body = () => ({ reason_code: code, ...(message === "" ? {} : { message }), ...said() });
  return (
    <Command title="Fail this run?" verb="Fail the run" isGrave path={`v1/runs/${run.run_id}/fail`} body={body}
      onClose={onClose} onDone={onDone}>
      <p>{run.type} {shortId(run.run_id)} ends as failed, and is not tried again.</p>
      <label>
        Reason code <input class="mono" required pattern="[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+" value={code}
          onInput={setCode} />
      </label>
      <label>Message (kept in the ledger) <input value={message} onInput={setMessage} /></label>
      <label>Your name (kept in the ledger) <input value={who} onInput={setWho} /></label>
    </Command>
  );
}

export function AskAgainDialog({ run, onClose, onDone }: ActionProps) {
  const [force, setForce] = useState(false);
  const [who, setWho, said] = useInitiator();
  const body = () => ({
    workspace: run.workspace_id, ...(run.tenant_id === null ? {} : { tenant: run.tenant_id }), type: run.type,
    input: run.context, rerun_of: run.run_id, ...(force ? { force: true } : {}), ...said(),
  });
  return (
    <Command title="Ask for the same again?" verb="Ask again" path="v1/runs" body={body} onClose={onClose}
      onDone={onDone}>
      <p>A new run of {run.type} with the same input is requested, which names this one as the run that it repeats.</p>
      <label class="check">
        <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
        Skip the cooldown of the identity
      </label>
      <label>Your name (kept in the ledger) <input value={who} onInput={setWho} /></label>
    </Command>
  );
}
