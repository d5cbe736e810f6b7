// How the program is called: help, versions, wrong usage, where output goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "layers/model_spec.h"
#include "layers/training_spec.h"
#include "tests/tools/program.h"

namespace stroma {
namespace {

TEST(Usage, EveryCommandHasHelpWithAnExample) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{},
                                             {"info"},
                                             {"simulate"},
                                             {"extract"},
                                             {"extract", "upstream"},
                                             {"extract", "proteins"},
                                             {"augment"},
                                             {"augment", "windows"},
                                             {"kmers"},
                                             {"kmers", "count"},
                                             {"kmers", "shared"},
                                             {"train"},
                                             {"evaluate"},
                                             {"predict"},
                                             {"export"}}) {
    std::vector<std::string> arguments = command;
    std::string name = "stroma";
    for (const std::string& word : command) name += " " + word;
    arguments.emplace_back("--help");
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 0) << name;
    EXPECT_EQ(result.err, "") << name;
    EXPECT_NE(result.out.find("Usage: " + name + " "), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("Example:\n  stroma "), std::string::npos) << result.out;
    for (std::size_t begin = 0; begin < result.out.size();) {
      const std::size_t end = result.out.find('\n', begin);
      EXPECT_LE(end - begin, 100u) << result.out.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

TEST(Usage, HelpShowsDefaultsAndThatAModelMayHaveItsOwn) {
  const std::string help = run({"train", "--help"}).out;
  EXPECT_NE(help.find("(default: 42)"), std::string::npos);
  EXPECT_NE(help.find("(default: the model's, or 32)"), std::string::npos);
}

TEST(Usage, EveryTrainingKeyHasAnOption) {
  const std::string help = run({"train", "--help"}).out;
  for_each_training_key([&](const auto& key) {
    std::string name = key.name;
    std::replace(name.begin(), name.end(), '_', '-');
    if (name == "learning-rate") name = "lr";
    EXPECT_NE(help.find("  --" + name), std::string::npos) << name;
  });
}

/// Whether the program called the parser of TOML, by what the dynamic linker says of the functions
/// that it looks up, each when it is first called.
bool parses_toml(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  setenv("LD_DEBUG", "bindings", 1);
  setenv("LD_DEBUG_OUTPUT", (folder.path() / "bindings").c_str(), 1);
  EXPECT_EQ(run(arguments).status, 0);
  unsetenv("LD_DEBUG");
  unsetenv("LD_DEBUG_OUTPUT");
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    std::istringstream lines(read_file(file.path()));
    for (std::string line; std::getline(lines, line);) {
      if (line.find("stroma [0] to ") != std::string::npos &&
          line.find("tomlplusplus") != std::string::npos &&
          line.find("parse") != std::string::npos) {
        return true;
      }
    }
  }
  return false;
}

TEST(Usage, HelpAndVersionParseNoModel) {
  if (!parses_toml({"info", "--model", "cnn-lstm-dna"})) {
    GTEST_SKIP()
        << "the linker does not tell here: it looks all up at once, or the parser is built in";
  }
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--version"},
                                             {"--help"},
                                             {"train", "--help"},
                                             {"predict", "--help"},
                                             {"export", "--help"},
                                             {"info"}}) {
    EXPECT_FALSE(parses_toml(arguments)) << arguments.back();
  }
}

TEST(Usage, VersionIsOneLine) { EXPECT_EQ(run({"--version"}).out, "stroma " STROMA_VERSION "\n"); }

TEST(Usage, WithoutTheCommandThatItNeedsItShowsHelpAsAnError) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{}, {"extract"}, {"augment"}, {"kmers"}}) {
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("Usage: stroma"), std::string::npos);
  }
}

TEST(Usage, SuggestsTheNearestName) {
  expect_failure(run({"trian", "x.gb"}), 2, {"\"trian\"", "did you mean train?"});
  expect_failure(run({"extract", "upstraem", "x.gb"}), 2, {"did you mean upstream?"});
  expect_failure(run({"train", "x.gb", "--epoch", "3"}), 2, {"--epoch;", "did you mean --epochs?"});
  expect_failure(run({"train", "x.gb", "--batchsize=3"}), 2, {"did you mean --batch-size?"});
}

TEST(Usage, SaysWhatAnOptionTakes) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--epochs", "0"}, "--epochs must be a whole number of 1 or more, not \"0\""},
      {{"--epochs", "three"}, "--epochs must be"},
      {{"--epochs", "3000000000"}, "--epochs must be"},
      {{"--epochs"}, "--epochs needs a value"},
      {{"--epochs", "1", "--epochs", "2"}, "--epochs is given more than once"},
      {{"--batch-size", "0"}, "--batch-size must be"},
      {{"--lr", "-1"},
       "--lr must be at least 1.2e-38 and at most 3.4e38 as a 32-bit number, not \"-1\""},
      {{"--lr", "nan"}, "--lr must be"},
      {{"--lr", "1e999"}, "--lr must be"},
      {{"--lr", "1e-60"}, "--lr must be at least 1.2e-38"},
      {{"--lr", "0"}, "--lr must be at least 1.2e-38"},
      {{"--lr", "1e39"}, "--lr must be at least 1.2e-38 and at most 3.4e38"},
      {{"--weight-decay", "1e-60"}, "--weight-decay must be 0, or at least 1.2e-38"},
      {{"--clip-norm", "1e-60"}, "--clip-norm must be at least 1.2e-38"},
      {{"--momentum", "0.99999999999"},
       "--momentum must be 0, or at least 1.2e-38 and below 1 as a 32-bit number"},
      {{"--test-fraction", "1"}, "--test-fraction must be at least 0 and below 1, not \"1\""},
      {{"--seed", "-1"}, "--seed must be"},
      {{"--split", "half"},
       "--split must be random or stratified or kfold or leave-one-group-out, not \"half\""},
      {{"--device", "gpu"}, "--device must be"},
      {{"--precision", "fp16"}, "--precision must be fp32 or tf32 or bf16, not \"fp16\""},
      {{"--threads", "0"}, "--threads must be"},
      {{"--quiet=maybe"}, "--quiet takes no value"},
      {{"--fold", "2"}, "--fold belongs to --split kfold"},
      {{"--fold", "1"}, "--fold belongs to --split kfold"},
      {{"--folds", "5"}, "--folds belongs to --split kfold"},
      {{"--split", "kfold", "--test-fraction", "0.2"}, "--test-fraction has no effect with"},
      {{"--lr-step", "0", "--lr-gamma", "0.5"}, "--lr-gamma has no effect without --lr-step"},
      {{"--lr-step", "3", "--lr-gamma", "1"}, "--lr-step has no effect without --lr-gamma"},
      {{"--validation-fraction", "0", "--keep", "best"},
       "--keep chooses the best epoch by the validation part"},
      {{"--validation-fraction", "0", "--patience", "3"}, "--patience needs a validation part"},
      {{"--no-augment", "--min-overlap", "3"}, "--min-overlap is about windows"},
      {{"--no-augment", "--max-overlap", "3"}, "--max-overlap is about windows"},
      {{"--no-augment", "--min-shared", "3"}, "--min-shared is about windows"},
      {{"--min-protein-length", "50"}, "--min-protein-length is about proteins"},
      {{"--split", "kfold", "--fold", "6"}, "--fold 6 is none of 5 folds"},
      {{"--momentum", "0.9"}, "--momentum belongs to --optimizer sgd"},
      {{"--resume", "--force"}, "does not go with"},
      {{"--no-augment", "--length", "30"}, "does not go with"},
      {{"--length", "20"},
       "--length 20; 20 is the default of --max-overlap: set it, to 10 for example"},
      {{"--min-overlap", "21"}, "--min-overlap 21 is above --max-overlap 20"},
      {{"--min-shared", "0"}, "--min-shared must be a whole number of 1 or more"},
      {{"--min-shared", "41"}, "--min-shared 41 is above the window's --length 40"},
  };
  for (const auto& [options, clause] : wrong) {
    std::vector<std::string> arguments = {"train", "x.gb", "--model", "cnn-lstm-dna", "--out", "r"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    expect_failure(run(arguments), 2, {clause, "see stroma train --help"});
    EXPECT_FALSE(std::filesystem::exists("r"));
  }
  for (const char* option : {"--upstream-length", "--unique"}) {
    const char* value = std::string(option) == "--unique" ? "name" : "9";
    expect_failure(run({"train", "x.gb", "--model", "cnn-lstm-protein", option, value}), 2,
                   {std::string(option) + " is about upstream regions"});
  }
  expect_failure(run({"train", "x.gb", "--model", "cnn-lstm-protein", "--no-standardize"}), 2,
                 {"--no-standardize has no effect"});
  expect_failure(run({"train", "x.gb", "--out", "r"}), 2, {"--model is required"});
  expect_failure(run({"predict", "r"}), 2, {"DATA is required"});
  expect_failure(run({"info", "a", "b"}), 2, {"\"b\" is one argument too many"});
}

TEST(Usage, AKeyOfASpecThatHasNoEffectIsRefusedUnlessTheCommandLineMadeItSo) {
  const TemporaryFolder folder;
  const std::string spec = run({"info", "--models", "cnn-lstm-dna"}).out;
  const auto with = [&](const std::string& keys) {
    const std::size_t begin = spec.find("[training]");
    std::string text = spec;
    text.replace(begin, spec.find("[[layers]]") - begin, "[training]\n" + keys + "\n\n");
    return folder.write("m.toml", text).string();
  };
  const auto train = [&](const std::string& keys, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train", "absent.gb", "--model", with(keys), "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  expect_failure(train("folds = 7"), 2,
                 {"--folds, as ", "m.toml has it, belongs to --split kfold"});
  expect_failure(train("keep = \"best\"\nvalidation_fraction = 0"), 2,
                 {"has it, chooses the best epoch"});
  expect_failure(train("patience = 3\nvalidation_fraction = 0"), 2, {"--patience, as "});
  expect_failure(train("lr_gamma = 0.5"), 2, {"--lr-gamma, as ", "has it, has no effect"});
  expect_failure(train("split = \"kfold\"\nfolds = 7", {"--split", "random"}), 1, {"absent.gb"});
  expect_failure(train("patience = 3", {"--validation-fraction", "0"}), 1, {"absent.gb"});
  expect_failure(train("folds = 7", {"--split", "kfold"}), 1, {"absent.gb"});
}

TEST(Usage, AModelThatIsNoneIsToldWithThoseThatAre) {
  expect_failure(run({"train", "x.gb", "--model", "cnn-dna", "--out", "r"}), 1,
                 {"cnn-dna", "cnn-lstm-dna, cnn-lstm-protein, "});
}

TEST(Info, TellsTheBuildAndTheMachine) {
  const std::string out = run({"info"}).out;
  for (const char* name : {"version", "compiler", "sanitizers", "GPU support", "oneDNN", "CPU",
                           "cores", "devices", "models"}) {
    EXPECT_NE(out.find(name), std::string::npos) << name;
  }
}

TEST(Info, PrintsAModelThatCanBeCopied) {
  const std::string all = run({"info", "--models"}).out;
  for (const std::string& name : built_in_models()) {
    const std::string spec = run({"info", "--models", name}).out;
    EXPECT_NE(spec.find("name = \"" + name + "\""), std::string::npos);
    EXPECT_NE(all.find("| `" + name + "` |"), std::string::npos);
    EXPECT_EQ(run({"info", name}).out, spec);
    const TemporaryFolder folder;
    const std::string copy = folder.write("copy.toml", spec).string();
    EXPECT_EQ(run({"info", "--models", copy}).out, spec);
  }
}

TEST(Output, ThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"info"}, {"info", "--models"}, {"--help"}, {"--version"}, {"simulate"}}) {
    Result result = run(arguments, {.out_path = "/dev/full"});
    expect_failure(result, 1, {"cannot write to standard output: no space left on device"});
    result = run(arguments, {.out_closed = true});
    expect_failure(result, 1, {"cannot write to standard output: bad file descriptor"});
  }
  expect_failure(run({"simulate", "-o", "/dev/full"}), 1, {"/dev/full", "no space left"});
  expect_failure(run({"simulate", "-o", folder.path()}), 1, {"is a directory"});
  const std::string nowhere = (folder.path() / "nowhere" / "a.gb").string();
  expect_failure(run({"simulate", "-o", nowhere}), 1, {nowhere, "there is no folder"});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Output, ThatDoesNotFitLeavesWhatWasThere) {
  const TemporaryFolder folder;
  const std::string path = folder.write("genome.gb", "as it was").string();
  expect_failure(run({"simulate", "-o", path}, {.largest_file = 4096}), 1, {path, "too large"});
  EXPECT_EQ(read_file(path), "as it was");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Output, GoesToAFileOrToStandardOutputAndMessagesElsewhere) {
  const TemporaryFolder folder;
  const std::string path = folder.write("genome.gb", "to be replaced").string();
  const std::vector<std::string> few = {"simulate", "--genes", "5"};
  const Result to_out = run(few);
  EXPECT_TRUE(to_out.out.starts_with("LOCUS"));
  EXPECT_NE(to_out.err.find("5 genes"), std::string::npos);
  const Result to_file = run({"simulate", "--genes", "5", "-o", path});
  EXPECT_EQ(to_file.out, "");
  EXPECT_EQ(read_file(path), to_out.out);
  const Result quiet = run({"simulate", "--genes", "5", "--quiet", "-o", "-"});
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, to_out.out);
}

}  // namespace
}  // namespace stroma
