import { inflateSync } from 'node:zlib';

/** A decoded screenshot: red, green, blue (and alpha) per pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Lightness from 0 to 255 (Rec. 601), what is left of a colour in greyscale. */
  grey(x: number, y: number): number;
}

/** Decodes an 8-bit, non-interlaced PNG with colour type 2 or 6: what a browser's screenshot is. */
export function decodePng(png: Buffer): Picture {
  let at = 8;
  let width = 0;
  let height = 0;
  let channels = 0;
  const parts: Buffer[] = [];
  while (at < png.length) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      const colourType = data[9];
      if (data[8] !== 8 || (colourType !== 2 && colourType !== 6)) throw new Error('not an 8-bit colour PNG');
      channels = colourType === 6 ? 4 : 3;
    } else if (type === 'IDAT') parts.push(data);
    at += length + 12;
  }
  const pixels = unfilter(inflateSync(Buffer.concat(parts)), width, height, channels);
  return {
    width,
    height,
    grey: (x, y) => {
      const i = (y * width + x) * channels;
      return 0.299 * (pixels[i] as number) + 0.587 * (pixels[i + 1] as number) + 0.114 * (pixels[i + 2] as number);
    },
  };
}

function unfilter(raw: Buffer, width: number, height: number, channels: number): Uint8Array {
  const stride = width * channels;
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] as number;
    for (let x = 0; x < stride; x += 1) {
      const value = raw[y * (stride + 1) + 1 + x] as number;
      const left = x >= channels ? (out[y * stride + x - channels] as number) : 0;
      const up = y > 0 ? (out[(y - 1) * stride + x] as number) : 0;
      const corner = y > 0 && x >= channels ? (out[(y - 1) * stride + x - channels] as number) : 0;
      out[y * stride + x] = value + predictor(filter, left, up, corner);
    }
  }
  return out;
}

function predictor(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const estimate = left + up - corner;
  const [dl, du, dc] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return dl <= du && dl <= dc ? left : du <= dc ? up : corner;
}
