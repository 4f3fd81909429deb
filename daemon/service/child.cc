#include "daemon/service/child.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace dinsd {

using boost::asio::posix::stream_descriptor;

std::shared_ptr<Child> Child::Start(boost::asio::io_context& io, const std::filesystem::path& program,
                                    const std::vector<std::string>& arguments, const ChildLimits& limits,
                                    Events events) {
  ChildProcess process = StartChild(program, arguments, limits);
  UniqueFd exit_signal(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!exit_signal) {
    const int error = errno;
    ::kill(process.pid, SIGKILL);
    ::waitpid(process.pid, nullptr, 0);
    throw std::system_error(error, std::generic_category(), "pidfd_open");
  }
  const std::shared_ptr<Child> child(new Child(io, std::move(process), std::move(exit_signal), std::move(events)));
  child->AwaitMessages();
  child->AwaitExit();
  return child;
}

Child::Child(boost::asio::io_context& io, ChildProcess process, UniqueFd exit_signal, Events events)
    : pid_(process.pid),
      events_(std::move(events)),
      socket_(io, process.socket.Release()),
      exit_signal_(io, exit_signal.Release()) {}

Child::~Child() {
  if (is_reaped_) return;
  Kill();
  ::waitpid(pid_, nullptr, 0);
}

void Child::Kill() const {
  if (!is_reaped_) ::kill(pid_, SIGKILL);
}

void Child::Abandon() {
  events_ = {};
  Kill();
}

void Child::Send(const std::string& text, UniqueFd folder) {
  outgoing_.Add(text, std::move(folder));
  AwaitRoom();
}

void Child::AwaitRoom() {
  if (is_waiting_for_room_) return;
  is_waiting_for_room_ = true;
  socket_.async_wait(stream_descriptor::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->is_waiting_for_room_ = false;
                       if (error) return;
                       try {
                         if (!self->outgoing_.Flush(self->socket_.native_handle())) self->AwaitRoom();
                       } catch (const std::system_error&) {
                         self->Kill();  // it does not listen any more; its end is told by on_exit
                       }
                     });
}

void Child::AwaitMessages() {
  socket_.async_wait(stream_descriptor::wait_read, [weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<Child> self = weak.lock();
    if (error || !self) return;
    self->TakeMessages();
  });
}

void Child::TakeMessages() {
  std::vector<std::string> texts;
  MessageBuffer::State state = MessageBuffer::State::kClosed;
  try {
    state = incoming_.ReadAvailable(socket_.native_handle(), texts);
  } catch (const std::exception&) {
    Kill();  // a broken frame: nothing after it can be trusted
  }
  for (const std::string& text : texts) {
    const auto on_message = events_.on_message;
    if (on_message) on_message(text);
  }
  if (state == MessageBuffer::State::kOpen && !is_reaped_) AwaitMessages();
}

void Child::AwaitExit() {
  exit_signal_.async_wait(stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                            if (error) return;
                            int status = 0;
                            ::waitpid(self->pid_, &status, 0);
                            self->is_reaped_ = true;
                            self->TakeMessages();  // what it said before it ended
                            boost::system::error_code ignored;
                            self->socket_.close(ignored);
                            self->exit_signal_.close(ignored);
                            const Events events = std::exchange(self->events_, Events());
                            if (events.on_exit) events.on_exit(DescribeExit(status));
                          });
}

}  // namespace dinsd
