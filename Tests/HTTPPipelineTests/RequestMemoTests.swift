import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Synchronization
import TestSupport
import Testing

@Suite struct RequestMemoTests {
    final class Owner: Sendable {}
    struct Failure: Error {}

    /// A gate at which tasks wait until it is opened.
    final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

        func wait() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    @Test func `An owner has a value for each route and parameters`() {
        let (first, second) = (Owner(), Owner())
        var exchange = Exchange.testing()
        let memo = exchange.memo
        #expect(memo.value(of: first, for: exchange) { 1 } == 1)
        #expect(memo.value(of: first, for: exchange) { 2 } == 1)
        #expect(memo.value(of: second, for: exchange) { "b" } == "b")
        exchange.pathParameters = PathParameters(positional: [nil, 1.5, ["a": [true]]])
        #expect(memo.value(of: first, for: exchange) { 3 } == 3)
        exchange.route.method = "put"
        #expect(memo.value(of: first, for: exchange) { 4 } == 4)
        memo.removeAll()
        #expect(memo.value(of: first, for: exchange) { 5 } == 5)
    }

    @Test func `A changed exchange has its own values`() {
        // Its copies share them.
        enum Tenant: AttributeKey { typealias Value = String }
        let owner = Owner()
        let original = Exchange.testing()
        let changes: [(inout Exchange) -> Void] = [
            { $0.userID = "1" }, { $0.language = "de" }, { $0.format = "csv" }, { $0[Tenant.self] = "acme" },
            { $0.request.path = "/other" }, { $0.request.headerFields[.accept] = "text/csv" },
            { $0.route.view = "other" }, { $0.pathParameters = PathParameters(positional: [nil, 1.5, ["a": [true]]]) },
        ]
        #expect(original.memo.value(of: owner, for: original) { -1 } == -1)
        for (index, change) in changes.enumerated() {
            var changed = original
            change(&changed)
            let copy = changed
            #expect(original.memo.value(of: owner, for: changed) { index } == index)
            #expect(original.memo.value(of: owner, for: copy) { -2 } == index)
        }
        #expect(original.memo.value(of: owner, for: original) { -3 } == -1)
    }

    @Test func `Of concurrent callers one computes and the others wait`() async throws {
        let (owner, gate, counter) = (Owner(), Gate(), HandlerCounter())
        let exchange = Exchange.testing()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await exchange.memo.value(of: owner, for: exchange) {
                        let run = counter.increment()
                        await gate.wait()
                        return run
                    }
                }
            }
            try await waitUntil { counter.count > 0 }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 1, count: 50))
    }

    @Test func `After a failed computation the next waiter computes`() async throws {
        let (owner, gate, counter) = (Owner(), Gate(), HandlerCounter())
        let exchange = Exchange.testing()
        let results = try await withThrowingTaskGroup(of: Result<Int, any Error>.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        return .success(
                            try await exchange.memo.value(of: owner, for: exchange) {
                                let run = counter.increment()
                                await gate.wait()
                                guard run > 2 else { throw Failure() }
                                return run
                            }
                        )
                    } catch {
                        return .failure(error)
                    }
                }
            }
            try await waitUntil { counter.count > 0 }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { (try? $0.get()) == 3 } == 8)
        #expect(results.count { (try? $0.get()) == nil } == 2)
        #expect(counter.count == 3)
    }

    @Test func `A cancelled waiter stops waiting`() async throws {
        let (owner, gate, counter) = (Owner(), Gate(), HandlerCounter())
        let exchange = Exchange.testing()
        let leader = Task {
            try await exchange.memo.value(of: owner, for: exchange) {
                counter.increment()
                await gate.wait()
                return 1
            }
        }
        try await waitUntil { counter.count > 0 }
        let waiter = Task {
            try await exchange.memo.value(of: owner, for: exchange) {
                await Task.yield()
                return 2
            }
        }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        gate.open()
        #expect(try await leader.value == 1)
    }

    @Test func `Pending computations are dropped when the memo is cleared`() async throws {
        let (owner, gate, counter) = (Owner(), Gate(), HandlerCounter())
        let exchange = Exchange.testing()
        let early = Task {
            try await exchange.memo.value(of: owner, for: exchange) {
                counter.increment()
                await gate.wait()
                return "old"
            }
        }
        try await waitUntil { counter.count > 0 }
        exchange.memo.removeAll()
        gate.open()
        #expect(try await early.value == "old")
        #expect(exchange.memo.value(of: owner, for: exchange) { "new" } == "new")
    }
}
