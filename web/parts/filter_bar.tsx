// The filter bar: what is filtered by, as chips, and an input that takes more, with completion.
import { h, Fragment } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { added, Filter, FilterKey, parseFilters } from "../filter";
import { useReading } from "../reading";
import { Totals, Types } from "../schema";

interface Suggestion { text: string; hint: string; isWhole: boolean }

type Values = Record<string, readonly string[]>; // Known values, by the name of the filter.

/** The names that the caller's runs have, for completion. */
export function useKnown(): Values {
  const types = useReading("types", (signal) => get<Types>("v1/types", {}, signal));
  const totals = useReading("stats", (signal) => get<Totals>("v1/stats", {}, signal));
  return useMemo(() => ({
    type: [...new Set([...Object.keys(totals.value?.by_type ?? {}),
      ...(types.value?.types ?? []).map((each) => each.type)])],
    tenant: Object.keys(totals.value?.by_tenant ?? {}),
    workspace: [...new Set(Object.keys(totals.value?.by_scope ?? {}).map((each) => each.split("/")[0]))],
  }), [types.value, totals.value]);
}

const kSuggestionsMost = 8;

function suggestionsFor(word: string, keys: readonly FilterKey[], known: Values): Suggestion[] {
  const colon = word.indexOf(":");
  if (colon < 0) {
    return keys.filter((each) => each.name.startsWith(word))
      .map((each) => ({ text: `${each.name}:`, hint: each.hint, isWhole: false }));
  }
  const name = word.slice(0, colon);
  const typed = word.slice(colon + 1).toLowerCase();
  const filter = keys.find((each) => each.name === name);
  const times = filter?.isTime ? ["1h", "24h", "7d", "30d"] : [];
  const values = [...(filter?.values ?? []), ...(known[name] ?? []), ...times];
  return values.filter((value) => value.toLowerCase().includes(typed)).slice(0, kSuggestionsMost)
    .map((value) => ({ text: `${name}:${/\s/.test(value) ? `"${value}"` : value}`, hint: "", isWhole: true }));
}

export function FilterBar({ filters, keys, known, example, onChange }: {
  filters: Filter[]; keys: readonly FilterKey[]; known: Values; example: string;
  onChange: (filters: Filter[]) => void;
}) {
  const [text, changeText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const setText = (to: string) => {
    changeText(to);
    setChosen(-1);
  };
  const word = /\S*$/.exec(text)?.[0] ?? "";
  const suggestions = isOpen ? suggestionsFor(word, keys, known) : [];

  const add = (typed: string) => {
    const parsed = parseFilters(typed, keys, Date.now());
    setProblem(parsed.problem);
    if (parsed.filters === null) return;
    setText("");
    setOpen(false);
    if (parsed.filters.length > 0) onChange(added(filters, parsed.filters, keys));
  };
  const take = (suggestion: Suggestion) => {
    const whole = text.slice(0, text.length - word.length) + suggestion.text;
    if (suggestion.isWhole) return add(whole);
    setText(whole);
    input.current?.focus();
  };
  const key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setOpen(true);
      if (suggestions.length > 0) setChosen((chosen + step + suggestions.length) % suggestions.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen >= 0 && chosen < suggestions.length) take(suggestions[chosen]);
      else add(text);
    } else if (event.key === "Escape") {
      if (isOpen && suggestions.length > 0) setOpen(false);
      else input.current?.blur();
    } else if (event.key === "Backspace" && text === "" && filters.length > 0) {
      onChange(filters.slice(0, -1));
    }
  };

  return (
    <div class="filter">
      <div class="filter-box">
        {filters.map(([name, value]) => (
          <button key={`${name}:${value}`} type="button" class="chip" title={`Remove ${name}:${value}`}
            onClick={() => onChange(filters.filter((each) => each[0] !== name || each[1] !== value))}>
            <span class="chip-name">{name}</span>
            <span class="chip-value">{value}</span>
            <span aria-hidden="true">×</span>
            <span class="unseen">, remove</span>
          </button>
        ))}
        <input ref={input} id="filter" type="text" role="combobox" autocomplete="off" spellcheck={false}
          aria-label="Filter by key:value" aria-expanded={suggestions.length > 0} aria-controls="filter-list"
          aria-autocomplete="list" aria-describedby={problem === null ? undefined : "filter-problem"}
          aria-activedescendant={chosen >= 0 && chosen < suggestions.length ? `filter-${chosen}` : undefined}
          placeholder={filters.length === 0 ? `Filter: ${example}` : "Add a filter"} value={text}
          onInput={(event) => { setText(event.currentTarget.value); setOpen(true); setProblem(null); }}
          onFocus={() => setOpen(true)} onBlur={() => setTimeout(() => setOpen(false), 150)} onKeyDown={key} />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <ul id="filter-list" role="listbox" aria-label="Suggestions" class="suggestions"
        hidden={suggestions.length === 0}>
        {suggestions.map((each, i) => (
          <li key={each.text} id={`filter-${i}`} role="option" aria-selected={i === chosen}
            onMouseDown={(event) => { event.preventDefault(); take(each); }}>
            <Fragment><span class="mono">{each.text}</span> <span class="soft">{each.hint}</span></Fragment>
          </li>
        ))}
      </ul>
      {problem !== null && <p id="filter-problem" class="problem" role="alert">{problem}</p>}
    </div>
  );
}
