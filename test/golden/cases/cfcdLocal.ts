/** Fixtures `cfcd-local-triplet`: matched cells, hardest negatives, the loss beside a classification and its gradients. */
import { add, affine, Variable } from "../../../src/autograd/index.js";
import { localTriplets } from "../../../src/cfcd/localTriplets.js";
import { softmaxCrossEntropy } from "../../../src/pfc/softmaxCrossEntropy.js";
import { alone } from "../../../src/ranks/alone.js";
import type { Result } from "../compare.js";
import type { Shape } from "../../../src/tensor/shape.js";
import { take, toTensor } from "../differentiate.js";
import type { Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

function local({ params, inputs }: Fixture): Plan {
  params.oneOf("attention_keep", ["top floor(K/2) of the positive image"]);
  const options = {
    tupleSize: params.number("tuple_size"),
    margin: params.number("margin"),
    ratio: params.number("lowe_ratio"),
  };
  const weight = params.number("weight");
  const [map, logits] = [inputs.tensor("res4"), inputs.tensor("global_logits")];
  const labels = Int32Array.from(inputs.tensor("labels").data);
  return {
    atOnce: () => "which cells match is read before the loss",
    async run(engine) {
      const matches: Result[] = [];
      const found = engine.scope(() => {
        const [f, z] = [map, logits].map((values) => new Variable(toTensor(engine, values), true));
        const { loss, tuples, sums } = localTriplets(f, options);
        matches.push(...tuples.map(({ anchor, positive, negatives }) => recorded(anchor, positive, negatives)));
        const classes = softmaxCrossEntropy(z, labels, alone, { bounded: false });
        const total = add(classes, affine(loss, weight, 0));
        total.backward();
        const gradients = [f, z].map(({ grad, tensor }) => grad?.share() ?? engine.full(tensor.shape, 0));
        for (const leaf of [f, z]) leaf.zeroGrad();
        const each = engine.concatenate(
          sums.map((sum) => sum.reshape([1])),
          0,
        );
        return [total.tensor, classes.tensor, each, ...gradients];
      });
      const [total, class_loss, triplet_per_tuple, grad_res4, grad_logits] = await Promise.all(found.map(take));
      const one = ({ data }: Values): Values => ({ shape: [1], data });
      return {
        outputs: { total: one(total), class_loss: one(class_loss), triplet_per_tuple, grad_res4, grad_logits, matches },
      };
    },
  };
}

/** As it is recorded: cells of the anchor, the positive and each negative; nothing at all where nothing matched. */
function recorded(query: Int32Array, positive: Int32Array, negatives: readonly Int32Array[]): Result {
  const list = (cells: readonly number[], shape: Shape): Values => ({ shape, data: Float64Array.from(cells) });
  const [pairs, cells] = [query.length, negatives.flatMap((index) => [...index])];
  return {
    query_idx: list([...query], [pairs]),
    pos_idx: list([...positive], [pairs]),
    neg_idx: list(cells, pairs > 0 ? [negatives.length, pairs] : [0]),
  };
}

export const cfcdLocals: Family = { "cfcd-local-triplet": local };
