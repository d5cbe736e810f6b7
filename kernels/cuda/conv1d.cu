// Convolution as three products of matrices that are never written out. With rows r = (t, n) of
// outputs and q = (p, n) of inputs, the layout [length, batch, channels] makes each a plain row
// index, and one tap moves a row by dilation · batch rows:
//   y[r, o]          = b[o] + Σ_(tap, i) x[input row of r and tap, i] · w[o, i, tap]
//   dx[q, i]         = Σ_(tap, o) dy[output row of q and tap, o] · w[o, i, tap]
//   dw[o, (tap, i)] += Σ_r dy[r, o] · x[input row of r and tap, i]
// One kernel multiplies; a product says where its factors lie and where a sum goes.
#include <algorithm>

#include "kernels/conv1d.h"
#include "kernels/cuda/cuda.h"
#include "kernels/memory.h"
#include "kernels/reduce.h"

namespace stroma::kernels {
namespace {

constexpr int side = 32;    // of the square of sums that a block computes
constexpr int depth = 32;   // of a step: how many terms of each sum
constexpr int stages = 4;   // steps in shared memory: one in use, three on their way
constexpr int teams = 4;    // of threads; each takes a quarter of every step's terms
constexpr int patch = 4;    // a thread sums 4 x 4 of its team's square
constexpr int block = 256;  // threads
constexpr int team = block / teams;
static_assert(team * patch * patch == side * side && block == 8 * side && depth == side);

/// The convolution in rows of [length · batch, channels] and channels of one group.
struct Geometry {
  explicit Geometry(const Conv1dShape& s)
      : batch(s.batch),
        in(s.in_channels / s.groups),
        out(s.out_channels / s.groups),
        groups(s.groups),
        taps(s.kernel_size),
        stride(s.stride),
        input_rows(s.length * s.batch),
        output_rows(s.out_length() * s.batch),
        tap_rows(s.dilation * s.batch),
        padding_rows(s.padding * s.batch) {}

  /// x[the row that the tap of output row r reads, i]; nullptr in the padding and past the edges.
  __device__ const float* input(const float* x, int64_t group, int64_t r, int64_t tap,
                                int64_t i) const {
    int64_t row = r + tap * tap_rows - padding_rows;
    if (stride > 1) row += (stride - 1) * (r / batch * batch);
    const bool inside = r < output_rows && tap < taps && i < in && row >= 0 && row < input_rows;
    return inside ? x + (row * groups + group) * in + i : nullptr;
  }

  /// dy[the output row whose tap reads input row q, o]; nullptr where there is none.
  __device__ const float* output(const float* dy, int64_t group, int64_t q, int64_t tap,
                                 int64_t o) const {
    int64_t row = q + padding_rows - tap * tap_rows;
    bool inside = q < input_rows && o < out && row >= 0;
    if (stride > 1 && inside) {
      const int64_t position = row / batch;
      inside = position % stride == 0;
      row += (position / stride - position) * batch;
    }
    return inside && row < output_rows ? dy + (row * groups + group) * out + o : nullptr;
  }

  __device__ int64_t weight(int64_t group, int64_t o, int64_t i, int64_t tap) const {
    return ((group * out + o) * in + i) * taps + tap;
  }

  int64_t batch, in, out, groups, taps, stride;
  int64_t input_rows, output_rows, tap_rows, padding_rows;
};

__host__ __device__ constexpr int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// A sum over (tap, channel): all terms of a step have the same tap, so that a thread finds its row
/// once a step. The last step of a tap is filled up with zeros.
struct TapSteps {
  explicit TapSteps(const Geometry& g, int64_t channels)
      : steps_of_tap(ceil_divide(channels, depth)), count(g.taps * steps_of_tap) {}
  __device__ int64_t tap(int64_t step) const { return step / steps_of_tap; }
  __device__ int64_t channel(int64_t step, int term) const {
    return step % steps_of_tap * depth + term;
  }

  int64_t steps_of_tap, count;
};

// A product of left [rows, terms] and right [terms, columns], for each group. left() and right()
// return where a factor lies, nullptr for a zero; `…_terms_adjacent` says that neighbouring terms,
// not neighbouring rows or columns, are neighbours in memory (at worst taps apart).

struct Forward {
  static constexpr bool left_terms_adjacent = true, right_terms_adjacent = true;
  Conv1dForward<float> c;
  Geometry g{c.shape};
  TapSteps steps{g, g.in};
  int64_t rows = g.output_rows, columns = g.out;

  __device__ const float* left(int64_t group, int64_t row, int64_t step, int term) const {
    return g.input(c.input, group, row, steps.tap(step), steps.channel(step, term));
  }
  __device__ const float* right(int64_t group, int64_t o, int64_t step, int term) const {
    const int64_t i = steps.channel(step, term);
    if (o >= g.out || i >= g.in) return nullptr;
    return c.weight + g.weight(group, o, i, steps.tap(step));
  }
  __device__ void store(int64_t group, int64_t row, int64_t o, int64_t, float sum) const {
    const int64_t channel = group * g.out + o;
    c.output[row * g.groups * g.out + channel] = c.bias ? sum + c.bias[channel] : sum;
  }
};

struct InputGradient {
  static constexpr bool left_terms_adjacent = true, right_terms_adjacent = false;
  Conv1dBackward<float> c;
  Geometry g{c.shape};
  TapSteps steps{g, g.out};
  int64_t rows = g.input_rows, columns = g.in;

  __device__ const float* left(int64_t group, int64_t row, int64_t step, int term) const {
    return g.output(c.output_grad, group, row, steps.tap(step), steps.channel(step, term));
  }
  __device__ const float* right(int64_t group, int64_t i, int64_t step, int term) const {
    const int64_t o = steps.channel(step, term);
    if (o >= g.out || i >= g.in) return nullptr;
    return c.weight + g.weight(group, o, i, steps.tap(step));
  }
  __device__ void store(int64_t group, int64_t row, int64_t i, int64_t, float sum) const {
    c.input_grad[(row * g.groups + group) * g.in + i] = sum;
  }
};

struct RowSteps {
  int64_t count;
};

struct WeightGradient {
  static constexpr bool left_terms_adjacent = false, right_terms_adjacent = false;
  Conv1dBackward<float> c;
  float* sums;  // [parts, out_channels, in_channels / groups, kernel_size]
  Geometry g{c.shape};
  RowSteps steps{ceil_divide(g.output_rows, depth)};
  int64_t rows = g.out, columns = g.taps * g.in;

  __device__ const float* left(int64_t group, int64_t o, int64_t step, int term) const {
    const int64_t r = step * depth + term;
    if (o >= g.out || r >= g.output_rows) return nullptr;
    return c.output_grad + (r * g.groups + group) * g.out + o;
  }
  __device__ const float* right(int64_t group, int64_t column, int64_t step, int term) const {
    return g.input(c.input, group, step * depth + term, column / g.in, column % g.in);
  }
  __device__ void store(int64_t group, int64_t o, int64_t column, int64_t part, float sum) const {
    sums[part * g.groups * rows * columns + g.weight(group, o, column % g.in, column / g.in)] = sum;
  }
};

/// One step's terms, so that a thread reads four neighbours of a term at once. The padding keeps
/// the writes of neighbouring terms in different banks, and those reads aligned.
struct Slice {
  float left[depth][side + 4], right[depth][side + 4];
};

union Shared {
  Slice slices[stages];
  float sums[teams][side][side + 4];
};

/// Starts to copy this thread's four of one factor's 32 x 32; a warp reads neighbours in memory.
/// `locate(line, term)`: where line (a row or a column) and term lie, or nullptr.
template <bool terms_adjacent, class Locate>
__device__ void start_copy(float (&target)[depth][side + 4], const float* anywhere,
                           const Locate& locate) {
  // Eight terms of four lines a warp fill whole 32-byte sectors of memory and all 32 banks.
  const int line = terms_adjacent ? threadIdx.x / 8 : threadIdx.x % side;
  const int first = terms_adjacent ? threadIdx.x % 8 : threadIdx.x / side;
#pragma unroll
  for (int term = first; term < depth; term += 8) {
    const float* source = locate(line, term);
    __pipeline_memcpy_async(&target[term][line], source ? source : anywhere, sizeof(float),
                            source ? 0 : sizeof(float));
  }
}

/// sum += the 4 x 4 outer product of four rows and four columns of a term.
__device__ void add_outer_product(float (&sum)[patch][patch], const float* left,
                                  const float* right) {
  const float4 a = *reinterpret_cast<const float4*>(left);
  const float4 b = *reinterpret_cast<const float4*>(right);
  const float rows[patch] = {a.x, a.y, a.z, a.w}, columns[patch] = {b.x, b.y, b.z, b.w};
#pragma unroll
  for (int i = 0; i < patch; ++i) {
#pragma unroll
    for (int j = 0; j < patch; ++j) sum[i][j] += rows[i] * columns[j];
  }
}

/// sums[row, column] = Σ_term left[row, term] · right[term, column] over the steps of one part.
///
/// A block a square of 32 x 32 sums, a group and a part, numbered along x with the columns fastest,
/// so that neighbours read the same rows. The squares are small because the layers are: 1,280 rows
/// of 128 channels are 160 blocks, and an H200 has 132 multiprocessors. Four teams of 64 threads
/// with 4 x 4 sums each (16 products for two 16-byte reads) share each step's terms, so that even
/// one block keeps a multiprocessor's four schedulers busy; their sums are added in order at the
/// end. Copies run three steps ahead; one barrier a step. No atomics: the same bits every time. The
/// launch bounds ask for three blocks a multiprocessor: left to itself, ptxas aims at more on some
/// chips, and spills.
template <class Product>
__global__ void __launch_bounds__(block, 3)
    product_kernel(Product p, int64_t row_squares, int64_t column_squares, int64_t steps_of_part) {
  Shared& shared = *shared_memory<Shared>();
  int64_t index = blockIdx.x;
  const int64_t first_column = index % column_squares * side;
  index /= column_squares;
  const int64_t first_row = index % row_squares * side;
  index /= row_squares;
  const int64_t group = index % p.g.groups, part = index / p.g.groups;
  const int64_t begin = part * steps_of_part, end = min(begin + steps_of_part, p.steps.count);

  const auto start = [&](int64_t step) {
    if (step < end) {
      Slice& slice = shared.slices[(step - begin) % stages];
      start_copy<Product::left_terms_adjacent>(slice.left, p.c.weight, [&](int line, int term) {
        return p.left(group, first_row + line, step, term);
      });
      start_copy<Product::right_terms_adjacent>(slice.right, p.c.weight, [&](int line, int term) {
        return p.right(group, first_column + line, step, term);
      });
    }
    __pipeline_commit();  // an empty group past the end, so that the count of groups stays right
  };

  const int my_team = threadIdx.x / team, member = threadIdx.x % team;
  const int row = member / (side / patch) * patch, column = member % (side / patch) * patch;
  float sum[patch][patch] = {};
  for (int ahead = 0; ahead < stages - 1; ++ahead) start(begin + ahead);
  for (int64_t step = begin; step < end; ++step) {
    __pipeline_wait_prior(stages - 2);
    __syncthreads();  // this step has arrived, and everybody is done with the one before
    start(step + stages - 1);
    const Slice& slice = shared.slices[(step - begin) % stages];
#pragma unroll
    for (int k = 0; k < depth / teams; ++k) {
      const int term = my_team * (depth / teams) + k;
      add_outer_product(sum, &slice.left[term][row], &slice.right[term][column]);
    }
  }

  __syncthreads();  // the slices have been read: their memory takes the sums
  for (int i = 0; i < patch; ++i) {
    *reinterpret_cast<float4*>(&shared.sums[my_team][row + i][column]) =
        make_float4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < side * side; i += block) {
    const int64_t to_row = first_row + i / side, to_column = first_column + i % side;
    if (to_row >= p.rows || to_column >= p.columns) continue;
    float total = 0;
    for (int t = 0; t < teams; ++t) total += shared.sums[t][i / side][i % side];
    p.store(group, to_row, to_column, part, total);
  }
}

template <class Product>
void multiply(const Cuda& cuda, const Product& p, int64_t parts, int64_t steps_of_part) {
  const int64_t row_squares = ceil_divide(p.rows, side);
  const int64_t column_squares = ceil_divide(p.columns, side);
  const int64_t blocks = row_squares * column_squares * p.g.groups * parts;
  launch<product_kernel<Product>>({.grid = static_cast<unsigned>(blocks),
                                   .block = block,
                                   .shared_bytes = sizeof(Shared),
                                   .stream = cuda.stream},
                                  p, row_squares, column_squares, steps_of_part);
}

/// There are few weights and many rows: parts of the rows are summed by different blocks and then
/// added in order. As many parts as it takes to fill a large GPU, whatever the GPU, so that all
/// give the same bits; four steps at least, so that each is worth its start.
void weight_gradient(const Cuda& cuda, const Conv1dBackward<float>& c) {
  constexpr int64_t enough_blocks = 256, least_steps = 4;
  WeightGradient p{.c = c, .sums = nullptr};
  const int64_t squares = ceil_divide(p.rows, side) * ceil_divide(p.columns, side) * p.g.groups;
  const int64_t most_parts = std::max<int64_t>(1, enough_blocks / squares);
  const int64_t steps_of_part = std::max(least_steps, ceil_divide(p.steps.count, most_parts));
  const int64_t parts = ceil_divide(p.steps.count, steps_of_part);
  const int64_t weights = p.g.groups * p.rows * p.columns;
  Workspace<float, Cuda> workspace(cuda, parts * weights);
  p.sums = workspace.data();
  multiply(cuda, p, parts, steps_of_part);
  add_column_sums(cuda, p.sums, parts, weights, weights, c.weight_grad);
}

}  // namespace

void conv1d_forward(const Cuda& cuda, const Conv1dForward<float>& c) {
  c.check();
  const Forward p{.c = c};
  multiply(cuda, p, 1, p.steps.count);
}

void conv1d_backward(const Cuda& cuda, const Conv1dBackward<float>& c) {
  c.check();
  const Conv1dShape& s = c.shape;
  if (c.input_grad) {
    const InputGradient p{.c = c};
    multiply(cuda, p, 1, p.steps.count);
  }
  if (c.weight_grad) weight_gradient(cuda, c);
  if (c.bias_grad) {
    add_column_sums(cuda, c.output_grad, s.out_length() * s.batch, s.out_channels, s.out_channels,
                    c.bias_grad);
  }
}

}  // namespace stroma::kernels
