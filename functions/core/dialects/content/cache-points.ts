// Where a prompt may be cached: what the client marked or, on request, where it pays. Law: at most four points, none where the model refuses
// one. Pure.
import type { CachePointBlock, ContentBlock, Message, SystemContentBlock, Tool } from '@aws-sdk/client-bedrock-runtime';
import type { CacheTtl } from './message.ts';
import type { ModelFacts } from './model-facts.ts';

/** `none`: not even what the client marks. */
export type CachePlacement = 'explicit' | 'auto' | 'none';
export type Cacheable = { system: SystemContentBlock[]; tools: Tool[]; messages: Message[] };

const MAX_POINTS = 4;
const POINT: Required<Pick<CachePointBlock, 'type'>> = { type: 'default' };

type Block = { cachePoint?: CachePointBlock };

export function cachePoint(ttl: CacheTtl): ContentBlock & { cachePoint: CachePointBlock } {
  return { cachePoint: ttl === null ? { ...POINT } : { ...POINT, ttl } };
}

/** The same request with the points the model takes. */
export function settleCachePoints(
  request: Cacheable,
  model: ModelFacts,
  placement: CachePlacement,
  defaultTtl: CacheTtl = null,
): Cacheable {
  const caching = model.abilities.promptCaching;
  const isMarked = [request.system, request.tools, ...request.messages.map(({ content }) => content ?? [])].some(hasPoint);
  if (!caching || placement === 'none')
    return isMarked ? mapBlocks(request, (blocks) => blocks.filter((block) => !block.cachePoint)) : request;
  const marked = !isMarked && placement === 'auto' ? markAutomatically(request, defaultTtl) : request;
  if (!isMarked && placement !== 'auto') return request;
  const legal = mapBlocks(marked, (blocks, place) => {
    if (place === 'tools' && !caching.tools) return blocks.filter((block) => !block.cachePoint);
    return withoutUseless(blocks, caching.tools ? isContent : isContentWithoutTools);
  });
  return withTtls(limited(legal), caching.oneHour);
}

/** The end of the tools, of the system, and of the last two messages of the user. */
function markAutomatically({ system, tools, messages }: Cacheable, ttl: CacheTtl): Cacheable {
  const lastUsers = messages.filter(({ role }) => role === 'user').slice(-2);
  return {
    system: system.length > 0 ? [...system, cachePoint(ttl) as SystemContentBlock] : system,
    tools: tools.length > 0 ? [...tools, cachePoint(ttl) as unknown as Tool] : tools,
    messages: messages.map((message) =>
      lastUsers.includes(message) ? { ...message, content: [...(message.content ?? []), cachePoint(ttl)] } : message,
    ),
  };
}

function isContent(block: object): boolean {
  return !('reasoningContent' in block);
}

/** Nova takes no point beside a tool call or its result. */
function isContentWithoutTools(block: object): boolean {
  return isContent(block) && !('toolUse' in block) && !('toolResult' in block);
}

/** A point closes the block before it: without one, or with one that cannot be closed, it goes. */
function withoutUseless<B extends Block>(blocks: B[], mayClose: (block: B) => boolean): B[] {
  return blocks.filter((block, index) => {
    const before = blocks[index - 1];
    return !block.cachePoint || (before !== undefined && !before.cachePoint && mayClose(before));
  });
}

/** Too many: the last of the tools, the last of the system, the last two of the messages. */
function limited(request: Cacheable): Cacheable {
  const points = (blocks: Block[]) => blocks.filter((block) => block.cachePoint);
  const inMessages = request.messages.flatMap(({ content }) => points(content ?? []));
  const [inTools, inSystem] = [points(request.tools), points(request.system)];
  if (inTools.length + inSystem.length + inMessages.length <= MAX_POINTS) return request;
  const kept = new Set([...inTools.slice(-1), ...inSystem.slice(-1), ...inMessages.slice(-2)]);
  return mapBlocks(request, (blocks) => blocks.filter((block) => !block.cachePoint || kept.has(block)));
}

/** Only an hour is ever said, where the model knows it; and points that last an hour stand before those that last minutes. */
function withTtls(request: Cacheable, knowsHours: boolean): Cacheable {
  let mayBeHour = knowsHours;
  return mapBlocks(request, (blocks) =>
    blocks.map((block) => {
      if (!block.cachePoint) return block;
      const isHour = mayBeHour && block.cachePoint.ttl === '1h';
      mayBeHour = isHour;
      return { ...block, cachePoint: isHour ? { ...POINT, ttl: '1h' as const } : { ...POINT } };
    }),
  );
}

function hasPoint(blocks: Block[]): boolean {
  return blocks.some((block) => block.cachePoint !== undefined);
}

/** In the order in which Bedrock reads them: tools, system, messages. */
function mapBlocks(request: Cacheable, map: <B extends Block>(blocks: B[], place: keyof Cacheable) => B[]): Cacheable {
  const tools = map(request.tools as (Tool & Block)[], 'tools');
  const system = map(request.system as (SystemContentBlock & Block)[], 'system');
  const messages = request.messages.map((message) => ({ ...message, content: map((message.content ?? []) as ContentBlock[], 'messages') }));
  return { tools, system, messages };
}
