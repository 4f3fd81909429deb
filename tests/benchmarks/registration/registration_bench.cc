// What registration is worth, as tables; `bench_registration` alone tells how to ask for them.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/lesion_contrast.h"
#include "pipeline/followup/prior_check.h"
#include "pipeline/followup/registration.h"
#include "pipeline/followup/registration_error.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/volume_file.h"
#include "tests/pipeline/followup/ms_patients.h"
#include "tests/pipeline/followup/phantom_truth.h"

namespace dinsd {
namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Distance(const Point3& a, const Point3& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
}

struct Errors {
  std::vector<double> before, linear, after, round_trip;
};

void Measure(const Phantom& prior, const Phantom& today, const Registration& found, Errors& errors) {
  const PhantomTruth truth(prior.options, today.options, prior.truth.grid);
  SpatialMap linear = found.map;
  linear.splines.clear();
  for (const auto& centre : CentresOf(prior.truth, prior.lesions.size())) {
    if (!centre) continue;
    const Point3 place = truth.ToToday(*centre);
    errors.before.push_back(Distance(*centre, place));
    errors.linear.push_back(Distance(linear.ToToday(*centre), place));
    errors.after.push_back(Distance(found.ToToday(*centre), place));
    errors.round_trip.push_back(Distance(found.RoundTrip(*centre).value_or(Point3{}), {}));
  }
}

void Print(const char* name, const Errors& e) {
  std::printf("%s lesions %zu: before %.1f %.1f, affine %.1f %.1f, deformable %.1f %.1f %.1f, round trip %.1f %.1f\n",
              name, e.after.size(), Quantile(e.before, 0.5), Quantile(e.before, 0.9), Quantile(e.linear, 0.5),
              Quantile(e.linear, 0.9), Quantile(e.after, 0.5), Quantile(e.after, 0.9), Quantile(e.after, 1),
              Quantile(e.round_trip, 0.5), Quantile(e.round_trip, 0.9));
}

void Pairs(PhantomPreset preset, std::uint64_t first, std::uint64_t last, const RegistrationOptions& options) {
  Errors all;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Phantom prior = MakePhantom({preset, seed, 1}), today = MakePhantom({preset, seed, 2});
    const double begin = Seconds();
    const Registration found =
        RegisterImages(prior.image, today.image, options, [&](const std::string& stage, double share) {
          if (std::getenv("VERBOSE") != nullptr)
            std::printf("  %6.1f s %3.0f %% %s\n", Seconds() - begin, 100 * share, stage.c_str());
          return true;
        });
    const double seconds = Seconds() - begin;
    Errors one;
    Measure(prior, today, found, one);
    std::printf("seed %llu, %.1f s,", static_cast<unsigned long long>(seed), seconds);
    for (const StageSimilarity& s : found.stages)
      std::printf(" %s %.3f/%.3f", s.stage.c_str(), s.similarity.correlation, s.similarity.mutual_information);
    std::printf(" det %.3f jac %.2f-%.2f %.4f", found.affine_determinant, found.least_jacobian, found.most_jacobian,
                found.folded_share);
    for (const std::string& flag : found.flags) std::printf(" %s", flag.c_str());
    std::printf("\n");
    Print(" ", one);
    std::fflush(stdout);
    const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    add(all.before, one.before);
    add(all.linear, one.linear);
    add(all.after, one.after);
    add(all.round_trip, one.round_trip);
  }
  Print("all", all);
}

// ---- Wrong priors: each kind of mistake, and the right prior beside it.

StudyVolumes AsVolumes(Volume volume) {
  StudyVolumes volumes;
  volumes.map = MapStations({volume.grid}, 0);
  volumes.whole = std::move(volume);
  return volumes;
}

struct Prior {
  std::string kind;
  Volume image;
  LabelMap mask;
};

// A part of a whole body as large as the small preset, `from_top` mm below the head's end: no thigh.
Prior OtherStation(const Phantom& body, double from_top) {
  const GridGeometry& grid = body.image.grid;
  const auto j0 = static_cast<std::int64_t>(from_top / grid.spacing[1]);
  const std::array<std::int64_t, 3> low = {grid.size[0] / 2, j0, 6}, size = {102, 150, 8};
  Prior prior{"other station", {grid, {}}, {grid, {}}};
  prior.image.grid.size = size;
  prior.image.grid.origin =
      LpsFromIndex(grid, {static_cast<double>(low[0]), static_cast<double>(low[1]), static_cast<double>(low[2])});
  for (std::int64_t k = 0; k < size[2]; ++k) {
    for (std::int64_t j = 0; j < size[1]; ++j) {
      for (std::int64_t i = 0; i < size[0]; ++i) {
        const std::size_t at = Offset(grid.SizeZyx(), {k + low[2], j + low[1], i + low[0]});
        prior.image.voxels.push_back(body.image.voxels[at]);
        prior.mask.labels.push_back(body.truth.labels[at]);
      }
    }
  }
  prior.mask.grid = prior.image.grid;
  if (std::count(prior.mask.labels.begin(), prior.mask.labels.end(), 0) ==
      static_cast<std::ptrdiff_t>(prior.mask.labels.size()))
    prior.mask.labels[prior.mask.labels.size() / 2] = 1;
  return prior;
}

std::vector<Prior> PriorsFor(std::uint64_t seed, const Phantom& body) {
  const Phantom own = MakePhantom({PhantomPreset::kSmall, seed, 1});
  const Phantom other = MakePhantom({PhantomPreset::kSmall, seed + 1000, 1});
  Prior mirrored{"mirrored", Mirrored(own.image), own.truth};
  mirrored.mask.grid = mirrored.image.grid;
  Prior away{"10 cm away", own.image, own.truth};
  away.image.grid.origin[2] += 100;
  away.mask.grid = away.image.grid;
  Prior off{"mask 10 cm off", own.image, own.truth};
  std::rotate(off.mask.labels.begin(), off.mask.labels.begin() + 40 * 64, off.mask.labels.end());
  Prior empty{"empty mask", own.image, own.truth};
  std::fill(empty.mask.labels.begin(), empty.mask.labels.end(), 0);
  return {{"right", own.image, own.truth},
          {"other patient", other.image, other.truth},
          mirrored,
          OtherStation(body, 60 + 37 * static_cast<double>(seed % 20)),
          away,
          off,
          empty};
}

// A mask that is off lies on an image that is right: it is looked at without the mirror image.
PriorCheck Check(const Prior& prior, const Phantom& today, const RegistrationOptions& options) {
  PriorCheckOptions check_options;
  check_options.check_mirror = prior.kind != "mask 10 cm off";
  PriorCheck check = CheckPriorMask(prior.image, prior.mask, check_options);
  if (check.verdict == PriorVerdict::kRefused) return check;
  try {
    const StudyRegistration found = AsStudy(RegisterImages(prior.image, today.image, options), today.image.grid);
    const WarpedLabels warped = WarpLabels(prior.mask, today.image.grid, found);
    return CheckPrior(AsVolumes(prior.image), AsVolumes(today.image), prior.mask, found, warped, options,
                      check_options);
  } catch (const RegistrationError& error) {
    check.verdict = PriorVerdict::kRefused;
    check.findings.push_back({error.code(), PriorVerdict::kRefused, error.what()});
    return check;
  }
}

// Without the round trip, which would only be one more thing to be noticed by.
void Wrong(std::uint64_t first, std::uint64_t last, RegistrationOptions options) {
  options.check_round_trip = false;
  const Phantom body = MakePhantom({PhantomPreset::kWholeBodyA, first, 1});
  std::map<std::string, std::array<int, 3>> counts;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Phantom today = MakePhantom({PhantomPreset::kSmall, seed, 2});
    for (const Prior& prior : PriorsFor(seed, body)) {
      const PriorCheck check = Check(prior, today, options);
      ++counts[prior.kind].at(static_cast<std::size_t>(check.verdict));
      const PriorEvidence& e = check.evidence;
      std::printf(
          "%llu %-14s %-8s corr %.3f detail %.3f mirrored %.3f held %.2f bright %.2f %.2f rim %.2f %.1f trip %.1f",
          static_cast<unsigned long long>(seed), prior.kind.c_str(), NameOf(check.verdict), e.correlation.value_or(-1),
          e.detail.value_or(-1), e.mirrored_detail.value_or(-1), e.share_imaged.value_or(-1),
          e.bright_prior.value_or(-1), e.bright_today.value_or(-1), e.rim_step.value_or(-1),
          e.rim_deviations.value_or(-1), e.round_trip_mm.value_or(-1));
      for (const PriorFinding& finding : check.findings) std::printf(" %s", finding.name.c_str());
      std::printf("\n");
      std::fflush(stdout);
    }
  }
  for (const auto& [kind, count] : counts)
    std::printf("%-14s usable %d, flagged %d, refused %d\n", kind.c_str(), count[0], count[1], count[2]);
}

// How well masks fit their own image: the right one, and the same moved along the thigh. Nothing is registered.
void Masks(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Phantom own = MakePhantom({PhantomPreset::kSmall, seed, 1});
    int passed = 0;
    double deviations = -1;
    for (std::ptrdiff_t rows = 8; rows < 96 * 8; rows += 8) {
      LabelMap mask = own.truth;
      std::rotate(mask.labels.begin(), mask.labels.begin() + rows * own.truth.grid.size[0], mask.labels.end());
      const PriorCheck check = CheckMaskFits(own.image, mask);
      if (!check.Has("mask_off_edges")) ++passed;
      deviations = std::max(deviations, check.evidence.rim_deviations.value_or(-1));
    }
    const PriorEvidence right = CheckMaskFits(own.image, own.truth).evidence;
    std::printf("%llu right: step %.2f, %.1f deviations; of 95 that are moved %d pass, at most %.1f deviations\n",
                static_cast<unsigned long long>(seed), right.rim_step.value_or(-1), right.rim_deviations.value_or(-1),
                passed, deviations);
  }
}

// The labels moved by whole voxels along an axis; what leaves the image comes in on the other side.
LabelMap Moved(const LabelMap& mask, std::size_t axis, std::int64_t by) {
  LabelMap moved{mask.grid, std::vector<std::uint16_t>(mask.labels.size())};
  const Size3 size = mask.grid.SizeZyx();
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    std::array<std::int64_t, 3> ijk = {v.x, v.y, v.z};
    const std::int64_t length = mask.grid.size.at(axis);
    ijk.at(axis) = ((ijk.at(axis) + by) % length + length) % length;
    moved.labels[Offset(size, {ijk[2], ijk[1], ijk[0]})] = mask.labels[at];
  }
  return moved;
}

// The same of a data set: its masks, and each moved by 6 and 10 cm either way along the two axes of its slices.
void RealMasks(const std::filesystem::path& data) {
  std::vector<std::filesystem::path> images;
  for (const auto& entry : std::filesystem::directory_iterator(data / "images")) images.push_back(entry.path());
  std::sort(images.begin(), images.end());
  int right = 0, moved = 0, moved_passed = 0;
  for (const std::filesystem::path& path : images) {
    const Volume image = ReadVolumeFile(path);
    LabelMap mask = ReadLabelFile(data / "masks" / path.filename());
    mask.grid = image.grid;
    const PriorCheck check = CheckMaskFits(image, mask);
    if (!check.Has("mask_off_edges")) ++right;
    for (const std::size_t axis : {0U, 1U}) {
      for (const double mm : {-100.0, -60.0, 60.0, 100.0}) {
        const auto by = static_cast<std::int64_t>(mm / image.grid.spacing.at(axis));
        ++moved;
        if (!CheckMaskFits(image, Moved(mask, axis, by)).Has("mask_off_edges")) ++moved_passed;
      }
    }
    std::printf("%s step %.2f, %.1f deviations\n", path.filename().c_str(), check.evidence.rim_step.value_or(-1),
                check.evidence.rim_deviations.value_or(-1));
  }
  std::printf("%d of %zu right masks pass, %d of %d that were moved\n", right, images.size(), moved_passed, moved);
}

void MsPatients(const std::filesystem::path& data, const RegistrationOptions& options) {
  std::printf("patient  header mm  registered mm (median over the brain)  voxel mm  flags\n");
  for (const char* patient : {"patient01", "patient12"}) {
    const MsPatient ms = ReadMsPatient(data / "ms_longitudinal" / patient);
    const double begin = Seconds();
    const Registration found = RegisterImages(ms.prior, ms.today, options);
    std::vector<double> before, after;
    for (std::size_t n = 0; n < ms.brain.size(); ++n) {
      before.push_back(Distance(ms.prior_places[n], ms.brain[n]));
      after.push_back(Distance(found.ToPrior(ms.brain[n]), ms.prior_places[n]));
    }
    std::printf("%s %8.2f %8.2f (90th percentile %.2f, of %zu places) %.2f x %.2f x %.2f, %.1f s", patient,
                Quantile(before, 0.5), Quantile(after, 0.5), Quantile(after, 0.9), after.size(),
                ms.today.grid.spacing[0], ms.today.grid.spacing[1], ms.today.grid.spacing[2], Seconds() - begin);
    for (const StageSimilarity& s : found.stages) std::printf(" %s %.3f", s.stage.c_str(), s.similarity.correlation);
    std::printf(" detail %.3f", DetailCorrelation(ms.prior, ms.today, found, options));
    for (const std::string& flag : found.flags) std::printf(" %s", flag.c_str());
    std::printf("\n");
  }
}

// Options from the environment, to try others.
// What became of a prior's lesion today: "gone", or its volume then and now.
std::string Fate(const PhantomLesion& lesion, const Phantom& today) {
  if (std::find(today.removed_ids.begin(), today.removed_ids.end(), lesion.id) != today.removed_ids.end())
    return "gone";
  for (const PhantomLesion& now : today.lesions) {
    if (now.id != lesion.id) continue;
    std::array<char, 64> words{};
    (void)std::snprintf(words.data(), words.size(), "%.2f to %.2f mL", lesion.voxel_ml, now.voxel_ml);
    return words.data();
  }
  return "not imaged";
}

// How much of a lesion's contrast is left at the place where registration says that it lies.
void Gone(PhantomPreset preset, std::uint64_t first, std::uint64_t last, const RegistrationOptions& options) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Phantom prior = MakePhantom({preset, seed, 1}), today = MakePhantom({preset, seed, 2});
    const StudyRegistration found = AsStudy(RegisterImages(prior.image, today.image, options), today.image.grid);
    const WarpedLabels warped = WarpLabels(prior.truth, today.image.grid, found);
    const auto before = ContrastsOf(prior.image, prior.truth), now = ContrastsOf(today.image, warped.map);
    for (std::size_t n = 0; n < prior.lesions.size(); ++n) {
      const auto label = static_cast<std::uint16_t>(n + 1);
      if (!before.contains(label) || !now.contains(label)) continue;
      const std::optional<double> left = ContrastLeft(before.at(label), now.at(label));
      std::printf("seed %llu lesion %s: contrast left %.2f, %s\n", static_cast<unsigned long long>(seed),
                  prior.lesions[n].id.c_str(), left.value_or(-9), Fate(prior.lesions[n], today).c_str());
    }
    (void)std::fflush(stdout);
  }
}

RegistrationOptions OptionsFromEnvironment() {
  RegistrationOptions options;
  const auto take = [](const char* name, auto& value) {
    if (const char* text = std::getenv(name)) value = static_cast<std::decay_t<decltype(value)>>(std::atof(text));
  };
  take("BEND", options.bending_weight);
  take("SAMPLES", options.samples);
  take("BACK", options.check_round_trip);
  take("GRID", options.splines[2].grid_mm);
  take("ITER", options.splines[2].iterations);
  take("SLICE", options.slice_reach_mm);
  take("WORK", options.working_mm);
  take("BINS", options.bins);
  options.splines[2].working_mm = options.working_mm;
  return options;
}

int Main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "pairs" && argc == 5) {
    Pairs(PhantomPresetFrom(argv[2]), std::strtoull(argv[3], nullptr, 10), std::strtoull(argv[4], nullptr, 10),
          OptionsFromEnvironment());
    return 0;
  }
  if (what == "wrong" && argc == 4) {
    Wrong(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10), OptionsFromEnvironment());
    return 0;
  }
  if (what == "masks" && argc == 4) {
    Masks(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
    return 0;
  }
  if (what == "real-masks" && argc == 3) {
    RealMasks(argv[2]);
    return 0;
  }
  if (what == "ms" && argc == 3) {
    MsPatients(argv[2], OptionsFromEnvironment());
    return 0;
  }
  if (what == "gone" && argc == 5) {
    Gone(PhantomPresetFrom(argv[2]), std::strtoull(argv[3], nullptr, 10), std::strtoull(argv[4], nullptr, 10),
         OptionsFromEnvironment());
    return 0;
  }
  std::fprintf(
      stderr,
      "usage: bench_registration pairs PRESET FIRST-SEED LAST-SEED   errors of phantoms' tumours\n"
      "       bench_registration wrong FIRST-SEED LAST-SEED          what is said of wrong priors\n"
      "       bench_registration masks FIRST-SEED LAST-SEED          how masks fit their images, moved or not\n"
      "       bench_registration real-masks FOLDER                   the same of a folder with images/ and masks/\n"
      "       bench_registration gone PRESET FIRST-SEED LAST-SEED    what is left of lesions that are gone\n"
      "       bench_registration ms DATA-FOLDER                      against supplied transforms\n");
  return 2;
}

}  // namespace
}  // namespace dinsd

int main(int argc, char** argv) {
  try {
    return dinsd::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_registration: %s\n", error.what());
    return 1;
  }
}
