#include <algorithm>

#include "model/train/counter_random.h"
#include "pipeline/phantom/lesion.h"

namespace dinsd {
namespace {

class Planner {
 public:
  Planner(const PhantomOptions& options, const Anatomy& body, const NoiseTile& noise, const BodyBox& field)
      : random_(options.seed, kLesionStream),
        body_(body),
        noise_(noise),
        field_(field),
        preset_(options.preset),
        changes_(options.changes) {
    for (const NervePath& nerve : body.nerves) {
      const bool is_seen =
          std::any_of(nerve.points.begin(), nerve.points.end(), [&](BodyPoint p) { return field.Holds(p); });
      if (is_seen) nerves_.push_back(&nerve);
    }
  }

  std::vector<LesionPlan> Run() {
    for (const double volume : Volumes()) PlaceSomehow(volume, 1);
    const bool is_small = preset_ == PhantomPreset::kSmall;
    for (int i = 0; i < (is_small ? 2 : 5); ++i) {
      const int first_timepoint = i == 0 ? 2 : static_cast<int>(random_.Between(2, kMostTimepoints));
      PlaceSomehow(LogUniform(0.4, is_small ? 1.5 : 8), first_timepoint);
    }
    for (std::size_t i = 0; i < plans_.size(); ++i) plans_[i].id.append("L").append(std::to_string(i + 1));
    for (int timepoint = 2; timepoint <= kMostTimepoints; ++timepoint) Change(timepoint);
    return std::move(plans_);
  }

 private:
  double LogUniform(double low, double high) { return std::exp(random_.Uniform(std::log(low), std::log(high))); }
  float Between(double low, double high) { return static_cast<float>(random_.Uniform(low, high)); }
  BodyPoint Stray(float mm) { return {Between(-mm, mm), Between(-mm, mm), Between(-mm, mm)}; }

  // Large ones first, while there is room.
  std::vector<double> Volumes() {
    const bool is_small = preset_ == PhantomPreset::kSmall;
    const auto count = is_small ? random_.Between(2, 4) : static_cast<std::int64_t>(std::floor(LogUniform(5, 61)));
    const auto small_count = static_cast<std::int64_t>(std::lround(0.6 * static_cast<double>(count)));
    std::vector<double> volumes;
    for (std::int64_t i = 0; i < count; ++i)
      volumes.push_back(i < small_count ? LogUniform(0.2, 5) : LogUniform(5, is_small ? 25 : 300));
    std::sort(volumes.rbegin(), volumes.rend());
    return volumes;
  }

  // Where a size finds no room, a smaller one does: a site's capacity caps the sizes.
  void PlaceSomehow(double volume, int first_timepoint) {
    const double floor = volume < 5 || preset_ == PhantomPreset::kSmall ? 0.2 : 5;
    for (double size = volume; !Place(std::max(size, floor), first_timepoint); size *= 0.8) {
      if (size < floor) return;
    }
  }

  bool Place(double volume_ml, int first_timepoint) {
    for (int attempt = 0; attempt < (preset_ == PhantomPreset::kSmall ? 600 : 120); ++attempt) {
      const NervePath nerve = SomeNerve();
      const double plexiform_chance = volume_ml > 20 ? 0.65 : volume_ml > 3 ? 0.4 : 0.12;
      const bool is_plexiform = random_.Unit() < plexiform_chance;
      const double start = random_.Unit();
      if (nerve.capacity_ml < volume_ml || !field_.Holds(PointAt(nerve, start))) continue;
      LesionPlan plan;
      plan.site = nerve.site;
      plan.is_plexiform = is_plexiform;
      plan.is_superficial = nerve.is_superficial;
      plan.lobules = is_plexiform ? Chain(nerve, start, volume_ml) : Knot(PointAt(nerve, start), volume_ml);
      plan.look = Look(volume_ml);
      if (!HasRoom(Scaled(plan.lobules, 0.8F), plan.is_superficial, plans_.size()))
        continue;  // before the costly fit of its volume
      for (int t = 1; t <= kMostTimepoints; ++t) plan.volume_ml.push_back(t < first_timepoint ? 0 : volume_ml);
      const LesionShape shape(plan, volume_ml, noise_);
      plan.lobules = shape.lobules();
      if (!HasRoom(plan.lobules, plan.is_superficial, plans_.size())) continue;
      plans_.push_back(std::move(plan));
      reach_.push_back(1);
      return true;
    }
    return false;
  }

  // In the small field, which few nerves cross, every other time a twig somewhere in the muscle.
  NervePath SomeNerve() {
    const std::int64_t choice = random_.Between(0, static_cast<std::int64_t>(nerves_.size()) - 1);
    if (preset_ != PhantomPreset::kSmall || random_.Unit() < 0.5) return *nerves_[static_cast<std::size_t>(choice)];
    const BodyPoint at = {Between(field_.low.x, field_.high.x), Between(field_.low.y, field_.high.y),
                          Between(field_.low.z, field_.high.z)};
    return {"soft tissue", {at, at + Stray(30)}, 1.5F, 70, false};
  }

  static BodyPoint PointAt(const NervePath& nerve, double t) {
    const double at = std::clamp(t, 0.0, 1.0) * static_cast<double>(nerve.points.size() - 1);
    const std::size_t i = std::min(static_cast<std::size_t>(at), nerve.points.size() - 2);
    return Mix(nerve.points[i], nerve.points[i + 1], static_cast<float>(at - static_cast<double>(i)));
  }

  // One main ball, drawn out a little, with knobs.
  std::vector<Lobule> Knot(BodyPoint centre, double volume_ml) {
    const auto radius = static_cast<float>(std::cbrt(volume_ml * 1000 / 4.9));
    const BodyPoint axis = {Between(-0.5, 0.5), Between(-0.3, 0.3), Between(0.2, 0.9)};
    std::vector<Lobule> lobules = {{centre, radius}, {centre + radius * axis, Between(0.65, 0.9) * radius}};
    const std::int64_t knobs = random_.Between(0, 3);
    for (std::int64_t i = 0; i < knobs; ++i)
      lobules.push_back({centre + Stray(0.75F * radius), Between(0.45, 0.75) * radius});
    return lobules;
  }

  // Balls like beads along the nerve, some beside it.
  std::vector<Lobule> Chain(const NervePath& nerve, double start, double volume_ml) {
    const std::int64_t beads = random_.Between(4, volume_ml > 20 ? 13 : 7);
    const auto radius = static_cast<float>(std::cbrt(volume_ml * 1000 / (3.4 * static_cast<double>(beads))));
    float length = 0;
    for (std::size_t i = 0; i + 1 < nerve.points.size(); ++i) length += Length(nerve.points[i + 1] - nerve.points[i]);
    const double step = 0.95 * static_cast<double>(radius / length) * (start > 0.5 ? -1 : 1);
    std::vector<Lobule> lobules;
    double at = start;
    for (std::int64_t i = 0; i < beads; ++i, at += step) {
      const bool is_past_end = i > 0 && (at < 0 || at > 1);
      const BodyPoint place =
          is_past_end ? lobules[static_cast<std::size_t>(random_.Between(0, i - 1))].centre : PointAt(nerve, at);
      lobules.push_back({place + Stray((is_past_end ? 1.1F : 0.5F) * radius), Between(0.6, 1.25) * radius});
    }
    return lobules;
  }

  LesionLook Look(double volume_ml) {
    LesionLook look;
    look.level = static_cast<float>(LogUniform(360, 640));
    look.core = volume_ml > 1 ? Between(0.05, 0.5) : Between(0, 0.25);
    look.texture = Between(0.16, 0.36);
    look.septa = Between(0.05, 0.2);
    look.capsule = Between(0.45, 0.9);
    const double reach = 12 * std::cbrt(volume_ml);
    look.gradient = static_cast<float>(0.3 / reach) * Stray(1);
    look.grain_shift = Between(0, 60);
    return look;
  }

  struct Factor {
    double factor, without_room;  // the second where it would grow and has no room
  };

  Factor UsualFactor(bool must_change) {
    const double chance = random_.Unit(), growth = random_.Uniform(1.25, 1.8), decline = random_.Uniform(0.55, 0.8);
    const bool changes = must_change || chance >= 0.35;
    return {!changes ? 1 : chance < 0.7 ? growth : decline, must_change ? decline : 1};
  }

  Factor WideFactor() {
    const double chance = random_.Unit(), factor = LogUniform(0.4, 2.5);
    return {chance < 1.0 / 3 ? 1 : factor, 1 / factor};
  }

  // From one timepoint to the next: some grow, some shrink, some stay, one goes.
  void Change(int timepoint) {
    const auto t = static_cast<std::size_t>(timepoint - 1);
    std::vector<std::size_t> present;
    for (std::size_t n = 0; n < plans_.size(); ++n) {
      if (plans_[n].volume_ml[t - 1] > 0) present.push_back(n);
    }
    for (const std::size_t n : present) {
      auto [factor, without_room] =
          changes_ == PhantomChanges::kWide ? WideFactor() : UsualFactor(n == present.front());
      const double volume = plans_[n].volume_ml[t - 1];
      if (factor > 1 && !HasRoomToGrow(n, factor * volume)) factor = without_room;
      if (factor < 1 && factor * volume < 0.2) factor = 1;
      for (std::size_t later = t; later < plans_[n].volume_ml.size(); ++later)
        plans_[n].volume_ml[later] = factor * volume;
    }
    if (present.size() < 3) return;
    LesionPlan& gone = plans_[present[static_cast<std::size_t>(random_.Between(
        static_cast<std::int64_t>(present.size()) / 2, static_cast<std::int64_t>(present.size()) - 1))]];
    std::fill(gone.volume_ml.begin() + static_cast<std::ptrdiff_t>(t), gone.volume_ml.end(), 0.0);
  }

  bool HasRoomToGrow(std::size_t n, double volume_ml) {
    const std::vector<double>& history = plans_[n].volume_ml;
    const double planned_ml = *std::find_if(history.begin(), history.end(), [](double ml) { return ml > 0; });
    const auto scale = static_cast<float>(std::cbrt(volume_ml / planned_ml));
    if (!HasRoom(Scaled(plans_[n].lobules, scale), plans_[n].is_superficial, n)) return false;
    reach_[n] = std::max(reach_[n], scale);
    return true;
  }

  static std::vector<Lobule> Scaled(std::vector<Lobule> lobules, float scale) {
    const BodyPoint fixed = lobules.front().centre;
    for (Lobule& lobule : lobules) lobule = {fixed + scale * (lobule.centre - fixed), scale * lobule.radius};
    return lobules;
  }

  // Whether the balls lie inside the body and the field, and clear of every tumour but `own` at its largest so far.
  bool HasRoom(const std::vector<Lobule>& lobules, bool is_superficial, std::size_t own) const {
    const float margin = is_superficial ? 1.5F : 4;
    for (const Lobule& lobule : lobules) {
      if (body_.OutlineDistance(lobule.centre) > -(0.95F * lobule.radius + margin)) return false;
      const BodyPoint reach = {lobule.radius, lobule.radius, lobule.radius};
      if (!field_.Holds(lobule.centre - reach) || !field_.Holds(lobule.centre + reach)) return false;
    }
    for (std::size_t n = 0; n < plans_.size(); ++n) {
      if (n != own && Touch(lobules, Scaled(plans_[n].lobules, reach_[n]))) return false;
    }
    return true;
  }

  static bool Touch(const std::vector<Lobule>& some, const std::vector<Lobule>& others) {
    for (const Lobule& a : some) {
      for (const Lobule& b : others) {
        if (Length(a.centre - b.centre) < 1.1F * (a.radius + b.radius) + 5) return true;
      }
    }
    return false;
  }

  CounterRandom random_;
  const Anatomy& body_;
  std::vector<const NervePath*> nerves_;  // that the scanner sees
  const NoiseTile& noise_;
  BodyBox field_;
  PhantomPreset preset_;
  PhantomChanges changes_;
  std::vector<LesionPlan> plans_;
  std::vector<float> reach_;  // per plan: its largest size so far, as a factor of its lobules
};

}  // namespace

std::vector<LesionPlan> PlanLesions(const PhantomOptions& options, const Anatomy& body, const NoiseTile& noise,
                                    const BodyBox& field) {
  return Planner(options, body, noise, field).Run();
}

}  // namespace dinsd
