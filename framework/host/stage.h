// An instance of a plugin's stage: made, configured, called with its locks and scratch, destroyed.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/host/outcome.h>
#include <embedloom/host/services.h>
#include <embedloom/host/values.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

namespace embedloom::host {

class InstanceHost;

/// What an instance is made of.
struct Making {
    const el_stage* stage = nullptr;  ///< from Registry::find
    std::string path;                 ///< in the config: "segment", "embedding.token"
    std::vector<Value> values;        ///< one for each row of the parameter table, in its order
    std::uint32_t workers = 1;        ///< calls carry a worker's number below this
};

/// Owns one configured instance. Stages that are its parameters live longer than it. Move nothing: handles point here.
class Instance {
  public:
    /// [main] create and configure. Throws base::Failure with all that is wrong: each error has the stage's path, the
    /// plugin, and for a parameter key_path "path.parameter". Code config for parameters; else what the plugin says.
    static std::shared_ptr<Instance> make(Making making, Services& services);
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    ~Instance();

    const el_stage& stage() const { return *making_.stage; }
    const std::string& path() const { return making_.path; }
    /// "tokenizer/wordpiece 1.0.0"
    const std::string& plugin() const { return plugin_; }
    /// For a stage that takes this one as a parameter.
    const el_stage_handle& handle() const { return handle_; }
    const Services& services() const { return services_; }

    /// [main] Files that it mapped and that are not any more what they were then: an error each, code io.
    std::vector<base::Error> changed_files() const;

    // For the typed handles of the kinds, which are the callers of everything below.

    /// Who may call when. Debug builds check it and stop the program with a message.
    enum class Tag { main, any_thread, serial };

    /// Calls into the plugin: takes the lock of a serial stage, turns exceptions and unknown numbers into EL_INTERNAL,
    /// collects problems, and sees to it that a failed call has one.
    template <class Function>
    Outcome call(Tag tag, const Function& body) {
        CallScope scope(*this, tag);
        Outcome outcome;
        Collector collector{this, &outcome, 0};
        const el_problems problems{sizeof(el_problems), 0, &collector, &Instance::collect};
        try {
            outcome.status = body(&problems);
        } catch (const base::Failure& failure) {
            return failed(failure);
        } catch (const std::bad_alloc&) {  // ours as well: the scratch object's place, say
            outcome.status = EL_RESOURCES;
        } catch (...) {
            outcome.status = EL_INTERNAL;
            note_exception(outcome);
        }
        if (outcome.status != EL_OK) complete(outcome);
        return outcome;
    }
    /// The scratch object of a worker, made at its first call. Throws base::Failure where it cannot be.
    void* scratch(std::uint32_t worker);
    /// The outcome of a call whose results break the contract: "text 3 has id 70000 from encode, expected ...".
    Outcome violation(const std::string& call, const std::string& what, const std::string& expected) const;
    /// An error that names this stage and its plugin.
    base::Error error(base::Code code) const;

  private:
    struct Collector {
        Instance* instance;
        Outcome* outcome;
        std::uint64_t count;
    };
    class CallScope {
      public:
        CallScope(Instance& instance, Tag tag);
        CallScope(const CallScope&) = delete;
        CallScope& operator=(const CallScope&) = delete;
        ~CallScope();

      private:
        Instance& instance_;
        Tag tag_;
        std::unique_lock<std::mutex> lock_;
    };
    Instance(Making making, Services& services);
    static void collect(void* collector, const el_problem* problem);
    static void note_exception(Outcome& outcome);
    Outcome failed(const base::Failure& failure) const;
    void complete(Outcome& outcome) const;

    Making making_;  // holds the stages that are parameters: destroyed after this one
    Services& services_;
    std::string plugin_;
    std::unique_ptr<InstanceHost> host_;
    el_stage_handle handle_{};
    struct Scratch {
        void* object = nullptr;
        bool is_made = false;
    };
    std::vector<Scratch> scratch_;  // by worker; a worker touches its own alone
    std::mutex serial_;
    std::atomic<std::int32_t> running_{0};  // calls now; debug builds: -1 marks a [main] call
};

}  // namespace embedloom::host
