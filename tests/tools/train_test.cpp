// train from end to end: files, figures, rules on directories, resuming.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gpu.h"
#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class Train : public SmallRun {};

TEST_F(Train, FillsARunDirectoryAndTalksOnStandardError) {
  const Result result = run(train("run"));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
  for (const char* part : {"4 classes", "Label ceiling", "epoch 1/3", "epoch 3/3", "Test accuracy",
                           "share 12 or more letters", "stroma evaluate"}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << " is not in\n" << result.err;
  }
  EXPECT_EQ(result.err.find('\r'), std::string::npos) << "a live line, but not on a terminal";
  for (const char* file : {"config.json", "metrics.csv", "metrics.json", "predictions.csv",
                           "model.safetensors", "state.safetensors"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "run" / file)) << file;
  }
  EXPECT_EQ(epochs_in(content("run/metrics.csv")), 3);
  EXPECT_TRUE(content("run/predictions.csv").starts_with("id,true,predicted,p_atpB,p_ndhF,"));
}

TEST_F(Train, IsQuietWhenTold) { EXPECT_EQ(run(train("run", {"--quiet"})).err, ""); }

TEST_F(Train, GoesOnWhereItsMessagesCannotBeWritten) {
  const Surroundings full{.err_path = "/dev/full"};
  EXPECT_EQ(run(train("run"), full).status, 0);
  EXPECT_TRUE(std::filesystem::exists(path("run/model.safetensors")));
  EXPECT_EQ(run(train("run"), full).status, 1);
}

TEST_F(Train, RepeatsToTheByteWithOneSeedAndNotWithAnother) {
  run(train("a"));
  run(train("b"));
  run(train("c", {"--seed", "43"}));
  expect_same_run("a", "b");
  EXPECT_FALSE(content("a/model.safetensors") == content("c/model.safetensors"));
}

TEST_F(Train, TakesEachHyperparameterFromTheCommandLine) {
  const Result result = run(train("run", {"--epochs",
                                          "2",
                                          "--batch-size",
                                          "8",
                                          "--optimizer",
                                          "sgd",
                                          "--lr",
                                          "0.1",
                                          "--momentum",
                                          "0.9",
                                          "--weight-decay",
                                          "0.001",
                                          "--clip-norm",
                                          "2",
                                          "--lr-step",
                                          "1",
                                          "--lr-gamma",
                                          "0.5",
                                          "--patience",
                                          "4",
                                          "--keep",
                                          "best",
                                          "--class-weights",
                                          "--split",
                                          "kfold",
                                          "--folds",
                                          "4",
                                          "--fold",
                                          "2",
                                          "--validation-fraction",
                                          "0.3",
                                          "--seed",
                                          "5",
                                          "--length",
                                          "14",
                                          "--unknown",
                                          "zero",
                                          "--no-standardize"}));
  EXPECT_EQ(result.status, 0) << result.err;
  const Json config = Json::parse(content("run/config.json"));
  const Json expected = Json::parse(R"({
    "epochs": 2, "batch_size": 8, "optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9,
    "weight_decay": 0.001, "clip_norm": 2.0, "lr_step": 1, "lr_gamma": 0.5, "patience": 4,
    "keep": "best", "class_weights": true, "split": "kfold", "folds": 4,
    "validation_fraction": 0.3, "test_fraction": 0.2})");
  for (const auto& [key, value] : expected.items())
    EXPECT_EQ(config["training"][key], value) << key;
  EXPECT_EQ(config["seed"], 5);
  EXPECT_EQ(config["fold"], 2);
  EXPECT_EQ(config["length"], 14);
  EXPECT_EQ(config["data"]["unknown"], "zero");
  EXPECT_EQ(config["standardization"], nullptr);
  EXPECT_NE(content("run/metrics.csv").find(",0.05,"), std::string::npos) << "the second rate";
}

TEST_F(Train, LearnsFromWholeSequencesOnRequest) {
  std::string csv;
  for (const char* line : {"ACGTACGTAC, a\n", "TTGTACGTAA, b\n"}) {
    for (int i = 0; i < 10; ++i) csv += line;
  }
  data_ = folder_.write("whole.csv", csv).string();
  const Result result = run(train("run", {"--no-augment"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(Json::parse(content("run/config.json"))["length"], 10);
  EXPECT_NE(result.err.find("100.0 % of the test windows share 10 or more letters in a row with a "
                            "training window, 100.0 % are equal to one."),
            std::string::npos)
      << result.err;
}

TEST_F(Train, ResumesForTheEpochsThatTheRunWasToHave) {
  ASSERT_EQ(run(train("run", {"--epochs", "2"})).status, 0);
  EXPECT_EQ(run(train("run", {"--resume"})).status, 0);
  EXPECT_EQ(epochs_in(content("run/metrics.csv")), 2);
}

TEST_F(Train, ReadsUnknownLettersOfOtherDataAsAsked) {
  ASSERT_EQ(run(train("run")).status, 0);
  std::string fasta = small_fasta();
  fasta.back() = 'N';
  folder_.write("other.fasta", fasta);
  expect_failure(run({"predict", path("run"), path("other.fasta"), "--quiet"}), 1,
                 {"1 letter outside the DNA alphabet", "--unknown skip"});
  for (const char* how : {"zero", "skip"}) {
    for (const char* command : {"predict", "evaluate"}) {
      const Result result = run({command, path("run"), path("other.fasta"), "--unknown", how});
      EXPECT_EQ(result.status, 0) << result.err;
    }
  }
  expect_failure(run({"evaluate", path("run"), "--unknown", "zero"}), 2, {"--unknown is for DATA"});
}

TEST_F(Train, StartsAnewWhereARunHasNotBegunToLearn) {
  const Result none = run(train("run", {"--resume"}));
  EXPECT_EQ(none.status, 0) << none.err;
  EXPECT_NE(none.err.find("run holds no run to resume: a new one starts"), std::string::npos);
  for (const char* file : {"model", "state"}) {
    std::filesystem::remove(path("run") + "/" + file + ".safetensors");
  }
  EXPECT_EQ(run(train("run")).status, 0) << "only config.json and reports are there";
}

TEST_F(Train, ResumesNothingThatIsNotWhatItWas) {
  std::filesystem::create_directory(path("papers"));
  folder_.write("papers/draft.txt", "mine");
  expect_failure(run(train("papers", {"--resume", "--quiet"})), 1, {"holds other files"});
  EXPECT_EQ(run(train("trials", {"--trials", "2"})).status, 0);
  for (const char* option : {"--resume", "--force", "--quiet"}) {
    expect_failure(run(train("trials", {option})), 1, {"holds several trials", "--trials"});
  }
  EXPECT_EQ(run(train("run")).status, 0);
  const std::string model = content("run/model.safetensors");
  std::filesystem::remove(path("run/state.safetensors"));
  expect_failure(run(train("run", {"--resume", "--quiet"})), 1,
                 {"has lost its state.safetensors", "--force"});
  EXPECT_EQ(content("run/model.safetensors"), model);
}

TEST_F(Train, SaysWhatCannotBeRightAndWhereItComputes) {
  data_ = folder_
              .write("four.csv",
                     "ACGTACGTACGT, a\nTTGTACGTACGA, b\n"
                     "CCGTACGTACGC, c\nGGGTACGTACGG, d\n")
              .string();
  const std::string err =
      run(train("run", {"--no-augment", "--epochs", "1", "--device", "cpu"})).err;
  EXPECT_NE(err.find("1 of the test examples are of classes without a training"), std::string::npos)
      << err;
  EXPECT_NE(err.find("Training on the CPU with 1 thread.\n"), std::string::npos) << err;
  EXPECT_NE(err.find("on 1 example (of 3 classes there are none)"), std::string::npos) << err;
}

TEST_F(Train, RefusesReplacesOrResumesARunThatExists) {
  EXPECT_EQ(run(train("run")).status, 0);
  const std::string before = content("run/metrics.csv");
  expect_failure(run(train("run")), 1, {"holds a run already", "--resume", "--force"});
  EXPECT_EQ(content("run/metrics.csv"), before);
  expect_failure(run(train("run", {"--resume", "--lr", "0.5", "--quiet"})), 1,
                 {"another run than asked for", "learning_rate is 0.01, not 0.5"});
  EXPECT_EQ(run(train("run", {"--force", "--epochs", "1"})).status, 0);
  EXPECT_EQ(epochs_in(content("run/metrics.csv")), 1);
  EXPECT_EQ(run(train("run", {"--resume", "--epochs", "3"})).status, 0);
  EXPECT_EQ(run(train("whole")).status, 0);
  expect_same_run("run", "whole");

  folder_.write("file", "");
  expect_failure(run(train("file", {"--quiet"})), 1, {"is a file"});
  expect_failure(run(train("file/run", {"--quiet"})), 1, {"cannot make the directory"});
  std::filesystem::create_directory(folder_.path() / "papers");
  folder_.write("papers/draft.txt", "mine");
  expect_failure(run(train("papers", {"--force", "--quiet"})), 1, {"holds other files"});
  EXPECT_EQ(content("papers/draft.txt"), "mine");
}

TEST_F(Train, GoesOnFromAKillAsIfNothingHadBeen) {
  const std::vector<std::string> forever = train("run", {"--epochs", "1000000", "--resume"});
  {
    Process process(forever);  // killed before its first epoch ends
    process.wait_for("classes");
    process.send(SIGKILL);
    EXPECT_EQ(process.wait().status, 128 + SIGKILL);
  }
  for (int kills = 0; kills < 5; ++kills) {
    Process process(forever);
    ASSERT_TRUE(process.wait_for("epoch ")) << process.wait().err;
    // Somewhere in the epochs that follow: other moments with every run of this test.
    std::this_thread::sleep_for(std::chrono::microseconds(getpid() * 7919 % 20011));
    process.send(SIGKILL);
    EXPECT_EQ(process.wait().status, 128 + SIGKILL);
  }
  folder_.write("run/state.safetensors.tmp4711", "half a state");  // as a kill leaves it
  expect_resumes_as_if_never_stopped("run");
}

TEST_F(Train, GoesOnFromADiskThatWasFull) {
  const std::size_t model_bytes = 6000;  // config.json fits, the state does not
  // On the CPU: a GPU driver writes files of its own.
  expect_failure(run(train("run", {"--quiet", "--device", "cpu"}), {.largest_file = model_bytes}),
                 1, {"state.safetensors", "too large"});
  expect_resumes_as_if_never_stopped("run");
}

TEST_F(Train, ALossThatIsNotFiniteStopsTheRunAndKeepsTheLastGoodState) {
  std::string wild = small_spec;
  const auto rate = wild.find("learning_rate = 0.01");
  wild.replace(rate, 20, "optimizer = \"sgd\"\nlearning_rate = 1e30");
  const std::string calm = spec_;
  spec_ = folder_.write("wild.toml", wild).string();
  const Result at_once = run(train("run", {"--quiet"}));
  expect_failure(at_once, 1, {"loss", "step", "--lr", "--clip-norm"});
  EXPECT_EQ(at_once.err.find("--resume"), std::string::npos) << "there is no state";
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "run" / "predictions.csv"));

  // Good epochs first: their state stays.
  spec_ = calm;
  EXPECT_EQ(run(train("good", {"--epochs", "1"})).status, 0);
  const std::string state = content("good/state.safetensors");
  std::string config = content("good/config.json");
  const auto setting = config.find("\"learning_rate\": 0.01");
  ASSERT_NE(setting, std::string::npos);
  folder_.write("good/config.json", config.replace(setting, 21, "\"learning_rate\": 1e38"));
  const Result result =
      run(train("good", {"--epochs", "2", "--resume", "--lr", "1e38", "--quiet"}));
  expect_failure(
      result, 1,
      {"loss", "step", path("good") + " keeps the state after epoch 1", "--resume --epochs 1"});
  EXPECT_TRUE(content("good/state.safetensors") == state);
  EXPECT_EQ(run(train("good", {"--epochs", "1", "--resume", "--lr", "1e38"})).status, 0);
}

TEST_F(Train, TrialsAreTheRunsOfSeedsInARow) {
  const Result result = run(train("trials", {"--trials", "2", "--seed", "7"}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.err.find("trial 2 epoch 3/3"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("Over 2 trials"), std::string::npos) << result.err;
  ASSERT_EQ(run(train("single", {"--seed", "8"})).status, 0);
  for (const char* name : {"/model.safetensors", "/predictions.csv"}) {
    EXPECT_EQ(content(std::string("trials/trial-2") + name), content(std::string("single") + name));
  }
  const Json second = Json::parse(content("trials/trial-2/metrics.json"))["test"];
  EXPECT_NE(
      content("trials/trials.csv").find(fmt::format("\n2,8,3,{},", second["loss"].get<double>())),
      std::string::npos)
      << content("trials/trials.csv");
  EXPECT_EQ(run(train("trials", {"--trials", "3", "--seed", "7", "--force"})).status, 0);
  EXPECT_EQ(run(train("trials", {"--trials", "2", "--seed", "7", "--force"})).status, 0);
  EXPECT_FALSE(std::filesystem::exists(path("trials/trial-3")));
}

TEST_F(Train, TrialsStopAndGoOnTogether) {
  const std::vector<std::string> arguments = train("run", {"--trials", "2", "--epochs", "3000"});
  Process process(arguments);
  ASSERT_TRUE(process.wait_for("trial 1 epoch    2/")) << process.err();
  process.send(SIGINT);
  const Result stopped = process.wait();
  EXPECT_EQ(stopped.status, 130) << stopped.err;
  EXPECT_FALSE(std::filesystem::exists(path("run/trials.csv")));
  // More than any trial has done by now, as the signal took its time to come: fewer are refused.
  int64_t most = 0;
  for (const char* history : {"run/trial-1/metrics.csv", "run/trial-2/metrics.csv"}) {
    if (!std::filesystem::exists(path(history))) continue;
    const std::string lines = content(history);  // a header, then one an epoch
    most = std::max<int64_t>(most, std::count(lines.begin(), lines.end(), '\n'));
  }
  const std::string epochs = std::to_string(most);
  const Result done = run(train("run", {"--trials", "2", "--epochs", epochs, "--resume"}));
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(std::filesystem::exists(path("run/trial-2/metrics.json")));
  expect_failure(run(train("run/trial-1", {"--trials", "2"})), 1,
                 {"the run of one model", "--out"});
}

#if STROMA_WITH_CUDA
TEST_F(Train, OnAGpuRepeatsToTheByteAndFollowsTheCpu) {
  if (!test::has_gpu()) return;
  ASSERT_EQ(run(train("cpu", {"--device", "cpu"})).status, 0);
  for (const char* name : {"first", "second"}) {
    const Result result = run(train(name, {"--device", "cuda"}));
    ASSERT_EQ(result.status, 0) << result.err;
  }
  expect_same_run("first", "second");
  const Json cpu = Json::parse(content("cpu/metrics.json"))["test"];
  const Json gpu = Json::parse(content("first/metrics.json"))["test"];
  EXPECT_NEAR(gpu["loss"].get<double>(), cpu["loss"].get<double>(), 1e-4);
  // A trial beside others is the run alone.
  const Result trials = run(train("trials", {"--device", "cuda", "--trials", "3", "--seed", "41"}));
  ASSERT_EQ(trials.status, 0) << trials.err;
  expect_same_run("trials/trial-2", "first");
  EXPECT_EQ(run({"predict", path("first"), data_, "--device", "cuda"}).status, 0);
}

TEST(Device, AGpuThatIsNotThereIsAnError) {
  if (!test::has_gpu()) return;
  expect_failure(run({"train", "data.fasta", "--model", "cnn-lstm-dna", "--device", "cuda:77"}), 1,
                 {"there is no cuda:77", "--device cpu"});
}
#else
TEST(Device, AGpuInABuildWithoutIsAnError) {
  expect_failure(run({"train", "data.fasta", "--model", "cnn-lstm-dna", "--device", "cuda"}), 1,
                 {"no GPU support", "--device cpu"});
}
#endif

TEST_F(Train, TheCpuComputesInFp32Alone) {
  for (const char* precision : {"tf32", "bf16"}) {
    expect_failure(run(train("run", {"--device", "cpu", "--precision", precision})), 1,
                   {std::string("not in ") + precision, "--device", "--precision fp32"});
  }
  EXPECT_FALSE(std::filesystem::exists(path("run")));
  EXPECT_EQ(run(train("run", {"--device", "cpu", "--precision", "fp32", "--quiet"})).status, 0);
  for (const char* command : {"evaluate", "predict"}) {
    std::vector<std::string> words = {command, path("run"), data_, "--device", "cpu"};
    words.insert(words.end(), {"--precision", "tf32"});
    expect_failure(run(words), 1, {"not in tf32"});
  }
}

#if STROMA_WITH_CUDA
TEST_F(Train, PrecisionIsASettingOfTheRun) {
  if (!test::has_gpu()) return;
  ASSERT_EQ(run(train("fp32", {"--device", "cuda"})).status, 0);
  ASSERT_EQ(run(train("bf16", {"--device", "cuda", "--precision", "bf16"})).status, 0);
  EXPECT_NE(content("fp32/model.safetensors"), content("bf16/model.safetensors"));
  expect_failure(run(train("bf16", {"--device", "cuda", "--resume", "--quiet"})), 1,
                 {"precision is \"bf16\", not \"fp32\""});

  const auto predictions = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"predict", path("bf16"), data_, "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    const Result result = run(words);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  const std::string as_trained = predictions({"--device", "cuda"});
  EXPECT_EQ(as_trained, predictions({"--device", "cuda", "--precision", "bf16"}));
  EXPECT_NE(as_trained, predictions({"--device", "cuda", "--precision", "fp32"}));
  EXPECT_NE(as_trained, predictions({"--device", "cpu"}));
}
#endif

}  // namespace
}  // namespace stroma
