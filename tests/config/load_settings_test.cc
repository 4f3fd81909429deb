#include "config/load_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/settings_keys.h"
#include "tests/folders.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kModel = "[[model]]\nweights = \"w.safetensors\"\n";

class LoadSettingsTest : public testing::Test {
 protected:
  Settings Load(const std::string& text) {
    folder_.Write("dinsd.toml", text);
    return LoadSettings(file_);
  }

  // What is wrong with `text`, without the file's name.
  std::vector<std::string> FaultsOf(const std::string& text) {
    try {
      static_cast<void>(Load(text));
    } catch (const ConfigError& error) {
      std::vector<std::string> faults;
      for (const std::string& fault : error.faults()) {
        EXPECT_TRUE(fault.starts_with(file_.string() + ":")) << fault;
        faults.push_back(fault.substr(file_.string().size() + 1));
      }
      return faults;
    }
    return {};
  }

  TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / "dinsd.toml";
};

std::string ShippedExample() {
  std::ifstream in(std::string(kSourceFolder) + "/config/dinsd.example.toml");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(ExampleSettings, IsTheShippedFile) {
  EXPECT_EQ(ShippedExample(), ExampleSettings()) << "write the new text into config/dinsd.example.toml";
}

std::string ValuesOf(const std::vector<Section>& sections) {
  std::string values;
  for (const Section& section : sections) {
    for (const Key& key : section.keys) values += section.name + "." + key.name + " = " + key.fallback + "\n";
  }
  return values;
}

TEST(ExampleSettings, HoldsTheDefaultOfEveryKey) {
  Settings loaded = LoadSettings(std::string(kSourceFolder) + "/config/dinsd.example.toml");
  Settings defaults;
  EXPECT_EQ(ValuesOf(SectionsOf(loaded, "/")), ValuesOf(SectionsOf(defaults, "/")));
  ASSERT_EQ(loaded.watches.size(), 1U);
  ASSERT_EQ(loaded.models.size(), 1U);
  WatchSettings watch{.name = "incoming", .path = "/srv/dinsd/incoming"};
  ModelSettings model{.weights = "/usr/share/dinsd/weights/dinsd.safetensors"};
  EXPECT_EQ(ValuesOf({SectionOf(loaded.watches[0], "/")}), ValuesOf({SectionOf(watch, "/")}));
  EXPECT_EQ(ValuesOf({SectionOf(loaded.models[0], "/")}), ValuesOf({SectionOf(model, "/")}));
  EXPECT_EQ(loaded.read.dicom.series_rules, DefaultSeriesRules());
}

TEST(ExampleSettings, SaysUnitRangeAndDefaultOfEveryKey) {
  const std::string example = ShippedExample();
  Settings settings;
  for (const Section& section : SectionsOf(settings, "/")) {
    for (const Key& key : section.keys) {
      EXPECT_THAT(example, HasSubstr("\n" + key.name + " = "));
      EXPECT_FALSE(key.about.empty()) << key.name;
      EXPECT_FALSE(key.range.empty()) << key.name;
    }
  }
}

TEST_F(LoadSettingsTest, WhatIsLeftOutHasItsDefault) {
  Settings loaded = Load(kModel);
  Settings defaults;
  EXPECT_EQ(ValuesOf(SectionsOf(loaded, "/")), ValuesOf(SectionsOf(defaults, "/")));
  EXPECT_TRUE(loaded.watches.empty());
}

TEST_F(LoadSettingsTest, TakesValuesOfEveryKind) {
  const Settings settings = Load(kModel +
                                 "sequence = \"stir|t2.*\"\norientation = \"coronal\"\n"
                                 "[[watch]]\nname = \"a\"\npath = \"in\"\nready = \"done-file\"\nlane = \"bulk\"\n"
                                 "[worker]\ndevices = [\"cuda:0\", \"cpu\"]\n"
                                 "[segment]\nout_of_domain = \"reject\"\nmax_memory_gib = 6\naverage_flips = true\n"
                                 "[queue]\nlease_seconds = 120\n"
                                 "[read]\nmax_file_mib = 100\nvariable_spacing = \"interpolate\"\n");
  EXPECT_EQ(settings.models[0].sequence, "stir|t2.*");
  EXPECT_EQ(settings.models[0].orientation, SliceOrientation::kCoronal);
  EXPECT_EQ(settings.watches[0].ready, ReadyWhen::kDoneFile);
  EXPECT_EQ(settings.watches[0].lane, Lane::kBulk);
  EXPECT_THAT(settings.worker.devices, ElementsAre("cuda:0", "cpu"));
  EXPECT_TRUE(settings.segment.refuse_out_of_domain);
  EXPECT_EQ(settings.segment.max_memory_gib, 6);
  EXPECT_TRUE(settings.segment.average_flips);
  EXPECT_EQ(settings.queue.options.lease, std::chrono::seconds(120));
  EXPECT_EQ(settings.read.limits.max_file_bytes, 100U << 20);
  EXPECT_EQ(settings.read.dicom.variable_spacing, GeometryPolicy::kInterpolate);
}

TEST_F(LoadSettingsTest, TakesHowAStudyIsRunAgain) {
  EXPECT_EQ(Load(kModel).segment.interval.runs, 4);
  const IntervalOptions interval =
      Load(kModel + "[interval]\nruns = 8\nseed = 5\njitter_mm = 2.5\ndrop = 0\nflips = false\n").segment.interval;
  EXPECT_EQ(interval.runs, 8);
  EXPECT_EQ(interval.seed, 5);
  EXPECT_EQ(interval.variation, (RunVariation{.jitter_mm = 2.5, .drop = 0, .flips = false}));
  EXPECT_EQ(Load(kModel + "[interval]\nruns = 0\n").segment.interval.runs, 0);
  EXPECT_THAT(FaultsOf(kModel + "[interval]\nruns = 2\n"), ElementsAre("3: [interval]: runs must be 0, or 3 to 100"));
  EXPECT_THAT(FaultsOf(kModel + "[interval]\ndrop = 1.5\n"), ElementsAre(HasSubstr("\"interval.drop\" is 1.5")));
}

TEST_F(LoadSettingsTest, RulesOfTheFileStandInPlaceOfTheDefaultOnes) {
  EXPECT_EQ(Load(kModel).read.dicom.series_rules, DefaultSeriesRules());
  const std::string axial = "[[series]]\nname = \"axial\"\norientation = \"axial\"\nscanning_sequence = [\"IR\"]\n";
  const auto rules = Load(kModel + axial + "[[series]]\nname = \"any\"\nmodality = \"\"\n").read.dicom.series_rules;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].name, "axial");
  EXPECT_EQ(rules[0].modality, "MR");
  EXPECT_EQ(rules[0].orientation, SliceOrientation::kAxial);
  EXPECT_THAT(rules[0].scanning_sequence, ElementsAre("IR"));
  EXPECT_EQ(rules[1].modality, "");
  EXPECT_THAT(FaultsOf(kModel + axial + axial), ElementsAre("7: two rules are named \"axial\""));
  EXPECT_THAT(FaultsOf(kModel + axial + "min_slices = 9\nmax_slices = 8\n"),
              ElementsAre("3: [[series]]: min_slices is above max_slices"));
  EXPECT_THAT(
      FaultsOf(kModel + "[[series]]\nname = \"a\"\ndescription = \"(\"\n"),
      ElementsAre("5: \"series.description\" is \"(\", must be a POSIX extended regular expression; \"\" = any"));
  EXPECT_THAT(FaultsOf(kModel + "[[series]]\ndescriptin = \"a\"\n"),
              ElementsAre("3: [[series]] needs the key \"name\"", HasSubstr("did you mean \"description\"?")));
}

TEST_F(LoadSettingsTest, SaysWhichMasksOfOthersAreTaken) {
  EXPECT_TRUE(Load(kModel).followup.import.masks);
  const ImportOptions import =
      Load(kModel + "[followup]\nimport_masks = false\nimport_regions = \"nf.*\"\n").followup.import;
  EXPECT_FALSE(import.masks);
  EXPECT_EQ(import.regions, "nf.*");
  EXPECT_THAT(FaultsOf(kModel + "[followup]\nimport_regions = \"(\"\n"),
              ElementsAre(HasSubstr("must be \"\" or a POSIX extended regular expression")));
}

TEST_F(LoadSettingsTest, TakesWhatIsPublishedAndItsCodes) {
  const Settings settings = Load(kModel +
                                 "[publish]\nsr = false\nsecondary_capture = true\nmax_segments = 50\n"
                                 "plexiform = \"C3797 NCIt Plexiform Neurofibroma\"\n"
                                 "replaced_sites = [\"T-D3000 -> 816094009 SRT Chest\"]\n");
  EXPECT_FALSE(settings.publish.sr);
  EXPECT_TRUE(settings.publish.seg);
  EXPECT_TRUE(settings.publish.secondary_capture);
  EXPECT_EQ(settings.publish.max_segments, 50U);
  EXPECT_EQ(settings.publish.codes.plexiform, (DicomCode{"C3797", "NCIt", "Plexiform Neurofibroma"}));
  EXPECT_THAT(settings.publish.replaced_sites, ElementsAre(ReplacedCode{"T-D3000", {"816094009", "SRT", "Chest"}}));
}

TEST_F(LoadSettingsTest, ACodeThatDicomCannotHoldIsRefused) {
  for (const char* text :
       {"", "89084002", "89084002 SCT", "89084002  Neurofibroma", "12345678901234567 SCT Long", "1 SCT a\\\\b"}) {
    EXPECT_THAT(FaultsOf(kModel + "[publish]\nfinding = \"" + text + "\"\n"),
                ElementsAre(HasSubstr("\"publish.finding\" is")))
        << text;
  }
  for (const char* text : {"51185008", "51185008 -> 816094009", "-> 816094009 SCT Chest", " -> 816094009 SCT Chest"}) {
    EXPECT_THAT(FaultsOf(kModel + "[publish]\nreplaced_sites = [\"" + text + "\"]\n"),
                ElementsAre(HasSubstr("\"publish.replaced_sites\" is")))
        << text;
  }
}

TEST_F(LoadSettingsTest, TheReceiversSpoolIsWatched) {
  EXPECT_TRUE(Load(kModel + "[receiver]\nquiet_seconds = 90\n").watches.empty()) << "it is not enabled";
  const Settings settings = Load(kModel +
                                 "[receiver]\nenabled = true\nspool_dir = \"spool\"\nquiet_seconds = 90\n"
                                 "lane = \"urgent\"\nrequired_series = [\"cor stir\", \"t1.*\"]\npeers = "
                                 "[\"10.1.0.0/16\", \"::1\"]\ncalling_ae_titles = []\n");
  ASSERT_EQ(settings.watches.size(), 1U);
  EXPECT_EQ(settings.watches[0].name, "received");
  EXPECT_EQ(settings.watches[0].path, folder_.path() / "spool");
  EXPECT_EQ(settings.watches[0].ready, ReadyWhen::kQuiet);
  EXPECT_EQ(settings.watches[0].quiet, std::chrono::seconds(90));
  EXPECT_EQ(settings.watches[0].lane, Lane::kUrgent);
  EXPECT_THAT(settings.watches[0].required_series, ElementsAre("cor stir", "t1.*"));
  EXPECT_THAT(settings.receiver.peers, ElementsAre("10.1.0.0/16", "::1"));
}

TEST_F(LoadSettingsTest, TheReceiverTakesJpeg2000WhereReadersDecodeIt) {
  EXPECT_FALSE(Load(kModel).receiver.jpeg_2000);
  EXPECT_TRUE(Load(kModel + "[read]\njpeg_2000 = true\n").receiver.jpeg_2000);
}

TEST_F(LoadSettingsTest, AReceiverThatCannotServeIsRefused) {
  const std::string receiver = kModel + "[receiver]\nenabled = true\nspool_dir = \"spool\"\n";
  EXPECT_THAT(FaultsOf(receiver + "ae_title = \"SEVENTEEN_LETTERS\"\n"), ElementsAre(HasSubstr("must be an AE title")));
  EXPECT_THAT(FaultsOf(receiver + "required_series = [\"(\"]\n"), ElementsAre(HasSubstr("receiver.required_series")));
  EXPECT_THAT(FaultsOf(receiver + "ae_title = \"\"\n"), ElementsAre(HasSubstr("must be an AE title")));
  EXPECT_THAT(FaultsOf(receiver + "peers = [\"10.1.0.0/33\"]\n"), ElementsAre(HasSubstr("\"receiver.peers\"")));
  EXPECT_THAT(FaultsOf(receiver + "address = \"localhost\"\n"),
              ElementsAre(HasSubstr("must be an IPv4 or IPv6 address")));
  EXPECT_THAT(FaultsOf(receiver + "quiet_seconds = 60\nhard_limit_seconds = 60\n"),
              ElementsAre(HasSubstr("3: \"receiver.hard_limit_seconds\" is 60, must be above")));
  EXPECT_THAT(FaultsOf(receiver + "[daemon]\nresults_dir = \"spool/results\"\n"),
              ElementsAre(HasSubstr("3: \"receiver.spool_dir\" and \"daemon.results_dir\" lie within each other")));
  EXPECT_THAT(FaultsOf(receiver + "[[watch]]\nname = \"received\"\npath = \"in\"\n"),
              ElementsAre("3: two watched folders are named \"received\""));
}

TEST_F(LoadSettingsTest, RelativePathsAreRelativeToTheFile) {
  const Settings settings = Load(kModel + "[daemon]\nstate_dir = \"state\"\nresults_dir = \"/r\"\n");
  EXPECT_EQ(settings.models[0].weights, folder_.path() / "w.safetensors");
  EXPECT_EQ(settings.daemon.state_dir, folder_.path() / "state");
  EXPECT_EQ(settings.daemon.results_dir, "/r");
}

TEST_F(LoadSettingsTest, AnUnknownKeyIsNamedWithItsLineAndASuggestion) {
  EXPECT_THAT(FaultsOf(kModel + "[queue]\nleese_seconds = 90\n"),
              ElementsAre("4: unknown key \"queue.leese_seconds\", did you mean \"lease_seconds\"?"));
  EXPECT_THAT(FaultsOf(kModel + "[queue]\ncolour = 1\n"), ElementsAre("4: unknown key \"queue.colour\""));
}

TEST_F(LoadSettingsTest, AnUnknownTableIsNamedWithASuggestion) {
  EXPECT_THAT(FaultsOf(kModel + "[que]\n"), ElementsAre("3: unknown table \"que\", did you mean \"queue\"?"));
  EXPECT_THAT(FaultsOf("threads = 2\n" + kModel), ElementsAre("1: unknown table \"threads\""));
}

TEST_F(LoadSettingsTest, AValueOutOfRangeIsNamedWithRangeAndUnit) {
  EXPECT_THAT(FaultsOf(kModel + "[queue]\nlease_seconds = 0\n"),
              ElementsAre("4: \"queue.lease_seconds\" is 0, must be 1 .. 3600 s"));
  EXPECT_THAT(FaultsOf(kModel + "[segment]\nmode = \"fast\"\n"),
              ElementsAre("4: \"segment.mode\" is \"fast\", must be \"auto\" | \"whole\" | \"boxes\""));
  EXPECT_THAT(FaultsOf(kModel + "[segment]\nthreshold = nan\n"),
              ElementsAre("4: \"segment.threshold\" is nan, must be 0.01 .. 0.99"));
}

TEST_F(LoadSettingsTest, AValueOfAnotherTypeIsNamed) {
  for (const char* value : {"\"90\"", "90.5", "true", "[90]", "{ s = 90 }", "1979-05-27"}) {
    EXPECT_THAT(FaultsOf(kModel + "[queue]\nlease_seconds = " + value + "\n"),
                ElementsAre(HasSubstr("must be 1 .. 3600 s")))
        << value;
  }
  EXPECT_EQ(FaultsOf(kModel + "[worker]\ndevices = []\n").size(), 1U);
  EXPECT_EQ(FaultsOf(kModel + "[worker]\ndevices = [\"cuda:x\"]\n").size(), 1U);
  EXPECT_EQ(FaultsOf(kModel + "[worker]\ndevices = [1]\n").size(), 1U);
}

TEST_F(LoadSettingsTest, EveryKeyRefusesEveryOtherType) {
  Settings settings;
  for (const Section& section : SectionsOf(settings, "/")) {
    for (const Key& key : section.keys) {
      EXPECT_THAT(FaultsOf(kModel + "[" + section.name + "]\n" + key.name + " = { a = 1 }\n"),
                  ElementsAre(HasSubstr("\"" + section.name + "." + key.name + "\"")));
    }
  }
}

TEST_F(LoadSettingsTest, AllFaultsAreReportedTogetherInTheOrderOfTheFile) {
  EXPECT_THAT(FaultsOf("[queue]\nlease_seconds = -1\nerror_budgt = 3\n[wrker]\n" + kModel),
              ElementsAre("2: \"queue.lease_seconds\" is -1, must be 1 .. 3600 s",
                          "3: unknown key \"queue.error_budgt\", did you mean \"error_budget\"?",
                          "4: unknown table \"wrker\", did you mean \"worker\"?"));
}

TEST_F(LoadSettingsTest, SettingsThatContradictEachOtherAreRefused) {
  EXPECT_THAT(
      FaultsOf(kModel + "[queue]\nheartbeat_seconds = 31\n"),
      ElementsAre("3: \"queue.heartbeat_seconds\" is 31, must be at most a third of \"queue.lease_seconds\", 90 s"));
  EXPECT_THAT(FaultsOf(kModel + "[read]\nmin_slice_spacing_mm = 20\n"),
              ElementsAre("3: [read]: max_slice_spacing_mm must be at least min_slice_spacing_mm"));
  EXPECT_THAT(FaultsOf(kModel + "min_slice_spacing_mm = 9\nmax_slice_spacing_mm = 3\n"),
              ElementsAre("1: [[model]]: a smallest spacing is above the largest, no study can match"));
}

TEST_F(LoadSettingsTest, WhatCouldNeverWorkIsRefused) {
  EXPECT_THAT(FaultsOf(kModel + "[[watch]]\nname = \"a\"\npath = \"in\"\nquiet_seconds = 6\nhard_limit_seconds = 6\n"),
              ElementsAre(HasSubstr("\"watch.hard_limit_seconds\" is 6, must be above")));
  EXPECT_THAT(FaultsOf(kModel + "[daemon]\nsocket = \"/" + std::string(107, 's') + "\"\n"),
              ElementsAre(HasSubstr("longer than the 107 bytes")));
}

TEST_F(LoadSettingsTest, AKeyIsNotHeldAgainstOneThatWasRefused) {
  const std::string watch = kModel + "[[watch]]\nname = \"a\"\npath = \"/var/lib/dinsd/in\"\n";
  EXPECT_THAT(
      FaultsOf(watch +
               "quiet_seconds = 6000\nhard_limit_seconds = 0\n[daemon]\nstate_dir = \"/s\"\nresults_dir = \"/r\"\n"),
      ElementsAre(HasSubstr("\"watch.hard_limit_seconds\" is 0, must be 1 ..")));
  EXPECT_THAT(FaultsOf(watch + "[daemon]\nstate_dir = 5\n"), ElementsAre(HasSubstr("\"daemon.state_dir\" is 5")));
  EXPECT_THAT(FaultsOf(kModel + "[queue]\nheartbeat_seconds = 40\nlease_secnds = 300\n"),
              ElementsAre(HasSubstr("unknown key \"queue.lease_secnds\"")));
  EXPECT_THAT(FaultsOf(kModel + "min_slice_spacing_mm = 9\nmax_slice_spacing_mm = -3\n"),
              ElementsAre(HasSubstr("\"model.max_slice_spacing_mm\" is -3")));
}

TEST_F(LoadSettingsTest, ResultsNeverLieInAWatchedFolder) {
  EXPECT_EQ(
      FaultsOf(kModel + "[daemon]\nresults_dir = \"in/results\"\n[[watch]]\nname = \"a\"\npath = \"in\"\n").size(), 1U);
  EXPECT_EQ(FaultsOf(kModel + "[daemon]\nstate_dir = \"s\"\n[[watch]]\nname = \"a\"\npath = \"s/in\"\n").size(), 1U);
  EXPECT_EQ(FaultsOf(kModel + "[daemon]\nstate_dir = \"in2\"\n[[watch]]\nname = \"a\"\npath = \"in\"\n").size(), 0U);
}

TEST_F(LoadSettingsTest, WatchedFoldersDifferInNameAndPlace) {
  const std::string first = "[[watch]]\nname = \"a\"\npath = \"in\"\n";
  EXPECT_THAT(FaultsOf(kModel + first + "[[watch]]\nname = \"a\"\npath = \"other\"\n"),
              ElementsAre("6: two watched folders are named \"a\""));
  EXPECT_THAT(FaultsOf(kModel + first + "[[watch]]\nname = \"b\"\npath = \"in/b\"\n"),
              ElementsAre(HasSubstr("6: the watched folders \"a\" and \"b\" lie within each other: ")));
}

TEST_F(LoadSettingsTest, OtherNamesOfAFolderAreTheSameFolder) {
  std::filesystem::create_directories(folder_.path() / "disk/results/deep");
  std::filesystem::create_directory_symlink("disk/results", folder_.path() / "link");
  std::filesystem::create_directory_symlink("disk", folder_.path() / "up");
  const std::string watch = kModel + "[daemon]\nresults_dir = \"disk/results\"\n[[watch]]\nname = \"a\"\npath = ";
  for (const char* path : {"link", "link/", "link/deep", "link/new/er", "up", "up/results", "x/../link", "/"}) {
    EXPECT_THAT(FaultsOf(watch + "\"" + path + "\"\n"),
                testing::Contains(HasSubstr("\"watch.path\" and \"daemon.results_dir\" lie within each other")))
        << path;
  }
  EXPECT_THAT(FaultsOf(watch + "\"link\"\n"),
              ElementsAre(HasSubstr("link (which is " + (folder_.path() / "disk/results").string() + ")")));
  EXPECT_THAT(FaultsOf(watch + "\"up/incoming\"\n"), testing::IsEmpty());
  EXPECT_THAT(FaultsOf(watch + "\"disk/results2\"\n"), testing::IsEmpty());
  EXPECT_THAT(FaultsOf(watch + "\"disk/in\"\n[[watch]]\nname = \"b\"\npath = \"up/in\"\n"),
              ElementsAre(HasSubstr("the watched folders \"a\" and \"b\" lie within each other")));
}

TEST_F(LoadSettingsTest, RequiredKeysAreAskedFor) {
  EXPECT_THAT(FaultsOf("[[model]]\nsequence = \"t1\"\n[[watch]]\nname = \"a\"\n"),
              ElementsAre("1: [[model]] needs the key \"weights\"", "3: [[watch]] needs the key \"path\""));
  EXPECT_THAT(FaultsOf("[queue]\n"), ElementsAre("1: there is no [[model]]: name at least one weights file"));
}

TEST_F(LoadSettingsTest, ATableThatIsRepeatedIsWrittenInTwoBrackets) {
  EXPECT_THAT(FaultsOf(kModel + "[watch]\nname = \"a\"\n"),
              ElementsAre("3: \"watch\" may be repeated: write [[watch]]"));
  EXPECT_THAT(FaultsOf(kModel + "[[queue]]\n"), ElementsAre("3: \"queue\" is a table: write [queue]"));
}

TEST_F(LoadSettingsTest, BrokenTomlIsRefusedWithItsLine) {
  EXPECT_THAT(FaultsOf("[queue]\nlease_seconds = \n"), ElementsAre(testing::StartsWith("2: ")));
  EXPECT_THAT(FaultsOf(kModel + "[queue]\nlease_seconds = 90\nlease_seconds = 91\n"),
              ElementsAre(testing::StartsWith("5: ")));
}

TEST_F(LoadSettingsTest, AFileThatIsNotThereIsNamed) {
  const auto words = [](const std::filesystem::path& file) -> std::string {
    try {
      static_cast<void>(LoadSettings(file));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  const std::filesystem::path none = folder_.path() / "none.toml";
  EXPECT_EQ(words(none), none.string() + ": cannot be read: No such file or directory");
  EXPECT_EQ(words(folder_.path()), folder_.path().string() + ": is a folder");
}

TEST_F(LoadSettingsTest, ABrokenRegularExpressionIsRefused) {
  for (const char* pattern : {"(", "(?:t1)", "t\\\\d", "(t)\\\\1", "*t"}) {
    EXPECT_THAT(FaultsOf(kModel + "sequence = \"" + pattern + "\"\n"), ElementsAre(HasSubstr("\"model.sequence\"")))
        << pattern;
  }
}

}  // namespace
}  // namespace dinsd
