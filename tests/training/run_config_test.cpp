#include "training/run_config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "kernels/error.h"

namespace stroma {
namespace {

RunConfig example_config() {
  RunConfig config;
  config.model = load_model_spec("cnn-lstm-dna");
  config.model.training.clip_norm = 0.1;
  config.data.path = "genome.gb";
  config.data.unique = "name";
  config.data.windows.max_overlap = 17;
  config.seed = 18446744073709551615u;
  config.length = 1;
  config.labels = {"a,\"b\"", "psbA"};
  config.mean = {0.1f, 0.25f, 1e-30f, 3.1415927f};
  config.inverse_sd = {1, 2, 3, 0.333333343f};
  config.fingerprint = "0123";
  return config;
}

class RunConfigFile : public testing::Test {
 protected:
  std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "stroma_config.json";
};

TEST_F(RunConfigFile, ComesBackAsItWas) {
  RunConfig config = example_config();
  config.precision = Precision::bf16;
  write_config(path_, config);
  const RunConfig back = read_config(path_);
  EXPECT_EQ(difference(config, back), "");
  EXPECT_EQ(back.mean, config.mean);
  EXPECT_EQ(back.inverse_sd, config.inverse_sd);
  EXPECT_EQ(back.labels, config.labels);
  EXPECT_EQ(back.seed, config.seed);
  EXPECT_EQ(back.precision, config.precision);
  EXPECT_EQ(back.model.layers.size(), config.model.layers.size());
  EXPECT_EQ(back.model.training.clip_norm, config.model.training.clip_norm);
}

TEST_F(RunConfigFile, SaysWhatDiffers) {
  const RunConfig saved = example_config();
  RunConfig asked = saved;
  asked.model = load_model_spec("cnn-lstm-protein");
  EXPECT_EQ(difference(saved, asked), "the model is cnn-lstm-dna, not cnn-lstm-protein");
  asked = saved;
  asked.model.text += "# more";
  EXPECT_EQ(difference(saved, asked), "the spec of the model cnn-lstm-dna has changed");
  asked = saved;
  asked.fingerprint = "4567";
  asked.labels = {"a"};
  asked.mean = {0.5f, 0.5f, 0.5f, 0.5f};
  EXPECT_EQ(difference(saved, asked),
            "the sequences or labels in genome.gb are not those that it was trained on");
  asked.mean = {};
  EXPECT_EQ(difference(saved, asked), "standardize is true, not false");
  asked = saved;
  asked.model.training.clip_norm.reset();
  EXPECT_EQ(difference(saved, asked), "training.clip_norm is 0.1, not none");
  asked = saved;
  asked.model.training.learning_rate = 0.25;
  EXPECT_EQ(difference(saved, asked), "training.learning_rate is 0.0005, not 0.25");
  asked = saved;
  asked.precision = Precision::tf32;
  EXPECT_EQ(difference(saved, asked), "precision is \"fp32\", not \"tf32\"");
  asked = saved;
  asked.model.training.epochs = 99;
  asked.threads = 64;
  EXPECT_EQ(difference(saved, asked), "");
}

TEST_F(RunConfigFile, RefusesWhatIsNoConfig) {
  for (const char* text : {"", "{}", "[1, 2", "{\"seed\": \"x\"}"}) {
    std::ofstream(path_) << text;
    EXPECT_THROW(read_config(path_), Error) << text;
  }
  EXPECT_THROW(read_config("/no/such/config.json"), Error);
}

}  // namespace
}  // namespace stroma
