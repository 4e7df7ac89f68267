// The tools of one request under both of their names: what the client calls them and what the model does, and how their inputs differ. Pure.
import type { ToolCall } from './message.ts';
import { createToolNames, type ToolNames } from './tool-names.ts';
import { type InputSchema, type JsonSchema, toInputSchema, WRAPPER } from './tool-schema.ts';
import type { Warnings } from './warnings.ts';

/** A tool as a client offers it. */
export type OfferedTool = {
  name: string;
  description: string | null;
  /** `null` also for a custom tool, whose input is free text. */
  parameters: JsonSchema | null;
  isCustom: boolean;
  isStrict: boolean;
  cacheTtl: '5m' | '1h' | null | undefined;
  path: string;
};

/** How the input the model gives becomes the input the client wants. */
export type InputShape = 'object' | 'wrapped' | 'text';

export type ToolBook = {
  names: ToolNames;
  /** One more tool, of the gateway's own. */
  offer(tool: OfferedTool): void;
  schemaOf(tool: OfferedTool): InputSchema;
  /** By the model's name. */
  shapeOf(modelName: string): InputShape;
  /** A call of the past, its input as the model gave it. */
  inputOf(call: ToolCall): Record<string, unknown>;
};

const CUSTOM_SCHEMA: InputSchema = {
  schema: { type: 'object', properties: { [WRAPPER]: { type: 'string' } }, required: [WRAPPER] },
  isWrapped: false,
};

export function createToolBook(tools: OfferedTool[], family: string, warnings: Warnings): ToolBook {
  const names = createToolNames();
  const schemas = new Map<OfferedTool, InputSchema>();
  const shapes = new Map<string, InputShape>();
  const offer = (tool: OfferedTool) => {
    const input = tool.isCustom ? CUSTOM_SCHEMA : toInputSchema(tool.parameters, family);
    schemas.set(tool, input);
    shapes.set(names.toModel(tool.name), tool.isCustom ? 'text' : input.isWrapped ? 'wrapped' : 'object');
  };
  tools.forEach(offer);
  return {
    names,
    offer,
    schemaOf: (tool) => schemas.get(tool)!,
    shapeOf: (modelName) => shapes.get(modelName) ?? 'object',
    inputOf({ name, input, isCustom, path }) {
      if (isCustom) return { [WRAPPER]: input };
      if (input.trim() === '') return {};
      const value = parsed(input);
      if (value !== undefined && shapes.get(names.toModel(name)) === 'wrapped') return { [WRAPPER]: value };
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
      if (value === null) return {};
      // A call that was cut off is sent back by clients on every later turn; refusing it would end the conversation.
      warnings.note(path, 'arguments are not a JSON object');
      return { rawInvalidInput: input };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
