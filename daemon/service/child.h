#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"

namespace dinsd {

/// A child process in the parent's event loop: messages in and out without ever blocking, and its end. Destroying it
/// kills the child. Not thread-safe.
class Child : public std::enable_shared_from_this<Child> {
 public:
  struct Events {
    std::function<void(const std::string& text)> on_message;
    /// Once, after the last message: how it ended, in words ("signal 9 (Killed)").
    std::function<void(const std::string& how)> on_exit;
  };

  /// Throws std::system_error if the program cannot be started.
  [[nodiscard]] static std::shared_ptr<Child> Start(boost::asio::io_context& io, const std::filesystem::path& program,
                                                    const std::vector<std::string>& arguments,
                                                    const ChildLimits& limits, Events events);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Send(const std::string& text, UniqueFd folder = UniqueFd());

  /// SIGKILL; on_exit follows.
  void Kill() const;

  /// Kills it and never calls an event again.
  void Abandon();

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  Child(boost::asio::io_context& io, ChildProcess process, UniqueFd exit_signal, Events events);
  void AwaitMessages();
  void AwaitRoom();
  void AwaitExit();
  void TakeMessages();

  pid_t pid_;
  Events events_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::posix::stream_descriptor exit_signal_;  // a pidfd: readable once the child has ended
  MessageBuffer incoming_;
  MessageOutbox outgoing_;
  bool is_waiting_for_room_ = false;
  bool is_reaped_ = false;
};

}  // namespace dinsd
