// Recurrent layers as a spec has them: shapes, costs, initial weights.
#include "layers/recurrent_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "layers/network.h"

namespace stroma {
namespace {

ModelSpec spec_of(const std::string& layer, const std::string& after = "") {
  return parse_model_spec("name = \"m\"\nalphabet = \"dna\"\nlength = 9\nlayers = [\n" + layer +
                              "," + after + "{type='linear', name='out', out_features='classes'}]",
                          "m.toml");
}

TEST(RecurrentLayer, GivesASequenceOrAVector) {
  for (const char* type :
       {"type='lstm'", "type='gru'", "type='rnn'", "type='rnn', nonlinearity='relu'"}) {
    for (const char* output : {"last", "final"}) {
      const Flow flow = flows_of(spec_of(std::string("{") + type +
                                         ", name='l', hidden_size=3, num_layers=2,"
                                         " bidirectional=true, output='" +
                                         output + "'}"),
                                 2)[1];
      EXPECT_FALSE(flow.sequence);
      EXPECT_EQ(flow.channels, 6);
    }
    const Flow flow = flows_of(
        spec_of(std::string("{") + type + ", name='l', hidden_size=3}", "{type='flatten'},"), 2)[1];
    EXPECT_TRUE(flow.sequence);
    EXPECT_EQ(flow.length, 9);
    EXPECT_EQ(flow.channels, 3);
  }
}

/// Multiply-adds of one layer of 5 units in both directions over 9 letters.
int64_t cost(const std::string& type, const std::string& output) {
  const ModelSpec spec = spec_of("{type='" + type +
                                 "', name='l', hidden_size=5, "
                                 "bidirectional=true, output='" +
                                 output + "'}");
  const std::vector<Flow> flows = flows_of(spec, 2);
  return layer_type(type).multiply_adds(spec.layers[0], inputs_of(spec.layers[0], flows));
}

TEST(RecurrentLayer, CostsAProductAGateAStepOfADirection) {
  for (const auto& [type, gates] :
       {std::pair{"rnn", 1}, std::pair{"gru", 3}, std::pair{"lstm", 4}}) {
    const int64_t a_step = int64_t{gates} * 5 * (4 + 5);
    EXPECT_EQ(cost(type, "final"), 18 * a_step) << type;
    EXPECT_EQ(cost(type, "last"), 10 * a_step) << type;  // the reverse direction takes one step
  }
}

std::vector<float> parameter(const Recurrent& layer, const std::string& name) {
  for (const NamedParameter& parameter : layer.parameters()) {
    if (parameter.name == name) return parameter.variable.value().to_vector<float>();
  }
  return {};
}

TEST(RecurrentLayer, HasPyTorchsInitialWeightsWithinOneOverTheRootOfItsSize) {
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
    InitialWeights init{.seed = 4};
    const Recurrent layer(300, {.cell = cell, .hidden_size = 16}, init, {}, 0);
    for (const char* name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}) {
      float most = 0;
      for (const float w : parameter(layer, name)) most = std::max(most, std::abs(w));
      EXPECT_LE(most, 0.25f) << name;
      EXPECT_GT(most, 0.15f) << name;  // but with a probability of 0.6 to the 16th and less
    }
  }
}

TEST(RecurrentLayer, HasKerasInitialWeightsWithAnOpenForgetGate) {
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
    const int64_t hidden = 7, gates = kernels::gates_of(cell) * hidden, width = 5;
    InitialWeights init{.seed = 4, .scheme = Init::keras};
    const Recurrent layer(width, {.cell = cell, .hidden_size = hidden, .num_layers = 2}, init, {},
                          0);
    const double bound = std::sqrt(6.0 / static_cast<double>(width + gates));
    for (const float w : parameter(layer, "weight_ih_l0")) EXPECT_LE(std::abs(w), bound);
    const std::vector<float> recurrent = parameter(layer, "weight_hh_l1");
    for (int64_t a = 0; a < hidden; ++a) {
      for (int64_t b = 0; b < hidden; ++b) {
        double along = 0;
        for (int64_t row = 0; row < gates; ++row) {
          along += double{recurrent[row * hidden + a]} * recurrent[row * hidden + b];
        }
        EXPECT_NEAR(along, a == b ? 1 : 0, 1e-6);  // of at most 28 products in floats
      }
    }
    std::vector<float> bias(gates);
    if (cell == Cell::lstm) std::fill_n(bias.begin() + hidden, hidden, 1.0f);
    EXPECT_EQ(parameter(layer, "bias_ih_l1"), bias);
    EXPECT_EQ(parameter(layer, "bias_hh_l1"), std::vector<float>(gates));
  }
}

}  // namespace
}  // namespace stroma
