#include <gtest/gtest.h>

#include "pipeline/prompt/resolve.h"
#include "tests/pipeline/prompt/prompts_document.h"

namespace dinsd {
namespace {

using nlohmann::json;

ResolvedPrompts Resolve(const json& document, const StudyImage& image) {
  return ResolvePrompts(Parse(document), image, "1.2.3", "a.prompts.json");
}

TEST(ResolveInstance, TakesAClickOnTheSliceThatItNames) {
  json document = GoodPrompts();
  StudyImage image = GoodImage();
  MadeOn("1.2.3.4.10", document, image);
  EXPECT_EQ(Resolve(document, image).lesions[0].clicks[0].ijk[2], 10);
}

// One instance holds all slices, as frames.
TEST(ResolveInstance, TakesAClickOnAnInstanceOfSeveralFrames) {
  json document = GoodPrompts();
  StudyImage image = GoodImage();
  MadeOn("1.2.3.4.0", document, image);
  for (int slice = 0; slice < 12; ++slice) image.frames.push_back({slice < 6 ? 1U : 0U, slice + 1});
  EXPECT_EQ(Resolve(document, image).lesions[0].clicks[0].ijk[2], 10);
  MadeOn("1.2.3.4.1", document, image);
  EXPECT_THROW((void)Resolve(document, image), InputError) << "that one holds slices 0 to 5";
}

TEST(ResolveInstance, ComparesTheStackWhereFramesSayOne) {
  json document = GoodPrompts();
  StudyImage image = GoodImage();
  document["image"]["stackID"] = "2";
  EXPECT_NO_THROW((void)Resolve(document, image));
  image.stack_id = "2";
  EXPECT_NO_THROW((void)Resolve(document, image));
  image.stack_id = "1";
  try {
    (void)Resolve(document, image);
    FAIL() << "was taken";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "PROMPT_IMAGE_MISMATCH");
    EXPECT_EQ(error.field(), "/image/stackID");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
  }
}

TEST(ResolveInstance, ComparesNoInstanceWithASliceBetweenInstances) {
  json document = GoodPrompts();
  StudyImage image = GoodImage();
  MadeOn("1.2.3.4.2", document, image);
  image.interpolate_slices = true;
  EXPECT_EQ(Resolve(document, image).lesions[0].clicks[0].ijk[2], 10);
}

}  // namespace
}  // namespace dinsd
