// What administrators have made of the catalog, as it is in the database: one partition of the accounts table, and a head whose revision
// says whether anything has changed. Law: a row is written before the revision, so who has seen a revision has seen its rows.
import { GatewayError } from '../platform/errors.ts';
import type { Item, Store } from '../store/client.ts';
import { catalogKey } from '../store/keys.ts';
import type { Abilities, KnowledgeBase, Limits, Transport } from './model.ts';
import type { PriceVersion } from './price-version.ts';

/** A model of the administrator's own, or, without `base`, what is changed of a listed one. */
export type ModelSettings = {
  name: string;
  /** The listed model whose abilities and limits it begins with; `null`: this changes the listed model of that name. */
  base: string | null;
  /** Where calls go: a Bedrock ID or ARN. `null`: where the listed model's go. */
  target: string | null;
  transport: Transport | null;
  displayName: string | null;
  isEnabled: boolean;
  limits: Partial<Limits>;
  abilities: Partial<Abilities>;
  /** What it answers from, for a model of the administrator's own. */
  knowledgeBase?: KnowledgeBase | null;
  /** Names it had, the first one first. It is still found by them. */
  formerly?: string[];
  createdAt: number;
  updatedAt: number;
};

/** A name that clients send, and what it stands for: a listed name, a model of the administrator's, or a literal Bedrock ID or ARN. */
export type Mapping = { name: string; to: string; createdAt: number; updatedAt: number };

export type LiveRows = { models: ModelSettings[]; mappings: Mapping[]; prices: PriceVersion[] };

export const NO_ROWS: LiveRows = { models: [], mappings: [], prices: [] };

const HEAD = 'HEAD';
const MOST_ROWS = 100_000;
const ATTEMPTS = 20;

export const MODEL = 'MODEL#';
export const MAPPING = 'MAPPING#';
export const PRICE = 'PRICE#';
export const PRICE_END = 'PRICE_END#';

/** How often the catalog has been changed; 0 for never. */
export async function readRevision(store: Store): Promise<bigint> {
  return ((await store.get(catalogKey(HEAD)))?.revision as bigint | undefined) ?? 0n;
}

/** Tells every process that rows have changed. */
export async function raiseRevision(store: Store): Promise<void> {
  const names = { '#revision': 'revision' };
  const change = { update: 'SET #revision = #revision + :one', condition: 'attribute_exists(#revision)', names, values: { ':one': 1n } };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if ((await store.update(catalogKey(HEAD), change)).applied) return;
    if ((await store.putNew(catalogKey(HEAD), { revision: 1n })).applied) return;
  }
  throw new GatewayError('conflict', 'The catalog is being changed by others at this moment. Please try again.', { retryAfterSeconds: 1 });
}

export async function readRows(store: Store): Promise<LiveRows> {
  const { table, pk: partition } = catalogKey('');
  const items = await store.query({ table, partition, limit: MOST_ROWS });
  const startingWith = (prefix: string) => items.filter(({ sk, gone }) => !gone && String(sk).startsWith(prefix));
  const ends = new Map(startingWith(PRICE_END).map(({ sk, at }) => [String(sk).slice(PRICE_END.length), Number(at)]));
  const prices = startingWith(PRICE).map((item) => bodyOf<PriceVersion>(item));
  return {
    models: startingWith(MODEL).map((item) => bodyOf<ModelSettings>(item)),
    mappings: startingWith(MAPPING).map((item) => bodyOf<Mapping>(item)),
    prices: prices.map((price) => ({ ...price, endedAt: ends.get(price.id) ?? null })),
  };
}

/** Rows are kept as one text each: they are read whole, and their digits stay as they were written. */
export function bodyOf<Row>({ body }: Item): Row {
  return JSON.parse(String(body)) as Row;
}
