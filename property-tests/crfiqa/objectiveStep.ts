/** One step of the objective on a problem: a backbone that passes embeddings on, a given regression unit, heads on any number of ranks. */
import { QualityNetwork } from "../../src/crfiqa/qualityNetwork.js";
import { QualityObjective, type QualityObjectiveOptions } from "../../src/crfiqa/qualityObjective.js";
import { allReduceGradients, Sequential } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";
import { centerGradients, problemHeads, rowsOfRank, type ProblemHeadSettings } from "./problemHeads.js";

/** The regression: w [E] and b. */
export interface Unit {
  readonly weight: readonly number[];
  readonly bias: number;
}

export interface ObjectiveStep {
  /** On each rank, its share of the regression in it. */
  readonly totals: readonly number[];
  /** As every rank reports them. */
  readonly margins: readonly number[];
  readonly regressions: readonly number[];
  /** Of all rows: [N] */
  readonly own: readonly number[];
  readonly negative: readonly number[];
  readonly target: readonly number[];
  readonly quality: readonly number[];
  /** [N·E]; empty where nothing flows to the embeddings. */
  readonly dx: readonly number[];
  /** [C·E]; 0 where nothing flows to a center. */
  readonly dw: readonly number[];
  /** Sum over ranks, as rank 0 has it: [E] and a number. */
  readonly dUnit: Unit;
  readonly sampled: readonly number[];
}

export function objectiveStep(
  engine: Engine,
  ranks: number,
  problem: HeadProblem,
  unit: Unit,
  settings: ProblemHeadSettings,
  options: QualityObjectiveOptions = {},
): ObjectiveStep {
  const { group, heads } = problemHeads(engine, ranks, problem, settings);
  const networks = heads.map(() => unitNetwork(engine, unit));
  const answers = group.run((communicator) => {
    const { rank } = communicator;
    const [network, head] = [networks[rank], heads[rank]];
    const parameters = network.parameters();
    for (const { variable } of parameters) variable.zeroGrad();
    head.centers.clear();
    const { x, y } = rowsOfRank(engine, problem, rank, ranks);
    try {
      const losses = new QualityObjective(network, head, options).losses(x, y, 0);
      losses.total.backward();
      allReduceGradients(parameters, communicator);
      const gradient = (name: string): number[] =>
        numbers(parameters.find((parameter) => parameter.name === name)!.variable.grad!);
      const { margin, regression, own, negative, target, quality } = losses;
      return {
        total: losses.total.dataSync()[0],
        margin: margin.dataSync()[0],
        regression: regression.dataSync()[0],
        own: numbers(own),
        negative: numbers(negative),
        target: numbers(target),
        quality: numbers(quality),
        dx: x.grad ? numbers(x.grad) : [],
        dw: centerGradients(head),
        dUnit: { weight: gradient("qs.weight"), bias: gradient("qs.bias")[0] },
        sampled: Array.from(head.lastSample!.index, (j) => j + head.shard.start),
      };
    } finally {
      x.zeroGrad();
    }
  });
  for (const head of heads) head.centers.clear();
  for (const network of networks) for (const { variable } of network.parameters()) variable.zeroGrad();
  for (const held of [...heads, ...networks]) held.dispose();
  return {
    totals: answers.map(({ total }) => total),
    margins: answers.map(({ margin }) => margin),
    regressions: answers.map(({ regression }) => regression),
    own: answers.flatMap(({ own }) => own),
    negative: answers.flatMap(({ negative }) => negative),
    target: answers.flatMap(({ target }) => target),
    quality: answers.flatMap(({ quality }) => quality),
    dx: answers.flatMap(({ dx }) => dx),
    dw: answers.flatMap(({ dw }) => dw),
    dUnit: answers[0].dUnit,
    sampled: answers.flatMap(({ sampled }) => sampled),
  };
}

/** Embeddings are what it is given, and its unit is that one. */
export function unitNetwork(engine: Engine, { weight, bias }: Unit): QualityNetwork {
  const network = new QualityNetwork(new Sequential([]), weight.length).allocate(engine, 0);
  network.loadStateDictionary(
    new Map([
      ["qs.weight", { shape: [1, weight.length], data: [...weight] }],
      ["qs.bias", { shape: [1], data: [bias] }],
    ]),
  );
  return network;
}

function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.dataSync());
}
