// Texts too large for an item, as named blobs. A port of three methods: S3 when deployed, a folder on one machine.

export type Bodies = {
  /** Writes the blob, whatever was there. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** `undefined` when there is none of that name. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** No failure when there is none. */
  remove(name: string): Promise<void>;
};

/** Names are made of what ids are made of, so that neither a URL nor a path needs an escape. */
export function bodyName(prefix: string, ownerId: string, requestId: string): string {
  const name = `${prefix}${ownerId}/${requestId}`;
  if (!/^[\w-]+(\/[\w-]+)+$/.test(name)) throw new Error('A name of a text has characters that no id has.');
  return name;
}
