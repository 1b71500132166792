import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Synchronization
import TestSupport
import Testing

@testable import ETag

/// Records values of concurrent tasks.
final class Recorder<Element: Sendable>: Sendable {
    private let storage = Mutex<[Element]>([])
    var elements: [Element] { storage.withLock { $0 } }
    func append(_ element: Element) { storage.withLock { $0.append(element) } }
}

@Suite(.timeLimit(.minutes(5))) struct UpdateSerializationTests {
    @Test func `Locks of one name exclude each other in order`() async throws {
        let locks = ResourceLocks()
        let order = Recorder<Int>()
        let (opened, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await locks.withLock("a") {
                    for await _ in opened { break }
                    order.append(0)
                }
            }
            try await waitUntil { locks.count > 0 }
            for index in 1...5 {
                group.addTask { try await locks.withLock("a") { order.append(index) } }
                try await waitUntil { locks.waiterCount(for: "a") >= index }
            }
            try await locks.withLock("b") { order.append(-1) }
            open.yield()
            try await group.waitForAll()
        }
        #expect(order.elements == [-1, 0, 1, 2, 3, 4, 5])
        #expect(locks.count == 0)
    }

    @Test func `A cancelled waiter leaves and the others continue`() async throws {
        let locks = ResourceLocks()
        let (opened, open) = AsyncStream<Void>.makeStream()
        let holder = Task { try await locks.withLock("a") { for await _ in opened { break } } }
        try await waitUntil { locks.count > 0 }
        let cancelled = Task { _ = try await locks.withLock("a") { Issue.record("it ran") } }
        try await waitUntil { locks.waiterCount(for: "a") >= 1 }
        let patient = Task { try await locks.withLock("a") { true } }
        try await waitUntil { locks.waiterCount(for: "a") >= 2 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        open.yield()
        try await holder.value
        #expect(try await patient.value)
        #expect(locks.count == 0)
    }

    @Test func `Lock names are compared by their bytes`() async throws {
        let locks = ResourceLocks()
        try await locks.withLock("caf\u{E9}") {
            try await locks.withLock("cafe\u{301}") { #expect(locks.count == 2) }
        }
    }

    @Test func `Waiters are promoted in order, even if some leave`() {
        var queue = LockQueue<Int>()
        for number in 1...200 { queue.append(number, number: number) }
        for number in 1...150 where number % 3 != 0 { #expect(queue.remove(number) == number) }
        #expect(queue.popFirst() == 3)
        #expect(queue.remove(3) == nil)
        queue.append(201, number: 201)
        var rest: [Int] = []
        while let next = queue.popFirst() { rest.append(next) }
        #expect(rest == (1...150).filter { $0 % 3 == 0 && $0 > 3 } + (151...201))
        #expect(queue.count == 0)
    }

    @Test func `A cancelled task does not wait`() async throws {
        let locks = ResourceLocks()
        let (opened, open) = AsyncStream<Void>.makeStream()
        let holder = Task { try await locks.withLock("a") { for await _ in opened { break } } }
        try await waitUntil { locks.count > 0 }
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await locks.withLock("a") { Issue.record("it ran") }
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        open.yield()
        try await holder.value
    }

    @Test func `A lock is freed when its holder fails`() async throws {
        struct Failure: Error {}
        let locks = ResourceLocks()
        await #expect(throws: Failure.self) { try await locks.withLock("a") { throw Failure() } }
        #expect(locks.count == 0)
    }

    @Test func `A nested update of the same resource does not wait`() async throws {
        let middleware = ETagMiddleware()
        let inner = Pipeline { middleware }.wrap { _ in .testing("inner") }
        let outer = Pipeline { middleware }.wrap { exchange in try await inner(exchange) }
        #expect(try await outer(.testing(.put, "/same")).text() == "inner")
    }

    @Test func `A query does not change the resource name`() async throws {
        // A name can be chosen, too.
        let names = Recorder<Set<String>>()
        for serialization in [UpdateSerialization.perResource, .by { _ in "chosen" }, .by { _ in nil }, .none] {
            _ = try await serialization.serialize(.testing(.put, "//a/%62/?b=c")) { _ in
                names.append(Set(ResourceLocks.held.keys.map(\.text)))
            }
        }
        #expect(names.elements == [["a/b"], ["chosen"], [], []])
    }

    @Test func `A task that outlives its update waits like any other`() async throws {
        let serialization = UpdateSerialization.perResource
        let exchange = Exchange.testing(.put, "/outlived")
        let (gate, open) = AsyncStream<Void>.makeStream()
        let late = try await serialization.serialize(exchange) { _ in
            Task {
                for await _ in gate { break }
                #expect(ResourceLocks.held["outlived"]?.isHeld == false)
                try await serialization.serialize(exchange) { _ in }
            }
        }
        let holder = Task {
            try await serialization.serialize(exchange) { _ in
                open.yield()
                try await waitUntil { ResourceLocks.shared.waiterCount(for: "outlived") >= 1 }
            }
        }
        try await holder.value
        try await late.value
    }

    @Test func `A slow body blocks no other update`() async throws {
        // A body that is too large is refused.
        let (bytes, send) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        let handler = Pipeline { ETagMiddleware { $0.serialization = .perResource.withBodies(upTo: 4) } }
            .wrap { .testing(String(buffer: try await $0.body.collect(upTo: 100))) }
        var slow = Exchange.testing(.put, "/upload")
        slow.body = RequestBody(.stream(bytes))
        let upload = Task { [slow] in try await handler(slow).text() }
        send.yield(ByteBuffer(string: "a"))
        #expect(try await handler(.testing(.put, "/upload", body: ByteBuffer(string: "b"))).text() == "b")
        send.yield(ByteBuffer(string: "c"))
        send.finish()
        #expect(try await upload.value == "ac")
        var large = Exchange.testing(.put, "/upload")
        large.body = RequestBody(
            .stream(
                AsyncThrowingStream { continuation in
                    continuation.yield(ByteBuffer(string: "abcde"))
                    continuation.finish()
                }))
        #expect(try await handler(large).status == .contentTooLarge)
    }
}
