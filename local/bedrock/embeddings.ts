// Embeddings without a model: words and character n-grams hashed into a vector, so that texts which share words are near. Pure.

const GRAM_LENGTH = 3;
const WORD_WEIGHT = 1;
const GRAM_WEIGHT = 0.4;

/** A vector of length one; the same text gives the same vector in every run. */
export function embed(text: string, dimensions: number): number[] {
  const vector = new Float64Array(dimensions);
  for (const [feature, weight] of featuresOf(text)) {
    const hash = hashOf(feature);
    vector[hash % dimensions]! += hash & 0x40000000 ? weight : -weight;
  }
  const length = Math.hypot(...vector) || 1;
  return Array.from(vector, (value) => Math.fround(value / length));
}

function* featuresOf(text: string): Generator<[string, number]> {
  const normal = text.normalize('NFKC').toLowerCase();
  for (const word of normal.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) {
    const isHan = /\p{Script=Han}/u.test(word);
    yield* isHan ? hanFeatures([...word]) : wordFeatures(word);
  }
  // So that no text is the zero vector.
  yield [`whole:${normal}`, 0.05];
}

function* wordFeatures(word: string): Generator<[string, number]> {
  yield [`word:${word}`, WORD_WEIGHT];
  const padded = `<${word}>`;
  for (let at = 0; at + GRAM_LENGTH <= padded.length; at += 1) yield [padded.slice(at, at + GRAM_LENGTH), GRAM_WEIGHT];
}

/** Chinese has no blanks: every character and every pair. */
function* hanFeatures(characters: string[]): Generator<[string, number]> {
  for (const [at, character] of characters.entries()) {
    yield [character, GRAM_WEIGHT];
    if (at > 0) yield [characters[at - 1]! + character, WORD_WEIGHT];
  }
}

/** FNV-1a, 32 bits, with a final mix so that its low bits are good enough to index by. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
