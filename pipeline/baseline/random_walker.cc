#include "pipeline/baseline/random_walker.h"

#include <Eigen/IterativeLinearSolvers>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "pipeline/baseline/spread.h"

namespace dinsd {
namespace {

using Matrix = Eigen::SparseMatrix<double, Eigen::RowMajor>;

// The equations of the voxels without a seed: L_u x = -B x_seeds.
class WalkerSystem {
 public:
  WalkerSystem(std::span<const double> image, const Size3& size, const Vec3& spacing, std::span<const Seed> seeds,
               const RandomWalkerOptions& options, std::span<const double> prior)
      : image_(image),
        size_(size),
        spacing_(spacing),
        seeds_(seeds),
        options_(options),
        prior_(prior),
        unknown_(image.size(), -1) {
    const double sd = PopulationDeviation(image);
    scale_ = sd > 0 ? options.beta / (10 * sd) : 0;
    for (std::size_t at = 0; at < seeds.size(); ++at) {
      if (seeds[at] == Seed::kNone) unknown_[at] = count_++;
    }
    Build();
  }

  [[nodiscard]] std::vector<double> Solve(std::span<const double> guess) const {
    Eigen::VectorXd start = Eigen::VectorXd::Zero(count_);
    if (!guess.empty()) {
      for (std::size_t at = 0; at < guess.size(); ++at) {
        if (unknown_[at] >= 0) start[unknown_[at]] = guess[at];
      }
    }
    Eigen::ConjugateGradient<Matrix, Eigen::Lower | Eigen::Upper> solver;
    solver.setTolerance(options_.tolerance);
    solver.setMaxIterations(options_.most_iterations);
    solver.compute(matrix_);
    const Eigen::VectorXd found = solver.solveWithGuess(right_side_, start);
    if (solver.info() != Eigen::Success)
      throw std::runtime_error("random walker: no solution after " + std::to_string(solver.iterations()) +
                               " iterations (residual " + std::to_string(solver.error()) + ")");
    std::vector<double> probability(seeds_.size());
    for (std::size_t at = 0; at < probability.size(); ++at) {
      probability[at] = unknown_[at] >= 0 ? found[unknown_[at]] : seeds_[at] == Seed::kForeground ? 1 : 0;
    }
    return probability;
  }

 private:
  [[nodiscard]] double Weight(std::size_t a, std::size_t b, double spacing) const {
    const double difference = image_[a] - image_[b];
    const double slope = options_.steps == WalkerSteps::kSlope ? difference / spacing : difference;
    const double weight = std::exp(-scale_ * slope * slope) + 1e-10;
    return options_.steps == WalkerSteps::kSlope ? weight : weight / (spacing * spacing);
  }

  void Build() {
    right_side_ = Eigen::VectorXd::Zero(count_);
    matrix_.resize(count_, count_);
    matrix_.reserve(Eigen::VectorXi::Constant(count_, 7));
    for (std::size_t at = 0; at < seeds_.size(); ++at) {
      if (unknown_[at] >= 0) AddRow(at);
    }
    matrix_.makeCompressed();
  }

  // Neighbours in ascending order, so that a row is filled from left to right.
  void AddRow(std::size_t at) {
    const Index3 v = IndexAt(size_, at);
    const auto row = static_cast<std::size_t>(size_.x);
    const auto slice = static_cast<std::size_t>(size_.y * size_.x);
    diagonal_ = 0;
    if (!prior_.empty()) {
      diagonal_ = options_.prior_weight;
      right_side_[unknown_[at]] = options_.prior_weight * prior_[at];
    }
    if (v.z > 0) AddNeighbour(at, at - slice, spacing_.z);
    if (v.y > 0) AddNeighbour(at, at - row, spacing_.y);
    if (v.x > 0) AddNeighbour(at, at - 1, spacing_.x);
    matrix_.insert(unknown_[at], unknown_[at]) = 1;  // its place; the value follows
    if (v.x + 1 < size_.x) AddNeighbour(at, at + 1, spacing_.x);
    if (v.y + 1 < size_.y) AddNeighbour(at, at + row, spacing_.y);
    if (v.z + 1 < size_.z) AddNeighbour(at, at + slice, spacing_.z);
    matrix_.coeffRef(unknown_[at], unknown_[at]) = diagonal_;
  }

  void AddNeighbour(std::size_t at, std::size_t other, double spacing) {
    const double weight = Weight(at, other, spacing);
    diagonal_ += weight;
    if (unknown_[other] >= 0) {
      matrix_.insert(unknown_[at], unknown_[other]) = -weight;
    } else if (seeds_[other] == Seed::kForeground) {
      right_side_[unknown_[at]] += weight;
    }
  }

  std::span<const double> image_;
  Size3 size_;
  Vec3 spacing_;
  std::span<const Seed> seeds_;
  RandomWalkerOptions options_;
  std::span<const double> prior_;
  std::vector<int> unknown_;  // position among the voxels without a seed, or -1
  int count_ = 0;
  double scale_ = 0;
  double diagonal_ = 0;
  Matrix matrix_;
  Eigen::VectorXd right_side_;
};

}  // namespace

std::vector<double> WalkerProbability(std::span<const double> image, const Size3& size, const Vec3& spacing,
                                      std::span<const Seed> seeds, const RandomWalkerOptions& options,
                                      std::span<const double> guess, std::span<const double> prior) {
  const auto has = [&](Seed seed) { return std::find(seeds.begin(), seeds.end(), seed) != seeds.end(); };
  if (!has(Seed::kForeground)) return std::vector<double>(image.size(), 0);
  if (!has(Seed::kBackground)) return std::vector<double>(image.size(), 1);
  return WalkerSystem(image, size, spacing, seeds, options, prior).Solve(guess);
}

}  // namespace dinsd
