// Input that is wrong or damaged: one sentence with its place, status 1 and no output left.
#include <gtest/gtest.h>

#include "tests/datasets/packed.h"
#include "tests/tools/small_run.h"

namespace stroma {
namespace {

/// A linear record of 60 bases with one gene.
std::string genbank(const std::string& location = "41..50", const std::string& gene = "psbA") {
  return "LOCUS       X 60 bp DNA linear PLN 01-JAN-2000\n"
         "DEFINITION  made up.\n"
         "FEATURES             Location/Qualifiers\n"
         "     source          1..60\n"
         "     gene            " +
         location +
         "\n"
         "                     /gene=\"" +
         gene +
         "\"\n"
         "ORIGIN\n"
         "        1 acgtacgtac ggtacgtaca cgtatttgca acgtacgtac ttacgtacgt acgtacgtaa\n"
         "//\n";
}

class BadInput : public SmallRun {
 protected:
  /// Each command that reads data says the same of `content`, and writes nothing. `commands` are
  /// letters: u extract upstream, p extract proteins, w augment windows, t train.
  void expect_complaint(const std::string& text, const std::string& commands,
                        const std::vector<std::string>& parts, const std::string& name = "bad") {
    data_ = folder_.write(name, text).string();
    expect_complaint_on(data_, commands, parts, text.starts_with("LOCUS"));
  }

  void expect_complaint_on(const std::string& file, const std::string& commands,
                           std::vector<std::string> parts, bool is_genome = false) {
    data_ = file;
    parts.push_back(file);
    const std::string out = path("out");
    std::vector<std::string> cut;  // an option that only a genome takes
    if (is_genome) cut = {"--upstream-length", "20"};
    std::vector<std::string> windows = {
        "augment", "windows",      data_, "--length", "12", "--max-overlap",
        "8",       "--min-shared", "8",   "-o",       out};
    windows.insert(windows.end(), cut.begin(), cut.end());
    for (const char command : commands) {
      SCOPED_TRACE(command);
      const Result result = command == 'u'
                                ? run({"extract", "upstream", data_, "--length", "20", "-o", out})
                            : command == 'p' ? run({"extract", "proteins", data_, "-o", out})
                            : command == 'w' ? run(windows)
                                             : run(train("out", cut));
      expect_failure(result, 1, parts);
      EXPECT_FALSE(std::filesystem::exists(out));
    }
  }
};

TEST_F(BadInput, NoFile) { expect_complaint_on(path("absent"), "upwt", {"no such file"}); }

TEST_F(BadInput, Folder) {
  expect_complaint_on(folder_.path().string(), "upwt", {"is a directory; name the files in it"});
}

TEST_F(BadInput, NeitherGenBankNorFastaNorCsv) {
  expect_complaint("hello\nworld\n", "wt", {"bad:1"});
  expect_complaint("hello\nworld\n", "up", {"a CSV says nothing of genes"});
  expect_complaint("a,b,c,d\n", "up", {"a CSV says nothing of genes", "EMBL or GFF3"});
  expect_complaint(std::string("\x7f"
                               "ELF\0\1\2\n\n",
                               9),
                   "wt", {"bad:1"});
  expect_complaint(">a\nACGT\n", "up", {"a FASTA file says nothing of genes", "--annotation"});
}

TEST_F(BadInput, FilesOfOtherKinds) {
  expect_complaint("@r1\nACGT\n+\nIIII\n", "wt", {"this is FASTQ", "make FASTA of it"});
  expect_complaint("@r1\nACGT\n+\nIIII\n", "up", {"this is FASTQ", "make FASTA of it"});
  expect_complaint("<!DOCTYPE html>\n<html></html>\n", "wt", {"this is a web page", "again"});
  expect_complaint("PK\3\4 and so on", "upwt", {"this is a zip archive", "unzip FILE"});
}

TEST_F(BadInput, NamesThatAreNoText) {
  expect_complaint(">a\nACGTACGTACGTACGT\n>m\xfc\nACGTACGTACGTACGT\n", "wt",
                   {"bad:3: the id 'm\\xFC' is not UTF-8", "iconv"});
  expect_complaint("ACGTACGTACGTACGT, a\nACGTACGTACGTACGT, m\xfc\n", "wt",
                   {"bad:2: the label 'm\\xFC' is not UTF-8", "iconv"});
}

TEST_F(BadInput, EmptyFileOrRecord) {
  expect_complaint("", "wt", {"empty; GenBank, EMBL, GFF3, FASTA or lines `SEQUENCE, LABEL`"});
  expect_complaint("", "up", {"empty; a GenBank, EMBL or GFF3 file is expected"});
  expect_complaint("\n\n", "wt", {});
  expect_complaint(">a\n>b\nACGTACGTACGTACGTACGT\n", "wt", {"bad:1"});
  expect_complaint("ACGTACGTACGTACGTACGT, a\n, b\n", "wt", {"bad:2"});
}

TEST_F(BadInput, CutShort) {
  const std::string whole = genbank();
  for (const char* at : {"FEATURES", "/gene", "psbA", "ORIGIN", "ttacg", "//\n"}) {
    expect_complaint(whole.substr(0, whole.find(at)), "uwt", {"bad:"});
  }
}

TEST_F(BadInput, DamagedGzip) {
  for (const std::string& packed : {gzip(genbank()), bgzip(genbank())}) {
    for (const std::size_t cut : {packed.size() - 1, packed.size() / 2, std::size_t{3}}) {
      expect_complaint(packed.substr(0, cut), "upwt", {"truncated"}, "cut.gz");
    }
    std::string damaged = packed;
    damaged[packed.size() / 2] ^= 0x55;
    expect_complaint(damaged, "upwt", {"damaged"}, "damaged.gz");
  }
}

TEST_F(BadInput, LettersOutsideTheAlphabet) {
  expect_complaint(">a\nACGTACGTACGTACGTAC\n>b\nACGTNCGTACNTACGTAC\n", "wt",
                   {"2 letters outside the DNA alphabet", "ambiguity code N", "position 5", "'b'",
                    "line 3", "--unknown"});
  expect_complaint("ACGTACGTACGTACGT, a\nACGTACGTACGTACG7, b\n", "wt", {"bad:2"});
  expect_complaint(">a\nMKTAYIAKQRQISFVKSHFS\n", "wt",
                   {"17 letters outside the DNA alphabet", "these look like proteins",
                    "a model of proteins", "--alphabet protein"});
  expect_complaint("SEQS, CLASS\nACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT, a\n", "wt",
                   {"the letter E is not of DNA at all", "another model or alphabet"});
}

TEST_F(BadInput, RecordWithoutFeaturesOrSequence) {
  std::string bare = genbank();
  bare.erase(bare.find("FEATURES"), bare.find("ORIGIN") - bare.find("FEATURES"));
  expect_complaint(bare, "upwt", {"bad:1", "no features"});
  std::string hollow = genbank();
  hollow.erase(hollow.find("ORIGIN"), hollow.find("//") - hollow.find("ORIGIN"));
  expect_complaint(hollow, "upwt", {"bad:", "no sequence"});
}

TEST_F(BadInput, FeatureOutsideItsRecord) { expect_complaint(genbank("41..61"), "uwt", {"bad:5"}); }

TEST_F(BadInput, NoGeneWithEnoughBefore) {
  expect_complaint(genbank("5..20"), "uwt", {"its only gene feature", "fewer than 20", "--length"});
  expect_complaint(genbank(), "p", {"no CDS"});
}

TEST_F(BadInput, SequenceShorterThanTheWindow) {
  expect_complaint(">a\nACGTACGTACGTACGT\n>b\nACGTACG\n", "wt",
                   {"bad:3: 'b' has 7 letters", "window of 12", "--short skip"});
  expect_complaint("ACGTACGTACGTACGT, a\nACGTACG, b\n", "wt", {"bad:2", "7 letters"});
}

TEST_F(BadInput, TooFewExamplesOrClasses) {
  expect_complaint(">a\nACGTACGTACGTACGT\n", "t", {"all examples have the label 'a'"});
  const std::string few = ">a\nACGTACGTACGTTTGCA\n>b\nTTGCAACGTACG\n";
  data_ = folder_.write("few.fasta", few).string();
  for (const char* split : {"stratified", "kfold"}) {
    expect_failure(run(train("out", {"--split", split})), 1, {"class 'b' has 1 example", data_});
  }
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(BadInput, WholeSequencesOfOtherLengths) {
  data_ = folder_.write("in.csv", "ACGTACGTACGT, a\nACGTACG, b\n").string();
  expect_failure(run(train("out", {"--no-augment"})), 1, {"in.csv", "7"});
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(BadInput, SpecsSayWhereAndWhat) {
  const auto complaint = [&](const std::string& from, const std::string& to,
                             const std::vector<std::string>& parts) {
    std::string text = small_spec;
    text.replace(text.find(from), from.size(), to);
    spec_ = folder_.write("changed.toml", text).string();
    expect_failure(run(train("out")), 1, parts);
    EXPECT_FALSE(std::filesystem::exists(path("out"))) << to;
  };
  complaint("batch_size", "batchsize", {"changed.toml:9", "batchsize"});
  complaint("epochs = 3", "epochs = \"three\"", {"changed.toml:8", "epochs"});
  complaint("epochs = 3", "epochs = 0", {"changed.toml:8", "epochs"});
  complaint("[training]", "[training", {"changed.toml:7"});
  complaint("kernel_size = 3\npadding = 1", "kernel_size = 31", {"changed.toml", "conv"});
  complaint("output = \"last\"", "output = \"all\"", {"changed.toml", "fc"});
  complaint("hidden_size = 6\n", "", {"changed.toml", "hidden_size"});
}

class BadRun : public BadInput {
 protected:
  void SetUp() override { ASSERT_EQ(run(train("run", {"--epochs", "1"})).status, 0); }

  void expect_both_fail(const std::vector<std::string>& parts) {
    expect_failure(run({"evaluate", path("run"), "-o", path("out")}), 1, parts);
    expect_failure(run({"predict", path("run"), data_, "-o", path("out")}), 1, parts);
    EXPECT_FALSE(std::filesystem::exists(path("out")));
  }
};

TEST_F(BadRun, NoRun) {
  std::filesystem::remove(path("run/model.safetensors"));
  expect_both_fail({"run holds a run that has not ended", "--resume"});
  std::filesystem::remove_all(path("run"));
  expect_both_fail({"run is not a run directory"});
  folder_.write("run", "a file");
  expect_both_fail({"run is not a run directory"});
}

TEST_F(BadRun, SeveralTrials) {
  for (const char* file : {"run/trials.csv", "run/trial-1"}) {  // done, and interrupted
    folder_.write(file, "");
    expect_both_fail({"run holds several trials", "run/trial-1"});
    std::filesystem::remove(path(file));
  }
}

TEST_F(BadRun, DamagedConfig) {
  const std::string config = content("run/config.json");
  for (const std::string& text : {std::string("{}"), std::string("not JSON"), std::string(),
                                  config.substr(0, config.size() / 2)}) {
    folder_.write("run/config.json", text);
    expect_both_fail({"run/config.json"});
  }
}

TEST_F(BadRun, DamagedOrForeignWeights) {
  const std::string model = content("run/model.safetensors");
  std::string huge = model;
  huge[5] = '\x7f';  // the header's length
  for (const std::string& bytes :
       {std::string(), std::string("not safetensors at all"), model.substr(0, model.size() - 4),
        model.substr(0, 20), huge, model + "more"}) {
    folder_.write("run/model.safetensors", bytes);
    expect_both_fail({"run/model.safetensors"});
  }
  std::string other = small_spec;
  other.replace(other.find("hidden_size = 6"), 15, "hidden_size = 7");
  spec_ = folder_.write("other.toml", other).string();
  ASSERT_EQ(run(train("other", {"--epochs", "1"})).status, 0);
  folder_.write("run/model.safetensors", content("other/model.safetensors"));
  expect_both_fail({"run/model.safetensors", "lstm"});
}

TEST_F(BadRun, DamagedState) {
  const std::string state = content("run/state.safetensors");
  const std::string weights = content("run/model.safetensors");
  for (const std::string& bytes : {std::string(), state.substr(0, state.size() - 4), weights}) {
    folder_.write("run/state.safetensors", bytes);
    expect_failure(run(train("run", {"--resume", "--epochs", "2", "--quiet"})), 1,
                   {"run/state.safetensors"});
    EXPECT_TRUE(content("run/model.safetensors") == weights);
  }
}

TEST_F(BadRun, OtherDataThanItWasTrainedOn) {
  folder_.write("genes.fasta", small_fasta() + ">new\nACGTACGTACGTACGT\n");
  expect_failure(run({"evaluate", path("run")}), 1, {"genes.fasta", "has changed"});
  expect_failure(run(train("run", {"--resume", "--epochs", "2", "--quiet"})), 1,
                 {"another run than asked for: the sequences or labels in " + data_});
}

TEST_F(BadRun, DataThatIsNoLongerThere) {
  std::filesystem::remove(data_);
  expect_failure(run({"evaluate", path("run")}), 1,
                 {"trained on " + data_, "not found from this folder", "name DATA"});
}

TEST_F(BadRun, OutputThatCannotBeWritten) {
  const Surroundings full{.out_path = "/dev/full"};
  expect_failure(run({"evaluate", path("run")}, full), 1, {"no space left"});
  expect_failure(run({"predict", path("run"), data_, "--quiet"}, full), 1, {"no space left"});
  expect_failure(
      run({"extract", "upstream", folder_.write("g.gb", genbank()), "--length", "20"}, full), 1,
      {"no space left"});
  expect_failure(run({"augment", "windows", data_}, full), 1, {"no space left"});
}

}  // namespace
}  // namespace stroma
