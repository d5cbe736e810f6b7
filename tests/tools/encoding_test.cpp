// Models that read k-mers: trained, stopped and resumed, evaluated, and used.
#include <gtest/gtest.h>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class Encodings : public SmallRun {
 protected:
  void use(const std::string& keys, const std::string& layers) {
    const std::string head = "name = \"kmers\"\nalphabet = \"dna\"\nlength = 12\n";
    const std::string training = "[training]\nbatch_size = 16\nlearning_rate = 0.01\n";
    const std::string out = "{type='linear', name='out', out_features='classes'}]\n";
    spec_ = folder_.write("kmers.toml", head + keys + "layers = [\n" + layers + out + training)
                .string();
  }

  /// The accuracy on the test part, which evaluate finds again.
  double accuracy_of(const std::string& name) const {
    const Result result = run({"evaluate", path(name)});
    EXPECT_EQ(result.status, 0) << result.err;
    return Json::parse(content(name + "/metrics.json"))["test"]["accuracy"];
  }
};

TEST_F(Encodings, TokensTrainAnAttention) {
  use("encoding = \"kmer_tokens\"\nk = 3\n",
      "{type='embedding', name='words', embedding_dim=8}, {type='positional_encoding'},\n"
      "{type='multi_head_attention', name='heads', num_heads=2},\n"
      "{type='attention_pool', name='pool', hidden_size=4},\n");
  ASSERT_EQ(run(train("run", {"--epochs", "1"})).status, 0);
  expect_resumes_as_if_never_stopped("run");
  // Four genes whose windows share nearly all their letters with others of them: by chance 0.25.
  EXPECT_GT(accuracy_of("run"), 0.4);
}

TEST_F(Encodings, CountsTrainDenseLayers) {
  use("encoding = \"kmer_counts\"\nk = 3\ncanonical = true\nnormalize = true\n",
      "{type='linear', name='hidden', out_features=16}, {type='relu'},\n");
  ASSERT_EQ(run(train("run", {"--epochs", "2"})).status, 0);
  expect_resumes_as_if_never_stopped("run");
  EXPECT_GT(accuracy_of("run"), 0.4);
}

}  // namespace
}  // namespace stroma
