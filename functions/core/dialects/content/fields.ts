// Objects of additional model fields laid over each other. Pure.

export type Fields = Record<string, unknown>;

/** What is in `over` wins; objects are merged, everything else is replaced. */
export function mergeFields(under: Fields, over: Fields): Fields {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (key === '__proto__') continue;
    const below = merged[key];
    merged[key] = isFields(below) && isFields(value) ? mergeFields(below, value) : value;
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
