// The persistent recurrence: a cluster of blocks for each (direction, `rows` rows of the batch),
// one launch for all steps. Each block owns 32 hidden units and keeps their share of the recurrent
// matrix in registers, so that a step reads no weight at all; h travels between the blocks through
// distributed shared memory, and each block goes on as soon as it has all of it.
//
// Relatives: Persistent RNNs (Diamos et al., ICML 2016), FlashRNN (Pöppel et al., 2024).
#include "kernels/cuda/cluster_exchange.cuh"
#include "kernels/cuda/lstm_cell.cuh"
#include "kernels/cuda/recurrent_clusters.h"

namespace stroma::kernels {
namespace {

constexpr int gates = LstmCell::gates;

/// How a block of units · rows threads divides its work. Thread (unit, lane): while it multiplies,
/// the `rows` lanes of a unit share the depth of the product; afterwards lane r keeps row r.
/// For hidden = 128: 4 blocks a cluster, 4 rows, 128 threads with 128 weights each.
template <int hidden_size>
struct Shape {
  static constexpr int hidden = hidden_size;
  static constexpr int cluster = hidden / units;
  static constexpr int rows =
      hidden <= 128 ? 4 : 8;  // keeps the weights of a thread at 128 or less
  static constexpr int threads = units * rows;
};

/// Element e of a lane's share of a depth, in units of four so that the lanes of a unit read 16
/// neighbouring bytes each: no bank conflict.
template <int rows>
__device__ __forceinline__ int depth_index(int e, int lane) {
  return (e / 4 * rows + lane) * 4 + e % 4;
}

/// sum[r][c] += Σ vectors[r][k] · weight[c][k] over this lane's k. vectors: [rows, depth], shared.
template <int depth, int rows>
__device__ __forceinline__ void multiply(const float* vectors,
                                         const float (&weight)[4][depth / rows], int lane,
                                         float (&sum)[rows][4]) {
#pragma unroll
  for (int e = 0; e < depth / rows; e += 4) {
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      const float4 x =
          *reinterpret_cast<const float4*>(vectors + r * depth + depth_index<rows>(e, lane));
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        sum[r][c] = fmaf(x.x, weight[c][e], sum[r][c]);
        sum[r][c] = fmaf(x.y, weight[c][e + 1], sum[r][c]);
        sum[r][c] = fmaf(x.z, weight[c][e + 2], sum[r][c]);
        sum[r][c] = fmaf(x.w, weight[c][e + 3], sum[r][c]);
      }
    }
  }
}

/// Adds up over the `rows` lanes of a unit, halving the rows that a lane answers for at each
/// exchange; lane r is left with the totals of row r in sum[0].
template <int rows, int all_rows>
__device__ __forceinline__ void collect(float (&sum)[all_rows][4], int lane) {
  constexpr int half = rows / 2;
  const bool upper = (lane & half) != 0;
#pragma unroll
  for (int r = 0; r < half; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      const float keep = upper ? sum[r + half][c] : sum[r][c];
      const float give = upper ? sum[r][c] : sum[r + half][c];
      sum[r][c] = keep + __shfl_xor_sync(0xffffffffu, give, half);
    }
  }
  if constexpr (half > 1) collect<half>(sum, lane);
}

/// grid: (tiles · cluster, directions). shared: the exchange's; h of all units, [2, rows, hidden].
template <int hidden>
__global__ void __launch_bounds__(Shape<hidden>::threads)
    lstm_forward_persistent_kernel(Directions<RecurrentForward<float>> all) {
  using S = Shape<hidden>;
  const RecurrentForward<float>& d = all.direction[blockIdx.y];
  const cg::cluster_group cluster = cg::this_cluster();
  const int lane = threadIdx.x % S::rows;
  const int unit = static_cast<int>(cluster.block_rank()) * units + threadIdx.x / S::rows;
  const RecurrentUnit own{static_cast<int64_t>(blockIdx.x / S::cluster) * S::rows + lane, unit,
                          hidden};
  const bool real = own.n < d.batch;  // the last tile may be smaller
  float* h = shared_memory<float>() + ClusterExchange::floats;
  const ClusterExchange exchange(cluster, S::rows * hidden * sizeof(float));

  float weight[gates][hidden / S::rows], bias[gates];
#pragma unroll
  for (int g = 0; g < gates; ++g) {
    bias[g] = LstmCell::bias(d, own, g);
#pragma unroll
    for (int e = 0; e < hidden / S::rows; ++e) {
      weight[g][e] = d.weight_hh[(g * hidden + unit) * hidden + depth_index<S::rows>(e, lane)];
    }
  }

  // Units of a row that follow each other are in lanes `rows` apart.
  const ToAllBlocks<S::cluster, S::rows> to_all(exchange, cluster,
                                                h + lane * hidden + unit / 4 * 4);

  const int steps = static_cast<int>(d.steps), length = own.length(d);
  float cell = 0, input[gates] = {};  // of the step to come, on its way while one is computed
  if (real) LstmCell::load(d, own, 0, input);
  for (int walked = 0; walked < steps; ++walked) {
    const bool more = walked + 1 < steps;
    float sum[gates];
#pragma unroll
    for (int g = 0; g < gates; ++g) sum[g] = input[g] + bias[g];
    if (real && more) LstmCell::load(d, own, walked + 1, input);

    float product[S::rows][4] = {};
    if (walked > 0) {
      exchange.wait(walked - 1);
      multiply<hidden>(h + (walked - 1) % 2 * S::rows * hidden, weight, lane, product);
      collect<S::rows>(product, lane);
    }
#pragma unroll
    for (int g = 0; g < gates; ++g) sum[g] += product[0][g];
    LstmCell::State s = LstmCell::forward(sum, cell);
    if (RecurrentUnit::position(d, walked) >= length) s = {};
    cell = s.cell;

    if (more) to_all.send(walked, S::rows * hidden, s.output);
    if (real) LstmCell::store(d, own, walked, s);
  }
}

/// Each block multiplies the gradients of its own gates with their rows of the recurrent matrix:
/// the same share as in the forward pass. That gives a part of dh of all units; a unit's block adds
/// the parts up in the order of the ranks.
/// grid: (tiles · cluster, directions). shared: the exchange's; gradients of the block's gates,
/// [2, rows, 4 · units]; parts of dh of the block's units, [2, cluster, rows, units].
template <int hidden>
__global__ void __launch_bounds__(Shape<hidden>::threads)
    lstm_backward_persistent_kernel(Directions<RecurrentBackward<float>> all) {
  using S = Shape<hidden>;
  constexpr int depth = gates * units;
  constexpr int columns_at_once = 4 * units;  // four a unit's worth of threads
  constexpr int passes = (hidden + columns_at_once - 1) / columns_at_once;
  const RecurrentBackward<float>& d = all.direction[blockIdx.y];
  const cg::cluster_group cluster = cg::this_cluster();
  const auto rank = static_cast<int>(cluster.block_rank());
  const int lane = threadIdx.x % S::rows, own_unit = threadIdx.x / S::rows;
  const RecurrentUnit own{static_cast<int64_t>(blockIdx.x / S::cluster) * S::rows + lane,
                          rank * units + own_unit, hidden};
  const bool real = own.n < d.batch;
  float* gate_grads = shared_memory<float>() + ClusterExchange::floats;
  float* parts = gate_grads + 2 * S::rows * depth;
  const ClusterExchange exchange(cluster, S::cluster * S::rows * units * sizeof(float));

  const auto column = [own_unit](int p) { return p * columns_at_once + 4 * own_unit; };
  // weight[p][c][e]: gate row depth_index(e), column column(p) + c of the matrix.
  float weight[passes][4][depth / S::rows];
#pragma unroll
  for (int p = 0; p < passes; ++p) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
#pragma unroll
      for (int e = 0; e < depth / S::rows; ++e) {
        const int k = depth_index<S::rows>(e, lane);
        const int gate_row = k / units * hidden + rank * units + k % units;
        weight[p][c][e] =
            column(p) < hidden ? d.weight_hh[gate_row * hidden + column(p) + c] : 0.0f;
      }
    }
  }

  // Where the four columns of each pass go, if there are so many.
  ClusterExchange::Place places[passes];
#pragma unroll
  for (int p = 0; p < passes; ++p) {
    const int real_column = min(column(p), hidden - 4);
    places[p] = exchange.in_block(cluster, real_column / units,
                                  parts + (rank * S::rows + lane) * units + real_column % units);
  }

  const auto steps = static_cast<int>(d.steps);
  float cell_grad = 0;
  LstmCell::Saved ahead{};  // of the step to come, on its way while one is computed
  if (real) ahead = LstmCell::load(d, own, steps - 1);
  for (int walked = steps - 1; walked >= 0; --walked) {
    LstmCell::Saved saved = ahead;
    if (real && walked > 0) ahead = LstmCell::load(d, own, walked - 1);
    const int sent = steps - 1 - walked;  // exchanges before this step's
    if (sent > 0) {
      exchange.wait(sent - 1);
      const float* part = parts + (sent - 1) % 2 * S::cluster * S::rows * units;
#pragma unroll
      for (int b = 0; b < S::cluster; ++b) {
        saved.output_grad += part[(b * S::rows + lane) * units + own_unit];
      }
    }
    LstmCell::backward(saved, cell_grad);
    if (real) LstmCell::store(d, own, walked, saved.gate);
    if (walked == 0) break;
    // Warps that are still at the step before read the other half.
    float* gate_grad = gate_grads + sent % 2 * S::rows * depth;
#pragma unroll
    for (int g = 0; g < gates; ++g) gate_grad[lane * depth + g * units + own_unit] = saved.gate[g];
    __syncthreads();

#pragma unroll
    for (int p = 0; p < passes; ++p) {
      if (column(p) >= hidden) break;  // for whole warps
      float sum[S::rows][4] = {};
      multiply<depth>(gate_grad, weight[p], lane, sum);
      collect<S::rows>(sum, lane);
      exchange.send(sent, places[p], S::cluster * S::rows * units, sum[0]);
    }
  }
}

}  // namespace

bool lstm_forward_persistent(const Cuda& cuda, const Directions<RecurrentForward<float>>& all) {
  return for_hidden_size(cuda, all, [&]<int hidden>() {
    using S = Shape<hidden>;
    return launch_clusters<lstm_forward_persistent_kernel<hidden>>(
        cuda, all, S::rows, S::threads, ClusterExchange::floats + 2 * S::rows * hidden);
  });
}

bool lstm_backward_persistent(const Cuda& cuda, const Directions<RecurrentBackward<float>>& all) {
  return for_hidden_size(cuda, all, [&]<int hidden>() {
    using S = Shape<hidden>;
    return launch_clusters<lstm_backward_persistent_kernel<hidden>>(
        cuda, all, S::rows, S::threads,
        ClusterExchange::floats + 2 * S::rows * units * (gates + S::cluster));
  });
}

}  // namespace stroma::kernels
