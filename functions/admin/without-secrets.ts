// What may be written down of a request or an answer. Pure. Law: no secret stays, neither one that is called so nor one that looks like one.

/** What the interfaces, the native one and the older ones, call secrets; and what else clients may send by mistake. */
const NAMED =
  /(secret|password|authorization|credentials?|api[-_]?key|(bearer|access|session|auth)[-_]?token)$|^(key|token)$|^access_?key/i;
/** Whole secrets of ours, of the connector's and of OpenAI's form, and tokens of a sign-in. Hints, with an ellipsis in them, are shorter. */
const LOOKS_SO = /\b(?:sk|br)-[\w-]{16,}|\beyJ[\w-]*\.[\w-]+\.[\w-]+/g;
/** A code that people choose for a group is called key there. */
const GROUPS = /^\/admin\/group\//;
const HIDDEN = '…';

export type Writable = { path: string; credential: string | undefined };

/** The same JSON without its secrets, at whatever depth; `null` for what is no JSON. `credential`: the caller's own. */
export function withoutSecrets(text: string | null, { path, credential }: Writable): string | null {
  if (text === null) return null;
  const isSecret = (name: string) => NAMED.test(name) && !(name === 'key' && GROUPS.test(path));
  const kept = (name: string, value: unknown) => {
    if (isSecret(name) || hidden(name, credential) !== name) return undefined;
    return typeof value === 'string' ? hidden(value, credential) : value;
  };
  try {
    return JSON.stringify(JSON.parse(text, kept)) ?? null;
  } catch {
    return null;
  }
}

/** The text with an ellipsis in place of whatever looks like a secret. */
export function hidden(text: string, credential: string | undefined): string {
  const withoutOwn = credential ? text.replaceAll(credential, HIDDEN) : text;
  return withoutOwn.replaceAll(LOOKS_SO, HIDDEN);
}
