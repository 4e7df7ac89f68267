// What knows every secret of a test file and hears every answer and line of log, and says where one was told that must not be. Law: it
// never says a secret whole itself.

/** A secret of ours, whole: 32 characters of chance and 6 of checksum. */
const OURS = /sk-oc-[0-9A-Za-z]{38}/g;
/** Shorter ones are words that may stand anywhere. */
const SHORTEST = 16;
/** Sent as a credential now and then, and no secret. */
const ID = /^[a-z]{1,16}_[0-9A-Za-z]{22}$/;
/** The example of the document, which anybody may say. */
const PUBLIC = 'br-8Zq2LwT0vXc5RkYd7WnJb1';
/** What is answered here may show a secret that nobody was shown before: it has been made just now, or chosen in this very request. */
const MAKING: [method: string, path: RegExp][] = [
  ['POST', /^\/admin\/v1\/keys(\/bulk|\/[^/]+\/rotate)?$/],
  ['POST', /^\/me\/keys\/[^/]+\/rotate$/],
  ['POST', /^\/admin\/api-key\/(apply|reset-key|import)$/],
  ['POST', /^\/api\/keys$/],
];
/** The name of a model is repeated to whoever sent it, whatever it was. */
const REPEATED = /There is no model named \\"[^"]*"/g;
const CHOSEN = /"(?:secret|api_key|apiKey|key)"\s*:\s*"([\x21-\x7e]{16,256})"/g;

export type Place = { method: string; path: string; requestId: string | null };

export function createSecretWatch(testName: () => string | undefined) {
  const secrets = new Set<string>();
  /** Which answer showed it. */
  const shownIn = new Map<string, string | null>();
  const faults: string[] = [];

  function learn(secret: string | undefined): void {
    if (secret !== undefined && secret.length >= SHORTEST && !ID.test(secret) && secret !== PUBLIC) secrets.add(secret);
  }

  function secretsIn(text: string): string[] {
    const ours = text.includes('sk-oc-') ? (text.match(OURS) ?? []) : [];
    const others = [...secrets].filter((secret) => !secret.startsWith('sk-oc-') && text.includes(secret));
    return [...new Set([...ours, ...others])];
  }

  return {
    learn,

    /** What a caller shows to be let in. */
    learnRequest(headers: Headers): void {
      learn(headers.get('x-api-key') ?? undefined);
      learn(headers.get('authorization')?.replace(/^Bearer /i, ''));
    },

    /** What an administrator chooses as a secret. */
    learnBody(body: string): void {
      for (const [, secret] of body.matchAll(CHOSEN)) learn(secret);
    },

    hearLine(line: string, source = 'the log'): void {
      for (const secret of secretsIn(line)) faults.push(placeOf(testName(), secret, `${source} says: ${around(line, secret)}`));
    },

    hearAnswer(text: string, { method, path, requestId }: Place): void {
      for (const secret of secretsIn(text.replaceAll(REPEATED, ''))) {
        const isMaking = MAKING.some(([verb, pattern]) => verb === method && pattern.test(path));
        const first = shownIn.get(secret);
        if (isMaking && first === undefined) shownIn.set(secret, requestId);
        else if (!isMaking || first !== requestId) {
          faults.push(placeOf(testName(), secret, `the answer to ${method} ${masked(path, secret)} says: ${around(text, secret)}`));
        }
      }
    },

    /** What was found since this was asked last. */
    takeFaults: (): string[] => [...new Set(faults.splice(0))],
  };
}

function placeOf(test: string | undefined, secret: string, where: string): string {
  return `A secret was told (${secret.slice(0, 4)}…, ${secret.length} characters) in "${test ?? 'a hook'}": ${where}`;
}

function around(text: string, secret: string): string {
  const at = text.indexOf(secret);
  return masked(text.slice(Math.max(0, at - 80), at + secret.length + 40), secret);
}

function masked(text: string, secret: string): string {
  return text.replaceAll(secret, `${secret.slice(0, 4)}…`).replaceAll(OURS, 'sk-oc-…');
}
