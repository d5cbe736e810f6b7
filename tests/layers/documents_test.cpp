// What docs/ say of layers and models.
#include "layers/documents.h"

#include <gtest/gtest.h>

#include "engine/files.h"
#include "layers/network.h"
#include "tests/folder.h"

namespace stroma {
namespace {

std::string document(const std::string& name) {
  return read_file(test::folder() / ".." / "docs" / name);
}

/// What stands in `text` between one mark and the next other one after it.
std::string between(const std::string& text, const std::string& begin, const std::string& end,
                    std::size_t from = 0) {
  const std::size_t first = text.find(begin, from);
  if (first == std::string::npos) return "(no " + begin + ")";
  const std::size_t start = first + begin.size();
  return text.substr(start, text.find(end, start) - start);
}

TEST(Documents, HaveTheTablesOfLayersThatTheTypesMake) {
  EXPECT_EQ(between(document("models.md"), "<!-- layers -->\n", "<!-- end of layers -->"),
            layers_as_markdown())
      << "put between the marks what `stroma info --layers` prints";
}

TEST(Documents, HaveTheTableOfModelsThatTheSpecsMake) {
  EXPECT_EQ(between(document("models.md"), "<!-- models -->\n", "<!-- end of models -->"),
            models_as_markdown())
      << "put between the marks what `stroma info --models` prints";
}

TEST(Documents, HoldModelsThatAreSome) {
  const std::string text = document("models.md");
  int models = 0;
  for (std::size_t at = 0; (at = text.find("```toml\n", at)) != std::string::npos; ++at) {
    const std::string spec = between(text, "```toml\n", "```", at);
    if (spec.find("[[layers]]") == std::string::npos) continue;
    EXPECT_GT(parameter_count(parse_model_spec(spec, "docs/models.md"), 10), 0) << spec;
    ++models;
  }
  EXPECT_EQ(models, 2);
}

}  // namespace
}  // namespace stroma
