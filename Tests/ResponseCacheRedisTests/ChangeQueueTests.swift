import CacheMiddleware
import KeyConstructor
import Synchronization
import Testing

@testable import ResponseCacheRedis

@Suite struct ChangeQueueTests {
    /// A queue whose changes the test applies.
    private final class Held: Sendable {
        let memory = MemoryStore(byteLimit: 1 << 20)
        private let runs = Mutex<[@Sendable () -> Void]>([])

        func queue() -> ChangeQueue {
            ChangeQueue(for: memory) { [self] run in runs.withLock { $0.append(run) } }
        }

        func apply() {
            let runs = runs.withLock { runs in
                defer { runs = [] }
                return runs
            }
            for run in runs { run() }
        }

        func keep(_ name: String, tags: [String] = [], since mark: PurgeMark? = nil) {
            memory.store(.text(name, tags: tags), for: CacheKey(digestOf: name), unlessPurgedSince: mark)
        }

        func has(_ name: String) -> Bool { memory.entry(for: CacheKey(digestOf: name)) != nil }
    }

    private static func change(_ tag: String) -> StoreChange { StoreChange(selection: .tag(tag), mode: .hard) }

    @Test func `A change also applies to entries stored before its turn`() {
        let held = Held()
        let queue = held.queue()
        let mark = held.memory.purgeMark()
        held.keep("before", tags: ["red"])
        queue.append(Self.change("red"))
        #expect(held.has("before"))
        held.keep("meanwhile", tags: ["red"], since: mark)
        held.keep("other", tags: ["blue"])
        held.apply()
        #expect(!held.has("before"))
        #expect(!held.has("meanwhile"))
        #expect(held.has("other"))
        held.keep("late", tags: ["red"], since: mark)
        #expect(!held.has("late"), "looked up before the change")
    }

    @Test func `The tier is emptied before it is used`() {
        let held = Held()
        let queue = held.queue()
        held.keep("before")
        queue.begin()
        #expect(!queue.isListening)
        queue.append(Self.change("red"))
        held.apply()
        #expect(queue.isListening)
        #expect(!held.has("before"))
    }

    @Test(arguments: [false, true])
    func `The tier is unused as soon as a subscription ends`(empties: Bool) {
        let held = Held()
        let queue = held.queue()
        queue.begin()
        held.apply()
        held.keep("a")
        held.keep("b", tags: ["red"])
        queue.append(Self.change("red"))
        queue.end(empties: empties)
        #expect(!queue.isListening)
        held.apply()
        #expect(!queue.isListening)
        #expect(held.has("a") == !empties)
        #expect(!held.has("b"))
    }

    @Test func `An ended subscription does not enable the tier`() {
        let held = Held()
        let queue = held.queue()
        queue.begin()
        queue.end(empties: false)
        held.apply()
        #expect(!queue.isListening)
        queue.begin()
        held.apply()
        #expect(queue.isListening)
    }

    @Test(arguments: [(ChangeQueue.limit + 1, 1), (17, 1 << 16)])
    func `An overflow empties the tier`(count: Int, length: Int) {
        let held = Held()
        let queue = held.queue()
        queue.begin()
        held.keep("a", tags: ["none"])
        for _ in 0..<count { queue.append(Self.change(String(repeating: "x", count: length))) }
        held.apply()
        #expect(!held.has("a"))
        #expect(queue.isListening)
        held.keep("b", tags: ["none"])
        queue.append(Self.change("x"))
        held.apply()
        #expect(held.has("b"), "the queue works again")
    }
}
