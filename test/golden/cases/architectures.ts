/**
 * Fixtures `architectures`: names, shapes and counts of the published networks, and passes through IResNet-18 at 112 pixels.
 *
 * The manifest of a vision transformer names it, or says its extents. That of another network does not say which one it lists: it is compared
 * with the one that agrees with it in most of its counts, and one that agrees with none of them in any is unsupported.
 */
import { noGrad, parameter } from "../../../src/autograd/index.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { IResNet, iresnetSpecification, type IResNetDepth } from "../../../src/nn/iresnet.js";
import {
  MobileFaceNet,
  mobileFaceNetLargeSpecification,
  mobileFaceNetSpecification,
} from "../../../src/nn/mobileFaceNet.js";
import type { Module } from "../../../src/nn/module.js";
import {
  partialFcViTSpecification,
  unicomViTSpecification,
  type PartialFcViTSize,
  type UnicomViTModel,
} from "../../../src/nn/publishedViT.js";
import { VisionTransformer } from "../../../src/nn/visionTransformer.js";
import { sizeOf } from "../../../src/tensor/shape.js";
import type { Tensor } from "../../../src/tensor/tensor.js";
import { Exact, type Result } from "../compare.js";
import { filled, filledState, RULE_CONSTANTS } from "../deterministicFill.js";
import { read, recordedModule, take, toTensor } from "../differentiate.js";
import { Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** Every published network, by description only: nothing is allocated. */
function* publishedNetworks(embedding: number): Generator<Module> {
  const depths: IResNetDepth[] = [18, 34, 50, 100, 200];
  for (const depth of depths) yield new IResNet(iresnetSpecification({ depth, embedding }));
  yield new MobileFaceNet(mobileFaceNetSpecification(embedding));
  yield new MobileFaceNet(mobileFaceNetLargeSpecification(embedding));
}

function countsOf(network: Module): Record<string, number> {
  const parameters = network.parameterShapes();
  const elements = (shapes: readonly { shape: readonly number[] }[]): number =>
    shapes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    parameters: elements(parameters),
    trainable: elements(parameters.filter(({ trainable }) => trainable)),
    tensors: parameters.length,
    buffers: elements(network.bufferShapes()),
  };
}

/** The vision transformer that the parameters speak of; undefined where they speak of none. */
function visionTransformer(params: Fields): Module | undefined {
  if (params.has("model")) {
    const models: UnicomViTModel[] = ["ViT-B/32", "ViT-B/16", "ViT-L/14", "ViT-L/14@336"];
    return new VisionTransformer(unicomViTSpecification({ model: params.oneOf("model", models) }));
  }
  if (!params.has("embed_dim")) return undefined;
  const embedding = params.number("num_features");
  const [width, depth] = [params.number("embed_dim"), params.number("depth")];
  const [side, patch, heads] = [params.number("img"), params.number("patch"), params.number("heads")];
  const sizes: PartialFcViTSize[] = ["t", "s", "b", "l", "h"];
  const found = sizes
    .map((size) => partialFcViTSpecification({ size, embedding }))
    .find((one) =>
      Object.entries({ width, depth, side, patch, heads }).every(([key, value]) => one[key as "width"] === value),
    );
  if (found === undefined) throw new Unsupported(`no published vision transformer has width ${width}, depth ${depth}`);
  return new VisionTransformer(found);
}

function manifest(fixture: Fixture): Plan {
  const named = visionTransformer(fixture.params);
  return named ? manifestPlan(named, countsOf(named)) : guessedManifest(fixture);
}

function guessedManifest({ params, expected: { outputs } }: Fixture): Plan {
  const candidates = [...publishedNetworks(params.number("num_features"))].map((network) => {
    const counts = countsOf(network);
    return { network, counts, agreeing: Object.keys(counts).filter((key) => outputs[key] === counts[key]).length };
  });
  const [{ network, counts, agreeing }] = candidates.sort((a, b) => b.agreeing - a.agreeing);
  if (agreeing === 0) throw new Unsupported("the manifest is of a network that is not known");
  return manifestPlan(network, counts);
}

function manifestPlan(network: Module, counts: Readonly<Record<string, number>>): Plan {
  const exact = Object.entries(counts).map(([key, count]) => [key, new Exact(count)] as const);
  const shapes = network.parameterShapes().map(({ name, shape }) => [new Exact(name), new Exact(shape)]);
  return { run: () => ({ outputs: { ...Object.fromEntries(exact), param_shapes: shapes } }) };
}

function fillRule({ params, expected: { outputs } }: Fixture): Plan {
  const constants = params.text("rule").match(/0x[0-9A-F]{8}|h>>>\d+/g) ?? [];
  if (constants.join() !== RULE_CONSTANTS.join()) throw new Unsupported("params.rule: another rule");
  const keys = Object.keys(outputs).map((key) => /^seed(\d+)_first(\d+)$/.exec(key));
  const known = keys.filter((match) => match !== null);
  return {
    run: () => ({
      outputs: Object.fromEntries(known.map(([key, seed, count]) => [key, filled([Number(count)], Number(seed))])),
    }),
  };
}

function iresnetForward({ params }: Fixture): Plan {
  const batch = params.number("batch");
  const trains = params.oneOf("mode", ["eval", "train"]) === "train";
  const make = (): IResNet => new IResNet(iresnetSpecification({ depth: 18 }));
  return {
    slow: trains,
    async run(engine) {
      const network = await recordedModule(make, filledState(make()))(engine);
      const images = parameter(toTensor(engine, filled([batch, 3, 112, 112], 9999)));
      const stages = engine.scope(() => {
        if (!trains) return tensorsOf(noGrad(() => network.forwardStages(images, evaluating)));
        const results = network.forwardStages(images, training(0));
        results.features.backward(toTensor(engine, filled(results.features.shape, 4242)));
        return tensorsOf(results);
      });
      const embedding = await read(stages.features);
      const summaries: Record<string, Result> = {};
      for (const [name, tensor] of Object.entries(stages)) summaries[name] = summaryOf(await take(tensor));
      const outputs: Record<string, Result> = { stages: summaries };
      if (trains) {
        const [, width] = embedding.shape;
        outputs.embedding_row0 = { shape: [width], data: embedding.data.subarray(0, width) };
        outputs.grad_norms = await gradientNorms(network);
        outputs.input_grad_norm = normOf(await read(images.grad!));
      } else outputs.embedding = embedding;
      images.zeroGrad();
      images.tensor.dispose();
      network.dispose();
      return { outputs };
    },
  };
}

function tensorsOf(results: Readonly<Record<string, { readonly tensor: Tensor }>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(results).map(([name, { tensor }]) => [name, tensor]));
}

/** Shape, mean, population standard deviation and first element. */
function summaryOf({ shape, data }: Values): Result {
  let sum = 0;
  for (const value of data) sum += value;
  const mean = sum / data.length;
  let squares = 0;
  for (const value of data) squares += (value - mean) ** 2;
  return { shape: new Exact(shape), mean, std: Math.sqrt(squares / data.length), first: data[0] };
}

async function gradientNorms(network: Module): Promise<Result> {
  const norms: Result[] = [];
  for (const { name, variable } of network.parameters()) {
    if (variable.grad) norms.push([new Exact(name), normOf(await read(variable.grad))]);
  }
  return norms;
}

function normOf({ data }: Values): number {
  let squares = 0;
  for (const value of data) squares += value * value;
  return Math.sqrt(squares);
}

export const architectures: Family = { manifest, fill: fillRule, iresnet_forward: iresnetForward };
