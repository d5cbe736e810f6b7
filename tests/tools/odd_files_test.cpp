// Files as they come, each with a trait that some reader stumbles over: what every command makes of
// them, the right result or one sentence.
#include <gtest/gtest.h>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

const char* const bases =
    "        1 acgtattgca ggtacctaga tcgtacgatt accggcatgc aatcgatccg tatcgatgca\n"
    "       61 agtcctagat ggcatcatgc ttgacgtaat gcgatccgat tagcctagcg taatgcagtt\n"
    "      121 cgtactacgg tagatcctga acgtagctat gcctagctaa cgtacggcca ttagcatgct\n";
const char* const other_bases =
    "        1 tcgtacgatt accggcatgc aatcgatccg tatcgatgca agtcctagat ggcatcatgc\n"
    "       61 ttgacgtaat gcgatccgat tagcctagcg taatgcagtt cgtactacgg tagatcctga\n"
    "      121 acgtagctat gcctagctaa cgtacggcca ttagcatgct agatccatgg acgttatgca\n";

std::string genbank(const std::string& features, const std::string& origin = bases,
                    const std::string& name = "TEST1", const std::string& version = "TEST1.1") {
  return "LOCUS       " + name +
         "                      180 bp    DNA     linear PLN 01-JAN-2020\n"
         "DEFINITION  made up.\nACCESSION   TEST1\nVERSION     " +
         version + "\nFEATURES             Location/Qualifiers\n" + features + "ORIGIN\n" + origin +
         "//\n";
}

std::string feature(const std::string& key, const std::string& location,
                    const std::string& qualifier) {
  return fmt::format("     {:<16}{}\n                     {}\n", key, location, qualifier);
}

const std::string psba = feature("gene", "50..70", "/gene=\"psbA\"");

/// What a command is expected to do: end with `status`, and say or write `part`.
struct Outcome {
  int status;
  std::string part;
};

struct OddFile {
  std::string name;
  std::string content;
  // Of upstream regions of 20 bases, proteins of one amino acid, windows of 8 letters, 3-mers, a
  // training, and a prediction by a model of DNA:
  Outcome upstream, proteins, windows, kmers, train, predict;
};

const std::string window = "ATCGATCC";  // in the 20 bases before psbA
const std::string no_genes = "says nothing of genes";
const std::string one_class = "all examples have the label";

const std::vector<OddFile>& odd_files() {
  static const std::vector<OddFile> files = {
      {"blank_line_in_feature.gb",
       genbank("     gene            50..70\n                     /gene=\"psbA\"\n\n"
               "                     /locus_tag=\"x\"\n"),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, window + ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
      {"cds_only_prokka.gb",
       genbank(feature("CDS", "50..70",
                       "/locus_tag=\"PK_00001\"\n                     "
                       "/translation=\"MKKLLVV\"")),
       {0, ">PK_00001\n"},
       {0, ">PK_00001\nMKKLLVV\n"},
       {0, window + ", PK_00001"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "PK_00001,"}},
      {"cds_without_translation.gb",
       genbank(feature("CDS", "50..70",
                       "/gene=\"psbA\"\n                     "
                       "/translation=\"MKKLLVV\"") +
               feature("CDS", "110..130", "/gene=\"rbcL\"")),
       {0, ">rbcL\n"},
       {0, ">rbcL\n"},
       {0, ", rbcL"},
       {0, "178 3-mers"},
       {0, "2 classes"},
       {0, "rbcL,"}},
      {"embl.embl",
       "ID   X56734; SV 1; linear; mRNA; STD; PLN; 8 BP.\nXX\nSQ   Sequence 8 BP;\n"
       "     acgtacgt        8\n//\n",
       {1, "no feature"},
       {1, "no feature"},
       {1, "no feature"},
       {0, "6 3-mers"},
       {1, "no feature"},
       {1, "no feature"}},
      {"empty_record.fasta",
       ">a\nACGTACGTAA\n>b\n>c\nACGTACGTCC\n",
       {1, "empty_record.fasta:3: record 'b'"},
       {1, "empty_record.fasta:3: record 'b'"},
       {1, "empty_record.fasta:3"},
       {1, "empty_record.fasta:3"},
       {1, "empty_record.fasta:3"},
       {1, "empty_record.fasta:3"}},
      {"genpept.gp",
       "LOCUS       TEST1                       40 aa    DNA     linear PLN 01-JAN-2020\n"
       "DEFINITION  made up.\nACCESSION   TEST1\nVERSION     TEST1.1\n"
       "FEATURES             Location/Qualifiers\n" +
           feature("Protein", "1..40", "/product=\"x\"") +
           "ORIGIN\n        1 mktayiakqr qisfvkshfs rqleerlgli evqapilsrv\n//\n",
       {1, "protein"},
       {0, ">TEST1.1\nMKTAYIAKQR"},
       {1, "holds proteins"},
       {1, "not of DNA"},
       {1, "holds proteins"},
       {1, "holds proteins"}},
      {"latin1_id.fa",
       ">m\xfc\nACGTACGTAC\n>b\nACGTTTTTAC\n",
       {1, "latin1_id.fa:1"},
       {1, "iconv"},
       {1, "iconv"},
       {1, "iconv"},
       {1, "iconv"},
       {1, "iconv"}},
      {"nc_ids.fasta",
       ">NC_000001.1 contig\nACGTACGTAA\n>NC_000002.1 contig\nACGTACGTCC\n",
       {1, no_genes},
       {1, no_genes},
       {0, "ACGTACGT, NC_000001.1\n"},
       {0, "16 3-mers"},
       {0, "2 classes"},
       {0, "NC_000001.1,"}},
      {"nine_digit_origin.gb",
       genbank(psba,
               " 99999901 acgtattgca ggtacctaga tcgtacgatt accggcatgc aatcgatccg tatcgatgca\n"
               " 99999961 agtcctagat ggcatcatgc ttgacgtaat gcgatccgat tagcctagcg taatgcagtt\n"
               "100000021 cgtactacgg tagatcctga acgtagctat gcctagctaa cgtacggcca ttagcatgct\n"),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, window + ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
      {"no_labels.csv",
       "ACGTACGTAA\nACGTACGTCC\n",
       {1, no_genes},
       {1, no_genes},
       {1, "no_labels.csv:1"},
       {0, "16 3-mers"},
       {1, "no_labels.csv:1"},
       {0, "no_labels.csv:2,"}},
      {"one_of.gb",
       genbank(feature("gene", "one-of(50,55)..70", "/gene=\"psbA\"")),
       {1, "one_of.gb:6"},
       {1, "CDS"},
       {1, "one_of.gb:6"},
       {0, "178 3-mers"},
       {1, "one_of.gb:6"},
       {1, "one_of.gb:6"}},
      {"one_short.fasta",
       ">a\nACGTACGTAA\n>b\nACG\n",
       {1, no_genes},
       {1, no_genes},
       {1, "one_short.fasta:3: 'b' has 3 letters"},
       {0, "9 3-mers"},
       {1, "--short skip"},
       {0, "b,,,,,0\n"}},
      {"other_feature_order_comma.gb",
       genbank(psba + feature("misc_feature", "order(20..25,30..35,)", "/note=\"active site\"")),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, window + ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
      {"other_feature_zero.gb",
       genbank(psba + feature("ncRNA", "0..40", "/label=\"IRES\"")),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, window + ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
      {"snapgene_version_dot.gb",
       genbank("", bases, "TEST1", ".") + genbank("", other_bases, "TEST2", "."),
       {1, "no feature"},
       {1, "no feature"},
       {1, "no feature"},
       {0, "356 3-mers"},
       {1, "no feature"},
       {1, "no feature"}},
      {"two_genomes_a.gb",
       genbank(psba),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, window + ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
      {"two_genomes_b.gb",
       genbank(psba, other_bases, "TEST2", "TEST2.1"),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
      {"underscore_locus_tags.gb",
       genbank(feature("gene", "50..70", "/locus_tag=\"DDX_p001\"") +
               feature("gene", "110..130", "/locus_tag=\"DDX_p002\"")),
       {0, ">DDX_p001\n"},
       {1, "CDS"},
       {0, window + ", DDX_p001"},
       {0, "178 3-mers"},
       {0, "2 classes"},
       {0, "DDX_p002,"}},
      {"unescaped_quote.gb",
       genbank(psba + feature("misc_feature", "20..25", "/note=\"the \"active\" site\"")),
       {0, ">psbA\n"},
       {1, "CDS"},
       {0, window + ", psbA"},
       {0, "178 3-mers"},
       {1, one_class},
       {0, "psbA,"}},
  };
  return files;
}

class OddFiles : public SmallRun {
 protected:
  void expect(const Result& result, const Outcome& expected) const {
    EXPECT_EQ(result.status, expected.status) << result.err;
    const std::string said = result.out + result.err;
    EXPECT_NE(said.find(expected.part), std::string::npos) << expected.part << " is not in:\n"
                                                           << said;
    if (expected.status == 0) return;
    EXPECT_EQ(result.out, "");
    const std::string last = result.err.substr(result.err.rfind('\n', result.err.size() - 2) + 1);
    EXPECT_TRUE(last.starts_with("stroma: ")) << result.err;
  }
};

TEST_F(OddFiles, GiveTheRightResultOrOneSentence) {
  std::string spec = small_spec;
  spec.replace(spec.find("length = 12"), 11, "length = 8");
  spec_ = folder_.write("eight.toml", spec).string();
  const std::vector<std::string> windows = {"--length",          "8", "--max-overlap", "7",
                                            "--upstream-length", "20"};
  const auto training = [&](const std::string& name) {
    return std::vector<std::string>{"train",    data_,      "--model",       spec_,
                                    "--out",    path(name), "--max-overlap", "6",
                                    "--epochs", "1",        "--min-shared",  "8"};
  };
  const std::string model = path("model");
  ASSERT_EQ(run(training("model")).status, 0);
  // As the run's own data would be cut, had it been a genome.
  Json config = Json::parse(content("model/config.json"));
  config["data"]["upstream_length"] = 20;
  folder_.write("model/config.json", config.dump());
  for (const OddFile& file : odd_files()) {
    SCOPED_TRACE(file.name);
    data_ = folder_.write(file.name, file.content).string();
    expect(run({"extract", "upstream", data_, "--length", "20"}), file.upstream);
    expect(run({"extract", "proteins", data_, "--min-length", "1"}), file.proteins);
    const bool is_genome = file.content.starts_with("LOCUS");
    std::vector<std::string> words = {"augment",       "windows", data_,          "--length", "8",
                                      "--max-overlap", "7",       "--min-shared", "8"};
    if (is_genome) words.insert(words.end(), {"--upstream-length", "20"});
    const Result cut = run(words);
    if (file.name == "genpept.gp") {
      EXPECT_EQ(cut.status, 2);
    } else {
      expect(cut, file.windows);
    }
    expect(run({"kmers", "count", data_, "--k", "3"}), file.kmers);
    words = training("odd");
    if (is_genome && file.name != "genpept.gp") {
      words.insert(words.end(), {"--upstream-length", "20"});
    }
    words.emplace_back("--force");
    expect(run(words), file.train);
    expect(run({"predict", model, data_}), file.predict);
  }
}

}  // namespace
}  // namespace stroma
