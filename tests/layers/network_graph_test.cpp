// Networks that are no chain: branches, shortcuts and joins, and what is refused of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "kernels/error.h"
#include "layers/conv1d_letters.h"
#include "layers/network.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

ModelSpec spec_of(const std::string& layers, const std::string& keys = "") {
  return parse_model_spec(
      "name = \"m\"\nalphabet = \"dna\"\nlength = 12\n" + keys + "layers = [\n" + layers + "]",
      "m.toml");
}

const std::string to_classes = "{type='linear', name='out', out_features='classes'}\n";

// A joined pair of convolutions of the letters, a shortcut around a third, a gate and a second
// branch to the logits.
const std::string branched =
    "{type='conv1d', name='narrow', out_channels=3, kernel_size=3, padding=1},\n"
    "{type='relu', name='narrow_relu'},\n"
    "{type='conv1d', name='wide', inputs=['input'], out_channels=4, kernel_size=5, padding=2},\n"
    "{type='concat', name='both', inputs=['narrow_relu', 'wide']},\n"
    "{type='conv1d', name='third', out_channels=7, kernel_size=3, padding=1},\n"
    "{type='tanh', name='bent'},\n"
    "{type='add', name='shortcut', inputs=['both', 'bent']},\n"
    "{type='relu'},\n"
    "{type='max_pool1d', name='pooled', kernel_size=2},\n"
    "{type='lstm', name='walk', hidden_size=7, output='last'},\n"
    "{type='sigmoid', name='gate'},\n"
    "{type='multiply', name='gated', inputs=['pooled', 'gate']},\n"
    "{type='flatten', name='flat'},\n"
    "{type='concat', inputs=['flat', 'walk']},\n" +
    to_classes;

LetterBatch random_batch(std::mt19937& random, int64_t batch, Device device = {}) {
  std::vector<uint8_t> codes(300);
  for (uint8_t& code : codes) code = static_cast<uint8_t>(random() % 5);  // 4 is unknown
  std::vector<int64_t> starts(batch);
  for (int64_t& start : starts) start = static_cast<int64_t>(random() % (300 - 12));
  return {Tensor::of(codes, {300}, device), Tensor::of(starts, {batch}, device), 12};
}

TrainingClock clock_on(Device device) {
  return {.seed = 7, .step = Tensor::zeros({1}, DType::int64, device)};
}

/// Logits and then the gradients of all parameters.
std::vector<std::vector<float>> results_of(Network& network, const LetterBatch& batch) {
  const Variable logits = network.forward(batch);
  std::vector<std::vector<float>> results = {logits.value().to_vector<float>()};
  std::vector<int32_t> labels(logits.shape()[0]);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int32_t>(i % 3);
  backward(softmax_cross_entropy(
      logits, Tensor::of(labels, {std::ssize(labels)}, logits.value().device())));
  for (const auto& [name, variable] : network.parameters()) {
    results.push_back(variable.grad().to_vector<float>());
  }
  return results;
}

/// A fused convolution sums rows of a table where the other sums products, and standardises the
/// table: a few roundings of float32 (6e-8 each) of sums of at most 60 terms a few layers deep.
void expect_alike(const std::vector<std::vector<float>>& a,
                  const std::vector<std::vector<float>>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t part = 0; part < a.size(); ++part) {
    ASSERT_EQ(a[part].size(), b[part].size());
    float largest = 0;
    for (const float value : b[part]) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < a[part].size(); ++i) {
      EXPECT_NEAR(a[part][i], b[part][i], 1e-5f * largest) << "part " << part << " element " << i;
    }
  }
}

TEST(NetworkGraph, FusedEqualsUnfused) {
  std::mt19937 random(3);
  const std::string specs[] = {
      branched,
      "{type='conv1d', name='c', out_channels=5, kernel_size=3}, {type='relu'},"
      "{type='max_pool1d', kernel_size=3}, {type='flatten'}," +
          to_classes,
      "{type='conv1d', name='c', out_channels=5, kernel_size=3}, {type='relu', name='r'},"
      "{type='max_pool1d', name='p', kernel_size=3, stride=1, padding=1},"
      "{type='add', inputs=['r', 'p']}, {type='flatten'}," +
          to_classes,
      "{type='relu'}, {type='max_pool1d', kernel_size=2}, {type='flatten'}," + to_classes,
  };
  for (const std::string& layers : specs) {
    SCOPED_TRACE(layers);
    for (const Device device : test::devices()) {
      Network fused(spec_of(layers), 3, {}, clock_on(device), device);
      Network plain(spec_of(layers), 3, {}, clock_on(device), device, {.fuse = false});
      const LetterBatch batch = random_batch(random, 5, device);
      expect_alike(results_of(fused, batch), results_of(plain, batch));
    }
  }
}

TEST(NetworkGraph, GradientsMatchFiniteDifferences) {
  std::mt19937 random(5);
  const LetterBatch batch = random_batch(random, 4);
  const Tensor labels = Tensor::of<int32_t>({0, 1, 2, 1}, {4});
  Network network(spec_of(branched), 3, {}, clock_on({}), {}, {.dtype = DType::float64});
  const auto loss = [&] { return softmax_cross_entropy(network.forward(batch), labels); };
  backward(loss());
  for (auto& [name, variable] : network.parameters()) {
    const std::vector<double> gradient = variable.grad().to_vector<double>();
    double mean = 0;
    for (const double g : gradient) mean += std::abs(g) / double(gradient.size());
    ASSERT_GT(mean, 0) << name;
    double* values = variable.value().data<double>();
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      // As argued in tests/gradient_check.h.
      constexpr double step = 1e-5;
      const double at = values[i];
      values[i] = at + step;
      const double above = loss().value().item<double>();
      values[i] = at - step;
      const double below = loss().value().item<double>();
      values[i] = at;
      EXPECT_NEAR((above - below) / (2 * step), gradient[i],
                  1e-6 * std::max(mean, std::abs(gradient[i])))
          << name << "[" << i << "]";
    }
  }
}

TEST(NetworkGraph, ReadsTheOneHotRowsWhereGivenThem) {
  std::mt19937 random(9);
  const LetterBatch batch = random_batch(random, 3);
  Network network(spec_of(branched), 3, {}, clock_on({}), {});
  const std::vector<float> a = network.forward(batch).value().to_vector<float>();
  const std::vector<float> b = network.forward(one_hot(batch, 4, {})).value().to_vector<float>();
  expect_alike({a}, {b});
}

TEST(NetworkGraph, AReluThatOthersReadIsNotFused) {
  const ModelSpec spec = spec_of(
      "{type='conv1d', name='c', out_channels=5, kernel_size=3}, {type='relu', name='r'},"
      "{type='flatten', name='f'}, {type='conv1d', name='d', inputs=['c'], out_channels=2,"
      " kernel_size=1}, {type='flatten', name='g'}, {type='concat', inputs=['f', 'g']}," +
      to_classes);
  std::mt19937 random(2);
  Network fused(spec, 3, {}, clock_on({}), {});
  Network plain(spec, 3, {}, clock_on({}), {}, {.fuse = false});
  const LetterBatch batch = random_batch(random, 3);
  expect_alike(results_of(fused, batch), results_of(plain, batch));
}

std::string refusal(const std::string& layers, const std::string& keys = "") {
  try {
    Network(spec_of(layers, keys), 3, {}, clock_on({}), {});
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST(NetworkGraph, NamesWhatIsWrongByLayerAndLine) {
  const std::string conv = "{type='conv1d', name='a', out_channels=2, kernel_size=3},\n";
  const struct {
    std::string layers, says;
  } cases[] = {
      {branched, "(accepted)"},
      // A circle would need a layer that reads one below it.
      {"{type='relu', name='a', inputs=['b']},\n{type='tanh', name='b'},\n",
       "m.toml:5: layer 1 (relu 'a') reads 'b', and no layer before it has that name; a layer "
       "reads those above it, of which there are input"},
      {"{type='relu', name='a', inputs=['a']},\n", "m.toml:5: layer 1 (relu 'a') reads 'a'"},
      {conv + "{type='relu', name='b', inputs=['aa']},\n",
       "m.toml:6: layer 2 (relu 'b') reads 'aa', and no layer before it has that name; a layer "
       "reads those above it, of which there are input, a"},
      {conv + "{type='relu', name='a'},\n", "m.toml:6: two layers have the name 'a'; rename one"},
      {conv + "{type='relu', name='unread'},\n{type='flatten', inputs=['a']},\n" + to_classes,
       "m.toml:6: nothing reads what layer 2 (relu 'unread') gives; name it in the inputs of a "
       "layer below it, or leave it out"},
      {conv + "{type='add', inputs=['a', 'input']},\n",
       "m.toml:6: layer 2 (add): it adds what has one shape, and its inputs are a sequence [10, "
       "batch, 2] and a sequence [12, batch, 4]"},
      {conv + "{type='concat', inputs=['a', 'input']},\n",
       "m.toml:6: layer 2 (concat): it joins sequences of one length, or vectors, and its inputs "
       "are a sequence [10, batch, 2] and a sequence [12, batch, 4]"},
      {conv + "{type='multiply', inputs=['a', 'input']},\n",
       "m.toml:6: layer 2 (multiply): it multiplies what has one shape"},
      {conv + "{type='multiply', inputs=['a', 'a', 'a']},\n",
       "m.toml:6: layer 2 (multiply): it multiplies two inputs, not 3"},
      {conv + "{type='add'},\n",
       "m.toml:6: layer 2 (add) joins two inputs or more, and it has 1; name them, as in inputs = "
       "[\"a\", \"b\"]"},
      {conv + "{type='relu', inputs=['a', 'input']},\n",
       "m.toml:6: layer 2 (relu) reads one input, not 2; join them before it"},
      {conv + "{type='relu', inputs=[]},\n", "m.toml:6: layer 2 (relu) reads one input, not 0"},
      {conv + "{type='relu', inputs='a'},\n", "must be a list of strings, not a string"},
      {conv + "{type='relu', inputs=[1]},\n", "must be a list of strings, not a list of others"},
  };
  for (const auto& [layers, says] : cases) {
    EXPECT_NE(refusal(layers).find(says), std::string::npos)
        << layers << "\n-> " << refusal(layers);
  }
}

TEST(NetworkGraph, RefusesMoreChannelsThanCanBeCounted) {
  std::string layers = "{type='relu', name='a0'},\n";
  for (int i = 1; i < 70; ++i) {
    const std::string before = "'a" + std::to_string(i - 1) + "'";
    layers += "{type='concat', name='a" + std::to_string(i) + "', inputs=[" + before + ", " +
              before + "]},\n";
  }
  EXPECT_NE(refusal(layers).find("(concat 'a37'): it gives 549755813888 channels, more than"),
            std::string::npos)
      << refusal(layers);
}

TEST(NetworkGraph, MaskedJoinsNeedInputsThatShortenAlike) {
  const std::string layers =
      "{type='conv1d', name='a', out_channels=4, kernel_size=3, stride=2, padding=1},\n"
      "{type='conv1d', name='b', inputs=['input'], out_channels=4, kernel_size=2, stride=2},\n"
      "{type='add', inputs=['a', 'b']}, {type='flatten'},\n" +
      to_classes;
  EXPECT_EQ(refusal(layers), "(accepted)");
  EXPECT_NE(refusal(layers, "pad = 'end'\nmask = true\n")
                .find("m.toml:9: layer 3 (add): its inputs are of one length, but those of shorter "
                      "sequences would not be"),
            std::string::npos);
}

TEST(NetworkGraph, ALayerNamedInputHidesTheLetters) {
  // Specs of before, in which any name could be given, mean what they meant.
  const ModelSpec spec =
      spec_of("{type='flatten', name='input'}, {type='relu', inputs=['input']}," + to_classes);
  EXPECT_EQ(spec.layers[1].reads, std::vector<int>{0});
}

}  // namespace
}  // namespace stroma
