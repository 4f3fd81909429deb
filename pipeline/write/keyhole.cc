#include "pipeline/write/keyhole.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace dinsd {
namespace {

// A corner that some outline passes, and the one that it passes next. Outlines have a node at every pixel corner, so
// that a bridge finds one wherever it arrives.
struct Node {
  int x, y;
  std::size_t next;
  bool is_bridge_end = false;
};

// Outlines of one slice, as rings of nodes.
class Rings {
 public:
  Rings(int width, int height, const std::function<bool(int, int)>& is_inside)
      : width_(width),
        height_(height),
        is_inside_(is_inside),
        node_at_(static_cast<std::size_t>(width + 1) * static_cast<std::size_t>(height + 1)) {
    for (const ContourLoop& loop : TraceContours(width, height, is_inside)) Add(loop);
  }

  std::vector<ContourLoop> Join() {
    // From the top, so that a bridge upwards arrives at an outline that is joined already.
    std::sort(holes_.begin(), holes_.end(), [&](const Ring& a, const Ring& b) {
      const Node &p = nodes_[a.top], &q = nodes_[b.top];
      return std::tie(p.y, p.x) < std::tie(q.y, q.x);
    });
    for (const Ring& hole : holes_) Bridge(hole);
    std::vector<ContourLoop> polygons;
    polygons.reserve(outlines_.size());
    for (const std::size_t start : outlines_) polygons.push_back(Walk(start));
    return polygons;
  }

 private:
  struct Ring {
    std::size_t top;         // its highest node, of these the leftmost
    std::size_t before_top;  // the node whose next is `top`
  };

  [[nodiscard]] bool Inside(int x, int y) const {
    return x >= 0 && y >= 0 && x < width_ && y < height_ && is_inside_(x, y);
  }

  std::size_t& NodeAt(int x, int y) {
    return node_at_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_ + 1) + static_cast<std::size_t>(x)];
  }

  void Add(const ContourLoop& loop) {
    const std::size_t first = nodes_.size();
    std::int64_t twice_area = 0;
    for (std::size_t n = 0; n < loop.size(); ++n) {
      const auto& from = loop[n];
      const auto& to = loop[(n + 1) % loop.size()];
      twice_area += static_cast<std::int64_t>(from[0]) * to[1] - static_cast<std::int64_t>(to[0]) * from[1];
      AddEdge(from, to);
    }
    nodes_.back().next = first;
    if (twice_area > 0) {  // clockwise, as y goes downwards
      outlines_.push_back(first);
      return;
    }
    std::size_t top = first;
    for (std::size_t n = first; n < nodes_.size(); ++n) {
      if (std::tie(nodes_[n].y, nodes_[n].x) < std::tie(nodes_[top].y, nodes_[top].x)) top = n;
    }
    holes_.push_back({top, top == first ? nodes_.size() - 1 : top - 1});
  }

  // The nodes from one corner of an outline to before the next.
  void AddEdge(const std::array<int, 2>& from, const std::array<int, 2>& to) {
    const int dx = (to[0] > from[0]) - (to[0] < from[0]), dy = (to[1] > from[1]) - (to[1] < from[1]);
    for (int x = from[0], y = from[1]; x != to[0] || y != to[1]; x += dx, y += dy) {
      NodeAt(x, y) = nodes_.size();
      nodes_.push_back({x, y, nodes_.size() + 1});
    }
  }

  // Joins a hole to what lies straight above its top: pixels of the same component, then an edge of it. Only one
  // outline passes there, as both pixels below that corner are inside.
  void Bridge(const Ring& hole) {
    const auto [x, y] = std::pair(nodes_[hole.top].x, nodes_[hole.top].y);
    int row = y - 1;
    while (Inside(x - 1, row) && Inside(x, row)) --row;
    const std::size_t landing = NodeAt(x, row + 1), landing_again = nodes_.size(), top_again = landing_again + 1;
    nodes_.push_back({x, row + 1, nodes_[landing].next, true});
    nodes_.push_back({x, y, landing_again, true});
    nodes_[hole.before_top].next = top_again;
    nodes_[landing].next = hole.top;
    nodes_[landing].is_bridge_end = nodes_[hole.top].is_bridge_end = true;
  }

  // The corners of a ring at which it turns or a bridge ends.
  [[nodiscard]] ContourLoop Walk(std::size_t start) const {
    ContourLoop polygon;
    std::size_t at = start;
    do {  // a ring starts where it was traced from: at a turn
      const Node& node = nodes_[at];
      polygon.push_back({node.x, node.y});
      do {
        at = nodes_[at].next;
      } while (at != start && !nodes_[at].is_bridge_end && IsStraight(polygon.back(), at));
    } while (at != start);
    return polygon;
  }

  [[nodiscard]] bool IsStraight(const std::array<int, 2>& from, std::size_t at) const {
    const Node &node = nodes_[at], &next = nodes_[node.next];
    return (from[0] == node.x && node.x == next.x) || (from[1] == node.y && node.y == next.y);
  }

  int width_, height_;
  const std::function<bool(int, int)>& is_inside_;
  std::vector<std::size_t> node_at_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> outlines_;
  std::vector<Ring> holes_;
};

}  // namespace

std::vector<ContourLoop> KeyholePolygons(int width, int height, const std::function<bool(int, int)>& is_inside) {
  return Rings(width, height, is_inside).Join();
}

}  // namespace dinsd
