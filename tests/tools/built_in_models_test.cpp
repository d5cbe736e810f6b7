// Each built-in model trains on data of its kind, on every device.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>
#include <string>

#include "engine/files.h"
#include "layers/model_spec.h"
#include "tests/gpu.h"
#include "tests/tools/program.h"

namespace stroma {
namespace {

/// Eight sequences of two classes, as long as the model reads or, if it pads, up to 30 letters.
std::string fitting_csv(const ModelSpec& spec) {
  const std::string letters = spec.alphabet == "protein" ? "ACDEFGHIKLMNPQRSTVWY" : "ACGT";
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 8; ++i) {
    const int64_t length = spec.length > 0 ? spec.length : 30 - i;
    for (int64_t at = 0; at < length; ++at) text += letters[random() % letters.size()];
    text += i % 2 == 0 ? ", no\n" : ", yes\n";
  }
  return text;
}

/// The same model with a sixteenth of the channels, of which the emulated GPU makes no hour's work.
std::string narrow(const std::string& spec) {
  const std::regex width("(out_channels|hidden_size|out_features) = ([0-9]+)");
  std::string text;
  auto rest = spec.cbegin();
  for (std::sregex_iterator found(spec.begin(), spec.end(), width), end; found != end; ++found) {
    const std::smatch& match = *found;
    text.append(rest, match[0].first);
    text += match[1].str() + " = " + std::to_string(std::max(1, std::stoi(match[2].str()) / 16));
    rest = match[0].second;
  }
  return text.append(rest, spec.cend());
}

class BuiltInModel : public testing::TestWithParam<std::string> {};

TEST_P(BuiltInModel, TrainsTwoEpochs) {
  const TemporaryFolder folder;
  const ModelSpec spec = load_model_spec(GetParam());
  const std::string data = folder.write("data.csv", fitting_csv(spec)).string();
  const std::string small = folder.write("small.toml", narrow(spec.text)).string();
  for (const std::string device : {"cpu", "cuda"}) {
    if (device == "cuda" && !test::has_gpu()) continue;
    SCOPED_TRACE(device);
    const std::string out = (folder.path() / device).string();
    const Result result =
        run({"train", data, "--model", device == "cpu" ? GetParam() : small, "--out", out,
             "--device", device, "--epochs", "2", "--split", "stratified", "--test-fraction",
             "0.25", "--validation-fraction", "0.4", "--threads", "1"});
    EXPECT_EQ(result.status, 0) << result.err;
    const std::string metrics = read_file(std::filesystem::path(out) / "metrics.json");
    EXPECT_NE(metrics.find("\"epochs_run\": 2"), std::string::npos) << metrics;
  }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, BuiltInModel, testing::ValuesIn(built_in_models()), test_name);

}  // namespace
}  // namespace stroma
