// The first convolution as sums of rows of a table. The weights are rows r = (letter a, tap) of one
// weight an output channel; standardised for output position t they are, with
// p = t · stride − padding + tap · dilation,
//   table[r, o] = w[o, a, tap] · inverse_sd[p, a]
//   y[t, n, o]  = b[o] − Σ_r mean[p, a] · table[r, o] + Σ_tap table[(letter of n at p, tap), o].
// The first two terms are the same for the whole batch. The gradient, with g that before ReLU, is
//   dw[o, r]   += Σ_t inverse_sd[p, a] · (Σ_{n with letter a at p} g − mean[p, a] · Σ_n g).
#include <algorithm>
#include <limits>
#include <string>

#include "kernels/conv1d_letters.h"
#include "kernels/cuda/elements.h"
#include "kernels/error.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

constexpr int channels = 32;  // output channels of a block, one a lane
constexpr int warps = 8;      // of a forward block

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

__device__ int letter_at(const LetterWindows& windows, int64_t n, int64_t p) {
  return windows.codes[windows.starts[n] + p];
}

__device__ int64_t input_position(const Conv1dShape& s, int64_t t, int64_t tap) {
  return t * s.stride - s.padding + tap * s.dilation;
}

__device__ bool inside(const Conv1dShape& s, int64_t p) { return p >= 0 && p < s.length; }

// ---- Forward

/// 286 rows, 26 letters and 11 taps, fit the 48 KB that every block may have; more take turns.
constexpr int most_rows = 320;
/// A row of the table in shared memory: 32 channels, and the mean of its (position, letter). Odd,
/// so that a row and a column both spread over all banks.
constexpr int row_stride = channels + 1;

/// Shared memory: sums of means [warps, channels], then table [rows_at_once, row_stride].
std::size_t forward_shared_bytes(int rows_at_once) {
  return static_cast<std::size_t>(warps * channels + rows_at_once * row_stride) * sizeof(float);
}

/// Writes rows [first, first + count) of position t's table; zeros for taps outside the input.
/// Neighbouring threads read neighbouring weights.
__device__ void write_table(const Conv1dLettersForward<float>& c, int64_t t, int64_t first_channel,
                            int first, int count, float* table) {
  const Conv1dShape& s = c.shape;
  const int taps = static_cast<int>(s.kernel_size);
  for (int i = threadIdx.x; i < count * channels; i += warps * 32) {
    const int channel = i / count, r = i % count;
    const int letter = (first + r) / taps, tap = (first + r) % taps;
    const int64_t o = first_channel + channel, p = input_position(s, t, tap);
    float* row = table + r * row_stride;
    float weight = 0, mean = 0;
    if (inside(s, p)) {
      if (o < s.out_channels) weight = c.weight[(o * s.in_channels + letter) * s.kernel_size + tap];
      if (c.standardization.mean) {
        weight *= c.standardization.inverse_sd[p * s.in_channels + letter];
        mean = c.standardization.mean[p * s.in_channels + letter];
      }
    }
    row[channel] = weight;
    if (channel == 0) row[channels] = mean;
  }
}

/// Σ mean · table over every eighth row from this warp's first one, for this lane's channel.
__device__ float sum_of_means(const float* table, int count) {
  float sum = 0;
  for (int r = threadIdx.x / 32; r < count; r += warps) {
    const float* row = table + r * row_stride;
    sum += row[channels] * row[threadIdx.x % channels];
  }
  return sum;
}

/// A block writes 32 channels of one position for a part of the batch; blocks are numbered along x,
/// channels fastest. It makes the position's table in shared memory, then each of its 8 warps takes
/// every eighth window, a channel a lane, so that warps write whole lines and read a letter once.
/// A part is `windows_of_part` windows: small for a small batch, to have enough blocks, and large
/// for a large one, to make few tables. (Here and below the launch bounds name how many blocks a
/// multiprocessor shall hold: left to itself, ptxas aims at more on some chips, and spills.)
__global__ void __launch_bounds__(warps * 32, 3)
    letters_forward_kernel(Conv1dLettersForward<float> c, unsigned out_length,
                           unsigned channel_blocks, int64_t windows_of_part, int rows_at_once) {
  const Conv1dShape& s = c.shape;
  float* means = shared_memory<float>();
  float* table = means + warps * channels;
  const int lane = threadIdx.x % channels, warp = threadIdx.x / 32;
  unsigned index = blockIdx.x;
  const int64_t first_channel = int64_t{index % channel_blocks} * channels;
  const int64_t o = first_channel + lane;
  index /= channel_blocks;
  const int64_t t = index % out_length, begin = index / out_length * windows_of_part;
  const int64_t end = min(begin + windows_of_part, s.batch);
  const int taps = static_cast<int>(s.kernel_size);
  const int rows = static_cast<int>(s.in_channels) * taps;

  for (int first = 0; first < rows; first += rows_at_once) {
    const int count = min(rows_at_once, rows - first);
    if (first > 0) __syncthreads();  // the rows before have been used
    write_table(c, t, first_channel, first, count, table);
    __syncthreads();
    float start = first == 0 && c.bias && o < s.out_channels ? c.bias[o] : 0;
    if (c.standardization.mean) {
      means[warp * channels + lane] = sum_of_means(table, count);
      __syncthreads();
      for (int w = 0; w < warps; ++w) start -= means[w * channels + lane];
    }
    if (o >= s.out_channels) continue;
    for (int64_t n = begin + warp; n < end; n += warps) {
      float& y = c.output[(t * s.batch + n) * s.out_channels + o];
      float sum = first == 0 ? start : y + start;
      for (int tap = 0; tap < taps; ++tap) {
        const int64_t p = input_position(s, t, tap);
        if (!inside(s, p)) continue;
        const int letter = letter_at(c.windows, n, p);
        const int r = letter * taps + tap - first;
        if (letter < s.in_channels && r >= 0 && r < count) sum += table[r * row_stride + lane];
      }
      y = c.relu && first + count == rows && sum < 0 ? 0 : sum;
    }
  }
}

// ---- Backward

constexpr int64_t most_letters = 128;  // of a block: two tables of 128 · 32 sums are 32 KB
constexpr int unknown = 1 << 30;
constexpr int together = 8;  // gradients that a warp has on their way at a time

struct BackwardGrid {
  int64_t channel_blocks, letter_blocks, rows_of_part, parts;
};

/// g: the gradient before ReLU at [t, n, o], `at` its index.
__device__ float gradient_at(const Conv1dLettersBackward<float>& c, int64_t at) {
  return !c.relu || c.output[at] > 0 ? c.output_grad[at] : 0;
}

/// One position's windows of one part, [begin, end): adds each g to the sum of its letter at input
/// position p, and returns Σ g. sums: [letters, channels], for letters from `first_letter` on.
__device__ float add_windows(const Conv1dLettersBackward<float>& c, int64_t t, int64_t begin,
                             int64_t end, int64_t p, int64_t first_letter, int letters, int64_t o,
                             float* sums) {
  const Conv1dShape& s = c.shape;
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int lane = static_cast<int>(warp.thread_rank());
  float all = 0;
  for (int64_t n = begin; n < end; n += 32) {
    // Each lane finds one window's letter; then all go through the 32 windows together.
    int mine = unknown;
    if (c.weight_grad && inside(s, p) && n + lane < end) {
      mine = static_cast<int>(letter_at(c.windows, n + lane, p) - first_letter);
    }
    const int width = static_cast<int>(min(int64_t{32}, end - n));
    for (int from = 0; from < width; from += together) {
      float g[together];
#pragma unroll
      for (int j = 0; j < together; ++j) {
        const bool used = from + j < width && o < s.out_channels;
        g[j] = used ? gradient_at(c, (t * s.batch + n + from + j) * s.out_channels + o) : 0;
      }
#pragma unroll
      for (int j = 0; j < together; ++j) {
        const int letter = warp.shfl(mine, from + j);
        all += g[j];
        if (letter >= 0 && letter < letters) sums[letter * channels + lane] += g[j];
      }
    }
  }
  return all;
}

/// tables[part, r, o] = the part's share of dw[o, r]; row r = letters · taps is the bias's.
///
/// A block is one warp: a tap, 32 channels (one a lane), up to 128 letters, and a part of the rows
/// (t, n), numbered along x in this order. Each lane adds to its own column of the table, so
/// nothing is shared, nothing is atomic, and the order of a sum is that of the rows. Shared memory:
/// sums by letter, [letters, channels]; with standardisation those of one position, which fold into
/// a second such table when the position ends.
__global__ void __launch_bounds__(32, 16)
    letters_backward_kernel(Conv1dLettersBackward<float> c, int64_t out_rows, BackwardGrid grid,
                            float* tables) {
  const Conv1dShape& s = c.shape;
  int64_t index = blockIdx.x;
  const int64_t o = index % grid.channel_blocks * channels + threadIdx.x;
  index /= grid.channel_blocks;
  const int64_t tap = index % s.kernel_size;
  index /= s.kernel_size;
  const int64_t first_letter = index % grid.letter_blocks * most_letters;
  const int64_t part = index / grid.letter_blocks;
  const int letters = static_cast<int>(min(most_letters, s.in_channels - first_letter));
  const bool standardized = c.standardization.mean != nullptr;

  float* total = shared_memory<float>() + threadIdx.x;  // this lane's column
  float* sums = standardized ? total + letters * channels : total;
  for (int a = 0; a < letters; ++a) total[a * channels] = sums[a * channels] = 0;
  float bias = 0;

  int64_t row = part * grid.rows_of_part;
  const int64_t end = min(row + grid.rows_of_part, out_rows);
  while (row < end) {
    const int64_t t = row / s.batch, n = row % s.batch, p = input_position(s, t, tap);
    const int64_t n_end = min(s.batch, n + end - row);
    const float all = add_windows(c, t, n, n_end, p, first_letter, letters, o, sums - threadIdx.x);
    bias += all;
    row += n_end - n;
    if (!standardized || !inside(s, p)) continue;
    for (int a = 0; a < letters; ++a) {
      const int64_t at = p * s.in_channels + first_letter + a;
      total[a * channels] += c.standardization.inverse_sd[at] *
                             (sums[a * channels] - c.standardization.mean[at] * all);
      sums[a * channels] = 0;
    }
  }

  if (o >= s.out_channels) return;
  const int64_t rows = s.in_channels * s.kernel_size;
  float* table = tables + part * (rows + 1) * s.out_channels + o;
  for (int a = 0; a < letters; ++a) {
    table[((first_letter + a) * s.kernel_size + tap) * s.out_channels] = total[a * channels];
  }
  if (tap == 0 && first_letter == 0) table[rows * s.out_channels] = bias;
}

/// Adds the parts' tables in order to the gradients; i runs over (r, o).
struct AddTables {
  Conv1dLettersBackward<float> c;
  const float* tables;  // [parts, letters · taps + 1, out_channels]
  int64_t parts;

  __device__ void operator()(int64_t i) const {
    const int64_t out = c.shape.out_channels, rows = c.shape.in_channels * c.shape.kernel_size;
    const int64_t r = i / out, o = i % out;
    float sum = 0;
#pragma unroll 8
    for (int64_t part = 0; part < parts; ++part) sum += tables[part * (rows + 1) * out + i];
    if (r < rows) {
      if (c.weight_grad) c.weight_grad[o * rows + r] += sum;
    } else if (c.bias_grad) {
      c.bias_grad[o] += sum;
    }
  }
};

// ---- One-hot

/// output[p, n, a] = ((letter at p of n is a) − mean[p, a]) · inverse_sd[p, a]
struct WriteOneHot {
  OneHot<float> h;
  __device__ void operator()(int64_t i) const {
    const int64_t a = i % h.letters, n = i / h.letters % h.batch, p = i / h.letters / h.batch;
    float x = letter_at(h.windows, n, p) == a ? 1 : 0;
    if (h.standardization.mean) {
      const int64_t at = p * h.letters + a;
      x = (x - h.standardization.mean[at]) * h.standardization.inverse_sd[at];
    }
    h.output[i] = x;
  }
};

}  // namespace

void conv1d_letters_forward(const Cuda& cuda, const Conv1dLettersForward<float>& c) {
  c.check();
  constexpr int64_t enough_blocks = 1024, least_windows = 2 * warps;
  const Conv1dShape& s = c.shape;
  const int64_t rows = s.in_channels * s.kernel_size;
  if (rows > std::numeric_limits<int>::max() / 256) {  // a code is less than 256
    throw Error("a convolution over " + std::to_string(s.in_channels) +
                " letters with kernel size " + std::to_string(s.kernel_size) +
                " is too large for the GPU; use a smaller kernel");
  }
  const int64_t channel_blocks = ceil_divide(s.out_channels, channels);
  const int64_t tables = channel_blocks * s.out_length();
  const int64_t windows_of_part =
      std::max(least_windows, ceil_divide(s.batch, ceil_divide(enough_blocks, tables)));
  const int rows_at_once = static_cast<int>(std::min<int64_t>(most_rows, rows));
  launch<letters_forward_kernel>(
      {.grid = static_cast<unsigned>(tables * ceil_divide(s.batch, windows_of_part)),
       .block = warps * 32,
       .shared_bytes = forward_shared_bytes(rows_at_once),
       .stream = cuda.stream},
      c, static_cast<unsigned>(s.out_length()), static_cast<unsigned>(channel_blocks),
      windows_of_part, rows_at_once);
}

void conv1d_letters_backward(const Cuda& cuda, const Conv1dLettersBackward<float>& c) {
  c.check();
  // Constants, not the GPU's size, decide on the parts, so that all GPUs give the same bits.
  constexpr int64_t enough_warps = 2048, least_rows = 32;
  const Conv1dShape& s = c.shape;
  const int64_t out_rows = s.out_length() * s.batch;
  BackwardGrid grid{.channel_blocks = ceil_divide(s.out_channels, channels),
                    .letter_blocks = ceil_divide(s.in_channels, most_letters),
                    .rows_of_part = 0,
                    .parts = 0};
  const int64_t tasks = grid.channel_blocks * s.kernel_size * grid.letter_blocks;
  const int64_t most_parts = std::max<int64_t>(1, enough_warps / tasks);
  grid.rows_of_part = std::max(least_rows, ceil_divide(out_rows, most_parts));
  grid.parts = ceil_divide(out_rows, grid.rows_of_part);
  const int64_t table = (s.in_channels * s.kernel_size + 1) * s.out_channels;
  Workspace<float, Cuda> workspace(cuda, grid.parts * table);
  const int64_t letters = std::min(s.in_channels, most_letters);
  const int64_t copies = c.standardization.mean ? 2 : 1;
  launch<letters_backward_kernel>(
      {.grid = static_cast<unsigned>(tasks * grid.parts),
       .block = 32,
       .shared_bytes = static_cast<std::size_t>(copies * letters * channels) * sizeof(float),
       .stream = cuda.stream},
      c, out_rows, grid, workspace.data());
  for_each_element(cuda, table, AddTables{c, workspace.data(), grid.parts});
}

void one_hot(const Cuda& cuda, const OneHot<float>& h) {
  for_each_element(cuda, h.length * h.batch * h.letters, WriteOneHot{h});
}

}  // namespace stroma::kernels
