#include "layers/batch_norm1d.h"

#include "engine/safetensors.h"
#include "kernels/error.h"
#include "layers/network.h"
#include "tests/layers/norm_golden.h"

namespace stroma {
namespace {

constexpr BatchNorm1dOptions options{.epsilon = 1e-3, .momentum = 0.3};

/// Of `channels`, on the CPU, in float64.
RunningStatistics random_statistics(int64_t channels, std::mt19937& random) {
  return {test::random_tensor({channels}, random), test::random_tensor({channels}, random, 0.5, 2),
          Tensor::zeros({}, DType::int64)};
}

TEST(BatchNorm1d, AgreesWithPyTorchInTrainingAndEvaluation) {
  const auto golden = test::load_golden("batch_norm1d");
  for (const std::string name : {"vector", "sequence", "masked"}) {
    const auto before = [&](const char* key) { return golden.at(name + ".before." + key); };
    RunningStatistics running{before("running_mean"), before("running_var"),
                              before("num_batches_tracked")};
    const Tensor lengths = name == "masked" ? golden.at("masked.lengths") : Tensor();
    const auto run = [&](const std::string& what, bool training) {
      test::expect_golden(
          golden, what, before("weight"), before("bias"), [&](const std::vector<Variable>& v) {
            return batch_norm1d(v[0], v[1], v[2], running, options, training, lengths);
          });
    };
    run(name, true);
    const auto after = [&](const char* key) { return golden.at(name + ".after." + key); };
    EXPECT_LT(test::relative_error(running.mean, after("running_mean")), test::norm_bound);
    EXPECT_LT(test::relative_error(running.variance, after("running_var")), test::norm_bound);
    EXPECT_EQ(running.batches.item<int64_t>(), after("num_batches_tracked").item<int64_t>());
    run(name + ".evaluation", false);
  }
}

TEST(BatchNorm1d, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{2, 1}, Shape{7, 13}, Shape{5, 3, 4}}) {
    for (const bool training : {false, true}) {
      for (const bool masked : {false, true}) {
        if (masked && shape.size() == 2) continue;
        const Tensor lengths = masked ? Tensor::of<int32_t>({5, 0, 2}, {3}) : Tensor();
        const RunningStatistics at_first = random_statistics(shape.back(), random);
        test::check_gradients(
            [&](const std::vector<Variable>& v) {
              RunningStatistics running{at_first.mean.clone(), at_first.variance.clone(),
                                        at_first.batches.clone()};
              return batch_norm1d(v[0], v[1], v[2], running, options, training, lengths);
            },
            {test::random_tensor(shape, random, -3, 3), test::random_tensor({shape.back()}, random),
             test::random_tensor({shape.back()}, random)});
      }
    }
  }
}

TEST(BatchNorm1d, ABatchOfOneValueIsReadByTheRunningStatisticsAndMovesNone) {
  InitialWeights init;
  BatchNorm1d layer(2, {.epsilon = 1e-5, .momentum = 0.5}, init);
  const Variable y = layer.forward(Variable(Tensor::of<float>({3, -4}, {1, 2})));
  // Mean 0 and variance 1, as at first: x / √(1 + 1e-5).
  EXPECT_NEAR(y.value().data<float>()[0], 3, 3e-5);
  EXPECT_NEAR(y.value().data<float>()[1], -4, 3e-5);
  const std::vector<NamedTensor> buffers = layer.buffers();
  EXPECT_EQ(buffers[0].tensor.to_vector<float>(), (std::vector<float>{0, 0}));
  EXPECT_EQ(buffers[1].tensor.to_vector<float>(), (std::vector<float>{1, 1}));
  EXPECT_EQ(buffers[2].tensor.item<int64_t>(), 0);
}

TEST(BatchNorm1d, NamesItsParametersAndBuffersAsPyTorchDoes) {
  InitialWeights init;
  const BatchNorm1d layer(3, {}, init);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : layer.state()) names.push_back(name + to_string(tensor));
  EXPECT_EQ(names, (std::vector<std::string>{
                       "weight[3] of float32 on cpu", "bias[3] of float32 on cpu",
                       "running_mean[3] of float32 on cpu", "running_var[3] of float32 on cpu",
                       "num_batches_tracked[] of int64 on cpu"}));
}

TEST(BatchNorm1d, WithoutItsBuffersWeightsDoNotLoad) {
  const ModelSpec spec = parse_model_spec(
      "name = \"m\"\nalphabet = \"dna\"\nlength = 3\nlayers = [{type='flatten'},"
      "{type='batch_norm1d', name='n'}, {type='linear', name='o', out_features='classes'}]",
      "m.toml");
  Network network(spec, 2, {}, {.seed = 1, .step = Tensor::zeros({1}, DType::int64)}, {});
  std::map<std::string, Tensor> weights;
  for (const auto& [name, tensor] : network.state()) weights[name] = tensor.clone();
  const auto says = [&](const std::map<std::string, Tensor>& changed) -> std::string {
    try {
      network.load(changed);
    } catch (const Error& error) {
      return error.what();
    }
    return "(accepted)";
  };
  EXPECT_EQ(says(weights), "(accepted)");
  auto changed = weights;
  changed.erase("n.running_var");
  EXPECT_NE(says(changed).find("'n.running_var' is missing"), std::string::npos);
  changed = weights;
  changed["n.running_mean"] = Tensor::zeros({3});
  EXPECT_NE(says(changed).find("'n.running_mean' is [3] of float32, and [12]"), std::string::npos);
  changed = weights;
  changed["n.num_batches_tracked"] = Tensor::zeros({});
  EXPECT_NE(says(changed).find("'n.num_batches_tracked' is [] of float32, and [] of int64"),
            std::string::npos);
}

}  // namespace
}  // namespace stroma
