#include "layers/model_spec.h"

#include <gtest/gtest.h>

#include "kernels/error.h"

namespace stroma {
namespace {

const std::string head = "name = \"m\"\nalphabet = \"dna\"\nlength = 40\n";
const std::string layer = "[[layers]]\ntype = \"linear\"\nname = \"fc\"\nout_features = 2\n";

std::string refusal(const std::string& text) {
  try {
    parse_model_spec(text, "m.toml");
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST(ModelSpec, FillsInTheDefaultsOfALayer) {
  const ModelSpec spec = parse_model_spec(
      head +
          "[[layers]]\ntype = \"conv1d\"\nname = \"c\"\nout_channels = 8\nkernel_size = 3\n"
          "[[layers]]\ntype = \"max_pool1d\"\nkernel_size = 5\n"
          "[[layers]]\ntype = \"lstm\"\nname = \"l\"\nhidden_size = 7\n"
          "[[layers]]\ntype = \"linear\"\nname = \"f\"\nout_features = \"classes\"\n",
      "m.toml");
  ASSERT_EQ(spec.layers.size(), 4u);
  const auto integer = [&](int i, const char* key) {
    return std::get<int64_t>(spec.layers[i].options.at(key));
  };
  EXPECT_EQ(spec.layers[0].name, "c");
  EXPECT_EQ(spec.layers[0].line, 4);
  EXPECT_EQ(integer(0, "out_channels"), 8);
  EXPECT_EQ(integer(0, "stride"), 1);
  EXPECT_EQ(integer(0, "padding"), 0);
  EXPECT_EQ(integer(0, "dilation"), 1);
  EXPECT_EQ(integer(0, "groups"), 1);
  EXPECT_EQ(integer(1, "stride"), 5);
  EXPECT_EQ(integer(2, "num_layers"), 1);
  EXPECT_EQ(std::get<std::string>(spec.layers[2].options.at("output")), "all");
  EXPECT_EQ(std::get<std::string>(spec.layers[3].options.at("out_features")), "classes");
}

TEST(ModelSpec, ReadsEveryTrainingKey) {
  const TrainingSpec t =
      parse_model_spec(head +
                           "[training]\nepochs = 3\nbatch_size = 16\noptimizer = \"sgd\"\n"
                           "learning_rate = 1\nweight_decay = 0.1\nmomentum = 0.9\n"
                           "clip_norm = 2.5\nlr_step = 4\nlr_gamma = 0.5\npatience = 6\n"
                           "keep = \"best\"\nclass_weights = true\nsplit = \"kfold\"\n"
                           "test_fraction = 0.3\nvalidation_fraction = 0.15\nfolds = 7\n" +
                           layer,
                       "m.toml")
          .training;
  EXPECT_EQ(t.epochs, 3);
  EXPECT_EQ(t.batch_size, 16);
  EXPECT_EQ(t.optimizer, OptimizerOptions::Rule::sgd);
  EXPECT_EQ(t.learning_rate, 1);
  EXPECT_EQ(t.weight_decay, 0.1);
  EXPECT_EQ(t.momentum, 0.9);
  EXPECT_EQ(t.clip_norm, 2.5);
  EXPECT_EQ(t.lr_step, 4);
  EXPECT_EQ(t.lr_gamma, 0.5);
  EXPECT_EQ(t.patience, 6);
  EXPECT_EQ(t.keep, Keep::best);
  EXPECT_EQ(t.class_weights.rule, ClassWeights::Rule::inverse);
  EXPECT_EQ(t.split, SplitMethod::kfold);
  EXPECT_EQ(t.test_fraction, 0.3);
  EXPECT_EQ(t.validation_fraction, 0.15);
  EXPECT_EQ(t.folds, 7);
}

TEST(ModelSpec, TheBuiltInModelsFollowTheirProtocol) {
  const ModelSpec dna = load_model_spec("cnn-lstm-dna");
  EXPECT_EQ(dna.name, "cnn-lstm-dna");
  EXPECT_EQ(dna.alphabet, "dna");
  EXPECT_EQ(dna.length, 40);
  EXPECT_TRUE(dna.standardize);
  EXPECT_EQ(dna.unknown, "error");
  EXPECT_EQ(dna.training.learning_rate, 5e-4);
  EXPECT_EQ(dna.training.lr_step, 5);
  EXPECT_EQ(dna.training.lr_gamma, 0.85);
  EXPECT_EQ(dna.training.patience, 8);
  EXPECT_EQ(dna.training.keep, Keep::last);
  const ModelSpec protein = load_model_spec("cnn-lstm-protein");
  EXPECT_EQ(protein.alphabet, "protein");
  EXPECT_FALSE(protein.standardize);
  EXPECT_EQ(protein.unknown, "zero");
  EXPECT_EQ(protein.training.class_weights.rule, ClassWeights::Rule::inverse);
  EXPECT_EQ(protein.training.split, SplitMethod::kfold);
  EXPECT_EQ(protein.training.patience, 0);
}

TEST(ModelSpec, HasTheLettersOfItsAlphabetUnlessItSaysOthers) {
  EXPECT_EQ(parse_model_spec(head + layer, "m").letters, "ACGT");
  const ModelSpec spec = parse_model_spec(head + "letters = 'ATCGN'\n" + layer, "m");
  EXPECT_EQ(spec.letters, "ATCGN");
}

TEST(ModelSpec, KeepsLettersBeyondAscii) {
  for (const std::string text : {"ψ 100 % é", "%41", "\xf0\x9f\xa7\xac", "€"}) {
    EXPECT_EQ(parse_model_spec("description = '" + text + "'\n" + head + layer, "m").description,
              text);
  }
}

TEST(ModelSpec, SaysWhatIsWrongAndOnWhichLine) {
  const std::string conv = "[[layers]]\ntype = \"conv1d\"\nname = \"c\"\nout_channels = 8\n";
  const std::string longest = "name = \"m\"\nalphabet = \"dna\"\nlength = \"longest\"\n";
  const struct {
    std::string text, says;
  } cases[] = {
      {head + layer, "(accepted)"},
      {head + "lenght = 3\n" + layer, "m.toml:4: unknown key 'lenght'; did you mean 'length'?"},
      {head + "[training]\nlr = 3\n" + layer, "m.toml:5: unknown key 'lr' in [training]; there"},
      {head + conv + "kernal_size = 3\n",
       "m.toml:8: unknown key 'kernal_size' in layer 1 (conv1d); did you mean 'kernel_size'?"},
      {head + conv, "m.toml:4: the key 'kernel_size' is missing in layer 1 (conv1d)"},
      {head + conv + "kernel_size = \"3\"\n",
       "m.toml:8: 'kernel_size' in layer 1 (conv1d) must be a whole number, not a string"},
      {head + conv + "kernel_size = 3.0\n", "must be a whole number, not a number with a"},
      {head + conv + "kernel_size = 0\n", "must be at least 1 and at most 16777216, not 0"},
      {head + conv + "kernel_size = 3\npadding = -1\n", "m.toml:9: 'padding' in layer 1"},
      {head + conv + "kernel_size = 9223372036854775807\n", "must be at least 1 and at most"},
      {head + "[[layers]]\ntype = \"convld\"\n",
       "m.toml:5: 'type' in layer 1 (convld) cannot be 'convld'; did you mean 'conv1d'?"},
      {head + "[[layers]]\ntype = \"transformer\"\n", "cannot be 'transformer'; there are add, "},
      {head + "[[layers]]\nname = \"x\"\n", "m.toml:4: layer 1 has no type"},
      {head + "[[layers]]\ntype = 3\n", "'type' in layer 1 () must be a string"},
      {head + "[[layers]]\ntype = \"relu\"\nsize = 3\n", "unknown key 'size' in layer 1 (relu)"},
      {head + layer + layer, "m.toml:10: two layers have the name 'fc'; rename one"},
      {head + "[[layers]]\ntype = \"linear\"\nname = \"a-b\"\nout_features = 2\n", "m.toml:6: 'n"},
      {head + "[[layers]]\ntype = \"linear\"\nname = \"ab.\"\nout_features = 2\n", "m.toml:6: 'n"},
      {head + layer + "[[layers]]\ntype = \"linear\"\nname = \"fc.b\"\nout_features = 2\n",
       "m.toml:10: the name 'fc.b' goes on from 'fc', which is a layer's; rename one"},
      {head + "init = \"torch\"\n" + layer, "m.toml:4: "},
      {head + layer + "init = \"he\"\n", "m.toml:8: "},
      {head + "[[layers]]\ntype = \"linear\"\nname = \"a\"\nout_features = \"class\"\n",
       "did you mean 'classes'?"},
      {head + "[[layers]]\ntype = \"linear\"\nname = \"a\"\n", "'out_features' is missing"},
      {head + "[[layers]]\ntype = \"linear\"\nout_features = 2\n", "'name' is missing in layer 1"},
      {head + "[[layers]]\ntype = \"dropout\"\nprobability = 1\n",
       "must be at least 0 and below 1, not 1"},
      {head + "[[layers]]\ntype = \"dropout\"\nprobability = nan\n", "below 1, not nan"},
      {head + "[[layers]]\ntype = \"dropout\"\nprobability = true\n", "a number, not true or"},
      {head + "[[layers]]\ntype = \"max_pool1d\"\nkernel_size = 3\npadding = 2\n",
       "m.toml:7: 'padding' of a pool"},
      {head + "[[layers]]\ntype = \"lstm\"\nname = \"l\"\nhidden_size = 2\ndropout = 0.5\n",
       "m.toml:8: 'dropout' of an lstm"},
      {head + "[[layers]]\ntype = \"gru\"\nname = \"l\"\nhidden_size = 2\ndropout = 0.5\n",
       "m.toml:8: 'dropout' of a gru"},
      {head + "[[layers]]\ntype = \"rnn\"\nname = \"l\"\nhidden_size = 2\nnonlinearity = \"elu\"\n",
       "m.toml:8: 'nonlinearity'"},
      {head +
           "[[layers]]\ntype = \"gru\"\nname = \"l\"\nhidden_size = 2\nnonlinearity = \"tanh\"\n",
       "m.toml:8: unknown key 'nonlinearity'"},
      {head + "[training]\nlearning_rate = inf\n" + layer, "m.toml:5: 'learning_rate'"},
      {head + "[training]\nlearning_rate = 1e-60\n" + layer,
       "m.toml:5: 'learning_rate' in [training] must be 0 or between 1.2e-38 and 3.4e38"},
      {head + "[training]\nweight_decay = 1e39\n" + layer, "must be 0 or between 1.2e-38"},
      {head + "[[layers]]\ntype = \"dropout\"\nprobability = 0.9999999999\n",
       "must be at least 0 and below 1 in 32-bit numbers, too"},
      {head + "[training]\nclass_weights = 1\n" + layer,
       "m.toml:5: 'class_weights' in [training] must be a string, not a whole number"},
      {head + "[training]\nclass_weights = 'a'\n" + layer, "must be none, inverse, balanced or"},
      {head + "[training]\nloss = 'hinges'\n" + layer, "cannot be 'hinges'; did you mean 'hinge'?"},
      {head + "[training]\nloss = 'hinge'\nlabel_smoothing = 0.1\n" + layer,
       "m.toml:6: 'label_smoothing' does not go with the loss hinge"},
      {head + "[training]\nsplit = \"k-fold\"\n" + layer, "did you mean 'kfold'?"},
      {head + "[training]\nmomentum = 0.9\n" + layer, "m.toml:5: 'momentum' belongs"},
      {"training = 3\n" + head + layer, "m.toml:1: 'training' must be"},
      {longest + "pad = 'end'\nmask = true\n" + layer, "(accepted)"},
      {longest + layer, "m.toml:3: length = \"longest\" pads the others; add pad = \"end\""},
      {longest + "pad = 'end'\ntoo_long = 'cut'\n" + layer, "(accepted)"},  // of data to come
      {head + "mask = true\n" + layer, "m.toml:4: 'mask' is about padded sequences; add pad = "},
      {head + "too_long = 'cut'\n" + layer, "m.toml:4: 'too_long' is about padded sequences"},
      {head + "pad = 'start'\nmask = true\n" + layer, "m.toml:5: 'mask' needs the padding after"},
      {head + "pad = 'end'\nmask = true\nstandardize = true\n" + layer,
       "m.toml:5: 'mask' does not go with 'standardize'"},
      {head + "pad = 'left'\n" + layer, "m.toml:4: 'pad' cannot be 'left'"},
      {head + "letters = 'TGCA'\n" + layer, "(accepted)"},
      {head + "letters = 'ACGT-N'\n" + layer, "(accepted)"},
      {head + "letters = 'ACG'\n" + layer,
       "m.toml:4: 'letters' must be all of ACGT, in any order and each once, with those of the "
       "codes RYSWKMBDHVN-. that shall have a channel of their own, not 'ACG'"},
      {head + "letters = 'ACGTA'\n" + layer, "m.toml:4: 'letters' must be all of ACGT"},
      {head + "letters = 'ACGTX'\n" + layer, "m.toml:4: 'letters' must be all of ACGT"},
      {head + "letters = 4\n" + layer, "m.toml:4: 'letters' must be a string"},
      {head, "a model needs its layers"},
      {"layers = [1]\n" + head, "m.toml:1: a model needs its layers"},
      {"name = \"m\"\nlength = 40\n" + layer, "the key 'alphabet' is missing"},
      {head + "x = \n", "m.toml:4: not a TOML file"},
      {head + "name = \"again\"\n" + layer, "m.toml:4: not a TOML file"},
      {"[,layers]]\n", "m.toml:1: not a TOML file"},
      {"# ψ\n[\xcc\xaa]\n", "m.toml:2: not a TOML file"},
      {"# ψ\n'ψ%' = 1\n", "m.toml:2: unknown key 'ψ%'"},
      {"\xff\xfe", "m.toml:1: not UTF-8 text"},
      {head + "# \xed\xa0\x80", "m.toml:4: not UTF-8 text"},
      {"", "the key 'name' is missing"},
  };
  for (const auto& [text, says] : cases) {
    EXPECT_NE(refusal(text).find(says), std::string::npos) << text << "\n-> " << refusal(text);
  }
}

TEST(ModelSpec, ANameThatIsNeitherBuiltInNorAFileIsAnError) {
  try {
    load_model_spec("cnn-lstm-dan");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cnn-lstm-dna, cnn-lstm-protein, "),
              std::string::npos);
  }
}

}  // namespace
}  // namespace stroma
