#include "pipeline/baseline/graph_cut.h"

#include <algorithm>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <utility>

namespace dinsd {
namespace {

using Graph = boost::compressed_sparse_row_graph<boost::directedS>;
using Edge = boost::graph_traits<Graph>::edge_descriptor;
using Ends = std::pair<std::size_t, std::size_t>;

// Voxels as nodes, then the source (foreground) and the sink (background). Every edge has its reverse.
class CutGraph {
 public:
  explicit CutGraph(const CutProblem& problem) : problem_(problem), voxels_(problem.size.VoxelCount()) {
    // What a voxel costs on either side flows in every case: only the rest is an edge.
    for (std::size_t at = 0; at < voxels_; ++at) base_ += std::min(ToSource(at), ToSink(at));
    for (std::size_t at = 0; at < voxels_; ++at) AddVoxel(at);
    for (std::size_t at = 0; at < voxels_; ++at) {
      if (ToSource(at) > ToSink(at)) Add(Source(), at, ToSource(at) - ToSink(at));
    }
    for (std::size_t at = 0; at < voxels_; ++at) {
      if (ToSink(at) > ToSource(at)) Add(Sink(), at, 0);
    }
    graph_ = Graph(boost::edges_are_sorted, ends_.begin(), ends_.end(), voxels_ + 2);
    FindReverses();
  }

  [[nodiscard]] Cut Solve() {
    const auto edges = boost::get(boost::edge_index, graph_);
    const auto nodes = boost::get(boost::vertex_index, graph_);
    std::vector<std::int64_t> residual(capacity_.size());
    std::vector<Edge> predecessor(voxels_ + 2);
    std::vector<boost::default_color_type> colour(voxels_ + 2);
    std::vector<std::int64_t> distance(voxels_ + 2);
    const std::int64_t flow = boost::boykov_kolmogorov_max_flow(
        graph_, boost::make_iterator_property_map(capacity_.begin(), edges),
        boost::make_iterator_property_map(residual.begin(), edges),
        boost::make_iterator_property_map(reverse_.begin(), edges),
        boost::make_iterator_property_map(predecessor.begin(), nodes),
        boost::make_iterator_property_map(colour.begin(), nodes),
        boost::make_iterator_property_map(distance.begin(), nodes), nodes, Source(), Sink());
    Cut cut{std::vector<std::uint8_t>(voxels_), base_ + flow};
    for (std::size_t at = 0; at < voxels_; ++at) cut.foreground[at] = colour[at] == boost::black_color ? 1 : 0;
    return cut;
  }

 private:
  [[nodiscard]] std::size_t Source() const { return voxels_; }
  [[nodiscard]] std::size_t Sink() const { return voxels_ + 1; }
  // Cut where the voxel is background, or foreground.
  [[nodiscard]] std::int64_t ToSource(std::size_t at) const { return problem_.background_cost[at]; }
  [[nodiscard]] std::int64_t ToSink(std::size_t at) const { return problem_.foreground_cost[at]; }

  void Add(std::size_t from, std::size_t to, std::int64_t capacity) {
    ends_.emplace_back(from, to);
    capacity_.push_back(capacity);
  }

  // All edges that leave a voxel, by ascending end.
  void AddVoxel(std::size_t at) {
    const Index3 v = IndexAt(problem_.size, at);
    const auto row = static_cast<std::size_t>(problem_.size.x);
    const auto slice = static_cast<std::size_t>(problem_.size.y * problem_.size.x);
    const auto& [z, y, x] = problem_.neighbour_cost;
    if (v.z > 0) Add(at, at - slice, z[at - slice]);
    if (v.y > 0) Add(at, at - row, y[at - row]);
    if (v.x > 0) Add(at, at - 1, x[at - 1]);
    if (v.x + 1 < problem_.size.x) Add(at, at + 1, x[at]);
    if (v.y + 1 < problem_.size.y) Add(at, at + row, y[at]);
    if (v.z + 1 < problem_.size.z) Add(at, at + slice, z[at]);
    if (ToSource(at) > ToSink(at)) Add(at, Source(), 0);
    if (ToSink(at) > ToSource(at)) Add(at, Sink(), ToSink(at) - ToSource(at));
  }

  // Edges lie in the order of their two ends: those that lead to one node, read in that order, meet the edges that
  // leave it in theirs.
  void FindReverses() {
    std::vector<std::size_t> next(voxels_ + 2, 0);
    for (std::size_t e = ends_.size(); e-- > 0;) next[ends_[e].first] = e;
    reverse_.resize(ends_.size());
    for (std::size_t e = 0; e < ends_.size(); ++e) {
      const auto [from, to] = ends_[e];
      reverse_[next[to]++] = Edge(from, e);
    }
  }

  const CutProblem& problem_;
  std::size_t voxels_;
  std::int64_t base_ = 0;
  std::vector<Ends> ends_;
  std::vector<std::int64_t> capacity_;
  std::vector<Edge> reverse_;
  Graph graph_;
};

}  // namespace

Cut LeastCut(const CutProblem& problem) {
  return CutGraph(problem).Solve();
}

}  // namespace dinsd
