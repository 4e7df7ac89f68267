// The rules about tools: their specs, and that every call in the history is answered in the next message. Pure; throws a Refusal.
import { invalid, violated } from './refusal.ts';
import type { ContentBlock, ConverseRequest, Message } from './wire.ts';

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

export function validateTools(request: ConverseRequest): void {
  const hasToolBlocks = request.messages.some(({ content }) => content.some((block) => block.toolUse || block.toolResult));
  if (hasToolBlocks && !request.toolConfig) {
    throw invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  }
  validateSpecs(request);
  request.messages.forEach((message, index) => {
    validateResults(request.messages[index - 1], message, index);
  });
}

function validateSpecs({ toolConfig }: ConverseRequest): void {
  if (!toolConfig) return;
  const { tools, toolChoice } = toolConfig;
  if (!Array.isArray(tools) || tools.length === 0) throw violated('toolConfig.tools', '[]', 'have length greater than or equal to 1');
  const names = new Set<string>();
  tools.forEach(({ toolSpec }, index) => {
    if (!toolSpec) return;
    const path = `toolConfig.tools.${index + 1}.member.toolSpec`;
    if (!TOOL_NAME.test(toolSpec.name)) throw violated(`${path}.name`, toolSpec.name, 'satisfy regular expression pattern: [a-zA-Z0-9_-]+');
    if (toolSpec.description === '') throw violated(`${path}.description`, '', 'have length greater than or equal to 1');
    if (names.has(toolSpec.name)) throw invalid(`The tool ${toolSpec.name} is already defined at toolConfig.tools.${index}.`);
    names.add(toolSpec.name);
    if (toolSpec.inputSchema?.json?.type !== 'object') {
      throw invalid(`The value at toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be one of the following: object.`);
    }
  });
  const chosen = toolChoice?.tool?.name;
  if (chosen !== undefined && !names.has(chosen)) throw invalid(`The tool choice ${chosen} is not among the tools of toolConfig.tools.`);
}

function validateResults(previous: Message | undefined, message: Message, index: number): void {
  const asked = idsOf(previous, (block) => block.toolUse?.toolUseId);
  const answered = idsOf(message, (block) => block.toolResult?.toolUseId);
  const missing = asked.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    throw invalid(`Expected toolResult blocks at messages.${index}.content for the following Ids: ${missing.join(', ')}`);
  }
  if (answered.some((id) => !asked.includes(id)) || answered.length > asked.length) {
    throw invalid(`The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`);
  }
}

function idsOf(message: Message | undefined, idOf: (block: ContentBlock) => string | undefined): string[] {
  return message?.content.map(idOf).filter((id) => id !== undefined) ?? [];
}
