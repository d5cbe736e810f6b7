// Attention on the GPU: products of many small matrices at once, which lie in their tensors by any
// strides, and between them a kernel over the rows of P. The pairs of positions of some heads are
// in memory at a time, those of all heads never are where they would be many.
#include <algorithm>
#include <cmath>

#include "kernels/cuda/cuda.h"
#include "kernels/memory.h"
#include "kernels/multi_head_attention.h"

namespace stroma::kernels {
namespace {

// ---- Products

/// A matrix a head of a sequence: element (i, j) of that of sequence n, head h at data[n · sequence
/// + h · head + i · row + j · column].
struct Matrices {
  float* data;
  int64_t sequence, head, row, column;

  Matrices transposed() const { return {data, sequence, head, column, row}; }
  /// Of head h of sequence n.
  __device__ float* of(int64_t n, int64_t h) const { return data + n * sequence + h * head; }
};

/// c = alpha · a · b, of [m, k] and [k, n], for each head of each sequence.
struct Products {
  int64_t sequences, heads, m, n, k;
  float alpha;
  Matrices a, b, c;
};

constexpr int tile = 32, side = 8, each = tile / side;
constexpr int product_threads = side * side;

struct ProductShared {
  float a[tile][tile + 1], b[tile][tile + 1];  // [k, row of a], [k, column of b]
};

/// to[j][i] = element (first + i, other + j) of a matrix [rows, columns], 0 outside. Neighbouring
/// threads read along what is contiguous.
__device__ void load(const float* matrix, int64_t row_stride, int64_t column_stride, int64_t first,
                     int64_t rows, int64_t other, int64_t columns, float (*to)[tile + 1]) {
  const bool along_columns = column_stride == 1;
  for (int e = threadIdx.x; e < tile * tile; e += product_threads) {
    const int i = along_columns ? e / tile : e % tile, j = along_columns ? e % tile : e / tile;
    const int64_t row = first + i, column = other + j;
    to[j][i] =
        row < rows && column < columns ? matrix[row * row_stride + column * column_stride] : 0;
  }
}

/// A block of 8 x 8 threads makes 32 x 32 elements of one product, a thread 4 x 4 of them, from
/// tiles of both factors in shared memory.
__global__ void __launch_bounds__(product_threads) products_kernel(const Products p) {
  ProductShared& shared = *shared_memory<ProductShared>();
  const auto block = cg::this_thread_block();
  const int64_t row_tiles = (p.m + tile - 1) / tile, column_tiles = (p.n + tile - 1) / tile;
  int64_t index = blockIdx.x;
  const int64_t first_column = index % column_tiles * tile;
  index /= column_tiles;
  const int64_t first_row = index % row_tiles * tile;
  index /= row_tiles;
  const int64_t h = index % p.heads, n = index / p.heads;
  const float *a = p.a.of(n, h), *b = p.b.of(n, h);
  const int x = threadIdx.x % side, y = threadIdx.x / side;
  float sums[each][each] = {};
  for (int64_t first = 0; first < p.k; first += tile) {
    load(a, p.a.row, p.a.column, first_row, p.m, first, p.k, shared.a);
    load(b, p.b.column, p.b.row, first_column, p.n, first, p.k, shared.b);
    block.sync();
    const int depth = static_cast<int>(min(int64_t{tile}, p.k - first));
    for (int l = 0; l < depth; ++l) {
      float left[each], right[each];
      for (int i = 0; i < each; ++i) left[i] = shared.a[l][y + i * side];
      for (int j = 0; j < each; ++j) right[j] = shared.b[l][x + j * side];
      for (int i = 0; i < each; ++i) {
        for (int j = 0; j < each; ++j) sums[i][j] += left[i] * right[j];
      }
    }
    block.sync();
  }
  float* c = p.c.of(n, h);
  for (int i = 0; i < each; ++i) {
    const int64_t row = first_row + y + i * side;
    for (int j = 0; j < each; ++j) {
      const int64_t column = first_column + x + j * side;
      if (row < p.m && column < p.n) {
        c[row * p.c.row + column * p.c.column] = p.alpha * sums[i][j];
      }
    }
  }
}

void products(const Cuda& cuda, const Products& p) {
  const int64_t tiles = (p.m + tile - 1) / tile * ((p.n + tile - 1) / tile);
  launch<products_kernel>({.grid = static_cast<unsigned>(p.sequences * p.heads * tiles),
                           .block = product_threads,
                           .shared_bytes = sizeof(ProductShared),
                           .stream = cuda.stream},
                          p);
}

// ---- Rows of P

constexpr int warps = 8;  // of a block, a row each

/// Some heads of some sequences, at a time.
struct Group {
  int64_t first_sequence, sequences, first_head, heads;
};

/// A row i of a head of a group: the place of its warp among all.
struct Row {
  int64_t number;  // of the pairs of positions of the group: a row is `length` of them
  int64_t n, h, i;
  int64_t positions;  // of the sequence that count
  bool counts;        // itself

  __device__ Row(const AttentionShape& s, const Group& group, const int32_t* lengths,
                 int64_t warp_number)
      : number(warp_number),
        n(group.first_sequence + warp_number / s.length / group.heads),
        h(group.first_head + warp_number / s.length % group.heads),
        i(warp_number % s.length),
        positions(lengths != nullptr ? lengths[n] : s.length),
        counts(i < positions) {
    STROMA_ASSERT(positions >= 0 && positions <= s.length,
                  "no sequence is longer than all positions");
  }
};

__device__ bool is_row(const AttentionShape& s, const Group& group, int64_t warp_number) {
  return warp_number < group.sequences * group.heads * s.length;
}

/// scores [sequences, heads, length, length] of the group become P, and 0 where a position does not
/// count. A warp a row.
__global__ void __launch_bounds__(warps * 32)
    attention_softmax_kernel(const MultiHeadAttention<float> p, const Group group, float* scores) {
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t number = int64_t{blockIdx.x} * warps + warp.meta_group_rank();
  if (!is_row(p.shape, group, number)) return;  // the whole warp
  const Row row(p.shape, group, p.lengths, number);
  float* s = scores + number * p.shape.length;
  const int64_t count = row.counts ? row.positions : 0;
  float maximum = -INFINITY;
  for (int64_t j = warp.thread_rank(); j < count; j += 32) maximum = fmaxf(maximum, s[j]);
  maximum = cg::reduce(warp, maximum, cg::greater<float>());
  float sum = 0;
  for (int64_t j = warp.thread_rank(); j < count; j += 32) sum += expf(s[j] - maximum);
  sum = cg::reduce(warp, sum, cg::plus<float>());
  for (int64_t j = warp.thread_rank(); j < p.shape.length; j += 32) {
    s[j] = j < count ? expf(s[j] - maximum) / sum : 0;
  }
  if (warp.thread_rank() == 0 && row.counts) {
    p.log_sums[(row.n * p.shape.heads + row.h) * p.shape.length + row.i] = maximum + logf(sum);
  }
}

/// scores become P, and grads, which hold dO Vᵀ, become dS: both 0 where a position does not count.
/// A warp a row.
__global__ void __launch_bounds__(warps * 32)
    attention_rows_backward_kernel(const MultiHeadAttentionBackward<float> p, const Group group,
                                   int64_t d, float* scores, float* grads) {
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t number = int64_t{blockIdx.x} * warps + warp.meta_group_rank();
  if (!is_row(p.shape, group, number)) return;
  const AttentionShape& s = p.shape;
  const Row row(s, group, p.lengths, number);
  float *weight = scores + number * s.length, *grad = grads + number * s.length;
  const int64_t count = row.counts ? row.positions : 0;
  const int64_t at = (row.i * s.batch + row.n) * s.channels + row.h * d;
  float mean = 0;
  for (int64_t c = warp.thread_rank(); row.counts && c < d; c += 32) {
    mean += p.output_grad[at + c] * p.output[at + c];
  }
  mean = cg::reduce(warp, mean, cg::plus<float>());
  const float log_sum = row.counts ? p.log_sums[(row.n * s.heads + row.h) * s.length + row.i] : 0;
  for (int64_t j = warp.thread_rank(); j < s.length; j += 32) {
    const float w = j < count ? expf(weight[j] - log_sum) : 0;
    weight[j] = w;
    grad[j] = j < count ? w * (grad[j] - mean) : 0;
  }
}

// ---- Both together

/// Floats of pairs of positions at a time: 64 MiB. One head's may be more.
constexpr int64_t most_pairs = 1 << 24;

/// Calls f(group) for groups that hold each head of each sequence once.
template <class F>
void in_groups(const AttentionShape& s, const F& f) {
  const int64_t pairs = s.length * s.length;
  const int64_t heads = std::clamp<int64_t>(most_pairs / pairs, 1, s.heads);
  const int64_t sequences =
      heads < s.heads ? 1 : std::clamp<int64_t>(most_pairs / (pairs * heads), 1, s.batch);
  for (int64_t n = 0; n < s.batch; n += sequences) {
    for (int64_t h = 0; h < s.heads; h += heads) {
      f(Group{n, std::min(sequences, s.batch - n), h, std::min(heads, s.heads - h)});
    }
  }
}

unsigned blocks_of(const AttentionShape& s, const Group& group) {
  return static_cast<unsigned>((group.sequences * group.heads * s.length + warps - 1) / warps);
}

/// The columns from `first` on of a tensor [length, batch, columns], d of them a head of the group:
/// [length, d].
Matrices heads_of(const AttentionShape& s, const Group& group, const float* tensor, int64_t columns,
                  int64_t first) {
  const int64_t d = s.head_channels();
  return {.data = const_cast<float*>(tensor) + group.first_sequence * columns + first +
                  group.first_head * d,  // of which factors are read alone
          .sequence = columns,
          .head = d,
          .row = s.batch * columns,
          .column = 1};
}

/// The pairs of positions of the group: [length, length].
Matrices pairs_of(const AttentionShape& s, const Group& group, float* pairs) {
  return {pairs, group.heads * s.length * s.length, s.length * s.length, s.length, 1};
}

/// c [m, n] = alpha · a · b over k.
Products product_of(const Group& group, int64_t m, int64_t n, int64_t k, float alpha,
                    const Matrices& a, const Matrices& b, const Matrices& c) {
  return {group.sequences, group.heads, m, n, k, alpha, a, b, c};
}

}  // namespace

void multi_head_attention(const Cuda& cuda, const MultiHeadAttention<float>& p) {
  const AttentionShape& s = p.shape;
  s.check();
  const int64_t l = s.length, d = s.head_channels();
  in_groups(s, [&](const Group& group) {
    Workspace<float, Cuda> workspace(cuda, group.sequences * group.heads * l * l);
    const auto part = [&](int64_t i) {
      return heads_of(s, group, p.qkv, 3 * s.channels, i * s.channels);
    };
    const Matrices pairs = pairs_of(s, group, workspace.data());
    const auto scale = static_cast<float>(s.scale());
    products(cuda, product_of(group, l, l, d, scale, part(0), part(1).transposed(), pairs));
    launch<attention_softmax_kernel>(
        {.grid = blocks_of(s, group), .block = warps * 32, .stream = cuda.stream}, p, group,
        workspace.data());
    products(cuda, product_of(group, l, d, l, 1, pairs, part(2),
                              heads_of(s, group, p.output, s.channels, 0)));
  });
}

void multi_head_attention_backward(const Cuda& cuda, const MultiHeadAttentionBackward<float>& p) {
  const AttentionShape& s = p.shape;
  s.check();
  const int64_t l = s.length, d = s.head_channels();
  in_groups(s, [&](const Group& group) {
    const int64_t count = group.sequences * group.heads * l * l;
    Workspace<float, Cuda> scores(cuda, count), grads(cuda, count);
    const auto part = [&](const float* tensor, int64_t i) {
      return heads_of(s, group, tensor, 3 * s.channels, i * s.channels);
    };
    const Matrices weights = pairs_of(s, group, scores.data());
    const Matrices ds = pairs_of(s, group, grads.data());
    const Matrices dy = heads_of(s, group, p.output_grad, s.channels, 0);
    const Matrices q = part(p.qkv, 0), k = part(p.qkv, 1), v = part(p.qkv, 2);
    const auto scale = static_cast<float>(s.scale());
    products(cuda, product_of(group, l, l, d, scale, q, k.transposed(), weights));
    products(cuda, product_of(group, l, l, d, 1, dy, v.transposed(), ds));
    launch<attention_rows_backward_kernel>(
        {.grid = blocks_of(s, group), .block = warps * 32, .stream = cuda.stream}, p, group, d,
        scores.data(), grads.data());
    products(cuda, product_of(group, l, d, l, scale, ds, k, part(p.qkv_grad, 0)));
    products(cuda, product_of(group, l, d, l, scale, ds.transposed(), q, part(p.qkv_grad, 1)));
    products(cuda, product_of(group, l, d, l, 1, weights.transposed(), dy, part(p.qkv_grad, 2)));
  });
}

}  // namespace stroma::kernels
