// A few steps of training from given weights, in a given order, as PyTorch does them
// (tests/golden/training.py).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/golden.h"
#include "tests/tensors.h"
#include "training/learner.h"
#include "training/schedule.h"

namespace stroma {
namespace {

using Json = nlohmann::json;

/// The windows of the golden file's sequences. With one logit the labels are 1, and all others.
Dataset windows_of(const std::map<std::string, Tensor>& golden, const ModelSpec& spec,
                   bool with_weights) {
  const Loss& loss = loss_named(spec.training.loss.text);
  const Tensor& codes = golden.at("codes");
  const auto weights = golden.at("example_weights").to_vector<float>();
  Dataset dataset;
  dataset.length = spec.length;
  dataset.labels =
      loss.one_logit ? std::vector<std::string>{"0", "1"} : std::vector<std::string>{"0", "1", "2"};
  for (int32_t s = 0; s < codes.size(0); ++s) {
    std::string letters;
    for (int64_t i = 0; i < codes.size(1); ++i) {
      letters += "ACGT"[codes.data<uint8_t>()[s * codes.size(1) + i]];
    }
    dataset.sequences.push_back({std::to_string(s), letters});
    const int32_t label = golden.at("labels").data<int32_t>()[s];
    for (int32_t offset = 0; offset + spec.length <= codes.size(1); ++offset) {
      dataset.examples.push_back({s, offset, loss.one_logit ? label == 1 : label});
      if (with_weights) dataset.weights.push_back(weights[s]);
    }
  }
  return dataset;
}

/// The tensors PREFIX.NAME of a golden file, by NAME.
std::map<std::string, Tensor> under(const std::map<std::string, Tensor>& golden,
                                    const std::string& prefix) {
  std::map<std::string, Tensor> found;
  for (const auto& [name, tensor] : golden) {
    if (name.starts_with(prefix)) found[name.substr(prefix.size())] = tensor;
  }
  return found;
}

/// The mean loss of each step's windows.
std::vector<double> losses_of_steps(Learner& learner, const Tensor& orders) {
  const auto examples = orders.size(1);
  const TrainingSpec& spec = learner.spec();
  std::vector<double> losses;
  for (int epoch = 0; epoch < spec.epochs; ++epoch) {
    const double rate = learning_rate_of(spec, {.epoch = epoch});
    learner.step().begin_epoch(orders.rows(epoch, 1).to_vector<int32_t>(), 0, {}, rate);
    double before = 0;
    for (int64_t done = 0; done < examples; done += spec.batch_size) {
      const int64_t batch = std::min<int64_t>(spec.batch_size, examples - done);
      learner.step().run(batch);
      const double sum = learner.step().sums().loss;
      losses.push_back((sum - before) / static_cast<double>(batch));
      before = sum;
    }
  }
  return losses;
}

TEST(TrainingStep, FollowsPyTorch) {
  const SafetensorsFile file = read_safetensors(test::folder() / "golden/training.safetensors");
  const auto& golden = file.tensors;
  const Json cases = Json::parse(file.metadata.at("cases"));
  ASSERT_EQ(cases.size(), 9u);
  for (const auto& [name, about] : cases.items()) {
    const ModelSpec spec = parse_model_spec(about["toml"].get<std::string>(), name);
    const Dataset dataset = windows_of(golden, spec, about["example_weights"].get<bool>());
    for (const Device device : test::devices()) {
      SCOPED_TRACE(name + " on " + to_string(device));
      const bool weighs = about["class_weights"].get<bool>();
      Learner learner(spec, std::ssize(dataset.labels), {}, 1, device,
                      to_device(dataset, dna_alphabet(), device),
                      weighs ? golden.at("class_weights").to(device) : Tensor());
      learner.network().load(under(golden, name + ".before."));
      const std::vector<double> losses = losses_of_steps(learner, golden.at("orders"));
      const auto expected = golden.at(name + ".losses").to_vector<double>();
      ASSERT_EQ(losses.size(), expected.size());
      // The agreement that the project promises; float32 against float64.
      for (std::size_t i = 0; i < losses.size(); ++i) {
        EXPECT_NEAR(losses[i], expected[i], 1e-5 * expected[i]) << "step " << i;
      }
      const auto after = under(golden, name + ".after.");
      for (const auto& [key, tensor] : learner.network().state()) {
        if (tensor.dtype() == DType::int64) {
          EXPECT_EQ(tensor.item<int64_t>(), after.at(key).item<int64_t>()) << key;
        } else {
          EXPECT_LT(test::relative_error(tensor, after.at(key)), 1e-5) << key;
        }
      }
    }
  }
}

}  // namespace
}  // namespace stroma
