/**
 * The matrix product in WGSL with workgroup memory, which GPU.js cannot say: 256 threads share tiles of 64 x 16 and 16 x 64 elements, and
 * each keeps 4 x 4 sums in registers, so that an element is read from global memory once for 64 products instead of once for 1 or 4.
 *
 * It stands beside the GPU.js kernels on the same buffers, chosen by `products: "wgsl"`, and is checked against them.
 */

const TILE = 64;

const SOURCE = `
struct Size { rows: u32, columns: u32, terms: u32, aRow: u32, aTerm: u32, aMatrix: u32, bTerm: u32, bColumn: u32, bMatrix: u32 }

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

var<workgroup> aTile: array<array<f32, 64>, 16>; // [term][row]
var<workgroup> bTile: array<array<f32, 64>, 16>; // [term][column]

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstRow = group.y * 64u;
  let firstColumn = group.x * 64u;
  var sums: array<vec4f, 4>;
  for (var start = 0u; start < size.terms; start += 16u) {
    for (var i = thread; i < 1024u; i += 256u) {
      // neighbouring threads read neighbouring elements, whichever way the operand lies
      let aAlongTerms = size.aTerm == 1u;
      let aTermHere = select(i / 64u, i % 16u, aAlongTerms);
      let aRowHere = select(i % 64u, i / 16u, aAlongTerms);
      let row = firstRow + aRowHere;
      let aK = start + aTermHere;
      var value = 0.0;
      if (row < size.rows && aK < size.terms) { value = a[group.z * size.aMatrix + row * size.aRow + aK * size.aTerm]; }
      aTile[aTermHere][aRowHere] = value;
      let bAlongTerms = size.bTerm == 1u;
      let bTermHere = select(i / 64u, i % 16u, bAlongTerms);
      let bColumnHere = select(i % 64u, i / 16u, bAlongTerms);
      let column = firstColumn + bColumnHere;
      let bK = start + bTermHere;
      value = 0.0;
      if (column < size.columns && bK < size.terms) { value = b[group.z * size.bMatrix + bK * size.bTerm + column * size.bColumn]; }
      bTile[bTermHere][bColumnHere] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let right = vec4f(bTile[k][local.x * 4u], bTile[k][local.x * 4u + 1u], bTile[k][local.x * 4u + 2u], bTile[k][local.x * 4u + 3u]);
      for (var r = 0u; r < 4u; r++) { sums[r] += aTile[k][local.y * 4u + r] * right; }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    let row = firstRow + local.y * 4u + r;
    if (row >= size.rows) { continue; }
    for (var c = 0u; c < 4u; c++) {
      let column = firstColumn + local.x * 4u + c;
      if (column < size.columns) { y[(group.z * size.rows + row) * size.columns + column] = sums[r][c]; }
    }
  }
}`;

/** [G, M, K] · [G, K, N]; strides: how far the next row, term and matrix of each operand lie. */
export interface ProductSize {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
  readonly a: readonly [row: number, term: number, matrix: number];
  readonly b: readonly [term: number, column: number, matrix: number];
}

/** The compiled product of one device. */
export class WorkgroupProduct {
  private readonly pipeline: GPUComputePipeline;

  constructor(private readonly device: GPUDevice) {
    const module = device.createShaderModule({ code: SOURCE });
    this.pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  }

  /** @throws Error if the grid has more tiles along an axis than the device can start. */
  run(a: GPUBuffer, b: GPUBuffer, size: ProductSize): GPUBuffer {
    const { device, pipeline } = this;
    const groups = [Math.ceil(size.columns / TILE), Math.ceil(size.rows / TILE), size.batch] as const;
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    if (Math.max(...groups) > most) {
      throw new Error(
        `products in WGSL: ${groups.join(" x ")} tiles of ${TILE} x ${TILE}, but at most ${most} along an axis.`,
      );
    }
    const uniform = device.createBuffer({ size: 48, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(uniform, 0, Uint32Array.of(size.rows, size.columns, size.terms, ...size.a, ...size.b));
    const result = device.createBuffer({
      size: size.batch * size.rows * size.columns * 4,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    const entries = [uniform, a, b, result].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    uniform.destroy(); // freed once the submitted work has run
    return result;
  }
}
