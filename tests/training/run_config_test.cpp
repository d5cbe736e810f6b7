#include "training/run_config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/error.h"
#include "tests/folder.h"

namespace stroma {
namespace {

RunConfig example_config() {
  RunConfig config;
  config.model = load_model_spec("cnn-lstm-dna");
  config.model.training.clip_norm = 0.1;
  config.data.paths = {"genome.gb"};
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
  std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) /
                                ("stroma_config" + std::to_string(getpid()) + ".json");
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

// Written by version 0.1.0: a run is to be read by every version that comes.
TEST_F(RunConfigFile, OfTheFirstVersionIsRead) {
  const RunConfig config = read_config(test::folder() / "training/config-0.1.0.json");
  EXPECT_EQ(config.seed, 5u);
  EXPECT_EQ(config.fold, 2);
  EXPECT_EQ(config.precision, Precision::bf16);
  EXPECT_EQ(config.data.windows.max_overlap, 8);
  EXPECT_EQ(config.data.unknown, "zero");
  EXPECT_EQ(config.data.paths, (std::vector<std::filesystem::path>{"g.gb"}));
  EXPECT_EQ(config.data.label_until, "_");  // as that version cut every name
  EXPECT_EQ(example_config().data.label_until, "");
  EXPECT_EQ(config.model.name, "small");
  EXPECT_EQ(config.model.training.split, SplitMethod::kfold);
  EXPECT_EQ(config.model.training.clip_norm, 2);
  EXPECT_EQ(config.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.length, 3);
  EXPECT_EQ(config.mean.size(), 12u);
  EXPECT_EQ(config.inverse_sd.size(), 12u);
}

TEST_F(RunConfigFile, TakesTheDefaultOfAKeyThatIsMissing) {
  using nlohmann::json;
  write_config(path_, example_config());
  const json all = json::parse(std::ifstream(path_));
  for (const json::json_pointer& table :
       {""_json_pointer, "/data"_json_pointer, "/training"_json_pointer}) {
    for (const auto& [key, value] : all[table].items()) {
      if (key == "model" || key == "labels" || key == "length") continue;
      SCOPED_TRACE(key);
      json less = all;
      less[table].erase(key);
      std::ofstream(path_) << less;
      EXPECT_NO_THROW(read_config(path_));
    }
  }
  json less = all;
  less.erase("seed");
  less["training"].erase("clip_norm");
  less["data"]["windows"].erase("max_overlap");
  std::ofstream(path_) << less;
  const RunConfig config = read_config(path_);
  EXPECT_EQ(config.seed, RunConfig().seed);
  EXPECT_EQ(config.model.training.clip_norm, std::nullopt);
  EXPECT_EQ(config.data.windows.max_overlap, WindowOptions().max_overlap);
}

TEST_F(RunConfigFile, NamesAKeyOfANewerVersionAndThatVersion) {
  using nlohmann::json;
  write_config(path_, example_config());
  const json all = json::parse(std::ifstream(path_));
  for (const char* name : {"x", "training.x", "data.x", "data.windows.x", "standardization.x"}) {
    json more = all;
    std::string pointer = std::string("/") + name;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    more[json::json_pointer(pointer)] = 1;
    more["version"] = "9.8.7";
    std::ofstream(path_) << more;
    try {
      read_config(path_);
      ADD_FAILURE() << name << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), path_.string() + " has the key '" + name +
                                  "', which this version of stroma, " STROMA_VERSION
                                  ", does not know; it was written by version 9.8.7: use that one");
    }
  }
}

TEST_F(RunConfigFile, RefusesAChoiceThatThereIsNot) {
  using nlohmann::json;
  write_config(path_, example_config());
  json wrong = json::parse(std::ifstream(path_));
  wrong["training"]["split"] = "blocks";
  std::ofstream(path_) << wrong;
  try {
    read_config(path_);
    ADD_FAILURE() << "read";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), path_.string() +
                                ": \"blocks\" is no split; there are random, stratified, "
                                "kfold and leave-one-group-out");
  }
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
