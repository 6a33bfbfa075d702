/** Counts the buffers of a WebGPU device, whoever makes them: WebGPU itself does not say what a device holds. */
import type { DeviceMemory } from "./device.js";

export class BufferAccount {
  private static readonly accounts = new WeakMap<GPUDevice, BufferAccount>();
  private bytes = 0;
  private peak = 0;
  private buffers = 0;

  private constructor(device: GPUDevice) {
    const create = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => this.follow(create(descriptor));
  }

  /** The account of this device, opened when it is first asked for. */
  static of(device: GPUDevice): BufferAccount {
    const account = BufferAccount.accounts.get(device) ?? new BufferAccount(device);
    BufferAccount.accounts.set(device, account);
    return account;
  }

  report(): DeviceMemory {
    return { bytes: this.bytes, peak: this.peak, buffers: this.buffers };
  }

  private follow(buffer: GPUBuffer): GPUBuffer {
    const { size } = buffer;
    this.bytes += size;
    this.peak = Math.max(this.peak, this.bytes);
    this.buffers++;
    let live = true;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      if (live) {
        live = false;
        this.bytes -= size;
        this.buffers--;
      }
      return destroy();
    };
    return buffer;
  }
}
