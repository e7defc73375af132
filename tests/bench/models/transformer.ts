import { arange, Generator, nn, ones, optim, randint, type Tensor } from 'tapegrad';
import { training } from './training.ts';
import type { Workload } from './workload.ts';

export interface TransformerSize {
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly layers: number;
}

type LayerOptions = { readonly generator: Generator };

/** Self-attention in which no place sees those after it: softmax(q k^T / √d) v for each head; [B, T, width] both ways. */
class CausalAttention extends nn.Module {
  readonly heads: number;
  readonly project: nn.Linear;
  readonly out: nn.Linear;
  /** True where a place may not look, [T, T]. */
  readonly hidden: nn.Buffer;

  constructor({ heads, time, width }: TransformerSize, options: LayerOptions) {
    super();
    this.heads = heads;
    this.project = new nn.Linear(width, 3 * width, options);
    this.out = new nn.Linear(width, width, options);
    this.hidden = new nn.Buffer(ones([time, time], { dtype: 'bool' }).triu(1));
  }

  forward(x: Tensor): Tensor {
    const [B, T, width] = x.shape;
    const size = width / this.heads;
    const projected: Tensor = this.project.forward(x);
    const [q, k, v]: Tensor[] = projected.reshape([B, T, 3, this.heads, size]).permute([2, 0, 3, 1, 4]).unbind(0);
    const scores = q.matmul(k.transpose(-2, -1)).mul(1 / Math.sqrt(size));
    const mixed: Tensor = scores.maskedFill(this.hidden, -Infinity).softmax(-1).matmul(v);
    return this.out.forward(mixed.permute([0, 2, 1, 3]).reshape([B, T, width]));
  }
}

/** Attention and two linear layers with relu between them, each on what is normalised and added to what came in. */
class Block extends nn.Module {
  readonly norm1: nn.LayerNorm;
  readonly attention: CausalAttention;
  readonly norm2: nn.LayerNorm;
  readonly linear1: nn.Linear;
  readonly linear2: nn.Linear;

  constructor(size: TransformerSize, options: LayerOptions) {
    super();
    this.norm1 = new nn.LayerNorm(size.width);
    this.attention = new CausalAttention(size, options);
    this.norm2 = new nn.LayerNorm(size.width);
    this.linear1 = new nn.Linear(size.width, size.feedForward, options);
    this.linear2 = new nn.Linear(size.feedForward, size.width, options);
  }

  forward(x: Tensor): Tensor {
    const attended: Tensor = x.add(this.attention.forward(this.norm1.forward(x)));
    const inner: Tensor = this.linear1.forward(this.norm2.forward(attended));
    return attended.add(this.linear2.forward(inner.relu()));
  }
}

/** A character transformer with places learnt as characters are: ids [B, T] become logits [B · T, vocabulary]. */
export class Transformer extends nn.Module {
  readonly characters: nn.Embedding;
  readonly places: nn.Embedding;
  readonly blocks: nn.ModuleList<Block[]>;
  readonly norm: nn.LayerNorm;
  readonly head: nn.Linear;
  readonly order: nn.Buffer;

  constructor(size: TransformerSize, options: LayerOptions) {
    super();
    this.characters = new nn.Embedding(size.vocabulary, size.width, options);
    this.places = new nn.Embedding(size.time, size.width, options);
    this.blocks = new nn.ModuleList(Array.from({ length: size.layers }, () => new Block(size, options)));
    this.norm = new nn.LayerNorm(size.width);
    this.head = new nn.Linear(size.width, size.vocabulary, options);
    this.order = new nn.Buffer(arange(size.time, { dtype: 'int32' }));
  }

  forward(x: Tensor): Tensor {
    let h: Tensor = this.characters.forward(x).add(this.places.forward(this.order));
    for (const block of this.blocks) h = block.forward(h);
    const normed: Tensor = this.norm.forward(h);
    return this.head.forward(normed.flatten(0, 1));
  }
}

/** A character transformer with the norms before attention and layers (Xiong et al. 2020), with Adam. */
export function transformer(size: TransformerSize): Workload {
  const generator = new Generator(1);
  const model = new Transformer(size, { generator });
  const { batch, time, vocabulary } = size;
  const x = randint(0, vocabulary, [batch, time], { generator });
  const y = randint(0, vocabulary, [batch * time], { generator });
  return training(model, new optim.Adam(model.parameters()), [x, y]);
}
