// stroma info --model: a model's graph in numbers and as a drawing.
#include <gtest/gtest.h>

#include "engine/files.h"
#include "tests/folder.h"
#include "tests/tools/program.h"

namespace stroma {
namespace {

/// The last model in docs/models.md, of which docs/branches.svg is the drawing.
std::string branches() {
  const std::string text = read_file(test::folder() / "../docs/models.md");
  const std::size_t begin = text.rfind("```toml\nname = \"branches\"") + 8;
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST(ModelInfo, CountsWhatALayerCosts) {
  const Result result = run({"info", "--model", "cnn-lstm-dna", "--classes", "100"});
  EXPECT_EQ(result.status, 0) << result.err;
  // By hand: 64 channels of 40 positions, 4 letters, 3 taps: 40 · 64 · 12 products, 4 · 2,560
  // bytes.
  for (const std::string line :
       {"conv1         conv1d      input         40 × 64          832         30,720  10,240\n",
        // Four walks, of 20 steps but for the reverse one of the top layer, which takes one.
        "lstm          lstm        max_pool1d 5  256          659,456      9,371,648   1,024\n",
        "all layers                                           726,872     10,427,008  74,944\n"}) {
    EXPECT_NE(result.out.find(line), std::string::npos) << line << "\n" << result.out;
  }
  EXPECT_NE(result.out.find("Computed as part of the layer beside it: relu 2, relu 4.\n"),
            std::string::npos)
      << result.out;
}

TEST(ModelInfo, DrawsTheGraphOfTheDocuments) {
  const TemporaryFolder folder;
  const std::string spec = folder.write("branches.toml", branches()).string();
  const Result result = run({"info", "--model", spec, "--svg", "-"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, read_file(test::folder() / "../docs/branches.svg"))
      << "stroma info --model branches.toml --svg docs/branches.svg draws it anew";
}

TEST(ModelInfo, NamesInADrawingAreTextOnly) {
  const TemporaryFolder folder;
  std::string spec = branches();
  spec.replace(spec.find("\"branches\""), 10, "'<script>a&b</script>'");
  const Result result =
      run({"info", "--model", folder.write("m.toml", spec).string(), "--svg", "-"});
  EXPECT_EQ(result.out.find("<script"), std::string::npos);
  EXPECT_NE(result.out.find("&lt;script>a&amp;b&lt;/script>"), std::string::npos);
}

TEST(ModelInfo, RefusesOptionsWithoutAModel) {
  EXPECT_EQ(run({"info", "--classes", "3"}).status, 2);
  EXPECT_EQ(run({"info", "--svg", "x.svg"}).status, 2);
}

TEST(ModelInfo, AsksForTheLengthThatTheDataWouldGive) {
  const TemporaryFolder folder;
  std::string spec = branches();
  spec.replace(spec.find("length = 60"), 11, "length = \"longest\"\npad = \"end\"");
  const std::string path = folder.write("m.toml", spec).string();
  const Result result = run({"info", "--model", path});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("say how long with --length"), std::string::npos) << result.err;
  EXPECT_EQ(run({"info", "--model", path, "--length", "60"}).status, 0);
}

}  // namespace
}  // namespace stroma
