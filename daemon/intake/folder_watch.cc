#include "daemon/intake/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace dinsd {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR;

}  // namespace

FolderWatch::FolderWatch(boost::asio::io_context& io, std::function<void()> on_hint)
    : on_hint_(std::move(on_hint)), events_(io) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return;
  events_.assign(fd);
  Await();
}

void FolderWatch::Watch(const std::filesystem::path& folder) {
  if (!events_.is_open()) return;
  (void)::inotify_add_watch(events_.native_handle(), folder.c_str(), kEvents);
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const bool is_folder = entry.is_directory(failed) && !entry.is_symlink(failed);
    if (is_folder) (void)::inotify_add_watch(events_.native_handle(), entry.path().c_str(), kEvents);
  }
}

void FolderWatch::Await() {
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    std::array<char, 65536> dropped{};
    while (::read(events_.native_handle(), dropped.data(), dropped.size()) > 0) {
    }
    on_hint_();
    Await();
  });
}

}  // namespace dinsd
