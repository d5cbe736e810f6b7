// export, and train and predict with weights from a file.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/safetensors.h"
#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class Weights : public SmallRun {
 protected:
  SafetensorsFile exported(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "export");
    arguments.insert(arguments.end(), {"-o", path("export.safetensors")});
    const Result result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return read_safetensors(path("export.safetensors"));
  }

  /// The tensors' bytes, by name.
  static std::map<std::string, std::string> bytes(const SafetensorsFile& file) {
    std::map<std::string, std::string> all;
    for (const auto& [name, tensor] : file.tensors) {
      all[name] = {static_cast<const char*>(tensor.bytes()), std::size_t(tensor.byte_count())};
    }
    return all;
  }

  std::string file(const std::string& name, const SafetensorsFile& content) {
    write_safetensors(path(name), content);
    return path(name);
  }
};

template <class T>
std::vector<T> values(const SafetensorsFile& file, const std::string& name) {
  return file.tensors.at(name).to_vector<T>();
}

TEST_F(Weights, ExportedFromARunAreThoseOfItsModel) {
  ASSERT_EQ(run(train("run")).status, 0);
  const SafetensorsFile file = exported({path("run")});
  EXPECT_EQ(bytes(file), bytes(read_safetensors(path("run/model.safetensors"))));
  EXPECT_EQ(file.metadata.at("labels"), R"(["atpB","ndhF","psbA","rbcL"])");
  EXPECT_EQ(file.metadata.at("letters"), "ACGT");
  EXPECT_EQ(file.metadata.at("holds"), "\"trained weights\"");
  const Json config = Json::parse(content("run/config.json"));
  EXPECT_EQ(Json::parse(file.metadata.at("standardization")), config["standardization"]);
  EXPECT_EQ(Json::parse(file.metadata.at("training")), config["training"]);
}

TEST_F(Weights, InitialOnesOfARunAreThoseOfItsSeed) {
  ASSERT_EQ(run(train("run", {"--seed", "5"})).status, 0);
  const SafetensorsFile of_run = exported({path("run"), "--initial"});
  const SafetensorsFile of_seed = exported({"--model", spec_, "--seed", "5", "--classes", "4"});
  EXPECT_EQ(bytes(of_run), bytes(of_seed));
  EXPECT_NE(bytes(of_run), bytes(exported({"--model", spec_, "--seed", "6", "--classes", "4"})));
  EXPECT_NE(bytes(of_run), bytes(read_safetensors(path("run/model.safetensors"))));
}

TEST_F(Weights, ExamplesOrderAndMasksAreThoseOfTheRun) {
  ASSERT_EQ(run(train("run")).status, 0);
  const SafetensorsFile file =
      exported({path("run"), "--initial", "--order", "2", "--steps", "1-2,9"});
  const auto train = values<int32_t>(file, "split.train");
  const auto order = values<int32_t>(file, "order");
  ASSERT_EQ(file.tensors.at("order").shape(), (Shape{2, std::ssize(train)}));
  const std::vector<int32_t> epochs[] = {{order.begin(), order.begin() + std::ssize(train)},
                                         {order.begin() + std::ssize(train), order.end()}};
  EXPECT_NE(epochs[0], epochs[1]);
  for (std::vector<int32_t> epoch : epochs) {
    std::sort(epoch.begin(), epoch.end());
    EXPECT_EQ(epoch, train);
  }
  // The test part's letters and labels are those of predictions.csv.
  const auto codes = values<uint8_t>(file, "examples.codes");
  const auto labels = values<int32_t>(file, "examples.labels");
  const Json names = Json::parse(file.metadata.at("labels"));
  std::istringstream lines(content("run/predictions.csv"));
  std::string line;
  std::getline(lines, line);
  const std::string fasta = small_fasta();
  for (const int32_t i : values<int32_t>(file, "split.test")) {
    ASSERT_TRUE(std::getline(lines, line));
    const std::string gene = names[labels[i]];
    ASSERT_TRUE(line.starts_with(gene + ":")) << line;
    const std::size_t begin = fasta.find(gene) + 5 + std::stoul(line.substr(5)) - 1;
    for (int p = 0; p < 12; ++p) EXPECT_EQ("ACGT"[codes[i * 12 + p]], fasta[begin + p]) << line;
  }
  // 16 examples a step; step 9 is in the second epoch of 7 steps.
  EXPECT_EQ(file.tensors.at("dropout.4.step_1").shape(), (Shape{16, 12}));
  EXPECT_EQ(file.tensors.at("dropout.4.step_9").shape(), (Shape{16, 12}));
  EXPECT_FALSE(file.tensors.contains("dropout.4.step_3"));
  EXPECT_FLOAT_EQ(Json::parse(file.metadata.at("dropout_probabilities"))["4"], 0.2);
  const Json weights = Json::parse(file.metadata.at("weights"));
  const Json described = Json::parse(file.metadata.at("tensors"));
  for (const auto& [name, tensor] : file.tensors) {
    const std::string of_steps = name.substr(0, name.find(".step_")) + ".step_N";
    EXPECT_EQ(1, std::count(weights.begin(), weights.end(), name) + described.contains(name) +
                     described.contains(of_steps))
        << name;
  }
}

TEST_F(Weights, TrainingFromTheSeedsOwnIsTheSameRun) {
  exported({"--model", spec_, "--seed", "42", "--classes", "4"});
  const std::string given = path("export.safetensors");
  ASSERT_EQ(run(train("drawn")).status, 0);
  const Result result = run(train("given", {"--weights", given}));
  ASSERT_EQ(result.status, 0) << result.err;
  expect_same_run("drawn", "given");
  const Json config = Json::parse(content("given/config.json"));
  EXPECT_EQ(config["weights"], given);
}

TEST_F(Weights, TrainingGoesOnFromThoseGiven) {
  ASSERT_EQ(run(train("first")).status, 0);
  const std::string given = path("first/model.safetensors");
  ASSERT_EQ(run(train("second", {"--weights", given, "--epochs", "2"})).status, 0);
  EXPECT_EQ(bytes(exported({path("second"), "--initial"})), bytes(read_safetensors(given)));

  ASSERT_EQ(run(train("stopped", {"--weights", given, "--epochs", "1"})).status, 0);
  ASSERT_EQ(run(train("stopped", {"--weights", given, "--epochs", "2", "--resume"})).status, 0);
  expect_same_run("stopped", "second");
  expect_failure(run(train("stopped", {"--epochs", "3", "--resume", "--quiet"})), 1,
                 {"another run than asked for", "began with the weights of " + given});
  ASSERT_EQ(run(train("other", {"--seed", "7"})).status, 0);
  const std::string other = path("other/model.safetensors");
  expect_failure(run(train("stopped", {"--weights", other, "--resume", "--quiet"})), 1,
                 {"another run than asked for", "began with other weights than those in " + other});
  ASSERT_EQ(run(train("first", {"--force", "--seed", "9"})).status, 0);
  expect_failure(run({"export", path("second"), "--initial"}), 1, {given, "has changed"});
}

TEST_F(Weights, PredictTakesThemInPlaceOfARun) {
  // Windows of 12 letters, so that nothing depends on the overlaps that the run was told.
  data_ = folder_
              .write("windows.csv",
                     "ACGTTGCAACGT, a\nTTGTACGTAAGA, b\nCCGTACGTAAGC, a\n"
                     "GCGTACGTCAGC, b\nACGTACGACAGT, a\n")
              .string();
  ASSERT_EQ(run(train("run", {"--batch-size", "2"})).status, 0);
  const std::string of_run = run({"predict", path("run"), data_, "--windows"}).out;
  exported({path("run"), "--order", "1", "--steps", "1"});
  for (const std::string weights : {"run/model.safetensors", "export.safetensors"}) {
    const Result given =
        run({"predict", "--model", spec_, "--weights", path(weights), data_, "--windows"});
    EXPECT_EQ(given.status, 0) << given.err;
    EXPECT_EQ(given.out, of_run);
  }
}

TEST_F(Weights, FromElsewhereHaveNumbersForLabels) {
  SafetensorsFile file = exported({"--model", spec_, "--seed", "1", "--classes", "11"});
  file.metadata.clear();
  const std::string bare = this->file("bare.safetensors", file);
  const std::vector<std::string> words = {"predict", "--model", spec_, "--weights", bare, data_};
  expect_failure(run(words), 1, {bare, "standardises its input", "--no-standardize"});
  std::vector<std::string> without = words;
  without.insert(without.end(), {"--no-standardize", "--windows"});
  const Result result = run(without);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find(",p_0,p_1,p_2,p_3,p_4,p_5,p_6,p_7,p_8,p_9,p_10"), std::string::npos)
      << result.out.substr(0, 200);
}

TEST_F(Weights, InKerasLayoutAreReadAsTheyAreWritten) {
  ASSERT_EQ(run(train("run")).status, 0);
  SafetensorsFile keras = exported({path("run"), "--layout", "keras", "--order", "1"});
  EXPECT_EQ(keras.metadata.at("layout"), "keras");
  EXPECT_EQ(keras.tensors.at("conv/kernel").shape(), (Shape{3, 4, 8}));
  EXPECT_EQ(keras.tensors.at("lstm/backward_lstm/lstm_cell/bias").shape(), (Shape{24}));
  EXPECT_FALSE(keras.tensors.contains("conv.weight"));
  const std::string given = file("keras.safetensors", keras);
  ASSERT_EQ(run(train("again", {"--weights", given})).status, 0);
  SafetensorsFile initial = exported({path("again"), "--initial"});
  const SafetensorsFile trained = read_safetensors(path("run/model.safetensors"));
  EXPECT_EQ(values<float>(initial, "conv.weight"), values<float>(trained, "conv.weight"));
  EXPECT_EQ(values<float>(initial, "fc.weight"), values<float>(trained, "fc.weight"));

  // What Keras itself writes has no metadata.
  keras.metadata.clear();
  std::erase_if(keras.tensors,
                [](const auto& t) { return t.first.find('/') == std::string::npos; });
  const std::string bare = file("bare.safetensors", keras);
  const std::vector<std::string> words = {"predict", "--model", spec_, "--no-standardize",
                                          "--weights"};
  const auto predicted = [&](const std::string& weights) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {weights, data_, "--windows"});
    const Result result = run(all);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  EXPECT_NE(predicted(bare).find(",p_0,p_1,p_2,p_3"), std::string::npos);
  keras.tensors.erase("conv/bias");
  std::vector<std::string> all = words;
  all.insert(all.end(), {file("bare.safetensors", keras), data_});
  expect_failure(run(all), 1, {"bare.safetensors", "'conv/bias' is missing"});
}

TEST_F(Weights, ThatDoNotFitAreNamed) {
  const SafetensorsFile good = exported({"--model", spec_, "--classes", "4"});
  const auto refused = [&](const SafetensorsFile& file, const std::vector<std::string>& parts) {
    std::vector<std::string> all = parts;
    all.push_back(this->file("bad.safetensors", file));
    expect_failure(run(train("run", {"--weights", path("bad.safetensors"), "--quiet"})), 1, all);
    expect_failure(run({"predict", "--model", spec_, "--no-standardize", "--weights",
                        path("bad.safetensors"), data_}),
                   1, all);
    EXPECT_FALSE(std::filesystem::exists(path("run")));
  };
  SafetensorsFile file = good;
  file.tensors.erase("lstm.weight_hh_l0");
  refused(file, {"'lstm.weight_hh_l0' is missing"});
  file = good;
  file.tensors["conv.weight"] = Tensor::zeros({8, 4, 5});
  refused(file, {"'conv.weight' is [8, 4, 5] of float32, and [8, 4, 3]"});
  file = good;
  file.tensors["more.weight"] = Tensor::zeros({1});
  refused(file, {"'more.weight'"});
  file = good;
  file.tensors["fc.bias"] = Tensor::of<float>({0, 0, std::nanf(""), 0}, {4});
  refused(file, {"'fc.bias'", "not", "finite"});
  expect_failure(run(train("run", {"--weights", data_, "--quiet"})), 1, {data_, "safetensors"});
  expect_failure(run(train("run", {"--weights", path("none"), "--quiet"})), 1, {path("none")});
}

TEST_F(Weights, PredictSaysWhatDoesNotGoTogether) {
  const auto wrong = [&](std::vector<std::string> words, const std::string& clause) {
    words.insert(words.begin(), "predict");
    expect_failure(run(words), 2, {clause, "see stroma predict --help"});
  };
  wrong({"run", data_, "--weights", "w"}, "--weights needs --model");
  wrong({"--model", spec_, data_}, "--model needs --weights");
  wrong({"run", data_, "--no-standardize"}, "--no-standardize belongs to --model");
  wrong({"run"}, "DATA is required");
  const std::string folder = folder_.path().string();
  wrong({folder, "--model", spec_, "--weights", "w", data_}, "a RUN does not go with --model");
  expect_failure(run({"predict", "--model", spec_, "--weights", folder, data_}), 1,
                 {folder + " is a directory", path("model.safetensors")});
  expect_failure(run({"predict", "--model", folder, "--weights", "w", data_}), 1,
                 {folder + " is a directory", "built in are aggregated, "});
  expect_failure(run({"predict", "--model", data_, "--weights", "w", data_}), 1,
                 {"not a TOML file", "those built in, "});
  const std::string weights = path("export.safetensors");
  exported({"--model", spec_, "--classes", "4"});
  expect_failure(run({"predict", "--model", spec_, "--weights", weights, data_, "-o", weights}), 2,
                 {weights, "over the input"});
}

TEST_F(Weights, ExportSaysWhatDoesNotGoTogether) {
  const std::string out = path("o.safetensors");
  const auto wrong = [&](std::vector<std::string> words, const std::string& clause) {
    words.insert(words.begin(), "export");
    words.insert(words.end(), {"-o", out});
    expect_failure(run(words), 2, {clause, "see stroma export --help"});
  };
  wrong({}, "name a RUN or a --model");
  wrong({"run", "--model", spec_}, "name a RUN or a --model");
  wrong({"--model", spec_}, "--classes is required");
  wrong({"run", "--seed", "1"}, "--seed belongs to --model");
  wrong({"run", "--classes", "4"}, "--classes belongs to --model");
  wrong({"--model", spec_, "--classes", "4", "--initial"}, "--initial belongs to a RUN");
  wrong({"--model", spec_, "--classes", "4", "--order", "1"}, "--order belongs to a RUN");
  for (const char* steps : {"0", "", "3-1", "1,", "1-", "a", "1-200000", "-4", "1;2"}) {
    wrong({"run", "--steps", steps}, "--steps must be steps from 1 and ranges of them");
  }
  expect_failure(run({"export", path("absent"), "-o", out}), 1, {"is not a run directory"});
  EXPECT_FALSE(std::filesystem::exists(out));
  ASSERT_EQ(run(train("run")).status, 0);
  const std::string model = path("run/model.safetensors");
  expect_failure(run({"export", path("run"), "-o", model}), 2, {"over the input"});
  expect_failure(run({"export", path("run"), "--steps", "21-22", "-o", out}), 1,
                 {"the run has no step 22: its 3 epochs", "are 21 steps"});
}

TEST_F(Weights, ExportNeedsTheDataForWhatComesFromIt) {
  ASSERT_EQ(run(train("run")).status, 0);
  folder_.write("genes.fasta", small_fasta() + ">more\nACGTTGCAACGTTGCAC\n");
  exported({path("run")});
  exported({path("run"), "--initial"});
  expect_failure(run({"export", path("run"), "--order", "1"}), 1, {data_, "has changed"});
}

}  // namespace
}  // namespace stroma
