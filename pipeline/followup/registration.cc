#include "pipeline/followup/registration.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "pipeline/followup/registration_error.h"
#include "pipeline/followup/stages.h"

namespace dinsd {
namespace {

// Tells progress and stops what takes too long.
class Watch {
 public:
  Watch(const RegistrationOptions& options, const OnRegistrationProgress& progress)
      : limit_(options.time_limit_seconds), progress_(progress), begin_(Clock::now()) {}

  void Tell(const std::string& stage, double share) {
    if (progress_ && !progress_(stage, share)) throw RegistrationError("REG_STOPPED", "stopped at " + stage);
    stage_ = stage;
    Check();
  }

  void Check() const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    if (limit_ > 0 && seconds > limit_) {
      throw RegistrationError("REG_TIME_LIMIT", "not done after " + std::to_string(limit_) + " seconds, at " + stage_);
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  double limit_;
  const OnRegistrationProgress& progress_;
  Clock::time_point begin_;
  std::string stage_ = "start";
};

// The pair of images at one resolution.
struct Pair {
  WorkingImage today, prior;
  std::vector<std::size_t> samples;  // of today

  Pair(const Volume& today_volume, const Volume& prior_volume, const RegistrationOptions& options, double spacing)
      : today(MakeWorkingImage(today_volume, today_volume.grid.direction, spacing)),
        prior(MakeWorkingImage(prior_volume, today_volume.grid.direction, spacing)),
        samples(SampleBody(today, options.samples, options.seed)) {}
};

SpatialMap MapOf(const std::array<double, 9>& frame, const Point3& shift) {
  SpatialMap map;
  map.frame = frame;
  map.offset = shift;
  return map;
}

// One direction of a registration; `share` runs from `from` to `to`.
class OneWay {
 public:
  OneWay(const Volume& prior, const Volume& today, const RegistrationOptions& options,
         const std::optional<StartHint>& hint, Watch& watch, double from, double to)
      : prior_(prior), today_(today), options_(options), hint_(hint), watch_(watch), from_(from), to_(to) {}

  Registration Run() {
    Tell("images", 0);
    const Pair fine(today_, prior_, options_, options_.working_mm);
    Note("header", fine, MapOf(today_.grid.direction, {}));
    Begin(fine);
    Tell("affine", 0.3);
    SpatialMap affine = result_.map;
    FitAffine(fine.today, fine.prior, fine.samples, options_, check_, affine);
    TakeIfBetter(fine, affine);
    Note("affine", fine, result_.map);
    Deform(fine);
    Note("deformable", fine, result_.map);
    result_.affine_determinant = result_.map.Determinant();
    return std::move(result_);
  }

 private:
  void Tell(const std::string& stage, double share) { watch_.Tell(stage, from_ + share * (to_ - from_)); }

  void Note(const std::string& stage, const Pair& pair, const SpatialMap& map) {
    result_.stages.push_back({stage, SimilarityOf(pair.today, pair.samples, pair.prior, map)});
  }

  // Small images are looked at more closely.
  [[nodiscard]] double StartSpacing(const WorkingImage& image) const {
    constexpr double kLeastVoxels = 40;
    const auto longest = static_cast<double>(*std::max_element(image.size.begin(), image.size.end()));
    return std::clamp(longest * image.spacing / kLeastVoxels, options_.working_mm, options_.start_mm);
  }

  // An optimizer may end where it is worse than at its beginning.
  void TakeIfBetter(const Pair& pair, const SpatialMap& map) {
    const auto information = [&](const SpatialMap& m) {
      return SimilarityOf(pair.today, pair.samples, pair.prior, m).mutual_information;
    };
    if (information(map) > information(result_.map)) result_.map = map;
  }

  // The best of several starts, each after its rigid part.
  void Begin(const Pair& fine) {
    Tell("start", 0.05);
    const Pair coarse(today_, prior_, options_, StartSpacing(fine.today));
    const std::vector<Start> starts =
        FindStarts(coarse.today, coarse.prior, options_.starts, today_.grid.direction, hint_);
    double best = -2;
    SpatialMap best_start;
    for (std::size_t n = 0; n < starts.size(); ++n) {
      Tell("rigid", 0.1 + 0.2 * static_cast<double>(n) / static_cast<double>(starts.size()));
      const SpatialMap start = MapOf(today_.grid.direction, starts[n].shift);
      SpatialMap map = start;
      try {
        FitRigid(fine.today, fine.prior, fine.samples, options_.rigid_levels, options_, check_, map);
      } catch (const RegistrationError& error) {  // a start that leads nowhere; another may
        const bool is_last = best < -1 && n + 1 == starts.size();
        if (is_last || (error.code() != "REG_NO_OVERLAP" && error.code() != "REG_FAILED")) throw;
        continue;
      }
      const Similarity found = SimilarityOf(fine.today, fine.samples, fine.prior, map);
      const double score = found.correlation * std::sqrt(found.share_imaged);
      if (score <= best) continue;
      best = score;
      result_.map = map;
      best_start = start;
    }
    Note("start", fine, best_start);
    Note("rigid", fine, result_.map);
  }

  void Deform(const Pair& fine) {
    double share = 0.4;
    for (const SplinePass& pass : options_.splines) {
      Tell("deformable, " + std::to_string(std::lround(pass.grid_mm)) + " mm", share);
      share += 0.2;
      if (pass.working_mm == options_.working_mm) {
        Refine(fine, pass);
      } else {
        Refine(Pair(today_, prior_, options_, pass.working_mm), pass);
      }
    }
  }

  void Refine(const Pair& pair, const SplinePass& pass) {
    const WorkingImage warped = Warped(pair.prior, pair.today, result_.map);
    SpatialMap map = result_.map;
    map.splines.push_back(FitSpline(pair.today, warped, pass, options_, check_));
    TakeIfBetter(pair, map);
  }

  const Volume& prior_;
  const Volume& today_;
  const RegistrationOptions& options_;
  std::optional<StartHint> hint_;
  Watch& watch_;
  StageCheck check_ = [this] { watch_.Check(); };
  double from_, to_;
  Registration result_;
};

// What of the prior image the map brings into today's field of view: a station of today is no place for a whole body.
Volume SeenPart(const Volume& prior, const GridGeometry& today, const SpatialMap& map) {
  constexpr int kPlaces = 13;  // along each axis
  std::array<std::int64_t, 3> low = prior.grid.size, high{};
  for (int n = 0; n < kPlaces * kPlaces * kPlaces; ++n) {
    const std::array<int, 3> step = {n % kPlaces, n / kPlaces % kPlaces, n / (kPlaces * kPlaces)};
    Point3 index{};
    for (std::size_t d = 0; d < 3; ++d)
      index[d] = static_cast<double>(today.size[d] - 1) * static_cast<double>(step[d]) / (kPlaces - 1);
    const Point3 at = IndexFromLps(prior.grid, map.ToPrior(LpsFromIndex(today, index)));
    for (std::size_t d = 0; d < 3; ++d) {
      const auto below = static_cast<std::int64_t>(std::floor(at[d])), above = below + 2;
      low[d] = std::min(low[d], std::max<std::int64_t>(0, below));
      high[d] = std::max(high[d], std::min(prior.grid.size[d], above));
    }
  }
  Volume part{prior.grid, {}};
  for (std::size_t d = 0; d < 3; ++d) {
    if (high[d] <= low[d]) throw RegistrationError("REG_NO_OVERLAP", "nothing of the prior image lies in today's");
    part.grid.size[d] = high[d] - low[d];
  }
  part.grid.origin =
      LpsFromIndex(prior.grid, {static_cast<double>(low[0]), static_cast<double>(low[1]), static_cast<double>(low[2])});
  part.voxels.reserve(part.grid.SizeZyx().VoxelCount());
  for (std::int64_t k = low[2]; k < high[2]; ++k) {
    for (std::int64_t j = low[1]; j < high[1]; ++j) {
      const auto row = prior.voxels.begin() + static_cast<std::ptrdiff_t>(Offset(prior.grid.SizeZyx(), {k, j, low[0]}));
      part.voxels.insert(part.voxels.end(), row, row + part.grid.size[0]);
    }
  }
  return part;
}

// Figures of the Jacobian over the body of today.
void MeasureFolding(const Volume& today, const RegistrationOptions& options, Registration& result) {
  const WorkingImage image = MakeWorkingImage(today, today.grid.direction, options.start_mm);
  const std::vector<std::size_t> samples = SampleBody(image, 4000, options.seed);
  std::size_t outside = 0;
  result.least_jacobian = result.most_jacobian = 1;
  for (const std::size_t at : samples) {
    const double jacobian = result.map.JacobianInFrame(image.PlaceOf(at));
    result.least_jacobian = std::min(result.least_jacobian, jacobian);
    result.most_jacobian = std::max(result.most_jacobian, jacobian);
    if (jacobian < options.least_jacobian || jacobian > options.most_jacobian) ++outside;
  }
  result.folded_share = static_cast<double>(outside) / static_cast<double>(std::max<std::size_t>(samples.size(), 1));
}

void Flag(const RegistrationOptions& options, Registration& result) {
  const double before = result.At("start").correlation, after = result.At("deformable").correlation;
  if (after - before < options.least_gain && before < options.good_correlation)
    result.flags.emplace_back("reg_no_gain");
  if (result.least_jacobian <= 0 || result.folded_share > options.folded_share)
    result.flags.emplace_back("reg_folding");
}

void CheckVolume(const Volume& volume, const char* which) {
  if (volume.voxels.empty() || volume.voxels.size() != volume.grid.SizeZyx().VoxelCount())
    throw std::invalid_argument(std::string("registration: the ") + which + " image does not fill its grid");
}

}  // namespace

const Similarity& Registration::At(const std::string& stage) const {
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const auto& s) { return s.stage == stage; });
  if (found == stages.end()) throw std::out_of_range("registration: no stage " + stage);
  return found->similarity;
}

std::optional<Point3> Registration::RoundTrip(const Point3& prior_lps) const {
  if (!back) return {};
  const Point3 again = map.ToPrior(back->ToPrior(prior_lps));
  return ToFrame(map.frame, {again[0] - prior_lps[0], again[1] - prior_lps[1], again[2] - prior_lps[2]});
}

Registration RegisterImages(const Volume& prior, const Volume& today, const RegistrationOptions& options,
                            const OnRegistrationProgress& progress, const std::optional<StartHint>& hint) {
  options.Check();
  CheckVolume(prior, "prior");
  CheckVolume(today, "present");
  Watch watch(options, progress);
  const double middle = options.check_round_trip ? 0.5 : 0.97;
  Registration result = OneWay(prior, today, options, hint, watch, 0, middle).Run();
  if (options.check_round_trip) {
    std::optional<StartHint> back = hint;
    if (back) {
      for (double& mm : back->shift_lps) mm = -mm;
    }
    const Volume seen = SeenPart(prior, today.grid, result.map);
    result.back = OneWay(today, seen, options, back, watch, middle, 0.97).Run().map;
  }
  watch.Tell("folds", 0.97);
  MeasureFolding(today, options, result);
  Flag(options, result);
  return result;
}

}  // namespace dinsd
