// The engine that runs: a oneTBB flow graph.
//
//   plan ─▶ window ─▶ shelf ─▶ strip ─▶ order ─▶ ready
//   serial  parallel  serial   parallel  sequencer  serial
//
// A message is the number of a slot and what is to be done with it; what is made next is the coordinator's to say. plan and
// shelf share it, so each holds its lock for a moment and never while a stage runs. No body waits for anything.
#include <embedloom/engine/engine_base.h>
#include <embedloom/engine/signals.h>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <unistd.h>

#include <future>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

namespace embedloom::engine {

namespace {

namespace flow = oneapi::tbb::flow;

struct Knock {};  ///< something has changed: look what can begin

struct WindowMessage {
    WindowJob job;
    WindowMade made;
};

// What brings a batch to its end goes first.
constexpr flow::node_priority_t window_priority = 1;
constexpr flow::node_priority_t strip_priority = 2;
constexpr flow::node_priority_t shelf_priority = 3;

class GraphEngine final : public EngineBase {
  public:
    GraphEngine(const Settings& settings, Work& work) : EngineBase(settings, work) {
        for (std::uint32_t worker = settings.threads; worker-- > 0;) free_workers_.push_back(worker);
    }
    ~GraphEngine() override;

  private:
    using Plan = flow::multifunction_node<Knock, std::tuple<WindowMessage*>>;
    using Window = flow::function_node<WindowMessage*, WindowMessage*>;
    using Shelf = flow::multifunction_node<WindowMessage*, std::tuple<StripTask, Finished, Knock>>;
    using Strip = flow::multifunction_node<StripTask, std::tuple<Finished, WindowMessage*>>;
    struct Graph;

    std::optional<base::Error> start() override;
    void drive(std::promise<void> started);
    void poke() override;

    void plan(Plan::output_ports_type& out) noexcept;
    WindowMessage* make_window(WindowMessage* message) noexcept;
    void shelve(WindowMessage* message, Shelf::output_ports_type& out) noexcept;
    void make_strip(StripTask task, Strip::output_ports_type& out) noexcept;
    void hand_over(const Finished& finished) noexcept;

    template <typename Body>
    void guarded(Lock& lock, Body&& body) noexcept;
    std::uint32_t take_worker();

    std::vector<std::uint32_t> free_workers_;
    std::deque<WindowMessage> messages_;  // by slot; touched by plan alone, whose lock is the node's
    std::atomic<Graph*> graph_{nullptr};  // lives in drive()
    std::unique_ptr<std::thread> driver_;
};

struct GraphEngine::Graph {
    explicit Graph(GraphEngine& engine)
        : plan(graph, flow::serial, [&engine](Knock, auto& out) { engine.plan(out); }, shelf_priority),
          window(graph, engine.settings_.threads, [&engine](WindowMessage* m) { return engine.make_window(m); },
                 window_priority),
          shelf(graph, flow::serial, [&engine](WindowMessage* m, auto& out) { engine.shelve(m, out); }, shelf_priority),
          strip(graph, flow::unlimited, [&engine](const StripTask& t, auto& out) { engine.make_strip(t, out); },
                strip_priority),
          order(graph, [](const Finished& finished) { return finished.sequence; }),
          ready(graph, flow::serial, [&engine](const Finished& finished) { engine.hand_over(finished); }, shelf_priority) {
        flow::make_edge(flow::output_port<0>(plan), window);
        flow::make_edge(window, shelf);
        flow::make_edge(flow::output_port<0>(shelf), strip);
        flow::make_edge(flow::output_port<1>(shelf), order);
        flow::make_edge(flow::output_port<2>(shelf), plan);
        flow::make_edge(flow::output_port<0>(strip), order);
        flow::make_edge(flow::output_port<1>(strip), shelf);
        flow::make_edge(order, ready);
    }

    flow::graph graph;
    Plan plan;
    Window window;
    Shelf shelf;
    Strip strip;
    flow::sequencer_node<Finished> order;
    flow::function_node<Finished> ready;

    /// Destroyed before the nodes: connecting them leaves tasks, which must not outlive them when there is no memory to go on.
    struct Settled {
        flow::graph& graph;
        ~Settled() {
            try {
                graph.wait_for_all();
            } catch (...) {
                // The graph's own destructor waits again.
            }
        }
    } settled{graph};
};

// ---- from start to end

std::optional<base::Error> GraphEngine::start() {
    // oneTBB belongs to the process that has used it first: in a child it looks alive and runs nothing.
    static std::atomic<pid_t> first_used_in{0};
    pid_t none = 0;
    if (!first_used_in.compare_exchange_strong(none, getpid()) && first_used_in != getpid()) return forked();
    mark_started();
    const SignalsBlocked blocked;
    std::promise<void> promise;
    std::future<void> started = promise.get_future();
    try {
        driver_ = std::make_unique<std::thread>([this, p = std::move(promise)]() mutable { drive(std::move(p)); });
        started.get();
    } catch (...) {
        base::Error error = current_error("engine");
        error.code = base::Code::resources;
        error.hint = "the threads could not be started: lower run.threads, or raise the limit on processes (ulimit -u)";
        return error;
    }
    poke();
    return std::nullopt;
}

/// The driver is one of the arena's threads. Without a thread that waits in it, oneTBB need not run an arena at all.
void GraphEngine::drive(std::promise<void> started) {
    bool told = false;
    try {
        using Control = oneapi::tbb::global_control;
        std::optional<Control> more_threads;  // than processors, where that is asked for
        if (Control::active_value(Control::max_allowed_parallelism) < settings_.threads)
            more_threads.emplace(Control::max_allowed_parallelism, settings_.threads);
        oneapi::tbb::task_arena arena(static_cast<int>(settings_.threads), 1);
        arena.execute([&] {
            Graph graph(*this);
            graph_ = &graph;
            graph.graph.reserve_wait();  // let go by the destructor
            told = true;
            started.set_value();
            graph.graph.wait_for_all();
        });
    } catch (...) {
        graph_ = nullptr;
        if (!told) return started.set_exception(std::current_exception());
        const Lock lock(mutex_);
        fail(current_error("engine"));
    }
}

/// Nothing new begins, the caller is woken, then what runs comes back and all windows are recycled.
GraphEngine::~GraphEngine() {
    if (is_forked()) {
        static_cast<void>(driver_.release());  // its thread is not here
        return;
    }
    cancel();
    if (Graph* graph = graph_) graph->graph.release_wait();
    if (driver_) driver_->join();
}

void GraphEngine::poke() {
    if (Graph* graph = graph_) graph->shelf.try_put(nullptr);
}

// ---- the bodies

/// An exception in here is a bug of this room. It must not leave: oneTBB would drop what is under way.
template <typename Body>
void GraphEngine::guarded(Lock& lock, Body&& body) noexcept {
    try {
        body();
    } catch (...) {
        if (!lock) lock.lock();
        fail(current_error("engine"));
    }
}

std::uint32_t GraphEngine::take_worker() {
    // An arena of so many threads, each of which runs one body: there is a number.
    if (free_workers_.empty()) throw std::logic_error("more bodies run than there are threads");
    const std::uint32_t worker = free_workers_.back();
    free_workers_.pop_back();
    return worker;
}

void GraphEngine::plan(Plan::output_ports_type& out) noexcept {
    Lock lock(mutex_);
    guarded(lock, [&] {
        while (const auto job = coordinator_.take_window()) {
            while (messages_.size() <= job->slot) messages_.emplace_back();
            WindowMessage& message = messages_[job->slot];
            message.job = *job;
            std::get<0>(out).try_put(&message);
        }
    });
}

/// Isolated, as strips are, so that a stage that waits for work of its own is not given another body meanwhile.
WindowMessage* GraphEngine::make_window(WindowMessage* message) noexcept {
    Lock lock(mutex_);
    guarded(lock, [&] {
        const std::uint32_t worker = take_worker();
        lock.unlock();
        Border::TimedWindow timed = oneapi::tbb::this_task_arena::isolate(
            [&] { return border_.make_window(message->job.id, message->job.slot, worker); });
        message->made = std::move(timed.made);
        lock.lock();
        free_workers_.push_back(worker);
        window_time_ += timed.time;
    });
    return message;
}

void GraphEngine::shelve(WindowMessage* message, Shelf::output_ports_type& out) noexcept {
    Lock lock(mutex_);
    guarded(lock, [&] {
        if (message != nullptr) coordinator_.window_made(message->job.slot, std::move(message->made));
        do {
            while (const auto task = coordinator_.take_strip()) std::get<0>(out).try_put(*task);
            while (const auto finished = coordinator_.take_finished()) std::get<1>(out).try_put(*finished);
            std::get<2>(out).try_put({});
        } while (run_serial_job(lock));
        tell_caller();
    });
}

void GraphEngine::make_strip(StripTask task, Strip::output_ports_type& out) noexcept {
    Lock lock(mutex_);
    guarded(lock, [&] {
        task.worker = take_worker();
        oneapi::tbb::this_task_arena::isolate([&] { run_strip(lock, task); });
        free_workers_.push_back(task.worker);
        bool any = false;
        for (; const auto finished = coordinator_.take_finished(); any = true) std::get<0>(out).try_put(*finished);
        if (any) std::get<1>(out).try_put(nullptr);  // windows may have become free
    });
}

void GraphEngine::hand_over(const Finished& finished) noexcept {
    Lock lock(mutex_);
    guarded(lock, [&] { arrive(finished); });
}

}  // namespace

std::unique_ptr<Engine> make_graph_engine(const Settings& settings, Work& work) {
    return std::make_unique<GraphEngine>(settings, work);
}

}  // namespace embedloom::engine
