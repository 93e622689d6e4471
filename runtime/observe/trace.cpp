// SPDX-License-Identifier: Apache-2.0
#include <source_location>
#include <utility>

#include "base/files.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/observe.hpp"
#include "runtime/executor/policy.hpp"
#include "runtime/observe/recorder.hpp"
#include "runtime/observe/trace_json.hpp"

namespace pel {
namespace {

using observe::Recorder;
using observe::SpanKind;
using observe::SpanRecord;
using observe::Track;

void begin_span(SpanRecord span, int worker) noexcept {
  Track* const track = Recorder::instance().track();
  if (track == nullptr) return;
  if (worker >= 0) track->set_worker(worker);
  span.begin_ns = observe::trace_now_ns();
  track->begin(span);
}

void end_span(bool failed) noexcept {
  if (Track* const track = Recorder::instance().known_track()) track->end(failed);
}

// Draws loop calls, and passes everything on to the observer that was installed before it.
class LoopTracer final : public detail::LoopObserver {
 public:
  void install() noexcept {
    LoopObserver* const before = detail::loop_observer.exchange(this, std::memory_order_acq_rel);
    if (before != this) next_.store(before, std::memory_order_release);
  }
  void remove() noexcept {
    detail::LoopObserver* self = this;
    detail::loop_observer.compare_exchange_strong(self, next_.load(std::memory_order_acquire),
                                                  std::memory_order_acq_rel);
  }

  bool loop_begin(detail::LoopCall& call) noexcept override {
    LoopObserver* const next = next_.load(std::memory_order_acquire);
    const bool parallel = next == nullptr || next->loop_begin(call);
    SpanRecord span;
    span.name = call.algorithm;
    span.file = call.where.file_name();
    span.line = call.where.line();
    span.size = call.size;
    span.kind = SpanKind::kLoop;
    begin_span(span, worker_index());
    return parallel;
  }
  void loop_data(const detail::LoopCall& call, const void* data,
                 std::size_t bytes) noexcept override {
    LoopObserver* const next = next_.load(std::memory_order_acquire);
    if (next != nullptr) next->loop_data(call, data, bytes);
  }
  void loop_end(const detail::LoopCall& call, bool failed) noexcept override {
    end_span(failed);
    LoopObserver* const next = next_.load(std::memory_order_acquire);
    if (next != nullptr) next->loop_end(call, failed);
  }

 private:
  std::atomic<detail::LoopObserver*> next_{nullptr};
};

// Loops that began under it may end at any time: it lives for ever.
LoopTracer& loop_tracer() {
  static LoopTracer* const one = new LoopTracer;
  return *one;
}

void executor_begin(void*, int worker, const char* what, const std::source_location* where) {
  SpanRecord span;
  span.name = what;
  if (where != nullptr && where->line() != 0) {
    span.file = where->file_name();
    span.line = where->line();
  }
  begin_span(span, worker);
}

void executor_end(void*, int, const char*) { end_span(false); }

const detail::TraceHooks kExecutorHooks{executor_begin, executor_end, nullptr};

void remove_hooks() noexcept {
  detail::set_trace_hooks(nullptr);
  loop_tracer().remove();
}

}  // namespace

std::atomic<bool> Span::recording{false};

void Span::begin(const char* name, const std::source_location& where) noexcept {
  SpanRecord span;
  span.name = name;
  span.file = where.file_name();
  span.line = where.line();
  span.kind = SpanKind::kProgram;
  begin_span(span, worker_index());
}

void Span::end() noexcept { end_span(false); }

Trace::Trace(std::string path, TraceOptions options) : path_(std::move(path)) {
  if (!Recorder::instance().start(options.max_events)) {
    throw Error(path_, "a trace is being recorded already", "stop it first");
  }
  loop_tracer().install();
  detail::set_trace_hooks(&kExecutorHooks);
  Span::recording.store(true, std::memory_order_release);
}

Trace::~Trace() {
  if (!recording_) return;
  Span::recording.store(false, std::memory_order_release);
  remove_hooks();
  static_cast<void>(Recorder::instance().stop());
}

void Trace::stop() {
  if (!recording_) throw Error(path_, "the trace was stopped already");
  recording_ = false;
  Span::recording.store(false, std::memory_order_release);
  remove_hooks();
  const std::int64_t start_ns = Recorder::instance().started_ns();
  base::write_text(path_, observe::trace_json(Recorder::instance().stop(), start_ns));
}

}  // namespace pel
