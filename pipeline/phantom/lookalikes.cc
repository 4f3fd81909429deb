#include <algorithm>

#include "model/train/counter_random.h"
#include "pipeline/phantom/lesion.h"

namespace dinsd {
namespace {

class Lookalikes {
 public:
  Lookalikes(Anatomy& body, std::uint64_t seed, const BodyBox& field)
      : random_(seed, kLookalikeStream), body_(body), field_(field) {}

  // Whatever runs into a tumour or lies against it is as bright as it, so that no threshold parts the two.
  void Surround(const LesionPlan& plan) {
    const Lobule& any = plan.lobules[Below(plan.lobules.size())];
    AddOedema(plan.lobules.front(), plan.look.level);
    const std::int64_t veins = random_.Between(1, 3);
    for (std::int64_t i = 0; i < veins; ++i) {
      const Lobule& from = plan.lobules[Below(plan.lobules.size())];
      AddVein(from.centre, std::clamp(0.28F * from.radius, 1.8F, 5.5F), plan.look.level * Between(0.95, 1.3));
    }
    if (random_.Unit() < 0.6) AddCyst(any, plan.look.level * Between(0.85, 1.25));
  }

  void Scatter(int count) {
    for (int i = 0; i < count; ++i) {
      const NervePath& nerve = body_.nerves[Below(body_.nerves.size())];
      const BodyPoint at = nerve.points[Below(nerve.points.size())] + Stray(25);
      const auto radius = static_cast<float>(std::exp(random_.Uniform(std::log(4.0), std::log(22.0))));
      if (!field_.Holds(at) || body_.OutlineDistance(at) > -radius) continue;
      const BodyPoint radii = {radius * Between(0.6, 1.2), radius * Between(0.5, 1), radius * Between(0.7, 1.7)};
      body_.paints.push_back(
          {Shape::Ellipsoid(at, radii, Between(-1, 1)), 0, {Between(380, 820), 0.03F, 0.06F, 0.12F}, Between(1, 5)});
      if (random_.Unit() < 0.5) AddVein(at, 2.5F, Between(420, 640));
    }
  }

 private:
  float Between(double low, double high) { return static_cast<float>(random_.Uniform(low, high)); }
  BodyPoint Stray(float mm) { return {Between(-mm, mm), Between(-mm, mm), Between(-mm, mm)}; }
  std::size_t Below(std::size_t n) {
    return static_cast<std::size_t>(random_.Between(0, static_cast<std::int64_t>(n) - 1));
  }

  // Under the bones: it soaks muscle and fat alone.
  void AddOedema(const Lobule& around, float level) {
    const float reach = around.radius + Between(5, 16);
    const float turn = Between(-0.4, 0.4);
    const BodyPoint radii = {reach * Between(0.8, 1.3), reach * Between(0.7, 1), reach * Between(1, 2.2)};
    const Shape shape = Shape::Ellipsoid(around.centre + Stray(0.7F * around.radius), radii, turn);
    const Paint paint{
        shape, 0, {level * Between(0.6, 0.85), 0.05F, 0.12F, 0.3F, 0.1F}, Between(8, 20), Between(0.5, 0.95)};
    body_.paints.insert(body_.paints.begin() + static_cast<std::ptrdiff_t>(body_.soft_tissue_end), paint);
    ++body_.soft_tissue_end;
  }

  void AddVein(BodyPoint from, float radius, float level) {
    BodyPoint direction = {Between(-1, 1), Between(-0.25, 0.25), random_.Unit() < 0.5 ? -1.0F : 1.0F};
    std::vector<BodyPoint> points = {from};
    const std::int64_t steps = random_.Between(5, 13);
    for (std::int64_t i = 0; i < steps; ++i) {
      direction = direction + Stray(0.35F);
      const BodyPoint next = points.back() + (14 / Length(direction)) * direction;
      if (body_.OutlineDistance(next) > -(radius + 2.5F)) break;
      points.push_back(next);
    }
    if (points.size() > 1) body_.AddTube(points, radius, 0.8F * radius, {level, 0.04F, 0.1F, 0.1F});
  }

  void AddCyst(const Lobule& beside, float level) {
    const float angle = Between(0, 2 * M_PI), radius = beside.radius * Between(0.5, 1.1);
    const float away = beside.radius + 0.75F * radius;
    const BodyPoint at = beside.centre + BodyPoint{away * std::cos(angle), 0, away * std::sin(angle)};
    if (body_.OutlineDistance(at) > -0.8F * radius) return;
    body_.paints.push_back({Shape::Ellipsoid(at, {radius * Between(0.8, 1.2), radius, radius * Between(0.9, 1.5)}),
                            0,
                            {level, 0.03F, 0.05F, 0.1F}});
  }

  CounterRandom random_;
  Anatomy& body_;
  BodyBox field_;
};

}  // namespace

void AddLookalikes(Anatomy& body, std::uint64_t seed, const std::vector<LesionPlan>& plans, const BodyBox& field) {
  Lookalikes lookalikes(body, seed, field);
  lookalikes.Scatter(40);
  for (const LesionPlan& plan : plans) lookalikes.Surround(plan);
}

}  // namespace dinsd
