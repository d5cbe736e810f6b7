// Every operation with every one of its tensors replaced by one that does not fit: always an Error
// that gives a shape, never a read or write outside.
#include "engine/operand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "kernels/error.h"
#include "layers/activation.h"
#include "layers/add.h"
#include "layers/attention_pool.h"
#include "layers/batch_norm1d.h"
#include "layers/binary_cross_entropy.h"
#include "layers/channel_mean.h"
#include "layers/concat.h"
#include "layers/conv1d_letters.h"
#include "layers/crop.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/flatten.h"
#include "layers/gelu.h"
#include "layers/global_pool1d.h"
#include "layers/group_mean.h"
#include "layers/kmer_encoding.h"
#include "layers/layer_norm.h"
#include "layers/linear.h"
#include "layers/multi_head_attention.h"
#include "layers/multi_margin.h"
#include "layers/multiply.h"
#include "layers/pool1d.h"
#include "layers/positional_encoding.h"
#include "layers/recurrent_layer.h"
#include "layers/sequence_lengths.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

/// A tensor that an operation takes.
struct Argument {
  const char* name;
  Shape shape;  // one that fits
  DType dtype = DType::float32;
  std::vector<std::size_t> open = {};  // dimensions of which the extent may be another
  bool optional = false;               // may be undefined
  bool leads = false;                  // its type and device are the operation's
};

struct Operation {
  const char* name;
  std::vector<Argument> arguments;
  std::function<Variable(const std::vector<Tensor>&)> call;
};

/// A wrong tensor in the place of `argument`, and what is wrong.
struct Misfit {
  std::string what;
  Tensor tensor;
};

std::vector<Misfit> misfits(const Argument& argument) {
  const auto zeros = [&](const Shape& shape) { return Tensor::zeros(shape, argument.dtype); };
  const Shape& shape = argument.shape;
  std::vector<Misfit> all{{"of one element", zeros({1})}, {"a scalar", zeros({})}};
  Shape flat{count_of(shape)};
  if (shape.size() == 1) flat.push_back(1);
  all.push_back({"of another rank", zeros(flat)});
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const bool open = std::count(argument.open.begin(), argument.open.end(), d) > 0;
    for (const int64_t by : {-shape[d], int64_t{-1}, int64_t{1}}) {
      if (open && by != -shape[d]) continue;
      Shape other = shape;
      other[d] += by;
      all.push_back({"of another extent", zeros(other)});
    }
  }
  for (const DType dtype : {DType::float32, DType::float64, DType::int32, DType::uint8}) {
    const bool floating = dtype == DType::float32 || dtype == DType::float64;
    if (dtype == argument.dtype || (argument.leads && floating)) continue;
    all.push_back({"of another type", Tensor::zeros(shape, dtype)});
  }
  if (!argument.optional) all.push_back({"undefined", Tensor()});
  if (test::has_gpu() && !argument.leads) {
    all.push_back({"on another device", zeros(shape).to(test::devices().back())});
  }
  std::erase_if(all, [&](const Misfit& m) {
    return m.what == "of one element" && shape.size() == 1 && !argument.open.empty();
  });
  return all;
}

LetterBatch letters(const std::vector<Tensor>& t) { return {t[0], t[1], /*length=*/5}; }

std::vector<Operation> operations() {
  const DType i32 = DType::int32, i64 = DType::int64, u8 = DType::uint8, f64 = DType::float64;
  const Argument sequence{"input", {5, 3, 4}, DType::float32, {0, 1, 2}, false, true};
  const Argument codes{"codes", {20}, u8, {0}}, starts{"starts", {3}, i64, {0}};
  const Argument lengths{"lengths", {3}, i32}, any_lengths{"lengths", {3}, i32, {}, true};
  const Argument mean{"mean", {5, 4}}, inverse_sd{"inverse_sd", {5, 4}};
  const auto v = [](const Tensor& t) { return t.defined() ? Variable(t, true) : Variable(); };
  std::vector<Operation> all{
      {"linear",
       {{"input", {3, 4}, DType::float32, {0}, false},
        {"weight", {2, 4}},
        {"bias", {2}, DType::float32, {}, true}},
       [=](const auto& t) { return linear(v(t[0]), v(t[1]), v(t[2])); }},
      {"conv1d",
       {{"input", {5, 3, 4}, DType::float32, {0, 1}},
        {"weight", {6, 2, 3}, DType::float32, {2}},
        {"bias", {6}, DType::float32, {}, true}},
       [=](const auto& t) {
         return conv1d(v(t[0]), v(t[1]), v(t[2]), {.padding = 1, .groups = 2});
       }},
      {"conv1d_letters",
       {codes,
        starts,
        mean,
        inverse_sd,
        {"weight", {6, 4, 3}, DType::float32, {2}},
        {"bias", {6}, DType::float32, {}, true}},
       [=](const auto& t) {
         return conv1d_letters(letters(t), v(t[4]), v(t[5]), {}, {t[2], t[3]}, true);
       }},
      {"one_hot",
       {codes, starts, mean, inverse_sd},
       [=](const auto& t) {
         return one_hot(letters(t), 4, {t[2], t[3]});
       }},
      {"kmer_tokens",
       {codes, starts},
       [=](const auto& t) { return Variable(kmer_tokens(letters(t), 4, 2, 1)); }},
      {"kmer_counts",
       {codes, starts, {"features", {16}, i32, {}, true}},
       [=](const auto& t) {
         const KmerFeatures features{.k = 2, .count = 16, .of_kmer = t[2]};
         return Variable(kmer_counts(letters(t), 4, features, DType::float32));
       }},
      {"embedding",
       {{"tokens", {5, 3}, i32, {0, 1}}, {"weight", {7, 4}, DType::float32, {0, 1}, false, true}},
       [=](const auto& t) { return embedding(t[0], v(t[1])); }},
      {"positional_encoding",
       {{"input", {5, 3, 4}, DType::float32, {}, false, true},
        {"encoding", {5, 4}},
        {"lengths", {3}, i32, {}, true}},
       [=](const auto& t) { return positional_encoding(v(t[0]), t[1], t[2]); }},
      {"attention_pool",
       {{"input", {5, 3, 4}, DType::float32, {2}, false, true},
        {"scores", {5, 3, 1}},
        {"lengths", {3}, i32, {}, true}},
       [=](const auto& t) { return attention_pool(v(t[0]), v(t[1]), t[2]); }},
      {"multi_head_attention",
       {{"input", {5, 3, 12}, DType::float32, {0}, false, true}, {"lengths", {3}, i32, {}, true}},
       [=](const auto& t) { return multi_head_attention(v(t[0]), 2, t[1]); }},
      {"max_pool1d", {sequence}, [=](const auto& t) { return max_pool1d(v(t[0]), {}); }},
      {"average_pool1d", {sequence}, [=](const auto& t) { return average_pool1d(v(t[0]), {}); }},
      {"flatten", {sequence}, [=](const auto& t) { return flatten(v(t[0])); }},
      {"select_last", {sequence}, [=](const auto& t) { return select_last(v(t[0])); }},
      {"add",
       {{"term", {5, 3, 4}, DType::float32, {}, false, true}, {"term", {5, 3, 4}}},
       [=](const auto& t) {
         return add({v(t[0]), v(t[1])});
       }},
      {"concat",
       {{"part", {5, 3, 4}, DType::float32, {2}, false, true},
        {"part", {5, 3, 2}, DType::float32, {2}}},
       [=](const auto& t) {
         return concat({v(t[0]), v(t[1])});
       }},
      {"multiply",
       {{"factor", {5, 3, 4}, DType::float32, {}, false, true}, {"factor", {5, 3, 4}}},
       [=](const auto& t) { return multiply(v(t[0]), v(t[1])); }},
      {"multiply, a vector",
       {{"sequence", {5, 3, 4}, DType::float32, {0}, false, true}, {"vector", {3, 4}}},
       [=](const auto& t) { return multiply(v(t[0]), v(t[1])); }},
      {"multiply, over a sequence",
       {{"vector", {3, 4}, DType::float32, {}, false, true},
        {"sequence", {5, 3, 4}, DType::float32, {0}}},
       [=](const auto& t) { return multiply(v(t[0]), v(t[1])); }},
      {"multiply, over channels",
       {{"sequence", {5, 3, 4}, DType::float32, {2}, false, true}, {"one", {5, 3, 1}}},
       [=](const auto& t) { return multiply(v(t[0]), v(t[1])); }},
      {"channel_mean", {sequence}, [=](const auto& t) { return channel_mean(v(t[0])); }},
      {"crop", {sequence}, [=](const auto& t) { return crop(v(t[0]), 1); }},
      {"global_average_pool1d",
       {{"input", {5, 3, 4}, DType::float32, {0, 2}, false, true}, any_lengths},
       [=](const auto& t) { return global_average_pool1d(v(t[0]), t[1]); }},
      {"global_max_pool1d",
       {{"input", {5, 3, 4}, DType::float32, {0, 2}, false, true}, any_lengths},
       [=](const auto& t) { return global_max_pool1d(v(t[0]), t[1]); }},
      {"layer_norm",
       {{"input", {5, 3, 4}, DType::float32, {0, 1}}, {"weight", {4}}, {"bias", {4}}},
       [=](const auto& t) { return layer_norm(v(t[0]), v(t[1]), v(t[2])); }},
      {"batch_norm1d",
       {{"input", {5, 3, 4}, DType::float32, {0}},
        {"weight", {4}},
        {"bias", {4}},
        {"running mean", {4}},
        {"running variance", {4}},
        any_lengths},
       [=](const auto& t) {
         RunningStatistics running{t[3], t[4], Tensor::zeros({}, DType::int64)};
         return batch_norm1d(v(t[0]), v(t[1]), v(t[2]), running, {}, true, t[5]);
       }},
      {"mask_positions",
       {{"input", {5, 3, 4}, DType::float32, {0, 2}, false, true}, lengths},
       [=](const auto& t) { return mask_positions(v(t[0]), t[1]); }},
      {"select_last, lengths",
       {{"input", {5, 3, 4}, DType::float32, {0, 2}, false, true}, lengths},
       [=](const auto& t) { return select_last(v(t[0]), t[1]); }},
      {"slide_lengths",
       {{"lengths", {3}, i32, {0}, false, true}},
       [=](const auto& t) { return Variable(slide_lengths(t[0], 2, 1, 0)); }},
      {"softmax_cross_entropy",
       {{"logits", {3, 4}},
        {"labels", {3}, i32},
        {"class_weights", {4}, DType::float32, {}, true},
        {"statistics", {2}, f64, {}, true}},
       [=](const auto& t) { return softmax_cross_entropy(v(t[0]), t[1], t[2], t[3]); }},
      {"binary_cross_entropy",
       {{"logits", {3, 4}},
        {"labels", {3, 4}, i32},
        {"class_weights", {2}, DType::float32, {}, true},
        {"statistics", {2}, f64, {}, true}},
       [=](const auto& t) { return binary_cross_entropy(v(t[0]), t[1], t[2], t[3]); }},
      {"multi_margin",
       {{"logits", {3, 4}},
        {"labels", {3}, i32},
        {"class_weights", {4}, DType::float32, {}, true},
        {"statistics", {2}, f64, {}, true}},
       [=](const auto& t) { return multi_margin(v(t[0]), t[1], t[2], t[3]); }},
      {"group_means",
       {{"input", {3, 4}, DType::float32, {1}},
        {"groups", {3}, i32},
        {"row_weights", {3}, DType::float32, {}, true}},
       [=](const auto& t) { return group_means(v(t[0]), t[1], t[2]).means; }},
  };
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh, Cell::rnn_relu}) {
    for (const auto output :
         {RecurrentOutput::all, RecurrentOutput::last, RecurrentOutput::final}) {
      const auto call = [=](const auto& t, const Tensor& given) {
        return recurrent(
            cell, v(t[0]),
            {{v(t[1]), v(t[2]), v(t[3]), v(t[4])}, {v(t[5]), v(t[6]), v(t[7]), v(t[8])}}, output,
            given);
      };
      Operation operation{"recurrent",
                          {{"input", {5, 3, 4}, DType::float32, {0, 1}}},
                          [=](const auto& t) { return call(t, {}); }};
      const int64_t gates = 2 * kernels::gates_of(cell);
      for (int direction = 0; direction < 2; ++direction) {
        for (const Argument& weight :
             {Argument{"weight_ih", {gates, 4}}, Argument{"weight_hh", {gates, 2}},
              Argument{"bias_ih", {gates}}, Argument{"bias_hh", {gates}}}) {
          operation.arguments.push_back(weight);
        }
      }
      all.push_back(operation);
      operation.name = "recurrent, of lengths";
      operation.arguments[0].open = {0};
      operation.arguments.push_back({"lengths", {3}, i32, {}, true});
      operation.call = [=](const auto& t) { return call(t, t[9]); };
      all.push_back(operation);
    }
  }
  return all;
}

TEST(Operands, OneThatDoesNotFitIsAnErrorThatGivesAShape) {
  for (const Operation& operation : operations()) {
    std::vector<Tensor> tensors;
    for (const Argument& a : operation.arguments)
      tensors.push_back(Tensor::zeros(a.shape, a.dtype));
    ASSERT_NO_THROW(operation.call(tensors)) << operation.name;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      for (const Misfit& misfit : misfits(operation.arguments[i])) {
        std::vector<Tensor> wrong = tensors;
        wrong[i] = misfit.tensor;
        SCOPED_TRACE(testing::Message() << operation.name << ": " << operation.arguments[i].name
                                        << " " << misfit.what << ", " << to_string(misfit.tensor));
        try {
          operation.call(wrong);
          ADD_FAILURE() << "no error";
        } catch (const Error& error) {
          // Its own, or that of the operand which it does not fit.
          const std::string message = error.what();
          EXPECT_TRUE(message.find('[') != std::string::npos ||
                      message.find("undefined") != std::string::npos)
              << message;
        }
      }
    }
  }
}

TEST(Operands, OneThatMayBeUndefinedMay) {
  for (const Operation& operation : operations()) {
    std::vector<Tensor> tensors;
    for (const Argument& a : operation.arguments) {
      tensors.push_back(a.optional ? Tensor() : Tensor::zeros(a.shape, a.dtype));
    }
    EXPECT_NO_THROW(operation.call(tensors)) << operation.name;
  }
}

TEST(Operands, AnElementwiseOperationTakesFloatsOfAnyShape) {
  const TrainingClock clock{1, Tensor::zeros({1}, DType::int64)};
  for (const auto& operation : std::vector<std::function<void(const Variable&)>>{
           [](const Variable& x) { relu(x); }, [](const Variable& x) { tanh(x); },
           [](const Variable& x) { sigmoid(x); }, [](const Variable& x) { elu(x); },
           [](const Variable& x) { softplus(x); }, [](const Variable& x) { gelu(x); },
           [&](const Variable& x) { dropout(x, 0.5f, clock, 1); },
           [&](const Variable& x) { dropout(x, 0, clock, 1); }}) {
    EXPECT_NO_THROW(operation(Variable(Tensor::zeros({}))));
    EXPECT_NO_THROW(operation(Variable(Tensor::zeros({2, 1, 3}))));
    EXPECT_THROW(operation(Variable()), Error);
    EXPECT_THROW(operation(Variable(Tensor::zeros({2, 0, 3}))), Error);
    EXPECT_THROW(operation(Variable(Tensor::zeros({2}, DType::int32))), Error);
  }
}

TEST(Operands, DropoutNeedsAProbabilityBelowOneAndTheStepOnItsDevice) {
  const Variable x(Tensor::zeros({3}));
  const TrainingClock clock{1, Tensor::zeros({1}, DType::int64)};
  for (const float probability : {-0.1f, 1.0f, 2.0f, NAN}) {
    EXPECT_THROW(dropout(x, probability, clock, 1), Error) << probability;
  }
  EXPECT_THROW(dropout(x, 0.5f, {}, 1), Error);
  EXPECT_THROW(dropout(x, 0.5f, {1, Tensor::zeros({2}, DType::int64)}, 1), Error);
  EXPECT_THROW(dropout(x, 0.5f, {1, Tensor::zeros({1}, DType::int32)}, 1), Error);
}

TEST(Operands, ARecurrenceHasOneDirectionOrTwo) {
  const Variable x(Tensor::zeros({2, 3, 4})), bias(Tensor::zeros({8}));
  const RecurrentWeights weights{Variable(Tensor::zeros({8, 4})), Variable(Tensor::zeros({8, 2})),
                                 bias, bias};
  const auto lstm = [&](const std::vector<RecurrentWeights>& directions) {
    return recurrent(Cell::lstm, x, directions, RecurrentOutput::all);
  };
  EXPECT_THROW(lstm({}), Error);
  EXPECT_NO_THROW(lstm({weights}));
  EXPECT_THROW(lstm({weights, weights, weights}), Error);
  EXPECT_THROW(lstm({weights, RecurrentWeights{}}), Error);
}

TEST(Operands, ALayerOfNothingIsAnError) {
  InitialWeights init;
  EXPECT_THROW(Linear(0, 2, init), Error);
  EXPECT_THROW(Linear(2, -1, init), Error);
  EXPECT_THROW(Conv1d(4, 2, 0, {}, init), Error);
  EXPECT_THROW(Recurrent(4, {.cell = Cell::gru, .hidden_size = 0}, init, {}, 0), Error);
  EXPECT_THROW(Recurrent(4, {.cell = Cell::gru, .hidden_size = 2, .num_layers = 0}, init, {}, 0),
               Error);
}

}  // namespace
}  // namespace stroma
