// Names of documents: legal for Converse, unique in the request, and the same on every turn, for they are part of the cached prefix. Pure.

const MAX_CHARACTERS = 200;

/** Answers a namer for one request; documents must be named in the order of the conversation. */
export function createDocumentNames(): (fileName: string | null) => string {
  const taken = new Set<string>();
  let count = 0;
  return (fileName) => {
    count += 1;
    const base = legalName(fileName ?? '') || `document-${count}`;
    let name = base;
    for (let copy = 2; taken.has(name); copy += 1) name = `${base} (${copy})`;
    taken.add(name);
    return name;
  };
}

/** Letters, digits, single spaces, hyphens and brackets are all that Bedrock takes; dots and underscores are refused. */
function legalName(fileName: string): string {
  return fileName
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replace(/[^A-Za-z0-9\-()[\]]+/g, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS)
    .trim();
}
