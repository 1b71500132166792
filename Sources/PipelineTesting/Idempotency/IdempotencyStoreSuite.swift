public import BulkOperations
import HTTPPipeline
import HTTPTypes
import NIOCore
import Testing

/// A suite of checks that every `IdempotencyStore` must pass. Run it in a test of a store:
///
/// ```swift
/// @Test func `Behaves as every store of keys does`() async throws {
///     try await IdempotencyStoreSuite { time in MemoryIdempotencyStore(timeSource: time) }.run()
/// }
/// ```
public struct IdempotencyStoreSuite: Sendable {
    private static let lifetimes = IdempotencyLifetimes(record: .seconds(100), lease: .seconds(10))
    private static let fingerprint = RequestFingerprint("0123456789abcdef0123456789abcdef")
    private static let other = RequestFingerprint("fedcba9876543210fedcba9876543210")

    private let makeStore: @Sendable (ManualTimeSource) async throws -> any IdempotencyStore

    /// Creates a suite for the stores that a closure creates.
    ///
    /// - Parameter makeStore: Creates an empty store for at least 1,000 records and 1 MiB that uses the given wall clock.
    public init(_ makeStore: @escaping @Sendable (ManualTimeSource) async throws -> any IdempotencyStore) {
        self.makeStore = makeStore
    }

    /// Runs every check, each with its own store.
    public func run() async throws {
        try await returnsTheFinishedReply()
        try await separatesRecords()
        try await comparesFingerprints()
        try await abandonsRecords()
        try await startsAgainAfterTheLease()
        try await removesRecordsAfterTheirLifetime()
        try await startsOnceUnderConcurrency()
    }

    private func returnsTheFinishedReply() async throws {
        let (store, _) = try await store()
        let token = try await start(in: store)
        #expect(try await begin(in: store) == .running, "a started record is running")
        var fields: HTTPFields = [.contentType: "text/plain", .location: "/a: b"]
        for value in ["<a>", "", "<b>; rel=\"x\""] { fields.append(HTTPField(name: .init("Link")!, value: value)) }
        let body = ByteBuffer(bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        let reply = StoredReply(status: 299, headerFields: fields, body: body)
        #expect(try await store.finish(token, with: reply), "a started record is finished")
        #expect(try await begin(in: store) == .finished(reply), "status, repeated fields and body come back")
        #expect(try await store.finish(token, with: Self.reply("again")) == false, "a record is finished once")
        try await store.abandon(token)
        #expect(try await begin(in: store) == .finished(reply), "a finished record is not abandoned")
        let empty = StoredReply(status: 204, headerFields: [:], body: ByteBuffer())
        try await store.finish(try await start(Self.id(key: "empty"), in: store), with: empty)
        #expect(
            try await begin(Self.id(key: "empty"), in: store) == .finished(empty), "an empty response is a response")
    }

    private func separatesRecords() async throws {
        let (store, _) = try await store()
        let ids = [
            Self.id(), Self.id(client: "user:ben"), Self.id(method: "PATCH"), Self.id(target: "host/b"),
            Self.id(key: "K"),
            Self.id(client: "user:an", key: "nk"), Self.id(key: "k "),
        ]
        for (index, id) in ids.enumerated() {
            try await store.finish(try await start(id, in: store), with: Self.reply("\(index)"))
        }
        for (index, id) in ids.enumerated() {
            #expect(try await begin(id, in: store) == .finished(Self.reply("\(index)")), "\(id) is a record of its own")
        }
    }

    private func comparesFingerprints() async throws {
        let (store, time) = try await store()
        let token = try await start(in: store)
        #expect(try await begin(in: store, Self.other) == .mismatch, "while the first one is running")
        time.advance(by: .seconds(10))
        #expect(
            try await begin(in: store, Self.other) == .mismatch, "after the lease: the first one may have had effects")
        try await store.finish(token, with: Self.reply("a"))
        #expect(try await begin(in: store, Self.other) == .mismatch, "after the end of the first one")
        #expect(try await begin(in: store) == .finished(Self.reply("a")), "a mismatch changes nothing")
    }

    private func abandonsRecords() async throws {
        let (store, _) = try await store()
        let first = try await start(in: store)
        try await store.abandon(first)
        let second = try await start(in: store, Self.other)
        #expect(first != second, "each run has a number of its own")
        try await store.abandon(first)
        #expect(try await store.finish(first, with: Self.reply("first")) == false, "an abandoned run finishes nothing")
        #expect(try await begin(in: store, Self.other) == .running, "a run changes only its own record")
        #expect(try await store.finish(second, with: Self.reply("second")))
    }

    private func startsAgainAfterTheLease() async throws {
        let (store, time) = try await store()
        let first = try await start(in: store)
        time.advance(by: .milliseconds(9999))
        #expect(try await begin(in: store) == .running, "the lease has not ended")
        time.advance(by: .milliseconds(1))
        let second = try await start(in: store)
        #expect(try await begin(in: store) == .running, "a new run has a new lease")
        try await store.abandon(first)
        #expect(try await store.finish(first, with: Self.reply("first")) == false, "the first run has lost the record")
        #expect(try await store.finish(second, with: Self.reply("second")))
        #expect(try await begin(in: store) == .finished(Self.reply("second")))
        let slow = try await start(Self.id(key: "slow"), in: store)
        time.advance(by: .seconds(11))
        #expect(try await store.finish(slow, with: Self.reply("slow")), "a late run that no other has replaced")
        #expect(try await begin(Self.id(key: "slow"), in: store) == .finished(Self.reply("slow")))
    }

    private func removesRecordsAfterTheirLifetime() async throws {
        let (store, time) = try await store()
        try await store.finish(try await start(in: store), with: Self.reply("a"))
        time.advance(by: .milliseconds(99_999))
        #expect(try await begin(in: store) == .finished(Self.reply("a")))
        time.advance(by: .milliseconds(1))
        try await store.finish(try await start(in: store, Self.other), with: Self.reply("b"))
        #expect(try await begin(in: store, Self.other) == .finished(Self.reply("b")), "the key can be used again")
    }

    private func startsOnceUnderConcurrency() async throws {
        let (store, _) = try await store()
        let started = HandlerCounter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<50 {
                        let id = Self.id(key: "\(number)")
                        switch try await begin(id, in: store) {
                        case .started(let token):
                            started.increment()
                            try await store.finish(token, with: Self.reply("\(number)"))
                        case .finished(let reply): #expect(reply == Self.reply("\(number)"), "that of another key")
                        case .running: break
                        case .mismatch: Issue.record("the fingerprints are equal")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(started.count == 50, "each key is started once")
    }

    // MARK: Requests

    private func store() async throws -> (any IdempotencyStore, ManualTimeSource) {
        let time = ManualTimeSource()
        return (try await makeStore(time), time)
    }

    private func begin(
        _ id: IdempotencyRecordID = id(), in store: any IdempotencyStore,
        _ fingerprint: RequestFingerprint = fingerprint
    ) async throws -> IdempotencyOutcome {
        try await store.begin(id, fingerprint: fingerprint, for: Self.lifetimes)
    }

    private func start(
        _ id: IdempotencyRecordID = id(), in store: any IdempotencyStore,
        _ fingerprint: RequestFingerprint = fingerprint
    ) async throws -> IdempotencyToken {
        let outcome = try await begin(id, in: store, fingerprint)
        guard case .started(let token) = outcome else {
            Issue.record("\(id) is not started but \(outcome)")
            throw CancellationError()
        }
        return token
    }

    private static func id(
        client: String = "user:ann", method: String = "POST", target: String = "host/a", key: String = "k"
    ) -> IdempotencyRecordID {
        IdempotencyRecordID(client: client, method: method, target: target, key: key)
    }

    private static func reply(_ text: String) -> StoredReply {
        StoredReply(status: 201, headerFields: [.contentType: "text/plain"], body: ByteBuffer(string: text))
    }
}
