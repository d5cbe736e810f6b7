#include "kernels/parallel.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "kernels/activation.h"
#include "kernels/elementwise.h"
#include "kernels/flatten.h"
#include "kernels/gemm.h"
#include "kernels/multiply.h"
#include "kernels/pool1d.h"
#include "kernels/recurrent.h"
#include "kernels/softmax_cross_entropy.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

using Values = std::vector<float>;

Values random(int64_t count) {
  std::mt19937 generator(5);
  return test::random_values<float>(count, generator);
}

/// How often each of `pieces` pieces is done.
std::vector<int> times_done(int64_t pieces) {
  std::vector<std::atomic<int>> times(pieces);
  in_pieces(pieces, [&](int64_t i) { ++times[i]; });
  return {times.begin(), times.end()};
}

TEST(Pieces, AreEachDoneOnce) {
  for (const int64_t pieces : {0, 1, 2, 3, 7, 8, 9, 1000}) {
    for (const auto& times : test::with_thread_counts([&] { return times_done(pieces); })) {
      EXPECT_EQ(times, std::vector<int>(pieces, 1));
    }
  }
}

TEST(Pieces, AreEachDoneOnceRoundAfterRound) {
  // Enough rounds for helpers to be late, asleep and stolen from; more than the numbers of rounds.
  std::atomic<int64_t> done = 0;
  constexpr int64_t rounds = 70000, pieces = 5;
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  for (int64_t round = 0; round < rounds; ++round) in_pieces(pieces, [&](int64_t) { ++done; });
  omp_set_num_threads(before);
  EXPECT_EQ(done, rounds * pieces);
}

TEST(Pieces, MayBeCutAgain) {
  test::with_thread_counts([] {
    std::vector<std::atomic<int>> times(20);
    in_pieces(4, [&](int64_t i) { in_pieces(5, [&](int64_t j) { ++times[i * 5 + j]; }); });
    EXPECT_EQ(std::vector<int>(times.begin(), times.end()), std::vector<int>(20, 1));
    return 0;
  });
}

TEST(Pieces, MayBeSharedByThreadsSideBySide) {
  std::vector<std::thread> callers;
  std::atomic<int64_t> done = 0;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      omp_set_num_threads(3);
      for (int round = 0; round < 200; ++round) in_pieces(6, [&](int64_t) { ++done; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 4 * 200 * 6);
}

TEST(Pieces, ThrowToTheirCaller) {
  test::with_thread_counts([] {
    const auto fail = [](int64_t i) {
      if (i == 5) throw std::runtime_error("piece 5");
    };
    EXPECT_THROW(in_pieces(8, fail), std::runtime_error);
    EXPECT_EQ(times_done(8), std::vector<int>(8, 1));  // and nothing is left of it
    return 0;
  });
}

TEST(Pieces, LetTheirThreadEndAfterAnyNumberOfRounds) {
  // The number of a round comes round: a helper that was hired last and found every round over must
  // not take the end for a round that it knows.
  constexpr int64_t numbers = 1 << 15;
  for (int64_t rounds = numbers - 4; rounds < numbers + 2; ++rounds) {
    std::thread([&] {
      const auto nothing = [](int64_t) {};
      omp_set_num_threads(2);
      for (int64_t round = 0; round < rounds; ++round) in_pieces(2, nothing);
      omp_set_num_threads(8);
      in_pieces(8, nothing);
    }).join();
  }
}

/// That `run` returns the same bytes with any number of threads, and inside a piece.
template <class F>
void expect_same_bits(const F& run) {
  const Values first = run();
  for (const Values& again : test::with_thread_counts(run)) EXPECT_TRUE(again == first);
  Values nested;
  in_pieces(2, [&](int64_t i) {
    if (i == 0) nested = run();
  });
  EXPECT_TRUE(nested == first) << "inside a piece";
}

TEST(NumberOfThreads, DoesNotChangeProducts) {
  struct Case {
    int64_t m, n, k;
  };
  for (const Case& c : {Case{640, 512, 128}, Case{512, 128, 640}, Case{32, 512, 256},
                        Case{640, 128, 512}, Case{33, 1100, 300}, Case{5120, 24, 100},
                        Case{100, 32, 20000}, Case{1, 100, 256}, Case{257, 513, 129}}) {
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << c.m << " x " << c.n << " x " << c.k << " " << transpose_a << transpose_b);
        const Values a = random(c.m * c.k), b = random(c.k * c.n);
        expect_same_bits([&] {
          Values out(c.m * c.n, 0.5F);
          gemm(Cpu{}, Gemm<float>{.transpose_a = transpose_a,
                                  .transpose_b = transpose_b,
                                  .m = c.m,
                                  .n = c.n,
                                  .k = c.k,
                                  .a = a.data(),
                                  .lda = transpose_a ? c.m : c.k,
                                  .b = b.data(),
                                  .ldb = transpose_b ? c.k : c.n,
                                  .beta = 1,
                                  .c = out.data(),
                                  .ldc = c.n});
          return out;
        });
      }
    }
  }
}

/// Forward, then backward, of two directions.
Values recurrence(Cell cell, int64_t steps, int64_t batch, int64_t hidden) {
  const int64_t rows = steps * batch, of_unit = gates_of(cell);
  const bool lstm = cell == Cell::lstm, gru = cell == Cell::gru;
  const Values weight = random(of_unit * hidden * hidden), bias = random(of_unit * hidden);
  const Values output_grad = random(rows * 2 * hidden);
  Values gates[2] = {random(rows * of_unit * hidden), random(rows * of_unit * hidden)};
  Values cells[2], tanh_cells[2], candidates[2], output(rows * 2 * hidden);
  std::vector<RecurrentForward<float>> forward;
  std::vector<RecurrentBackward<float>> backward;
  for (const int i : {0, 1}) {
    cells[i].resize(rows * hidden);
    tanh_cells[i].resize(rows * hidden);
    candidates[i].resize(rows * hidden);
    forward.push_back({.cell = cell,
                       .steps = steps,
                       .batch = batch,
                       .hidden_size = hidden,
                       .reverse = i == 1,
                       .gates = gates[i].data(),
                       .weight_hh = weight.data(),
                       .bias_ih = bias.data(),
                       .bias_hh = bias.data(),
                       .cells = lstm ? cells[i].data() : nullptr,
                       .tanh_cells = lstm ? tanh_cells[i].data() : nullptr,
                       .candidates = gru ? candidates[i].data() : nullptr,
                       .output = output.data() + i * hidden,
                       .output_stride = 2 * hidden});
    backward.push_back({.cell = cell,
                        .steps = steps,
                        .batch = batch,
                        .hidden_size = hidden,
                        .reverse = i == 1,
                        .gates = gates[i].data(),
                        .weight_hh = weight.data(),
                        .cells = lstm ? cells[i].data() : nullptr,
                        .tanh_cells = lstm ? tanh_cells[i].data() : nullptr,
                        .candidates = gru ? candidates[i].data() : nullptr,
                        .output = gru ? output.data() + i * hidden : nullptr,
                        .output_stride = gru ? 2 * hidden : 0,
                        .output_grad = output_grad.data() + i * hidden,
                        .output_grad_stride = 2 * hidden,
                        .last_only = false});
  }
  recurrent_forward(Cpu{}, std::span<const RecurrentForward<float>>(forward));
  recurrent_backward(Cpu{}, std::span<const RecurrentBackward<float>>(backward));
  for (const Values& one : {gates[0], gates[1]})
    output.insert(output.end(), one.begin(), one.end());
  return output;
}

TEST(NumberOfThreads, DoesNotChangeARecurrence) {
  for (const int64_t batch : {1, 7, 8, 32, 33, 64}) {
    for (const int64_t hidden : {6, 37, 128}) {
      SCOPED_TRACE(testing::Message() << "batch " << batch << ", hidden " << hidden);
      for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
        expect_same_bits([&] { return recurrence(cell, 9, batch, hidden); });
      }
    }
  }
}

TEST(NumberOfThreads, DoesNotChangePooling) {
  const Pool1dShape shape{.length = 41, .batch = 33, .channels = 67, .window = 3, .stride = 2};
  const Values x = random(shape.length * shape.batch * shape.channels);
  const Values dy = random(shape.out_length() * shape.batch * shape.channels);
  expect_same_bits([&] {
    Values y(dy.size()), mean(dy.size()), dx(x.size()), dmean(x.size());
    max_pool1d_forward<float>(
        Cpu{}, {.shape = shape, .relu = true, .input = x.data(), .output = y.data()});
    max_pool1d_backward<float>(Cpu{}, {.shape = shape,
                                       .relu = true,
                                       .input = x.data(),
                                       .output = y.data(),
                                       .output_grad = dy.data(),
                                       .input_grad = dx.data()});
    average_pool1d_forward<float>(Cpu{},
                                  {.shape = shape, .input = x.data(), .output = mean.data()});
    average_pool1d_backward<float>(
        Cpu{}, {.shape = shape, .output_grad = dy.data(), .input_grad = dmean.data()});
    for (const Values* one : {&mean, &dx, &dmean}) y.insert(y.end(), one->begin(), one->end());
    return y;
  });
}

TEST(NumberOfThreads, DoesNotChangeLoopsOverElements) {
  constexpr int64_t rows = 1013, columns = 131, count = rows * columns;
  const Values x = random(count), dy = random(count + 1);
  const float factor = 1.0F / 3;
  expect_same_bits([&] {
    Values y(count), dx(count), z(count);
    repeat_row(Cpu{}, x.data(), rows, columns, y.data());
    for (const Activation kind : {Activation::relu, Activation::tanh, Activation::sigmoid}) {
      activation_forward<float>(
          Cpu{}, {.kind = kind, .count = count, .input = x.data(), .output = z.data()});
      activation_backward<float>(Cpu{}, {.kind = kind,
                                         .count = count,
                                         .output = z.data(),
                                         .output_grad = dy.data(),
                                         .input_grad = dx.data()});
      add_to(Cpu{}, y.data(), dx.data(), count);
    }
    add(Cpu{}, y.data(), z.data(), dx.data(), count);
    scale(Cpu{}, dx.data(), count, &factor);
    softmax(Cpu{}, rows, columns, dx.data(), z.data());
    flatten<float>(
        Cpu{},
        {.length = 1, .batch = rows, .channels = columns, .input = z.data(), .output = y.data()});
    fill(Cpu{}, z.data(), count, factor);
    add_to(Cpu{}, y.data(), z.data(), count);
    Values left_grad(count), right_grad(columns);
    multiply_backward<float>(Cpu{}, {.rows = rows,
                                     .columns = columns,
                                     .left = x.data(),
                                     .right = x.data(),
                                     .output_grad = dy.data(),
                                     .left_grad = left_grad.data(),
                                     .right_grad = right_grad.data()});
    add_to(Cpu{}, y.data(), left_grad.data(), count);
    add_to(Cpu{}, y.data(), right_grad.data(), columns);
    return y;
  });
}

}  // namespace
}  // namespace stroma::kernels
