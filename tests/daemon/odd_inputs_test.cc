#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "pipeline/read/digest.h"
#include "pipeline/read/volume_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/dins_command.h"

// What `dins` says of inputs that nobody should have sent.

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::Not;

class OddInputTest : public DinsCommandTest {
 protected:
  // The phantom's study once more, below `name`, with one voxel changed.
  static void WriteWithVoxel(const std::string& name, std::size_t at, float value) {
    Volume volume = ReadVolumeFile(Path("study/image.nii.gz"));
    volume.voxels[at] = value;
    std::filesystem::create_directories(Path(name));
    WriteNifti(Path(name + "/image.nii.gz"), volume);
    const std::string bytes = Content(Path(name + "/image.nii.gz"));
    auto prompts = nlohmann::json::parse(Content(Path("study/image.nii.gz.prompts.json")));
    prompts["image"] = {{"sha256", Sha256Hex(std::as_bytes(std::span(bytes)))}};
    folder->Write(name + "/image.nii.gz.prompts.json", prompts.dump());
  }
};

TEST_F(OddInputTest, AnAbsurdIntensityIsWarnedOfOrRefused) {
  const Volume volume = ReadVolumeFile(Path("study/image.nii.gz"));
  const float most = *std::max_element(volume.voxels.begin(), volume.voxels.end());
  WriteWithVoxel("warned", 5, 150 * most);
  const Ran warned = Dins("segment " + Path("warned") + " --out " + Path("warned.out") + Weights());
  ASSERT_EQ(warned.status, 0) << warned.output;
  const std::string words = "INTENSITY_OUTLIER: voxel (5, 0, 0) is ";
  EXPECT_THAT(warned.output, HasSubstr("warning: " + words));
  EXPECT_THAT(Content(Path("warned.out/report.json")), HasSubstr(words));
  EXPECT_THAT(Content(Path("warned.out/report.html")), HasSubstr(words));
  EXPECT_THAT(Dins("explain " + Path("warned") + " --device cpu --weights " + Path("w.safetensors")).output,
              HasSubstr("warning: " + words));

  WriteWithVoxel("refused", 5, 3e38F);
  const std::string refusal = "INTENSITY_OUTLIER: image.nii.gz [voxels]: voxel (5, 0, 0) is 3e+38";
  for (const std::string& command :
       {"segment " + Path("refused") + " --out " + Path("refused.out"), "explain " + Path("refused"),
        "simulate " + Path("refused") + " --truth " + Path("truth/truth.nii.gz")}) {
    const Ran ran = Dins(command + " --device cpu --weights " + Path("w.safetensors"));
    EXPECT_EQ(ran.status, 1) << command;
    EXPECT_THAT(ran.output, HasSubstr(refusal)) << command;
  }
  EXPECT_FALSE(std::filesystem::exists(Path("refused.out")));
}

TEST_F(OddInputTest, AnImageIsNoTruth) {
  const std::string image = Path("study/image.nii.gz"), truth = Path("truth/truth.nii.gz");
  folder->Write("images/a.nii.gz", Content(image));
  folder->Write("truths/a.nii.gz", Content(truth));
  folder->Write("set2/images/a.nii.gz", Content(image));
  folder->Write("set2/masks/a.nii.gz", Content(image));
  folder->Write("set2/splits.csv", "set,case,split\nset2,a,train\n");
  for (const std::string& command :
       {"score " + truth + " --truth " + image, "score " + image + " --truth " + truth,
        "simulate " + Path("study") + " --truth " + image + Weights(),
        "evaluate " + Path("truths") + " " + Path("images") + " --out " + Path("evaluated"),
        "prepare " + Path("set2") + " --out " + Path("prepared")}) {
    const Ran ran = Dins(command);
    EXPECT_EQ(ran.status, 1) << command;
    const std::string table = command.starts_with("evaluate") ? Content(Path("evaluated/cases.csv")) : "";
    EXPECT_THAT(ran.output + table, testing::ContainsRegex("NOT_A_MASK|LABEL_VALUE")) << command;
  }
}

TEST_F(OddInputTest, NothingIsWrittenIntoTheStudy) {
  std::filesystem::create_directory_symlink(folder->path() / "study", folder->path() / "link");
  std::filesystem::create_symlink(folder->path() / "study/ghost.svg", folder->path() / "ghost.svg");
  const auto files = [] {
    const auto entries = std::filesystem::recursive_directory_iterator(Path("study"));
    return std::distance(begin(entries), end(entries));
  };
  const auto before = files();
  for (const char* out : {"study/out", "study/a/b/out", "link/out", "truth/../study/out"}) {
    const Ran ran = Dins("segment " + Path("study") + " --out " + Path(out) + Weights());
    EXPECT_EQ(ran.status, 1) << out;
    EXPECT_THAT(ran.output, HasSubstr("--out: " + Path(out) + " lies in the study")) << out;
  }
  EXPECT_THAT(Dins("segment " + Path("link") + " --out " + Path("study/out") + Weights()).output,
              HasSubstr("lies in the study"));
  const std::string simulate = "simulate " + Path("study") + " --clicks 1 --truth " + Path("truth/truth.nii.gz");
  for (const char* out : {"--mask ", "--picture "}) {
    const std::string file = Path(std::string(out) == "--mask " ? "link/m.nii.gz" : "ghost.svg");
    const Ran ran = Dins(simulate + Weights() + " " + out + file);
    EXPECT_EQ(ran.status, 1) << out;
    EXPECT_THAT(ran.output, HasSubstr(file + " lies in the study")) << out;
  }
  EXPECT_EQ(files(), before);
}

TEST_F(OddInputTest, AnEmptyPathIsAWrongArgumentOfThatName) {
  const std::string truth = " --truth " + Path("truth/truth.nii.gz");
  for (const auto& [option, command] :
       {std::pair<std::string, std::string>("STUDY", "segment '' --out " + Path("empty")),
        {"--out", "segment " + Path("study") + " --out ''"},
        {"STUDY", "explain ''"},
        {"STUDY", "simulate ''" + truth},
        {"study", "queue submit ''"},
        {"--out", "phantom --preset small --seed 1 --out ''"},
        {"--out", "experiment t.toml --data " + Path("study") + " --out ''"},
        {"--data", "experiment t.toml --data '' --out " + Path("empty")},
        {"--work", "experiment t.toml --work '' --out o --data " + Path("study")},
        {"--records", "experiment t.toml --records '' --out o --data " + Path("study")},
        {"--prompts", "segment s --out o --prompts ''"},
        {"--weights", "segment s --out o --weights ''"},
        {"--prompts", "explain s --prompts ''"},
        {"--weights", "explain s --weights ''"},
        {"--picture", "simulate s --truth t --picture ''"},
        {"--mask", "simulate s --truth t --mask ''"},
        {"--weights", "simulate s --truth t --weights ''"},
        {"--socket", "queue list --socket ''"},
        {"DATASET", "card '' --weights w"},
        {"--weights", "card d --weights ''"},
        {"--out", "evaluate p t --out ''"},
        {"PREDICTIONS", "evaluate '' t --out o"},
        {"TRUTHS", "evaluate p '' --out o"},
        {"--simulate", "evaluate --simulate '' --out o"},
        {"--method", "evaluate --simulate d --method graph-cut '' --out o"},
        {"--weights", "evaluate --simulate d --weights '' --out o"},
        {"--compare", "evaluate --compare a.json '' --out o"},
        {"--tensorflow", "import-weights --tensorflow '' --out o"},
        {"--out", "import-weights --tensorflow p --out ''"},
        {"DATASET", "plan ''"},
        {"DATASET", "prepare '' --out o"},
        {"--out", "prepare d --out ''"},
        {"TRUTHS", "reader '' --out o"},
        {"--out", "reader t --out ''"},
        {"MASK", "score '' --truth t"},
        {"--truth", "score m --truth ''"},
        {"--config", "train --config '' --cases c --out o"},
        {"--cases", "train --config c --cases '' --out o"},
        {"--out", "train --config c --cases c --out ''"},
        {"DIR", "verify-reference ''"}}) {
    const Ran ran = Dins(command);
    EXPECT_EQ(ran.status, 2) << command;
    EXPECT_THAT(ran.output, HasSubstr(option + ": '' names no file and no folder")) << command;
  }
  const Ran missing = Dins("experiment t.toml --data " + Path("nowhere") + " --out " + Path("empty"));
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.output, testing::AllOf(HasSubstr("--data: "), HasSubstr(Path("nowhere"))));
  EXPECT_FALSE(std::filesystem::exists(Path("empty")));
  EXPECT_THAT(Dins("explain " + Path("nowhere")).output, HasSubstr("STUDY: '" + Path("nowhere") + "': No such file"));
}

TEST_F(OddInputTest, AnOutputThatCannotBeWrittenIsRefusedBeforeTheWork) {
  folder->Write("plain", "");
  const std::string simulate = "simulate " + Path("study") + " --clicks 1 --truth " + Path("truth/truth.nii.gz");
  const auto output = [&](const std::string& words) {
    const Ran ran = Dins(simulate + Weights() + " " + words);
    EXPECT_EQ(ran.status, 1) << words;
    EXPECT_THAT(ran.output, Not(HasSubstr("click sign"))) << "the table had begun";
    return ran.output;
  };
  EXPECT_THAT(output("--mask " + Path("m.foo")), HasSubstr("m.foo' does not end with .nii or .nii.gz"));
  EXPECT_THAT(output("--mask " + Path(".nii.gz")), HasSubstr("does not end with"));
  EXPECT_THAT(output("--picture " + Path("p.png")), HasSubstr("p.png' does not end with .svg"));
  EXPECT_THAT(output("--mask " + Path("none/m.nii.gz")), HasSubstr("m.nii.gz cannot be written: No such file"));
  EXPECT_THAT(output("--mask " + Path("plain/m.nii.gz")), HasSubstr("m.nii.gz cannot be written: Not a directory"));
  std::filesystem::create_directory(Path("f.nii"));
  EXPECT_THAT(output("--mask " + Path("f.nii")), HasSubstr("f.nii is a folder"));
}

TEST_F(OddInputTest, ADiceLiesBetween0And1) {
  const std::string truth = Path("truth/truth.nii.gz");
  for (const std::string value : {"7", "1.0001", "nan", "inf", "0.5x"}) {
    for (const std::string& command : {"simulate " + Path("study") + " --truth " + truth + " --stop ",
                                       "score " + truth + " --truth " + truth + " --at-least ",
                                       "evaluate --simulate " + Path("set") + " --out " + Path("e") + " --target "}) {
      const Ran ran = Dins(command + value);
      EXPECT_EQ(ran.status, 2) << command << value;
      EXPECT_THAT(ran.output, HasSubstr("'" + value + "' is no number from 0 to 1"));
    }
  }
}

TEST_F(OddInputTest, AnEmptyFolderLacksAnImageNotClicks) {
  std::filesystem::create_directory(Path("empty"));
  folder->Write("notes/readme.txt", "no image");
  for (const std::string name : {"empty", "notes"}) {
    for (const std::string& command : {"segment " + Path(name) + " --out " + Path("e.out"), "explain " + Path(name)}) {
      const Ran ran = Dins(command + " --device cpu --weights " + Path("w.safetensors"));
      EXPECT_EQ(ran.status, 1);
      EXPECT_THAT(ran.output, HasSubstr("SERIES_NOT_FOUND: " + name + ": holds no image")) << command;
      EXPECT_THAT(ran.output, Not(HasSubstr("PROMPTS_MISSING"))) << command;
    }
  }
}

TEST_F(OddInputTest, ADataSetThatIsNoneIsNamed) {
  const Ran none = Dins("prepare " + Path("nope") + " --out " + Path("nope.out"));
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.output, HasSubstr("dins: data set " + Path("nope") + ": No such file or directory"));
  EXPECT_FALSE(std::filesystem::exists(Path("nope.out")));
  EXPECT_THAT(Dins("prepare " + Path("w.safetensors") + " --out " + Path("nope.out")).output,
              HasSubstr("w.safetensors: is no folder"));
}

TEST_F(OddInputTest, AHeadingOfSplitsSaysWhichColumnItLacks) {
  folder->Write("abc/images/a.nii.gz", "");
  const auto output = [](const std::string& splits) {
    folder->Write("abc/splits.csv", splits);
    return Dins("plan " + Path("abc")).output;
  };
  const std::string place = Path("abc/splits.csv") + ": ";
  EXPECT_THAT(output("case,split\na,train\n"), HasSubstr(place + "lacks the column 'set'"));
  EXPECT_THAT(output("set,split\nabc,train\n"), HasSubstr(place + "lacks the column 'case'"));
  EXPECT_THAT(output("set, case\r\nabc,a\n"), HasSubstr(place + "lacks the column 'split'"));
  EXPECT_THAT(output("case,set,split\na,abc,train\n"), HasSubstr(place + "the columns are not set, case, split"));
  EXPECT_THAT(output("set,case,split\nabc,a,test\n"), HasSubstr("no case to plan for"));
  EXPECT_THAT(output("abc,a,test\n"), HasSubstr("no case to plan for")) << "without a heading";
  EXPECT_THAT(output("\xEF\xBB\xBFset,case,split\nabc,a,test\n"), HasSubstr("no case to plan for"));
  EXPECT_THAT(output("\xEF\xBB\xBF"
                     "abc,a,test\n"),
              HasSubstr("no case to plan for"))
      << "the mark is no part of it";
}

}  // namespace
}  // namespace dinsd
