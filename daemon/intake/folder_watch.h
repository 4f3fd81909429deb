#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <vector>

namespace dinsd {

/// A hint that something happened in some folders or one level below: inotify, which loses events by design. Whoever
/// listens looks again by itself from time to time.
class FolderWatch {
 public:
  /// `on_hint` is called after events, however many. Works without a watch where the kernel gives none.
  FolderWatch(boost::asio::io_context& io, std::function<void()> on_hint);

  /// Watches `folder` and the folders in it; again for folders that are new. Cheap if nothing is.
  void Watch(const std::filesystem::path& folder);

 private:
  void Await();

  std::function<void()> on_hint_;
  boost::asio::posix::stream_descriptor events_;
};

}  // namespace dinsd
