// Text on its way through, freed of what models put around JSON. Both give each piece on as soon as it is certain, and both are the same for
// streamed and whole answers. Pure.

export type TextFilter = {
  /** What may be said now. */
  push(text: string): string;
  /** What was held back until the end. */
  end(): string;
};

const OPENING_FENCE = /^```[A-Za-z]*[ \t]*\r?\n?\s*(?=[^\s`A-Za-z])/;
const TAIL = /\s*`{0,3}\s*$/;

/** JSON as text: a fence around it goes at once; a preface is known to be one only when all has been heard. */
export function createJsonText(): TextFilter {
  let state: 'start' | 'plain' | 'fenced' | 'closed' | 'prose' = 'start';
  let held = '';

  function fenced(): string {
    const closing = held.indexOf('\n```');
    if (closing >= 0) {
      const said = held.slice(0, closing);
      [state, held] = ['closed', ''];
      return said.trimEnd();
    }
    // What may be the closing fence waits.
    const tail = TAIL.exec(held)!.index;
    const said = held.slice(0, tail);
    held = held.slice(tail);
    return said;
  }

  return {
    push(text) {
      if (state === 'closed') return '';
      if (state === 'plain') return text;
      held += text;
      if (state === 'fenced') return fenced();
      if (state === 'prose') return '';
      const begun = held.trimStart();
      if (begun === '' || '```'.startsWith(begun)) return '';
      if (begun.startsWith('{') || begun.startsWith('[')) {
        [state, held] = ['plain', ''];
        return begun;
      }
      if (!begun.startsWith('```')) {
        state = 'prose';
        return '';
      }
      const opening = OPENING_FENCE.exec(begun);
      if (!opening) return '';
      state = 'fenced';
      held = begun.slice(opening[0].length);
      return fenced();
    },
    end() {
      if (state === 'fenced') return held.replace(/\s*```\s*$/, '');
      return state === 'prose' || state === 'start' ? withoutPreface(held) : '';
    },
  };
}

/** The JSON in the midst of a text, where it parses; else the text. */
function withoutPreface(text: string): string {
  const first = text.search(/[{[]/);
  const last = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  if (first < 0 || last <= first) return text;
  const inner = text.slice(first, last + 1);
  try {
    JSON.parse(inner);
    return inner;
  } catch {
    return text;
  }
}

/** JSON that the model may have put below one of these keys. It is held back only while its beginning looks like that. */
export function createUnwrapping(wrappers: string[]): TextFilter {
  const longest = Math.max(...wrappers.map((key) => key.length), 0) + 16;
  let state: 'start' | 'plain' | 'wrapped' = wrappers.length > 0 ? 'start' : 'plain';
  let held = '';
  return {
    push(text) {
      if (state === 'plain') return text;
      held += text;
      if (state === 'wrapped') return '';
      const key = /^\s*\{\s*"([^"\\]*)"\s*:/.exec(held)?.[1];
      if (key !== undefined && wrappers.includes(key)) {
        state = 'wrapped';
        return '';
      }
      if (key === undefined && held.length < longest) return '';
      const said = held;
      [state, held] = ['plain', ''];
      return said;
    },
    end() {
      if (state === 'plain') return '';
      return unwrapped(held, wrappers);
    },
  };
}

/** What stands below the only key, if that is one of the wrappers; else the text. */
export function unwrapped(json: string, wrappers: string[]): string {
  try {
    const value = JSON.parse(json);
    const keys = Object.keys(value);
    return keys.length === 1 && wrappers.includes(keys[0]!) ? JSON.stringify(value[keys[0]!]) : json;
  } catch {
    return json;
  }
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
