/**
 * Instance discrimination, which cluster discrimination is compared with (claim 7): two views of an image are to be nearer to each other than to
 * the views of all other images of the batch (InfoNCE: van den Oord et al. 2018; SimCLR: Chen et al. 2020, without its projection head).
 *
 *     L = −1/2B Σ_i log softmax(⟨u_i, v_·⟩/τ)_i + log softmax(⟨v_i, u_·⟩/τ)_i      u, v: unit embeddings of the two views
 */
import { add, affine, constant, crossEntropy, matmul, normalizeRows } from "../../src/autograd/index.js";
import { augment, imageRandom, type Augmentation } from "../../src/data/augmentation.js";
import { imageSize, readImages, type ImageSet } from "../../src/data/ImageSet.js";
import { loader } from "../../src/data/loader.js";
import { clipGradientNorm, SGD, training, type Module } from "../../src/nn/index.js";
import { stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";
import { buildAugmentation, buildBackbone, buildSchedule } from "../../src/training/buildModel.js";
import { complete, type PartialConfiguration } from "../../src/training/configuration.js";

/**
 * The same network, batches, optimizer and schedule as a training of these settings on classes; its labels are not looked at.
 *
 * @param temperature τ
 */
export async function trainOnInstances(
  engine: Engine,
  set: ImageSet,
  settings: PartialConfiguration,
  temperature: number,
): Promise<Module> {
  const configuration = complete(settings);
  const { batch, seed, steps, optimizer } = configuration;
  const { momentum, nesterov, decay, clip } = optimizer;
  const backbone = buildBackbone(engine, configuration, { channels: set.channels, side: set.height });
  const update = new SGD(backbone, { momentum, nesterov, decay });
  const augmentation = buildAugmentation(configuration);
  const schedule = buildSchedule(configuration, set.count);
  const labels = Int32Array.from({ length: batch }, (_, row) => row);
  for await (const { images, indices, step } of loader({ set, batch, seed, augmentation }).from(0, steps)) {
    const others = await secondView(set, indices, augmentation, seed, step);
    const shape = [batch, set.channels, set.height, set.width];
    const loss = engine.scope(() => {
      const embed = (view: Float32Array) =>
        normalizeRows(backbone.forward(constant(engine.tensor(view, shape)), training(step, { seed }))); // [B, E]
      const [u, v] = [embed(images), embed(others)];
      const similarity = affine(matmul(u, v, { transposeB: true }), 1 / temperature, 0); // [B, B]
      const transposed = affine(matmul(v, u, { transposeB: true }), 1 / temperature, 0);
      const total = affine(add(crossEntropy(similarity, labels), crossEntropy(transposed, labels)), 0.5, 0);
      total.backward();
      clipGradientNorm(
        backbone.parameters().filter(({ trainable }) => trainable),
        clip,
      );
      update.step(schedule(step));
      return total.detach();
    });
    const [value] = await loss.data();
    loss.tensor.dispose();
    update.zeroGrad();
    if (!Number.isFinite(value)) throw new Error(`the loss of step ${step} is ${value}`);
  }
  update.dispose();
  return backbone;
}

/** The same images, changed in another way. */
async function secondView(
  set: ImageSet,
  indices: Int32Array,
  augmentation: Augmentation,
  seed: number | string,
  step: number,
): Promise<Float32Array> {
  const size = imageSize(set);
  const plain = new Float32Array(indices.length * size);
  await readImages(set, indices, plain);
  const changed = new Float32Array(plain.length);
  const key = stream(seed, "second view", step).key();
  indices.forEach((image, place) => {
    augment(plain.subarray(place * size), changed, place * size, set, augmentation, imageRandom(key, image));
  });
  return changed;
}
