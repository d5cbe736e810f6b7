// What a recorded graph keeps alive and computes: values that a backward kernel reads and gradients
// that somebody asks for, no others.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "layers/activation.h"
#include "layers/add.h"
#include "layers/attention_pool.h"
#include "layers/concat.h"
#include "layers/conv1d_letters.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/multiply.h"
#include "layers/network.h"
#include "layers/pool1d.h"
#include "layers/positional_encoding.h"
#include "layers/recurrent.h"
#include "layers/sequence_lengths.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

const Shape sequence{6, 3, 4};
const int64_t sequence_bytes = int64_t{6} * 3 * 4 * 4;

/// The bytes that live on beside the result when the caller has let the input go.
int64_t kept(Device device, const std::function<Variable(const Variable&)>& operation) {
  const int64_t before = live_tensor_bytes();
  const Variable y =
      operation(Variable(Tensor::zeros(sequence, DType::float32, device), /*requires_grad=*/true));
  EXPECT_TRUE(y.requires_grad());
  return live_tensor_bytes() - before - y.value().byte_count();
}

TEST(GraphMemory, AnInputThatNoBackwardKernelReadsIsFreed) {
  for (const Device& device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    const TrainingClock clock{1, Tensor::zeros({1}, DType::int64, device)};
    EXPECT_EQ(kept(device, [](const auto& x) { return average_pool1d(x, {}); }), 0);
    EXPECT_EQ(kept(device, [](const auto& x) { return flatten(x); }), 0);
    EXPECT_EQ(kept(device, [&](const auto& x) { return dropout(x, 0.5f, clock, 1); }), 0);
    EXPECT_EQ(kept(device, [](const auto& x) { return add({x, x, x}); }), 0);
    EXPECT_EQ(kept(device, [](const auto& x) { return concat({x, x}); }), 0);
    const Tensor lengths = Tensor::of<int32_t>({6, 0, 2}, {3}, device);
    EXPECT_EQ(kept(device, [&](const auto& x) { return mask_positions(x, lengths); }), 0);
    EXPECT_EQ(kept(device, [&](const auto& x) { return select_last(x, lengths); }), 0);
    const Tensor encoding = sinusoids(6, 4, DType::float32, device);
    EXPECT_EQ(kept(device, [&](const auto& x) { return positional_encoding(x, encoding); }), 0);
    // The weights of the 6 · 3 positions.
    const Variable scores(Tensor::zeros({6, 3, 1}, DType::float32, device));
    EXPECT_EQ(kept(device, [&](const auto& x) { return attention_pool(x, scores); }), 6 * 3 * 4);
    // These read their output, which is the result itself.
    EXPECT_EQ(kept(device, [](const auto& x) { return relu(x); }), 0);
    EXPECT_EQ(kept(device, [](const auto& x) { return tanh(x); }), 0);
    EXPECT_EQ(kept(device, [](const auto& x) { return sigmoid(x); }), 0);
    EXPECT_EQ(kept(device, [](const auto& x) { return max_pool1d(x, {}); }), sequence_bytes);
    // A chain keeps what its parts keep.
    EXPECT_EQ(kept(device,
                   [&](const auto& x) {
                     return flatten(average_pool1d(dropout(x, 0.5f, clock, 1), {}));
                   }),
              0);
  }
}

TEST(GraphMemory, AnInputIsKeptForTheGradientOfAWeightAlone) {
  for (const Device& device : test::devices()) {
    for (const bool frozen : {false, true}) {
      SCOPED_TRACE(to_string(device) + (frozen ? ", frozen" : ""));
      const auto weight = [&](const Shape& shape) {
        return Variable(Tensor::zeros(shape, DType::float32, device), !frozen);
      };
      const int64_t input = frozen ? 0 : sequence_bytes;
      const Variable dense = weight({2, 4}), kernel = weight({2, 4, 3});
      EXPECT_EQ(kept(device, [&](const auto& x) { return linear(x, dense, {}); }), input);
      EXPECT_EQ(kept(device, [&](const auto& x) { return conv1d(x, kernel, {}, {}); }), input);
      const Variable gate = weight({3, 4});
      EXPECT_EQ(kept(device, [&](const auto& x) { return multiply(x, gate); }), input);
      // Gates, and of an LSTM cells and tanh(cells), of a GRU the candidates and always its h.
      for (const auto& [cell, gates, states] :
           {std::tuple{Cell::lstm, int64_t{4}, 2}, std::tuple{Cell::gru, int64_t{3}, 1},
            std::tuple{Cell::rnn_relu, int64_t{1}, 0}}) {
        const std::vector<RecurrentWeights> weights{{weight({2 * gates, 4}), weight({2 * gates, 2}),
                                                     weight({2 * gates}), weight({2 * gates})}};
        const int64_t outputs = int64_t{6} * 3 * 2 * 4, kept_states = (gates + states) * outputs;
        EXPECT_EQ(kept(device,
                       [&, cell = cell](const auto& x) {
                         return recurrent(cell, x, weights, RecurrentOutput::all);
                       }),
                  kept_states + input);
        EXPECT_EQ(kept(device,
                       [&, cell = cell](const auto& x) {
                         return recurrent(cell, x, weights, RecurrentOutput::last);
                       }),
                  kept_states + input + (frozen && cell != Cell::gru ? 0 : outputs));
      }
    }
  }
}

struct Operation {
  const char* name;
  std::vector<Shape> inputs;
  std::function<Variable(const std::vector<Variable>&, Device)> call;
};

std::vector<Operation> operations() {
  std::vector<Operation> all{
      {"linear",
       {{5, 4}, {3, 4}, {3}},
       [](const auto& v, Device) { return linear(v[0], v[1], v[2]); }},
      {"conv1d",
       {{6, 2, 4}, {6, 2, 3}, {6}},
       [](const auto& v, Device) { return conv1d(v[0], v[1], v[2], {.groups = 2}); }},
      {"attention_pool",
       {{6, 2, 4}, {6, 2, 1}},
       [](const auto& v, Device) { return attention_pool(v[0], v[1]); }},
      {"add", {{6, 4}, {6, 4}, {6, 4}}, [](const auto& v, Device) { return add(v); }},
      {"concat", {{6, 4}, {6, 1}, {6, 3}}, [](const auto& v, Device) { return concat(v); }},
      {"multiply", {{6, 2, 4}, {2, 4}}, [](const auto& v, Device) {
         return multiply(v[0], v[1]);
       }}};
  for (const bool on : {false, true}) {
    all.push_back({on ? "conv1d_letters, relu" : "conv1d_letters",
                   {{3, 4, 2}, {3}},
                   [on](const auto& v, Device device) {
                     const LetterBatch batch{
                         Tensor::of<uint8_t>({0, 3, 2, 1, 2, 0, 1, 3, 3, 0}, {10}, device),
                         Tensor::of<int64_t>({0, 4, 2}, {3}, device), 6};
                     return conv1d_letters(batch, v[0], v[1], {}, {}, on);
                   }});
  }
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
    const int64_t gates = 2 * kernels::gates_of(cell);
    for (const auto output : {RecurrentOutput::all, RecurrentOutput::last}) {
      all.push_back({"a recurrence",
                     {{5, 3, 4},
                      {gates, 4},
                      {gates, 2},
                      {gates},
                      {gates},
                      {gates, 4},
                      {gates, 2},
                      {gates},
                      {gates}},
                     [=](const auto& v, Device) {
                       return recurrent(cell, v[0],
                                        {{v[1], v[2], v[3], v[4]}, {v[5], v[6], v[7], v[8]}},
                                        output);
                     }});
    }
  }
  return all;
}

/// The gradients of the inputs that ask for one; of the others an empty list.
std::vector<std::vector<float>> gradients(const Operation& operation, Device device,
                                          const std::vector<bool>& asks) {
  std::mt19937 random(3);
  std::vector<Variable> inputs;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    inputs.emplace_back(test::as<float>(test::random_tensor(operation.inputs[i], random), device),
                        asks[i]);
  }
  const Variable y = operation.call(inputs, device);
  backward(test::weighted_sum(
      y, test::random_tensor({y.value().count()}, random, 0.5, 1.5).to_vector<double>()));
  std::vector<std::vector<float>> result;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    EXPECT_EQ(inputs[i].grad().defined(), asks[i]) << "input " << i;
    result.push_back(asks[i] ? inputs[i].grad().to_vector<float>() : std::vector<float>());
  }
  return result;
}

TEST(GraphMemory, WhatIsFrozenGetsNoGradientAndTheRestTheSame) {
  for (const Device& device : test::devices()) {
    for (const Operation& operation : operations()) {
      const std::size_t count = operation.inputs.size();
      const auto all = gradients(operation, device, std::vector<bool>(count, true));
      for (std::size_t one = 0; one < count; ++one) {
        for (const bool frozen : {false, true}) {  // this one alone, or all but this one
          SCOPED_TRACE(testing::Message() << operation.name << " on " << to_string(device)
                                          << ": input " << one << (frozen ? " alone" : " not"));
          std::vector<bool> asks(count, frozen);
          asks[one] = !frozen;
          const auto some = gradients(operation, device, asks);
          for (std::size_t i = 0; i < count; ++i) {
            if (!asks[i]) continue;
            EXPECT_EQ(some[i], all[i]) << "input " << i;
          }
        }
      }
    }
  }
}

TEST(GraphMemory, ASaliencyPassMakesTheInputsGradientAndNoOther) {
  const ModelSpec spec = load_model_spec("cnn-lstm-dna");
  for (const Device& device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    const TrainingClock clock{1, Tensor::zeros({1}, DType::int64, device)};
    Network network(spec, /*classes=*/3, {}, clock, device);
    network.train(false);
    const Tensor one_hot = Tensor::zeros({spec.length, 2, 4}, DType::float32, device);
    const Tensor labels = Tensor::zeros({2}, DType::int32, device);

    const auto kept_by_graph = [&] {
      const int64_t before = live_tensor_bytes();
      const Variable loss =
          softmax_cross_entropy(network.forward(Variable(one_hot, /*requires_grad=*/true)), labels);
      return live_tensor_bytes() - before;
    };
    const int64_t trained = kept_by_graph();
    network.freeze();
    EXPECT_LT(kept_by_graph(), trained);

    const int64_t before = live_tensor_bytes();
    const Variable input(one_hot, /*requires_grad=*/true);
    backward(softmax_cross_entropy(network.forward(input), labels));
    EXPECT_TRUE(input.grad().defined());
    for (const auto& [name, parameter] : network.parameters()) {
      EXPECT_FALSE(parameter.grad().defined()) << name;
    }
    EXPECT_EQ(live_tensor_bytes() - before, one_hot.byte_count()) << "the input's gradient alone";
  }
}

}  // namespace
}  // namespace stroma
