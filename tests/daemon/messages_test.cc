#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/messages/job_key.h"
#include "daemon/messages/message_fields.h"
#include "daemon/messages/options_json.h"
#include "daemon/messages/reader_messages.h"
#include "daemon/messages/work_order.h"
#include "daemon/messages/worker_messages.h"

namespace dinsd {
namespace {

const std::string kDigest(64, 'a');
const JobTicket kTicket{7, 3, "7-3-00ff"};

InspectedStudy Study() {
  InspectedStudy study;
  study.name = "one";
  study.digests = {{"b.nii.gz", std::string(64, 'b')}, {"a.nii.gz", std::string(64, 'c')}};
  StudyImage image;
  image.files = {"a.nii.gz"};
  image.file_sha256 = {std::string(64, 'c')};
  image.grid.size = {24, 24, 6};
  image.is_chosen = true;
  study.images = {image};
  return study;
}

// Every message of the protocol with one field added, one left out, or another version: all are refused.
template <typename Parse>
void ExpectStrict(const std::string& text, const Parse& parse) {
  parse(text);
  const nlohmann::json message = nlohmann::json::parse(text);
  nlohmann::json more = message;
  more["surprise"] = 1;
  EXPECT_THROW(parse(more.dump()), MessageError) << text;
  nlohmann::json newer = message;
  newer["version"] = kMessageVersion + 1;
  EXPECT_THROW(parse(newer.dump()), MessageError) << text;
  for (const auto& [name, value] : message.items()) {
    if (name == "problem" || name == "review" || name.starts_with("prompts_")) continue;  // optional, of a reader
    if (name == "proposal") continue;
    nlohmann::json less = message;
    less.erase(name);
    EXPECT_THROW(parse(less.dump()), MessageError) << "without " << name;
    nlohmann::json other = message;
    other[name] = nullptr;
    EXPECT_THROW(parse(other.dump()), MessageError) << "with null as " << name;
  }
}

TEST(Messages, ToAndFromAReaderAreStrict) {
  ExpectStrict(ReaderRequestText({"one", {"a.nii.gz"}, {}}), [](const std::string& t) { (void)ParseReaderRequest(t); });
  ReaderAnswer answer;
  answer.study = Study();
  answer.prompts_file = "a.prompts.json";
  answer.prompts_sha256 = kDigest;
  answer.review = ReviewAnswer{kDigest, true, "reader-7", "2026-11-30T10:00:00Z", "another leg"};
  ExpectStrict(ReaderAnswerText(answer), [](const std::string& t) { (void)ParseReaderAnswer(t); });
}

WorkerJob AJob() {
  WorkerJob job;
  job.ticket = kTicket;
  job.study = Study();
  job.prompts_sha256 = kDigest;
  job.weights = {"/w", kDigest};
  job.staging = "/s";
  job.job_key = kDigest;
  job.created = "now";
  job.warnings = {"a remark"};
  return job;
}

TEST(Messages, ToAndFromAWorkerAreStrict) {
  const auto to = [](const std::string& t) { (void)ParseToWorker(t); };
  ExpectStrict(ToWorkerText(WorkerStart{"cpu", 2, {{"/w", kDigest}}, false}), to);
  ExpectStrict(ToWorkerText(WorkerCancel{kTicket}), to);
  ExpectStrict(ToWorkerText(AJob()), to);
  const auto from = [](const std::string& t) { (void)ParseFromWorker(t); };
  ExpectStrict(FromWorkerText(WorkerReady{"cpu", "asked for"}), from);
  ExpectStrict(FromWorkerText(WorkerProgress{kTicket, "reading", 0.5}), from);
  ExpectStrict(FromWorkerText(WorkerOutcome{kTicket, WorkSucceeded{kDigest, kDigest, kDigest, kDigest}}), from);
  ExpectStrict(FromWorkerText(WorkerOutcome{kTicket, WorkFailed{WorkFailure::kFatalDevice, "SELF_TEST", "d"}}), from);
  ExpectStrict(FromWorkerText(WorkerOutcome{kTicket, Problem{"MISSING_SLICE", "f", "", "s"}}), from);
}

TEST(Messages, KeepWhatTheySay) {
  const WorkerOutcome outcome{kTicket, Problem{"MISSING_SLICE", "f", "x", "s", InputVerdict::kQuarantined}};
  const auto back = std::get<WorkerOutcome>(ParseFromWorker(FromWorkerText(outcome)));
  EXPECT_EQ(back.ticket, kTicket);
  EXPECT_EQ(std::get<Problem>(back.outcome), std::get<Problem>(outcome.outcome));
  ReaderAnswer answer;
  answer.problem = Problem{"SERIES_NOT_FOUND", "", "", "s"};
  EXPECT_EQ(ParseReaderAnswer(ReaderAnswerText(answer)).problem, answer.problem);
  EXPECT_FALSE(ParseReaderAnswer(ReaderAnswerText(answer)).study.has_value());
}

TEST(Messages, KeepWhoReviewedWhatAndWhy) {
  ReaderAnswer answer;
  answer.study = Study();
  answer.prompts_file = "a.prompts.json";
  answer.prompts_sha256 = kDigest;
  EXPECT_FALSE(ParseReaderAnswer(ReaderAnswerText(answer)).review.has_value());
  answer.review = ReviewAnswer{"", true, "reader-7", "2026-11-30T10:00:00Z", ""};
  const ReviewAnswer back = ParseReaderAnswer(ReaderAnswerText(answer)).review.value();
  EXPECT_TRUE(back.is_rejected);
  EXPECT_EQ(back.proposal, "");
  EXPECT_EQ(back.who, "reader-7");
  WorkerJob job = AJob();
  job.proposal = WorkerProposal{{"/results/2/r1", kDigest}, std::nullopt};
  EXPECT_FALSE(std::get<WorkerJob>(ParseToWorker(ToWorkerText(job))).proposal.value().prior.has_value());
  job.proposal->prior = ResultOrder{"/results/1/r2", kDigest};
  EXPECT_EQ(std::get<WorkerJob>(ParseToWorker(ToWorkerText(job))).proposal.value().prior.value().result,
            "/results/1/r2");
}

TEST(Messages, APriorComesWithHowItIsRegistered) {
  const WorkerPrior prior{kTicket, "/results/1/r1", kDigest, "one", {42, {"/state/registrations", 1 << 20}}};
  ExpectStrict(ToWorkerText(prior), [](const std::string& t) { (void)ParseToWorker(t); });
  const auto back = std::get<WorkerPrior>(ParseToWorker(ToWorkerText(prior))).registration;
  EXPECT_EQ(back.time_limit_seconds, 42);
  EXPECT_EQ(back.cache.folder, "/state/registrations");
  EXPECT_EQ(back.cache.bytes, 1U << 20U);
}

WorkerJob AnImport() {
  WorkerJob job = AJob();
  job.prompts_sha256.clear();
  job.weights = {};
  job.import = ImportOrder{kDigest, {.masks = true, .regions = "nf.*"}};
  return job;
}

TEST(Messages, OfAnImportHaveAMaskInPlaceOfWeights) {
  const auto to = [](const std::string& t) { (void)ParseToWorker(t); };
  ExpectStrict(ToWorkerText(AnImport()), to);
  EXPECT_EQ(std::get<WorkerJob>(ParseToWorker(ToWorkerText(AnImport()))).import, AnImport().import);
  WorkerJob job = AnImport();
  job.import->options.regions = "(";
  EXPECT_THROW(to(ToWorkerText(job)), MessageError);
  const WorkSucceeded imported{kDigest, kDigest, "", "", "", kDigest};
  const auto back = std::get<WorkerOutcome>(ParseFromWorker(FromWorkerText(WorkerOutcome{kTicket, imported})));
  EXPECT_EQ(std::get<WorkSucceeded>(back.outcome).mask_sha256, kDigest);
  for (const std::string& weights : {std::string(), kDigest}) {  // neither weights nor mask, and both
    const WorkSucceeded odd{kDigest, kDigest, "", weights, "", weights};
    EXPECT_THROW((void)ParseFromWorker(FromWorkerText(WorkerOutcome{kTicket, odd})), MessageError);
  }
}

TEST(Messages, TellWhichMasksThereAre) {
  ReaderAnswer answer;
  answer.study = Study();
  answer.mask_sha256 = kDigest;
  answer.masks_not_taken = {"a.dcm: why"};
  ReaderAnswer back = ParseReaderAnswer(ReaderAnswerText(answer));
  EXPECT_EQ(back.mask_sha256, kDigest);
  EXPECT_EQ(back.masks_not_taken, answer.masks_not_taken);
  answer.mask_sha256.clear();
  answer.mask_problem = Problem{"MASK_GRID", "f", "", "s", InputVerdict::kNeedsPrompts};
  EXPECT_EQ(ParseReaderAnswer(ReaderAnswerText(answer)).mask_problem, answer.mask_problem);
}

TEST(Messages, RefuseWhatIsNoDigestNoCodeAndNoShare) {
  EXPECT_THROW((void)ParseFromWorker(FromWorkerText(WorkerOutcome{kTicket, WorkSucceeded{"x", "x", "x", "x"}})),
               MessageError);
  EXPECT_THROW((void)ParseFromWorker(FromWorkerText(WorkerOutcome{kTicket, Problem{"no code", "", "", ""}})),
               MessageError);
  EXPECT_THROW((void)ParseFromWorker(FromWorkerText(WorkerProgress{kTicket, "reading", 1.5})), MessageError);
  EXPECT_THROW((void)ParseFromWorker("{"), MessageError);
  EXPECT_THROW((void)ParseFromWorker("[]"), MessageError);
}

TEST(Messages, WhatIsToBeWrittenComesBackAsItWent) {
  WorkerJob job = AJob();
  job.dicom = {.seg = false, .sr = true, .rtstruct = false, .secondary_capture = true, .max_segments = 7};
  job.dicom.codes.finding = {"1", "99X", "one"};
  job.dicom.replaced_sites = {{"2", {"3", "99X", "three"}}};
  EXPECT_EQ(std::get<WorkerJob>(ParseToWorker(ToWorkerText(job))).dicom, job.dicom);
  job.dicom.codes.finding.value.clear();
  EXPECT_THROW((void)ParseToWorker(ToWorkerText(job)), MessageError);
}

TEST(Messages, OptionsComeBackAsTheyWent) {
  StudyReadOptions read;
  read.dicom.min_slices = 9;
  read.dicom.variable_spacing = GeometryPolicy::kInterpolate;
  read.limits.max_voxels = 12345;
  EXPECT_EQ(ReadOptionsToJson(ReadOptionsFromJson(ReadOptionsToJson(read))), ReadOptionsToJson(read));
  EXPECT_FALSE(ReadOptionsToJson(read).at("dicom").contains("jpeg_2000")) << "keys of earlier results hold";
  read.dicom.jpeg_2000 = true;
  EXPECT_TRUE(ReadOptionsFromJson(ReadOptionsToJson(read)).dicom.jpeg_2000);
  EXPECT_FALSE(ReadOptionsToJson(read).at("dicom").contains("series_rules"));
  SeriesRule rule;
  rule.name = "axial";
  rule.scanning_sequence = {"SE", "IR"};
  rule.composed = YesOrNo::kNo;
  rule.orientation = SliceOrientation::kAxial;
  rule.max_thickness_mm = 4.5;
  rule.max_slices = 30;
  rule.volume = "b value .*";
  read.dicom.series_rules = {rule, DefaultSeriesRules()[0]};
  EXPECT_EQ(ReadOptionsFromJson(ReadOptionsToJson(read)).dicom.series_rules, read.dicom.series_rules);
  nlohmann::json broken = ReadOptionsToJson(read);
  broken["dicom"]["series_rules"][0]["volume"] = "(";
  EXPECT_THROW((void)ReadOptionsFromJson(broken), MessageError);
  SegmentOptions segment;
  segment.mode = SegmentMode::kBoxes;
  segment.threshold = 0.25;
  EXPECT_EQ(SegmentOptionsToJson(SegmentOptionsFromJson(SegmentOptionsToJson(segment))), SegmentOptionsToJson(segment));
  segment.guide = "blend-half";
  segment.sigma = GuideSpread{{1.5, 8, 8}, SigmaUnit::kMm};
  const SegmentOptions back = SegmentOptionsFromJson(SegmentOptionsToJson(segment));
  EXPECT_EQ(back.guide, "blend-half");
  EXPECT_EQ(back.sigma, segment.sigma);
  segment.interval = {.runs = 7,
                      .seed = 12,
                      .variation = {.jitter_mm = 3, .drop = 0.5, .exchange = 0.125, .shift = 0.25, .flips = false}};
  EXPECT_EQ(SegmentOptionsFromJson(SegmentOptionsToJson(segment)).interval, segment.interval);
  segment.interval.even_uncalibrated = true;
  EXPECT_TRUE(SegmentOptionsFromJson(SegmentOptionsToJson(segment)).interval.even_uncalibrated);
  segment.interval.runs = 2;
  EXPECT_THROW((void)SegmentOptionsFromJson(SegmentOptionsToJson(segment)), MessageError);
  segment.interval.runs = 0;
  EXPECT_FALSE(SegmentOptionsToJson(segment).contains("interval")) << "keys of earlier results hold";
  segment.guide = "songs";
  EXPECT_THROW((void)SegmentOptionsFromJson(SegmentOptionsToJson(segment)), MessageError);
}

// Of this text keys are made: with another one every study would be segmented again.
TEST(Messages, ReRunsAreInTheKeyAsTheyAlwaysWere) {
  EXPECT_EQ(SegmentOptionsToJson({.interval = {.runs = 6}}).at("interval").dump(),
            R"({"drop":0.25,"exchange":0.25,"flips":true,"jitter_mm":5.0,"runs":6,"seed":1,"shift":0.5})");
}

TEST(JobKey, DependsOnContentNotOnNames) {
  const InspectedStudy study = Study();
  InspectedStudy renamed = study;
  renamed.name = "other";
  std::swap(renamed.digests[0].file, renamed.digests[1].file);
  std::swap(renamed.digests[0], renamed.digests[1]);
  EXPECT_EQ(InputsDigest(study), InputsDigest(renamed));
}

TEST(ImagesDigest, DependsOnTheChosenImageAlone) {
  const InspectedStudy study = Study();
  const std::string digest = ImagesDigest(study);
  InspectedStudy other = study;
  other.identity.patient = "P2";
  other.images[0].grid.spacing[2] = 5;
  other.digests[0].sha256[5] = 'f';  // a file that is not of the chosen image
  EXPECT_EQ(ImagesDigest(other), digest);
  other.digests[1].sha256[5] = 'f';
  EXPECT_NE(ImagesDigest(other), digest);
  other.images[0].is_chosen = false;
  EXPECT_EQ(ImagesDigest(other), "");
}

TEST(ImagesDigest, OfDicomIsThatOfTheStoredPixels) {
  InspectedStudy study = Study();
  study.images[0].files = {"1.dcm", "2.dcm"};
  study.digests = {{"1.dcm", std::string(64, '1'), std::string(64, 'a'), "1.2.1"},
                   {"2.dcm", std::string(64, '2'), std::string(64, 'b'), "1.2.2"}};
  InspectedStudy sent_again = study;
  sent_again.digests = {{"1.dcm", std::string(64, '3'), std::string(64, 'b'), "1.2.3"},
                        {"2.dcm", std::string(64, '4'), std::string(64, 'a'), "1.2.4"}};
  EXPECT_EQ(ImagesDigest(sent_again), ImagesDigest(study));
}

TEST(JobKey, ChangesWithEverythingThatMayChangeAResult) {
  const InspectedStudy study = Study();
  InspectedStudy voxels = study;
  voxels.digests[0].sha256[5] = 'f';
  InspectedStudy spacing = study;
  spacing.images[0].grid.spacing[2] = 5;
  InspectedStudy patient = study;
  patient.identity.patient = "P2";
  EXPECT_NE(InputsDigest(study), InputsDigest(voxels));
  EXPECT_NE(InputsDigest(study), InputsDigest(spacing));
  EXPECT_NE(InputsDigest(study), InputsDigest(patient));
  SegmentOptions other;
  other.threshold = 0.4;
  const std::string key = JobKey(kDigest, kDigest, kDigest, {}, {}, {});
  EXPECT_NE(key, JobKey(std::string(64, 'b'), kDigest, kDigest, {}, {}, {}));
  EXPECT_NE(key, JobKey(kDigest, std::string(64, 'b'), kDigest, {}, {}, {}));
  EXPECT_NE(key, JobKey(kDigest, kDigest, std::string(64, 'b'), {}, {}, {}));
  EXPECT_NE(key, JobKey(kDigest, kDigest, kDigest, {}, other, {}));
  EXPECT_NE(key, JobKey(kDigest, kDigest, kDigest, {}, {.sigma = GuideSpread{}}, {}));
  const std::string with = JobKey(kDigest, kDigest, kDigest, {}, {.interval = {.runs = 6}}, {});
  EXPECT_NE(key, with);
  EXPECT_NE(with, JobKey(kDigest, kDigest, kDigest, {}, {.interval = {.runs = 6, .seed = 2}}, {}));
  EXPECT_NE(with, JobKey(kDigest, kDigest, kDigest, {}, {.interval = {.runs = 6, .even_uncalibrated = true}}, {}));
  EXPECT_NE(key, JobKey(kDigest, kDigest, kDigest, {}, {}, {.secondary_capture = true}));
  EXPECT_NE(key, JobKey(kDigest, kDigest, kDigest, {}, {}, {}, kDigest));
  EXPECT_NE(JobKey(kDigest, kDigest, kDigest, {}, {}, {}, kDigest),
            JobKey(kDigest, kDigest, kDigest, {}, {}, {}, "", kDigest));
  EXPECT_NE(key, JobKey(kDigest, kDigest, kDigest, {}, {}, {}, "", "", kDigest));
  EXPECT_NE(key, JobKey(kDigest, kDigest, kDigest, {}, {}, {.codes = {.finding = {"4147007", "SCT", "Mass"}}}));
}

// Codes of objects that nobody gets change nothing.
TEST(JobKey, OfAStudyWithoutDicomHasNoObjects) {
  InspectedStudy study = Study();
  study.images[0].is_chosen = true;
  study.images[0].format = ImageFormat::kNifti;
  EXPECT_FALSE(ObjectsFor(study, {}).HasAny());
  study.images[0].format = ImageFormat::kDicomSeries;
  EXPECT_EQ(ObjectsFor(study, {.sr = false}), (DicomOutputOptions{.sr = false}));
  DicomOutputOptions none{.seg = false, .sr = false, .rtstruct = false}, recoded = none;
  recoded.codes.finding = {"4147007", "SCT", "Mass"};
  EXPECT_EQ(JobKey(kDigest, kDigest, kDigest, {}, {}, none), JobKey(kDigest, kDigest, kDigest, {}, {}, recoded));
}

// Two volumes of one multi-frame file are not the same images, whatever their order of frames.
TEST(ImagesDigest, IsOfTheFramesThatAreTaken) {
  InspectedStudy study = Study();
  study.images.resize(1);
  StudyImage& image = study.images[0];
  image.is_chosen = true;
  image.files = {study.digests[0].file};
  const std::string whole = ImagesDigest(study);
  image.frames = {{0, 1}, {0, 3}, {0, 5}};
  const std::string odd = ImagesDigest(study);
  EXPECT_NE(odd, whole);
  image.frames = {{0, 5}, {0, 1}, {0, 3}};
  EXPECT_EQ(ImagesDigest(study), odd);
  image.frames = {{0, 2}, {0, 4}, {0, 6}};
  const std::string even = ImagesDigest(study);
  EXPECT_NE(even, odd);
  StudyImage joined{.format = image.format, .files = image.files, .is_chosen = true};
  joined.stations = {image, image};
  joined.stations[1].frames = {{0, 1}, {0, 3}, {0, 5}};
  study.images = {joined};
  EXPECT_NE(ImagesDigest(study), even) << "stacks of one file that are stations";
}

TEST(WorkOrder, ComesBackAsItWent) {
  const StudyOrder order{Study(), kDigest, kDigest, {"/w", kDigest}, {}, {}, {.secondary_capture = true}};
  const StudyOrder back = ParseStudyOrder(StudyOrderText(order));
  EXPECT_EQ(InputsDigest(back.study), InputsDigest(order.study));
  EXPECT_EQ(StudyOrderText(back), StudyOrderText(order));
  EXPECT_EQ(back.objects, order.objects);
  StudyOrder both = order;
  both.prior = PriorOrder{3, 1, kDigest};
  const StudyOrder named = ParseStudyOrder(StudyOrderText(both));
  EXPECT_EQ(named.prior, both.prior);
  EXPECT_EQ(named.prompts_sha256, kDigest);
  StudyOrder import{
      Study(), kDigest, "",           {},           {},
      {},      {},      std::nullopt, std::nullopt, ImportOrder{kDigest, {.masks = true, .regions = "n"}}};
  EXPECT_EQ(ParseStudyOrder(StudyOrderText(import)).import, import.import);
}

TEST(WorkOrder, KeepsWhatWasReviewed) {
  StudyOrder order{Study(), kDigest, kDigest, {"/w", kDigest}, {}, {}, {}};
  order.proposal = ProposalOrder{{2, 1, kDigest}, std::nullopt};
  EXPECT_EQ(ParseStudyOrder(StudyOrderText(order)).proposal, order.proposal);
  order.proposal->prior = PriorOrder{1, 2, kDigest};
  EXPECT_EQ(ParseStudyOrder(StudyOrderText(order)).proposal, order.proposal);
}

}  // namespace
}  // namespace dinsd
