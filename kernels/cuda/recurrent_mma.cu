// The persistent recurrence in reduced precision, on matrix instructions: as in
// recurrent_persistent.cu a cluster of blocks for each (direction, rows of the batch) keeps the
// recurrent matrix in registers for all steps, and h travels through distributed shared memory. A
// warp multiplies 16 rows of the matrix at a time, from its registers, with 8 rows of the batch,
// from shared memory. Only factors are rounded: the cell, the gates and all sums stay fp32.
#include "kernels/cuda/cluster_exchange.cuh"
#include "kernels/cuda/lstm_cell.cuh"
#include "kernels/cuda/mma.cuh"
#include "kernels/cuda/recurrent_clusters.h"
#include "kernels/cuda/rounding.h"

namespace stroma::kernels {
namespace {

constexpr int gates = LstmCell::gates;
constexpr int rows = 8;   // of the batch, a cluster: as many as an instruction takes
constexpr int warps = 8;  // of a block
constexpr int threads = 32 * warps;
static_assert(threads == units * rows);  // one (unit, row) a thread, outside of products
constexpr int chunk = 16;                // of the depth of a product, as multiply_add takes it
constexpr int padding = 16;  // floats after a row: a warp's reads of 8 rows spread over banks

/// sum += A · B over the chunks of a depth, in two chains that do not wait for each other. vectors:
/// Bᵀ at the lane's row and first column, in shared memory.
template <Precision precision, int chunks>
__device__ __forceinline__ void multiply(const float* vectors,
                                         const Rows16<precision> (&weight)[chunks],
                                         float (&sum)[4]) {
  float other[4] = {};
#pragma unroll
  for (int c = 0; c < chunks; c += 2) {
    multiply_add(sum, weight[c], *reinterpret_cast<const float4*>(vectors + c * chunk));
    multiply_add(other, weight[c + 1], *reinterpret_cast<const float4*>(vectors + (c + 1) * chunk));
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) sum[i] += other[i];
}

/// Four weights, `stride` apart, as factors.
template <Precision precision>
__device__ __forceinline__ float4 factors(const float* weight, int stride) {
  return make_float4(round_factor<precision>(weight[0]), round_factor<precision>(weight[stride]),
                     round_factor<precision>(weight[2 * stride]),
                     round_factor<precision>(weight[3 * stride]));
}

/// A warp multiplies the gates of four units: its row `group` is gate i (group even) or f (odd) of
/// unit group / 2, row group + 8 its gate g or o. Pairs of lanes then exchange halves, and each has
/// all gates of one unit in one row of the batch.
/// grid: (tiles · cluster, directions). shared: the exchange's; h of all units as factors, [2,
/// rows, hidden + padding].
template <int hidden, Precision precision>
__global__ void __launch_bounds__(threads)
    lstm_forward_mma_kernel(Directions<RecurrentForward<float>> all) {
  constexpr int cluster_size = hidden / units, stride = hidden + padding;
  const RecurrentForward<float>& d = all.direction[blockIdx.y];
  const cg::cluster_group cluster = cg::this_cluster();
  const int warp = threadIdx.x / 32, group = threadIdx.x % 32 / 4, quad = threadIdx.x % 4;
  const bool odd = group % 2 != 0;
  const int unit = static_cast<int>(cluster.block_rank()) * units + warp * 4 + group / 2;
  const int own_row = 2 * quad + group % 2;
  const RecurrentUnit own{static_cast<int64_t>(blockIdx.x / cluster_size) * rows + own_row, unit,
                          hidden};
  const bool real = own.n < d.batch;  // the last tile may be smaller
  float* h = shared_memory<float>() + ClusterExchange::floats;
  const ClusterExchange exchange(cluster, rows * hidden * sizeof(float));

  float bias[gates];
#pragma unroll
  for (int g = 0; g < gates; ++g) bias[g] = LstmCell::bias(d, own, g);
  Rows16<precision> weight[hidden / chunk];
  const float* upper = d.weight_hh + (group % 2 * hidden + unit) * hidden + 4 * quad;
  const float* lower = upper + 2 * hidden * hidden;
#pragma unroll
  for (int c = 0; c < hidden / chunk; ++c) {
    weight[c] = pack_rows<precision>(factors<precision>(upper + c * chunk, 1),
                                     factors<precision>(lower + c * chunk, 1));
  }

  // A warp has four units of a row, in lanes 8 apart.
  const ToAllBlocks<cluster_size, 8> to_all(exchange, cluster, h + own_row * stride + unit / 4 * 4);

  const int steps = static_cast<int>(d.steps), length = own.length(d);
  float cell = 0, input[gates] = {};  // of the step to come, on its way while one is computed
  if (real) LstmCell::load(d, own, 0, input);
  for (int walked = 0; walked < steps; ++walked) {
    const bool more = walked + 1 < steps;
    float sum[gates];
#pragma unroll
    for (int g = 0; g < gates; ++g) sum[g] = input[g] + bias[g];
    if (real && more) LstmCell::load(d, own, walked + 1, input);

    if (walked > 0) {
      float product[4] = {};
      exchange.wait(walked - 1);
      multiply(h + ((walked - 1) % 2 * rows + group) * stride + 4 * quad, weight, product);
      // The even lane keeps the first of the two rows of the batch, the odd one the second.
      const float upper_got = __shfl_xor_sync(0xffffffffu, odd ? product[0] : product[1], 4);
      const float lower_got = __shfl_xor_sync(0xffffffffu, odd ? product[2] : product[3], 4);
      sum[0] += odd ? upper_got : product[0];
      sum[1] += odd ? product[1] : upper_got;
      sum[2] += odd ? lower_got : product[2];
      sum[3] += odd ? product[3] : lower_got;
    }
    LstmCell::State s = LstmCell::forward(sum, cell);
    if (RecurrentUnit::position(d, walked) >= length) s = {};
    cell = s.cell;

    if (more) to_all.send(walked, rows * stride, round_factor<precision>(s.output));
    if (real) LstmCell::store(d, own, walked, s);
  }
}

constexpr int depth = gates * units;          // of the backward product
constexpr int grad_stride = depth + padding;  // of gradients of gates
constexpr int part_stride = units + 4;        // of parts of dh: a warp's writes spread over banks

/// A block multiplies the gradients of its own gates with their rows of the matrix, transposed: a
/// warp takes 16 columns, which are units of one block, and leaves a part of their dh there. That
/// block adds the parts up in the order of the ranks.
/// grid: (tiles · cluster, directions). shared: the exchange's; gradients of the block's gates as
/// factors, [2, rows, grad_stride]; parts of dh of its units, [2, cluster, rows, part_stride].
template <int hidden, Precision precision>
__global__ void __launch_bounds__(threads)
    lstm_backward_mma_kernel(Directions<RecurrentBackward<float>> all) {
  constexpr int cluster_size = hidden / units;
  constexpr int tiles = hidden / chunk;  // of 16 columns
  constexpr int passes = (tiles + warps - 1) / warps;
  const RecurrentBackward<float>& d = all.direction[blockIdx.y];
  const cg::cluster_group cluster = cg::this_cluster();
  const auto rank = static_cast<int>(cluster.block_rank());
  const int warp = threadIdx.x / 32, group = threadIdx.x % 32 / 4, quad = threadIdx.x % 4;
  const int own_unit = threadIdx.x % units, own_row = threadIdx.x / units;
  const RecurrentUnit own{static_cast<int64_t>(blockIdx.x / cluster_size) * rows + own_row,
                          rank * units + own_unit, hidden};
  const bool real = own.n < d.batch;
  float* gate_grads = shared_memory<float>() + ClusterExchange::floats;
  float* parts = gate_grads + 2 * rows * grad_stride;
  const ClusterExchange exchange(cluster, cluster_size * rows * units * sizeof(float));

  Rows16<precision> weight[passes][depth / chunk];
#pragma unroll
  for (int p = 0; p < passes; ++p) {
    const int tile = p * warps + warp;
    if (tile >= tiles) break;
#pragma unroll
    for (int c = 0; c < depth / chunk; ++c) {
      const int k = c * chunk + 4 * quad;  // four gates in a row are of one kind
      const float* first = d.weight_hh + (k / units * hidden + rank * units + k % units) * hidden +
                           tile * chunk + group;
      weight[p][c] = pack_rows<precision>(factors<precision>(first, hidden),
                                          factors<precision>(first + 8, hidden));
    }
  }

  // Where four columns of a row of each tile go.
  ClusterExchange::Place places[passes];
#pragma unroll
  for (int p = 0; p < passes; ++p) {
    const int tile = min(p * warps + warp, tiles - 1);
    const int row = 2 * quad + group % 2;
    const int column = tile * chunk + group % 4 / 2 * 8 + group / 4 * 4;
    places[p] = exchange.in_block(cluster, column / units,
                                  parts + (rank * rows + row) * part_stride + column % units);
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
      const float* part = parts + (sent - 1) % 2 * cluster_size * rows * part_stride;
#pragma unroll
      for (int b = 0; b < cluster_size; ++b) {
        saved.output_grad += part[(b * rows + own_row) * part_stride + own_unit];
      }
    }
    LstmCell::backward(saved, cell_grad);
    if (real) LstmCell::store(d, own, walked, saved.gate);
    if (walked == 0) break;
    // Warps that are still at the step before read the other half.
    float* gate_grad = gate_grads + sent % 2 * rows * grad_stride;
#pragma unroll
    for (int g = 0; g < gates; ++g) {
      gate_grad[own_row * grad_stride + g * units + own_unit] =
          round_factor<precision>(saved.gate[g]);
    }
    __syncthreads();

#pragma unroll
    for (int p = 0; p < passes; ++p) {
      const int tile = p * warps + warp;
      if (tile >= tiles) break;
      float sum[4] = {};
      multiply(gate_grad + group * grad_stride + 4 * quad, weight[p], sum);
      // From two rows and two columns of each of four lanes to four columns of one row.
      transpose_four<4>(sum);
      exchange.send(sent, places[p], cluster_size * rows * part_stride, sum);
    }
  }
}

/// The two precisions that have instructions.
template <class F>
bool with_reduced(Precision precision, F&& f) {
  return precision == Precision::tf32 ? f.template operator()<Precision::tf32>()
                                      : f.template operator()<Precision::bf16>();
}

}  // namespace

bool lstm_forward_mma(const Cuda& cuda, const Directions<RecurrentForward<float>>& all) {
  return for_hidden_size(cuda, all, [&]<int hidden>() {
    return with_reduced(cuda.precision, [&]<Precision precision>() {
      return launch_clusters<lstm_forward_mma_kernel<hidden, precision>>(
          cuda, all, rows, threads, ClusterExchange::floats + 2 * rows * (hidden + padding));
    });
  });
}

bool lstm_backward_mma(const Cuda& cuda, const Directions<RecurrentBackward<float>>& all) {
  return for_hidden_size(cuda, all, [&]<int hidden>() {
    return with_reduced(cuda.precision, [&]<Precision precision>() {
      return launch_clusters<lstm_backward_mma_kernel<hidden, precision>>(
          cuda, all, rows, threads,
          ClusterExchange::floats + 2 * rows * (grad_stride + hidden / units * part_stride));
    });
  });
}

}  // namespace stroma::kernels
