// What TensorFlow.js needs for the same work on the same CPU (wasm: SIMD, one thread in Node). One JSON line each.
//
// In an empty folder: npm init -y && npm i @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
// then copy this file there and run: node tfjs_peer.mjs matmul N | conv BATCH CIN COUT SIDE | head ROWS DIM BATCH
//
// `conv` is the forward pass only: this backend has no gradient of a convolution (tensorflow/tfjs#8474).
// `head` is forward and backward of a normalised softmax over ROWS already gathered centers (gather has no gradient here).
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
wasm.setWasmPaths(path.resolve("node_modules/@tensorflow/tfjs-backend-wasm/dist") + "/");
await tf.setBackend("wasm");
await tf.ready();

const [work, ...sizes] = process.argv.slice(2);
const numbers = sizes.map(Number);

const works = {
  matmul: (n) => {
    const a = tf.randomNormal([n, n]),
      b = tf.randomNormal([n, n]);
    return { flops: 2 * n ** 3, step: () => tf.tidy(() => void tf.matMul(a, b).dataSync()) };
  },
  conv: (batch, cin, cout, side) => {
    const x = tf.randomNormal([batch, side, side, cin]),
      w = tf.randomNormal([3, 3, cin, cout]);
    return {
      flops: 2 * batch * cout * side * side * cin * 9,
      step: () => tf.tidy(() => void tf.conv2d(x, w, 1, "same").dataSync()),
    };
  },
  head: (rows, dim, batch) => {
    const x = tf.randomNormal([batch, dim]),
      w = tf.variable(tf.randomNormal([rows, dim], 0, 0.01));
    const hot = tf.oneHot(tf.randomUniform([batch], 0, rows, "int32"), rows);
    const unit = (v) => v.div(v.square().sum(1, true).sqrt());
    const loss = (x, w) =>
      tf.losses.softmaxCrossEntropy(hot, tf.matMul(unit(x), unit(w), false, true).sub(hot.mul(0.4)).mul(64));
    const grads = tf.grads(loss);
    return {
      flops: 6 * batch * rows * dim,
      step: () =>
        tf.tidy(() => {
          const [dx, dw] = grads([x, w]);
          dx.dataSync();
          w.assign(w.sub(dw.mul(0.1)));
          w.dataSync();
        }),
    };
  },
};

const { flops, step } = works[work](...numbers);
step();
const times = Array.from({ length: 7 }, () => {
  const start = performance.now();
  step();
  return performance.now() - start;
});
const ms = times.sort((a, b) => a - b)[3];
console.log(
  JSON.stringify({
    peer: `tfjs-wasm ${tf.version.tfjs}`,
    work: [work, ...sizes],
    ms: +ms.toFixed(2),
    gflops: +(flops / ms / 1e6).toFixed(2),
  }),
);
process.exit(0);
